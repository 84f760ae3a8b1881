"""Binds this package to an application."""

from flask import Flask


def init_app(app: Flask) -> None:
    """Register the blueprints."""
