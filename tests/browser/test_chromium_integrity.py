"""A script that is not the one whose hash the page names."""

from playwright.sync_api import expect

from app.config import HTMX_URL
from tests.factories import Factory
from tests.support.chromium import OpenWindow, package_file


def test_a_changed_htmx_is_not_run_and_not_needed(
    open_window: OpenWindow, make: Factory
) -> None:
    client = make.client("Nightly Report")
    window = open_window(make.user(administrator=True))
    page = window.page
    page.route(
        HTMX_URL,
        lambda route: route.fulfill(
            body=package_file("htmx.org/dist/htmx.min.js") + "// changed",
            content_type="application/javascript",
            headers={"Access-Control-Allow-Origin": "*"},
        ),
    )
    window.open(f"/developer/apps/{client.id}/settings")
    assert page.evaluate("typeof htmx") == "undefined"
    page.get_by_role("link", name="Tokens").click()
    expect(page.get_by_role("heading", name="No live token")).to_be_visible()
    # What the second page complains of may come late, but not after its end.
    page.close()
    assert window.complaints
    assert all("integrity" in complaint for complaint in window.complaints)
    window.complaints.clear()
