"""Deleting rows that nothing needs any more, however many they are."""

from sqlalchemy import ColumnElement, delete, func, inspect, select

from app.database import Base
from app.extensions import db

#: How many rows are deleted before others may write.
BATCH = 1000


def purge_rows(
    model: type[Base], dead: ColumnElement[bool], *, is_dry_run: bool = False
) -> int:
    """Delete the rows of `model` that are `dead`, and return how many.

    Commits after each batch, so that nobody waits long for a lock. With `is_dry_run`
    they are counted only.
    """
    if is_dry_run:
        counted = select(func.count()).select_from(model).where(dead)
        return db.session.scalar(counted) or 0
    key, total = inspect(model).primary_key[0], 0
    while keys := db.session.scalars(select(key).where(dead).limit(BATCH)).all():
        db.session.execute(
            delete(model)
            .where(key.in_(keys))
            .execution_options(synchronize_session=False)
        )
        db.session.commit()
        total += len(keys)
    db.session.rollback()
    return total
