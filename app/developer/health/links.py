"""Where a hint leads: to the place where it is mended."""

from flask import url_for

from app.clients.models import Client
from app.developer.health.rule import Hint
from app.developer.pages import tab_url


def hint_url(client: Client, hint: Hint) -> str:
    """Return the address where `hint` is mended; of several cases, the latest's."""
    if hint.cases and hint.cases[0].reference_id:
        return url_for("developer.case", number=hint.cases[0].reference_id)
    return tab_url(client, hint.tab) + (f"#{hint.anchor}" if hint.anchor else "")
