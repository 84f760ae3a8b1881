"""Whether a consent stands, as a part of other statements."""

from typing import Any

from sqlalchemy import ColumnElement, and_, or_

from app.consents.models import Consent


def stands(now: Any) -> ColumnElement[bool]:
    """Return the condition for a consent that is neither withdrawn nor over.

    `now` is a moment, or the parameter of a prepared statement that stands for it.
    """
    return and_(
        Consent.withdrawn_at.is_(None),
        or_(Consent.expires_at.is_(None), Consent.expires_at > now),
    )
