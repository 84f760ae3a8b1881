"""Spatie's semantics: roles, direct permissions, and both for users and clients."""

from flask import Flask

from app.access.effective import effective_permissions, permission_names
from tests.factories import Factory
from tests.support.databases import count_statements


def test_effective_permissions_tell_their_sources_in_one_query(
    app: Flask, make: Factory
) -> None:
    make.permission("view_invoices")
    make.role("Clerk", ["view_invoices", "pay_invoices"])
    make.role("Auditor", ["view_invoices"])
    person = make.user(roles=["Clerk", "Auditor"], permissions=["view_invoices"])
    with app.app_context(), count_statements(app) as statements:
        held = effective_permissions(person.id)
        assert len([s for s in statements if s.startswith("SELECT")]) == 1
        assert [(p.name, p.via, p.is_direct) for p in held] == [
            ("pay_invoices", ("Clerk",), False),
            ("view_invoices", ("Auditor", "Clerk"), True),
        ]
        assert permission_names(person.id) == {"view_invoices", "pay_invoices"}
