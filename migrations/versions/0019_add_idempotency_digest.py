"""Remember what was said with the idempotency key that registered a client."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; of older keys nobody knows what was said."""
    op.add_column("clients", sa.Column("idempotency_digest", sa.LargeBinary(length=32)))


def downgrade() -> None:
    """Drop it."""
    with op.batch_alter_table("clients") as batch_op:
        batch_op.drop_column("idempotency_digest")
