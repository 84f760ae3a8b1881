"""Reading the audit log where it is not listed as a whole."""

from collections.abc import Sequence

from sqlalchemy import select

from app.audit.models import AuditEvent
from app.audit.words import is_routine
from app.extensions import db

#: As far back as changes are looked for among what happens every minute.
LOOKED_THROUGH = 100


def latest_changes(most: int) -> Sequence[AuditEvent]:
    """Return the latest events that changed something, the newest first.

    They are looked for among the last hundred events: what a page shows at a glance
    costs the same however long the log is.
    """
    latest = db.session.scalars(
        select(AuditEvent)
        .order_by(AuditEvent.happened_at.desc(), AuditEvent.id.desc())
        .limit(LOOKED_THROUGH)
    ).all()
    return [event for event in latest if not is_routine(event.action)][:most]
