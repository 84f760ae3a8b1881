"""Permissions and roles themselves: names, words, what is built in."""

import pytest
from flask import Flask
from sqlalchemy import select

from app.access import catalogue
from app.access.escalation import UNLIMITED
from app.access.models import Permission, Role
from app.audit.actor import SERVER
from app.audit.models import AuditEvent
from app.errors import ConflictError, DomainError
from app.extensions import db
from tests.factories import Factory


def permission_of(name: str) -> Permission:
    permission = catalogue.find_permission(name)
    assert permission
    return permission


def role_of(name: str) -> Role:
    role = catalogue.find_role(name)
    assert role
    return role


def last_event() -> AuditEvent:
    return db.session.scalars(
        select(AuditEvent).order_by(AuditEvent.id.desc()).limit(1)
    ).one()


@pytest.mark.parametrize(
    "name", ["", "  ", "a" * 65, "two\nlines", "nul\x00", "\u202e", "half \ud800"]
)
def test_role_names_are_one_short_line(app: Flask, name: str) -> None:
    with app.app_context(), pytest.raises(DomainError) as refusal:
        catalogue.create_role(actor=SERVER, powers=UNLIMITED, name=name)
    assert refusal.value.field == "name"


@pytest.mark.rfc("RFC 6749 §3.3", "a permission's name can be a scope-token")
@pytest.mark.parametrize(
    "name", ["a", "view_invoices", "invoices:read", "a.b-c_d:9", "a" * 64]
)
def test_permission_names_can_be_scopes(app: Flask, name: str) -> None:
    with app.app_context():
        made = catalogue.create_permission(actor=SERVER, name=f" {name} ")
        db.session.commit()
        assert made.name == name
        assert catalogue.find_permission(name) is made
        assert not made.is_delegable


@pytest.mark.parametrize(
    "name",
    ["", "A", "two words", "9a", "_a", "é", 'a"', "a\\", "a\nb", "a" * 65, "\x00",
     "openid", "profile", "email", "offline_access"],
)  # fmt: skip
def test_other_names_are_refused(app: Flask, name: str) -> None:
    with app.app_context(), pytest.raises(DomainError) as refusal:
        catalogue.create_permission(actor=SERVER, name=name)
    assert refusal.value.field == "name"


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"description": "a" * 301}, "description"),
        ({"description": "a\x00"}, "description"),
        ({"group": "a" * 65}, "group"),
    ],
)
def test_words_are_short_and_printable(
    app: Flask, values: dict[str, str], field: str
) -> None:
    with app.app_context():
        with pytest.raises(DomainError) as refusal:
            catalogue.create_permission(actor=SERVER, name="view_things", **values)
        assert refusal.value.field == field
        with pytest.raises(DomainError):
            catalogue.update_permission(
                actor=SERVER, permission=permission_of("view_users"), **values
            )


def test_a_name_is_taken_once(app: Flask) -> None:
    with app.app_context():
        with pytest.raises(ConflictError) as refusal:
            catalogue.create_permission(actor=SERVER, name="view_users")
        assert refusal.value.field == "name"
        with pytest.raises(ConflictError):
            catalogue.create_role(actor=SERVER, powers=UNLIMITED, name="Administrator")
        # The refusal leaves a transaction that can go on.
        assert permission_of("view_users").is_built_in


@pytest.mark.parametrize("name", ["", "nothing", "\x00", "\ud800", "a" * 10_000])
def test_nothing_is_found_by_nonsense(app: Flask, name: str) -> None:
    with app.app_context():
        assert catalogue.find_permission(name) is None
        assert catalogue.find_role(name) is None


def test_words_of_a_permission_can_change(app: Flask, make: Factory) -> None:
    make.permission("view_invoices")
    with app.app_context():
        permission = permission_of("view_invoices")
        for _ in range(2):
            catalogue.update_permission(
                actor=SERVER,
                permission=permission,
                description="See invoices",
                group="Billing",
                is_delegable=True,
            )
        catalogue.update_permission(actor=SERVER, permission=permission)
        db.session.commit()
        events = db.session.scalars(
            select(AuditEvent).where(AuditEvent.action == "permission.updated")
        ).all()
        assert [event.details for event in events] == [
            {
                "description": ["", "See invoices"],
                "group": ["", "Billing"],
                "is_delegable": [False, True],
            }
        ]


def test_a_role_changes_only_what_is_new(app: Flask, make: Factory) -> None:
    make.role("Clerk", ["view_invoices"])
    with app.app_context():
        role = role_of("Clerk")
        before = last_event().id
        catalogue.update_role(
            actor=SERVER,
            powers=UNLIMITED,
            role=role,
            description="",
            permissions=[permission_of("view_invoices")],
        )
        catalogue.update_role(actor=SERVER, powers=UNLIMITED, role=role)
        db.session.commit()
        assert last_event().id == before
        catalogue.update_role(
            actor=SERVER,
            powers=UNLIMITED,
            role=role,
            description="Handles invoices",
            permissions=[permission_of("view_users"), permission_of("view_users")],
        )
        db.session.commit()
        assert last_event().details == {
            "description": ["", "Handles invoices"],
            "permissions": [["view_invoices"], ["view_users"]],
        }
        assert [p.name for p in role_of("Clerk").permissions] == ["view_users"]


def test_lists_come_in_order(app: Flask, make: Factory) -> None:
    make.role("Zookeeper", ["feed_animals"])
    make.role("Auditor")
    with app.app_context():
        assert [role.name for role in catalogue.list_roles()] == [
            "Administrator",
            "Auditor",
            "Zookeeper",
        ]
        permissions = catalogue.list_permissions()
        assert [(p.group, p.name) for p in permissions] == sorted(
            (p.group, p.name) for p in permissions
        )
        found = catalogue.find_role_by_id(role_of("Auditor").id)
        assert found
        assert found.name == "Auditor"


def test_what_is_built_in_stays(app: Flask) -> None:
    with app.app_context():
        with pytest.raises(ConflictError, match="built in"):
            catalogue.delete_role(
                actor=SERVER, powers=UNLIMITED, role=role_of("Administrator")
            )
        with pytest.raises(ConflictError, match="built in"):
            catalogue.delete_permission(
                actor=SERVER, permission=permission_of("view_users")
            )
