"""flask passport:keys, run as an operator runs it."""

import base64
import stat
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from dotenv import dotenv_values
from sqlalchemy import select

from app.audit.models import AuditEvent
from app.extensions import db
from app.keys.commands import passport_keys
from app.keys.models import PublishedKey
from app.keys.reading import read_private_key, read_public_keys
from tests.support.databases import DATABASES, Database, make_database
from tests.support.flask_command import run_flask
from tests.support.keys import TEST_PRIVATE_KEY, TEST_PUBLIC_KEY

PRIVATE, PUBLIC = "PASSPORT_PRIVATE_KEY", "PASSPORT_PUBLIC_KEY"
PREVIOUS = "PASSPORT_PREVIOUS_PUBLIC_KEYS"


@pytest.fixture
def env_file(tmp_path: Path) -> Path:
    """Return where the environment file of the test is to be."""
    return tmp_path / ".env"


def keys(env_file: Path, *arguments: str, **variables: str) -> Result:
    """Run the command on `env_file` with variables of the process."""
    return CliRunner(env=variables).invoke(
        passport_keys, ["--env-file", str(env_file), *arguments]
    )


def public_numbers(values: Mapping[str, str | None]) -> object:
    """Return the public numbers of the pair in `values`, which belongs together."""
    private = read_private_key(values[PRIVATE] or "")
    assert read_public_keys(values[PUBLIC] or "") == [private.public_key()]
    return private.public_key().public_numbers()


def test_a_pair_is_written_and_the_private_key_is_not_printed(env_file: Path) -> None:
    done = keys(env_file)
    assert done.exit_code == 0, done.stderr
    values = dotenv_values(env_file)
    assert public_numbers(values)
    assert read_private_key(values[PRIVATE] or "").key_size == 2048
    assert stat.S_IMODE(env_file.stat().st_mode) == 0o600
    assert (values[PRIVATE] or "")[:40] not in done.stdout + done.stderr
    assert "PRIVATE KEY" not in done.stdout + done.stderr


def test_other_lines_survive_and_key_files_are_removed(env_file: Path) -> None:
    env_file.write_text("# mine\nA='x y'\n\nSECRET_KEY=abc\n")
    storage = env_file.parent / "storage"
    storage.mkdir()
    for name in ("oauth-private.key", "oauth-public.key", "other.txt"):
        (storage / name).write_text("x")
    done = keys(env_file)
    assert done.exit_code == 0
    assert env_file.read_text().startswith("# mine\nA='x y'\n\nSECRET_KEY=abc\n")
    assert [path.name for path in storage.iterdir()] == ["other.txt"]
    assert "oauth-private.key" in done.stdout


def test_the_flask_command_finds_it_and_refuses_by_its_exit_status(
    env_file: Path,
) -> None:
    arguments = ("passport:keys", "--env-file", str(env_file))
    done = run_flask(*arguments, folder=env_file.parent)
    assert done.returncode == 0, done.stderr
    assert public_numbers(dotenv_values(env_file))
    refused = run_flask(*arguments, folder=env_file.parent)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "already" in refused.stderr


def test_every_reader_takes_the_file_alike(env_file: Path) -> None:
    keys(env_file)
    by_dotenv = dotenv_values(env_file)
    # Docker's --env-file: one assignment a line, everything after `=` is the value.
    by_docker = dict(
        line.split("=", 1)
        for line in env_file.read_text().splitlines()
        if line and not line.startswith("#")
    )
    for name in (PRIVATE, PUBLIC):
        by_sh = subprocess.run(
            ["/bin/sh", "-ec", f'set -a; . ./.env; printf %s "${name}"'],
            cwd=env_file.parent,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        assert by_sh == by_dotenv[name] == by_docker[name]


def test_a_second_run_refuses_and_force_replaces(env_file: Path) -> None:
    keys(env_file)
    before = env_file.read_bytes()
    refused = keys(env_file)
    assert refused.exit_code == 1
    assert "--force" in refused.stderr
    assert "--rotate" in refused.stderr
    assert env_file.read_bytes() == before

    old = public_numbers(dotenv_values(env_file))
    assert keys(env_file, "--force").exit_code == 0
    assert public_numbers(dotenv_values(env_file)) != old
    assert PREVIOUS not in dotenv_values(env_file)


def test_half_a_pair_is_refused_too(env_file: Path) -> None:
    env_file.write_text(f"{PUBLIC}={TEST_PUBLIC_KEY}\n")
    assert keys(env_file).exit_code == 1
    assert keys(env_file, "--force").exit_code == 0
    assert public_numbers(dotenv_values(env_file))


def test_force_replaces_keys_that_were_named_by_file(env_file: Path) -> None:
    env_file.write_text(f"{PRIVATE}_FILE=/run/private\n{PUBLIC}_FILE=/run/public\n")
    assert keys(env_file).exit_code == 1
    assert keys(env_file, "--force").exit_code == 0
    assert set(dotenv_values(env_file)) == {PRIVATE, PUBLIC}


def test_keys_of_the_process_are_not_overruled_by_a_file(env_file: Path) -> None:
    process = {PRIVATE: TEST_PRIVATE_KEY, PUBLIC: TEST_PUBLIC_KEY}
    refused = keys(env_file, **process)
    assert refused.exit_code == 1
    assert "would not win" in refused.stderr
    assert not env_file.exists()
    forced = keys(env_file, "--force", **process)
    assert forced.exit_code == 0
    assert "override the file" in forced.stderr
    assert public_numbers(dotenv_values(env_file))


def test_rotation_keeps_public_keys_for_verifying(env_file: Path) -> None:
    keys(env_file)
    first = public_numbers(dotenv_values(env_file))
    assert keys(env_file, "--rotate").exit_code == 0
    second = public_numbers(dotenv_values(env_file))
    assert keys(env_file, "--rotate", "--length", "3072").exit_code == 0
    values = dotenv_values(env_file)
    assert read_private_key(values[PRIVATE] or "").key_size == 3072
    kept = [key.public_numbers() for key in read_public_keys(values[PREVIOUS] or "")]
    assert kept == [second, first]


def test_rotation_needs_keys_that_can_be_kept(env_file: Path) -> None:
    refused = keys(env_file, "--rotate")
    assert refused.exit_code == 1
    assert "no key to rotate" in refused.stderr
    env_file.write_text(f"{PRIVATE}=nonsense\n{PUBLIC}=nonsense\n")
    refused = keys(env_file, "--rotate")
    assert refused.exit_code == 1
    assert "cannot be kept" in refused.stderr


def test_rotation_of_the_processes_keys_is_printed_only(env_file: Path) -> None:
    process = {PRIVATE: TEST_PRIVATE_KEY, PUBLIC: TEST_PUBLIC_KEY}
    refused = keys(env_file, "--rotate", **process)
    assert refused.exit_code == 1
    assert "--print" in refused.stderr
    done = keys(env_file, "--rotate", "--print", **process)
    assert done.exit_code == 0
    printed = dict(line.split("=", 1) for line in done.stdout.splitlines())
    assert set(printed) == {PRIVATE, PUBLIC, PREVIOUS}
    assert printed[PREVIOUS] == TEST_PUBLIC_KEY
    assert not env_file.exists()


def test_print_writes_nothing_but_two_lines(env_file: Path) -> None:
    done = keys(env_file, "--print")
    assert done.exit_code == 0
    printed = dict(line.split("=", 1) for line in done.stdout.splitlines())
    assert list(printed) == [PRIVATE, PUBLIC]
    assert public_numbers(printed)
    assert done.stderr
    assert list(env_file.parent.iterdir()) == []


def test_the_length_has_limits(env_file: Path) -> None:
    for length in ("1024", "100000", "many"):
        assert keys(env_file, "--length", length).exit_code == 2
    assert not env_file.exists()


def test_a_file_that_cannot_be_written_is_told(env_file: Path) -> None:
    refused = keys(env_file.parent / "nowhere" / ".env")
    assert refused.exit_code == 1
    assert "could not be written" in refused.stderr
    assert "Traceback" not in refused.stderr


def _announced(database: Database) -> list[str]:
    """Return the published keys, the oldest first."""
    app = database.make_app()
    with app.app_context():
        rows = db.session.scalars(
            select(PublishedKey).order_by(PublishedKey.published_at)
        ).all()
        return [row.public_key for row in rows]


def _remembered(database: Database) -> list[tuple[str, str, int]]:
    """Return what the audit log says of keys: by whom, what, and of how many keys."""
    with database.make_app().app_context():
        return [
            (event.actor_label, event.action, len(set(event.details["kid"])))
            for event in db.session.scalars(select(AuditEvent).order_by(AuditEvent.id))
        ]


def _pem(value: str) -> str:
    return base64.b64decode(value).decode()


@pytest.mark.parametrize("kind", DATABASES)
def test_a_rotation_is_announced_to_running_servers(kind: str, tmp_path: Path) -> None:
    env_file = tmp_path / "keys.env"
    with make_database(kind, tmp_path) as database:
        variables = {
            "APP_ENV": "testing",
            "SECRET_KEY": "for-tests-only-" + "0" * 32,
            "DATABASE_URL": database.url,
        }

        def run(*options: str) -> str:
            options = ("passport:keys", "--env-file", str(env_file), *options)
            done = run_flask(*options, folder=tmp_path, variables=variables)
            assert done.returncode == 0, done.stderr
            return done.stdout

        def public_key() -> str:
            return _pem(dotenv_values(env_file)["PASSPORT_PUBLIC_KEY"] or "")

        assert "Restart the server" in run()
        assert _announced(database) == []
        first = public_key()
        assert "already published" in run("--rotate")
        second = public_key()
        # Servers that sign with the first know the second as the newer one.
        assert _announced(database) == [first, second]
        assert "already published" not in run("--force")
        assert _announced(database) == [first, second]
        printed = run("--rotate", "--print")
        assert _announced(database) == [first, second], printed
        assert _remembered(database) == [
            ("flask passport:keys", "keys.rotated", 2),
            ("flask passport:keys", "keys.replaced", 2),
        ]


def test_without_a_database_keys_are_rotated_all_the_same(tmp_path: Path) -> None:
    env_file, missing = tmp_path / "keys.env", tmp_path / "none.sqlite3"
    variables = {
        "APP_ENV": "testing",
        "SECRET_KEY": "for-tests-only-" + "0" * 32,
        "DATABASE_URL": f"sqlite:///{missing}",
    }
    options = ("passport:keys", "--env-file", str(env_file))
    assert run_flask(*options, folder=tmp_path, variables=variables).returncode == 0
    # Neither a missing file, nor one that is no database of ours, is in the way.
    for is_there in (False, True):
        if is_there:
            missing.touch()
        done = run_flask(*options, "--rotate", folder=tmp_path, variables=variables)
        assert done.returncode == 0, done.stderr
        assert "could not be published" in done.stdout
        assert "Traceback" not in done.stderr
        assert missing.exists() == is_there
