"""What runs in an environment with problems, and what stops at once."""

import subprocess
import sys
from pathlib import Path

import pytest

from app.config import PROJECT_ROOT
from tests.support.flask_command import clean_environment, run_flask

BAD = {
    "APP_ENV": "production",
    "SECRET_KEY": "secret",
    "APP_URL": "http://auth.example.com",
    "PASSPORT_PRIVATE_KEY": "nonsense",
    "PASSPORT_PUBLIC_KEY": "nonsense",
}
TOLD = ("SECRET_KEY: ", "APP_URL: ", "PASSPORT_PRIVATE_KEY: ", "PASSPORT_PUBLIC_KEY: ")


@pytest.mark.parametrize(
    "arguments",
    [
        ("run", "--port", "0"),
        ("routes",),
        ("db", "upgrade"),
        ("passport:clients",),
        ("user:create", "ada@example.com"),
        ("passport:install",),
    ],
    ids=" ".join,
)
def test_commands_stop_with_every_problem(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    done = run_flask(*arguments, folder=tmp_path, variables=BAD)
    assert (done.returncode, done.stdout) == (1, "")
    assert all(problem in done.stderr for problem in TOLD)
    assert "Traceback" not in done.stderr
    assert "nonsense" not in done.stderr


def test_the_server_stops_with_every_problem(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import wsgi"],
        cwd=PROJECT_ROOT,
        env=clean_environment(tmp_path, **BAD),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert all(problem in done.stderr for problem in TOLD)


def test_the_doctor_reports_it(tmp_path: Path) -> None:
    done = run_flask("passport:doctor", folder=tmp_path, variables=BAD)
    assert done.returncode == 1
    assert all(f"PROBLEM  {problem}" in done.stdout for problem in TOLD)


def test_the_keys_can_be_mended(tmp_path: Path) -> None:
    done = run_flask(
        "passport:keys", "--print", "--force", folder=tmp_path, variables=BAD
    )
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) == 2


def test_help_is_there_whatever_is_wrong(tmp_path: Path) -> None:
    done = run_flask("--help", folder=tmp_path, variables=BAD)
    assert done.returncode == 0
    assert "passport:install" in done.stdout


def test_flask_finds_the_app_in_the_projects_root(tmp_path: Path) -> None:
    environment = clean_environment(tmp_path)
    del environment["FLASK_APP"]
    done = subprocess.run(
        [sys.executable, "-m", "flask", "passport:keys", "--help"],
        cwd=PROJECT_ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0
    assert "--rotate" in done.stdout
