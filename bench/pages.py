"""`python -m bench.pages`: what pages cost in a large database, against a small one.

Both are filled with rows of the same kind, one with 50 apps, the other with 5,000 apps,
50,000 people and 2,000,000 tokens. Each page is opened in turn in both, in this very
process, and the medians are compared. A page that takes more than three times as long
in the large one fails the run, and so does one that sends more statements, but for
counting a list of more than a page.
"""

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from flask import Flask

from app.developer.tokens.filters import SOONEST_FIRST
from tests.support.browsing import Browser
from tests.support.databases import SERVER_URL, count_statements, make_database
from tests.support.page_map import filled, page_rules
from tests.support.seeds import Size, seed, sign_in, things

SMALL = Size(apps=50, users=500, tokens=20_000)
LARGE = Size(apps=5_000, users=50_000, tokens=2_000_000)
LIMIT = 3.0
#: Beside every page of the console and of one's own account: lists narrowed and sorted.
LISTS = {
    "/developer/apps": (
        "q=portal+1", "q=nothing+has+this+name", "status=disabled", "status=deleted",
        "grant=client_credentials", "owner=me", "sort=-last_used_at", "page=999999",
    ),
    "/developer/apps/{client_id}/tokens": (
        "acts=people", "acts=itself", "scope=manage_invoices", f"sort={SOONEST_FIRST}",
        "page=2", "page=999999",
    ),
    "/developer/apps/{client_id}/tokens/people": ("q=grace", "page=999999"),
    "/developer/apps/{client_id}/activity": (
        "kind=secrets", "kind=consents", "page=999999",
    ),
    "/developer/refused": ("app=portal", "reference=c0ffee", "page=999999"),
    "/access/users": (
        "q=grace", "q=ada.10%40", "q=nobody+has+this+name", "sort=-created_at",
        "page=999999",
        "status=administrators", "status=deactivated", "role={role_id}",
    ),
    "/audit": (
        "actor=somebody+7", "subject=portal", "action=client.disabled", "kind=client",
        "ip=192.0.2.7", "reference=c0ffee000001", "until=2000-01-01", "page=999999",
        "actor=nobody+has+this+name", "action=client.disabled&kind=role",
    ),
}  # fmt: skip
PREFIXES = ("/developer", "/access", "/audit", "/account")


@dataclass
class Place:
    """A filled database with an administrator before it."""

    app: Flask
    browser: Browser
    values: dict[str, str]
    #: SQLite works in this thread: its CPU time tells more than a busy clock.
    clock: Callable[[], float]
    times: dict[str, list[float]] = field(default_factory=dict)
    statements: dict[str, int] = field(default_factory=dict)

    def addresses(self) -> list[str]:
        """Return the address of every page that there is."""
        rules = [rule for prefix in PREFIXES for rule in page_rules(self.app, prefix)]
        plain = [filled(rule, self.values) for rule in rules]
        lists = [
            f"{path}?{query}".format_map(self.values)
            for path, queries in LISTS.items()
            if path.format_map(self.values) in plain
            for query in queries
        ]
        return sorted(plain + lists)

    def open(self, address: str) -> None:
        """Open a page and note how long it took."""
        started = self.clock()
        answer = self.browser.client.get(address)
        took = self.clock() - started
        if answer.status_code != 200:
            raise SystemExit(f"{address}: {answer.status_code}")
        self.times.setdefault(address, []).append(took)

    def count(self, address: str) -> None:
        """Open a page, unmeasured, and count its statements."""
        with count_statements(self.app) as statements:
            self.browser.client.get(address)
        self.statements[address] = len(statements)

    def median(self, address: str) -> float:
        """Return the milliseconds that a page takes."""
        return statistics.median(self.times[address]) * 1000


@contextmanager
def filled_place(kind: str, folder: Path, size: Size) -> Iterator[Place]:
    """Make and fill a database, and sign an administrator in at a browser."""
    with make_database(kind, folder) as database:
        app = database.make_app(ratelimit_enabled=False)
        started = time.monotonic()
        with app.app_context():
            seeds = seed(size)
        took = time.monotonic() - started
        sys.stdout.write(f"{kind}: {size.tokens:,} tokens made in {took:.0f} s\n")
        clock = time.thread_time if kind == "sqlite" else time.perf_counter
        yield Place(app, sign_in(app, seeds), things(seeds), clock)


def compare(small: Place, large: Place, rounds: int) -> bool:
    """Open every page in both, print what it took, and tell whether all kept to it."""
    addresses = list(zip(small.addresses(), large.addresses(), strict=True))
    for place, column in ((small, 0), (large, 1)):
        for pair in addresses:
            place.open(pair[column])
            place.count(pair[column])
            place.times.clear()
    for _ in range(rounds):
        for few, many in addresses:
            small.open(few)
            large.open(many)
    is_good = True
    for few, many in addresses:
        before, after = small.median(few), large.median(many)
        statements = (small.statements[few], large.statements[many])
        is_kept = after <= LIMIT * before and statements[1] <= statements[0] + 1
        is_good = is_good and is_kept
        sys.stdout.write(
            f"{before:8.1f} ms {after:8.1f} ms {after / before:6.2f} "
            f"{statements[0]:4} {statements[1]:4} {'' if is_kept else '!'} {many}\n"
        )
    return is_good


def main() -> None:
    """Print each page's times in both databases; exit 1 if one is too slow."""
    parser = argparse.ArgumentParser(prog="python -m bench.pages", description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--database", choices=("sqlite", "postgresql"))
    parser.add_argument("--tokens", type=int, default=LARGE.tokens)
    options = parser.parse_args()
    kinds = [options.database] if options.database else ["sqlite"]
    if SERVER_URL and not options.database:
        kinds.append("postgresql")
    large = Size(apps=LARGE.apps, users=LARGE.users, tokens=options.tokens)
    is_good = True
    for kind in kinds:
        with (
            tempfile.TemporaryDirectory() as folder,
            filled_place(kind, Path(folder), SMALL) as few,
            filled_place(kind, Path(folder), large) as many,
        ):
            is_good = compare(few, many, options.rounds) and is_good
    raise SystemExit(0 if is_good else 1)


if __name__ == "__main__":
    main()
