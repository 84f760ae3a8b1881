"""What the pages of roles and permissions share."""

import uuid
from collections.abc import Sequence
from typing import Any

from flask import abort, request, url_for
from sqlalchemy import Select, false, or_

from app.access.holders import HolderKind, NamedHolder, name_holders
from app.access.models import Permission, Role
from app.extensions import db
from app.text import is_storable
from app.web import Page, paginate, requested_page
from app.web.searching import holds, searched

SECTIONS = (("roles", "Roles"), ("permissions", "Permissions"))


def section_tabs() -> list[tuple[str, str, str]]:
    """Return the two lists, as the macro `tabs` takes them."""
    return [(key, label, url_for(f"access.{key}")) for key, label in SECTIONS]


def shown_role(role_id: uuid.UUID) -> Role:
    """Return the role whose page is opened."""
    role = db.session.get(Role, role_id)
    if role is None:
        abort(404)
    return role


def shown_permission(permission_id: uuid.UUID) -> Permission:
    """Return the permission whose page is opened."""
    permission = db.session.get(Permission, permission_id)
    if permission is None:
        abort(404)
    return permission


def containing(query: Select[Any], *columns: Any) -> Select[Any]:
    """Narrow `query` to rows of which one of `columns` contains what is searched."""
    search = searched(request.args)
    if not search:
        return query
    if not is_storable(search):
        return query.where(false())
    return query.where(or_(*(holds(column, search) for column in columns)))


def chosen_kind() -> HolderKind:
    """Return whether the address asks for apps; otherwise it is for people."""
    return "client" if request.args.get("kind") == "client" else "user"


def holders_page(query: Any) -> tuple[Page[uuid.UUID], list[tuple[Any, NamedHolder]]]:
    """Return a page of the ids that `query` finds, and what people call each."""
    found: Page[uuid.UUID] = paginate(query, page=requested_page())
    names = name_holders(chosen_kind(), found.items)
    return found, [(key, names[key]) for key in found.items if key in names]


def head_of(
    thing: Role | Permission, tab: str, tabs: Sequence[tuple[str, str]]
) -> dict[str, Any]:
    """Return what the head of each tab needs; `tabs` are endpoints with labels."""
    kind = type(thing).__name__.lower()
    named: dict[str, Any] = {f"{kind}_id": thing.id}
    return {
        kind: thing,
        "tab": tab,
        "title": f"{thing.name}: {dict(tabs)[tab]}",
        "tabs": [
            (key, label, url_for(f"access.{key}", **named)) for key, label in tabs
        ],
    }
