"""No secret is written to any log, at any level."""

import logging
from collections.abc import Iterator

import pytest
from flask import Flask

from tests.factories import Factory
from tests.support.browsing import Browser
from tests.support.databases import Database
from tests.support.parties import Parties
from tests.support.relying_party import RelyingParty


@pytest.fixture
def talkative(
    app: Flask, database: Database, caplog: pytest.LogCaptureFixture
) -> Iterator[Flask]:
    """An application made while every logger writes everything."""
    caplog.set_level(logging.DEBUG)
    for name in ("authlib", "sqlalchemy.engine", "werkzeug"):
        logging.getLogger(name).setLevel(logging.DEBUG)
    try:
        yield database.make_app()
    finally:
        for name in ("sqlalchemy.engine", "werkzeug"):
            logging.getLogger(name).setLevel(logging.NOTSET)


@pytest.mark.rfc("RFC 6749 §10.3", "tokens are kept confidential, in logs too")
def test_no_secret_reaches_a_log(
    talkative: Flask, make: Factory, caplog: pytest.LogCaptureFixture
) -> None:
    parties = Parties(talkative, make)
    user = make.user(permissions=["view_users"], password="a secret only I know")
    made = parties.confidential(user=user)
    browser = Browser(talkative)
    browser.sign_in(user.email, user.password)
    party = RelyingParty(browser, made.client_id, made.client_secret)
    code = party.allow()["code"]
    tokens = party.redeem(code).get_json()
    later = party.refresh(tokens["refresh_token"]).get_json()
    own = party.act_as_itself().get_json()
    # Failures are where things get written down.
    party.redeem(code)
    party.refresh("gpr_" + "x" * 49)
    party.introspect(own["access_token"])
    party.call(own["access_token"] + "x")
    party.post("/oauth/revoke", token=own["access_token"])
    browser.sign_in(user.email, "a wrong secret of mine")
    with browser.client.session_transaction() as session:
        session_secret = session.get("_user_id", "gpu_none")
    secrets = {
        "code": code,
        "access token": tokens["access_token"],
        "signature": own["access_token"].rpartition(".")[2],
        "refresh token": tokens["refresh_token"],
        "successor": later["refresh_token"],
        "client secret": str(party.client_secret),
        "verifier": party.code_verifier,
        "password": user.password,
        "wrong password": "a wrong secret of mine",
        "session": session_secret,
    }
    assert len(caplog.records) > 50, "the log is not being read"
    for record in caplog.records:
        written = f"{record.getMessage()} {record.__dict__}"
        for name, secret in secrets.items():
            assert secret not in written, (name, record.name)


def test_authlib_is_kept_from_writing_tokens(talkative: Flask) -> None:
    # Whatever the root's level is, and was when the application was made.
    for name in ("authlib", "authlib.oauth2.rfc6749.grants.authorization_code"):
        assert not logging.getLogger(name).isEnabledFor(logging.DEBUG)
