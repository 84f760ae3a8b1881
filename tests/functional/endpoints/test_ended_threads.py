"""A server's threads come and go; the connections that they kept go with them."""

import time
from pathlib import Path

import psycopg
import pytest
import requests
from flask import Flask
from sqlalchemy.pool import QueuePool

from app.extensions import db
from app.kept_connections import close_kept_connection
from tests.support.databases import DATABASES, SERVER_URL, Database, make_database
from tests.support.outside import TIMEOUT
from tests.support.parties import Parties
from tests.support.racing import at_once
from tests.support.serving import Served, serve

THREADS = 4
#: The shortest time after which Granian ends a thread that is idle.
IDLE_SECONDS = 5
BURSTS = 2
_OPEN = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s"


def test_threads_that_served_requests_leave_no_connection(
    app: Flask, parties: Parties
) -> None:
    service = parties.service("view_users")
    token = service.act_as_itself().get_json()["access_token"]
    with app.app_context():
        pool = db.engine.pool
        close_kept_connection(db.engine)
    assert isinstance(pool, QueuePool)
    for _ in range(3):
        answers = at_once([lambda: service.call(token)] * THREADS)
        assert [answer.status_code for answer in answers] == [200] * THREADS
        # Those of the last threads wait for the next ones.
        assert pool.checkedout() <= THREADS


@pytest.mark.slow
@pytest.mark.parametrize("kind", DATABASES)
def test_a_server_outlives_its_threads_and_closes_what_they_kept(
    kind: str, tmp_path: Path
) -> None:
    limit = {"GRANIAN_BLOCKING_THREADS_IDLE_TIMEOUT": str(IDLE_SECONDS)}
    with (
        make_database(kind, tmp_path) as database,
        serve(database, threads=THREADS, RATELIMIT_ENABLED="0", **limit) as served,
    ):
        # Here nobody is connected any more but the server.
        database.close()
        for _ in range(BURSTS):
            burst(served)
            time.sleep(1.5 * IDLE_SECONDS)
        burst(served)
        if kind == "postgresql":
            assert 0 < open_connections(database) <= THREADS + 1


def burst(served: Served) -> None:
    def ask() -> None:
        answer = requests.post(
            f"{served.address}/oauth/token", auth=("x", "x"), timeout=TIMEOUT
        )
        assert answer.status_code == 400

    at_once([ask] * 4 * THREADS)


def open_connections(database: Database) -> int:
    name = database.url.rpartition("/")[2]
    with psycopg.connect(SERVER_URL, autocommit=True) as connection:
        row = connection.execute(_OPEN, (name,)).fetchone()
    assert row
    return int(row[0])
