"""What docs/interop.md says was driven is what `make interop` installs."""

import json
import re
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
VERSION = re.compile(r"\d+\.\d+\.\d+")


def pinned() -> dict[str, str]:
    """Return the pinned versions by package."""
    packages = json.loads((PROJECT / "interop" / "package.json").read_text())
    lock = (PROJECT / "requirements-interop.lock").read_text()
    return packages["dependencies"] | dict(
        re.findall(r"^([a-z0-9-]+)==(\S+)", lock, re.MULTILINE)
    )


def test_the_matrix_names_the_pinned_versions() -> None:
    rows = (PROJECT / "docs" / "interop.md").read_text().splitlines()
    cells = [[cell.strip() for cell in row.split("|")] for row in rows if "|" in row]
    told = {
        (name.group().lower(), row[2])
        for row in cells
        if (name := re.match(r"[\w-]+", row[1])) and VERSION.fullmatch(row[2])
    }
    versions = pinned()
    assert len(told) >= 12
    assert told == {(name, versions[name]) for name, _ in told}


def test_no_lock_file_names_where_packages_come_from() -> None:
    for folder in ("interop", "tests/browser"):
        lock = json.loads((PROJECT / folder / "package-lock.json").read_text())
        resolved = [name for name, it in lock["packages"].items() if "resolved" in it]
        assert resolved == []
    for lock_file in PROJECT.glob("requirements*.lock"):
        assert "://" not in lock_file.read_text()
