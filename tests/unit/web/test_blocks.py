"""The macros that pages are built of."""

import pytest
from flask import Flask, render_template_string

from app import web
from app.web.counting import Count
from app.web.pagination import Page
from tests.support.markup import Element, parse

IMPORTS = "".join(
    f'{{% import "web/{name}.html" as {name} with context %}}'
    for name in ("blocks", "forms", "secrets", "tables", "tabs")
)
HTMX = {"HX-Request": "true"}


def rendered(
    pages: Flask,
    source: str,
    *,
    address: str = "/samples/users",
    headers: dict[str, str] | None = None,
    **context: object,
) -> Element:
    """Return the tree of a template's source."""
    with pages.test_request_context(address, headers=headers):
        if context.pop("is_inside", False):
            web.keep_focus_inside()
        return parse(render_template_string(IMPORTS + source, **context))


@pytest.mark.parametrize(
    ("headers", "is_inside", "is_focused"),
    [(HTMX, False, True), (None, False, False), (HTMX, True, False)],
)
def test_the_heading_of_a_new_panel_takes_the_focus(
    pages: Flask,
    headers: dict[str, str] | None,
    is_inside: bool,
    is_focused: bool,
) -> None:
    tree = rendered(
        pages, '{{ blocks.heading("Apps") }}', headers=headers, is_inside=is_inside
    )
    heading = tree.one("h1")
    assert heading["tabindex"] == "-1"
    assert ("autofocus" in heading) is is_focused


def test_the_current_tab_is_said_and_every_tab_is_a_real_link(pages: Flask) -> None:
    tree = rendered(
        pages,
        '{{ tabs.tabs([("a", "Settings", "/a"), ("b", "Tokens", "/b")], "b") }}',
    )
    links = tree.one("nav", aria_label="Sections").all("a")
    assert [link.attributes.get("aria-current") for link in links] == [None, "page"]
    for link in links:
        assert link["hx-get"] == link["href"]
        assert (link["hx-target"], link["hx-swap"]) == ("#panel", "outerHTML")
        assert link["hx-push-url"] == "true"


def test_sorting_turns_round_and_keeps_the_filters(pages: Flask) -> None:
    source = (
        "<table><tr>{{ tables.sort_heading('Name', 'name', sort) }}"
        "{{ tables.sort_heading('Used', 'used', sort) }}</tr></table>"
    )
    address = "/samples/users?q=a%26b&sort=name&page=3"
    tree = rendered(pages, source, address=address, sort="name")
    name, used = tree.all("th")
    assert name["aria-sort"] == "ascending"
    assert name.one("a")["href"] == "/samples/users?q=a%26b&sort=-name"
    assert "aria-sort" not in used
    assert used.one("a")["href"] == "/samples/users?q=a%26b&sort=used"
    tree = rendered(pages, source, address=address, sort="-name")
    assert tree.all("th")[0]["aria-sort"] == "descending"
    assert tree.all("a")[0]["href"] == "/samples/users?q=a%26b&sort=name"


def test_pages_are_links_that_keep_the_rest_of_the_address(pages: Flask) -> None:
    page = Page(items=[1] * 25, page=4, per_page=25, total=Count(311))
    tree = rendered(
        pages,
        '{{ tables.pagination(page, "apps") }}',
        address="/samples/users?q=x&page=4&_anchor=top&_external=1&endpoint=x",
        page=page,
    )
    nav = tree.one("nav", aria_label="Pages")
    assert nav.one("p").text == "76 to 100 of 311 apps"
    assert nav.one(aria_current="page").text == "4"
    assert nav.one("a", aria_label="Previous page")["href"] == (
        "/samples/users?q=x&page=3"
    )
    assert [link.text for link in nav.all("a")] == ["‹", "1", "3", "5", "13", "›"]


def test_a_list_on_one_page_shows_its_length_only(pages: Flask) -> None:
    page = Page(items=[1, 2], page=1, per_page=25, total=Count(2))
    tree = rendered(pages, '{{ tables.pagination(page, "apps") }}', page=page)
    assert not tree.all("a")
    empty = Page[int](items=[], page=1, per_page=25, total=Count(0))
    assert not rendered(pages, "{{ tables.pagination(p) }}", p=empty).all("nav")


def test_filters_work_without_javascript(pages: Flask) -> None:
    source = (
        "{% call tables.filters('/apps') %}{{ tables.search_box(value=q) }}"
        "{{ tables.choice('status', 'Status', [('', 'Any'), ('on', 'On')], 'on') }}"
        "{% endcall %}"
    )
    form = rendered(pages, source, q='"><b>').one("form", role="search")
    assert (form["method"], form["action"], form["hx-get"]) == ("get", "/apps", "/apps")
    search = form.one("input", name="q")
    assert search["value"] == '"><b>'
    assert form.one("label", for_=search["id"]).text == "Search"
    assert form.one("option", value="on").attributes["selected"] == ""
    assert form.one("button", type="submit")


def test_a_secret_can_be_copied_and_is_named(pages: Flask) -> None:
    tree = rendered(pages, '{{ secrets.secret_box("gps_x") }}')
    box = tree.one("section", class_="secret")
    assert tree.one(id=box["aria-labelledby"]).text == "Client secret"
    assert tree.one("output").text == "gps_x"
    button = tree.one("button")
    assert tree.one(id=button["data-copy"]).text == "gps_x"
    assert button["type"] == "button"
    assert "only once" in box.text


def test_copy_buttons_say_what_they_copy(pages: Flask) -> None:
    tree = rendered(
        pages,
        '{{ secrets.copyable("0193", "cid", "client ID") }}'
        '{{ secrets.code_block("curl <x>", "curl", "curl") }}',
    )
    assert [button.text for button in tree.all("button")] == [
        "Copy client ID",
        "Copy curl",
    ]
    assert tree.one("code", id="curl").text == "curl <x>"


def test_a_notice_that_was_just_caused_takes_the_focus_once(pages: Flask) -> None:
    tree = rendered(
        pages,
        '{% call blocks.notice("info") %}old{% endcall %}'
        '{% call blocks.notice("warning", is_urgent=true) %}new{% endcall %}'
        '{% call blocks.notice("warning", is_urgent=true) %}second{% endcall %}',
    )
    assert [one.text for one in tree.walk() if "autofocus" in one] == ["new"]
    assert [one.text for one in tree.all(role="alert")] == ["new", "second"]


def test_the_way_here_is_said(pages: Flask) -> None:
    tree = rendered(
        pages,
        '{% call blocks.page_head(name, "Lead.", [("Apps", "/apps")]) %}x{% endcall %}',
        name="<i>Sync</i>",
    )
    crumbs = tree.one("nav", aria_label="Breadcrumb")
    assert crumbs.one("a")["href"] == "/apps"
    assert crumbs.one("li", aria_current="page").text == "<i>Sync</i>"
    assert tree.one("h1").text == "<i>Sync</i>"
    assert tree.one(class_="actions").text == "x"


def test_small_pieces(pages: Flask) -> None:
    tree = rendered(
        pages,
        '{{ blocks.badge("Enabled", "success") }}'
        '{{ blocks.facts([("Owner", "<b>")]) }}'
        '{% call blocks.notice("warning", "Mind", is_urgent=true) %}now{% endcall %}'
        '{% call blocks.empty_state("No apps") %}<p>Begin</p>{% endcall %}'
        '{% call blocks.card("Delete", "delete", "danger") %}<p>It</p>{% endcall %}'
        '{{ blocks.panel_link("More", "/more") }}',
    )
    assert tree.one(class_="badge badge-success").text == "Enabled"
    assert (tree.one("dt").text, tree.one("dd").text) == ("Owner", "<b>")
    assert tree.one(role="alert").one("h2").text == "Mind"
    assert tree.one(class_="card empty").one("h2").text == "No apps"
    card = tree.one("section", id="delete")
    assert tree.one(id=card["aria-labelledby"]).text == "Delete"
    assert tree.one("a", href="/more")["hx-get"] == "/more"
