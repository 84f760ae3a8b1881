"""The audit log: who did what, when and from where, and how to find it again."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.audit.actor import Actor
from app.audit.models import AuditEvent
from app.audit.services import record
from app.database import new_id
from app.extensions import db
from tests.factories import Factory
from tests.support.browsing import Browser
from tests.support.console import Console
from tests.support.databases import count_statements
from tests.support.markup import Element, parse

AUDIT = "/audit"
HOSTILE = '<img src=x onerror=alert(1)>"\u202e'


@pytest.fixture
def console(app: Flask, make: Factory) -> Console:
    return Console.of_administrator(app, make)


def happened(
    app: Flask,
    action: str = "client.updated",
    *,
    by: str = "Grace",
    about: str = "Invoice Sync",
    **values: Any,
) -> str:
    """Put an event into the log and return its id."""
    with app.app_context():
        event = record(
            actor=Actor(kind="user", label=by, id=values.pop("actor_id", None)),
            action=action,
            subject_kind=values.pop("subject_kind", "client"),
            subject_id=values.pop("subject_id", None),
            subject_label=about,
            details=values.pop("details", None),
        )
        for name, value in values.items():
            setattr(event, name, value)
        db.session.commit()
        return str(event.id)


def rows(page: Any) -> list[Element]:
    """Return the events that a page lists."""
    tables = parse(page.text).all("table", id="event-rows")
    return tables[0].one("tbody").all("tr") if tables else []


def sentences(page: Any) -> list[str]:
    """Return each event of a page as a person reads it."""
    return [row.all("p")[0].text for row in rows(page)]


def test_an_event_says_who_did_what_to_which_thing(
    app: Flask, console: Console, make: Factory
) -> None:
    client = make.client("Nightly")
    ada = console.person.id
    about_herself = {"subject_kind": "user", "subject_id": ada, "actor_id": ada}
    happened(app, "user.signed_in", by="Ada", about="Ada", **about_herself)
    happened(app, "user.session_ended", by="Ada", about="Ada", **about_herself)
    page = console.get(AUDIT)
    assert "Ada ended a session of their own account" in sentences(page)
    assert "Ada signed in" in sentences(page)
    assert "Gatepass registered the app Nightly" in sentences(page)
    assert "Gatepass created the account of Ada" in sentences(page)
    links = {link["href"] for link in parse(page.text).one("table").all("a")}
    assert links == {
        f"/developer/apps/{client.id}",
        f"/access/users/{console.person.id}",
    }
    for link in links:
        assert console.get(link).status_code == 200


def test_links_lead_only_where_the_reader_may_go(
    app: Flask, make: Factory, browser: Browser
) -> None:
    make.client("Nightly")
    auditor = make.user(permissions=["view_audit_log"])
    browser.sign_in(auditor.email, auditor.password)
    page = browser.get(AUDIT)
    assert "Gatepass registered the app Nightly" in sentences(page)
    assert parse(page.text).one("table").all("a") == []
    navigation = parse(page.text).all("nav", aria_label="Main")[0]
    assert "Audit log" in navigation.text
    assert "Developer" not in navigation.text


def test_only_those_who_may_view_it(make: Factory, browser: Browser) -> None:
    person = make.user(permissions=["view_users"])
    browser.sign_in(person.email, person.password)
    assert browser.get(AUDIT).status_code == 403
    assert "Audit log" not in browser.get("/account/security").text


def test_details_tell_the_difference_and_where_to_look_further(
    app: Flask, console: Console
) -> None:
    happened(
        app,
        details={"name": ["Old", "New"], "is_pkce_required": [True, False]},
        ip_address="192.0.2.7",
        reference_id="abcdef012345",
    )
    row = rows(console.get(f"{AUDIT}?reference=abcdef012345"))[0]
    unfolded = row.one("details")
    assert unfolded.one("summary").text == "name: Old → New; PKCE required: yes → no"
    assert [unfolded.all(tag)[0].text for tag in ("del", "ins")] == ["Old", "New"]
    assert "PKCE required: yes → no" in unfolded.text
    assert "reference ID abcdef012345" in unfolded.text
    assert "as client.updated" in unfolded.text
    assert "192.0.2.7" in row.text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("actor=gra", True),
        ("actor=GRACE", True),
        ("actor=Gr%25ce", False),
        ("actor={actor_id}", True),
        ("actor={subject_id}", False),
        ("subject=voice+sy", True),
        ("subject={subject_id}", True),
        ("subject={subject_id}&kind=user", False),
        ("subject={actor_id}", False),
        ("action=client.updated", True),
        ("action=client.deleted", False),
        ("kind=client", True),
        ("kind=role", False),
        ("since=2026-03-05", True),
        ("since=2026-03-06", False),
        ("until=2026-03-05", True),
        ("until=2026-03-04", False),
        ("since=2026-03-05&until=2026-03-05&actor=grace&action=client.updated", True),
        ("ip=192.0.2.7", True),
        ("ip=192.0.2", False),
        ("reference=abcdef012345", True),
        ("reference=k3y0-abcdef012345", True),
        ("reference=abcdef", False),
    ],
)
def test_filters_narrow_the_log(
    app: Flask, console: Console, query: str, found: bool
) -> None:
    ids = {"actor_id": new_id(), "subject_id": new_id()}
    happened(
        app,
        **ids,
        happened_at=datetime(2026, 3, 5, 23, 59, tzinfo=UTC),
        ip_address="192.0.2.7",
        reference_id="abcdef012345",
    )
    listed = sentences(console.get(f"{AUDIT}?{query.format(**ids)}"))
    sentence = "Grace changed the settings of Invoice Sync"
    assert (sentence in listed) is found
    assert "Ada signed in" not in listed or query.startswith(("since", "until"))


@pytest.mark.parametrize(
    "query",
    [
        "since=9999-12-31&until=9999-12-31",
        "since=0001-01-01&until=2026-02-31",
        "action=made.up&kind=made-up&page=999999999",
        "actor=%F0%9F%92%A9%FF&subject=%25_%5C&ip=%27&reference=-",
        "actor=" + "x" * 5000,
        "actor=a&actor=b&since[]=1",
        "actor=a&up_to=0001-01-01T00:00:00%2B05:00",
        "up_to=9999-12-31T23:59:59-05:00",
        "up_to=2026-03-01T00:00:00&page=2",
        "up_to=0001-01-01T00:00:00Z&subject=01890a5d-ac96-774b-bcce-b302099a8057",
    ],
)
def test_no_address_is_too_odd(console: Console, query: str) -> None:
    assert console.get(f"{AUDIT}?{query}").status_code == 200


def test_filters_stay_in_the_form_and_in_the_pages(
    app: Flask, console: Console
) -> None:
    with app.app_context():
        for number in range(30):
            record(
                actor=Actor(kind="client", label="Robot & Co"),
                action="client.updated",
                subject_kind="client",
                subject_label=f"App {number}",
            )
        db.session.commit()
    address = f"{AUDIT}?actor=Robot+%26+Co&action=client.updated&since=2020-01-01"
    tree = parse(console.get(address).text)
    assert tree.one("input", name="actor")["value"] == "Robot & Co"
    assert tree.one("input", name="since")["value"] == "2020-01-01"
    chosen = [option for option in tree.all("option") if "selected" in option]
    assert [option["value"] for option in chosen] == ["client.updated", ""]
    second = tree.one("a", aria_label="Next page")
    assert "actor=Robot+%26+Co" in second["href"]
    assert second["hx-get"] == second["href"]
    assert len(rows(console.get(second["href"]))) == 10


def test_actions_are_chosen_by_group_in_the_order_of_their_words(
    console: Console,
) -> None:
    chosen = parse(console.get(AUDIT).text).one("select", name="action")
    groups = {
        group["label"]: [option.text for option in group.all("option")]
        for group in chosen.all("optgroup")
    }
    assert "registered the app" in groups["Apps"]
    assert all(words == sorted(words, key=str.casefold) for words in groups.values())


def test_the_log_is_a_page_or_a_panel(console: Console) -> None:
    panel = console.get(AUDIT, hx=True)
    assert panel.text.lstrip().startswith('<section id="panel"')
    assert "<html" in console.get(AUDIT).text
    assert "no-store" in panel.headers["Cache-Control"]


def test_what_does_not_match_says_so(console: Console) -> None:
    page = console.get(f"{AUDIT}?actor=nobody-is-called-so")
    assert "No matching events" in page.text
    assert parse(page.text).one("a", href=AUDIT, hx_get=AUDIT, class_="button")


def test_cases_have_a_place_of_their_own(app: Flask, console: Console) -> None:
    tabs = parse(console.get(AUDIT).text).one("nav", aria_label="Kinds of events")
    assert tabs.one("a", aria_current="page").text == "All events"
    (cases,) = [link["href"] for link in tabs.all("a") if link.text == "Cases"]
    assert "No matching events" in console.get(cases).text
    happened(app, "consent.disputed", by="Grace", about="Sync")
    page = console.get(cases)
    assert sentences(page) == ["Grace reported the app Sync"]
    tabs = parse(page.text).one("nav", aria_label="Kinds of events")
    assert tabs.one("a", aria_current="page").text == "Cases"


def test_names_from_outside_are_shown_as_text(app: Flask, console: Console) -> None:
    happened(app, by=HOSTILE, about=HOSTILE, details={"name": [HOSTILE, HOSTILE]})
    page = console.get(AUDIT)
    assert "<img" not in page.text.partition('id="panel"')[2]
    paragraph = rows(page)[0].all("p")[0]
    assert [name.text for name in paragraph.all("bdi")] == [HOSTILE, HOSTILE]


def test_an_action_of_a_later_version_is_shown_as_it_is(
    app: Flask, console: Console
) -> None:
    happened(app, "gate_post.painted", subject_kind="fence", about="Fence")
    assert "Grace gate post: painted : Fence" in sentences(console.get(AUDIT))


def test_the_page_weighs_little_and_asks_few_questions(
    app: Flask, console: Console
) -> None:
    for number in range(30):
        happened(
            app,
            about=f"App {number}",
            details={"name": [f"App {number - 1}", f"App {number}"], "owner": [1, 2]},
            actor_id=new_id(),
            subject_id=new_id(),
            ip_address="192.0.2.7",
            reference_id="abcdef012345",
            happened_at=datetime.now(UTC) - timedelta(minutes=number),
        )
    with count_statements(app) as statements:
        page = console.get(AUDIT)
    assert len(rows(page)) == 20
    assert len(page.data) < 28 * 1024
    assert len([s for s in statements if "SELECT" in s]) <= 6


def test_looking_changes_nothing(app: Flask, console: Console) -> None:
    def ids() -> list[Any]:
        with app.app_context():
            return list(db.session.scalars(select(AuditEvent.id)))

    before = ids()
    console.get(AUDIT)
    assert console.get(f"{AUDIT}/export").status_code == 405
    assert ids() == before
