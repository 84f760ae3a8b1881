"""Redirect URIs that came: whether they could be registered, and what to do."""

from app.clients.models import Client
from app.clients.redirect_uris import explain_problem, matches_any
from app.developer.reasons.advice import Advice
from app.developer.reasons.known import Known
from app.traffic.models import RefusedRequest
from app.traffic.reasons import RefusalReason
from app.traffic.redaction import LEFT_OUT

_SEND_REGISTERED = "Change the app to send a registered address exactly."


def addable_uri(row: RefusedRequest, client: Client) -> str | None:
    """Return the redirect URI that came, if it is known whole and could be registered.

    Null also where it is registered meanwhile.
    """
    uri = _whole_uri(row)
    if uri is None or is_mended(row, client) or why_not_addable(row, client):
        return None
    return uri


def is_mended(row: RefusedRequest, client: Client) -> bool:
    """Tell whether the redirect URI that came has been registered since."""
    uri = _whole_uri(row)
    return uri is not None and matches_any(client.redirect_uris, uri)


def is_cut(row: RefusedRequest) -> bool:
    """Tell whether a redirect URI came of which not all was kept."""
    facts = row.facts
    return bool(_is_unknown(row) and facts.get("came") and not facts.get("is_whole"))


def why_not_addable(row: RefusedRequest, client: Client | None) -> str:
    """Return why the redirect URI that came cannot be added; empty if it can."""
    came = row.facts.get("came")
    if client is None or not came or not _is_unknown(row):
        return ""
    if client.deleted_at is not None:
        return "The app is in the trash."
    problem = _problem_with(came, client)
    if problem:
        return f"It cannot be registered. {problem}"
    if is_cut(row):
        return (
            "Parts of it were not kept because they could be secret. "
            "If the address is yours, add it by hand in the app's settings."
        )
    return ""


def on_redirect_uri(row: RefusedRequest, client: Client, known: Known) -> Advice:
    """Return whether to add the redirect URI that came, or only to change the app."""
    del known
    if row.facts.get("share"):
        words = "Anyone can cause these by sending links. If the app did, change it to "
        return [(f"{words}send a registered address exactly.", None)]
    if addable_uri(row, client) is None:
        return [(_SEND_REGISTERED, None)]
    # The text of the reason offers to add it.
    return None


def _problem_with(came: str, client: Client) -> str | None:
    # What stands for parts that were left out is no ASCII, as they may have been.
    spelled = came.replace(LEFT_OUT, "x")
    return explain_problem(spelled, is_confidential=client.is_confidential)


def _whole_uri(row: RefusedRequest) -> str | None:
    if not _is_unknown(row) or not row.facts.get("is_whole"):
        return None
    return str(row.facts["came"])


def _is_unknown(row: RefusedRequest) -> bool:
    return row.reason == RefusalReason.REDIRECT_URI_UNKNOWN
