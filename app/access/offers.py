"""What can be given to a holder, and why some of it is not the actor's to give."""

from collections.abc import Mapping, Sequence

from app.access.boxes import Box, permission_box, role_box
from app.access.catalogue import list_permissions, list_roles
from app.access.escalation import Powers, why_not_grant


def role_offers(powers: Powers) -> list[Box]:
    """Return every role as a box to tick, by name."""
    return [
        role_box(
            role,
            unavailable=why_not_grant(powers, [p.name for p in role.permissions]),
        )
        for role in list_roles()
    ]


def permission_offers(
    powers: Powers, *, via: Mapping[str, Sequence[str]] | None = None
) -> list[Box]:
    """Return every permission as a box to tick, by group and name.

    `via` has, by its name, the roles that bring one already.
    """
    return [
        permission_box(
            permission,
            unavailable=why_not_grant(powers, [permission.name]),
            via=(via or {}).get(permission.name, ()),
        )
        for permission in list_permissions()
    ]
