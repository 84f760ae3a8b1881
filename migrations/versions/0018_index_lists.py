"""Index what long lists are sorted by."""

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the indexes."""
    op.create_index(
        "ix_clients_deleted_at_last_used_at", "clients", ["deleted_at", "last_used_at"]
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_index("ix_clients_deleted_at_last_used_at", "clients")
