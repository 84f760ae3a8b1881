"""Making an installation usable; each step is taken only where it is needed."""

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.engine import make_url

from app.access import catalogue
from app.access import services as access
from app.access.escalation import UNLIMITED, is_there_an_administrator
from app.access.holders import user_holder
from app.accounts import services as accounts
from app.accounts.passwords import make_password
from app.audit.actor import Actor
from app.config import PROJECT_ROOT, Settings, load_environment, read_settings
from app.errors import ConflictError, DomainError
from app.extensions import db
from app.keys.checking import key_problems
from app.keys.env_file import locked_env_file
from app.keys.ring import KeySources
from app.keys.services import Wishes, replace_keys

ADMINISTRATOR = "Administrator"
#: Any number, the same for every installation that shares a database.
_LOCK_NUMBER = 4_274_737_283


@dataclass(frozen=True, kw_only=True)
class NewPerson:
    """Somebody who was made; `password` is readable here and never again."""

    email: str
    password: str


def complete_environment(env_file: Path) -> list[str]:
    """Write a secret key and signing keys to `env_file` where there are none.

    Returns the names that were written; they are in the process's environment too.
    Raises DomainError with everything that is still wrong with the environment.
    """
    load_environment(env_file)
    settings, _ = read_settings()
    written: dict[str, str] = {}
    if not settings.secret_key:
        written = _write_secret_key(env_file)
    if not any(KeySources.of(settings)[:4]):
        new = replace_keys(env_file, environment=os.environ, wishes=Wishes())
        written |= new.values
    os.environ.update(written)
    settings, problems = read_settings()
    problems += key_problems(settings)
    if problems:
        raise DomainError("\n".join(["Fix this and run it again:", *problems]))
    return list(written)


def _write_secret_key(env_file: Path) -> dict[str, str]:
    with locked_env_file(env_file) as file:
        # An empty variable of the process hides the file's: that one stays.
        if file.values().get("SECRET_KEY"):
            return {}
        written = {"SECRET_KEY": secrets.token_hex(32)}
        file.assign(written)
    return written


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Let no second installation run on this machine at the same time."""
    folder = os.open(PROJECT_ROOT / "migrations", os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


@contextmanager
def holding_the_database() -> Iterator[None]:
    """Let no second installation change the same PostgreSQL database meanwhile."""
    if db.engine.dialect.name != "postgresql":
        yield
        return
    with db.engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:n)"), {"n": _LOCK_NUMBER})
        try:
            yield
        finally:
            connection.execute(
                text("SELECT pg_advisory_unlock(:n)"), {"n": _LOCK_NUMBER}
            )


def make_database_folder(settings: Settings) -> None:
    """Make the folder in which SQLite is to keep its file, for the owner alone."""
    url = make_url(settings.sqlalchemy_url)
    if url.get_backend_name() == "sqlite" and url.database not in {
        None,
        "",
        ":memory:",
    }:
        folder = Path(str(url.database)).parent
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def create_first_administrator(*, actor: Actor, email: str) -> NewPerson | None:
    """Make somebody who may do everything, unless there is one. Flushes.

    Raises ConflictError where the address belongs to somebody else already.
    """
    if is_there_an_administrator():
        return None
    if accounts.find_user_by_email(email):
        raise ConflictError(
            f"There is no administrator yet, and {email} is an ordinary account. "
            "Name another address with --admin-email, or make it an administrator "
            f"with: flask permission:assign-role {email} {ADMINISTRATOR}"
        )
    return create_person(actor=actor, email=email, role=ADMINISTRATOR)


def create_person(
    *, actor: Actor, email: str, name: str = "", role: str | None = None
) -> NewPerson:
    """Make a person with a random password, holding `role` if one is named. Flushes."""
    password = make_password()
    user = accounts.create_user(actor=actor, email=email, name=name, password=password)
    held = catalogue.find_role(role) if role else None
    if held:
        access.assign_role(
            actor=actor, powers=UNLIMITED, holder=user_holder(user), role=held
        )
    return NewPerson(email=user.email, password=password)
