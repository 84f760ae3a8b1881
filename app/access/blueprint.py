"""The console's pages about people, roles and permissions."""

from flask import Blueprint

from app.audit import subjects
from app.builtin import MANAGE_SYSTEM, VIEW_USERS
from app.web import navigation

blueprint = Blueprint("access", __name__, url_prefix="/access")
navigation.register("Users", "access.users", VIEW_USERS, 20)
navigation.register("Roles", "access.roles", MANAGE_SYSTEM, 30)
subjects.register("user", "access.user", "user_id", VIEW_USERS)
subjects.register("role", "access.role", "role_id", MANAGE_SYSTEM)
subjects.register("permission", "access.permission", "permission_id", MANAGE_SYSTEM)
