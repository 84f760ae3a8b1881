"""The product as it is really served: granian processes over a database."""

import json
import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support.databases import Database
from tests.support.keys import TEST_PRIVATE_KEY, TEST_PUBLIC_KEY

PROJECT = Path(__file__).resolve().parents[2]
SCRIPTS = Path(sys.executable).parent
START_SECONDS = 30


@dataclass(frozen=True)
class Served:
    """A running product: its address, its processes and its environment."""

    address: str
    environment: dict[str, str] = field(repr=False)
    processes: tuple[subprocess.Popen[bytes], ...] = field(repr=False)

    def flask(self, *arguments: str, input: str | None = None) -> str:  # noqa: A002
        """Run a command of the product against the same database."""
        done = subprocess.run(
            [str(SCRIPTS / "flask"), *arguments],
            cwd=PROJECT,
            env=self.environment,
            input=input,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        if done.returncode != 0:
            raise AssertionError(f"{arguments}: {done.stdout}{done.stderr}")
        return done.stdout

    def json(self, *arguments: str) -> Any:
        """Run a command with `--json` and return its value."""
        return json.loads(self.flask(*arguments, "--json"))

    def make_user(self, email: str, *, roles: tuple[str, ...] = ()) -> str:
        """Make a person and return the password."""
        password = secrets.token_urlsafe(18)
        role_options = [part for role in roles for part in ("--role", role)]
        self.flask(
            "user:create", email, *role_options, "--password-stdin", input=password
        )
        return password


def free_port() -> int:
    """Return a port on which nothing listens at the moment."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def environment_for(database: Database, *, port: int, **more: str) -> dict[str, str]:
    """Return a complete environment for a product over `database`."""
    own = {
        "PATH": os.environ["PATH"],
        "HOME": os.environ.get("HOME", "/"),
        "APP_ENV": "testing",
        "SECRET_KEY": "for-tests-only-" + "0" * 32,
        "DATABASE_URL": database.url,
        "SQLITE_SYNCHRONOUS": "OFF",
        "PASSPORT_PRIVATE_KEY": TEST_PRIVATE_KEY,
        "PASSPORT_PUBLIC_KEY": TEST_PUBLIC_KEY,
        "APP_URL": f"http://127.0.0.1:{port}",
        "PORT": str(port),
    }
    return own | more


@contextmanager
def serve(
    database: Database, *, processes: int = 1, threads: int = 8, **environment: str
) -> Iterator[Served]:
    """Serve the product by so many worker processes that share port and database."""
    port = free_port()
    values = environment_for(database, port=port, **environment)
    command = [
        str(SCRIPTS / "granian"), "--interface", "wsgi", "--host", "127.0.0.1",
        "--port", str(port), "--workers", str(processes),
        "--blocking-threads", str(threads), "--log-level", "warning", "wsgi:app",
    ]  # fmt: skip
    started = (subprocess.Popen(command, cwd=PROJECT, env=values),)
    address = f"http://127.0.0.1:{port}"
    try:
        wait_until_served(address, started)
        yield Served(address, values, started)
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait(timeout=20)


def wait_until_served(
    address: str, processes: tuple[subprocess.Popen[bytes], ...]
) -> None:
    """Return when the product answers; fail when it ends or takes too long."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if any(process.poll() is not None for process in processes):
            raise AssertionError("the product ended at its start")
        try:
            with urllib.request.urlopen(f"{address}/healthz", timeout=2):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    raise AssertionError(f"nothing answered at {address}")
