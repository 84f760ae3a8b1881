"""Pages that tell of traffic know all of it until then; others write nothing."""

import re
import uuid

import pytest
from flask import Flask

from app.traffic.request_recorder import count_token
from tests.factories import Factory
from tests.support.console import Console
from tests.support.databases import count_statements
from tests.support.markup import parse
from tests.support.page_map import filled, page_rules
from tests.support.parties import Parties
from tests.support.seeds import Size, seed, sign_in, things

READS = re.compile(
    r"SELECT.*\b(FROM|JOIN) (hourly_counts|refused_requests)\b", re.DOTALL
)
WRITES = "INSERT INTO hourly_counts"
#: Some of those that read; the test finds the others.
READING = {"/developer", "/developer/apps", "/developer/refused"}


def test_who_reads_traffic_finds_it_written(app: Flask) -> None:
    with app.app_context():
        seeds = seed(Size(apps=3, users=3, tokens=300))
    browser, given = sign_in(app, seeds), things(seeds)
    reading = set()
    for address in (filled(rule, given) for rule in page_rules(app, "/developer")):
        with app.app_context():
            count_token(uuid.uuid4())
        with count_statements(app) as statements:
            assert browser.client.get(address).status_code == 200, address
        is_read = any(READS.match(statement) for statement in statements)
        is_written = any(WRITES in statement for statement in statements)
        assert is_written == is_read, f"{address}: @shows_traffic"
        if is_read:
            reading.add(address)
    assert reading > READING


@pytest.mark.parametrize("address", ["danger", "disable", "tokens/revoke-all"])
def test_a_request_is_told_at_once(
    app: Flask, make: Factory, parties: Parties, address: str
) -> None:
    party = parties.confidential(name="Counted")
    console = Console.of_administrator(app, make)
    page, told = f"/developer/apps/{party.client_id}/{address}", "1 request in the last"
    assert told not in parse(console.get(page).text).text
    party.act_as_itself()
    assert told in parse(console.get(page).text).text


def test_a_refusal_is_told_at_once(app: Flask, make: Factory, parties: Parties) -> None:
    party = parties.confidential(name="Refused")
    console = Console.of_administrator(app, make)
    assert party.redeem("x").status_code == 400
    for address in ("", "/refused", f"/apps/{party.client_id}/activity/refused"):
        page = console.get(f"/developer{address}")
        assert "This server did not issue that authorization code." in page.text, (
            address
        )
        assert party.redeem("y").status_code == 400
