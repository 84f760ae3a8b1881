"""Create trials: an administrator tries an app with a secret of ten minutes."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table, and mark the secrets that belong to it."""
    op.add_column(
        "client_secrets",
        sa.Column(
            "is_for_trial", sa.Boolean(), nullable=False, server_default=sa.false()
        ),
    )
    with op.batch_alter_table("client_secrets") as batch_op:
        batch_op.alter_column("is_for_trial", server_default=None)
    op.create_table(
        "trials",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("secret_id", sa.Uuid(), nullable=True),
        sa.Column("grant_type", sa.String(length=32), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["client_id"], ["clients.id"], name=op.f("fk_trials_client_id_clients")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_trials_user_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["secret_id"],
            ["client_secrets.id"],
            name=op.f("fk_trials_secret_id_client_secrets"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trials")),
    )
    op.create_index("ix_trials_client_id", "trials", ["client_id"])
    op.create_index("ix_trials_expires_at", "trials", ["expires_at"])


def downgrade() -> None:
    """Drop them; secrets of trials would be ordinary ones, so they go too."""
    op.drop_table("trials")
    op.execute("DELETE FROM client_secrets WHERE is_for_trial")
    with op.batch_alter_table("client_secrets") as batch_op:
        batch_op.drop_column("is_for_trial")
