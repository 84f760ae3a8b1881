"""Where a request comes from, as the audit log keeps it."""

from typing import TypedDict

from flask import request

from app.web import reference_id


class Origin(TypedDict):
    """The part of an Actor that every request gives."""

    ip_address: str | None
    reference_id: str


def origin() -> Origin:
    """Return where this request comes from."""
    return Origin(ip_address=request.remote_addr, reference_id=reference_id())
