"""Create counts by the hour and refused requests."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "hourly_counts",
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tokens", sa.BigInteger(), nullable=False),
        sa.Column("calls", sa.BigInteger(), nullable=False),
        sa.Column("refusals", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("client_id", "hour", name=op.f("pk_hourly_counts")),
    )
    # The start page sums up every app's counts of a day: the index has them beside.
    op.create_index(
        "ix_hourly_counts_hour",
        "hourly_counts",
        ["hour", "tokens", "calls", "refusals"],
    )
    op.create_table(
        "refused_requests",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("fold_key", sa.String(length=16), nullable=False),
        sa.Column("endpoint", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=48), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=True),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("findings", sa.JSON(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_reference_id", sa.String(length=36), nullable=True),
        sa.Column("last_ip_address", sa.String(length=45), nullable=True),
        sa.Column("dismissed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refused_requests")),
        sa.UniqueConstraint("fold_key", name=op.f("uq_refused_requests_fold_key")),
    )
    op.create_index(
        "ix_refused_requests_client_id",
        "refused_requests",
        ["client_id", "last_seen_at"],
    )
    op.create_index(
        "ix_refused_requests_last_seen_at", "refused_requests", ["last_seen_at"]
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("refused_requests")
    op.drop_table("hourly_counts")
