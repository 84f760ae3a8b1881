"""What an act has done is said once, at its place, and reading goes on there."""

import pytest
from flask import Flask

from tests.factories import Factory
from tests.support.console import Console
from tests.support.markup import Element, parse

#: The page, the form on it, and the words that it leaves in a card or beside a button.
ACTS = [
    ("settings", "/settings$", "Nothing has changed."),
    ("settings", "/verify$", "The consent screen now shows"),
    ("permissions", "/permissions$", "Nothing has changed."),
    ("permissions", "/scopes$", "Nothing has changed."),
]


def focused(page: Element) -> list[Element]:
    """Return what takes the focus."""
    return [one for one in page.walk() if "autofocus" in one]


@pytest.fixture
def console(app: Flask, make: Factory) -> Console:
    """An administrator's browser."""
    return Console.of_administrator(app, make)


@pytest.mark.parametrize(("tab", "action", "words"), ACTS)
def test_an_act_is_told_at_its_place(
    console: Console, make: Factory, tab: str, action: str, words: str
) -> None:
    page = f"/developer/apps/{make.client().id}/{tab}"
    answer = console.send(page, action=action, hx=True)
    fragment = parse(answer.text)
    assert focused(fragment) == [fragment.one(id="done")]
    assert words in fragment.one(id="done").text
    # It is read aloud, and covers nothing.
    announced = fragment.one(id="status")
    assert words in announced.text
    assert announced.one("p")["class"] == "visually-hidden"


@pytest.mark.parametrize(("tab", "action", "words"), ACTS)
def test_without_javascript_the_page_opens_at_that_place(
    console: Console, make: Factory, tab: str, action: str, words: str
) -> None:
    page = f"/developer/apps/{make.client().id}/{tab}"
    answer = console.send(page, action=action)
    assert (answer.status_code, answer.location) == (303, f"{page}#done")
    seen = parse(console.get(page).text)
    assert words in seen.one(id="done").text
    assert not seen.all(class_="toast")
    assert not parse(console.get(page).text).all(id="done")


def test_what_has_no_place_any_more_is_said_all_the_same(
    console: Console, make: Factory
) -> None:
    page = f"/developer/apps/{make.client().id}"
    console.send(f"{page}/settings", action="/settings$")
    seen = parse(console.get(page).text)
    assert seen.one(class_="toast").text == "Nothing has changed."


@pytest.mark.parametrize("hx", [False, True], ids=["plain", "htmx"])
def test_a_preview_takes_the_focus(console: Console, make: Factory, hx: bool) -> None:
    page = f"/developer/apps/{make.client().id}/permissions"
    answer = console.send(page, {"step": "preview"}, action="/permissions$", hx=hx)
    seen = parse(answer.text)
    assert answer.status_code == 200
    assert focused(seen) == [seen.one(role="alert")]


@pytest.mark.parametrize("hx", [False, True], ids=["plain", "htmx"])
def test_an_overtaken_form_takes_the_focus_to_why(
    console: Console, make: Factory, hx: bool
) -> None:
    page = f"/developer/apps/{make.client().id}/settings"
    console.get(page)
    mine = console.filled({"name": "Mine"}, action="/settings$")
    console.send(page, {"name": "Theirs"}, action="/settings$")
    answer = console.send_again(mine, hx=hx)
    seen = parse(answer.text)
    assert answer.status_code == 409
    assert focused(seen) == [seen.one(role="alert")]
