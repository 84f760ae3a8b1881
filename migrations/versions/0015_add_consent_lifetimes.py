"""Let consents end by themselves, and people leave out what an app marked optional."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

STANDING = "withdrawn_at IS NULL"
REMEMBERED = "withdrawn_at IS NULL AND is_remembered"


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
    _add_names("consents", "declined_scopes")
    _add_names("clients", "optional_scopes")
    with op.batch_alter_table("consents") as batch_op:
        batch_op.alter_column("is_remembered", server_default=None)
    _index_standing(REMEMBERED)
    op.create_index(
        "ix_consents_user_id_client_id", "consents", ["user_id", "client_id"]
    )


def downgrade() -> None:
    """Drop them, and end the consents whose end nothing would know any more."""
    op.execute(
        "UPDATE consents SET withdrawn_at = CURRENT_TIMESTAMP "
        "WHERE withdrawn_at IS NULL AND (expires_at IS NOT NULL OR NOT is_remembered)"
    )
    op.drop_index("ix_consents_user_id_client_id", "consents")
    _index_standing(STANDING)
    with op.batch_alter_table("clients") as batch_op:
        batch_op.drop_column("optional_scopes")
    with op.batch_alter_table("consents") as batch_op:
        batch_op.drop_column("declined_scopes")
        batch_op.drop_column("is_remembered")
        batch_op.drop_column("expires_at")


def _add_names(table: str, column: str) -> None:
    op.add_column(
        table, sa.Column(column, sa.JSON(), nullable=False, server_default="[]")
    )
    with op.batch_alter_table(table) as batch_op:
        batch_op.alter_column(column, server_default=None)


def _index_standing(condition: str) -> None:
    op.drop_index("uq_consents_standing", "consents")
    op.create_index(
        "uq_consents_standing",
        "consents",
        ["user_id", "client_id"],
        unique=True,
        sqlite_where=sa.text(condition),
        postgresql_where=sa.text(condition),
    )
