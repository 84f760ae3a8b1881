"""Modules and views stay short enough to be read in one sitting."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.config import PROJECT_ROOT

MODULES = sorted((PROJECT_ROOT / "app").rglob("*.py"))
TESTS = sorted((PROJECT_ROOT / "tests").rglob("*.py"))
AVOIDED = {"utils", "helpers", "common", "misc", "manager"}
#: What puts a view into its blueprint.
ROUTES = {"get", "post", "put", "patch", "delete", "route", "operation"}


def named(path: Path) -> str:
    return path.relative_to(PROJECT_ROOT).as_posix()


def length(path: Path) -> int:
    return len(path.read_text().splitlines())


@pytest.mark.parametrize(
    ("paths", "limit"),
    [
        (MODULES, 300),
        ([path for path in TESTS if path.name != "conftest.py"], 500),
        ([path for path in TESTS if path.name == "conftest.py"], 150),
    ],
    ids=["modules", "tests", "conftest"],
)
def test_no_module_grows_without_end(paths: list[Path], limit: int) -> None:
    assert paths
    long = {named(path): length(path) for path in paths if length(path) > limit}
    assert long == {}


def test_no_module_is_named_after_nothing() -> None:
    vague = [named(path) for path in MODULES + TESTS if path.stem.lower() in AVOIDED]
    assert vague == []


def views(path: Path) -> Iterator[ast.FunctionDef]:
    """Yield the functions of a module that answer requests."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef) and any(
            isinstance(mark, ast.Call)
            and isinstance(mark.func, ast.Attribute)
            and mark.func.attr in ROUTES
            for mark in node.decorator_list
        ):
            yield node


def test_a_view_is_read_at_a_glance() -> None:
    lengths = {
        view.name: (view.end_lineno or 0) - view.lineno + 1
        for path in MODULES
        for view in views(path)
    }
    assert len(lengths) > 100
    assert not {name for name, length in lengths.items() if length > 30}
