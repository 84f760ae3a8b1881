"""What may this app do, and why? The answer for any name that a scope can carry."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from sqlalchemy import select

from app.access.effective import EffectivePermission
from app.access.holdings import holds
from app.access.models import Permission, Role
from app.access.scopes import OPENID_SCOPES
from app.accounts.models import User
from app.clients.models import AUTHORIZATION_CODE, CLIENT_CREDENTIALS, Client
from app.consents.services import users_who_allow
from app.developer.permissions.choices import TokenCounter
from app.extensions import db
from app.web.counting import ENOUGH, Count, count_of, counting

NAME_LENGTH = 64


@dataclass(frozen=True, kw_only=True)
class AsItself:
    """Whether an app may do something on its own, and where that comes from."""

    is_in_use: bool
    is_direct: bool
    via: tuple[str, ...]
    #: Roles that would bring it, if the app had one of them.
    would_give: tuple[str, ...]
    #: Its live tokens that carry the name; holding it without these does nothing yet.
    tokens: Count

    @property
    def is_held(self) -> bool:
        """Whether the app holds it at present."""
        return self.is_direct or bool(self.via)


@dataclass(frozen=True, kw_only=True)
class ForPeople:
    """Whether an app may do something for people, and for how many of them."""

    is_in_use: bool
    is_delegable: bool
    is_listed: bool
    is_optional: bool
    #: People who allowed the app, and those of them who hold the permission.
    people: Count
    holders: Count

    @property
    def may_ask(self) -> bool:
        """Whether the app may ask people for it at present."""
        return self.is_delegable and self.is_listed


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """What is to be said of one name; without `permission` it names none of ours."""

    name: str
    permission: Permission | None
    is_openid: bool = False
    similar: tuple[str, ...] = ()
    itself: AsItself | None = None
    people: ForPeople | None = None


def explain(
    client: Client,
    name: str,
    *,
    permissions: Sequence[Permission],
    roles: Sequence[Role],
    effective: Sequence[EffectivePermission],
    tokens: TokenCounter,
) -> Explanation:
    """Return whether a client may do what `name` says, and why, in both of its ways."""
    name = name.strip()[:NAME_LENGTH]
    if name in OPENID_SCOPES:
        return Explanation(name=name, permission=None, is_openid=True)
    known = {permission.name: permission for permission in permissions}
    permission = known.get(name)
    if permission is None:
        similar = tuple(get_close_matches(name, known, n=3))
        return Explanation(name=name, permission=None, similar=similar)
    held = next((item for item in effective if item.name == name), None)
    return Explanation(
        name=name,
        permission=permission,
        itself=_as_itself(client, permission, roles, held, tokens),
        people=_for_people(client, permission),
    )


def _as_itself(
    client: Client,
    permission: Permission,
    roles: Sequence[Role],
    held: EffectivePermission | None,
    tokens: TokenCounter,
) -> AsItself:
    via = held.via if held else ()
    giving = (role.name for role in roles if permission in role.permissions)
    return AsItself(
        is_in_use=client.uses(CLIENT_CREDENTIALS),
        is_direct=bool(held and held.is_direct),
        via=via,
        would_give=tuple(name for name in giving if name not in via),
        tokens=tokens(frozenset({permission.name})),
    )


def _for_people(client: Client, permission: Permission) -> ForPeople:
    people, holders = _people(client, permission)
    return ForPeople(
        is_in_use=client.uses(AUTHORIZATION_CODE),
        is_delegable=permission.is_delegable,
        is_listed=client.scopes is None or permission.name in client.scopes,
        is_optional=permission.name in client.optional_scopes,
        people=people,
        holders=holders,
    )


def _people(client: Client, permission: Permission) -> tuple[Count, Count]:
    """Count who allowed the client and who of them holds the permission, in one look.

    Of very many the first thousand are looked at.
    """
    some = users_who_allow(client.id).limit(ENOUGH + 1).subquery()
    holders = (
        select(User.id)
        .join(some, some.c.user_id == User.id)
        .where(User.deactivated_at.is_(None), holds(User.id, permission.id))
    )
    row = db.session.execute(select(counting(select(some)), counting(holders))).one()
    return count_of(row[0]), count_of(row[1])
