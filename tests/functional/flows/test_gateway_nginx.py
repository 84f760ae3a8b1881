"""The guide's nginx configuration, in a real nginx before an API without any code."""

import re
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from json import dumps
from pathlib import Path

import pytest
import requests

from tests.support.outside import OutsideApp
from tests.support.serving import PROJECT, free_port

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
pytestmark = pytest.mark.skipif(NGINX is None, reason="nginx is not installed")
#: A caller that pretends to be somebody.
SPOOFED = {
    "X-Auth-Subject": "evil",
    "X-Auth-Client-Id": "evil",
    "X-Auth-User-Id": "evil",
    "X-Auth-Email": "evil@example.com",
    "X-Auth-Scope": "everything",
    "X-Auth-Permissions": "everything",
}


class _Api(BaseHTTPRequestHandler):
    """An API that knows nothing of tokens: it tells what it was told."""

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        told = {n: v for n, v in self.headers.items() if n.startswith("X-Auth-")}
        body = dumps({"told": told, "body": self.rfile.read(length).decode()})
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    do_GET = do_POST  # noqa: N815 - named by the server

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def api() -> Iterator[int]:
    """The API's port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Api)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def gateway(outside: OutsideApp, api: int, tmp_path: Path) -> Iterator[str]:
    """The address of nginx before the API, as the guide sets it up."""
    guide = (PROJECT / "docs" / "integrating.md").read_text(encoding="utf-8")
    (locations,) = re.findall(r"```nginx\n(.*?)```", guide, re.DOTALL)
    locations = locations.replace("http://127.0.0.1:8000", outside.served.address)
    locations = locations.replace("127.0.0.1:9000", f"127.0.0.1:{api}")
    port = free_port()
    folders = "".join(
        f"{kind}_temp_path {tmp_path}/{kind};"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    configuration = tmp_path / "nginx.conf"
    configuration.write_text(
        f"daemon off; pid {tmp_path}/pid; error_log stderr; events {{}}\n"
        f"http {{ access_log off; {folders}\n"
        f"server {{ listen 127.0.0.1:{port};\n{locations}}} }}\n",
        encoding="utf-8",
    )
    command = [str(NGINX), "-p", str(tmp_path), "-c", str(configuration)]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_for(lambda: requests.get(address, timeout=5).status_code == 401)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=20)


def _wait_for(is_there: Callable[[], bool]) -> None:
    for _ in range(100):
        try:
            assert is_there()
        except requests.ConnectionError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("nginx did not start")


def _bearer(token: str) -> dict[str, str]:
    return SPOOFED | {"Authorization": f"Bearer {token}"}


def test_whoever_may_passes_under_their_own_name(
    outside: OutsideApp, gateway: str
) -> None:
    token = outside.act_as_itself().json()["access_token"]
    for send in (requests.get, requests.post):
        answer = send(
            f"{gateway}/orders?permission=x&access=1",
            headers=_bearer(token), data={"a": "b"}, timeout=30,
        )  # fmt: skip
        assert answer.status_code == 200
        assert answer.json()["body"] == "a=b"
        # What does not apply is absent: nothing that the caller wrote is left.
        assert answer.json()["told"] == {
            "X-Auth-Subject": outside.client_id,
            "X-Auth-Client-Id": outside.client_id,
            "X-Auth-Scope": "view_users",
            "X-Auth-Permissions": "view_users",
        }


def test_a_person_is_told_to_the_api(outside: OutsideApp, gateway: str) -> None:
    token = outside.redeem(*outside.authorization_code()).json()["access_token"]
    told = requests.get(gateway, headers=_bearer(token), timeout=30).json()["told"]
    assert told["X-Auth-Email"] == outside.person.email
    assert told["X-Auth-User-Id"] == told["X-Auth-Subject"] != outside.client_id


def test_nobody_else_passes(outside: OutsideApp, gateway: str) -> None:
    answer = requests.get(gateway, headers=SPOOFED, timeout=30)
    assert answer.status_code == 401
    # RFC 9728 §5.1: a client learns from it whom to ask for a token.
    assert "resource_metadata=" in answer.headers["WWW-Authenticate"]
    token = outside.act_as_itself().json()["access_token"]
    outside.wire.post(
        f"{outside.served.address}/oauth/revoke",
        data={"token": token},
        auth=(outside.client_id, outside.client_secret),
        timeout=30,
    )
    answer = requests.get(gateway, headers=_bearer(token), timeout=30)
    assert answer.status_code == 401
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]
    empty = outside.act_as_itself().json()["access_token"]
    outside.served.flask("permission:revoke", outside.client_id, "view_users")
    try:
        answer = requests.get(gateway, headers=_bearer(empty), timeout=30)
    finally:
        outside.served.flask("permission:give", outside.client_id, "view_users")
    assert answer.status_code == 403
