"""What the Danger zone shows: what each act will break, or what is in the trash."""

from typing import Any

from app.access.effective import direct_permissions, held_roles
from app.clients.models import Client
from app.developer.activity.changes import last_deletion
from app.developer.danger.forms import DeleteForm, TransferForm
from app.developer.danger.new_owner import people_called
from app.developer.impact import impact_of
from app.developer.pages import tab_context
from app.extensions import db


def danger_context(
    client: Client,
    *,
    transfer: TransferForm | None = None,
    delete: DeleteForm | None = None,
) -> dict[str, Any]:
    """Return what the tab shows, with forms as they were sent."""
    transfer = transfer or TransferForm(formdata=None)
    return tab_context(client, "danger") | {
        "impact": impact_of(client),
        "transfer": transfer,
        "found_people": people_called(transfer.owner.data or "", client=client),
        "delete": delete or DeleteForm(formdata=None),
    }


def trash_context(client: Client) -> dict[str, Any]:
    """Return what is known of an app in the trash: whose doing, and what remains."""
    return tab_context(client, "danger") | {
        "deletion": db.session.scalar(last_deletion(client.id)),
        "people": impact_of(client).people,
        "held": [*held_roles(client.id), *direct_permissions(client.id)],
    }
