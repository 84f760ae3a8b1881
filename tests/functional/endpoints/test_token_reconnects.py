"""A database that restarts costs no request."""

import psycopg
import pytest

from tests.support.databases import DATABASES, SERVER_URL, Database
from tests.support.parties import Parties


def _hang_up(database: Database) -> None:
    name = database.url.rpartition("/")[2]
    with psycopg.connect(SERVER_URL, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE datname = %s AND pid <> pg_backend_pid()",
            (name,),
        )


@pytest.mark.parametrize("database", DATABASES[1:], indirect=True)
def test_the_next_request_takes_a_new_connection(
    parties: Parties, database: Database
) -> None:
    service = parties.service("view_users")
    token = service.act_as_itself().get_json()["access_token"]
    for _ in range(2):
        _hang_up(database)
        assert service.act_as_itself().status_code == 200
        _hang_up(database)
        assert service.call(token).status_code == 200
    party = parties.confidential()
    code = party.allow()["code"]
    _hang_up(database)
    assert party.redeem(code).status_code == 200
