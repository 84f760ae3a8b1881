"""Developer → Refused requests, and the same of one app: read, mend, put aside."""

import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.audit.actor import Actor
from app.audit.services import record
from app.clients.models import Client
from app.clients.statements import parse_client_id
from app.extensions import db
from app.traffic import unwritten
from app.traffic.models import RefusedRequest
from tests.factories import Factory
from tests.support.clock import MovableClock
from tests.support.console import HX, Console
from tests.support.databases import count_statements
from tests.support.markup import parse
from tests.support.parties import CALLBACK, Parties
from tests.support.relying_party import RelyingParty

REFUSED = "/developer/refused"


@pytest.fixture
def parties(app: Flask, make: Factory) -> Parties:
    return Parties(app, make)


@pytest.fixture
def party(parties: Parties) -> RelyingParty:
    return parties.confidential()


@pytest.fixture
def console(parties: Parties) -> Console:
    person = parties.make.user(name="Ada", administrator=True)
    return Console(parties.browser_of(person), person)


def registered(party: RelyingParty) -> list[str]:
    with party.browser.app.app_context():
        client = db.session.get_one(Client, parse_client_id(party.client_id))
        return list(client.redirect_uris)


def row_of(app: Flask) -> RefusedRequest:
    with app.app_context():
        unwritten.flush(db.engine)
        row = db.session.scalars(select(RefusedRequest)).one()
        db.session.expunge(row)
        return row


def test_strangers_do_not_make_the_server_write(
    app: Flask, parties: Parties, party: RelyingParty, console: Console
) -> None:
    def written() -> int:
        with app.app_context():
            return len(db.session.scalars(select(RefusedRequest.id)).all())

    party.ask(redirect_uri="https://app.example.com/other")
    person = parties.browser_of(parties.person("view_users"))
    assert app.test_client().get(REFUSED).status_code == 303
    assert person.get(REFUSED).status_code == 403
    assert written() == 0
    assert console.get(REFUSED).status_code == 200
    assert written() == 1


def test_an_empty_list_teaches(console: Console, party: RelyingParty) -> None:
    page = console.get(REFUSED)
    assert "No refused requests" in page.text
    assert "Secrets, codes and tokens are never stored" in page.text
    page = console.get(f"/developer/apps/{party.client_id}/activity/refused")
    assert "When this app is turned away" in page.text
    assert "Nothing matches" in console.get(f"{REFUSED}?kind=token").text
    assert "No refused request has this reference" in (
        console.get(f"{REFUSED}?reference=0123456789ab").text
    )


@pytest.mark.parametrize("part", ["c0ffee000001", "0123456789ab-c0ffee000001"])
def test_a_reference_of_the_audit_log_leads_there(
    console: Console, party: RelyingParty, part: str
) -> None:
    with party.browser.app.app_context():
        actor = Actor.server(reference_id="c0ffee000001")
        record(actor=actor, action="client.disabled", subject_kind="client")
        db.session.commit()
    page = parse(console.get(f"{REFUSED}?reference={part}").text)
    assert "No refused request has this reference" not in page.text
    (link,) = [a for a in page.all("a") if "/audit?" in a.attributes.get("href", "")]
    assert "disabled" in console.get(link["href"]).text


def test_only_the_first_of_a_list_says_all_at_once(
    console: Console, party: RelyingParty
) -> None:
    party.act_as_itself(scope="manage_users")
    party.call("x")
    first, second = parse(console.get(REFUSED).text).all("article")
    assert not first.all("details")
    assert "Send an access token" in second.one("details").text + first.text
    assert "Latest reference" in second.one("details").text
    assert "Dismiss" not in second.one("details").text


def test_who_has_just_seen_an_error_finds_it(
    console: Console, party: RelyingParty
) -> None:
    answer = party.ask(redirect_uri=f"{CALLBACK}/")
    reference = answer.headers["X-Reference-Id"]
    for hx in (False, True):
        page = console.get(f"{REFUSED}?reference={reference}", hx=hx)
        card = parse(page.text).one("article")
        assert "An extra slash at the end." in card.text
        assert [mark.text for mark in card.all("mark")] == ["/", ""]
        assert [code.text for code in card.all("code")][:2] == [
            f"{CALLBACK}/",
            CALLBACK,
        ]
    page = console.get(f"/developer/apps/{party.client_id}/activity")
    assert f"/developer/apps/{party.client_id}/activity/refused" in page.text
    page = console.get(f"/developer/apps/{party.client_id}/activity/refused")
    assert "An extra slash at the end" in page.text
    other = uuid.uuid4()
    assert console.get(f"/developer/apps/{other}/activity/refused").status_code == 404


@pytest.mark.parametrize(
    ("uri", "words"),
    [
        (
            "https://bob:word@app.example.com/callback",
            "A user name or password before the host.",
        ),
        ("javascript:alert(1)", "javascript: instead of https:."),
        ("app.example.com/callback", "It does not begin with https:."),
    ],
)
def test_the_difference_is_named_as_it_is(
    console: Console, party: RelyingParty, uri: str, words: str
) -> None:
    party.ask(redirect_uri=uri)
    terms = parse(console.get(REFUSED).text).one("article").all("dd")
    assert words in [term.text for term in terms]


@pytest.mark.parametrize(
    ("address", "headers", "came"),
    [
        ("/api/v1/me", {}, None),
        ("/api/v1/me?access_token=x", {}, "a token in the address or a form"),
        (
            "/api/v1/me",
            {"Authorization": "Basic eDp5"},
            "an Authorization header without a bearer token",
        ),
    ],
)
def test_where_a_token_was_looked_for_in_vain(
    app: Flask,
    console: Console,
    address: str,
    headers: dict[str, str],
    came: str | None,
) -> None:
    answer = app.test_client().get(address, headers=headers)
    assert answer.status_code == 401
    card = parse(console.get(REFUSED).text).one("article").text
    assert "The call has no access token." in card
    assert "Too many different values" not in card
    assert ("Received" in card) is (came is not None)
    assert came is None or came in card


def test_what_could_not_be_registered_is_not_offered(
    console: Console, party: RelyingParty
) -> None:
    for uri, words in (
        ("http://app.example.com/callback", "Plain http:// is for 127.0.0.1"),
        ("javascript:alert(1)", "No app can be reached by javascript:"),
        (r"/\evil.example", "Write / instead of a backslash."),
        (f"{CALLBACK}?code=1", "Parts of it were not kept"),
        ("https://a:b@app.example.com/", "Remove the user name and password"),
        (f"https://app.example.com/{'a' * 500}", "Parts of it were not kept"),
    ):
        reference = party.ask(redirect_uri=uri).headers["X-Reference-Id"]
        page = parse(console.get(f"{REFUSED}?reference={reference}").text)
        card = page.one("article").text
        assert words in card, uri
        assert "Add this URI" not in card, uri
        assert "If this address is yours" not in card, uri
        assert "Change the app to send a registered address exactly." in card, uri
    page = console.get(REFUSED)
    found = re.findall(r"refused/([0-9a-f-]{36})/put-aside", page.text)
    rows = set(found)
    fields = console.filled(action="put-aside")[1]
    assert len(rows) == 6
    for row in rows:
        for hx in (False, True):
            answer = console.send_again(
                (f"{REFUSED}/{row}/add-redirect-uri", fields | {"version": "1"}), hx=hx
            )
            assert answer.status_code == 422
            assert "This address cannot be added" in answer.text
    assert registered(party) == [CALLBACK]


Sent = tuple[str, dict[str, Any]]


def _change(party: RelyingParty, **values: Any) -> None:
    with party.browser.app.app_context():
        client = db.session.get_one(Client, parse_client_id(party.client_id))
        for name, value in values.items():
            setattr(client, name, value)
        db.session.commit()


@pytest.mark.parametrize(
    ("values", "status", "words"),
    [
        ({"version": 7}, 409, "Somebody changed this app"),
        ({"redirect_uris": [f"{CALLBACK}/"]}, 422, "This address cannot be added"),
        ({"grant_types": ["client_credentials"]}, 200, "is now registered"),
    ],
)
def test_an_app_that_was_changed_meanwhile(
    console: Console,
    party: RelyingParty,
    values: dict[str, Any],
    status: int,
    words: str,
) -> None:
    party.ask(redirect_uri=f"{CALLBACK}/")
    console.get(REFUSED)
    filled = console.filled(action="add-redirect-uri")
    _change(party, **values)
    answer = console.send_again(filled, hx=True)
    assert answer.status_code == status
    assert words in answer.text
    if status != 200:
        assert 'role="alert"' in answer.text


def test_an_app_in_the_trash_is_not_changed(
    console: Console, party: RelyingParty, clock: MovableClock
) -> None:
    from app.clock import utcnow

    party.ask(redirect_uri=f"{CALLBACK}/")
    console.get(REFUSED)
    filled = console.filled(action="add-redirect-uri")
    _change(party, deleted_at=utcnow())
    answer = console.send_again(filled)
    assert answer.status_code == 409
    assert "Restore it first" in answer.text
    assert "The app is in the trash." in console.get(REFUSED).text


def _without_version(filled: Sent) -> Sent:
    return filled[0], filled[1] | {"version": "x"}


def _of_nobody(filled: Sent) -> Sent:
    return re.sub("refused/[^/]*", "refused/01890a5d", filled[0]), filled[1]


def _of_nothing(filled: Sent) -> Sent:
    unknown = "refused/00000000-0000-7000-8000-000000000000"
    return re.sub("refused/[^/]*", unknown, filled[0]), filled[1]


@pytest.mark.parametrize(
    ("spoil", "status"),
    [(_without_version, 422), (_of_nobody, 404), (_of_nothing, 404)],
)
def test_crooked_forms(
    console: Console, party: RelyingParty, spoil: Callable[[Sent], Sent], status: int
) -> None:
    party.ask(redirect_uri=f"{CALLBACK}/")
    console.get(REFUSED)
    filled = spoil(console.filled(action="add-redirect-uri"))
    assert console.send_again(filled).status_code == status
    assert registered(party) == [CALLBACK]


@pytest.mark.parametrize("hx", [False, True])
def test_what_is_put_aside_comes_back_by_itself_or_by_hand(
    console: Console, party: RelyingParty, hx: bool, clock: MovableClock
) -> None:
    party.act_as_itself(scope="manage_users")
    answer = console.send(REFUSED, action="put-aside", hx=hx)
    page = answer.text if hx else console.get(REFUSED).text
    assert "Dismissed." in page
    assert "No refused requests" in page
    aside = f"{REFUSED}?state=aside"
    assert "does not have" in console.get(aside).text
    answer = console.send(aside, action="put-back", hx=hx)
    page = answer.text if hx else console.get(aside).text
    assert "Reopened." in page
    assert "Nothing matches" in page
    console.send(REFUSED, action="put-aside")
    clock.forward(seconds=1)
    party.act_as_itself(scope="manage_users")
    assert "2 times" in console.get(REFUSED).text


def test_the_list_is_narrowed(
    console: Console, party: RelyingParty, parties: Parties
) -> None:
    party.act_as_itself(scope="manage_users")
    party.call("x")
    other = parties.confidential(name="Night <Job>")
    other.ask(redirect_uri="https://evil.example/")
    for query, expected in (
        ("", 3),
        ("app=night", 1),
        (f"app={party.client_id}", 1),
        ("app=nobody", 0),
        ("app=%C2%80%F0%9F%98%80", 0),
        ("at=api", 1),
        ("at=nowhere", 3),
        ("kind=scope", 1),
        ("kind=redirect&at=token", 0),
        ("state=all", 3),
        ("state=aside", 0),
        ("reference=%C3%A9", 0),
        ("page=99", 3),
    ):
        page = console.get(f"{REFUSED}?{query}")
        assert page.status_code == 200
        assert page.text.count('class="card refusal"') == expected, query
    app_page = f"/developer/apps/{other.client_id}/activity/refused"
    assert console.get(app_page).text.count('class="card refusal"') == 1
    answer = console.send(f"{REFUSED}?app=night&state=all", action="put-aside")
    assert answer.location == f"{REFUSED}?app=night&state=all#done"


def test_pages_cost_the_same_however_many_rows(
    console: Console, party: RelyingParty
) -> None:
    party.act_as_itself(scope="a_first_name")
    console.get(REFUSED)
    with count_statements(party.browser.app) as few:
        console.get(REFUSED)
    for number in range(25):
        party.act_as_itself(scope=f"name_{number} view_users")
    page = console.get(REFUSED)
    assert page.text.count('class="card refusal"') == 10
    assert "1 to 10 of 26 requests" in page.text
    assert len(page.data) < 30_000
    with count_statements(party.browser.app) as many:
        console.get(REFUSED)
    # A list of more than a page is counted, too.
    assert len(many) == len(few) + 1
    assert "Refused requests" in console.get(f"{REFUSED}?page=3", hx=True).text


def test_a_visitor_and_a_customer_see_nothing(party: RelyingParty) -> None:
    answer = party.ask(redirect_uri=f"{CALLBACK}/")
    assert "For administrators" not in answer.text
    assert CALLBACK not in answer.text
    assert "Give the people who run the app this reference" in answer.text
    row = row_of(party.browser.app)
    assert party.browser.get(REFUSED).status_code == 403
    for act in ("put-aside", "put-back", "remove-redirect-uri", "add-redirect-uri"):
        answer = party.browser.client.post(f"{REFUSED}/{row.id}/{act}", headers=HX)
        assert answer.status_code in {400, 403}


def test_administrators_are_led_from_the_refusal_to_its_row(
    console: Console, party: RelyingParty
) -> None:
    party.browser = console.browser
    answer = party.ask(redirect_uri=f"{CALLBACK}/")
    page = parse(answer.text)
    assert [mark.text for mark in page.all("mark")] == ["/", ""]
    (link,) = [a for a in page.all("a") if "refused" in a.attributes.get("href", "")]
    assert "An extra slash at the end" in console.get(link["href"]).text
    unknown = party.ask(client_id="00000000-0000-7000-8000-000000000000")
    (link,) = [
        a for a in parse(unknown.text).all("a") if "refused" in a.attributes["href"]
    ]
    assert "No app here has this client ID." in console.get(link["href"]).text
