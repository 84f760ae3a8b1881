"""Index what lists are sorted, narrowed and summed up by, and who holds a thing."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

#: Tables of who holds what, and the column of what they hold.
HOLDINGS = (("role_assignments", "role_id"), ("permission_grants", "permission_id"))
HOLDERS = ("user_id", "client_id")
COUNTED = ("tokens", "calls", "refusals")


def upgrade() -> None:
    """Create the indexes."""
    op.create_index("ix_client_secrets_expires_at", "client_secrets", ["expires_at"])
    op.create_index("ix_clients_disabled_at", "clients", ["disabled_at"])
    op.create_index(
        "ix_clients_deleted_at_last_used_at", "clients", ["deleted_at", "last_used_at"]
    )
    op.create_index(
        "ix_audit_events_subject_kind", "audit_events", ["subject_kind", "happened_at"]
    )
    is_deactivated = sa.text("deactivated_at IS NOT NULL")
    op.create_index(
        "ix_users_deactivated",
        "users",
        ["email_key", "id"],
        sqlite_where=is_deactivated,
        postgresql_where=is_deactivated,
    )
    # The start page sums up every app's counts of a day: the index has them beside.
    op.drop_index("ix_hourly_counts_hour", "hourly_counts")
    op.create_index("ix_hourly_counts_hour", "hourly_counts", ["hour", *COUNTED])
    for table, held in HOLDINGS:
        for holder in HOLDERS:
            is_set = sa.text(f"{holder} IS NOT NULL")
            op.create_index(
                f"ix_{table}_{held}_{holder}",
                table,
                [held, holder],
                sqlite_where=is_set,
                postgresql_where=is_set,
            )


def downgrade() -> None:
    """Drop them."""
    for table, held in HOLDINGS:
        for holder in HOLDERS:
            op.drop_index(f"ix_{table}_{held}_{holder}", table)
    op.drop_index("ix_hourly_counts_hour", "hourly_counts")
    op.create_index("ix_hourly_counts_hour", "hourly_counts", ["hour"])
    op.drop_index("ix_users_deactivated", "users")
    op.drop_index("ix_audit_events_subject_kind", "audit_events")
    op.drop_index("ix_clients_deleted_at_last_used_at", "clients")
    op.drop_index("ix_clients_disabled_at", "clients")
    op.drop_index("ix_client_secrets_expires_at", "client_secrets")
