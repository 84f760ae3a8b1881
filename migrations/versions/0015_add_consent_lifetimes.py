"""Let consents end by themselves, and apps mark scopes that people may leave out."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; what was allowed before stands until it is withdrawn."""
    op.add_column(
        "consents", sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.add_column(
        "consents",
        sa.Column(
            "is_remembered", sa.Boolean(), nullable=False, server_default=sa.true()
        ),
    )
    op.add_column(
        "clients",
        sa.Column("optional_scopes", sa.JSON(), nullable=False, server_default="[]"),
    )
    with op.batch_alter_table("consents") as batch_op:
        batch_op.alter_column("is_remembered", server_default=None)
    with op.batch_alter_table("clients") as batch_op:
        batch_op.alter_column("optional_scopes", server_default=None)


def downgrade() -> None:
    """Drop them."""
    with op.batch_alter_table("clients") as batch_op:
        batch_op.drop_column("optional_scopes")
    with op.batch_alter_table("consents") as batch_op:
        batch_op.drop_column("is_remembered")
        batch_op.drop_column("expires_at")
