"""Nobody climbs by changing others, and somebody remains in charge."""

import threading
import uuid
from collections.abc import Callable

import pytest
from flask import Flask

from app.access import catalogue, people, services
from app.access.effective import permission_names
from app.access.escalation import (
    UNLIMITED,
    check_may_change,
    check_may_grant,
    keeping_an_administrator,
)
from app.access.holders import Holder
from app.accounts import services as accounts
from app.audit.actor import SERVER
from app.errors import ConflictError, NotAllowedError
from app.extensions import db
from tests.factories import Factory, MadeUser

SOME = frozenset({"view_users", "manage_users"})


def holder_of(person: MadeUser) -> Holder:
    return Holder(kind="user", id=person.id, label=person.email)


def test_who_holds_less_may_be_changed(app: Flask, make: Factory) -> None:
    person, plain = make.user(permissions=["view_users"]), make.user()
    with app.app_context():
        check_may_change(actor_permissions=SOME, holder_id=person.id)
        check_may_change(actor_permissions=frozenset(), holder_id=plain.id)


@pytest.mark.parametrize("kind", ["permissions", "roles"])
def test_who_holds_more_may_not(app: Flask, make: Factory, kind: str) -> None:
    make.role("Clerk", ["view_invoices"])
    held = {"permissions": ["view_invoices"], "roles": ["Clerk"]}[kind]
    person = make.user(**{kind: held})
    with app.app_context():
        with pytest.raises(NotAllowedError, match="view_invoices"):
            check_may_change(actor_permissions=SOME, holder_id=person.id)
        for powers in (UNLIMITED, SOME | {"manage_system"}, SOME | {"view_invoices"}):
            check_may_change(actor_permissions=powers, holder_id=person.id)


def test_nobody_gives_what_they_do_not_hold() -> None:
    check_may_grant(actor_permissions=SOME, names=["view_users"])
    check_may_grant(actor_permissions=SOME, names=[])
    check_may_grant(actor_permissions=UNLIMITED, names=["anything"])
    check_may_grant(actor_permissions=frozenset({"manage_system"}), names=["anything"])
    with pytest.raises(NotAllowedError, match="manage_system") as refusal:
        check_may_grant(actor_permissions=SOME, names=["view_users", "manage_system"])
    assert refusal.value.field == "permissions"


def test_services_refuse_a_climber(app: Flask, make: Factory) -> None:
    make.role("Clerk", ["view_invoices"])
    climber, boss = make.user(permissions=SOME), make.user(administrator=True)
    with app.app_context():
        administrator = catalogue.find_role("Administrator")
        clerk = catalogue.find_role("Clerk")
        manage_system = catalogue.find_permission("manage_system")
        view_users = catalogue.find_permission("view_users")
        assert administrator
        assert clerk
        assert manage_system
        assert view_users
        mine, theirs = holder_of(climber), holder_of(boss)
        by_climber = {"actor": SERVER, "powers": SOME}
        climbs: list[Callable[[], object]] = [
            lambda: services.assign_role(**by_climber, holder=mine, role=administrator),
            lambda: services.assign_role(**by_climber, holder=mine, role=clerk),
            lambda: services.give_permission(
                **by_climber, holder=mine, permission=manage_system
            ),
            lambda: services.give_permission(
                **by_climber, holder=theirs, permission=view_users
            ),
            lambda: services.remove_role(
                **by_climber, holder=theirs, role=administrator
            ),
            lambda: services.revoke_permission(
                **by_climber, holder=theirs, permission=view_users
            ),
            lambda: services.set_roles_and_permissions(
                **by_climber, holder=theirs, role_ids=[], permission_ids=[]
            ),
            lambda: services.set_roles_and_permissions(
                **by_climber,
                holder=mine,
                role_ids=[administrator.id],
                permission_ids=[],
            ),
            lambda: catalogue.create_role(
                **by_climber, name="Mine", permissions=[manage_system]
            ),
            lambda: catalogue.update_role(
                **by_climber, role=clerk, permissions=[view_users]
            ),
            lambda: catalogue.update_role(
                **by_climber, role=clerk, permissions=[manage_system]
            ),
            lambda: catalogue.delete_role(**by_climber, role=clerk),
            lambda: people.deactivate_user(
                **by_climber, user=accounts.find_user(boss.id)
            ),
        ]
        for climb in climbs:
            with pytest.raises(NotAllowedError):
                climb()
        assert permission_names(climber.id) == SOME


def test_within_their_powers_people_may_act(app: Flask, make: Factory) -> None:
    make.role("Helper", ["view_users"])
    person = make.user()
    with app.app_context():
        role = catalogue.find_role("Helper")
        assert role
        holder = holder_of(person)
        assert services.assign_role(actor=SERVER, powers=SOME, holder=holder, role=role)
        assert services.remove_role(actor=SERVER, powers=SOME, holder=holder, role=role)
        user = accounts.find_user(person.id)
        assert user
        people.deactivate_user(actor=SERVER, powers=SOME, user=user)
        assert not user.is_active


def _unassign(person: MadeUser) -> None:
    role = catalogue.find_role("Boss")
    assert role
    services.remove_role(
        actor=SERVER, powers=UNLIMITED, holder=holder_of(person), role=role
    )


def _clear_tab(person: MadeUser) -> None:
    services.set_roles_and_permissions(
        actor=SERVER,
        powers=UNLIMITED,
        holder=holder_of(person),
        role_ids=[],
        permission_ids=[],
    )


def _deactivate(person: MadeUser) -> None:
    user = accounts.find_user(person.id)
    assert user
    people.deactivate_user(actor=SERVER, powers=UNLIMITED, user=user)


def _empty_role(_person: MadeUser) -> None:
    role = catalogue.find_role("Boss")
    assert role
    catalogue.update_role(actor=SERVER, powers=UNLIMITED, role=role, permissions=[])


def _delete_role(_person: MadeUser) -> None:
    role = catalogue.find_role("Boss")
    assert role
    catalogue.delete_role(actor=SERVER, powers=UNLIMITED, role=role)


WAYS_OUT = [_unassign, _clear_tab, _deactivate, _empty_role, _delete_role]


@pytest.fixture
def boss(make: Factory) -> MadeUser:
    """The only administrator, by a role of their own."""
    make.role("Boss", ["manage_system"])
    return make.user(roles=["Boss"])


@pytest.mark.parametrize("leave", WAYS_OUT)
def test_the_last_administrator_cannot_be_locked_out(
    app: Flask, boss: MadeUser, leave: Callable[[MadeUser], None]
) -> None:
    with app.app_context():
        with pytest.raises(
            ConflictError, match="This would leave nobody to manage the system"
        ):
            leave(boss)
        # Even if the caller went on and committed, nothing has changed.
        db.session.commit()
        assert permission_names(boss.id) == {"manage_system"}
        user = accounts.find_user(boss.id)
        assert user
        assert user.is_active


@pytest.mark.parametrize("leave", WAYS_OUT)
def test_one_of_two_administrators_may_go(
    app: Flask, boss: MadeUser, make: Factory, leave: Callable[[MadeUser], None]
) -> None:
    make.user(permissions=["manage_system"])
    with app.app_context():
        leave(boss)
        db.session.commit()
        user = accounts.find_user(boss.id)
        assert user
        assert not user.is_active or not permission_names(boss.id)


def test_a_direct_permission_counts_and_cannot_be_revoked_last(
    app: Flask, make: Factory
) -> None:
    person = make.user(permissions=["manage_system"])
    with app.app_context():
        permission = catalogue.find_permission("manage_system")
        assert permission
        with pytest.raises(ConflictError):
            services.revoke_permission(
                actor=SERVER,
                powers=UNLIMITED,
                holder=holder_of(person),
                permission=permission,
            )


def test_who_cannot_sign_in_is_no_administrator(
    app: Flask, boss: MadeUser, make: Factory
) -> None:
    retired, unborn = make.user(administrator=True), make.user(administrator=True)
    with app.app_context():
        _deactivate(retired)
        user = accounts.find_user(unborn.id)
        assert user
        user.password_hash = ""
        db.session.commit()
        with pytest.raises(ConflictError):
            _unassign(boss)


def test_one_source_may_be_swapped_for_another(app: Flask, boss: MadeUser) -> None:
    with app.app_context():
        permission = catalogue.find_permission("manage_system")
        assert permission
        services.set_roles_and_permissions(
            actor=SERVER,
            powers=UNLIMITED,
            holder=holder_of(boss),
            role_ids=[],
            permission_ids=[permission.id],
        )
        assert permission_names(boss.id) == {"manage_system"}


def test_where_there_is_no_administrator_yet_nothing_is_refused(
    app: Flask, make: Factory
) -> None:
    person = make.user(permissions=["view_users"])
    with app.app_context():
        _deactivate(person)
        with keeping_an_administrator():
            pass


def test_two_administrators_cannot_remove_each_other_at_once(
    app: Flask, boss: MadeUser, make: Factory
) -> None:
    people = [boss, make.user(roles=["Boss"])]
    for _ in range(5):
        refused = _all_leave_at_once(app, people)
        assert len(refused) == 1
        with app.app_context():
            # Whoever went comes back for the next round.
            role = catalogue.find_role("Boss")
            assert role
            for person in people:
                services.assign_role(
                    actor=SERVER, powers=UNLIMITED, holder=holder_of(person), role=role
                )
            db.session.commit()


def _all_leave_at_once(app: Flask, people: list[MadeUser]) -> list[uuid.UUID]:
    refused: list[uuid.UUID] = []
    start = threading.Barrier(len(people))

    def leave(person: MadeUser) -> None:
        with app.app_context():
            start.wait()
            try:
                _unassign(person)
                db.session.commit()
            except ConflictError:
                refused.append(person.id)

    threads = [threading.Thread(target=leave, args=[person]) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return refused
