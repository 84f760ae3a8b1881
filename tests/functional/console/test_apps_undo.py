"""Activity: what happened, narrowed by kind, and the way back; Undo after deleting."""

import re
import uuid
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from app.access.catalogue import find_permission, update_permission
from app.access.effective import permission_names
from app.access.models import Role
from app.audit.actor import SERVER, Actor
from app.audit.models import AuditEvent
from app.audit.services import record
from app.clients.details import details_of
from app.clients.models import Client
from app.clients.queries import find_client
from app.clients.registration import update_client
from app.extensions import db
from tests.factories import Factory, MadeClient
from tests.support.console import Console
from tests.support.databases import count_statements
from tests.support.markup import Element, parse
from tests.support.parties import BOTH_GRANTS, Parties

hx_or_not = pytest.mark.parametrize("hx", [False, True])


@pytest.fixture
def console(parties: Parties, make: Factory) -> Console:
    ada = make.user(name="Ada", administrator=True)
    return Console(parties.browser_of(ada), ada)


@pytest.fixture
def sync(make: Factory) -> MadeClient:
    make.role("Clerk", ["view_invoices"])
    return make.client(
        "Sync",
        grant_types=BOTH_GRANTS,
        roles=["Clerk"],
        permissions=["view_users"],
        access_token_ttl=600,
    )


def address(made: MadeClient, rest: str = "activity") -> str:
    return f"/developer/apps/{made.id}/{rest}"


def change(app: Flask, made: MadeClient, **changes: Any) -> None:
    """Let somebody else change what is registered."""
    with app.app_context():
        client = find_client(made.id)
        assert client is not None
        details = replace(details_of(client), **changes)
        update_client(actor=SERVER, client=client, details=details)
        db.session.commit()


def stands(app: Flask, made: MadeClient) -> Client:
    with app.app_context():
        client = find_client(made.id, with_deleted=True)
        assert client is not None
        return client


def held(app: Flask, made: MadeClient) -> frozenset[str]:
    with app.app_context():
        return permission_names(uuid.UUID(made.id))


def events(console: Console, made: MadeClient, query: str = "") -> list[Element]:
    page = console.get(address(made) + query)
    assert page.status_code == 200
    lists = parse(page.text).all("ul", id="event-rows")
    return [item for found in lists for item in found.children]


def links(
    console: Console, made: MadeClient, said: str = "Undo this change…"
) -> list[str]:
    """Return the addresses of the undo links that say `said`, newest first."""
    found = [link for event in events(console, made) for link in event.all("a")]
    return [link["href"] for link in found if link.text == said]


@hx_or_not
def test_a_change_of_settings_is_put_back(
    app: Flask, console: Console, sync: MadeClient, hx: bool
) -> None:
    uris = ("https://a.example/cb", "https://b.example/cb")
    change(app, sync, name="Other", redirect_uris=uris, access_token_ttl=None)
    (link,) = links(console, sync)
    planned = parse(console.get(link).text).one(id="planned").text
    assert "name: Other → Sync" in planned
    assert "added https://app.example.com/callback removed https://a.ex" in planned
    assert "lifetime of access tokens for people, seconds: 600" in planned
    answer = console.send(link, hx=hx)
    assert answer.status_code == (200 if hx else 303)
    client = stands(app, sync)
    assert client.name == "Sync"
    assert client.access_token_ttl == 600
    assert client.redirect_uris == ["https://app.example.com/callback"]
    newest = events(console, sync)[0].text
    assert newest.startswith("Ada put back a change of the settings")
    assert "name: Other → Sync" in newest
    # What was put back can be put back itself; what it undid no longer can.
    assert len(links(console, sync)) == 1


def test_what_may_be_asked_for_is_put_back_with_what_may_be_left_out(
    app: Flask, console: Console, sync: MadeClient
) -> None:
    change(app, sync, optional_scopes=("view_users",))
    change(app, sync, scopes=())
    assert stands(app, sync).optional_scopes == []
    link, *_ = links(console, sync)
    assert "every delegable permission" in console.get(link).text
    console.send(link)
    client = stands(app, sync)
    assert (client.scopes, client.optional_scopes) == (None, ["view_users"])


def test_who_handed_over_or_disabled_is_led_to_where_it_is_reversed(
    app: Flask, console: Console, sync: MadeClient, make: Factory
) -> None:
    bob = make.user(name="Bob & <i>Söhne</i>")
    console.send(address(sync, "danger"), {"owner": bob.email}, action="/transfer$")
    console.send(address(sync, "danger"), {"owner": "ada@x"}, action="/transfer$")
    assert links(console, sync, "Transfer it back…") == []  # nobody owned it before Bob
    ada = make.user(name="Ada L.")
    console.send(address(sync, "danger"), {"owner": ada.email}, action="/transfer$")
    (link,) = links(console, sync, "Transfer it back…")
    offered = parse(console.get(link).text).one(id="owner-suggestions")
    assert bob.email in offered.text
    console.send(address(sync, "disable"))
    (link,) = links(console, sync, "Enable it again…")
    console.send(link, action="/enable$")
    assert stands(app, sync).is_enabled
    assert links(console, sync, "Enable it again…") == []


def test_a_change_that_was_overtaken_is_not_put_back(
    app: Flask, console: Console, sync: MadeClient
) -> None:
    change(app, sync, name="Second", description="One")
    (link,) = links(console, sync)
    console.get(link)
    filled = console.filled()
    change(app, sync, name="Third")
    page = console.send_again(filled)
    assert page.status_code == 409
    assert "Changed again since: name." in page.text
    assert stands(app, sync).name == "Third"
    assert link not in links(console, sync)
    page = console.get(link)
    assert "Changed again since: name." in page.text
    assert not parse(page.text).all("form", action=link)


@hx_or_not
def test_a_form_from_before_another_change_is_stale(
    app: Flask, console: Console, sync: MadeClient, hx: bool
) -> None:
    change(app, sync, name="Second")
    (link,) = links(console, sync)
    console.get(link)
    filled = console.filled()
    # Of something else, so that what is put back still fits, but was not looked at.
    change(app, sync, description="New")
    page = console.send_again(filled, hx=hx)
    assert page.status_code == 409
    assert "Somebody changed this app" in page.text
    assert stands(app, sync).name == "Second"
    console.send(link)
    assert (stands(app, sync).name, stands(app, sync).description) == ("Sync", "New")


def test_sent_twice_it_is_refused_the_second_time(
    app: Flask, console: Console, sync: MadeClient
) -> None:
    change(app, sync, name="Second")
    (link,) = links(console, sync)
    console.get(link)
    filled = console.filled()
    assert console.send_again(filled).status_code == 303
    assert console.send_again(filled).status_code == 409
    assert stands(app, sync).name == "Sync"


def test_what_breaks_a_rule_now_is_refused_in_plain_words(
    app: Flask, console: Console, make: Factory, sync: MadeClient
) -> None:
    make.permission("view_orders", is_delegable=True)
    change(app, sync, scopes=("view_orders",))
    change(app, sync, scopes=())
    with app.app_context():
        row = find_permission("view_orders")
        assert row is not None
        update_permission(actor=SERVER, permission=row, is_delegable=False)
        db.session.commit()
    link, *_ = links(console, sync)
    page = console.send(link)
    assert page.status_code == 422
    assert "apps cannot ask users for this" in page.text
    assert stands(app, sync).scopes == []


@hx_or_not
@pytest.mark.parametrize(
    ("field", "lost"), [("roles", "view_invoices"), ("permissions", "view_users")]
)
def test_what_was_taken_away_is_given_back_and_taken_again(
    app: Flask, console: Console, sync: MadeClient, field: str, lost: str, hx: bool
) -> None:
    before = held(app, sync)
    permissions = address(sync, "permissions")
    console.send(permissions, {field: []}, action="/permissions$")
    assert held(app, sync) == before - {lost}
    (back,) = links(console, sync, "Give it back…")
    assert lost in parse(console.get(back).text).one(id="panel").text
    console.send(back, hx=hx)
    assert held(app, sync) == before
    again, *_ = links(console, sync, "Remove it again…")
    console.send(again, hx=hx)
    assert held(app, sync) == before - {lost}


def test_a_role_that_is_gone_cannot_be_given_back(
    app: Flask, console: Console, sync: MadeClient
) -> None:
    permissions = address(sync, "permissions")
    console.send(permissions, {"roles": []}, action="/permissions$")
    (back,) = links(console, sync, "Give it back…")
    with app.app_context():
        db.session.delete(db.session.query(Role).filter_by(name="Clerk").one())
        db.session.commit()
    page = console.send(back)
    assert page.status_code == 409
    assert "The role Clerk no longer exists" in page.text


def test_only_its_own_changes_are_put_back(
    app: Flask, console: Console, make: Factory, sync: MadeClient
) -> None:
    other = make.client("Other")
    change(app, sync, name="Second")
    (link,) = links(console, sync)
    elsewhere = link.replace(sync.id, other.id)
    assert console.get(elsewhere).status_code == 404
    console.get(link)
    assert console.send_again((elsewhere, console.filled()[1])).status_code == 404
    # What the app did to another one is in its list, and not undone from there.
    with app.app_context():
        actor = Actor(kind="client", id=uuid.UUID(sync.id), label="Second")
        details = {"name": ["Old", "Second"]}
        record(
            actor=actor,
            action="client.updated",
            subject_kind="client",
            subject_id=uuid.UUID(other.id),
            subject_label="Other",
            details=details,
        )
        db.session.commit()
    assert len(links(console, sync)) == 1
    crooked = next(
        event["id"].removeprefix("event-")
        for item in events(console, sync)
        for event in item.all("p")
        if "id" in event and "Second" in event.text
    )
    page = console.get(address(sync, f"activity/{crooked}/undo"))
    assert "cannot be undone here" in page.text


def test_events_that_are_no_changes_have_no_way_back(
    app: Flask, console: Console, sync: MadeClient
) -> None:
    with app.app_context():
        ids = [str(e.id) for e in db.session.query(AuditEvent) if e.subject_id]
    for event_id in ids:
        page = console.get(address(sync, f"activity/{event_id}/undo"))
        assert page.status_code in {200, 404}
    registered = events(console, sync)[-1]
    assert "registered the app" in registered.text
    assert registered.all("a") == []


def test_the_list_is_narrowed_by_kind(
    app: Flask, console: Console, sync: MadeClient
) -> None:
    change(app, sync, name="Second")
    console.send(address(sync, "disable"))
    kinds = {
        "registered": ["changed the settings", "registered the app"],
        "access": ["gave a permission", "gave a role"],
        "secrets": ["made a secret"],
        "revoked": [],
        "consents": [],
        "life": ["disabled the app"],
    }
    for kind, wanted in kinds.items():
        said = [item.text for item in events(console, sync, f"?kind={kind}")]
        assert len(said) == len(wanted), kind
        assert all(w in text for w, text in zip(wanted, said, strict=True)), kind
    everything = len(events(console, sync))
    for kind in ("", "%", "client.", "<b>", "é" * 3000):
        assert len(events(console, sync, f"?kind={kind}")) == everything
    assert re.search(r"reference\s+<code>", console.get(address(sync)).text)


def test_the_list_costs_the_same_however_long_it_is(
    app: Flask, console: Console, sync: MadeClient
) -> None:
    costs = []
    for number in range(2):
        with count_statements(app) as statements:
            console.get(address(sync))
        costs.append(len(statements))
        for turn in range(4):
            change(app, sync, name=f"Name {number} {turn}")
    assert costs[0] == costs[1]


@hx_or_not
def test_deleting_is_undone_where_people_land(
    app: Flask, console: Console, sync: MadeClient, hx: bool
) -> None:
    danger = address(sync, "danger")
    gone = console.send(danger, {"name": "Sync"}, action="/delete$", hx=hx)
    console.get(gone.headers["HX-Redirect" if hx else "Location"])
    assert console.send_again(console.filled(action="/restore$")).status_code == 303
    assert stands(app, sync).deleted_at is None
    # Said once: the next page says nothing of it.
    assert "Undo" not in console.get("/developer/apps").text


def test_the_trash_tells_whose_doing_it_was_and_what_comes_back(
    app: Flask, console: Console, sync: MadeClient
) -> None:
    danger = address(sync, "danger")
    console.send(danger, {"name": "Sync"}, action="/delete$")
    text = parse(console.get(danger).text).one(id="trash").text
    assert text.startswith("In the trash Ada deleted it just now")
    assert "Its roles and permissions: Clerk, view_users" in text
    assert "All earlier secrets" in text
    assert "allowed it to do" not in text  # nobody had
    assert held(app, sync) == {"view_invoices", "view_users"}


def test_in_the_trash_it_can_be_read_what_happened(
    app: Flask, console: Console, sync: MadeClient
) -> None:
    change(app, sync, name="Second")
    console.send(address(sync, "danger"), {"name": "Second"}, action="/delete$")
    page = parse(console.get(address(sync, "danger")).text)
    tabs = page.one("nav", aria_label="This app")
    assert [link.text for link in tabs.all("a")] == ["Trash", "Activity"]
    newest, changed, *_ = events(console, sync)
    assert "Ada deleted the app" in newest.text
    assert "name: Sync → Second" in changed.text
    # Nothing is changed from here before it is restored.
    assert [link for event in (newest, changed) for link in event.all("a")] == []
    assert events(console, sync, "?kind=life")[0].text == newest.text
