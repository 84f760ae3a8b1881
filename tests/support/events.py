"""Watches every audit event of the whole suite, whatever the test is about."""

import json
import re
from typing import Any

from flask import has_request_context
from sqlalchemy import event

from app.audit.models import AuditEvent
from tests.factories import PASSWORD

#: Secrets of ours, JWTs, PEM and hashes: none of it may be remembered.
SECRET = re.compile(
    r"gp[a-z]_[0-9A-Za-z]{20}|eyJ[\w-]{10,}\.|-----BEGIN|\$argon2|\$2[aby]\$"
)


class BadEventError(AssertionError):
    """An event holds a secret, or does not say where a request came from."""


@event.listens_for(AuditEvent, "before_insert")
def _judge(_mapper: object, _connection: object, target: AuditEvent) -> None:
    words = json.dumps([target.details, target.subject_label, target.actor_label])
    if SECRET.search(words) or PASSWORD in words:
        raise BadEventError(f"{target.action} holds a secret")
    if has_request_context() and not _says_where(target):
        raise BadEventError(f"{target.action} does not say where it came from")


def _says_where(target: AuditEvent) -> Any:
    return target.ip_address and target.reference_id
