"""Where a hint leads: to the place where it is mended."""

from flask import url_for

from app.builtin import VIEW_AUDIT_LOG
from app.clients.models import Client
from app.developer.health.rule import Hint
from app.developer.pages import tab_url
from app.web import current_person


def hint_url(client: Client, hint: Hint) -> str:
    """Return the address where `hint` is mended, of those that the reader may open."""
    if hint.cases:
        return _cases_url(client, hint)
    return tab_url(client, hint.tab) + (f"#{hint.anchor}" if hint.anchor else "")


def _cases_url(client: Client, hint: Hint) -> str:
    first = hint.cases[0]
    if VIEW_AUDIT_LOG not in current_person().permissions:
        return url_for("developer.activity", client_id=client.id, kind="consents")
    if len(hint.cases) == 1:
        return url_for("audit.events", reference=first.reference_id)
    return url_for("audit.events", action=first.action, subject=client.id)
