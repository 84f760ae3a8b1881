"""Letting go of what nobody looks at any more."""

from datetime import timedelta

from sqlalchemy import delete, func, select

from app.clock import utcnow
from app.extensions import db
from app.purging import purge_rows
from app.traffic.models import HourlyCount, RefusedRequest

REFUSALS_KEPT = timedelta(days=30)
COUNTS_KEPT = timedelta(days=35)


def purge_refusals(*, is_dry_run: bool = False) -> int:
    """Delete refused requests that have not come again for 30 days; return how many.

    Commits after each batch; with `is_dry_run` they are counted only.
    """
    is_old = RefusedRequest.last_seen_at <= utcnow() - REFUSALS_KEPT
    return purge_rows(RefusedRequest, is_old, is_dry_run=is_dry_run)


def purge_counts(*, is_dry_run: bool = False) -> int:
    """Delete counts of hours that are more than 35 days past; return how many.

    Commits after each hour; with `is_dry_run` they are counted only.
    """
    is_old = HourlyCount.hour < utcnow() - COUNTS_KEPT
    counted = select(func.count()).select_from(HourlyCount).where(is_old)
    total = db.session.scalar(counted) or 0
    if is_dry_run:
        return total
    oldest = select(func.min(HourlyCount.hour)).where(is_old)
    while (hour := db.session.scalar(oldest)) is not None:
        db.session.execute(
            delete(HourlyCount)
            .where(HourlyCount.hour == hour)
            .execution_options(synchronize_session=False)
        )
        db.session.commit()
    db.session.rollback()
    return total
