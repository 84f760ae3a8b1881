"""What a person has to do before an authorization request can be answered.

OpenID Connect Core §3.1.2.1 and §3.1.2.3; `prompt` and `max_age` act on plain OAuth
requests as well.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from authlib.oauth2.rfc6749.errors import InvalidRequestError, OAuth2Error

from app.accounts.models import User, UserSession
from app.clock import utcnow
from app.extensions import settings
from app.keys.published import find_newer_key
from app.keys.ring import current_key_ring
from app.oauth.authorization_rules import prompts_of
from app.oauth.parameters import Parameters
from app.tokens.errors import InvalidTokenError
from app.tokens.jwts import read_id_token


class LoginRequiredError(OAuth2Error):
    """Somebody would have to sign in, and `prompt=none` forbids to ask."""

    error = "login_required"


class ConsentRequiredError(OAuth2Error):
    """Somebody would have to consent, and `prompt=none` forbids to ask."""

    error = "consent_required"


@dataclass(frozen=True, slots=True, kw_only=True)
class Present:
    """Who is at the browser; `received_at` is null unless the request was kept."""

    user: User | None
    user_session: UserSession | None
    received_at: datetime | None


def wants_fresh_sign_in(parameters: Parameters) -> bool:
    """Tell whether the request may want a password although somebody is signed in."""
    return bool(
        prompts_of(parameters) & {"login", "select_account"}
        or "max_age" in parameters
        or "id_token_hint" in parameters
    )


def must_sign_in(parameters: Parameters, present: Present) -> bool:
    """Tell whether the person has to sign in before the request can go on.

    Raises LoginRequiredError where that may not be asked or did not help, and
    InvalidRequestError for an `id_token_hint` that is not ours.
    """
    needed = _is_sign_in_needed(parameters, present)
    if needed and "none" in prompts_of(parameters):
        raise LoginRequiredError("Nobody is signed in, or not freshly enough.")
    return needed


def _is_sign_in_needed(parameters: Parameters, present: Present) -> bool:
    hinted = _hinted_subject(parameters)
    if present.user is None or present.user_session is None:
        return True
    signed_in_at = present.user_session.authenticated_at
    is_fresh = present.received_at is not None and signed_in_at >= present.received_at
    if hinted is not None and hinted != str(present.user.id):
        if is_fresh:
            raise LoginRequiredError("Another person signed in than was asked for.")
        return True
    if is_fresh:
        return False
    if prompts_of(parameters) & {"login", "select_account"}:
        return True
    max_age = parameters.get("max_age")
    return max_age is not None and utcnow() - signed_in_at > timedelta(
        seconds=int(max_age)
    )


def _hinted_subject(parameters: Parameters) -> str | None:
    hint = parameters.get("id_token_hint")
    if hint is None:
        return None
    try:
        claims = read_id_token(
            current_key_ring(), hint, issuer=settings.issuer, find_key=find_newer_key
        )
    except InvalidTokenError:
        raise InvalidRequestError("The id_token_hint is not one of ours.") from None
    if claims.get("aud") != parameters.get("client_id"):
        raise InvalidRequestError("The id_token_hint is another client's.")
    return str(claims.get("sub"))
