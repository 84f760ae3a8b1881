"""A short id for each request, by which people and logs speak of the same thing."""

import secrets

from flask import g


def reference_id() -> str:
    """Return this request's id."""
    if "reference_id" not in g:
        g.reference_id = secrets.token_hex(6)
    return str(g.reference_id)
