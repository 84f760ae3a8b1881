"""`/users`: people.

Every answer shows a person: managing people takes seeing them, as in the console.
"""

import uuid
from collections.abc import Mapping
from typing import Any

from flask import url_for
from marshmallow import Schema, fields, validate

from app.access import people
from app.accounts import services as accounts
from app.accounts.models import User
from app.api.bearer import current_actor, current_powers, requires_permission
from app.api.blueprints import ApiBlueprint
from app.api.fields import PageFields, PageQuery, Shown, Text
from app.api.paging import page_of
from app.builtin import MANAGE_USERS, VIEW_USERS
from app.errors import NotFoundError
from app.extensions import db

blueprint = ApiBlueprint("users", description="People: customers and administrators.")


class UserSchema(Shown):
    """A person."""

    id = fields.UUID(required=True)
    email = fields.String(required=True)
    name = fields.String(required=True)
    is_active = fields.Boolean(required=True)
    created_at = fields.AwareDateTime(required=True)
    updated_at = fields.AwareDateTime(required=True)
    last_signed_in_at = fields.AwareDateTime(required=True, allow_none=True)
    deactivated_at = fields.AwareDateTime(required=True, allow_none=True)


class UserPageSchema(PageFields):
    """A page of people."""

    users = fields.List(fields.Nested(UserSchema), required=True)


class UserQuery(PageQuery):
    """Which people to list."""

    search = Text(
        load_default="",
        validate=validate.Length(max=254),
        metadata={"description": "Part of the name or the e-mail address."},
    )
    is_active = fields.Boolean(
        load_default=None,
        metadata={"description": "Only people who are, or are not, deactivated."},
    )


class UserChange(Schema):
    """What to change in a person. What is omitted does not change."""

    email = Text(
        metadata={
            "description": "Unique, regardless of case.",
            "examples": ["ada@example.com"],
        }
    )
    name = Text(metadata={"examples": ["Ada Lovelace"]})


class NewUser(UserChange):
    """A person to create."""

    email = Text(required=True, metadata={"examples": ["ada@example.com"]})
    name = Text(load_default="", metadata={"examples": ["Ada Lovelace"]})
    password = Text(
        load_only=True,
        load_default=None,
        allow_none=True,
        metadata={
            "description": "At least 12 characters. If omitted, they cannot sign in "
            "until an administrator sets one.",
            "format": "password",
        },
    )


@blueprint.operation("GET", "/users")
@requires_permission(VIEW_USERS)
@blueprint.takes(UserQuery, location="query")
@blueprint.gives(200, UserPageSchema, description="A page of people.")
def list_users(query: Mapping[str, Any]) -> dict[str, Any]:
    """List people by e-mail address."""
    found = accounts.list_users(search=query["search"], is_active=query["is_active"])
    return page_of(found, page=query["page"], per_page=query["per_page"], name="users")


@blueprint.operation("POST", "/users")
@requires_permission(VIEW_USERS, MANAGE_USERS)
@blueprint.takes(NewUser)
@blueprint.gives(
    201, UserSchema, description="The person, with no roles or permissions."
)
def create_user(given: Mapping[str, Any]) -> tuple[User, int, dict[str, str]]:
    """Create a person."""
    user = accounts.create_user(actor=current_actor(), **given)
    db.session.commit()
    return user, 201, {"Location": url_for("users.show_user", user_id=user.id)}


@blueprint.operation("GET", "/users/<uuid:user_id>")
@requires_permission(VIEW_USERS)
@blueprint.gives(200, UserSchema, description="The person.")
def show_user(user_id: uuid.UUID) -> User:
    """Show a person."""
    return _find(user_id)


@blueprint.operation("PATCH", "/users/<uuid:user_id>")
@requires_permission(VIEW_USERS, MANAGE_USERS)
@blueprint.takes(UserChange)
@blueprint.gives(200, UserSchema, description="The changed person.")
def change_user(given: Mapping[str, Any], user_id: uuid.UUID) -> User:
    """Change a person's name or e-mail address.

    Refused for people who can do more than the token may.
    """
    user = _find(user_id)
    people.update_user(
        actor=current_actor(), powers=current_powers(), user=user, **given
    )
    db.session.commit()
    return user


@blueprint.operation("POST", "/users/<uuid:user_id>/deactivate")
@requires_permission(VIEW_USERS, MANAGE_USERS)
@blueprint.gives(200, UserSchema, description="The person, now deactivated.")
def deactivate_user(user_id: uuid.UUID) -> User:
    """Lock a person out.

    Their sessions and every token that apps hold for them end at once. Doing it twice
    changes nothing more. The last administrator stays.
    """
    user = _find(user_id)
    people.deactivate_user(actor=current_actor(), powers=current_powers(), user=user)
    db.session.commit()
    return user


@blueprint.operation("POST", "/users/<uuid:user_id>/activate")
@requires_permission(VIEW_USERS, MANAGE_USERS)
@blueprint.gives(200, UserSchema, description="The person, active again.")
def activate_user(user_id: uuid.UUID) -> User:
    """Let a deactivated person sign in again. Old tokens are not restored."""
    user = _find(user_id)
    people.activate_user(actor=current_actor(), powers=current_powers(), user=user)
    db.session.commit()
    return user


def _find(user_id: uuid.UUID) -> User:
    user = accounts.find_user(user_id)
    if user is None:
        raise NotFoundError("There is no user with this ID.")
    return user
