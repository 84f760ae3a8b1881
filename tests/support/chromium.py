"""Chromium before a served product, cut off from everybody else."""

import json
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Page,
    Route,
    expect,
    sync_playwright,
)

from app.config import HTMX_URL, PROJECT_ROOT

PACKAGES = PROJECT_ROOT / "build" / "npm" / "node_modules"
#: Where a closed network might keep the older htmx, which the pages suit as well.
HTMX_2_URL = "https://assets.example.com/htmx-2.0.11.min.js"
#: What browsers may load from elsewhere, and the package that has it.
ELSEWHERE = {
    HTMX_URL: "htmx.org/dist/htmx.min.js",
    HTMX_2_URL: "htmx-2/dist/htmx.min.js",
}
NAMES = ("chromium", "chromium-browser", "google-chrome")
#: What no page needs: suggestions while an address is typed, a process for each window
#: that takes as long as the page in it, and what asks elsewhere. Playwright's own list
#: is replaced by ours, so what steadies pages is here too.
NEEDLESS = (
    "WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "AimEnabled", "PreconnectToSearch",
    "MediaRouter", "OptimizationHints", "NetworkTimeServiceQuerying", "LensOverlay",
    "HttpsUpgrades", "HttpsFirstBalancedModeAutoEnable", "PaintHolding",
    "DestroyProfileOnBrowserClose", "AvoidUnnecessaryBeforeUnloadCheckSync",
    "AvoidCorsURLLoaderRestartOnRedirect", "ThirdPartyStoragePartitioning",
)  # fmt: skip
#: Without these Chromium asks its maker for this and that at every start.
QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-default-apps", "--disable-domain-reliability", "--disable-extensions",
    f"--disable-features={','.join(NEEDLESS)}",
    # Redirects do not pass by our handler: no name but ours leads anywhere.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)  # fmt: skip
#: A busy machine is slow; nothing is waited for longer than it takes.
PATIENCE_MS = 20_000
#: Tells the console of what the policy stopped, whatever Chromium itself writes there.
_TELL_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) => console.error(
  `policy: ${event.effectiveDirective} stopped ${event.blockedURI}`));
"""
_FAILED_STATUS = re.compile(r"Failed to load resource: .* status of (\d{3})")


def find_chromium() -> str | None:
    """Return where Chromium is installed, if it is."""
    return next(filter(None, map(shutil.which, NAMES)), None)


@contextmanager
def launched() -> Iterator[Browser]:
    """Start Chromium without a window."""
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=find_chromium(), headless=True, args=list(QUIET)
        )
        yield chromium
        chromium.close()


@cache
def package_file(path: str) -> str:
    """Return a file of the npm packages that `make browser-assets` installs."""
    file = PACKAGES / path
    if not file.exists():
        pytest.fail(f"{path} is missing: run `make browser-assets`")
    return file.read_text(encoding="utf-8")


@dataclass
class Window:
    """A browser of one person, with everything it complained about."""

    context: BrowserContext
    page: Page
    origin: str
    friends: frozenset[str]
    #: Statuses of refusals that the test means to cause.
    expected: set[int] = field(default_factory=set)
    complaints: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)

    def open(self, path: str) -> None:
        """Open a page of the product."""
        self.page.goto(f"{self.origin}{path}")

    def sign_in(self, email: str, password: str) -> None:
        """Fill in the sign-in form that is open."""
        self.page.get_by_label("E-mail address").fill(email)
        self.page.get_by_label("Password").fill(password)
        self.page.get_by_role("button", name="Sign in").click()

    def expect(self, *statuses: int) -> None:
        """Take answers with these statuses for what they are meant to be."""
        self.expected.update(statuses)

    def wait_until(self, holds: Callable[[], bool]) -> None:
        """Wait until something holds, as long as for anything else."""
        for _ in range(PATIENCE_MS // 50):
            if holds():
                return
            self.page.wait_for_timeout(50)
        raise AssertionError("waited in vain")

    def watch(self) -> None:
        """Notice complaints, and let requests go nowhere but where they may."""
        self.context.on("console", self._hear)
        self.context.on(
            "weberror", lambda error: self.complaints.append(str(error.error))
        )
        self.context.add_init_script(_TELL_VIOLATIONS)
        self.context.route("**/*", self._lead)

    def check(self) -> None:
        """Fail if anything was wrong at any moment."""
        assert self.complaints == []
        assert self.strangers == []

    def wide(self) -> list[str]:
        """Return the elements that reach over the right edge of the page."""
        found: list[str] = self.page.evaluate(_OVERFLOWING)
        return found

    def axe(self, *rules: str) -> list[str]:
        """Return what axe-core finds wrong, by `rules` or by all that it has."""
        if self.page.evaluate("typeof axe === 'undefined'"):
            self.page.evaluate(package_file("axe-core/axe.min.js"))
        options: dict[str, Any] = {"resultTypes": ["violations"]}
        if rules:
            options["runOnly"] = {"type": "rule", "values": list(rules)}
        found = self.page.evaluate(f"axe.run(document, {json.dumps(options)})")
        return [
            f"{violation['id']}: {node['target']} {node['failureSummary']}"
            for violation in found["violations"]
            for node in violation["nodes"]
        ]

    def _hear(self, message: Any) -> None:
        if message.type not in {"error", "warning"}:
            return
        refused = _FAILED_STATUS.match(message.text)
        if refused and int(refused[1]) in self.expected:
            return
        self.complaints.append(f"{message.type}: {message.text}")

    def _lead(self, route: Route) -> None:
        url = route.request.url
        parts = urlsplit(url)
        if f"{parts.scheme}://{parts.netloc}" in {self.origin, *self.friends}:
            route.continue_()
        elif url in ELSEWHERE:
            route.fulfill(
                body=package_file(ELSEWHERE[url]),
                content_type="application/javascript; charset=utf-8",
                headers={"Access-Control-Allow-Origin": "*"},
            )
        else:
            self.strangers.append(url)
            route.abort()


def is_fit_for_people(window: Window) -> None:
    """Judge the page as it is: in the light, in the dark and on a phone."""
    expect(window.page.get_by_role("heading", level=1)).to_have_count(1)
    _nothing(window.axe())
    window.page.emulate_media(color_scheme="dark")
    _nothing(window.axe("color-contrast"))
    window.page.set_viewport_size({"width": 375, "height": 800})
    _nothing(window.wide())
    _nothing(window.axe("target-size", "scrollable-region-focusable"))


def _nothing(found: list[str]) -> None:
    """Fail with what was found."""
    assert found == [], "\n".join(found)


#: Opens a window: for whom, and with which of Playwright's options.
OpenWindow = Callable[..., Window]

_OVERFLOWING = """() => {
  const edge = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= edge) return [];
  const reaches = (element) => element.getBoundingClientRect().right > edge + 1;
  return [...document.body.querySelectorAll("*")]
    .filter((element) => reaches(element) && ![...element.children].some(reaches))
    .map((element) => element.outerHTML.slice(0, 200));
}"""
