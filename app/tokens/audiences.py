"""For which APIs a token is meant: never for more than was granted (RFC 8707 §2)."""

from collections.abc import Sequence

from app.extensions import settings
from app.tokens.errors import AudienceExceededError


def narrow_audience(granted: str | None, asked: Sequence[str]) -> tuple[str, ...]:
    """Return the identifiers of the APIs that an access token is for, in our order.

    `granted` are those of a code or family, separated by blanks; null means all of
    ours. Of these `asked` chooses some; none asked means all granted. An API that the
    server no longer serves is granted no more. Raises AudienceExceededError.
    """
    known = settings.audiences
    allowed = known if granted is None else set(granted.split()).intersection(known)
    if not allowed or not set(asked) <= set(allowed):
        raise AudienceExceededError(
            "Ask for no other resource than those that were granted.", field="resource"
        )
    return tuple(name for name in known if name in (asked or allowed))
