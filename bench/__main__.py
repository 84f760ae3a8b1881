"""`python -m bench`: token, introspection and protected call against a signature.

The product is served by granian with one worker over SQLite, sixteen connections ask at
a time, and the CPU time of its processes is read before and after. It is put in
relation to the CPU time of a bare RSA-2048 signature measured in the same run, because
that ratio hardly depends on the machine.
"""

import argparse
import http.client
import json
import sys
import tempfile
import threading
import time
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from tests.support.databases import make_database
from tests.support.processes import cpu_seconds, family
from tests.support.serving import Served, serve

CONNECTIONS = 16
#: As `make run` serves.
THREADS = 4
WARM_UP = 400
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True)
class Request:
    """One kind of request, sent again and again."""

    name: str
    method: str
    path: str
    body: str | None
    headers: dict[str, str]
    expected: Callable[[dict[str, object]], bool]


def seconds_per_signature(count: int = 2000) -> float:
    """Return the CPU seconds of one bare RSA-2048 signature with SHA-256."""
    key = rsa.generate_private_key(public_exponent=65_537, key_size=2048)
    scheme, algorithm = padding.PKCS1v15(), hashes.SHA256()
    message = b"x" * 400
    for _ in range(100):
        key.sign(message, scheme, algorithm)
    started = time.process_time()
    for _ in range(count):
        key.sign(message, scheme, algorithm)
    return (time.process_time() - started) / count


def send(address: str, request: Request, count: int) -> None:
    """Send `request` `count` times over kept connections; fail on a wrong answer."""
    host = urlsplit(address).netloc
    failures: list[str] = []

    def work() -> None:
        connection = http.client.HTTPConnection(host, timeout=30)
        for _ in range(count // CONNECTIONS):
            connection.request(
                request.method, request.path, request.body, request.headers
            )
            answer = connection.getresponse()
            body = answer.read()
            if answer.status != 200 or not request.expected(json.loads(body)):
                failures.append(f"{answer.status} {body[:200]!r}")
                return
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise SystemExit(f"{request.name}: {failures[0]}")


def measure(served: Served, request: Request, count: int) -> float:
    """Return the server's CPU seconds for one such request."""
    send(served.address, request, WARM_UP)
    processes = family(served.processes[0].pid)
    before = cpu_seconds(processes)
    send(served.address, request, count)
    return (cpu_seconds(processes) - before) / (count // CONNECTIONS * CONNECTIONS)


def requests_of(served: Served) -> list[Request]:
    """Register a client and return the three kinds of request it sends."""
    made = served.json(
        "passport:client", "Benchmark", "--grant", "client_credentials",
        "--permission", "view_users", "--permission", "introspect_tokens",
    )  # fmt: skip
    pair = f"{made['client_id']}:{made['client_secret']}".encode()
    basic = FORM | {"Authorization": f"Basic {b64encode(pair).decode()}"}
    token = Request(
        "token (client credentials)",
        "POST",
        "/oauth/token",
        "grant_type=client_credentials",
        basic,
        lambda body: "access_token" in body,
    )
    access_token = _first_token(served, token)
    return [
        token,
        Request(
            "introspection",
            "POST",
            "/oauth/introspect",
            urlencode({"token": access_token}),
            basic,
            lambda body: body["active"] is True,
        ),
        Request(
            "protected call",
            "GET",
            "/api/v1/me",
            None,
            {"Authorization": f"Bearer {access_token}"},
            lambda body: body["client_id"] == made["client_id"],
        ),
    ]


def _first_token(served: Served, request: Request) -> str:
    connection = http.client.HTTPConnection(urlsplit(served.address).netloc)
    connection.request(request.method, request.path, request.body, request.headers)
    answer = json.loads(connection.getresponse().read())
    connection.close()
    return str(answer["access_token"])


def main() -> None:
    """Print the three figures."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--requests", type=int, default=4000)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        make_database("sqlite", Path(folder)) as database,
        serve(
            database,
            threads=THREADS,
            SQLITE_SYNCHRONOUS="FULL",
            RATELIMIT_ENABLED="0",
        ) as served,
    ):
        signature = seconds_per_signature()
        figures = {
            request.name: measure(served, request, options.requests)
            for request in requests_of(served)
        }
    out = sys.stdout
    if options.json:
        ratios = {name: seconds / signature for name, seconds in figures.items()}
        out.write(json.dumps({"signature_seconds": signature} | ratios) + "\n")
        return
    out.write(f"one RSA-2048 signature: {signature * 1e3:.3f} ms of CPU\n")
    for name, seconds in figures.items():
        out.write(
            f"{name:28} {seconds / signature:5.2f} signatures "
            f"({seconds * 1e3:.3f} ms of CPU)\n"
        )


if __name__ == "__main__":
    main()
