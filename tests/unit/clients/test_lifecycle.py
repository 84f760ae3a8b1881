"""Secrets that overlap, and what disabling, deleting and restoring leave behind."""

import uuid
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app.access.effective import permission_names
from app.accounts.models import User
from app.accounts.services import deactivate_user, find_user
from app.audit.actor import SERVER, Actor
from app.audit.models import AuditEvent
from app.clients import lifecycle, secrets
from app.clients.models import Client, ClientSecret
from app.clients.queries import find_client, search_clients
from app.clients.secret_lists import find_secret, live_secrets
from app.clock import utcnow
from app.errors import ConflictError, DomainError
from app.extensions import db
from tests.factories import Factory

DAY = timedelta(days=1)
CHANGES = [
    lifecycle.disable_client,
    lifecycle.enable_client,
    lifecycle.verify_client,
    lifecycle.unverify_client,
    lifecycle.delete_client,
]


def the_client(client_id: str) -> Client:
    """Return a client, in the trash or not, in the open context."""
    client = find_client(client_id, with_deleted=True)
    assert client is not None
    return client


def actions() -> list[str]:
    """Return what the audit log tells of clients, oldest first."""
    query = select(AuditEvent.action).order_by(AuditEvent.happened_at, AuditEvent.id)
    return list(db.session.scalars(query))


def test_a_new_secret_works_beside_the_old_one(app: Flask, make: Factory) -> None:
    made = make.client()
    with app.app_context():
        client = the_client(made.id)
        row, plaintext = secrets.add_secret(actor=SERVER, client=client)
        assert plaintext != made.secret
        hints = [secret.hint for secret in live_secrets(client)]
        assert hints == [made.secret[-4:], row.hint]


def test_the_others_end_when_they_were_told_to(app: Flask, make: Factory) -> None:
    made = make.client()
    with app.app_context():
        client = the_client(made.id)
        later, sooner = utcnow() + 7 * DAY, utcnow() + DAY
        row, _ = secrets.add_secret(actor=SERVER, client=client, expire_others_at=later)
        old, new = live_secrets(client)
        assert old.expires_at == later
        assert new is row
        assert new.expires_at is None
        secrets.set_end(actor=SERVER, secret=old, ends_at=sooner)
        secrets.add_secret(actor=SERVER, client=client, expire_others_at=later)
        assert old.expires_at == sooner
        newest, _ = secrets.add_secret(
            actor=SERVER, client=client, expire_others_at=utcnow()
        )
        assert live_secrets(client) == [newest]


def test_a_secret_may_have_an_end_of_its_own(app: Flask, make: Factory) -> None:
    made = make.client()
    with app.app_context():
        client = the_client(made.id)
        row, _ = secrets.add_secret(
            actor=SERVER, client=client, expires_at=utcnow() + DAY
        )
        assert row in live_secrets(client)
        with pytest.raises(DomainError) as refusal:
            secrets.add_secret(actor=SERVER, client=client, expires_at=utcnow())
        assert refusal.value.field == "expires_at"


def test_a_secret_remembers_the_person_who_made_it(app: Flask, make: Factory) -> None:
    made, person = make.client(), make.user()
    with app.app_context():
        actor = Actor(kind="user", label="Ada", id=person.id)
        row, _ = secrets.add_secret(actor=actor, client=the_client(made.id))
        assert row.created_by_id == person.id
        other = Actor(kind="client", label="CI", id=uuid.UUID(made.id))
        row, _ = secrets.add_secret(actor=other, client=the_client(made.id))
        assert row.created_by_id is None


def test_too_many_secrets_are_refused(app: Flask, make: Factory) -> None:
    made = make.client()
    with app.app_context():
        client = the_client(made.id)
        for _ in range(secrets.MAXIMUM_LIVE_SECRETS - 1):
            secrets.add_secret(actor=SERVER, client=client)
        with pytest.raises(ConflictError):
            secrets.add_secret(actor=SERVER, client=client)
        secrets.revoke_secret(actor=SERVER, secret=live_secrets(client)[0])
        secrets.add_secret(actor=SERVER, client=client)


def test_a_revoked_secret_is_gone_and_told_once(app: Flask, make: Factory) -> None:
    made = make.client()
    with app.app_context():
        client = the_client(made.id)
        (secret,) = live_secrets(client)
        secrets.revoke_secret(actor=SERVER, secret=secret)
        secrets.revoke_secret(actor=SERVER, secret=secret)
        assert live_secrets(client) == []
        assert actions().count("client_secret.revoked") == 1


def test_a_secret_is_found_for_its_own_client_only(app: Flask, make: Factory) -> None:
    mine, other = make.client(), make.client()
    with app.app_context():
        (secret,) = live_secrets(the_client(mine.id))
        find = find_secret
        assert find(client=the_client(mine.id), secret_id=secret.id) is secret
        assert find(client=the_client(other.id), secret_id=secret.id) is None


def test_public_clients_and_those_in_the_trash_get_no_secret(
    app: Flask, make: Factory
) -> None:
    public = make.client(grant_types=["authorization_code"], is_confidential=False)
    deleted = make.client()
    with app.app_context():
        lifecycle.delete_client(actor=SERVER, client=the_client(deleted.id))
        for made in (public, deleted):
            with pytest.raises(ConflictError):
                secrets.add_secret(actor=SERVER, client=the_client(made.id))


def test_disabling_and_enabling_leaves_everything_else_alone(
    app: Flask, make: Factory
) -> None:
    made = make.client()
    with app.app_context():
        client = the_client(made.id)
        for _ in range(2):
            lifecycle.disable_client(actor=SERVER, client=client)
        assert not client.is_enabled
        for _ in range(2):
            lifecycle.enable_client(actor=SERVER, client=client)
        assert client.is_enabled
        assert client.token_generation == 0
        assert len(live_secrets(client)) == 1
        assert actions()[-2:] == ["client.disabled", "client.enabled"]


def test_deleting_ends_tokens_and_secrets_and_keeps_the_rest(
    app: Flask, make: Factory
) -> None:
    made = make.client(permissions=["view_users"], description="Nightly")
    with app.app_context():
        client = the_client(made.id)
        lifecycle.delete_client(actor=SERVER, client=client)
        assert find_client(made.id) is None
        assert client.token_generation == 1
        assert live_secrets(client) == []
        lifecycle.restore_client(actor=SERVER, client=client)
        assert find_client(made.id) is client
        assert client.description == "Nightly"
        assert permission_names(client.id) == {"view_users"}
        assert client.token_generation == 1
        assert live_secrets(client) == []
        revoked = db.session.scalars(select(ClientSecret.revoked_at)).all()
        assert None not in revoked
        assert actions()[-2:] == ["client.deleted", "client.restored"]


def test_what_was_disabled_comes_back_disabled(app: Flask, make: Factory) -> None:
    made = make.client()
    with app.app_context():
        client = the_client(made.id)
        lifecycle.disable_client(actor=SERVER, client=client)
        lifecycle.delete_client(actor=SERVER, client=client)
        lifecycle.restore_client(actor=SERVER, client=client)
        assert not client.is_enabled


@pytest.mark.parametrize("change", CHANGES)
def test_nothing_changes_in_the_trash(
    app: Flask, make: Factory, change: object
) -> None:
    made = make.client()
    with app.app_context():
        client = the_client(made.id)
        lifecycle.delete_client(actor=SERVER, client=client)
        with pytest.raises(ConflictError, match="Restore it first"):
            change(actor=SERVER, client=client)  # type: ignore[operator]


def test_only_what_is_in_the_trash_is_restored(app: Flask, make: Factory) -> None:
    made = make.client()
    with app.app_context(), pytest.raises(ConflictError):
        lifecycle.restore_client(actor=SERVER, client=the_client(made.id))


def test_verifying_can_be_taken_back(app: Flask, make: Factory) -> None:
    made = make.client()
    with app.app_context():
        client = the_client(made.id)
        lifecycle.verify_client(actor=SERVER, client=client)
        assert client.verified_at is not None
        lifecycle.unverify_client(actor=SERVER, client=client)
        assert client.verified_at is None


def test_an_app_is_handed_to_somebody_who_can_sign_in(
    app: Flask, make: Factory
) -> None:
    ada, grace, gone = make.user(), make.user(name="Grace"), make.user()
    made = make.client(owner=ada)

    def person(user_id: uuid.UUID) -> User:
        user = find_user(user_id)
        assert user is not None
        return user

    with app.app_context():
        client = the_client(made.id)
        deactivate_user(actor=SERVER, user=person(gone.id))
        for wrong in (gone, ada):
            with pytest.raises(DomainError) as refusal:
                lifecycle.transfer_client(
                    actor=SERVER, client=client, owner=person(wrong.id)
                )
            assert refusal.value.field == "owner"
        lifecycle.transfer_client(actor=SERVER, client=client, owner=person(grace.id))
        assert client.owner_id == grace.id
        event = db.session.scalar(
            select(AuditEvent).where(AuditEvent.action == "client.transferred")
        )
        assert event.details == {"owner": [ada.email, "Grace"]}


def test_lists_search_filter_and_sort(app: Flask, make: Factory) -> None:
    ada = make.user()
    nightly = make.client("Nightly export")
    portal = make.client("Portal 100%", grant_types=["authorization_code"], owner=ada)
    old = make.client("Old one")
    with app.app_context():
        lifecycle.disable_client(actor=SERVER, client=the_client(nightly.id))
        lifecycle.delete_client(actor=SERVER, client=the_client(old.id))

        def names(**wanted: object) -> list[str]:
            query = search_clients(**wanted)  # type: ignore[arg-type]
            return [client.name for client in db.session.scalars(query)]

        assert names() == ["Nightly export", "Portal 100%"]
        assert names(sort="-created_at") == ["Portal 100%", "Nightly export"]
        assert names(sort="; DROP TABLE") == ["Nightly export", "Portal 100%"]
        assert names(search="EXPORT") == ["Nightly export"]
        assert names(search="0%") == ["Portal 100%"]
        assert names(search="%") == ["Portal 100%"]
        assert names(search=portal.id) == ["Portal 100%"]
        assert names(search="\x00") == []
        assert names(search="\ud800") == []
        assert names(grant_type="client_credentials") == ["Nightly export"]
        assert names(status="enabled") == ["Portal 100%"]
        assert names(status="disabled") == ["Nightly export"]
        assert names(status="deleted") == ["Old one"]
        assert names(owner_id=ada.id) == ["Portal 100%"]
