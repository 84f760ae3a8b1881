"""A browser without JavaScript over Flask's test client."""

import re
from html.parser import HTMLParser
from typing import Any

from flask import Flask, current_app
from flask.testing import FlaskClient
from sqlalchemy import event
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from app.extensions import db


class UncommittedWorkError(AssertionError):
    """A request succeeded and left changes that nobody committed."""


class CheckedClient(FlaskClient):
    """A test client that fails any request which leaves its session dirty."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Send a request and judge what it left behind."""
        left: list[str] = []
        self.application.extensions["test_left_uncommitted"] = left
        response = super().open(*args, **kwargs)
        if left and response.status_code < 400:
            raise UncommittedWorkError(left)
        return response


def watch_sessions(app: Flask) -> None:
    """Let `app` tell CheckedClient of changes that a request did not commit."""
    app.test_client_class = CheckedClient
    app.teardown_request(_note_uncommitted_work)


def _note_uncommitted_work(_error: BaseException | None) -> None:
    session = db.session()
    if session.info.get("is_flushed") or session.new or session.dirty:
        left = current_app.extensions.setdefault("test_left_uncommitted", [])
        left.append(f"{session.new} {session.dirty} or flushed rows")


@event.listens_for(Session, "after_flush")
def _flushed(session: Session, _context: object) -> None:
    session.info["is_flushed"] = True


@event.listens_for(Session, "after_commit")
@event.listens_for(Session, "after_rollback")
def _ended(session: Session) -> None:
    session.info["is_flushed"] = False


class _Fields(HTMLParser):
    """Collects the forms of a page with the values of their fields."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[dict[str, Any]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append({"action": values.get("action", ""), "fields": {}})
        elif tag == "input" and self.forms and values.get("name"):
            if values.get("type") in {"checkbox", "radio"} and "checked" not in values:
                return
            if values.get("type") != "submit":
                fields = self.forms[-1]["fields"]
                fields.setdefault(values["name"], []).append(values.get("value", ""))


class Browser:
    """Opens pages, fills in the forms that they really carry, and follows redirects."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.client = app.test_client()
        self.page: TestResponse | None = None

    def get(self, address: str, **kwargs: Any) -> TestResponse:
        """Open `address`, following redirects inside the product."""
        self.page = self.client.get(address, **kwargs)
        return self._follow()

    def submit(
        self,
        values: dict[str, Any] | None = None,
        *,
        action: str | None = None,
        follow: bool = True,
    ) -> TestResponse:
        """Send the page's form whose action matches the pattern `action`."""
        assert self.page is not None
        form = self.form(action)
        data = form["fields"] | (values or {})
        data = {name: value for name, value in data.items() if value is not None}
        target = form["action"] or self.page.request.full_path.rstrip("?")
        self.page = self.client.post(target, data=data)
        return self._follow() if follow else self.page

    def form(self, action: str | None = None) -> dict[str, Any]:
        """Return the first form of the page whose action matches `action`."""
        assert self.page is not None
        parser = _Fields()
        parser.feed(self.page.text)
        for form in parser.forms:
            if action is None or re.search(action, form["action"]):
                return form
        raise AssertionError(
            f"no form {action!r} in {[f['action'] for f in parser.forms]}"
        )

    def sign_in(self, email: str, password: str) -> TestResponse:
        """Sign in as a person would."""
        self.get("/login")
        return self.submit({"email": email, "password": password})

    def _follow(self) -> TestResponse:
        assert self.page is not None
        for _ in range(10):
            location = self.page.headers.get("Location", "")
            if self.page.status_code not in {301, 302, 303} or not location:
                return self.page
            if not location.startswith(("/", "http://localhost/")):
                return self.page
            self.page = self.client.get(location)
        raise AssertionError("too many redirects")
