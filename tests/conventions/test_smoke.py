"""The application can be made."""

from flask import Flask


def test_an_application_is_made(app: Flask) -> None:
    assert app.name == "app"
