"""The permissions that the product brings along; migration 0008 adds them."""

MANAGE_SYSTEM = "manage_system"
VIEW_USERS = "view_users"
MANAGE_USERS = "manage_users"
VIEW_AUDIT_LOG = "view_audit_log"
INTROSPECT_TOKENS = "introspect_tokens"
