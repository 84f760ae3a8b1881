"""Who shall own an app: finding the person by what is known of them."""

import uuid
from collections.abc import Sequence

from app.accounts.emails import MAX_LENGTH, checked_email
from app.accounts.models import User
from app.accounts.services import find_user, find_user_by_email, list_users
from app.clients.models import Client
from app.errors import DomainError
from app.extensions import db

SHORTEST_SEARCH = 2
MOST_SUGGESTED = 10


def people_called(text: str, *, client: Client) -> Sequence[User]:
    """Return at most ten people whom a client could be handed to, by what was typed."""
    text = text.strip()
    # Nobody has a longer address, and SQLite refuses to look for patterns without end.
    if not SHORTEST_SEARCH <= len(text) <= MAX_LENGTH:
        return []
    found = list_users(search=text, is_active=True)
    if client.owner_id is not None:
        found = found.where(User.id != client.owner_id)
    return db.session.scalars(found.limit(MOST_SUGGESTED)).all()


def find_new_owner(*, typed: str, person_id: uuid.UUID | None, client: Client) -> User:
    """Return who was chosen, or whose whole address was typed.

    Part of a name hands nothing over: DomainError then, however few have it.
    """
    owner = find_user(person_id) if person_id else find_user_by_email(typed)
    if owner is None:
        raise DomainError(_why_nobody(typed.strip(), client), field="owner")
    return owner


def _why_nobody(typed: str, client: Client) -> str:
    if _is_whole_address(typed):
        return f"Nobody has the e-mail address {typed}."
    if people_called(typed, client=client):
        return "Type a full e-mail address, or choose one of the people below."
    return (
        "Nobody else who can sign in matches this. Type a full e-mail address or "
        "another part of the name."
    )


def _is_whole_address(typed: str) -> bool:
    try:
        checked_email(typed)
    except DomainError:
        return False
    return True
