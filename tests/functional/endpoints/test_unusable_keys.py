"""Keys that cannot be used: every edge says so and names the command."""

import base64
import logging
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.config import Settings
from app.keys.ring import ring_of
from tests.factories import Factory
from tests.support.browsing import Browser
from tests.support.console import Console
from tests.support.keys import TEST_PRIVATE_KEY, TEST_PUBLIC_KEY
from tests.support.parties import Parties
from tests.support.relying_party import RelyingParty
from tests.support.trying import ISSUER, Trying

COMMAND = "flask passport:keys"
VALUES = ("passport_private_key", "passport_public_key")
FILES = tuple(f"{name}_file" for name in VALUES)
Break = Callable[[], None]

PROGRAMS: dict[str, Callable[[RelyingParty, str], TestResponse]] = {
    "token": lambda party, _: party.act_as_itself(),
    "revoke": lambda party, token: party.post("/oauth/revoke", token=token),
    "introspect": lambda party, token: party.post("/oauth/introspect", token=token),
    "userinfo": lambda party, token: party.call(token, "/oauth/userinfo"),
    "verify": lambda party, token: party.call(token, "/oauth/verify"),
    "jwks": lambda party, token: party.call(token, "/.well-known/jwks.json"),
    "api": lambda party, token: party.call(token),
}


@pytest.fixture(params=["missing", "broken", "gone"])
def break_keys(
    request: pytest.FixtureRequest, tmp_path: Path, configure: Callable[..., None]
) -> Break:
    """Make the keys of the running application unusable, in each way that they can."""

    def do_break() -> None:
        if request.param == "missing":
            configure(**dict.fromkeys(VALUES, ""))
        elif request.param == "broken":
            configure(passport_private_key="no key")
        else:
            files = {name: str(tmp_path / name) for name in FILES}
            configure(**dict.fromkeys(VALUES, ""), **files)

    return do_break


@pytest.mark.parametrize("edge", PROGRAMS)
def test_programs_get_a_problem_that_names_the_command(
    parties: Parties, break_keys: Break, tmp_path: Path, edge: str
) -> None:
    party = parties.confidential()
    token = party.act_as_itself().get_json()["access_token"]
    break_keys()
    answer = PROGRAMS[edge](party, token)
    assert answer.status_code == 503
    assert answer.content_type == "application/problem+json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.get_json()["title"] == "Signing keys are missing"
    assert COMMAND in answer.get_json()["detail"]
    # Strangers learn nothing of what is where.
    assert str(tmp_path) not in answer.text


@pytest.mark.parametrize("address", ["/oauth/authorize", "/oauth/logout"])
def test_people_get_a_page_that_names_the_command(
    parties: Parties, break_keys: Break, address: str
) -> None:
    party = parties.confidential()
    hint = party.tokens(scope="openid")["id_token"]
    break_keys()
    query = {"id_token_hint": hint}
    if address == "/oauth/authorize":
        query |= party.authorization_parameters(scope="openid", prompt="none")
    answer = party.browser.get(f"{address}?{urlencode(query)}")
    assert answer.status_code == 503
    assert answer.mimetype == "text/html"
    assert COMMAND in answer.text


def test_it_is_not_ready_and_the_console_says_why(
    app: Flask, make: Factory, browser: Browser, break_keys: Break, tmp_path: Path
) -> None:
    console = Console.of_administrator(app, make)
    break_keys()
    answer = app.test_client().get("/readyz")
    assert answer.status_code == 503
    assert COMMAND in answer.text
    assert str(tmp_path) not in answer.text
    page = console.get("/developer")
    assert page.status_code == 200
    assert "No token can be issued" in page.text
    assert COMMAND in page.text


def test_administrators_see_in_the_console_and_in_the_log_what_is_wrong(
    app: Flask,
    make: Factory,
    configure: Callable[..., None],
    caplog: pytest.LogCaptureFixture,
) -> None:
    console = Console.of_administrator(app, make)
    configure(**dict.fromkeys(VALUES, ""), **dict.fromkeys(FILES, "/nowhere/key"))
    with caplog.at_level(logging.ERROR):
        page = console.get("/developer").text
    why = "/nowhere/key cannot be read: No such file or directory"
    assert f"PASSPORT_PRIVATE_KEY_FILE: {why}" in page
    assert why in caplog.text


def test_a_trial_in_the_console_says_so(
    app: Flask, make: Factory, configure: Callable[..., None], break_keys: Break
) -> None:
    configure(app_url=ISSUER)
    client = make.client(permissions=["view_users"])
    trying = Trying(Console.of_administrator(app, make), client.id)
    break_keys()
    assert COMMAND in trying.act_as_itself().text


def test_files_that_come_back_are_used_by_the_next_request(
    parties: Parties, tmp_path: Path, configure: Callable[..., None]
) -> None:
    party = parties.confidential()
    code = party.allow()["code"]
    files = {name: tmp_path / name for name in FILES}
    configure(
        **dict.fromkeys(VALUES, ""), **{name: str(file) for name, file in files.items()}
    )
    assert party.redeem(code).status_code == 503
    for file, key in zip(
        files.values(), (TEST_PRIVATE_KEY, TEST_PUBLIC_KEY), strict=True
    ):
        file.write_bytes(base64.b64decode(key))
    assert party.redeem(code).status_code == 200
    settings: Settings = parties.app.extensions["gatepass_settings"]
    assert settings.passport_private_key == ""
    ring_of.cache_clear()
