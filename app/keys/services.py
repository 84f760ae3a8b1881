"""Signing keys."""

from app.config import Settings


def key_problems(settings: Settings) -> list[str]:
    """Return what is wrong with the keys in the environment."""
    return []
