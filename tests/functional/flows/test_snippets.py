"""Each snippet of an app's first page, run as it stands against the served product."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.factories import Factory, MadeClient
from tests.support.databases import Database
from tests.support.markup import parse
from tests.support.outside import Person
from tests.support.parties import BOTH_GRANTS
from tests.support.serving import Served

#: What may stand in an address, and means something to a shell, PHP or JavaScript.
HOSTILE = "https://app.example.com/it's/$HOME/$(id);&!/?q=%27&r='b"
CUSTOMER = "snippets.customer@example.com"
SCHEME = "com.example.app:/it's/$(id)"
RUNS = {
    "curl": ("sh",),
    "python": (sys.executable,),
    "php": ("php", "-d", "display_errors=stderr", "-d", "error_reporting=-1"),
    "javascript": ("node",),
}
NEEDS = {"curl": ("curl", "openssl"), "php": ("php",), "javascript": ("node",)}
ENDINGS = {"curl": "sh", "python": "py", "php": "php", "javascript": "mjs"}
TIMEOUT = 60


def missing(language: str) -> str:
    """Return what a language's snippets need and this machine lacks."""
    return " ".join(name for name in NEEDS.get(language, ()) if not shutil.which(name))


in_each_language = pytest.mark.parametrize(
    "language",
    [
        pytest.param(
            language,
            marks=pytest.mark.skipif(
                bool(missing(language)), reason=f"missing: {missing(language)}"
            ),
        )
        for language in RUNS
    ],
)


@dataclass
class Desk:
    """An administrator who copies snippets, and the apps that they are for."""

    served: Served
    person: Person
    customer: Person
    folder: Path
    apps: dict[str, MadeClient]

    def copy(self, name: str, grant: int, language: str) -> Path:
        """Copy a snippet from the app's first page into a file."""
        page = self.person.open(f"/developer/apps/{self.apps[name].id}")
        tree = parse(page.text)
        code = "".join(tree.one("code", id=f"snippet-{grant}-{language}").pieces)
        file = self.folder / f"{name}-{grant}.{ENDINGS[language]}"
        file.write_text(code, encoding="utf-8")
        return file

    def start(self, name: str, grant: int, language: str) -> subprocess.Popen[str]:
        """Run a snippet; what it needs to know stands in it or in the environment."""
        file = self.copy(name, grant, language)
        secret = self.apps[name].secret
        proof = {"OAUTH_CLIENT_SECRET": secret} if secret else {}
        return subprocess.Popen(
            [*RUNS[language], str(file)],
            cwd=self.folder,
            env={"PATH": os.environ["PATH"], "HOME": "/"} | proof,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )


@pytest.fixture(scope="module")
def desk(
    products: Callable[[str], Served], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Desk]:
    """Apps of each kind, with addresses that are hard to quote."""
    served = products("sqlite")
    database = Database("sqlite", served.environment["DATABASE_URL"])
    make = Factory(database.make_app())
    administrator = make.user(administrator=True)
    user = make.user(CUSTOMER, permissions=["view_users"])
    person, customer = Person(served), Person(served)
    person.sign_in(administrator.email, administrator.password)
    customer.sign_in(user.email, user.password)
    apps = make_apps(make)
    yield Desk(served, person, customer, tmp_path_factory.mktemp("snippets"), apps)
    database.close()


def make_apps(make: Factory) -> dict[str, MadeClient]:
    both = {
        "grant_types": BOTH_GRANTS,
        "redirect_uris": [HOSTILE],
        "permissions": ["view_users"],
    }
    return {
        "both": make.client(**both, scopes=["view_users"]),
        "form": make.client(**both, token_endpoint_auth_method="client_secret_post"),
        "device": make.client(
            grant_types=BOTH_GRANTS[:1], redirect_uris=[SCHEME], is_confidential=False
        ),
    }


@in_each_language
@pytest.mark.parametrize("name", ["both", "form"])
def test_an_app_gets_a_token_of_its_own(desk: Desk, name: str, language: str) -> None:
    process = desk.start(name, 1, language)
    printed, complaints = process.communicate(timeout=TIMEOUT)
    assert process.returncode == 0, printed + complaints
    me = json.loads(printed)
    assert me["client_id"] == desk.apps[name].id
    assert me["user"] is None
    assert me["scope"] == "view_users"


@in_each_language
@pytest.mark.parametrize(("name", "grant"), [("both", 2), ("form", 2), ("device", 1)])
def test_a_person_allows_an_app_and_it_stays_signed_in(
    desk: Desk, name: str, grant: int, language: str
) -> None:
    process = desk.start(name, grant, language)
    assert process.stdin
    assert process.stdout
    lines = [process.stdout.readline().strip() for _ in range(2)]
    if not lines[1].startswith(f"{desk.served.address}/oauth/authorize?"):
        raise AssertionError(str(process.communicate(timeout=TIMEOUT)) + str(lines))
    back = desk.customer.answer(lines[1])
    printed, complaints = process.communicate(f"{back}\n", timeout=TIMEOUT)
    assert process.returncode == 0, printed + complaints
    # Once with the code's token, once with the one that the refresh token brought.
    first, second = (json.loads(line) for line in printed.splitlines() if line)
    assert first["user"]["email"] == second["user"]["email"] == CUSTOMER
    assert first["scope"] == second["scope"] == "view_users"


@in_each_language
def test_an_answer_to_somebody_else_is_not_taken(desk: Desk, language: str) -> None:
    process = desk.start("both", 2, language)
    printed, complaints = process.communicate(
        f"{HOSTILE}&code=stolen&state=other\n", timeout=TIMEOUT
    )
    assert "The state does not match." in printed + complaints
    assert '"user"' not in printed
