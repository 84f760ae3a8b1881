"""What an administrator says about a client, and the rules it must keep."""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from sqlalchemy import select

from app.access.models import Permission
from app.access.scopes import OPENID_SCOPES
from app.accounts.services import find_user
from app.clients.lifetimes import check_lifetimes
from app.clients.models import (
    AUTHORIZATION_CODE,
    BASIC,
    CLIENT_CREDENTIALS,
    GRANT_TYPES,
    POST,
    Client,
)
from app.clients.redirect_uris import explain_problem, matches
from app.clients.trials import callback_address
from app.errors import DomainError
from app.extensions import db, settings
from app.text import check_readable, is_readable, is_visible

NAME_LENGTH = 100
DESCRIPTION_LENGTH = 1000
MAXIMUM_REDIRECT_URIS = 50

#: Of the scopes of OpenID Connect those that mean something by themselves.
_CAN_BE_OPTIONAL = frozenset({"profile", "email"})


@dataclass(frozen=True, kw_only=True, slots=True)
class ClientDetails:
    """What can be said about a client when it is registered or changed.

    `scopes` null means that it may ask users for every delegable permission, of all of
    which users may leave out `optional_scopes` on the consent screen. Lifetimes
    are in seconds, null meaning the server's default. A confidential client may use
    either way of authentication where `token_endpoint_auth_method` is null.
    """

    name: str
    grant_types: tuple[str, ...]
    description: str = ""
    redirect_uris: tuple[str, ...] = ()
    post_logout_redirect_uris: tuple[str, ...] = ()
    is_confidential: bool = True
    token_endpoint_auth_method: str | None = None
    is_pkce_required: bool = True
    scopes: tuple[str, ...] | None = None
    optional_scopes: tuple[str, ...] = ()
    owner_id: uuid.UUID | None = None
    access_token_ttl: int | None = None
    client_credentials_token_ttl: int | None = None
    refresh_token_idle_ttl: int | None = None
    refresh_token_max_ttl: int | None = None


DETAIL_FIELDS = tuple(field.name for field in fields(ClientDetails))


def details_of(client: Client) -> ClientDetails:
    """Return what is registered of `client`, for whoever wants to change a part."""
    return ClientDetails(
        **{name: as_given(getattr(client, name)) for name in DETAIL_FIELDS}
    )


def as_kept(value: Any) -> Any:
    """Return a detail as columns and the audit log keep it: a list for a tuple."""
    return list(value) if isinstance(value, tuple) else value


def as_given(value: Any) -> Any:
    """Return a detail as ClientDetails has it: a tuple for a list."""
    return tuple(value) if isinstance(value, list) else value


def changes_between(
    before: Mapping[str, Any], after: Mapping[str, Any]
) -> dict[str, list[Any]]:
    """Return the facts that differ, each with its value before and after, as kept."""
    pairs = {name: [as_kept(before[name]), as_kept(after[name])] for name in after}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def checked_details(
    details: ClientDetails, *, registered: Client | None = None
) -> ClientDetails:
    """Return `details` in the form in which they are kept.

    Scopes that `registered` has already may stay although they are no longer delegable,
    and then open nothing; of its optional ones those fall away that the client may no
    longer ask for.
    Raises DomainError, with the field it is about, where they break a rule.
    """
    _check_grants(details)
    redirect_uris = tuple(dict.fromkeys(details.redirect_uris))
    if AUTHORIZATION_CODE in details.grant_types and not redirect_uris:
        # RFC 6749 §3.1.2.2 and RFC 9700 §2.1: redirect URIs are registered.
        raise DomainError(
            "Add at least one redirect URI: the address people return to after they "
            "allowed the app.",
            field="redirect_uris",
        )
    _check_uris(details, redirect_uris, field="redirect_uris")
    after_sign_out = tuple(dict.fromkeys(details.post_logout_redirect_uris))
    _check_uris(details, after_sign_out, field="post_logout_redirect_uris")
    if not (details.is_pkce_required or details.is_confidential):
        raise DomainError(
            "A public app always needs PKCE: nothing else ties a code to it.",
            field="is_pkce_required",
        )
    _check_auth_method(details)
    check_lifetimes(details, defaults=settings)
    _check_owner(details.owner_id)
    scopes = _checked_scopes(details.scopes, (registered and registered.scopes) or ())
    optional = (registered and registered.optional_scopes) or ()
    return replace(
        details,
        name=_checked_name(details.name),
        description=_checked_description(details.description),
        grant_types=tuple(g for g in GRANT_TYPES if g in details.grant_types),
        redirect_uris=redirect_uris,
        post_logout_redirect_uris=after_sign_out,
        scopes=scopes,
        optional_scopes=_checked_optional(details.optional_scopes, scopes, optional),
    )


def _checked_name(name: str) -> str:
    name = name.strip()
    if not is_visible(name):
        raise DomainError("Give the app a name that people recognise.", field="name")
    if len(name) > NAME_LENGTH:
        raise DomainError(f"Use at most {NAME_LENGTH} characters.", field="name")
    check_readable(name, field="name")
    return name


def _checked_description(description: str) -> str:
    description = description.strip().replace("\r\n", "\n")
    if len(description) > DESCRIPTION_LENGTH:
        raise DomainError(
            f"Use at most {DESCRIPTION_LENGTH} characters.", field="description"
        )
    check_readable(description.replace("\n", ""), field="description")
    return description


def _check_grants(details: ClientDetails) -> None:
    if not details.grant_types:
        raise DomainError(
            "Choose at least one grant: authorization_code or client_credentials.",
            field="grant_types",
        )
    if not set(details.grant_types) <= set(GRANT_TYPES):
        raise DomainError(
            "Grants are authorization_code and client_credentials.",
            field="grant_types",
        )
    if CLIENT_CREDENTIALS in details.grant_types and not details.is_confidential:
        # RFC 6749 §4.4: the grant must only be used by confidential clients.
        raise DomainError(
            "A public app cannot act as itself, because it has no secret to prove who "
            "it is. Make it confidential or leave client_credentials out.",
            field="grant_types",
        )


def _check_auth_method(details: ClientDetails) -> None:
    method = details.token_endpoint_auth_method
    if method is None:
        return
    if not details.is_confidential:
        raise DomainError(
            "A public app has no secret to send in one way or another.",
            field="token_endpoint_auth_method",
        )
    if method not in {BASIC, POST}:
        raise DomainError(
            f"Choose {BASIC} or {POST}.", field="token_endpoint_auth_method"
        )


def _check_uris(details: ClientDetails, uris: tuple[str, ...], *, field: str) -> None:
    if len(uris) > MAXIMUM_REDIRECT_URIS:
        raise DomainError(
            f"Register at most {MAXIMUM_REDIRECT_URIS} addresses.", field=field
        )
    for uri in uris:
        problem = explain_problem(uri, is_confidential=details.is_confidential)
        if problem:
            raise DomainError(f"{_shown(uri)}: {problem}", field=field)
        if matches(callback_address(), uri):
            raise DomainError(
                f"{_shown(uri)}: this is where the console tries apps. "
                "Use an address of the app.",
                field=field,
            )


def _shown(uri: str) -> str:
    visible = "".join(c if is_readable(c) else "\N{REPLACEMENT CHARACTER}" for c in uri)
    return visible if len(visible) <= 80 else f"{visible[:79]}…"


def _check_owner(owner_id: uuid.UUID | None) -> None:
    if owner_id is None:
        return
    owner = find_user(owner_id)
    if owner is None:
        raise DomainError("There is no such person.", field="owner_id")


def _checked_scopes(
    scopes: tuple[str, ...] | None, known: Collection[str]
) -> tuple[str, ...] | None:
    """Return the scopes it may ask users for, by name; each must be delegable."""
    if scopes is None:
        return None
    allowed = {*OPENID_SCOPES, *known, *_delegable()}
    for name in scopes:
        if name not in allowed:
            raise DomainError(
                f"{_shown(name)}: apps cannot ask users for this. Choose a permission "
                "that is marked as one apps may ask for.",
                field="scopes",
            )
    return tuple(sorted(set(scopes)))


def _checked_optional(
    optional: tuple[str, ...], scopes: tuple[str, ...] | None, known: Collection[str]
) -> tuple[str, ...]:
    """Return what users may leave out, by name; what is `known` may fall away."""
    if not optional:
        return ()
    allowed = _CAN_BE_OPTIONAL.union(_delegable() if scopes is None else scopes)
    allowed -= OPENID_SCOPES - _CAN_BE_OPTIONAL
    for name in optional:
        if name not in allowed and name not in known:
            raise DomainError(
                f"{_shown(name)}: people can leave out only what this app may ask them "
                "for, and openid is never left out.",
                field="optional_scopes",
            )
    return tuple(sorted(allowed.intersection(optional)))


def _delegable() -> set[str]:
    query = select(Permission.name).where(Permission.is_delegable)
    return set(db.session.scalars(query))
