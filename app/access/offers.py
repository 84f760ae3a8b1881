"""What can be given to a holder, and why some of it is not the actor's to give."""

from dataclasses import dataclass

from app.access.catalogue import list_permissions, list_roles
from app.access.escalation import Powers, why_not_grant
from app.access.models import Permission, Role


@dataclass(frozen=True, kw_only=True)
class Offer:
    """A box to tick; where it is `unavailable` a sentence says why."""

    value: str
    label: str
    about: str
    group: str = ""
    unavailable: str = ""


def role_offers(powers: Powers) -> list[Offer]:
    """Return every role as a box to tick, by name."""
    return [_role_offer(role, powers) for role in list_roles()]


def permission_offers(powers: Powers) -> list[Offer]:
    """Return every permission as a box to tick, by group and name."""
    return [_permission_offer(permission, powers) for permission in list_permissions()]


def _role_offer(role: Role, powers: Powers) -> Offer:
    names = [permission.name for permission in role.permissions]
    return Offer(
        value=str(role.id),
        label=role.name,
        about=", ".join(names) or "It holds no permission.",
        unavailable=why_not_grant(powers, names),
    )


def _permission_offer(permission: Permission, powers: Powers) -> Offer:
    return Offer(
        value=str(permission.id),
        label=permission.name,
        about=permission.description,
        group=permission.group,
        unavailable=why_not_grant(powers, [permission.name]),
    )
