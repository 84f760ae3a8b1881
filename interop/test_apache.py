"""Debian's mod_auth_openidc in a real Apache, before people and before apps."""

import os
import secrets
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest
import requests

from interop.driving import HERE, lowly_user, program, running
from interop.forging import forgeries
from tests.factories import Factory, MadeClient, MadeUser
from tests.support.outside import TIMEOUT, OutsideApp, Person
from tests.support.pages import form_in
from tests.support.serving import Served, free_port

pytestmark = pytest.mark.ci

MODULES = Path("/usr/lib/apache2/modules")


#: The callback, asked to sign the person out.
SIGN_OUT = "private/callback?logout={}"


@dataclass(frozen=True)
class Apache:
    """The origins of both sites and the app that they are registered as."""

    by_query: str
    by_post: str
    client: MadeClient


@pytest.fixture(scope="module")
def apache(served: Served, make: Factory) -> Iterator[Apache]:
    """Apache in the foreground, in a folder of its own and without rights."""
    ports = free_port(), free_port()
    sites = [f"http://127.0.0.1:{port}" for port in ports]
    client = make.client(
        "Intranet",
        grant_types=["authorization_code", "client_credentials"],
        redirect_uris=["http://127.0.0.1/private/callback"],
        post_logout_redirect_uris=tuple(f"{site}/" for site in sites),
        permissions=["view_users", "manage_users"],
    )
    if not (MODULES / "mod_auth_openidc.so").exists():
        pytest.fail("libapache2-mod-auth-openidc is not installed: run `make interop`")
    user, folder = lowly_user(), tempfile.mkdtemp(prefix="apache-")
    try:
        _lay_out(Path(folder), user)
        with running(
            [
                program("apache2", "httpd"),
                "-f",
                f"{folder}/apache.conf",
                "-DFOREGROUND",
            ],
            answers_at=sites[0],
            user=user,
            env={
                "PATH": os.environ["PATH"],
                "FOLDER": folder,
                "MODULES": str(MODULES),
                "PORT_BY_QUERY": str(ports[0]),
                "PORT_BY_POST": str(ports[1]),
                "ISSUER": served.address,
                "CLIENT_ID": client.id,
                "CLIENT_SECRET": client.secret,
                "PASSPHRASE": secrets.token_hex(16),
            },
        ):
            yield Apache(*sites, client)
    finally:
        log = Path(folder, "error.log")
        # Shown where a test fails.
        sys.stderr.write(log.read_text() if log.exists() else "")
        shutil.rmtree(folder)


def _lay_out(folder: Path, user: str | None) -> None:
    for name in ("private", "api"):
        (folder / "pages" / name).mkdir(parents=True)
        (folder / "pages" / name / "index.html").write_text(f"<h1>{name}</h1>")
    (folder / "pages" / "index.html").write_text("<h1>Welcome</h1>")
    shutil.copy(HERE / "apache.conf", folder)
    if user:
        for path in (folder, *folder.rglob("*")):
            shutil.chown(path, user)


@pytest.fixture
def outside(served: Served, apache: Apache, person: Person) -> OutsideApp:
    """The app that comes to Apache's API with tokens."""
    client = apache.client
    return OutsideApp(served, client.id, client.secret, "", person)


@pytest.fixture(params=["by_query", "by_post"])
def api(request: pytest.FixtureRequest, apache: Apache) -> str:
    """The API of each site; they differ in how they authenticate at the product."""
    return f"{getattr(apache, request.param)}/api/"


def call(api: str, token: str) -> requests.Response:
    headers = {"Authorization": f"Bearer {token}"}
    return requests.get(api, headers=headers, timeout=TIMEOUT)


def own_token(outside: OutsideApp, scope: str = "view_users") -> str:
    token: str = outside.act_as_itself(scope=scope).json()["access_token"]
    return token


def test_a_good_token_opens_the_api(api: str, outside: OutsideApp) -> None:
    answer = call(api, own_token(outside))
    assert answer.status_code == 200, answer.text
    assert answer.headers["X-Subject"] == outside.client_id
    assert answer.headers["X-Client"] == outside.client_id


def test_bad_tokens_do_not(api: str, outside: OutsideApp, served: Served) -> None:
    assert requests.get(api, timeout=TIMEOUT).status_code == 401
    assert call(api, own_token(outside, "manage_users")).status_code in {401, 403}
    bad = forgeries(own_token(outside), served.address)
    statuses = {name: call(api, forged).status_code for name, forged in bad.items()}
    assert statuses == dict.fromkeys(bad, 401)


def test_a_revoked_token_is_refused_at_once(
    apache: Apache, outside: OutsideApp
) -> None:
    api, token = f"{apache.by_query}/api/", own_token(outside)
    assert call(api, token).status_code == 200
    requests.post(
        f"{outside.served.address}/oauth/revoke",
        data={"token": token},
        auth=(outside.client_id, outside.client_secret),
        timeout=TIMEOUT,
    ).raise_for_status()
    assert call(api, token).status_code == 401


@pytest.fixture(params=["by_query", "by_post"])
def site(request: pytest.FixtureRequest, apache: Apache) -> str:
    """The origin of each site; the answer comes to them by query or by a form."""
    origin: str = getattr(apache, request.param)
    return origin


def visit(person: Person, address: str) -> requests.Response:
    """Open a page of Apache, by way of the product if it sends us there."""
    start = person.browser.get(address, allow_redirects=False, timeout=TIMEOUT)
    if start.status_code != 302:
        return start
    page = person.open(start.headers["Location"])
    if page.status_code == 200 and "/oauth/consent" in page.text:
        page = person.submit({"decision": "allow"}, action="/oauth/consent")
    if page.status_code == 200:
        # The answer is a form that leads to the app.
        form = form_in(page.text, "/private/callback")
        return person.browser.post(
            form.action, data=form.filled_in({}), timeout=TIMEOUT
        )
    return person.browser.get(page.headers["Location"], timeout=TIMEOUT)


def test_people_sign_in_and_out(site: str, person: Person, customer: MadeUser) -> None:
    page = visit(person, f"{site}/private/")
    assert page.status_code == 200, page.text
    assert page.url == f"{site}/private/"
    assert page.headers["X-Email"] == customer.email
    assert page.headers["X-Subject"] == str(customer.id)

    left = visit(person, f"{site}/{SIGN_OUT.format(quote(f'{site}/'))}")
    assert left.url == f"{site}/"
    assert "Welcome" in left.text
    again = person.browser.get(
        f"{site}/private/", allow_redirects=False, timeout=TIMEOUT
    )
    assert again.status_code == 302
    # The product's own session has ended as well: it asks who is there.
    assert "/login" in person.open(again.headers["Location"]).url
