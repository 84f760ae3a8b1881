"""What ends a token, what only rests it, and what never brings one back.

Each end is derived when the token is read; nothing else is written.
"""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from app.access.catalogue import find_permission
from app.access.escalation import UNLIMITED
from app.access.holders import Holder
from app.access.services import give_permission, revoke_permission
from app.accounts import services as accounts
from app.accounts.models import User
from app.audit.actor import SERVER
from app.audit.models import AuditEvent
from app.clients import lifecycle
from app.clients.models import Client
from app.clients.queries import find_client
from app.clients.secrets import add_secret
from app.consents.models import Consent
from app.consents.services import withdraw
from app.extensions import db
from app.tokens.revocation import revoke_client_tokens, revoke_user_client_tokens
from tests.support.parties import Parties
from tests.support.relying_party import RelyingParty

Change = Callable[[Client, User], Any]


def _change(app: Flask, party: RelyingParty, change: Change) -> None:
    """Do something to the client, and to the one user who has a consent."""
    with app.app_context():
        client = find_client(party.client_id, with_deleted=True)
        user = db.session.scalars(db.select(User).join(Consent)).unique().one()
        assert client is not None
        change(client, user)
        db.session.commit()


def _disable(client: Client, _user: User) -> None:
    lifecycle.disable_client(actor=SERVER, client=client)


def _enable(client: Client, _user: User) -> None:
    lifecycle.enable_client(actor=SERVER, client=client)


def _delete(client: Client, _user: User) -> None:
    lifecycle.delete_client(actor=SERVER, client=client)


def _restore(client: Client, _user: User) -> None:
    lifecycle.restore_client(actor=SERVER, client=client)


def _revoke_all(client: Client, _user: User) -> None:
    revoke_client_tokens(actor=SERVER, client=client)


def _revoke_user(client: Client, user: User) -> None:
    revoke_user_client_tokens(
        actor=SERVER, client=client, user_id=user.id, user_label=user.email
    )


def _deactivate(_client: Client, user: User) -> None:
    accounts.deactivate_user(actor=SERVER, user=user)


def _activate(_client: Client, user: User) -> None:
    accounts.activate_user(actor=SERVER, user=user)


def _sign_out_everywhere(_client: Client, user: User) -> None:
    accounts.sign_out_everywhere(actor=SERVER, user=user)


def _withdraw(_client: Client, user: User) -> None:
    query = db.select(Consent).where(Consent.user_id == user.id)
    withdraw(actor=SERVER, consent=db.session.scalars(query).one())


class Given:
    """Everything that one app can hold, and a resource server that looks at it."""

    def __init__(self, parties: Parties) -> None:
        self.party = parties.confidential()
        self.server = parties.service("introspect_tokens")
        self.tokens = self.party.tokens()
        self.own = self.party.act_as_itself().get_json()["access_token"]
        self.code = self.party.allow()["code"]

    def access_tokens(self) -> tuple[bool, bool]:
        """Tell whether the user's and the app's own token work, asking both ways."""
        found = []
        for token in (self.tokens["access_token"], self.own):
            is_open = self.party.call(token).status_code == 200
            assert self.server.introspect(token)["active"] is is_open
            found.append(is_open)
        return found[0], found[1]

    def can_refresh(self) -> bool:
        """Tell whether the refresh token gives anything (and use it)."""
        return self.party.refresh(self.tokens["refresh_token"]).status_code == 200

    def can_redeem(self) -> bool:
        """Tell whether the waiting code gives anything (and use it)."""
        return self.party.redeem(self.code).status_code == 200


@pytest.fixture
def given(parties: Parties) -> Given:
    return Given(parties)


def test_to_begin_with_all_is_alive(given: Given) -> None:
    assert given.access_tokens() == (True, True)
    assert given.can_refresh()
    assert given.can_redeem()


@pytest.mark.parametrize(
    ("end", "own_lives"),
    [
        (_delete, False),
        (_revoke_all, False),
        (_revoke_user, True),
        (_deactivate, True),
        (_sign_out_everywhere, True),
        (_withdraw, True),
    ],
)
def test_each_end_takes_everything_at_once(
    app: Flask, given: Given, end: Change, own_lives: bool
) -> None:
    _change(app, given.party, end)
    assert given.access_tokens() == (False, own_lives)
    assert not given.can_refresh()
    assert not given.can_redeem()


@pytest.mark.parametrize(
    ("end", "undo"), [(_delete, _restore), (_deactivate, _activate)]
)
def test_what_ended_never_comes_back(
    app: Flask, given: Given, end: Change, undo: Change
) -> None:
    _change(app, given.party, end)
    _change(app, given.party, undo)
    if undo is _restore:
        with app.app_context():
            client = find_client(given.party.client_id)
            assert client is not None
            _, secret = add_secret(actor=SERVER, client=client)
            db.session.commit()
        old, given.party.client_secret = given.party.client_secret, secret
        assert given.access_tokens() == (False, False)
    else:
        assert given.access_tokens() == (False, True)
        old = None
    assert not given.can_refresh()
    assert not given.can_redeem()
    # New ones work; the old secret does not.
    assert given.party.act_as_itself().status_code == 200
    if old:
        given.party.client_secret = old
        assert given.party.act_as_itself().status_code == 401


def test_restoring_keeps_consent_and_settings(app: Flask, given: Given) -> None:
    _change(app, given.party, _delete)
    assert given.party.ask().status_code == 400
    _change(app, given.party, _restore)
    with app.app_context():
        client = find_client(given.party.client_id)
        assert client is not None
        _, given.party.client_secret = add_secret(actor=SERVER, client=client)
        db.session.commit()
    # The consent stands, so that nobody is asked.
    answer = given.party.answer(given.party.ask())
    tokens = given.party.redeem(answer["code"]).get_json()
    assert given.party.call(tokens["access_token"], "/api/v1/users").status_code == 200


def test_disabling_rests_tokens_and_enabling_wakes_them(
    app: Flask, given: Given
) -> None:
    _change(app, given.party, _disable)
    assert given.access_tokens() == (False, False)
    assert given.party.act_as_itself().status_code == 401
    assert given.party.refresh(given.tokens["refresh_token"]).status_code == 401
    assert given.party.redeem(given.code).status_code == 401
    page = given.party.ask()
    assert (page.status_code, "Location" in page.headers) == (400, False)
    _change(app, given.party, _enable)
    assert given.access_tokens() == (True, True)
    # What came while it rested has spent nothing.
    assert given.can_refresh()
    assert given.can_redeem()


def test_a_code_issued_before_a_revocation_is_dead_afterwards(
    app: Flask, given: Given
) -> None:
    _change(app, given.party, _revoke_all)
    assert not given.can_redeem()
    assert given.party.tokens()["access_token"]


def test_revoking_for_one_user_leaves_the_others(app: Flask, parties: Parties) -> None:
    party = parties.confidential()
    mine = party.tokens()
    with app.app_context():
        first_user = db.session.scalars(db.select(User).join(Consent)).unique().one().id
    party.browser = parties.browser_of(parties.person("view_users"))
    theirs = party.tokens()
    with app.app_context():
        client = find_client(party.client_id)
        assert client is not None
        count = revoke_user_client_tokens(
            actor=SERVER, client=client, user_id=first_user, user_label="x"
        )
        db.session.commit()
    assert count == 1
    assert party.call(mine["access_token"]).status_code == 401
    assert party.call(theirs["access_token"]).status_code == 200


@pytest.mark.parametrize("whose", ["user", "delegable", "client scopes"])
def test_taking_away_bites_at_once_and_giving_back_heals(
    app: Flask, parties: Parties, whose: str
) -> None:
    user = parties.person("view_users")
    party = parties.confidential(user=user)
    token = party.tokens(scope="view_users")["access_token"]

    def turn(*, is_on: bool) -> None:
        with app.app_context():
            permission = find_permission("view_users")
            client = find_client(party.client_id)
            assert permission is not None
            assert client is not None
            if whose == "user":
                act = give_permission if is_on else revoke_permission
                act(
                    actor=SERVER,
                    powers=UNLIMITED,
                    holder=Holder(kind="user", id=user.id, label=user.email),
                    permission=permission,
                )
            elif whose == "delegable":
                permission.is_delegable = is_on
            else:
                client.scopes = ["view_users"] if is_on else []
            db.session.commit()

    try:
        assert party.call(token, "/api/v1/users").status_code == 200
        turn(is_on=False)
        assert party.call(token, "/api/v1/users").status_code == 403
        assert party.call(token).get_json()["permissions"] == []
    finally:
        turn(is_on=True)
    assert party.call(token, "/api/v1/users").status_code == 200


def test_what_is_given_later_never_widens_a_token(app: Flask, parties: Parties) -> None:
    user = parties.person("view_users")
    party = parties.confidential(user=user)
    token = party.tokens()["access_token"]
    parties.make.permission("pay_invoices", is_delegable=True)
    with app.app_context():
        permission = find_permission("pay_invoices")
        assert permission is not None
        holder = Holder(kind="user", id=user.id, label=user.email)
        give_permission(
            actor=SERVER, powers=UNLIMITED, holder=holder, permission=permission
        )
        db.session.commit()
    assert party.call(token).get_json()["permissions"] == ["view_users"]


def test_a_users_token_never_carries_the_clients_own_permissions(
    parties: Parties,
) -> None:
    party = parties.confidential(
        user=parties.person(), permissions=("view_users", "manage_system")
    )
    token = party.tokens()["access_token"]
    assert party.call(token).get_json()["permissions"] == []
    own = party.act_as_itself().get_json()["access_token"]
    assert "manage_system" in party.call(own).get_json()["permissions"]


def test_what_is_not_delegable_is_not_lent_even_by_an_administrator(
    parties: Parties,
) -> None:
    party = parties.confidential(user=parties.make.user(administrator=True))
    answer = party.answer(party.ask(scope="manage_system"))
    assert answer["error"] == "invalid_scope"
    assert party.tokens()["scope"] == "view_users"


def test_ends_are_written_to_the_audit_log(app: Flask, given: Given) -> None:
    for end in (_revoke_user, _revoke_all, _withdraw, _delete):
        _change(app, given.party, end)
    with app.app_context():
        actions = set(db.session.scalars(db.select(AuditEvent.action)))
    assert {
        "client.user_tokens_revoked", "client.tokens_revoked", "consent.ended",
        "client.deleted",
    } <= actions  # fmt: skip
