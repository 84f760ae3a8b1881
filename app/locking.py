"""Keeping others from changing a row until this transaction is done."""

from typing import TypeVar

from sqlalchemy.exc import InvalidRequestError

from app.database import Base
from app.errors import NotFoundError
from app.extensions import db

_Row = TypeVar("_Row", bound=Base)


def lock(row: _Row) -> _Row:
    """Return the row as it is now, which nobody else changes before we are done.

    Rows that refer to it can be written meanwhile (FOR NO KEY UPDATE): no token waits
    for a form that is being saved, nor the form for a token. Raises NotFoundError if
    somebody has deleted it.
    """
    try:
        db.session.refresh(row, with_for_update={"key_share": True})
    except InvalidRequestError:
        raise NotFoundError("Somebody else has deleted this.") from None
    return row
