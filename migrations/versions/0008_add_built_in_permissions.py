"""Add the built-in permissions and the role that holds them all."""

import uuid
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

NAMESPACE = uuid.UUID("3d0c1f5e-6f0b-4c55-9d31-1a6f0f5d0a10")
ADMINISTRATOR = uuid.uuid5(NAMESPACE, "role:Administrator")
PERMISSIONS = (
    # name, what the consent screen says, group, may apps ask users for it
    ("manage_system", "Manage apps, roles and settings", "System", False),
    ("view_users", "See the people of the organisation", "People", True),
    ("manage_users", "Add, change and deactivate people", "People", False),
    ("view_audit_log", "Read the audit log", "System", False),
    ("introspect_tokens", "Look up whether tokens are active", "System", False),
)

permissions = sa.table(
    "permissions",
    sa.column("id", sa.Uuid()),
    sa.column("name", sa.String()),
    sa.column("description", sa.Text()),
    sa.column("group_name", sa.String()),
    sa.column("is_delegable", sa.Boolean()),
    sa.column("is_built_in", sa.Boolean()),
    sa.column("created_at", sa.DateTime(timezone=True)),
)
roles = sa.table(
    "roles",
    sa.column("id", sa.Uuid()),
    sa.column("name", sa.String()),
    sa.column("description", sa.Text()),
    sa.column("is_built_in", sa.Boolean()),
    sa.column("created_at", sa.DateTime(timezone=True)),
)
role_permissions = sa.table(
    "role_permissions",
    sa.column("role_id", sa.Uuid()),
    sa.column("permission_id", sa.Uuid()),
)
role_assignments = sa.table("role_assignments", sa.column("role_id", sa.Uuid()))
permission_grants = sa.table("permission_grants", sa.column("permission_id", sa.Uuid()))


def permission_id(name: str) -> uuid.UUID:
    """Return the id that a built-in permission has in every installation."""
    return uuid.uuid5(NAMESPACE, f"permission:{name}")


def upgrade() -> None:
    """Insert them under ids that are the same in every installation."""
    now = datetime.now(UTC)
    if op.get_bind().dialect.name == "sqlite":
        now = now.replace(tzinfo=None)
    op.bulk_insert(
        permissions,
        [
            {
                "id": permission_id(name),
                "name": name,
                "description": description,
                "group_name": group,
                "is_delegable": is_delegable,
                "is_built_in": True,
                "created_at": now,
            }
            for name, description, group, is_delegable in PERMISSIONS
        ],
    )
    op.bulk_insert(
        roles,
        [
            {
                "id": ADMINISTRATOR,
                "name": "Administrator",
                "description": "May do everything",
                "is_built_in": True,
                "created_at": now,
            }
        ],
    )
    op.bulk_insert(
        role_permissions,
        [
            {"role_id": ADMINISTRATOR, "permission_id": permission_id(name)}
            for name, *_ in PERMISSIONS
        ],
    )


def downgrade() -> None:
    """Remove them, and that anybody held them (SQLite does not cascade here)."""
    ids = [permission_id(name) for name, *_ in PERMISSIONS]
    for holding in (role_permissions, permission_grants):
        op.execute(holding.delete().where(holding.c.permission_id.in_(ids)))
    for holding in (role_permissions, role_assignments):
        op.execute(holding.delete().where(holding.c.role_id == ADMINISTRATOR))
    op.execute(roles.delete().where(roles.c.id == ADMINISTRATOR))
    op.execute(permissions.delete().where(permissions.c.id.in_(ids)))
