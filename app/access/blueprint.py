"""The console's pages about people, roles and permissions."""

from flask import Blueprint

from app.audit import subjects
from app.web import navigation

VIEW_USERS = "view_users"
MANAGE_USERS = "manage_users"
MANAGE_SYSTEM = "manage_system"
VIEW_AUDIT_LOG = "view_audit_log"

blueprint = Blueprint("access", __name__, url_prefix="/access")
navigation.register("Users", "access.users", VIEW_USERS, 20)
navigation.register("Roles", "access.roles", MANAGE_SYSTEM, 30)
subjects.register("user", "access.user", "user_id", VIEW_USERS)
subjects.register("role", "access.role", "role_id", MANAGE_SYSTEM)
subjects.register("permission", "access.permission", "permission_id", MANAGE_SYSTEM)
