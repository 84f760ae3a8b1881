"""Permissions: searched, previewed, explained, and what people may leave out."""

import pytest
from flask import Flask

from app.access.effective import permission_names
from app.clients.queries import find_client
from tests.factories import Factory, MadeClient
from tests.support.console import HX, Console
from tests.support.databases import count_statements
from tests.support.markup import Element, parse
from tests.support.parties import BOTH_GRANTS, Parties
from tests.support.relying_party import RelyingParty

HOSTILE = ["%", "'; --", "<b>x</b>", "é" * 9000, "\u202e", "view users", "\x7f"]


@pytest.fixture
def console(parties: Parties, make: Factory) -> Console:
    ada = make.user(name="Ada", administrator=True)
    return Console(parties.browser_of(ada), ada)


@pytest.fixture
def sync(make: Factory) -> MadeClient:
    make.permission("view_orders", description="See orders", group="Shop")
    make.permission("view_stock", group="Shop", is_delegable=True)
    make.role("Clerk", ["view_orders"])
    make.role("Keeper", ["view_orders", "view_stock"])
    return make.client(
        "Sync", grant_types=BOTH_GRANTS, roles=["Clerk"], permissions=["view_users"]
    )


def address(made: MadeClient) -> str:
    return f"/developer/apps/{made.id}/permissions"


def tab(console: Console, made: MadeClient, query: str = "") -> Element:
    page = console.get(address(made) + query)
    assert page.status_code == 200
    return parse(page.text)


def shown(page: Element, field: str) -> list[str]:
    """Return the labels of the boxes of a field that can be seen."""
    rows = page.one("fieldset", id=field).all("div", class_="field-check")
    return [row.one("label").text for row in rows if "hidden" not in row]


def box(page: Element, field: str, label: str) -> str:
    fieldset = page.one("fieldset", id=field)
    (found,) = (one for one in fieldset.all("label") if one.text == label)
    return fieldset.one("input", id=found["for"])["value"]


def explained(console: Console, made: MadeClient, name: str) -> str:
    where = f"?explain={name}"
    return tab(console, made, where).one("div", id="explanation").text


def held(app: Flask, made: MadeClient) -> frozenset[str]:
    with app.app_context():
        client = find_client(made.id)
        assert client is not None
        return permission_names(client.id)


def test_a_search_shows_what_matches_by_name_sentence_or_group(
    console: Console, sync: MadeClient
) -> None:
    page = tab(console, sync, "?q=SHOP")
    assert shown(page, "permissions") == ["view_orders", "view_stock"]
    assert shown(page, "roles") == []
    page = tab(console, sync, "?q=stock")
    assert shown(page, "permissions") == ["view_stock"]
    assert shown(page, "roles") == ["Keeper"]
    assert shown(page, "scopes") == ["view_stock"]
    page = tab(console, sync, "?q=see+orders")
    assert shown(page, "permissions") == ["view_orders"]


def test_each_permission_held_leads_to_its_reason(
    console: Console, sync: MadeClient
) -> None:
    links = tab(console, sync).one(id="effective-rows").all("a")
    assert {link["aria-label"] for link in links} == {
        "Why? view_orders",
        "Why? view_users",
    }
    name = links[0]["aria-label"].removeprefix("Why? ")
    assert links[0]["href"] == f"{address(sync)}?explain={name}#explain"
    page = parse(console.get(links[0]["href"]).text)
    assert "The app holds it directly" in page.one(id="explanation").text


def test_permissions_stand_in_their_groups(console: Console, sync: MadeClient) -> None:
    boxes = tab(console, sync).one("fieldset", id="permissions")
    groups = boxes.all("fieldset", class_="box-group")
    assert "Shop" in [group.one("legend").text for group in groups]


def test_saving_a_narrowed_list_takes_nothing_away(
    app: Flask, console: Console, sync: MadeClient
) -> None:
    before = held(app, sync)
    answer = console.send(f"{address(sync)}?q=nothing", {}, action="/permissions$")
    assert answer.status_code == 303
    assert held(app, sync) == before


def test_ticks_that_are_not_saved_survive_a_search_with_htmx(
    app: Flask, console: Console, sync: MadeClient
) -> None:
    page = tab(console, sync)
    sent = {
        "q": "stock",
        "permissions": [box(page, "permissions", "view_orders")],
        "ask_for": "some",
        "scopes": ["view_stock"],
        "optional_scopes": ["view_stock"],
        "state": page.one("input", name="state", id="state")["value"],
        "version": "1",
    }
    answer = console.browser.client.get(address(sync), query_string=sent, headers=HX)
    assert answer.headers["HX-Replace-Url"] == f"{address(sync)}?q=stock"
    ticked = [b["value"] for b in parse(answer.text).all("input") if "checked" in b]
    assert ticked == [*sent["permissions"], "some", "view_stock", "view_stock"]
    # The same address opened as a page shows what is so.
    answer = console.browser.client.get(address(sync), query_string=sent)
    ticked = [b["value"] for b in parse(answer.text).all("input") if "checked" in b]
    assert len(ticked) == 3
    assert held(app, sync) == {"view_orders", "view_users"}


@pytest.mark.parametrize("hx", [False, True])
def test_a_preview_says_what_would_change_and_saves_nothing(
    app: Flask, console: Console, sync: MadeClient, parties: Parties, hx: bool
) -> None:
    RelyingParty(console.browser, sync.id, sync.secret).act_as_itself()
    page = tab(console, sync)
    values = {
        "step": "preview",
        "roles": [box(page, "roles", "Keeper")],
        "permissions": [],
    }
    answer = console.send(address(sync), values, action="/permissions$", hx=hx)
    assert answer.status_code == 200
    text = parse(answer.text).one(id="holdings").text
    for words in (
        "Added: role Keeper.",
        "Removed: role Clerk, view_users.",
        "It gains: view_stock.",
        "It loses: view_users. 1 live token loses it immediately.",
    ):
        assert words in text, text
    assert held(app, sync) == {"view_orders", "view_users"}
    values["step"] = ""
    console.send(address(sync), values, action="/permissions$")
    said = console.get(address(sync)).text
    assert "added role Keeper; removed role Clerk, view_users" in said


def test_a_swap_of_sources_loses_nothing(console: Console, sync: MadeClient) -> None:
    page = tab(console, sync)
    direct = ("view_users", "view_orders")
    values = {
        "step": "preview",
        "roles": [],
        "permissions": [box(page, "permissions", name) for name in direct],
    }
    answer = console.send(address(sync), values, action="/permissions$")
    assert "What it may do does not change." in answer.text


def test_two_administrators_see_what_their_own_form_would_change(
    app: Flask, console: Console, sync: MadeClient
) -> None:
    page = tab(console, sync)
    stock = box(page, "permissions", "view_stock")
    mine = console.filled({"roles": [], "permissions": [stock]}, action="/permissions$")
    theirs = {"permissions": []}
    console.send(address(sync), theirs, action="/permissions$")
    answer = console.send_again(mine)
    assert answer.status_code == 409
    text = parse(answer.text).one(id="holdings").text
    assert "Added: view_stock." in text
    assert "Removed: role Clerk." in text
    console.browser.page = answer
    assert console.send_again(console.filled(action="/permissions$")).status_code == 303
    assert held(app, sync) == {"view_stock"}


def test_both_ways_of_acting_are_explained(
    console: Console, sync: MadeClient, make: Factory, parties: Parties
) -> None:
    user = make.user(permissions=["view_users"])
    party = RelyingParty(parties.browser_of(user), sync.id, sync.secret)
    party.tokens()
    party.act_as_itself()
    text = explained(console, sync, "view_users")
    assert "As itself yes" in text
    assert "The app holds it directly." in text
    assert "1 live token of its own carries it" in text
    assert "For people if they may" in text
    assert "1 of 1 person who allowed the app holds it themselves." in text
    text = explained(console, sync, "view_orders")
    assert "It comes via role Clerk." in text
    assert "Apps cannot ask people for it" in text
    assert "0 of 1 person who allowed the app hold it" in text
    text = explained(console, sync, "view_stock")
    assert "The app does not hold it. These roles include it: Keeper." in text
    assert "As itself no" in text
    text = explained(console, sync, "manage_users")
    assert "These roles include it: Administrator." in text


def test_what_is_not_asked_for_or_not_in_use_is_said(
    console: Console, make: Factory, sync: MadeClient
) -> None:
    made = make.client("Only", grant_types=["authorization_code"], scopes=[])
    text = explained(console, made, "view_stock")
    assert "the client credentials grant is not enabled" in text
    assert "This app may not ask people for it." in text
    assert "Nobody has allowed the app yet." in text
    made = make.client("Job", permissions=["view_stock"])
    text = explained(console, made, "view_stock")
    assert "the authorization code grant is not enabled" in text
    made = make.client(
        grant_types=["authorization_code"], optional_scopes=("view_stock",)
    )
    assert "and it is optional for people" in explained(console, made, "view_stock")


def test_names_that_are_no_permissions_are_explained_too(
    console: Console, sync: MadeClient
) -> None:
    assert "This is not a permission" in explained(console, sync, "openid")
    text = explained(console, sync, "view_ordrs")
    assert "There is no permission with this name" in text
    assert "Did you mean view_orders" in text
    assert explained(console, sync, "+") == ""
    for name in HOSTILE:
        for key in ("explain", "q"):
            page = console.browser.client.get(address(sync), query_string={key: name})
            assert page.status_code == 200
            assert "<b>x" not in page.text


def test_what_people_may_leave_out_is_saved_and_named(
    app: Flask, console: Console, sync: MadeClient
) -> None:
    values = {
        "ask_for": "some",
        "scopes": ["view_stock"],
        "optional_scopes": ["view_stock", "view_users", "email"],
    }
    console.send(address(sync), values, action="/scopes$")
    said = console.get(address(sync)).text
    assert "may ask people for: view_stock; optional for people: email, view_st" in said
    with app.app_context():
        client = find_client(sync.id)
        assert client is not None
        # What it does not ask for, nobody needs to leave out.
        assert client.optional_scopes == ["email", "view_stock"]
    console.send(address(sync), {}, action="/scopes$")
    assert "Nothing has changed." in console.get(address(sync)).text
    for wrong in ("openid", "manage_system", "x" * 5000):
        values = {"optional_scopes": [wrong]}
        page = console.send(address(sync), values, action="/scopes$")
        assert page.status_code == 422
        assert 'id="optional_scopes-error"' in page.text


def test_a_stale_form_of_scopes_keeps_its_ticks_and_shows_the_difference(
    console: Console, sync: MadeClient
) -> None:
    console.get(address(sync))
    mine = console.filled({"ask_for": "some", "scopes": []}, action="/scopes$")
    values = {"ask_for": "some", "scopes": ["view_stock"]}
    console.send(address(sync), values, action="/scopes$")
    answer = console.send_again(mine)
    assert answer.status_code == 409
    text = parse(answer.text).one(role="alert").text
    assert "may ask people for: removed view_stock" in text
    console.browser.page = answer
    assert console.send_again(console.filled(action="/scopes$")).status_code == 303


def test_the_tab_costs_the_same_however_much_there_is(
    app: Flask, console: Console, make: Factory, sync: MadeClient
) -> None:
    costs = []
    for turn in range(2):
        with count_statements(app) as statements:
            tab(console, sync, "?q=view&explain=view_users")
        costs.append(len(statements))
        for number in range(5):
            make.role(f"Role {turn} {number}", [f"do_{turn}_{number}"])
    assert costs[0] == costs[1]
