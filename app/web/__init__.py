"""What every page needs."""

from flask import Flask

from app.config import Settings


def init_app(app: Flask, settings: Settings) -> None:
    """Bind to `app`."""
