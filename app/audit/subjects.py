"""What events are about: its kind in words, and the way to its page."""

import uuid
from dataclasses import dataclass
from typing import Any

from flask import current_app, url_for

from app.audit.models import AuditEvent
from app.audit.words import CASE, CASE_CLOSED, in_words, joined_by
from app.web.requires import signed_in_person

KINDS = {
    "client": "Apps",
    "user": "People",
    "role": "Roles",
    "permission": "Permissions",
    "server": "Server",
}


@dataclass(frozen=True, kw_only=True)
class _Page:
    endpoint: str
    argument: str
    permission: str


@dataclass(frozen=True, kw_only=True)
class Told:
    """An event as a sentence: who, what, a word that joins, and what it is about.

    `subject` is empty where the sentence is complete without; `url` is its page, null
    where there is none or the reader may not open it.
    """

    what: str
    joint: str
    subject: str
    url: str | None
    #: The page of the case that the event is about, for those who may open it.
    case_url: str | None = None


_pages: dict[str, _Page] = {}


def register(kind: str, endpoint: str, argument: str, permission: str) -> None:
    """Say which page shows a subject of this kind, and who may open it."""
    _pages[kind] = _Page(endpoint=endpoint, argument=argument, permission=permission)


def told(event: AuditEvent) -> Told:
    """Return an event as a sentence for whoever reads this page."""
    joint, what = joined_by(event.action), in_words(event.action)
    if joint is None:
        return Told(what=what, joint="", subject="", url=None)
    if event.subject_kind == "user" and event.subject_id == event.actor_id:
        return Told(what=what, joint=joint, subject="their own account", url=None)
    return Told(
        what=what,
        joint=joint,
        subject=event.subject_label,
        url=_address(event.subject_kind, event.subject_id),
        case_url=_case_address(event),
    )


def _case_address(event: AuditEvent) -> str | None:
    """Return the address of the case that an event opened or closed."""
    numbers = {CASE: event.reference_id, CASE_CLOSED: event.details.get("case")}
    return _address("case", numbers.get(event.action))


def _address(kind: str, id_: uuid.UUID | str | None) -> str | None:
    page, person = _pages.get(kind), signed_in_person()
    if page is None or person is None or id_ is None:
        return None
    if page.permission not in person.permissions:
        return None
    if page.endpoint not in current_app.view_functions:
        return None
    values: dict[str, Any] = {page.argument: id_}
    return url_for(page.endpoint, **values)
