"""Several tabs answer for one app at the same moment: each counts, one row stands."""

from collections.abc import Callable
from functools import partial
from urllib.parse import parse_qsl, urljoin, urlsplit

import pytest
import requests

from app.tokens.pkce import challenge_for
from tests.support.databases import DATABASES
from tests.support.markup import parse
from tests.support.outside import TIMEOUT, OutsideApp, register_app
from tests.support.pages import form_in
from tests.support.racing import at_once
from tests.support.serving import Served

VERIFIER = "v" * 43
ROUNDS = 2
DURATIONS = ("month", "always", "once", "month", "always", "once")


@pytest.fixture(scope="module", params=DATABASES)
def outside(
    request: pytest.FixtureRequest, products: Callable[[str], Served]
) -> OutsideApp:
    """An app that is the only one its customer ever allows."""
    served = products(request.param)
    app = register_app(served, "Many Tabs")
    app.sign_in("tabs@example.com", served.make_user("tabs@example.com"))
    return app


def open_screen(app: OutsideApp) -> list[tuple[str, str]]:
    """Open another tab with the app's request, and return the form in it."""
    query = {
        "response_type": "code",
        "client_id": app.client_id,
        "redirect_uri": app.redirect_uri,
        "scope": "openid",
        "prompt": "consent",
        "code_challenge": challenge_for(VERIFIER),
        "code_challenge_method": "S256",
    }
    address = requests.Request("GET", "http://x/oauth/authorize", params=query)
    path = str(address.prepare().url).removeprefix("http://x")
    page = app.person.open(path)
    return form_in(page.text, "/oauth/consent").filled_in({"decision": "allow"})


def press(app: OutsideApp, form: list[tuple[str, str]]) -> str:
    answer = requests.post(
        urljoin(app.served.address, "/oauth/consent"),
        data=form,
        cookies=app.person.browser.cookies.get_dict(),
        allow_redirects=False,
        timeout=TIMEOUT,
    )
    assert answer.status_code in {302, 303}, answer.text
    return dict(parse_qsl(urlsplit(answer.headers["Location"]).query))["code"]


def test_tabs_that_answer_at_once(outside: OutsideApp) -> None:
    for _ in range(ROUNDS):
        tries = []
        for duration in DURATIONS:
            form = [(n, v) for n, v in open_screen(outside) if n != "duration"]
            tries.append(partial(press, outside, [*form, ("duration", duration)]))
        tokens = [outside.redeem(c, VERIFIER).json() for c in at_once(tries)]
        assert all(outside.is_active(given["access_token"]) for given in tokens)
        apps = outside.person.open("/account/apps")
        assert len(parse(apps.text).all("article")) == 1
        # All of it ends by one removal, and nothing is left that answers unseen.
        remove = next(
            link["href"]
            for link in parse(apps.text).all("a")
            if link.attributes.get("href", "").endswith("/remove")
        )
        outside.person.open(remove)
        outside.person.submit({}, action="/remove$")
        assert not any(outside.is_active(given["refresh_token"]) for given in tokens)


def test_a_dispute_sent_twice_at_once_is_one_case(outside: OutsideApp) -> None:
    form = open_screen(outside)
    press(outside, form)
    apps = parse(outside.person.open("/account/apps").text)
    dispute = next(
        link["href"]
        for link in apps.all("a")
        if link.attributes.get("href", "").endswith("/dispute")
    )
    page = outside.person.open(dispute)
    data = form_in(page.text, "/dispute$").filled_in({})

    def send() -> str:
        answer = requests.post(
            urljoin(outside.served.address, dispute),
            data=data,
            cookies=outside.person.browser.cookies.get_dict(),
            allow_redirects=False,
            timeout=TIMEOUT,
        )
        assert answer.status_code == 303, answer.text
        return answer.headers["Location"]

    assert len(set(at_once([send] * 4))) == 1
