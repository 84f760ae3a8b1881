"""When clients, their secrets and consents were last used: known to the minute."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, update

from app.database import Base

RESOLUTION = timedelta(minutes=1)


def touch(
    connection: Connection,
    model: type[Base],
    row_id: uuid.UUID,
    last_used_at: datetime | None,
    now: datetime,
) -> None:
    """Remember that a row was used `now`, unless `last_used_at` says so well enough."""
    if last_used_at is not None and now - last_used_at < RESOLUTION:
        return
    table = model.__table__
    values: dict[str, Any] = {"last_used_at": now}
    if "updated_at" in table.c:
        # Being used is no change of it.
        values["updated_at"] = table.c.updated_at
    connection.execute(update(model).where(table.c.id == row_id).values(values))
