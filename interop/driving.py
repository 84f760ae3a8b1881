"""Programs of others, started beside the product and spoken with line by line."""

import json
import os
import pwd
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from shutil import which
from typing import Any

import pytest

HERE = Path(__file__).parent
SCRIPTS = HERE / "scripts"
PACKAGES = HERE / "node_modules"
#: After so long a script has hung, and is ended.
SECONDS = 120
START_SECONDS = 30


def program(*names: str) -> str:
    """Return the path of a program; the test fails where it is not installed."""
    for name in names:
        found = which(name) or which(name, path="/usr/sbin:/sbin")
        if found:
            return found
    pytest.fail(f"{names[0]} is not installed: docs/interop.md says what is needed")


def run_script(
    name: str,
    facts: dict[str, Any],
    *,
    visit: Callable[[str], str] | None = None,
) -> Any:
    """Run a script of Node.js to its end and return its result.

    `visit` leads a person to an address and returns where they came back to.
    """
    with _node(SCRIPTS / name, facts) as process:
        for said in _told(process):
            if "visit" in said:
                assert visit, f"{name} wants a person to visit {said['visit']}"
                _tell(process, visit(said["visit"]))
            elif "result" in said:
                return said["result"]
    raise AssertionError(f"{name} ended without a result")


@contextmanager
def listening_script(script: Path, facts: dict[str, Any]) -> Iterator[str]:
    """Run a server of Node.js that chooses its port; give its origin."""
    with _node(script, facts) as process:
        said = next(_told(process), {})
        assert "listening" in said, f"{script.name} does not listen: {said}"
        yield f"http://127.0.0.1:{said['listening']}"
        process.terminate()


@contextmanager
def running(
    command: Sequence[str], *, answers_at: str, user: str | None = None, **options: Any
) -> Iterator[None]:
    """Run a server in the foreground until the block ends."""
    as_user = {"user": user, "group": user, "extra_groups": []} if user else {}
    process = subprocess.Popen(command, **as_user, **options)
    try:
        _wait_for(answers_at, process)
        yield
    finally:
        process.terminate()
        process.wait(timeout=20)


def lowly_user() -> str | None:
    """Return an account without rights to run servers as, where we are root."""
    if os.geteuid() != 0:
        return None
    return next(
        (name for name in ("www-data", "nobody") if _is_account(name)),
        None,
    )


def _is_account(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True


def _wait_for(address: str, process: subprocess.Popen[Any]) -> None:
    """Return when something answers, however it answers."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, "the server ended at its start"
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except urllib.error.HTTPError:
            return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    raise AssertionError(f"nothing answered at {address}")


@contextmanager
def _node(script: Path, facts: dict[str, Any]) -> Iterator[subprocess.Popen[str]]:
    if not PACKAGES.is_dir():
        pytest.fail("the npm packages are not installed: run `make interop`")
    process = subprocess.Popen(
        [program("node", "nodejs"), str(script)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
    )
    watchdog = threading.Timer(SECONDS, process.kill)
    watchdog.start()
    try:
        _tell(process, facts)
        yield process
    finally:
        watchdog.cancel()
        if process.stdin:
            process.stdin.close()
        try:
            process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout:
            process.stdout.close()


def _tell(process: subprocess.Popen[str], value: object) -> None:
    assert process.stdin
    process.stdin.write(f"{json.dumps(value)}\n")
    process.stdin.flush()


def _told(process: subprocess.Popen[str]) -> Iterator[dict[str, Any]]:
    """Yield what the script says; its errors stand in the test's own output."""
    assert process.stdout
    for line in process.stdout:
        yield json.loads(line)
