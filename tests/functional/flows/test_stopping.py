"""A server stops although requests that never end hold all of its threads."""

import re
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.support.databases import DATABASES, Database, make_database
from tests.support.serving import PROJECT, serve

OPTION = re.compile(r"--workers-kill-timeout (\d+)")
UNFINISHED = (
    b"POST /oauth/token HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\n\r\ngrant"
)


@pytest.fixture(params=DATABASES)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database that nobody else uses."""
    with make_database(request.param, tmp_path) as database:
        yield database


def test_unfinished_bodies_do_not_keep_the_server_from_stopping(
    database: Database,
) -> None:
    limit = {"GRANIAN_WORKERS_KILL_TIMEOUT": "1"}
    with ExitStack() as stack, serve(database, threads=2, **limit) as served:
        port = int(served.address.rpartition(":")[2])
        for _ in range(3):
            held = stack.enter_context(socket.create_connection(("127.0.0.1", port)))
            held.sendall(UNFINISHED)
        time.sleep(0.5)
        (process,) = served.processes
        process.terminate()
        assert process.wait(timeout=15) == 0


@pytest.mark.parametrize("place", ["scripts/serve", "docs/operations.md"])
def test_the_server_is_started_with_that_limit(place: str) -> None:
    found = OPTION.search((PROJECT / place).read_text(encoding="utf-8"))
    assert found
    assert 10 <= int(found[1]) <= 60
