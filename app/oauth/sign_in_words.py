"""For which app somebody is asked to sign in."""

from urllib.parse import urlsplit

from authlib.oauth2.rfc6749.errors import InvalidRequestError

from app.accounts.next_page import leads_to_consent
from app.clients.models import AUTHORIZATION_CODE
from app.clients.statements import load_client
from app.clock import utcnow
from app.extensions import db
from app.oauth import pending
from app.oauth.browser_cookie import browser_secret
from app.oauth.parameters import Parameters, read_query


def app_name_of(page: str) -> str | None:
    """Return the name of the client that the local `page` is an authorization for.

    Null for every other page, for a client that is unknown or switched off, and for a
    kept request that another browser brought.
    """
    if not leads_to_consent(page):
        return None
    try:
        parameters = read_query(urlsplit(page).query.encode("ascii"))
    except InvalidRequestError:
        return None
    client_id = (_kept(parameters) or parameters).get("client_id", "")
    client = load_client(db.session.connection(), client_id=client_id, now=utcnow())
    if client is None or AUTHORIZATION_CODE not in client.grant_types:
        return None
    return client.name


def _kept(parameters: Parameters) -> Parameters | None:
    request_id = parameters.get("resume") or parameters.get("request_id")
    secret = browser_secret()
    if request_id is None or secret is None:
        return None
    kept = pending.find_of_browser(request_id=request_id, browser_secret=secret)
    return kept.parameters if kept else None
