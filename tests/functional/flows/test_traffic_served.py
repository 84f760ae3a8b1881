"""Two processes count and note together, and nothing is lost, not even at the end."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from sqlalchemy import create_engine, text

from tests.support.databases import DATABASES, Database, make_database
from tests.support.outside import TIMEOUT
from tests.support.racing import at_once
from tests.support.serving import serve

AT_ONCE, EACH = 6, 15
UNKNOWN = "00000000-0000-7000-8000-000000000000"


@pytest.fixture(params=DATABASES)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database that nobody else uses."""
    with make_database(request.param, tmp_path) as database:
        yield database


def _numbers(database: Database) -> tuple[int, ...]:
    url = database.url.replace("postgresql://", "postgresql+psycopg://")
    engine = create_engine(url)
    with engine.connect() as connection:
        counts = connection.execute(
            text("SELECT sum(tokens), sum(calls), sum(refusals) FROM hourly_counts")
        ).one()
        rows = connection.execute(
            text("SELECT count(*), sum(count) FROM refused_requests")
        ).one()
    engine.dispose()
    return (*map(int, counts), *map(int, rows))


def test_two_processes_lose_no_count(database: Database) -> None:
    with serve(database, processes=2, threads=4, RATELIMIT_ENABLED="0") as served:
        made = served.json(
            "passport:client", "Counter", "--grant", "client_credentials"
        )
        credentials = (made["client_id"], made["client_secret"])
        form = {"grant_type": "client_credentials"}

        def work() -> None:
            with requests.Session() as session:
                for _ in range(EACH):
                    answer = session.post(
                        f"{served.address}/oauth/token",
                        data=form,
                        auth=credentials,
                        timeout=TIMEOUT,
                    )
                    token = answer.json()["access_token"]
                    session.get(
                        f"{served.address}/api/v1/me",
                        headers={"Authorization": f"Bearer {token}"},
                        timeout=TIMEOUT,
                    )
                    session.post(
                        f"{served.address}/oauth/token",
                        data=form,
                        auth=(UNKNOWN, "x"),
                        timeout=TIMEOUT,
                    )

        at_once([work] * AT_ONCE)
    # Ended a moment later: what was still pending was written on the way out.
    total = AT_ONCE * EACH
    assert _numbers(database) == (total, total, total, 1, total)
