"""The list of apps, as its address narrows and sorts it."""

import uuid
from collections.abc import Sequence
from dataclasses import replace

from flask import Response, request
from sqlalchemy import select

from app.builtin import MANAGE_SYSTEM
from app.clients.models import Client
from app.clock import utcnow
from app.developer.apps.listing import Filters
from app.developer.blueprint import blueprint
from app.developer.health.facts import facts_of_all
from app.developer.health.hints import hints_that_matter
from app.developer.pages import section_tabs
from app.extensions import db
from app.tokens.queries import live_token_counts
from app.traffic.request_recorder import shows_traffic
from app.web import (
    current_person,
    paginate,
    render_list,
    requested_page,
    requires,
)
from app.web.counting import Count, count_of, counting

#: As far as the list goes on; the rest is found by searching, filtering and sorting.
MOST_APPS = 5_000


@blueprint.get("/apps")
@requires(MANAGE_SYSTEM)
@shows_traffic
def apps() -> Response:
    """List apps, narrowed and sorted as the address says."""
    filters = Filters.of(request.args)
    found = paginate(
        filters.select(person_id=current_person().id),
        page=requested_page(),
        most=MOST_APPS,
    )
    return render_list(
        "developer/apps/page.html",
        title="Trash" if filters.is_trash else "Apps",
        sections=section_tabs(),
        filters=filters,
        found=found,
        in_trash=_in_trash(filters) if filters.q and not filters.status else 0,
        live_tokens=live_token_counts(client.id for client in found.items),
        attention=_attention(found.items),
    )


def _in_trash(filters: Filters) -> Count:
    """Return how many apps in the trash the same search would find."""
    deleted = replace(filters, status="deleted")
    found = deleted.select(person_id=current_person().id)
    return count_of(db.session.scalar(select(counting(found))))


def _attention(clients: Sequence[Client]) -> dict[uuid.UUID, int]:
    """Return how much of each client needs a look; what is in the trash needs none."""
    now, kept = utcnow(), [client for client in clients if client.deleted_at is None]
    facts = facts_of_all(kept)
    return {
        client.id: len(hints_that_matter(client, facts[client.id], now))
        for client in kept
    }
