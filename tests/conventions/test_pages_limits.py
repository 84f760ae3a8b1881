"""Modules stay short enough to be read in one sitting."""

from pathlib import Path

import pytest

from app.config import PROJECT_ROOT

MODULES = sorted((PROJECT_ROOT / "app").rglob("*.py"))
TESTS = sorted((PROJECT_ROOT / "tests").rglob("*.py"))
AVOIDED = {"utils", "helpers", "common", "misc", "manager"}


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
