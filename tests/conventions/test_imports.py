"""What modules import, where import-linter sees modules and not the names in them."""

import ast
from collections.abc import Iterator
from pathlib import Path

APP = Path(__file__).parents[2] / "app"
#: Who holds what is joined by `app.access` alone.
JOINED_IN_ACCESS = {"PermissionGrant", "RoleAssignment", "RolePermission"}


def imported_names(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.ImportFrom):
            yield from (alias.name for alias in node.names)


def test_holdings_are_joined_in_access_alone() -> None:
    importing = {
        file.relative_to(APP).parts[0]
        for file in APP.rglob("*.py")
        if not JOINED_IN_ACCESS.isdisjoint(imported_names(file))
    }
    assert importing == {"access"}
