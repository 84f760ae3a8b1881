"""What templates of several packages share lies in `templates/web`."""

import re
from pathlib import Path

import pytest

TEMPLATES = Path(__file__).parents[2] / "app" / "templates"
FILES = sorted(file.relative_to(TEMPLATES) for file in TEMPLATES.rglob("*.html"))
TAKEN = re.compile(r"""\{%-?\s*(?:import|from|include|extends)\s+["']([^"']+)["']""")


@pytest.mark.parametrize("file", FILES, ids=str)
def test_no_template_takes_from_that_of_another_package(file: Path) -> None:
    taken = TAKEN.findall((TEMPLATES / file).read_text())
    at_home = {file.parts[0], "web", "layout.html", "layout_bare.html"}
    assert [name for name in taken if name.split("/")[0] not in at_home] == []


def test_what_templates_take_is_found() -> None:
    """The pattern sees the ways of taking, so that the check above means something."""
    taken = {name for f in FILES for name in TAKEN.findall((TEMPLATES / f).read_text())}
    assert {"layout_bare.html", "web/blocks.html", "web/scopes.html"} <= taken
    assert [name for name in sorted(taken) if not (TEMPLATES / name).is_file()] == []
