"""Keys are rotated under load, the servers restarted in turn: nothing is refused."""

import subprocess
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from json import loads
from pathlib import Path

import jwt
import pytest
import requests

from tests.support.databases import make_database
from tests.support.fleet import Fleet, serve_fleet
from tests.support.serving import PROJECT, SCRIPTS

THREADS = 3
#: How long each waits between its rounds, in seconds: servers that start need the CPU.
PAUSE = 0.02
#: How long the load goes on in each state of the rotation, in seconds.
SPELL = 1.0
#: For how long APIs keep our keys: five minutes in earnest. As the command tells to do,
#: the servers are started again after a longer time than that.
KEPT_FOR = 0.7
TIMEOUT = 30


@dataclass
class Load:
    """Apps and resource servers that go on all the time, each step at any server."""

    fleet: Fleet
    client_id: str
    client_secret: str
    is_over: threading.Event = field(default_factory=threading.Event)
    failures: list[str] = field(default_factory=list)
    kids: Counter[str] = field(default_factory=Counter)
    key_sets: dict[str, jwt.PyJWKClient] = field(default_factory=dict)

    def run(self) -> None:
        """Get a token, use it and the oldest one, verify it; note what goes wrong."""
        oldest = self._token()
        while not self.is_over.wait(PAUSE):
            try:
                token = self._token()
                for one in (token, oldest):
                    self._call(one)
                    self._verify(one)
            except Exception as failure:  # noqa: BLE001 - whatever it is, it counts
                self.failures.append(repr(failure))

    def _token(self) -> str:
        with self.fleet.address() as address:
            response = requests.post(
                f"{address}/oauth/token",
                data={"grant_type": "client_credentials"},
                auth=(self.client_id, self.client_secret),
                timeout=TIMEOUT,
            )
        assert response.status_code == 200, response.text
        token: str = response.json()["access_token"]
        self.kids[jwt.get_unverified_header(token)["kid"]] += 1
        return token

    def _call(self, token: str) -> None:
        for path in ("/api/v1/me", "/oauth/verify?permission=view_users"):
            with self.fleet.address() as address:
                response = requests.get(
                    f"{address}{path}",
                    headers={"Authorization": f"Bearer {token}"},
                    timeout=TIMEOUT,
                )
            assert response.status_code == 200, (path, response.text)

    def _verify(self, token: str) -> None:
        """Verify as an API does that keeps the keys for a while."""
        with self.fleet.address() as address:
            keys = self.key_sets.setdefault(
                address,
                jwt.PyJWKClient(f"{address}/.well-known/jwks.json", lifespan=KEPT_FOR),
            )
            key = keys.get_signing_key_from_jwt(token)
        issuer = self.fleet.issuer
        jwt.decode(token, key, algorithms=["RS256"], audience=issuer, issuer=issuer)


def _register(fleet: Fleet) -> dict[str, str]:
    done = subprocess.run(
        [
            str(SCRIPTS / "flask"), "passport:client", "Load", "--grant",
            "client_credentials", "--permission", "view_users", "--json",
        ],
        cwd=PROJECT, env=fleet.environment, capture_output=True, text=True,
        check=True, timeout=60,
    )  # fmt: skip
    made: dict[str, str] = loads(done.stdout)
    return made


@pytest.mark.slow
@pytest.mark.rfc("RFC 7517 §5", "keys are replaced without refusing any token")
def test_not_one_request_fails(kind: str, tmp_path: Path) -> None:
    with (
        make_database(kind, tmp_path) as database,
        serve_fleet(database, tmp_path) as fleet,
    ):
        made = _register(fleet)
        load = Load(fleet, made["client_id"], made["client_secret"])
        threads = [threading.Thread(target=load.run) for _ in range(THREADS)]
        for thread in threads:
            thread.start()
        try:
            time.sleep(SPELL)
            for order in (fleet.servers, fleet.servers[::-1]):
                fleet.keys("--rotate")
                time.sleep(SPELL)
                for server in order:
                    fleet.restart(server)
                    time.sleep(SPELL)
        finally:
            load.is_over.set()
            for thread in threads:
                thread.join(timeout=120)
        assert load.failures == []
        # Each of the three keys has signed, and the load went on in every state.
        assert len(load.kids) == 3
        assert all(count > THREADS for count in load.kids.values())
