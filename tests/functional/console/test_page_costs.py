"""What pages weigh, ask of the database, and leave alone however much is in there."""

import re
from typing import Any

import pytest
from flask import Flask

from tests.factories import Factory
from tests.support.browsing import Browser
from tests.support.databases import count_statements
from tests.support.page_map import filled, page_rules
from tests.support.query_plans import plan, selects
from tests.support.seeds import Size, seed, sign_in, things

FEW, FULL = Size(apps=3, users=3, tokens=300), Size(apps=40, users=80, tokens=4_000)
PAGES = ("/developer", "/access", "/audit", "/account")
#: Tables that grow without end; no page may read one of them as a whole.
LONG = (
    "access_tokens",
    "audit_events",
    "authorization_codes",
    "consents",
    "permission_grants",
    "refresh_tokens",
    "role_assignments",
    "token_families",
    "user_sessions",
    "users",
)


def visit(app: Flask, size: Size) -> tuple[Browser, list[str]]:
    """Fill the database; return an administrator's browser and every address."""
    with app.app_context():
        seeds = seed(size)
    rules = [rule for prefix in PAGES for rule in page_rules(app, prefix)]
    return sign_in(app, seeds), [filled(rule, things(seeds)) for rule in rules]


def test_pages_are_light_without_being_compressed(app: Flask) -> None:
    browser, addresses = visit(app, FULL)
    assert "/developer/apps" in addresses
    assert too_heavy(browser, addresses) == {}


def test_pages_stay_light_with_hundreds_of_permissions(
    app: Flask, make: Factory
) -> None:
    browser, addresses = visit(app, FEW)
    for number in range(200):
        make.permission(
            f"do_{number}_with_things",
            description=f"Do what is numbered {number} with things of the company",
            group=f"Group {number % 9}",
            is_delegable=True,
        )
    assert too_heavy(browser, addresses, headers={"Accept-Encoding": "gzip"}) == {}


def too_heavy(
    browser: Browser, addresses: list[str], headers: dict[str, str] | None = None
) -> dict[str, int]:
    """Return what each page weighs as it is sent, of those that are over the limit."""
    heavy = {}
    for address in addresses:
        answer = browser.client.get(address, headers=headers)
        assert answer.status_code == 200, address
        if len(answer.data) >= 30 * 1024:
            heavy[address] = len(answer.data)
    return heavy


def test_pages_ask_the_database_as_often_of_much_as_of_little(
    app: Flask, database: Any
) -> None:
    asked: list[dict[str, int]] = []
    for size in (FEW, FULL):
        browser, addresses = visit(app, size)
        asked.append({})
        for address in addresses:
            browser.client.get(address)
            with count_statements(app) as statements:
                assert browser.client.get(address).status_code == 200, address
            asked[-1][address] = len(statements)
        database.empty(app)
    more = {a: n - asked[0][a] for a, n in asked[1].items() if n != asked[0][a]}
    # A list of more than a page is counted, too; nothing is asked for each row.
    assert set(more.values()) <= {1}, more
    assert max(asked[1].values()) < 30


def test_no_page_reads_a_long_table_as_a_whole(app: Flask) -> None:
    browser, addresses = visit(app, FULL)
    for address in addresses:
        with selects(app) as asked:
            assert browser.client.get(address).status_code == 200, address
        for statement, parameters in asked:
            if is_bounded(statement):
                continue
            for step in plan(app, statement, parameters):
                read = [name for name in LONG if reads_all_of(name, step)]
                assert read == [], f"{address}: {step} in {statement}"


def is_bounded(statement: str) -> bool:
    """Tell whether any rows will do, and only so many: how a whole list is counted."""
    return "LIMIT" in statement and not re.search(r"\b(WHERE|ORDER BY)\b", statement)


def reads_all_of(table: str, step: str) -> bool:
    """Tell whether a step goes through a table without any index."""
    on_postgresql = f"Seq Scan on {table} "
    on_sqlite = step.startswith(f"SCAN {table}") and " INDEX " not in step
    return on_postgresql in f"{step} " or on_sqlite


@pytest.mark.parametrize(
    ("step", "is_whole"),
    [
        ("SCAN users", True),
        ("SCAN users USING INDEX ix_users_name", False),
        ("SEARCH users USING INDEX ix (id=?)", False),
        ("->  Seq Scan on users  (cost=1..2)", True),
        ("->  Seq Scan on users_1  (cost=1..2)", False),
        ("->  Index Scan using ix on users  (cost=1..2)", False),
    ],
)
def test_plans_are_read_rightly(step: str, is_whole: bool) -> None:
    assert reads_all_of("users", step) is is_whole
