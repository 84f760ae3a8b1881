"""Remember whether somebody said that they had stored a secret."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; of older secrets nobody asks."""
    op.add_column("client_secrets", sa.Column("shown_at", sa.DateTime(timezone=True)))
    op.add_column("client_secrets", sa.Column("stored_at", sa.DateTime(timezone=True)))


def downgrade() -> None:
    """Drop them."""
    with op.batch_alter_table("client_secrets") as batch_op:
        batch_op.drop_column("stored_at")
        batch_op.drop_column("shown_at")
