"""People, apps and roles for tests, made through the services of the product."""

from dataclasses import dataclass

from flask import Flask


@dataclass(frozen=True)
class Factory:
    """Makes rows in a context of its own and returns plain facts about them.

    What it returns is detached from any session, so that a test sees what a request
    really committed and not what it remembers itself.
    """

    app: Flask
