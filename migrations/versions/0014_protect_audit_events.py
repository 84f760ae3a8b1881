"""Let PostgreSQL refuse to change or remove audit events; index what is filtered by."""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Index what is filtered by; on PostgreSQL refuse all but adding."""
    op.create_index("ix_audit_events_action", "audit_events", ["action", "happened_at"])
    op.create_index(
        "ix_audit_events_ip_address", "audit_events", ["ip_address", "happened_at"]
    )
    op.create_index("ix_audit_events_reference_id", "audit_events", ["reference_id"])
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute(
        """
        CREATE FUNCTION refuse_to_change_audit_events() RETURNS trigger
        LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'audit events are only ever added';
        END $$
        """
    )
    op.execute(
        """
        CREATE TRIGGER audit_events_are_only_added
        BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_events
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_change_audit_events()
        """
    )


def downgrade() -> None:
    """Lift that, and drop the indexes."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER audit_events_are_only_added ON audit_events")
        op.execute("DROP FUNCTION refuse_to_change_audit_events()")
    op.drop_index("ix_audit_events_reference_id", "audit_events")
    op.drop_index("ix_audit_events_ip_address", "audit_events")
    op.drop_index("ix_audit_events_action", "audit_events")
