"""Watches every audit event of the whole suite, whatever the test is about."""

import json
import re
from typing import Any

from flask import has_request_context
from sqlalchemy import event

from app.audit.models import AuditEvent
from app.audit.words import CHANGED
from tests.factories import PASSWORD

#: Secrets of ours, JWTs, PEM and hashes: none of it may be remembered.
SECRET = re.compile(
    r"gp[a-z]_[0-9A-Za-z]{20}|eyJ[\w-]{10,}\.|-----BEGIN|\$argon2|\$2[aby]\$"
)


#: Details that may be a list of two: changes, and the addresses that a case names.
WRITTEN = CHANGED | {"allowed_from"}


class BadEventError(AssertionError):
    """An event holds a secret, or does not say all that it has to."""


@event.listens_for(AuditEvent, "before_insert")
def _judge(_mapper: object, _connection: object, target: AuditEvent) -> None:
    words = json.dumps([target.details, target.subject_label, target.actor_label])
    if SECRET.search(words) or PASSWORD in words:
        raise BadEventError(f"{target.action} holds a secret")
    for field, value in (target.details or {}).items():
        if isinstance(value, list) and len(value) == 2 and field not in WRITTEN:
            raise BadEventError(f"is {field} a change? Say so in app.audit.words")
    if has_request_context() and not _says_where(target):
        raise BadEventError(f"{target.action} does not say where it came from")


def _says_where(target: AuditEvent) -> Any:
    return target.ip_address and target.reference_id
