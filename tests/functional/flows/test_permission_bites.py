"""What a token may do is decided when the request arrives, not when it was issued."""

import uuid
from collections.abc import Callable, Iterable

import pytest
from flask import Flask

from app.access import catalogue
from app.access import services as access
from app.access.escalation import UNLIMITED
from app.access.holders import find_holder
from app.audit.actor import SERVER
from app.consents import services as consents
from app.extensions import db
from tests.factories import Factory, MadeClient, MadeUser, give
from tests.support.api_caller import (
    Caller,
    as_client,
    delegable,
    for_user,
    is_problem,
    set_delegable,
    with_permissions,
)
from tests.support.browsing import Browser
from tests.support.relying_party import RelyingParty

BOTH = ("client_credentials", "authorization_code")


def works(caller: Caller) -> None:
    """Check that the token opens `/users`."""
    assert caller.get("/users").status_code == 200
    assert "view_users" in caller.get("/me").get_json()["permissions"]


def lacks_permission(caller: Caller) -> None:
    """Check that the token is alive but does not open `/users`."""
    response = caller.get("/users")
    is_problem(response, 403)
    assert 'error="insufficient_scope"' in response.headers["WWW-Authenticate"]
    assert "view_users" not in caller.get("/me").get_json()["permissions"]


def is_dead(caller: Caller) -> None:
    """Check that the token opens nothing."""
    for address in ("/users", "/me"):
        response = caller.get(address)
        is_problem(response, 401)
        assert 'error="invalid_token"' in response.headers["WWW-Authenticate"]


def let_hold(
    app: Flask, who: str, *, roles: Iterable[str], names: Iterable[str]
) -> None:
    """Give roles and permissions to a holder."""
    with app.app_context():
        holder = find_holder(who)
        assert holder is not None
        give(holder, roles=roles, permissions=names)
        db.session.commit()


def take_away(app: Flask, who: str, name: str) -> None:
    """Take a directly held permission away."""
    with app.app_context():
        holder, permission = find_holder(who), catalogue.find_permission(name)
        assert holder is not None
        assert permission is not None
        assert access.revoke_permission(
            actor=SERVER, powers=UNLIMITED, holder=holder, permission=permission
        )
        db.session.commit()


@pytest.fixture
def manager(app: Flask) -> Caller:
    """The management API with full power."""
    return with_permissions(app, ["manage_system", "manage_users", "view_users"])


@pytest.fixture
def client(make: Factory) -> MadeClient:
    """An app with both grants that may itself view users."""
    return make.client("Invoice Sync", grant_types=BOTH, permissions=["view_users"])


@pytest.fixture
def user(make: Factory) -> MadeUser:
    """A person who may view users."""
    return make.user("ada@example.com", permissions=["view_users"])


def test_client_permission_taken_and_given_back(app: Flask, client: MadeClient) -> None:
    caller = as_client(app, client)
    works(caller)
    take_away(app, client.id, "view_users")
    lacks_permission(caller)
    let_hold(app, client.id, roles=[], names=["view_users"])
    works(caller)


def test_user_permission_taken_and_given_back(
    app: Flask, client: MadeClient, user: MadeUser
) -> None:
    caller = for_user(app, client, user, scope="view_users")
    works(caller)
    take_away(app, user.email, "view_users")
    lacks_permission(caller)
    let_hold(app, user.email, roles=[], names=["view_users"])
    works(caller)


def test_clients_own_permissions_do_not_help_its_users(
    app: Flask, client: MadeClient, make: Factory
) -> None:
    nobody = make.user()
    caller = for_user(app, client, nobody, scope="view_users")
    lacks_permission(caller)
    assert caller.get("/me").get_json()["user"]["id"] == str(nobody.id)


def test_users_permissions_do_not_help_the_client_itself(
    app: Flask, make: Factory
) -> None:
    boss = make.user(administrator=True)
    client = make.client(owner=boss)
    lacks_permission(as_client(app, client))


def test_role_and_its_permissions(app: Flask, make: Factory) -> None:
    role = make.role("Reader", ["view_users"])
    client = make.client(roles=["Reader"])
    caller = as_client(app, client)
    works(caller)
    change_role(app, role.id, [])
    lacks_permission(caller)
    change_role(app, role.id, ["view_users"])
    works(caller)
    with app.app_context():
        found = catalogue.find_role_by_id(role.id)
        assert found is not None
        catalogue.delete_role(actor=SERVER, powers=UNLIMITED, role=found)
        db.session.commit()
    lacks_permission(caller)


def change_role(app: Flask, role_id: uuid.UUID, names: list[str]) -> None:
    """Make a role hold exactly these permissions."""
    with app.app_context():
        role = catalogue.find_role_by_id(role_id)
        assert role is not None
        held = [p for p in catalogue.list_permissions() if p.name in names]
        catalogue.update_role(
            actor=SERVER, powers=UNLIMITED, role=role, permissions=held
        )
        db.session.commit()


def test_permission_held_twice_needs_to_be_taken_twice(
    app: Flask, make: Factory
) -> None:
    role = make.role("Reader", ["view_users"])
    client = make.client(roles=["Reader"], permissions=["view_users"])
    caller = as_client(app, client)
    take_away(app, client.id, "view_users")
    works(caller)
    change_role(app, role.id, [])
    lacks_permission(caller)


def test_giving_never_widens_an_issued_token(
    app: Flask, make: Factory, user: MadeUser
) -> None:
    client = make.client(grant_types=BOTH)
    own = as_client(app, client)
    lent = for_user(app, client, user, scope="openid")
    let_hold(app, client.id, roles=["Administrator"], names=["view_users"])
    let_hold(app, user.email, roles=["Administrator"], names=["manage_users"])
    for caller in (own, lent):
        lacks_permission(caller)
        assert caller.get("/me").get_json()["permissions"] == []
    works(as_client(app, client))


def test_no_longer_delegable(app: Flask, client: MadeClient, user: MadeUser) -> None:
    own = as_client(app, client)
    lent = for_user(app, client, user, scope="view_users")
    set_delegable(app, "view_users", False)
    try:
        lacks_permission(lent)
        works(own)
    finally:
        set_delegable(app, "view_users", True)
    works(lent)


def test_scopes_of_the_app_narrowed(
    app: Flask, manager: Caller, client: MadeClient, user: MadeUser
) -> None:
    own = as_client(app, client)
    lent = for_user(app, client, user, scope="view_users")
    manager.patch(f"/clients/{client.id}", json={"scope": "openid"})
    lacks_permission(lent)
    works(own)
    manager.patch(f"/clients/{client.id}", json={"scope": None})
    works(lent)


def test_administrators_do_not_lend_everything(app: Flask, make: Factory) -> None:
    """An app without a list of its own carries only what apps may ask for."""
    client = make.client(grant_types=["authorization_code"])
    caller = for_user(app, client, make.user(administrator=True))
    assert caller.get("/me").get_json()["permissions"] == ["view_users"]
    is_problem(caller.get("/clients"), 403)
    with delegable(app, "manage_system"):
        # Lent to nobody before, so the token that stands does not have it.
        is_problem(caller.get("/clients"), 403)


Ending = Callable[[Caller, MadeClient, MadeUser], object]
ENDINGS: dict[str, tuple[Ending, set[str]]] = {
    "app deleted": (
        lambda manager, client, _: manager.delete(f"/clients/{client.id}"),
        {"own", "lent"},
    ),
    "app disabled": (
        lambda manager, client, _: manager.post(f"/clients/{client.id}/disable"),
        {"own", "lent"},
    ),
    "all tokens revoked": (
        lambda manager, client, _: manager.delete(f"/clients/{client.id}/tokens"),
        {"own", "lent"},
    ),
    "user deactivated": (
        lambda manager, _, user: manager.post(f"/users/{user.id}/deactivate"),
        {"lent"},
    ),
    "tokens of the user revoked": (
        lambda manager, client, user: manager.delete(
            f"/clients/{client.id}/tokens", query_string={"user_id": str(user.id)}
        ),
        {"lent"},
    ),
    "consent withdrawn": (
        lambda manager, client, user: withdraw(manager.app, client, user),
        {"lent"},
    ),
}
COMING_BACK: dict[str, tuple[Ending, bool]] = {
    "app deleted": (
        lambda manager, client, _: manager.post(f"/clients/{client.id}/restore"),
        False,
    ),
    "app disabled": (
        lambda manager, client, _: manager.post(f"/clients/{client.id}/enable"),
        True,
    ),
    "user deactivated": (
        lambda manager, _, user: manager.post(f"/users/{user.id}/activate"),
        False,
    ),
    "consent withdrawn": (
        lambda manager, client, user: for_user(manager.app, client, user),
        False,
    ),
}


def withdraw(app: Flask, client: MadeClient, user: MadeUser) -> None:
    """Take the user's consent back, as their page of connected apps does."""
    with app.app_context():
        consent = consents.standing_consent(
            user_id=user.id, client_id=uuid.UUID(client.id)
        )
        assert consent is not None
        consents.withdraw(actor=SERVER, consent=consent)
        db.session.commit()


@pytest.mark.parametrize("way", ENDINGS)
def test_ends_at_once(
    app: Flask, manager: Caller, client: MadeClient, user: MadeUser, way: str
) -> None:
    end, ended = ENDINGS[way]
    callers = {
        "own": as_client(app, client),
        "lent": for_user(app, client, user, scope="view_users"),
    }
    for caller in callers.values():
        works(caller)
    end(manager, client, user)
    for whose, caller in callers.items():
        (is_dead if whose in ended else works)(caller)


@pytest.mark.parametrize("way", COMING_BACK)
def test_what_comes_back_when_it_is_undone(
    app: Flask, manager: Caller, client: MadeClient, user: MadeUser, way: str
) -> None:
    undo, comes_back = COMING_BACK[way]
    lent = for_user(app, client, user, scope="view_users")
    ENDINGS[way][0](manager, client, user)
    is_dead(lent)
    undo(manager, client, user)
    (works if comes_back else is_dead)(lent)


@pytest.mark.rfc("RFC 7009 §2.1", "a revoked token opens nothing")
def test_app_revokes_its_own_token(app: Flask, client: MadeClient) -> None:
    first, second = as_client(app, client), as_client(app, client)
    party = RelyingParty(Browser(app), client.id, client.secret)
    response = party.post("/oauth/revoke", token=first.access_token)
    assert response.status_code == 200
    is_dead(first)
    works(second)


def test_app_cannot_revoke_the_token_of_another(
    app: Flask, client: MadeClient, make: Factory
) -> None:
    caller, other = as_client(app, client), make.client()
    party = RelyingParty(Browser(app), other.id, other.secret)
    party.post("/oauth/revoke", token=caller.access_token)
    works(caller)


def test_owner_of_the_app_leaving_changes_nothing(
    app: Flask, manager: Caller, make: Factory
) -> None:
    owner = make.user()
    client = make.client(owner=owner, permissions=["view_users"])
    caller = as_client(app, client)
    manager.post(f"/users/{owner.id}/deactivate")
    works(caller)
