"""APIs of others that trust the product: the examples, and strict libraries."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import copy

import pytest
import requests

from interop.driving import PACKAGES, SCRIPTS, listening_script, program, running
from interop.forging import forgeries
from tests.factories import Factory, MadeUser
from tests.support.outside import TIMEOUT, OutsideApp, Person
from tests.support.serving import PROJECT, Served, free_port

EXAMPLES = PROJECT / "examples"
REDIRECT_URI = "https://app.example.com/callback"


@contextmanager
def python_example(name: str, *command: str, issuer: str) -> Iterator[str]:
    """Serve an example in Python as its README says, on a port of its own."""
    port = str(free_port())
    origin = f"http://127.0.0.1:{port}"
    with running(
        [sys.executable, "-m", *command, "--port", port],
        answers_at=origin,
        cwd=EXAMPLES / name,
        env={"PATH": os.environ["PATH"], "ISSUER": issuer, "PYTHONWARNINGS": "error"},
    ):
        yield origin


@contextmanager
def flask_example(issuer: str, _folder: Path) -> Iterator[str]:
    with python_example("flask", "flask", "--app", "app", "run", issuer=issuer) as api:
        yield api


@contextmanager
def fastapi_example(issuer: str, _folder: Path) -> Iterator[str]:
    with python_example("fastapi", "uvicorn", "main:app", issuer=issuer) as api:
        yield api


@contextmanager
def express_example(issuer: str, folder: Path) -> Iterator[str]:
    """Serve a copy of the example beside the packages that are installed here."""
    copy(EXAMPLES / "express" / "server.mjs", folder)
    (folder / "node_modules").symlink_to(PACKAGES)
    port = free_port()
    origin = f"http://127.0.0.1:{port}"
    with running(
        [program("node", "nodejs"), "server.mjs"],
        answers_at=origin,
        cwd=folder,
        env={"PATH": os.environ["PATH"], "ISSUER": issuer, "PORT": str(port)},
    ):
        yield origin


@contextmanager
def jwt_bearer(issuer: str, _folder: Path) -> Iterator[str]:
    facts = {"issuer": issuer, "audience": issuer}
    with listening_script(SCRIPTS / "jwt-bearer.mjs", facts) as api:
        yield api


APIS = {
    "flask-pyjwt": flask_example,
    "fastapi-pyjwt": fastapi_example,
    "express-jose": express_example,
    "express-oauth2-jwt-bearer": jwt_bearer,
}


@pytest.fixture(scope="module", params=APIS)
def api(
    request: pytest.FixtureRequest,
    served: Served,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[str]:
    """The origin of an API of somebody else; each library in turn."""
    folder = tmp_path_factory.mktemp("api")
    with APIS[request.param](served.address, folder) as origin:
        yield origin


@pytest.fixture
def outside(served: Served, make: Factory, person: Person) -> OutsideApp:
    """An app with both grants, and the customer before it."""
    client = make.client(
        grant_types=["authorization_code", "client_credentials"],
        redirect_uris=[REDIRECT_URI],
        permissions=["view_users", "manage_users"],
    )
    return OutsideApp(served, client.id, client.secret, REDIRECT_URI, person)


def call(api: str, token: str | None) -> requests.Response:
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    return requests.get(f"{api}/reports", headers=headers, timeout=TIMEOUT)


def test_good_tokens_open_it(api: str, outside: OutsideApp, customer: MadeUser) -> None:
    own = outside.act_as_itself(scope="view_users").json()["access_token"]
    answer = call(api, own)
    assert answer.status_code == 200, answer.text
    assert answer.json() == {"sub": outside.client_id, "client_id": outside.client_id}
    users = outside.redeem(*outside.authorization_code()).json()["access_token"]
    assert call(api, users).json() == {
        "sub": str(customer.id),
        "client_id": outside.client_id,
    }


def test_without_the_scope_it_stays_shut(api: str, outside: OutsideApp) -> None:
    token = outside.act_as_itself(scope="manage_users").json()["access_token"]
    answer = call(api, token)
    assert answer.status_code == 403
    assert 'error="insufficient_scope"' in answer.headers["WWW-Authenticate"]


def test_without_a_token_it_says_what_it_wants(api: str) -> None:
    answer = call(api, None)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_forged_tokens_do_not_open_it(
    api: str, outside: OutsideApp, served: Served
) -> None:
    token = outside.act_as_itself(scope="view_users").json()["access_token"]
    bad = forgeries(token, served.address)
    statuses = {name: call(api, forged).status_code for name, forged in bad.items()}
    assert statuses == dict.fromkeys(bad, 401)
