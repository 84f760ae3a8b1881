"""What a sign-out request of an app asks for (OpenID Connect RP-Initiated Logout)."""

from dataclasses import dataclass

from app.clients.models import Client
from app.clients.queries import find_client
from app.errors import DomainError
from app.extensions import settings
from app.keys.published import find_newer_key
from app.keys.ring import current_key_ring
from app.oauth.locations import with_answer
from app.oauth.parameters import Parameters
from app.tokens.errors import InvalidTokenError
from app.tokens.jwts import read_id_token


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOut:
    """A sign-out request that was found good.

    `subject` is whose session it means, if the app said so; `destination` is where the
    browser goes afterwards, null for a page of ours.
    """

    client: Client | None
    subject: str | None
    destination: str | None


def judge_sign_out(parameters: Parameters) -> SignOut:
    """Return what the request asks for.

    Raises DomainError with words for the person where it is not good: then the browser
    is sent nowhere (RP-Initiated Logout §4).
    """
    claims = _hinted(parameters.get("id_token_hint"))
    hinted_client = str(claims.get("aud")) if claims else None
    named_client = parameters.get("client_id", hinted_client)
    # §2: they must not be of two different clients.
    if hinted_client is not None and named_client != hinted_client:
        raise DomainError("The request names two different apps.")
    client = find_client(named_client) if named_client else None
    if named_client and (client is None or not client.is_enabled):
        raise DomainError("The app is not registered, or it is disabled.")
    return SignOut(
        client=client,
        subject=str(claims.get("sub")) if claims else None,
        destination=_destination(client, parameters),
    )


def _hinted(hint: str | None) -> dict[str, object]:
    if hint is None:
        return {}
    try:
        return read_id_token(
            current_key_ring(), hint, issuer=settings.issuer, find_key=find_newer_key
        )
    except InvalidTokenError:
        raise DomainError("The app's ID token was not issued here.") from None


def _destination(client: Client | None, parameters: Parameters) -> str | None:
    uri = parameters.get("post_logout_redirect_uri")
    if uri is None:
        return None
    # §3.1: compared letter by letter with what the app registered.
    if client is None or uri not in client.post_logout_redirect_uris:
        raise DomainError(
            "The app asked to send you to an address it has not registered."
        )
    state = parameters.get("state")
    return uri if state is None else with_answer(uri, [("state", state)])
