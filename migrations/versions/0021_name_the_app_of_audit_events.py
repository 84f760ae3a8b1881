"""Name in each audit event the app that did it on a person's behalf, by its id."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

#: By name: the columns. Few events are by apps; the others take no room in these.
INDEXES = {
    "ix_audit_events_via_client": ["via_client_id", "happened_at"],
    "ix_audit_events_via_client_for_actor": [
        "via_client_id",
        "actor_id",
        "happened_at",
    ],
}


def upgrade() -> None:
    """Add the column, empty in older events: they have but names, which change."""
    op.add_column("audit_events", sa.Column("via_client_id", sa.Uuid(), nullable=True))
    is_by_app = sa.text("via_client_id IS NOT NULL")
    for name, columns in INDEXES.items():
        op.create_index(
            name,
            "audit_events",
            columns,
            sqlite_where=is_by_app,
            postgresql_where=is_by_app,
        )


def downgrade() -> None:
    """Drop it."""
    for name in INDEXES:
        op.drop_index(name, "audit_events")
    op.drop_column("audit_events", "via_client_id")
