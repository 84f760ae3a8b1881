"""Who is signed in."""

from flask import Flask


def init_app(app: Flask) -> None:
    """Let Flask-Login find the person behind a request."""
