"""Whether the product can do its work now: database, migrations, keys."""

from functools import lru_cache

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.exc import SQLAlchemyError

from app.config import PROJECT_ROOT
from app.extensions import db
from app.keys.ring import KeysUnusableError, current_key_ring

UNREACHABLE = "the database cannot be reached"
NOT_MIGRATED = "the database is not at the newest migration: run flask passport:install"


def problems_now() -> list[str]:
    """Return a sentence for each thing without which requests would fail."""
    return [*database_problems(), *_key_problems()]


def database_problems() -> list[str]:
    """Return what keeps the database from being used; nothing of its address."""
    try:
        with db.engine.connect() as connection:
            revision = MigrationContext.configure(connection).get_current_revision()
    except SQLAlchemyError:
        return [UNREACHABLE]
    return [] if revision == newest_revision() else [NOT_MIGRATED]


@lru_cache(maxsize=1)
def newest_revision() -> str | None:
    """Return the revision that this version of the product needs."""
    scripts = ScriptDirectory(str(PROJECT_ROOT / "migrations"))
    return scripts.get_current_head()


def _key_problems() -> list[str]:
    try:
        current_key_ring()
    except KeysUnusableError as error:
        return [error.message]
    return []
