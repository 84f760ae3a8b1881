"""The main navigation, made of what the packages above register."""

from dataclasses import dataclass

from flask import current_app, request, url_for

from app.web.requires import signed_in_person


@dataclass(frozen=True)
class Entry:
    """A link of the main navigation; `permission` None shows it to everybody."""

    label: str
    endpoint: str
    permission: str | None
    order: int


@dataclass(frozen=True)
class Link:
    """An entry as this request shows it."""

    label: str
    url: str
    is_current: bool


_entries: dict[str, Entry] = {}


def register(
    label: str, endpoint: str, permission: str | None = None, order: int = 100
) -> None:
    """Put a link into the main navigation, once per endpoint."""
    _entries[endpoint] = Entry(label, endpoint, permission, order)


def entries() -> list[Link]:
    """Return the links that the signed-in person may follow."""
    person = signed_in_person()
    if person is None:
        return []
    return [
        Link(entry.label, url_for(entry.endpoint), _is_current(entry))
        for entry in sorted(_entries.values(), key=lambda entry: entry.order)
        if (entry.permission is None or entry.permission in person.permissions)
        and entry.endpoint in current_app.view_functions
    ]


def _is_current(entry: Entry) -> bool:
    address = url_for(entry.endpoint)
    return request.path == address or request.path.startswith(address + "/")
