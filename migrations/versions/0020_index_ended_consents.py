"""Index how consents ended, and what was given under them, for purging."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

ENDS = ("expires_at", "withdrawn_at")


def upgrade() -> None:
    """Create the indexes."""
    op.create_index(
        "ix_authorization_codes_consent_id", "authorization_codes", ["consent_id"]
    )
    for end in ENDS:
        is_set = sa.text(f"{end} IS NOT NULL")
        op.create_index(
            f"ix_consents_{end}",
            "consents",
            [end],
            sqlite_where=is_set,
            postgresql_where=is_set,
        )


def downgrade() -> None:
    """Drop them."""
    for end in ENDS:
        op.drop_index(f"ix_consents_{end}", "consents")
    op.drop_index("ix_authorization_codes_consent_id", "authorization_codes")
