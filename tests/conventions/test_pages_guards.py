"""Every address says who may open it."""

from collections.abc import Iterator

from flask import Flask
from werkzeug.routing import Rule

#: Open to everybody on purpose. Whoever adds an address here says so in a review.
PUBLIC = {
    "/",
    "/login",
    "/logout",
    "/oauth/authorize",
    "/oauth/token",
    "/oauth/revoke",
    "/oauth/introspect",
    "/oauth/userinfo",
    "/oauth/logout",
    "/oauth/verify",
    "/oauth/verify/",
    "/oauth/verify/<path:called>",
    "/.well-known/oauth-authorization-server",
    "/.well-known/openid-configuration",
    "/.well-known/oauth-protected-resource",
    "/.well-known/oauth-protected-resource/<path:resource>",
    "/.well-known/jwks.json",
    "/api/v1/openapi.json",
    "/api/docs",
    "/healthz",
    "/readyz",
    "/metrics",
}
GUARDED_BY_PERMISSION = {
    "/developer": "manage_system",
    "/access/roles": "manage_system",
    "/access/users": "view_users",
    "/audit": "view_audit_log",
    "/api/v1/clients": "manage_system",
}


def rules(app: Flask) -> Iterator[tuple[Rule, tuple[str, ...] | None]]:
    for rule in app.url_map.iter_rules():
        if rule.endpoint != "static":
            view = app.view_functions[rule.endpoint]
            yield rule, getattr(view, "guard", None)


def test_every_address_carries_a_guard_or_is_public(session_app: Flask) -> None:
    without = [rule.rule for rule, guard in rules(session_app) if guard is None]
    assert without == []


def test_public_addresses_are_listed(session_app: Flask) -> None:
    public = {rule.rule for rule, guard in rules(session_app) if guard == ("public",)}
    assert public - PUBLIC == set()
    assert {"/", "/login", "/oauth/token"} <= public


def test_guards_are_the_permissions_that_the_product_names(
    session_app: Flask,
) -> None:
    for rule, guard in rules(session_app):
        for prefix, permission in GUARDED_BY_PERMISSION.items():
            if rule.rule == prefix or rule.rule.startswith(prefix + "/"):
                changes = {"POST", "PUT", "PATCH", "DELETE"} & (rule.methods or set())
                if permission == "view_users" and changes:
                    assert "manage_users" in (guard or ()), rule.rule
                else:
                    assert permission in (guard or ()), rule.rule


def test_visitors_are_turned_away_from_every_guarded_page(session_app: Flask) -> None:
    client = session_app.test_client()
    for rule, guard in rules(session_app):
        if guard == ("public",) or "GET" not in (rule.methods or ()):
            continue
        with session_app.test_request_context():
            values = dict.fromkeys(
                rule.arguments, "0193f0a2-7d1e-7c55-9e50-0aa2c6c1b7de"
            )
            address = rule.rule
            for name, value in values.items():
                for kind in ("", "uuid:", "int:"):
                    address = address.replace(f"<{kind}{name}>", value)
        answer = client.get(address)
        if address.startswith("/api/"):
            assert answer.status_code == 401, address
        else:
            assert answer.status_code == 303, address
            assert answer.location.startswith("/login?next="), address
