"""The roles and permissions that there are: look them up, create, change, delete."""

import re
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import selectinload

from app.access.escalation import Powers, check_may_grant, keeping_an_administrator
from app.access.models import Permission, Role
from app.access.reach import permission_reach, role_reach
from app.access.scopes import OPENID_SCOPES
from app.audit.actor import Actor
from app.audit.services import record
from app.database import new_id
from app.errors import ConflictError, DomainError
from app.extensions import db
from app.locking import lock
from app.text import checked_line, is_storable

#: A permission's name is a scope-token too (RFC 6749 §3.3), so it has no blanks.
PERMISSION_NAME = re.compile(r"[a-z][a-z0-9_.:-]{0,63}")
PERMISSION_NAME_LENGTH = 64
ROLE_NAME_LENGTH = 64
GROUP_LENGTH = 64
DESCRIPTION_LENGTH = 300

_Thing = TypeVar("_Thing", Role, Permission)


def list_permissions() -> Sequence[Permission]:
    """Return every permission, by group and name."""
    return db.session.scalars(
        select(Permission).order_by(Permission.group, Permission.name)
    ).all()


def list_roles() -> Sequence[Role]:
    """Return every role with its permissions, by name."""
    return db.session.scalars(
        select(Role).options(selectinload(Role.permissions)).order_by(Role.name)
    ).all()


def find_permission(name: str) -> Permission | None:
    """Return the permission with this name."""
    if not is_storable(name):
        return None
    return db.session.scalar(select(Permission).where(Permission.name == name))


def find_role(name: str) -> Role | None:
    """Return the role with this name."""
    if not is_storable(name):
        return None
    return db.session.scalar(select(Role).where(Role.name == name))


def find_role_by_id(role_id: uuid.UUID) -> Role | None:
    """Return the role with this id."""
    return db.session.get(Role, role_id)


def create_permission(
    *,
    actor: Actor,
    name: str,
    description: str = "",
    group: str = "",
    is_delegable: bool = False,
    permission_id: uuid.UUID | None = None,
) -> Permission:
    """Create a permission that nobody holds yet.

    With a `permission_id` that the server drew before, doing it again changes nothing.
    """
    if permission_id and (made := db.session.get(Permission, permission_id)):
        return made
    name = name.strip()
    if not PERMISSION_NAME.fullmatch(name):
        raise DomainError(
            "Start with a lowercase letter, then use lowercase letters, digits, and "
            ". : _ - (64 characters at most), such as view_invoices.",
            field="name",
        )
    if name in OPENID_SCOPES:
        raise DomainError(
            f"{name} has a special meaning in OAuth. Choose another name.",
            field="name",
        )
    permission = Permission(
        id=permission_id or new_id(),
        name=name,
        description=checked_line(
            description, field="description", limit=DESCRIPTION_LENGTH
        ),
        group=checked_line(group, field="group", limit=GROUP_LENGTH),
        is_delegable=is_delegable,
    )
    made = _add(permission, f"A permission named {name} already exists.")
    if made is permission:
        _record(actor, "permission.created", permission)
    return made


def update_permission(
    *,
    actor: Actor,
    permission: Permission,
    description: str | None = None,
    group: str | None = None,
    is_delegable: bool | None = None,
) -> Permission:
    """Change what people read of a permission, or whether apps may ask for it."""
    changes: dict[str, list[object]] = {}
    wanted: dict[str, object] = {"is_delegable": is_delegable}
    if description is not None:
        wanted["description"] = checked_line(
            description, field="description", limit=DESCRIPTION_LENGTH
        )
    if group is not None:
        wanted["group"] = checked_line(group, field="group", limit=GROUP_LENGTH)
    for field, value in wanted.items():
        before = getattr(permission, field)
        if value is not None and value != before:
            changes[field] = [before, value]
            setattr(permission, field, value)
    if changes:
        db.session.flush()
        _record(actor, "permission.updated", permission, changes)
    return permission


def delete_permission(*, actor: Actor, permission: Permission) -> None:
    """Delete a permission and take it from everybody; NotFoundError if it is gone."""
    check_may_be_deleted(lock(permission))
    _record(
        actor,
        "permission.deleted",
        permission,
        permission_reach(permission.id).as_facts(),
    )
    db.session.delete(permission)
    db.session.flush()


def create_role(
    *,
    actor: Actor,
    powers: Powers,
    name: str,
    permissions: Iterable[Permission] = (),
    description: str = "",
    role_id: uuid.UUID | None = None,
) -> Role:
    """Create a role that nobody holds yet.

    With a `role_id` that the server drew before, doing it again changes nothing.
    """
    if role_id and (made := find_role_by_id(role_id)):
        return made
    name = _checked_role_name(name)
    held = _kept(permissions)
    check_may_grant(actor_permissions=powers, names=[p.name for p in held])
    role = Role(
        id=role_id or new_id(),
        name=name,
        description=checked_line(
            description, field="description", limit=DESCRIPTION_LENGTH
        ),
        permissions=held,
    )
    made = _add(role, f"A role named {name} already exists.")
    if made is role:
        _record(actor, "role.created", role, {"permissions": [[], _names(held)]})
    return made


def update_role(
    *,
    actor: Actor,
    powers: Powers,
    role: Role,
    name: str | None = None,
    description: str | None = None,
    permissions: Iterable[Permission] | None = None,
) -> Role:
    """Change a role; whoever holds it can do more or less from the next request on."""
    check_may_grant(actor_permissions=powers, names=_names(role.permissions))
    changes: dict[str, list[object]] = {}
    if description is not None:
        description = checked_line(
            description, field="description", limit=DESCRIPTION_LENGTH
        )
        if description != role.description:
            changes["description"] = [role.description, description]
            role.description = description
    if permissions is not None:
        held, before = _kept(permissions), _names(role.permissions)
        if _names(held) != before:
            check_may_grant(actor_permissions=powers, names=_names(held))
            with keeping_an_administrator():
                role.permissions = held
            changes["permissions"] = [before, _names(held)]
    # Last: whoever gives the role waits for its new name, and may have locked already
    # what keeps an administrator.
    if name is not None and (name := _checked_role_name(name)) != role.name:
        changes["name"] = [role.name, name]
        _rename(role, name)
    if changes:
        db.session.flush()
        _record(actor, "role.updated", role, changes)
    return role


def delete_role(*, actor: Actor, powers: Powers, role: Role) -> None:
    """Delete a role and take it from everybody; NotFoundError if it is gone."""
    check_may_be_deleted(lock(role))
    check_may_grant(actor_permissions=powers, names=_names(role.permissions))
    facts = role_reach([role.id])[role.id].as_facts()
    facts["permissions"] = [_names(role.permissions), []]
    with keeping_an_administrator():
        _record(actor, "role.deleted", role, facts)
        db.session.delete(role)


def check_may_be_deleted(thing: Role | Permission) -> None:
    """Raise ConflictError for what the product itself needs."""
    if thing.is_built_in:
        raise ConflictError(f"{thing.name} is built in and cannot be deleted.")


def _checked_role_name(name: str) -> str:
    name = checked_line(name, field="name", limit=ROLE_NAME_LENGTH)
    if not name:
        raise DomainError("Enter a name.", field="name")
    return name


def _rename(role: Role, name: str) -> None:
    if role.is_built_in:
        raise ConflictError(
            f"{role.name} is built in and cannot be renamed.", field="name"
        )
    try:
        with db.session.begin_nested():
            role.name = name
    except IntegrityError:
        raise ConflictError(
            f"A role named {name} already exists.", field="name"
        ) from None


def _add(thing: _Thing, already: str) -> _Thing:
    """Return the new row, or the one that the same form made this very moment."""
    thing_id = thing.id
    try:
        with db.session.begin_nested():
            db.session.add(thing)
    except IntegrityError:
        if made := db.session.get(type(thing), thing_id):
            return made
        raise ConflictError(already, field="name") from None
    return thing


def _kept(permissions: Iterable[Permission]) -> list[Permission]:
    """Return these by name, and keep others from deleting them before we are done."""
    held = {permission.id: permission for permission in permissions}
    query = select(Permission.id).where(Permission.id.in_(held))
    query = query.with_for_update(read=True, key_share=True)
    if held and len(db.session.scalars(query).all()) < len(held):
        raise ConflictError(
            "One of these permissions has been deleted. Choose again.",
            field="permissions",
        )
    return sorted(held.values(), key=lambda permission: permission.name)


def _names(permissions: Iterable[Permission]) -> list[str]:
    return sorted(permission.name for permission in permissions)


def _record(
    actor: Actor,
    action: str,
    thing: Role | Permission,
    details: Mapping[str, Any] | None = None,
) -> None:
    record(
        actor=actor,
        action=action,
        subject_kind=type(thing).__name__.lower(),
        subject_id=thing.id,
        subject_label=thing.name,
        details=details,
    )
