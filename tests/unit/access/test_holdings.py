"""Spatie's semantics: roles, direct permissions, and both for users and clients."""

import uuid

import pytest
from flask import Flask

from app.access import catalogue, services
from app.access.effective import (
    direct_permissions,
    effective_permissions,
    held_roles,
    permission_names,
)
from app.access.escalation import UNLIMITED
from app.access.holders import Holder, find_holder
from app.access.models import Role
from app.audit.actor import SERVER
from app.audit.models import AuditEvent
from app.errors import ConflictError, NotFoundError
from app.extensions import db
from tests.factories import Factory
from tests.support.databases import count_statements


@pytest.fixture(params=["user", "client"])
def holder(request: pytest.FixtureRequest, app: Flask, make: Factory) -> Holder:
    """A user and a client in turn: both hold roles and permissions alike."""
    if request.param == "user":
        person = make.user(name="Ada")
        return Holder(kind="user", id=person.id, label="Ada")
    client = make.client("Invoice Sync")
    return Holder(kind="client", id=uuid.UUID(client.id), label=client.name)


def assign(holder: Holder, name: str) -> bool:
    role = catalogue.find_role(name)
    assert role
    return services.assign_role(
        actor=SERVER, powers=UNLIMITED, holder=holder, role=role
    )


def remove(holder: Holder, name: str) -> bool:
    role = catalogue.find_role(name)
    assert role
    return services.remove_role(
        actor=SERVER, powers=UNLIMITED, holder=holder, role=role
    )


def give(holder: Holder, name: str) -> bool:
    permission = catalogue.find_permission(name)
    assert permission
    return services.give_permission(
        actor=SERVER, powers=UNLIMITED, holder=holder, permission=permission
    )


def revoke(holder: Holder, name: str) -> bool:
    permission = catalogue.find_permission(name)
    assert permission
    return services.revoke_permission(
        actor=SERVER, powers=UNLIMITED, holder=holder, permission=permission
    )


@pytest.fixture
def roles(make: Factory) -> None:
    """Two roles that share a permission."""
    make.role("Clerk", ["view_invoices", "pay_invoices"])
    make.role("Auditor", ["view_invoices"])


def test_effective_permissions_tell_their_sources_in_one_query(
    app: Flask, holder: Holder, roles: None
) -> None:
    with app.app_context():
        assert assign(holder, "Clerk")
        assert assign(holder, "Auditor")
        assert give(holder, "view_invoices")
        db.session.commit()
        db.session.expire_all()
        with count_statements(app) as statements:
            held = effective_permissions(holder.id)
        assert len([s for s in statements if s.startswith("SELECT")]) == 1
        assert [(p.name, p.via, p.is_direct) for p in held] == [
            ("pay_invoices", ("Clerk",), False),
            ("view_invoices", ("Auditor", "Clerk"), True),
        ]
        with count_statements(app) as statements:
            assert permission_names(holder.id) == {"view_invoices", "pay_invoices"}
        assert len(statements) == 1


def test_each_source_goes_for_itself(app: Flask, holder: Holder, roles: None) -> None:
    with app.app_context():
        assign(holder, "Clerk")
        assign(holder, "Auditor")
        give(holder, "view_invoices")
        assert remove(holder, "Clerk")
        assert permission_names(holder.id) == {"view_invoices"}
        assert remove(holder, "Auditor")
        assert permission_names(holder.id) == {"view_invoices"}
        assert revoke(holder, "view_invoices")
        assert permission_names(holder.id) == frozenset()


def test_giving_and_taking_twice_changes_nothing(
    app: Flask, holder: Holder, roles: None
) -> None:
    with app.app_context():
        assert [assign(holder, "Clerk") for _ in range(2)] == [True, False]
        assert [give(holder, "view_users") for _ in range(2)] == [True, False]
        assert [remove(holder, "Clerk") for _ in range(2)] == [True, False]
        assert [revoke(holder, "view_users") for _ in range(2)] == [True, False]
        db.session.commit()
        actions = db.session.scalars(
            db.select(AuditEvent.action)
            .where(AuditEvent.subject_id == holder.id)
            .order_by(AuditEvent.id)
        ).all()
        assert [a for a in actions if a.startswith(("role.", "permission."))] == [
            "role.assigned",
            "permission.given",
            "role.removed",
            "permission.revoked",
        ]


def test_revoking_leaves_what_a_role_brings(
    app: Flask, holder: Holder, roles: None
) -> None:
    with app.app_context():
        assign(holder, "Auditor")
        assert not revoke(holder, "view_invoices")
        assert permission_names(holder.id) == {"view_invoices"}


def test_holders_do_not_share_what_they_hold(
    app: Flask, holder: Holder, roles: None, make: Factory
) -> None:
    other = make.user()
    with app.app_context():
        assign(holder, "Clerk")
        give(holder, "view_users")
        db.session.commit()
        assert permission_names(other.id) == frozenset()
        assert effective_permissions(other.id) == []


def test_a_role_changed_changes_its_holders(
    app: Flask, holder: Holder, roles: None
) -> None:
    with app.app_context():
        assign(holder, "Clerk")
        role = catalogue.find_role("Clerk")
        view_users = catalogue.find_permission("view_users")
        assert role
        assert view_users
        catalogue.update_role(
            actor=SERVER, powers=UNLIMITED, role=role, permissions=[view_users]
        )
        assert permission_names(holder.id) == {"view_users"}
        catalogue.delete_role(actor=SERVER, powers=UNLIMITED, role=role)
        assert permission_names(holder.id) == frozenset()
        assert held_roles(holder.id) == []


def test_a_deleted_permission_is_held_by_nobody(
    app: Flask, holder: Holder, roles: None
) -> None:
    with app.app_context():
        assign(holder, "Clerk")
        give(holder, "pay_invoices")
        permission = catalogue.find_permission("pay_invoices")
        assert permission
        catalogue.delete_permission(actor=SERVER, permission=permission)
        db.session.commit()
        assert permission_names(holder.id) == {"view_invoices"}
        assert direct_permissions(holder.id) == []


def test_a_tab_sets_exactly_what_it_shows(
    app: Flask, holder: Holder, roles: None
) -> None:
    with app.app_context():
        assign(holder, "Clerk")
        give(holder, "view_users")
        auditor = catalogue.find_role("Auditor")
        pay = catalogue.find_permission("pay_invoices")
        assert auditor
        assert pay
        services.set_roles_and_permissions(
            actor=SERVER,
            powers=UNLIMITED,
            holder=holder,
            role_ids=[auditor.id],
            permission_ids=[pay.id, pay.id],
        )
        assert [role.name for role in held_roles(holder.id)] == ["Auditor"]
        assert [p.name for p in direct_permissions(holder.id)] == ["pay_invoices"]


def test_a_tab_with_a_vanished_role_changes_nothing(
    app: Flask, holder: Holder, roles: None
) -> None:
    with app.app_context():
        assign(holder, "Clerk")
        for ids in ({"role_ids": [holder.id]}, {"permission_ids": [holder.id]}):
            with pytest.raises(NotFoundError):
                services.set_roles_and_permissions(
                    actor=SERVER,
                    powers=UNLIMITED,
                    holder=holder,
                    **({"role_ids": [], "permission_ids": []} | ids),
                )
        assert [role.name for role in held_roles(holder.id)] == ["Clerk"]


def test_a_holder_is_found_by_an_address_or_a_client_id(
    app: Flask, make: Factory
) -> None:
    person, client = make.user("ada@example.com", name="Ada"), make.client("Sync")
    with app.app_context():
        assert find_holder(" ADA@example.com") == Holder(
            kind="user", id=person.id, label="Ada"
        )
        assert find_holder(client.id) == Holder(
            kind="client", id=uuid.UUID(client.id), label="Sync"
        )
        for name in ("nobody@example.com", "", "\x00", "\ud800", "a" * 5000):
            assert find_holder(name) is None


def test_a_role_that_vanished_meanwhile_is_not_given(
    app: Flask, holder: Holder, roles: None
) -> None:
    with app.app_context():
        role = catalogue.find_role("Clerk")
        assert role
        assert role.permissions
        db.session.expunge(role)
        db.session.execute(db.delete(Role).where(Role.name == "Clerk"))
        with pytest.raises(ConflictError, match="has changed"):
            services.assign_role(
                actor=SERVER, powers=UNLIMITED, holder=holder, role=role
            )
