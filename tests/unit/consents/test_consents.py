"""Allowing a client, and taking that back."""

import uuid

import pytest
from flask import Flask
from sqlalchemy.exc import IntegrityError

from app.accounts.models import User
from app.audit.actor import SERVER
from app.audit.models import AuditEvent
from app.clients.models import Client
from app.consents import services
from app.consents.models import Consent
from app.extensions import db
from tests.factories import Factory, MadeClient, MadeUser

pytestmark = pytest.mark.usefixtures("context")


@pytest.fixture
def user(make: Factory) -> MadeUser:
    return make.user()


@pytest.fixture
def client(make: Factory) -> MadeClient:
    return make.client()


def _allow(user: MadeUser, client: MadeClient, *scopes: str) -> Consent:
    return services.allow(
        actor=SERVER,
        user_id=user.id,
        client_id=uuid.UUID(client.id),
        client_name=client.name,
        scopes=scopes,
    )


def _standing(user: MadeUser, client: MadeClient) -> Consent | None:
    return services.standing_consent(user_id=user.id, client_id=uuid.UUID(client.id))


def test_allowing_again_widens_the_same_consent(
    user: MadeUser, client: MadeClient
) -> None:
    first = _allow(user, client, "b")
    assert (first.scopes, first.widened_at) == (["b"], None)
    second = _allow(user, client, "a")
    assert second is first
    assert second.scopes == ["a", "b"]
    assert second.widened_at is not None


def test_allowing_the_same_widens_nothing(user: MadeUser, client: MadeClient) -> None:
    _allow(user, client, "a")
    assert _allow(user, client, "a").widened_at is None


def test_what_was_allowed_meanwhile_stays(user: MadeUser, client: MadeClient) -> None:
    consent = _allow(user, client, "a")
    # Another tab, while this one still holds what it read before.
    db.session.execute(
        db.update(Consent)
        .values(scopes=["a", "b"])
        .execution_options(synchronize_session=False)
    )
    assert consent.scopes == ["a"]
    assert _allow(user, client, "c").scopes == ["a", "b", "c"]


def test_withdrawing_is_for_ever(user: MadeUser, client: MadeClient) -> None:
    first = _allow(user, client, "a")
    services.withdraw(actor=SERVER, consent=first)
    ended = first.withdrawn_at
    assert ended is not None
    assert _standing(user, client) is None
    second = _allow(user, client, "a")
    assert second.id != first.id
    # A second withdrawal of the first changes nothing and is no event.
    services.withdraw(actor=SERVER, consent=first)
    assert first.withdrawn_at == ended
    actions = db.session.scalars(db.select(AuditEvent.action)).all()
    assert actions.count("consent.ended") == 1


def test_a_tab_that_was_quicker_wins(
    monkeypatch: pytest.MonkeyPatch, user: MadeUser, client: MadeClient
) -> None:
    standing = _allow(user, client, "a")
    look, calls = services._lock_standing, []

    def first_misses(*who: uuid.UUID) -> Consent | None:
        calls.append(who)
        return None if len(calls) == 1 else look(*who)

    monkeypatch.setattr(services, "_lock_standing", first_misses)
    both = _allow(user, client, "b")
    assert both.id == standing.id
    assert both.scopes == ["a", "b"]


def test_what_a_person_sees_is_theirs_and_exists(
    make: Factory, user: MadeUser, client: MadeClient
) -> None:
    other = make.user()
    deleted = make.client("Gone")
    mine = _allow(user, client, "a")
    hidden = _allow(user, deleted, "a")
    theirs = _allow(other, client, "a")
    row = db.session.get_one(Client, uuid.UUID(deleted.id))
    row.deleted_at = mine.granted_at
    db.session.flush()
    assert [c.id for c in services.list_for_user(user.id)] == [mine.id]
    assert services.find_for_user(user_id=user.id, consent_id=mine.id) is mine
    assert services.find_for_user(user_id=user.id, consent_id=theirs.id) is None
    services.withdraw(actor=SERVER, consent=hidden)
    assert services.find_for_user(user_id=user.id, consent_id=hidden.id) is None


def _count_users(client_id: uuid.UUID) -> int:
    return len(db.session.scalars(services.users_who_allow(client_id)).all())


def test_users_are_counted_by_standing_consents(
    make: Factory, client: MadeClient
) -> None:
    # All of them first: on SQLite one transaction writes at a time.
    users = [make.user() for _ in range(3)]
    client_id = uuid.UUID(client.id)
    assert _count_users(client_id) == 0
    consents = [_allow(user, client, "a") for user in users]
    services.withdraw(actor=SERVER, consent=consents[0])
    assert _count_users(client_id) == 2


def test_the_database_keeps_one_standing_consent(
    app: Flask, user: MadeUser, client: MadeClient
) -> None:
    _allow(user, client, "a")
    assert db.session.get_one(User, user.id)
    db.session.add(Consent(user_id=user.id, client_id=uuid.UUID(client.id), scopes=[]))
    with pytest.raises(IntegrityError):
        db.session.flush()
    db.session.rollback()
