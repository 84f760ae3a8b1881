"""A short id for each request, by which people and logs speak of the same thing."""

import secrets

from flask import g


def reference_id() -> str:
    """Return this request's id."""
    if "reference_id" not in g:
        g.reference_id = secrets.token_hex(6)
    return str(g.reference_id)


def lead_reference_id(key: str) -> str:
    """Put `key` before this request's id, in place of one before; return it whole.

    What was drawn at random stays, since it may have been told already.
    """
    g.reference_id = f"{key}-{reference_id().rpartition('-')[2]}"
    return str(g.reference_id)
