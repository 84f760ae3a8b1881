"""Add what OpenID Connect and resource indicators keep."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; what is there already asked for nothing of them."""
    with op.batch_alter_table("clients", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "post_logout_redirect_uris",
                sa.JSON(),
                nullable=False,
                server_default="[]",
            )
        )
        batch_op.add_column(
            sa.Column("token_endpoint_auth_method", sa.String(length=32), nullable=True)
        )
    with op.batch_alter_table("authorization_codes", schema=None) as batch_op:
        batch_op.add_column(sa.Column("nonce", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("audience", sa.Text(), nullable=True))
    with op.batch_alter_table("token_families", schema=None) as batch_op:
        batch_op.add_column(sa.Column("audience", sa.Text(), nullable=True))
        batch_op.add_column(
            sa.Column("authenticated_at", sa.DateTime(timezone=True), nullable=True)
        )


def downgrade() -> None:
    """Drop them."""
    with op.batch_alter_table("token_families", schema=None) as batch_op:
        batch_op.drop_column("authenticated_at")
        batch_op.drop_column("audience")
    with op.batch_alter_table("authorization_codes", schema=None) as batch_op:
        batch_op.drop_column("audience")
        batch_op.drop_column("nonce")
    with op.batch_alter_table("clients", schema=None) as batch_op:
        batch_op.drop_column("token_endpoint_auth_method")
        batch_op.drop_column("post_logout_redirect_uris")
