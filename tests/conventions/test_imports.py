"""What modules import, where import-linter sees too much or too little.

It knows packages and not the names in them, and what each module may know of the web
follows from the name of its file.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

APP = Path(__file__).parents[2] / "app"
MODULES = sorted(file.relative_to(APP) for file in APP.rglob("*.py"))
#: Who holds what is joined by `app.access` alone.
JOINED_IN_ACCESS = {"PermissionGrant", "RoleAssignment", "RolePermission"}
WEB = {"flask", "flask_login", "flask_smorest", "flask_wtf", "wtforms"}
#: Packages and modules that are about requests, answers or the application throughout.
AT_THE_EDGE = {"api", "oauth", "web", "__init__.py", "composition.py", "extensions.py"}
#: By the ends of their names: where each stands within its package.
ORDER = (
    r"(^|_)(views|commands)$",
    r"(^|_)pages?$|^blueprint$",
    r"(^|_)(forms|fields)$",
    r"^(?!models$)",
    r"^models$",
)
RULES = 3
#: Modules of other names that know the web, and what they need of it.
KNOW_THE_WEB = {
    "accounts/destinations.py": "which page a local address leads to",
    "accounts/sign_in.py": "the cookie of who is signed in",
    "audit/origin.py": "where a request comes from",
    "audit/subjects.py": "the addresses of what events are about",
    "developer/health/links.py": "the addresses where hints are mended",
    "developer/redirect_uris/answers.py": "answers while somebody types",
    "developer/redirect_uris/checks.py": "the field whose lines are judged",
    "developer/snippets/code.py": "templates of programs",
    "developer/trial/wire.py": "requests of the application to itself",
    "traffic/request_recorder.py": "the request that was refused",
}


def imports_of(file: Path) -> Iterator[tuple[str, str]]:
    """Yield each module that a file imports with a name from it, or an empty one."""
    for node in ast.walk(ast.parse((APP / file).read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield from ((node.module, alias.name) for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)


def place_of(stem: str) -> int:
    return next(i for i, pattern in enumerate(ORDER) if re.search(pattern, stem))


def knows_the_web(file: Path) -> bool:
    return any(module.split(".")[0] in WEB for module, _ in imports_of(file))


def neighbours(file: Path) -> Iterator[str]:
    """Yield the stems of the modules of its own package that a module imports."""
    package = f"app.{file.parts[0]}"
    for module, name in imports_of(file):
        if f"{module}.".startswith(f"{package}."):
            is_package = (APP.parent / Path(*module.split("."))).is_dir()
            yield name if is_package else module.split(".")[-1]


def test_holdings_are_joined_in_access_alone() -> None:
    importing = {
        file.parts[0]
        for file in MODULES
        if any(name in JOINED_IN_ACCESS for _, name in imports_of(file))
    }
    assert importing == {"access"}


def test_rules_services_and_models_know_nothing_of_flask_or_forms() -> None:
    knowing = {
        file.as_posix()
        for file in MODULES
        if file.parts[0] not in AT_THE_EDGE
        and place_of(file.stem) >= RULES
        and knows_the_web(file)
    }
    assert knowing == set(KNOW_THE_WEB)


@pytest.mark.parametrize(
    "file",
    [
        file
        for file in MODULES
        if file.parts[0] not in AT_THE_EDGE and file.as_posix() not in KNOW_THE_WEB
    ],
    ids=str,
)
def test_within_a_package_each_stands_on_those_below(file: Path) -> None:
    above = {stem for stem in neighbours(file) if place_of(stem) < place_of(file.stem)}
    assert above == set()


def test_no_view_takes_anything_from_another() -> None:
    """What views share stands in a page module; a list of modules names them all."""
    views = [file for file in MODULES if re.search(r"(.+_)?views\.py$", file.name)]
    assert len(views) > 30
    taken = {
        (file.as_posix(), module)
        for file in views
        for module, name in imports_of(file)
        if module.startswith("app.") and module.endswith("views") and name != "views"
    }
    assert taken == set()
