"""APIs of others that trust the product: the examples, and strict libraries."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from shutil import copy

import pytest
import requests

from interop.driving import PACKAGES, SCRIPTS, listening_script, program, running
from interop.forging import forgeries
from tests.factories import Factory, MadeUser
from tests.support.outside import TIMEOUT, OutsideApp, Person
from tests.support.serving import PROJECT, Served, free_port

pytestmark = pytest.mark.ci

EXAMPLES = PROJECT / "examples"
REDIRECT_URI = "https://app.example.com/callback"


@dataclass(frozen=True)
class Trust:
    """Whom an API trusts, and by which name it is known there."""

    issuer: str
    audience: str

    @property
    def environment(self) -> dict[str, str]:
        """What the examples read."""
        return {
            "PATH": os.environ["PATH"],
            "ISSUER": self.issuer,
            "AUDIENCE": self.audience,
        }


@contextmanager
def python_example(name: str, *command: str, trust: Trust) -> Iterator[str]:
    """Serve an example in Python as its README says, on a port of its own."""
    port = str(free_port())
    origin = f"http://127.0.0.1:{port}"
    with running(
        [sys.executable, "-m", *command, "--port", port],
        answers_at=origin,
        cwd=EXAMPLES / name,
        env=trust.environment | {"PYTHONWARNINGS": "error"},
    ):
        yield origin


@contextmanager
def flask_example(trust: Trust, _folder: Path) -> Iterator[str]:
    with python_example("flask", "flask", "--app", "app", "run", trust=trust) as api:
        yield api


@contextmanager
def fastapi_example(trust: Trust, _folder: Path) -> Iterator[str]:
    with python_example("fastapi", "uvicorn", "main:app", trust=trust) as api:
        yield api


@contextmanager
def express_example(trust: Trust, folder: Path) -> Iterator[str]:
    """Serve a copy of the example beside the packages that are installed here."""
    copy(EXAMPLES / "express" / "server.mjs", folder)
    (folder / "node_modules").symlink_to(PACKAGES)
    port = free_port()
    origin = f"http://127.0.0.1:{port}"
    with running(
        [program("node", "nodejs"), "server.mjs"],
        answers_at=origin,
        cwd=folder,
        env=trust.environment | {"PORT": str(port)},
    ):
        yield origin


@contextmanager
def nginx_example(trust: Trust, folder: Path) -> Iterator[str]:
    """Serve the example's API behind nginx, with our addresses in its configuration."""
    port, api_port = free_port(), free_port()
    origin, api = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{api_port}"
    addresses = {
        "http://127.0.0.1:8000": trust.issuer,
        "http://127.0.0.1:9000": api,
        "listen 127.0.0.1:8080": f"listen 127.0.0.1:{port}",
    }
    site = (EXAMPLES / "nginx" / "gatepass.conf").read_text()
    for shown, ours in addresses.items():
        assert shown in site
        site = site.replace(shown, ours)
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    paths = "".join(f"{kind}_temp_path {folder}/{kind};\n" for kind in kinds)
    (folder / "nginx.conf").write_text(
        f"daemon off; pid {folder}/nginx.pid; events {{}}\n"
        f"http {{ access_log off;\n{paths}{site}}}\n"
    )
    path = {"PATH": os.environ["PATH"]}
    with (
        running(
            [sys.executable, str(EXAMPLES / "nginx" / "api.py")],
            answers_at=api,
            env=path | {"PORT": str(api_port)},
        ),
        running(
            [program("nginx"), "-e", "stderr", "-c", f"{folder}/nginx.conf"],
            answers_at=origin,
            env=path,
        ),
    ):
        yield origin


@contextmanager
def jwt_bearer(trust: Trust, _folder: Path) -> Iterator[str]:
    with listening_script(SCRIPTS / "jwt-bearer.mjs", asdict(trust)) as api:
        yield api


APIS = {
    "flask-pyjwt": flask_example,
    "fastapi-pyjwt": fastapi_example,
    "express-jose": express_example,
    "express-oauth2-jwt-bearer": jwt_bearer,
    "nginx-auth-request": nginx_example,
}


@pytest.fixture(scope="module", params=APIS)
def api(
    request: pytest.FixtureRequest,
    served: Served,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[str]:
    """The origin of an API of somebody else; each library in turn."""
    folder = tmp_path_factory.mktemp("api")
    with APIS[request.param](Trust(served.address, served.address), folder) as origin:
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


def call(api: str, token: str | None, **more: str) -> requests.Response:
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    return requests.get(f"{api}/reports", headers=headers | more, timeout=TIMEOUT)


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


@pytest.mark.parametrize("name", [name for name in APIS if "nginx" not in name])
def test_a_token_for_another_api_does_not_open_it(
    name: str, outside: OutsideApp, served: Served, tmp_path: Path
) -> None:
    token = outside.act_as_itself(scope="view_users").json()["access_token"]
    trust = Trust(served.address, "https://files.example.com")
    with APIS[name](trust, tmp_path) as api:
        assert call(api, token).status_code == 401


def test_an_id_token_does_not_open_it(api: str, outside: OutsideApp) -> None:
    code, verifier = outside.authorization_code(scope="openid view_users")
    answer = outside.redeem(code, verifier).json()
    assert call(api, answer["access_token"]).status_code == 200
    assert call(api, answer["id_token"]).status_code == 401


def test_forged_tokens_do_not_open_it(
    api: str, outside: OutsideApp, served: Served
) -> None:
    token = outside.act_as_itself(scope="view_users").json()["access_token"]
    bad = forgeries(token, served.address)
    statuses = {name: call(api, forged).status_code for name, forged in bad.items()}
    assert statuses == dict.fromkeys(bad, 401)


@pytest.mark.parametrize("api", ["nginx-auth-request"], indirect=True)
def test_nginx_asks_about_each_request(api: str, outside: OutsideApp) -> None:
    token = outside.act_as_itself(scope="view_users").json()["access_token"]
    pretended = {"X-Auth-Subject": "somebody else"}
    assert call(api, token, **pretended).json()["sub"] == outside.client_id
    assert call(api, None, Authorization="Bearer not one token").status_code == 401
    requests.post(
        f"{outside.served.address}/oauth/revoke",
        data={"token": token},
        auth=(outside.client_id, outside.client_secret),
        timeout=TIMEOUT,
    ).raise_for_status()
    assert call(api, token).status_code == 401
