"""What ending a person or a permission breaks for apps, in sentences."""

import uuid

from sqlalchemy import func, select

from app.access.models import Permission
from app.clients.models import Client
from app.consents.services import clients_allowed_by
from app.database import json_list_holds
from app.extensions import db
from app.tokens.queries import live_token_count_for
from app.web.counting import count_of, counting, in_number


def impact_on_user(user_id: uuid.UUID) -> list[str]:
    """Return what apps lose with a person: their access, and perhaps their owner."""
    allowed = count_of(db.session.scalar(select(counting(clients_allowed_by(user_id)))))
    tokens = live_token_count_for(user_id)
    owned = db.session.scalar(
        select(func.count()).where(
            Client.owner_id == user_id, Client.deleted_at.is_(None)
        )
    )
    sentences = [
        f"Apps that may act for this person: {allowed}.",
        f"Live tokens of these apps, which end immediately: {tokens}.",
    ]
    if owned:
        sentences.append(
            f"This person owns {in_number(owned, 'app', 'apps')}. What these do as "
            "themselves goes on."
        )
    return sentences


def impact_on_permission(permission_id: uuid.UUID) -> list[str]:
    """Return which apps would ask users for a permission in vain."""
    permission = db.session.get_one(Permission, permission_id)
    asking = db.session.scalar(
        select(func.count()).where(
            Client.deleted_at.is_(None),
            json_list_holds(Client.scopes, permission.name),
        )
    )
    if not asking:
        return []
    return [f"Apps that ask for it by name: {asking:,}."]
