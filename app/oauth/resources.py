"""Resource indicators: for which of our APIs a client wants a token (RFC 8707)."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from authlib.oauth2.rfc6749.errors import OAuth2Error

from app.extensions import settings
from app.oauth.parameters import RESOURCE, Parameters


class InvalidTargetError(OAuth2Error):
    """`invalid_target` of RFC 8707 §2: no API of ours, or not one that was granted."""

    error = "invalid_target"


def named_resources(parameters: Parameters) -> tuple[str, ...]:
    """Return the identifiers of the APIs that a request names, in our order.

    Nothing named gives nothing. Raises InvalidTargetError for anything that is not an
    absolute URI without a fragment, or not one of ours.
    """
    named = parameters.get(RESOURCE, "").split()
    found = {_identifier(resource) for resource in named}
    return tuple(known for known in settings.audiences if known in found)


def resolve_audience(parameters: Parameters) -> Sequence[str]:
    """Return the audience of a token that nothing granted before bounds.

    It is what the request names, or else all of our APIs.
    """
    return named_resources(parameters) or settings.audiences


def granted_audience(parameters: Parameters) -> str | None:
    """Return what an authorization code keeps: names by blanks, null if none is named.

    Null goes on to mean all of our APIs, also those that are added later.
    """
    return " ".join(named_resources(parameters)) or None


def _identifier(resource: str) -> str:
    if not _is_absolute_uri(resource):
        raise InvalidTargetError(
            "Write the resource as an absolute address without a fragment."
        )
    for known in settings.audiences:
        if resource in {known, _with_path(known)}:
            return known
    raise InvalidTargetError("There is no such resource here.")


def _is_absolute_uri(text: str) -> bool:
    """RFC 3986 §4.3: a scheme and what it needs; a fragment is not part of one."""
    if "#" in text:
        return False
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return bool(parts.scheme and (parts.netloc or parts.path))


def _with_path(identifier: str) -> str:
    """RFC 3986 §6.2.3: an empty path after a host is the same as `/`.

    Libraries that keep addresses as objects cannot help but add it.
    """
    parts = urlsplit(identifier)
    return f"{identifier}/" if parts.netloc and not parts.path else identifier
