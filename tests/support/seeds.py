"""Databases of any size, filled in bulk as years of use would leave them.

What an app has does not depend on how many apps there are, but for one that has as much
as all the others of a quarter: it must not be slow either.
"""

import hashlib
import json
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

from flask import Flask
from sqlalchemy import text
from sqlalchemy.engine import Connection

from app.access.holders import user_holder
from app.accounts.models import User
from app.accounts.sessions import start_session
from app.audit.actor import Actor
from app.consents.models import Consent
from app.database import Base
from app.extensions import db
from app.portal.disputes import dispute
from tests.factories import give
from tests.support.browsing import Browser

Row = Sequence[Any]
#: One of every five tokens acts for a person, and families have four of them.
FOR_PEOPLE, IN_A_FAMILY = 5, 4
#: The share of the giant app, and of tokens that have not expired, as one in so many.
OF_THE_GIANT, LIVE = 4, 5
#: The number of a case that the administrator has opened.
CASE = "c0ffee000001"
NAMES = (
    "Invoice Sync", "Payroll Bridge", "Partner Portal", "Nightly Report", "Atlas",
    "Warehouse Feed", "Support Desk", "Ledger Export", "Field Notes", "Harbour",
)  # fmt: skip
PEOPLE = (
    "Ada", "Grace", "Alan", "Edsger", "Barbara", "Tony", "Margaret", "Donald", "Radia",
    "Ken",
)  # fmt: skip
SCOPES = ("view_users", "view_users manage_invoices", "manage_invoices", "")
ACTIONS = (
    "client.settings_changed", "client.secret_added", "client.token_revoked",
    "client.disabled", "client.enabled", "consent.allowed",
)  # fmt: skip
#: Of each kind that needs something looked up.
REFUSALS: Sequence[tuple[str, dict[str, Any]]] = (
    (
        "redirect_uri_unknown",
        {"came": "https://other.example/callback", "is_whole": True},
    ),
    ("secret_wrong", {}),
    ("permission_missing", {"missing": ["manage_users"], "is_asked_for": False}),
)


@dataclass(frozen=True)
class Size:
    """How many there are of what."""

    apps: int
    users: int
    tokens: int

    @property
    def events(self) -> int:
        """As many audit events as there are forty for each app."""
        return self.apps * 40


@dataclass
class Seeds:
    """Rows for a database of `size`, the same at every run."""

    size: Size
    is_sqlite: bool
    #: What stands in every name and sentence beside the usual.
    mark: str = ""
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    def id(self, kind: int, number: int) -> str:
        """Return the id of the thing of a kind with this number."""
        value = uuid.UUID(int=(kind << 120) | (7 << 76) | (2 << 62) | number)
        return value.hex if self.is_sqlite else str(value)

    def ago(self, **distance: float) -> str:
        """Return a moment so far back, as the database keeps it."""
        at = self.now - timedelta(**distance)
        return at.strftime("%Y-%m-%d %H:%M:%S.%f") + ("" if self.is_sqlite else "+00")

    @cached_property
    def minutes(self) -> list[str]:
        """Every minute from a day ago to two hours ahead, the latest first."""
        return [self.ago(minutes=number - 120) for number in range(26 * 60)]

    def app_of(self, number: int) -> int:
        """Return which app the thing with this number belongs to: many to the first."""
        if number % OF_THE_GIANT == 0:
            return 0
        return number % (self.size.apps - 1) + 1

    def name(self, app: int) -> str:
        """Return the name of an app."""
        return f"{NAMES[app % len(NAMES)]} {app}{self.mark}"

    @staticmethod
    def digest(what: str, number: int) -> bytes:
        """Return a digest of its own."""
        return hashlib.sha256(f"{what}{number}".encode()).digest()

    def users(self) -> Iterator[Row]:
        """Yield people."""
        for n in range(self.size.users):
            email = f"{PEOPLE[n % 10].lower()}.{n}@example.com"
            name = "" if n % 7 == 6 else f"{PEOPLE[n % 10]} Number {n}{self.mark}"
            gone = self.ago(days=3) if n % 50 == 49 else None
            at = self.ago(days=400 - n % 400)
            yield self.id(1, n), email, email, name, "!", at, at, at, gone, 0

    def clients(self) -> Iterator[Row]:
        """Yield apps; the first is the giant."""
        both = json.dumps(["authorization_code", "client_credentials"])
        uris = json.dumps(["https://app.example.com/callback"])
        for n in range(self.size.apps):
            at = self.ago(days=300, minutes=n)
            used = None if n % 9 == 8 else self.ago(minutes=n % 5000)
            disabled = self.ago(days=1) if n % 20 == 19 else None
            deleted = self.ago(days=1) if n % 25 == 24 else None
            yield (
                self.id(2, n), self.name(n), f"Moves things.{self.mark}", both, uris,
                "[]", "[]", True, True, self.id(1, n % self.size.users), at, at, used,
                disabled, deleted, 0, 1,
            )  # fmt: skip

    def consents(self) -> Iterator[Row]:
        """Yield what people allow: each of them the giant and two apps besides."""
        scopes = json.dumps(["view_users", "manage_invoices"])
        for n in range(self.size.users * 3):
            user, app = n // 3, self._allowed_app(n)
            yield (
                self.id(3, n), self.id(1, user), self.id(2, app), scopes,
                self.ago(days=30, minutes=n % 1000), self.ago(minutes=n % 9000), True,
            )  # fmt: skip

    def _allowed_app(self, consent: int) -> int:
        user, place = divmod(consent, 3)
        return 0 if place == 0 else (user * 2 + place) % (self.size.apps - 1) + 1

    @property
    def families_count(self) -> int:
        """How many token families there are."""
        return self.size.tokens // FOR_PEOPLE // IN_A_FAMILY

    def _consent_of(self, family: int) -> int:
        return family % (self.size.users * 3)

    def codes(self) -> Iterator[Row]:
        """Yield spent codes."""
        at = self.ago(days=2)
        for n in range(self.families_count):
            consent = self._consent_of(n)
            app = self._allowed_app(consent)
            yield (
                self.id(4, n), self.digest("code", n), self.id(2, app),
                self.id(1, consent // 3), self.id(3, consent), "view_users",
                "https://app.example.com/callback", True, 0, 0, at, at, at, at,
            )  # fmt: skip

    def families(self) -> Iterator[Row]:
        """Yield token families, one of ten revoked."""
        ends, at = self.ago(days=-60), self.ago(days=2)
        for n in range(self.families_count):
            consent = self._consent_of(n)
            yield (
                self.id(5, n), self.id(2, self._allowed_app(consent)),
                self.id(1, consent // 3), self.id(3, consent), self.id(4, n),
                "view_users", 0, 0, at, ends, at if n % 10 == 9 else None,
            )  # fmt: skip

    def refresh_tokens(self) -> Iterator[Row]:
        """Yield the newest refresh token of each family."""
        at, ends = self.ago(hours=2), self.ago(days=-20)
        for n in range(self.families_count):
            digest = self.digest("refresh", n)
            yield self.id(16, n), digest, self.id(5, n), 0, at, ends

    def tokens(self) -> Iterator[Row]:
        """Yield access tokens, newest last; those of people belong to families."""
        people = 0
        for n in range(self.size.tokens):
            is_live = n % LIVE == 0
            issued = 120 + n * 7919 % (29 if is_live else 1380)
            at, ends = self.minutes[issued], self.minutes[max(issued - 30, 0)]
            # No two of an app end at the very same moment.
            whole, _, zone = ends.partition(".")
            ends = f"{whole}.{n * 7 % 1_000_000:06d}{zone[6:]}"
            app, user, family, generation = self.app_of(n // LIVE), None, None, None
            if n % FOR_PEOPLE == 1 or n % (FOR_PEOPLE * LIVE) == 0:
                number = people // IN_A_FAMILY % self.families_count
                consent, people = self._consent_of(number), people + 1
                app = self._allowed_app(consent)
                user, family, generation = consent // 3, number, 0
            yield (
                self.id(6, n), self.id(2, app),
                None if user is None else self.id(1, user),
                None if family is None else self.id(5, family),
                SCOPES[n % 4], "https://api.example.com", "k" * 43, 0, generation, at,
                ends, at if n % 97 == 0 else None,
            )  # fmt: skip

    def secrets(self) -> Iterator[Row]:
        """Yield two secrets for each app."""
        at = self.ago(days=200)
        for n in range(self.size.apps * 2):
            digest = self.digest("secret", n)
            yield self.id(7, n), self.id(2, n // 2), digest, "abcd", at

    def events(self) -> Iterator[Row]:
        """Yield audit events about apps, by people."""
        details = json.dumps({"name": ["Old name", f"New name{self.mark}"]})
        for n in range(self.size.events):
            app, user = self.app_of(n), n % self.size.users
            yield (
                self.id(8, n), self.ago(minutes=n), ACTIONS[n % 6], "user",
                self.id(1, user), f"Somebody {user}{self.mark}", "client",
                self.id(2, app), self.name(app), details, "192.0.2.7", f"{n:032x}",
            )  # fmt: skip

    def counts(self) -> Iterator[Row]:
        """Yield counts of the last seven days; an app is busy one hour in four."""
        begin = self.now.replace(minute=0, second=0, microsecond=0)
        hours = [
            self.ago(seconds=(self.now - begin + timedelta(hours=n)).total_seconds())
            for n in range(24 * 7)
        ]
        for app in range(self.size.apps):
            for number, hour in enumerate(hours):
                if app == 0 or (app + number) % 4 == 0:
                    yield self.id(2, app), hour, number, app % 90, number % 3

    def refusals(self) -> Iterator[Row]:
        """Yield folded refusals, four for each app."""
        for n in range(self.size.apps * 4):
            # Also the first app, which has every fourth, is to have each kind.
            reason, facts = REFUSALS[n // OF_THE_GIANT % len(REFUSALS)]
            yield (
                self.id(9, n), f"{n:016x}", "token", reason,
                self.id(2, self.app_of(n)), json.dumps(facts), n % 50 + 1,
                self.ago(days=2), self.ago(minutes=n), f"{n:032x}", "192.0.2.9",
            )  # fmt: skip

    def sessions(self) -> Iterator[Row]:
        """Yield a browser for each person; the dispute ends the administrator's."""
        at, ends = self.ago(hours=3), self.ago(days=-20)
        for n in range(self.size.users):
            digest = self.digest("session", n)
            yield self.id(10, n), digest, self.id(1, n), at, at, ends, "192.0.2.7", "x"

    def permissions(self) -> Iterator[Row]:
        """Yield ten permissions in five groups."""
        for n in range(10):
            name = "manage_invoices" if n == 0 else f"edit_things_{n}"
            at = self.ago(days=500)
            yield (
                self.id(11, n),
                name,
                f"May do {n}{self.mark}",
                f"Group {n % 5}",
                True,
                False,
                at,
            )

    def roles(self) -> Iterator[Row]:
        """Yield twelve roles."""
        for n in range(12):
            yield (
                self.id(12, n),
                f"Role {n}{self.mark}",
                f"Does things.{self.mark}",
                False,
                self.ago(days=9),
            )

    def role_permissions(self) -> Iterator[Row]:
        """Yield four permissions for each role."""
        for n in range(48):
            yield self.id(12, n % 12), self.id(11, (n // 12 * 3 + n % 12) % 10)

    def assignments(self) -> Iterator[Row]:
        """Yield a role for each person and each app."""
        at = self.ago(days=9)
        for n in range(self.size.users):
            yield self.id(13, n), self.id(1, n), None, self.id(12, n % 12), at
        for n in range(self.size.apps):
            app = self.id(2, n)
            yield self.id(14, n), None, app, self.id(12, n % 12), at

    def grants(self) -> Iterator[Row]:
        """Yield two direct permissions for each app."""
        at = self.ago(days=9)
        for n in range(self.size.apps * 2):
            app = self.id(2, n // 2)
            yield self.id(15, n), None, app, self.id(11, n % 10), at


#: In the order that foreign keys ask for: table, columns, and which rows.
TABLES = (
    ("users", "id email email_key name password_hash created_at updated_at"
     " last_signed_in_at deactivated_at token_generation", Seeds.users),
    ("clients", "id name description grant_types redirect_uris"
     " post_logout_redirect_uris optional_scopes is_confidential is_pkce_required"
     " owner_id created_at updated_at last_used_at disabled_at deleted_at"
     " token_generation version", Seeds.clients),
    ("client_secrets", "id client_id digest hint created_at", Seeds.secrets),
    ("consents", "id user_id client_id scopes granted_at last_used_at is_remembered",
     Seeds.consents),
    ("authorization_codes", "id digest client_id user_id consent_id scope redirect_uri"
     " is_redirect_uri_named client_generation user_generation authenticated_at"
     " issued_at expires_at redeemed_at", Seeds.codes),
    ("token_families", "id client_id user_id consent_id authorization_code_id scope"
     " client_generation user_generation started_at expires_at revoked_at",
     Seeds.families),
    ("refresh_tokens", "id digest family_id position issued_at expires_at",
     Seeds.refresh_tokens),
    ("access_tokens", "id client_id user_id family_id scope audience kid"
     " client_generation user_generation issued_at expires_at revoked_at",
     Seeds.tokens),
    ("audit_events", "id happened_at action actor_kind actor_id actor_label"
     " subject_kind subject_id subject_label details ip_address reference_id",
     Seeds.events),
    ("hourly_counts", "client_id hour tokens calls refusals", Seeds.counts),
    ("refused_requests", "id fold_key endpoint reason client_id facts count"
     " first_seen_at last_seen_at last_reference_id last_ip_address", Seeds.refusals),
    ("user_sessions", "id digest user_id authenticated_at last_seen_at expires_at"
     " ip_address user_agent", Seeds.sessions),
    ("permissions", "id name description group_name is_delegable is_built_in"
     " created_at", Seeds.permissions),
    ("roles", "id name description is_built_in created_at", Seeds.roles),
    ("role_permissions", "role_id permission_id", Seeds.role_permissions),
    ("role_assignments", "id user_id client_id role_id assigned_at",
     Seeds.assignments),
    ("permission_grants", "id user_id client_id permission_id granted_at",
     Seeds.grants),
)  # fmt: skip


def seed(size: Size, *, mark: str = "") -> Seeds:
    """Fill the migrated database of the open application; return what is in it.

    `mark` is put into every name.
    """
    with db.engine.connect() as connection:
        is_sqlite = connection.dialect.name == "sqlite"
        seeds = Seeds(size, is_sqlite, mark)
        with connection.begin():
            for table, columns, rows in TABLES:
                _put(connection, table, columns.split(), rows(seeds))
    if not is_sqlite:
        # As autovacuum does by itself, a minute later; SQLite has nothing like it.
        with db.engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT").execute(
                text("VACUUM ANALYZE")
            )
    return seeds


def _put(
    connection: Connection, table: str, columns: Sequence[str], rows: Iterable[Row]
) -> None:
    driver: Any = connection.connection.driver_connection
    others = _defaults(table, columns)
    columns, values = [*columns, *others], tuple(others.values())
    rows = ((*row, *values) for row in rows)
    names = ", ".join(columns)
    if connection.dialect.name == "sqlite":
        marks = ", ".join("?" * len(columns))
        insert = f"INSERT INTO {table} ({names}) VALUES ({marks})"
        driver.executemany(insert, rows)
        return
    with driver.cursor().copy(f"COPY {table} ({names}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _defaults(table: str, columns: Sequence[str]) -> dict[str, Any]:
    """Return what models put into columns that have to have something in them."""
    defaults = {}
    for column in Base.metadata.tables[table].c:
        default: Any = column.default
        if column.nullable or column.name in columns or default is None:
            continue
        value = default.arg if default.is_scalar else default.arg(None)
        defaults[column.name] = json.dumps(value) if value in ([], {}) else value
    return defaults


def sign_in(app: Flask, seeds: Seeds) -> Browser:
    """Return a browser of the first person, who becomes an administrator."""
    browser = Browser(app)
    with app.app_context():
        user = db.session.get_one(User, uuid.UUID(seeds.id(1, 0)))
        give(user_holder(user), roles=["Administrator"])
        here, secret = start_session(user=user, ip_address=None, user_agent="seeds")
        consent = db.session.get_one(Consent, uuid.UUID(seeds.id(3, 1)))
        actor = Actor(kind="user", id=user.id, label=user.label, reference_id=CASE)
        dispute(actor=actor, user=user, here=here, client=consent.client)
        db.session.commit()
    with browser.client.session_transaction() as session:
        session["_user_id"] = secret
    return browser


def things(seeds: Seeds) -> dict[str, str]:
    """Return what stands for parameters in addresses: things with much behind them."""
    kinds = {
        "user_id": (1, 0),
        "client_id": (2, 0),
        "consent_id": (3, 0),
        # A live one of the giant's own.
        "token_id": (6, FOR_PEOPLE * LIVE - LIVE),
        "secret_id": (7, 0),
        "event_id": (8, 0),
        "refused_id": (9, 0),
        "session_id": (10, 0),
        "permission_id": (11, 0),
        "role_id": (12, 0),
    }
    ids = {name: str(uuid.UUID(seeds.id(*thing))) for name, thing in kinds.items()}
    return ids | {"number": CASE}
