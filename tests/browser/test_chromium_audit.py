"""The audit log and the start page in a browser, with htmx and without JavaScript."""

import csv
import re
import uuid

import pytest
from playwright.sync_api import Page, expect

from app.audit.actor import SERVER, Actor
from app.audit.services import record
from app.clients.queries import find_client
from app.clients.secrets import revoke_secret
from app.clock import utcnow
from app.extensions import db
from app.traffic.models import HourlyCount, RefusedRequest, begin_of_hour
from tests.factories import Factory, MadeUser
from tests.support.chromium import OpenWindow, Window, is_fit_for_people

#: Long, without a blank, from right to left and with markup in them, as names may be.
HOSTILE = f"\u05e9\u05dc\u05d5\u05dd <b>{'W' * 60}"


@pytest.fixture
def auditor(make: Factory) -> MadeUser:
    """An administrator, and a log in which somebody else did something."""
    name = f"Grace {uuid.uuid4().hex[:8]}"
    made = make.client(HOSTILE[:100], permissions=["view_users"])
    with make.app.app_context():
        for number in range(26):
            record(
                actor=Actor(
                    kind="user",
                    label=name,
                    ip_address="2001:db8:85a3:8d3:1319:8a2e:370:7348",
                    reference_id="abcdef012345",
                ),
                action="client.updated",
                subject_kind="client",
                subject_id=uuid.UUID(made.id),
                subject_label=made.name,
                details={"name": [f"App {number}", HOSTILE], "scopes": [[], ["a"]]},
            )
        client = find_client(made.id)
        assert client is not None
        revoke_secret(actor=SERVER, secret=client.secrets[0])
        db.session.add_all(
            [
                HourlyCount(
                    client_id=client.id,
                    hour=begin_of_hour(utcnow()),
                    tokens=123_456,
                    calls=1,
                    refusals=7,
                ),
                RefusedRequest(
                    fold_key=uuid.uuid4().hex[:16],
                    endpoint="token",
                    reason="secret_wrong",
                    client_id=client.id,
                ),
            ]
        )
        db.session.commit()
    return make.user(name=name, administrator=True)


def narrow(page: Page, auditor: MadeUser) -> None:
    page.get_by_label("Actor, by name or ID").fill(auditor.name)
    page.get_by_label("Action").select_option(label="changed the settings")
    page.get_by_role("button", name="Apply").click()


@pytest.mark.parametrize("has_scripts", [True, False], ids=["htmx", "plain"])
def test_the_log_is_narrowed_read_and_taken_away(
    open_window: OpenWindow, auditor: MadeUser, has_scripts: bool
) -> None:
    window = open_window(auditor, java_script_enabled=has_scripts)
    page = window.page
    page.get_by_role("link", name="Audit log", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Audit log")
    narrow(page, auditor)
    expect(page.get_by_text("1 to 20 of 26 events")).to_be_visible()
    assert "action=client.updated" in page.url

    event = page.get_by_role("row").nth(1)
    expect(event).to_contain_text(auditor.name)
    event.locator("summary").click()
    expect(event.get_by_text("reference ID")).to_be_visible()
    expect(event.locator("del").first).to_have_text("App 25")

    page.get_by_role("link", name="Next page").click()
    expect(page.get_by_text("21 to 26 of 26 events")).to_be_visible()
    if has_scripts:
        # Put in place by htmx: the next key goes on from the heading.
        expect(page.get_by_role("heading", level=1)).to_be_focused()
    with page.expect_download() as download:
        page.get_by_role("button", name="Export as CSV").click()
    with download.value.path().open(encoding="utf-8", newline="") as file:
        assert len(list(csv.DictReader(file))) == 26
    page.get_by_label("Action").select_option(label="exported")
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_role("row").nth(1)).to_contain_text("the audit log")


def test_the_log_by_keyboard_alone(open_window: OpenWindow, auditor: MadeUser) -> None:
    page = open_window(auditor).page
    page.goto(page.url.partition("/account")[0].partition("/developer")[0] + "/audit")
    page.get_by_label("Actor, by name or ID").focus()
    page.keyboard.type(auditor.name)
    page.keyboard.press("Enter")
    expect(page.get_by_text("of 27 events")).to_be_visible()
    summary = page.locator("#event-rows summary").first
    summary.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#event-rows details[open]")).to_have_count(1)


@pytest.mark.parametrize("path", ["/audit", "/developer"])
def test_it_is_fit_for_people(
    open_window: OpenWindow, auditor: MadeUser, path: str
) -> None:
    window = open_window(auditor, reduced_motion="reduce")
    window.open(path)
    for summary in window.page.locator("main summary").all()[:4]:
        summary.click()
    is_fit_for_people(window)


@pytest.mark.parametrize("has_scripts", [True, False], ids=["htmx", "plain"])
def test_the_start_page_leads_to_what_needs_attention(
    open_window: OpenWindow, auditor: MadeUser, has_scripts: bool
) -> None:
    window: Window = open_window(auditor, java_script_enabled=has_scripts)
    page = window.page
    window.open("/developer")
    plot = page.locator("#traffic")
    expect(plot.get_by_role("img", name="Requests per hour")).to_be_visible()
    plot.get_by_text("As a table").click()
    expect(plot.get_by_role("row").last).to_contain_text(re.compile(r"\d,\d{3}"))
    expect(page.locator("#refused")).to_contain_text("Token")
    page.locator("#attention").get_by_role("link").first.click()
    expect(page).to_have_url(re.compile("/developer/apps/"))
