"""Ids drawn when a form is shown, so that sending it twice makes one thing.

They are signed: an id that somebody chose could be that of an app, and whoever took it
would hold what the app holds.
"""

import uuid

from itsdangerous import BadSignature, URLSafeSerializer

from app.database import new_id
from app.errors import DomainError
from app.extensions import settings


def new_form_key() -> str:
    """Return a fresh id with our signature."""
    return str(_serializer().dumps(str(new_id())))


def id_in(form_key: str) -> uuid.UUID:
    """Return the id in a key that we signed; DomainError for any other."""
    try:
        return uuid.UUID(_serializer().loads(form_key))
    except (BadSignature, ValueError, TypeError, AttributeError):
        raise DomainError(
            "This form is incomplete. Reload the page and fill it in again."
        ) from None


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(settings.secret_key, salt="gatepass.form-key")
