"""Create the public keys that running servers tell each other."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "published_keys",
        sa.Column("kid", sa.String(length=43), nullable=False),
        sa.Column("public_key", sa.Text(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("kid", name=op.f("pk_published_keys")),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("published_keys")
