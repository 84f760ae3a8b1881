"""The list of apps: whose, in which order, and what needs a look."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import event, update

from app.audit.actor import SERVER
from app.clients.lifecycle import delete_client
from app.clients.models import Client, ClientSecret
from app.clients.queries import find_client
from app.clock import utcnow
from app.extensions import db
from app.traffic.models import HourlyCount, begin_of_hour
from tests.factories import Factory
from tests.support.console import Console
from tests.support.markup import parse

LIST = "/developer/apps"


@pytest.fixture
def console(app: Flask, make: Factory) -> Console:
    return Console.of_administrator(app, make)


def names(console: Console, query: str) -> list[str]:
    """Return the names that a list shows, in its order."""
    rows = parse(console.get(f"{LIST}?{query}").text).all("th", scope="row")
    return [row.text for row in rows]


def test_the_owner_is_me_nobody_or_somebody_by_address(
    console: Console, make: Factory
) -> None:
    bob = make.user("bob@example.com")
    make.client("Of nobody")
    make.client("Mine", owner=console.person)
    make.client("Of Bob", owner=bob)
    assert names(console, "owner=me") == ["Mine"]
    assert names(console, "owner=nobody") == ["Of nobody"]
    assert names(console, "owner=person&person=BOB@example.com") == ["Of Bob"]
    assert names(console, "person=bob@example.com") == ["Of Bob"]
    assert names(console, "owner=me&person=bob@example.com") == ["Mine"]
    assert len(names(console, "owner=person&person=")) == 3
    assert len(names(console, "owner=someone")) == 3


@pytest.mark.parametrize(
    "person", ["x@example.com", "%ff%fe", "%3Cb%3E", "%" + "31" * 9]
)
def test_an_owner_whom_nobody_knows_has_no_apps(
    console: Console, make: Factory, person: str
) -> None:
    make.client("Of nobody")
    page = console.get(f"{LIST}?owner=person&person={person}")
    assert page.status_code == 200
    assert "Nobody has the e-mail address" in page.text
    assert "Of nobody" not in page.text


def test_every_filter_stays_in_the_address_of_pages_and_headings(
    console: Console, make: Factory
) -> None:
    bob = make.user("bob@example.com")
    for number in range(26):
        make.client(f"Job {number:02}", owner=bob)
    query = "q=Job&owner=person&person=bob%40example.com&sort=-created_at"
    page = parse(console.get(f"{LIST}?{query}").text)
    links = [link["href"] for link in page.all("a") if "?" in link.attributes["href"]]
    assert len(links) >= 5
    for link in links:
        assert "q=Job" in link
        assert "person=bob" in link
    assert page.one("input", id="filter-person")["value"] == "bob@example.com"
    assert names(console, f"{query}&page=2") == ["Job 00"]


@pytest.mark.parametrize("sort", ["created_at", "last_used_at", "name"])
def test_each_order_goes_both_ways(
    app: Flask, console: Console, make: Factory, sort: str
) -> None:
    now = utcnow()
    for number, name in enumerate(("A", "B", "C")):
        made = make.client(name)
        with app.app_context():
            at = now - timedelta(days=9 - number)
            db.session.execute(
                update(Client)
                .where(Client.name == made.name)
                .values(created_at=at, last_used_at=at)
            )
            db.session.commit()
    assert names(console, f"sort={sort}") == ["A", "B", "C"]
    assert names(console, f"sort=-{sort}") == ["C", "B", "A"]
    page = console.get(f"{LIST}?sort=-{sort}").text
    assert page.count('aria-sort="descending"') == 1


def test_what_needs_a_look_is_counted(
    app: Flask, console: Console, make: Factory
) -> None:
    fine = make.client("Fine", permissions=["view_users"], owner=console.person)
    poor = make.client("Poor", owner=console.person)
    with app.app_context():
        db.session.execute(
            update(ClientSecret)
            .where(ClientSecret.hint == poor.secret[-4:])
            .values(revoked_at=utcnow())
        )
        hour = begin_of_hour(utcnow())
        for made, refusals in ((fine, 19), (poor, 20)):
            client = db.session.scalar(
                db.select(Client).where(Client.name == made.name)
            )
            db.session.add(
                HourlyCount(
                    client_id=client.id, hour=hour, tokens=1, calls=0, refusals=refusals
                )
            )
        db.session.commit()
    rows = parse(console.get(LIST).text).one("table", id="app-rows").all("tr")
    said = {row.all("th")[0].text: row.text for row in rows[1:]}
    assert "hint" not in said["Fine"]
    # No secret that works, nothing allowed, refused a lot.
    assert "3 hints" in said["Poor"]


def test_the_number_of_queries_does_not_grow_with_the_list(
    app: Flask, console: Console, make: Factory
) -> None:
    def counted() -> int:
        statements: list[str] = []
        with app.app_context():
            engine = db.engine

        def note(*arguments: object) -> None:
            statements.append(str(arguments[2]))

        event.listen(engine, "before_cursor_execute", note)
        console.get(LIST)
        event.remove(engine, "before_cursor_execute", note)
        return len(statements)

    make.client(owner=make.user())
    few = counted()
    for _ in range(6):
        make.client(owner=make.user(), permissions=["view_users"])
    assert counted() == few


@pytest.mark.parametrize(
    ("address", "part"),
    [
        (LIST, "app-list"),
        ("/access/users", "user-list"),
        ("/access/roles", "role-list"),
        ("/access/roles/permissions", "permission-list"),
    ],
)
def test_each_change_of_a_filter_asks_the_same_address_for_the_list(
    console: Console, make: Factory, address: str, part: str
) -> None:
    make.client("Findable")
    form = parse(console.get(address).text).one("form", role="search")
    assert form["hx-get"] == form["action"] == address
    assert form["hx-target"] == form["hx-select"] == f"#{part}"
    answer = console.get(f"{address}?q=find&status=&role=&sort=-name", hx=True)
    assert len(re.findall(f'id="{part}"', answer.text)) == 1
    # What is left empty says nothing, so the address does not say it.
    assert answer.headers["HX-Replace-Url"] == f"{address}?q=find&sort=-name"


def test_what_lies_in_the_trash_is_found_by_name_too(
    app: Flask, console: Console, make: Factory
) -> None:
    made = make.client("Mislaid")
    with app.app_context():
        client = find_client(made.id)
        assert client is not None
        delete_client(actor=SERVER, client=client)
        db.session.commit()
    listed = parse(console.get(f"{LIST}?q=mislaid").text).one(id="app-list")
    assert "No matching apps" in listed.text
    assert "1 app in the trash matches. Show in trash" in listed.text
    (link,) = [link for link in listed.all("a") if link.text == "Show in trash"]
    assert ">Mislaid</bdi>" in console.get(link["href"]).text
    assert "in the trash match" not in console.get(f"{LIST}?q=elsewhere").text
