"""What is used once is used once, however many try at the same moment.

Two server processes share the database, and twenty connections ask at once.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.databases import DATABASES, make_database
from tests.support.outside import OutsideApp, register_app
from tests.support.racing import Answer
from tests.support.serving import serve

ROUNDS = 100
AT_ONCE = 20

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", params=DATABASES)
def outside(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[int, OutsideApp]]:
    """An app at two products of two processes each: without and with a grace."""
    folder: Path = tmp_path_factory.mktemp("races")
    apps: dict[int, OutsideApp] = {}
    with (
        make_database(request.param, folder) as database,
        serve(
            database,
            processes=2,
            threads=4,
            RATELIMIT_ENABLED="0",
            REFRESH_REUSE_GRACE_SECONDS="0",
        ) as strict,
        serve(
            database,
            processes=2,
            threads=4,
            RATELIMIT_ENABLED="0",
            REFRESH_REUSE_GRACE_SECONDS="10",
        ) as patient,
    ):
        password = strict.make_user("customer@example.com")
        for grace, served in ((0, strict), (10, patient)):
            app = register_app(served, f"Racer {grace}")
            app.sign_in("customer@example.com", password)
            apps[grace] = app
        yield apps


def refresh_at_once(app: OutsideApp, token: str) -> list[Answer]:
    return app.tokens_at_once(AT_ONCE, grant_type="refresh_token", refresh_token=token)


@pytest.mark.rfc("RFC 6749 §4.1.2", "a code is used at most once")
@pytest.mark.rfc(
    "RFC 6749 §4.1.2", "a replayed code revokes the tokens it gave", level="SHOULD"
)
def test_a_code_is_redeemed_once(outside: dict[int, OutsideApp]) -> None:
    app = outside[0]
    for _ in range(ROUNDS):
        code, verifier = app.authorization_code()
        answers = app.tokens_at_once(AT_ONCE, **app.redemption(code, verifier))
        statuses = sorted(answer.status for answer in answers)
        assert statuses == [200] + [400] * (AT_ONCE - 1)
        winner = next(a.body for a in answers if a.status == 200)
        # The others were replays: what the code gave is taken back.
        assert not app.is_active(winner["access_token"])
        assert not app.is_active(winner["refresh_token"])


@pytest.mark.rfc("RFC 9700 §4.14.2", "a reused refresh token ends its family")
def test_without_grace_a_refresh_token_is_used_once(
    outside: dict[int, OutsideApp],
) -> None:
    app = outside[0]
    for _ in range(ROUNDS):
        first = app.redeem(*app.authorization_code()).json()
        answers = refresh_at_once(app, first["refresh_token"])
        winners = [a.body for a in answers if a.status == 200]
        assert len(winners) <= 1
        assert {a.status for a in answers} <= {200, 400}
        for tokens in (first, *winners):
            assert not app.is_active(tokens["access_token"])
            assert not app.is_active(tokens["refresh_token"])


def test_with_grace_a_family_stays_a_line(outside: dict[int, OutsideApp]) -> None:
    app = outside[10]
    for _ in range(ROUNDS):
        first = app.redeem(*app.authorization_code()).json()
        answers = refresh_at_once(app, first["refresh_token"])
        assert {a.status for a in answers} == {200}
        successors = {a.body["refresh_token"] for a in answers}
        assert len(successors) == 1
        assert app.is_active(successors.pop())
        assert not app.is_active(first["refresh_token"])
