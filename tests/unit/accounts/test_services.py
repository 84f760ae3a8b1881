"""Creating, finding, changing and deactivating people."""

import threading
import uuid

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.accounts import services, sessions
from app.accounts.models import User
from app.audit.actor import SERVER, Actor
from app.audit.models import AuditEvent
from app.errors import ConflictError, DomainError
from app.extensions import db
from tests.factories import Factory

PASSWORD = "correct horse battery staple"


def last_event() -> AuditEvent:
    return db.session.scalars(
        select(AuditEvent).order_by(AuditEvent.id.desc()).limit(1)
    ).one()


def user_of(user_id: uuid.UUID) -> User:
    user = services.find_user(user_id)
    assert user
    return user


def test_a_person_is_found_however_the_address_is_spelled(
    app: Flask, make: Factory
) -> None:
    person = make.user("Ada@Example.com")
    with app.app_context():
        for spelling in ("ada@example.com", " ADA@EXAMPLE.COM ", "ａｄａ@example.com"):
            found = services.find_user_by_email(spelling)
            assert found
            assert found.id == person.id
            assert found.email == "Ada@Example.com"
        for nobody in ("", "\x00", "\udfff", "ada", "ada@example.comx", "a" * 10_000):
            assert services.find_user_by_email(nobody) is None
        assert services.find_user(uuid.uuid4()) is None


def test_ids_are_version_7_and_the_label_is_the_name(app: Flask, make: Factory) -> None:
    named, plain = make.user(name="Ada"), make.user("plain@example.com")
    assert named.id.version == 7
    with app.app_context():
        assert user_of(named.id).label == "Ada"
        assert user_of(plain.id).label == "plain@example.com"


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"email": "nonsense"}, "email"),
        ({"name": "a" * 101}, "name"),
        ({"name": "two\nlines"}, "name"),
        ({"name": "nul\x00"}, "name"),
        ({"name": "half \ud800"}, "name"),
        ({"password": "short"}, "password"),
        ({"password": "ADA@example.com"}, "password"),
    ],
)
def test_poor_input_is_refused_by_its_field(
    app: Flask, values: dict[str, str], field: str
) -> None:
    good = {"email": "ada@example.com", "name": "", "password": PASSWORD}
    with app.app_context():
        with pytest.raises(DomainError) as refusal:
            services.create_user(actor=SERVER, **(good | values))
        assert refusal.value.field == field
        assert db.session.scalar(select(func.count(User.id))) == 0


def test_one_of_two_at_once_gets_the_address(app: Flask) -> None:
    outcomes: list[str] = []
    start = threading.Barrier(4)

    def create() -> None:
        with app.app_context():
            start.wait()
            try:
                services.create_user(
                    actor=SERVER, email="ada@example.com", password=None
                )
                db.session.commit()
                outcomes.append("made")
            except ConflictError as refusal:
                outcomes.append(refusal.field or "")

    threads = [threading.Thread(target=create) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["email"] * 3 + ["made"]


def test_changes_are_told_with_before_and_after(app: Flask, make: Factory) -> None:
    person, boss = make.user("ada@example.com", name="Ada"), make.user()
    actor = Actor(kind="user", id=boss.id, label="Boss", ip_address="192.0.2.1")
    with app.app_context():
        user = user_of(person.id)
        services.update_user(
            actor=actor, user=user, name=" Ada Lovelace ", email="countess@example.com"
        )
        db.session.commit()
        assert (user.name, user.email) == ("Ada Lovelace", "countess@example.com")
        found = services.find_user_by_email("COUNTESS@example.com")
        assert found is user
        assert services.find_user_by_email("ada@example.com") is None
        event = last_event()
        assert event.action == "user.updated"
        assert (event.actor_id, event.ip_address) == (boss.id, "192.0.2.1")
        assert event.details == {
            "name": ["Ada", "Ada Lovelace"],
            "email": ["ada@example.com", "countess@example.com"],
        }


def test_the_same_again_is_no_change(app: Flask, make: Factory) -> None:
    person = make.user("ada@example.com", name="Ada")
    with app.app_context():
        before = last_event().id
        services.update_user(
            actor=SERVER, user=user_of(person.id), name="Ada", email="ada@example.com"
        )
        db.session.commit()
        assert last_event().id == before


def test_only_the_spelling_of_an_address_can_change(app: Flask, make: Factory) -> None:
    person = make.user("ada@example.com")
    with app.app_context():
        services.update_user(
            actor=SERVER, user=user_of(person.id), email="Ada@example.com"
        )
        db.session.commit()
        assert user_of(person.id).email == "Ada@example.com"


def test_an_address_that_is_taken_is_refused_and_nothing_else_changes(
    app: Flask, make: Factory
) -> None:
    make.user("grace@example.com")
    person = make.user("ada@example.com", name="Ada")
    with app.app_context():
        with pytest.raises(ConflictError) as refusal:
            services.update_user(
                actor=SERVER,
                user=user_of(person.id),
                name="Other",
                email="GRACE@example.com",
            )
        assert refusal.value.field == "email"
        db.session.commit()
        assert (user_of(person.id).name, user_of(person.id).email) == (
            "Ada",
            "ada@example.com",
        )


def test_deactivating_ends_everything_and_activating_revives_nothing(
    app: Flask, make: Factory
) -> None:
    person = make.user()
    with app.app_context():
        user = user_of(person.id)
        _, secret = sessions.start_session(user=user, ip_address=None, user_agent="")
        db.session.commit()
        before = user.token_generation
        assert sessions.find_session(secret)

        services.deactivate_user(actor=SERVER, user=user)
        services.deactivate_user(actor=SERVER, user=user)
        db.session.commit()
        assert not user.is_active
        assert user.token_generation == before + 1
        assert sessions.find_session(secret) is None

        services.activate_user(actor=SERVER, user=user)
        services.activate_user(actor=SERVER, user=user)
        db.session.commit()
        assert user.is_active
        assert user.token_generation == before + 1
        assert sessions.find_session(secret) is None
        assert last_event().action == "user.activated"


def test_search_takes_text_literally(app: Flask, make: Factory) -> None:
    for email, name in (
        ("ada@example.com", "Ada Lovelace"),
        ("grace@example.com", "Grace 100% Hopper"),
        ("under_score@example.com", ""),
    ):
        make.user(email, name=name)
    with app.app_context():
        gone = services.find_user_by_email("grace@example.com")
        assert gone
        services.deactivate_user(actor=SERVER, user=gone)
        db.session.commit()

        def found(**kwargs: object) -> list[str]:
            users = db.session.scalars(services.list_users(**kwargs))
            return [user.email.partition("@")[0] for user in users]

        assert found() == ["ada", "grace", "under_score"]
        assert found(search="ADA") == ["ada"]
        assert found(search=" lovelace ") == ["ada"]
        assert found(search="%") == ["grace"]
        assert found(search="_") == ["under_score"]
        assert found(search="nobody") == []
        assert found(search="\x00") == []
        assert found(is_active=True) == ["ada", "under_score"]
        assert found(is_active=False) == ["grace"]
        assert found(search="grace", is_active=True) == []


@pytest.mark.parametrize("secret", ["", "gpu_", "x" * 53, "\udfff", "gpu_" + "0" * 49])
def test_no_session_has_a_malformed_secret(app: Flask, secret: str) -> None:
    with app.app_context():
        assert sessions.find_session(secret) is None


def test_what_a_browser_says_of_itself_is_cut_to_size(
    app: Flask, make: Factory
) -> None:
    person = make.user()
    with app.app_context():
        session, _ = sessions.start_session(
            user=user_of(person.id),
            ip_address="fe80::1%" + "e" * 80,
            user_agent="Evil\x00\n" + "a" * 5000,
        )
        db.session.commit()
        assert session.user_agent.startswith("Evil  aaa")
        assert len(session.user_agent) == 255
        assert session.ip_address
        assert len(session.ip_address) == 45


def test_ending_others_leaves_the_one_and_other_people(
    app: Flask, make: Factory
) -> None:
    person, other = make.user(), make.user()
    with app.app_context():
        mine = [
            sessions.start_session(
                user=user_of(person.id), ip_address=None, user_agent=""
            )[0]
            for _ in range(3)
        ]
        sessions.start_session(user=user_of(other.id), ip_address=None, user_agent="")
        assert sessions.end_other_sessions(user_id=person.id, keep_id=mine[1].id) == 2
        db.session.commit()
        db.session.expire_all()
        assert [s.id for s in sessions.list_sessions(person.id)] == [mine[1].id]
        assert len(sessions.list_sessions(other.id)) == 1
        assert sessions.end_other_sessions(user_id=person.id) == 1
        assert sessions.list_sessions(person.id) == []
