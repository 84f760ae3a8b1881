"""The addresses below `/access`, so that new ones are tried by every test of guards."""

import re
import uuid
from collections.abc import Iterator

from flask import Flask
from werkzeug.test import TestResponse

from tests.support.browsing import Browser
from tests.support.console import HX

NOBODY = str(uuid.UUID(int=9))
_PLACE = re.compile(r"<uuid:(\w+)>")


def rules(app: Flask, method: str, *, below: str = "/access") -> Iterator[str]:
    """Yield the rules below an address that take a method."""
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith(below) and method in (rule.methods or ()):
            yield rule.rule


def filled_in(rule: str, **ids: object) -> str:
    """Return an address of a rule, with ids of nobody where none are given."""
    return _PLACE.sub(lambda place: str(ids.get(place[1], NOBODY)), rule)


def post(
    browser: Browser, where: str, data: dict[str, object] | None = None, **options: bool
) -> TestResponse:
    """Send a form with the CSRF token of the page that the browser shows."""
    token = browser.form()["fields"]["csrf_token"][0]
    headers = HX if options.get("hx") else {}
    values = {"csrf_token": token} | (data or {})
    return browser.client.post(where, data=values, headers=headers)
