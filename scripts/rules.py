"""Writes `docs/rules.md` from the tests' marks: `python -m scripts.rules`.

A mark names a rule, the duty in our own words and its level. Where the rule is enforced
is read from the product's comments, which cite rules in the same spelling.
"""

# ruff: noqa: INP001 - a script beside the shell scripts, no package

import ast
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
DOCUMENT = PROJECT / "docs" / "rules.md"
LEVELS = ("MUST", "SHOULD", "MAY")

TITLES = {
    "Form Post Response Mode": "OAuth 2.0 Form Post Response Mode",
    "OpenID Connect Core": "OpenID Connect Core 1.0",
    "OpenID Connect Discovery": "OpenID Connect Discovery 1.0",
    "RP-Initiated Logout": "OpenID Connect RP-Initiated Logout 1.0",
    "RFC 6749": "The OAuth 2.0 Authorization Framework",
    "RFC 6750": "Bearer Token Usage",
    "RFC 6819": "OAuth 2.0 Threat Model and Security Considerations",
    "RFC 7009": "Token Revocation",
    "RFC 7515": "JSON Web Signature",
    "RFC 7517": "JSON Web Key",
    "RFC 7591": "Dynamic Client Registration",
    "RFC 7617": "The Basic HTTP Authentication Scheme",
    "RFC 7636": "Proof Key for Code Exchange",
    "RFC 7638": "JSON Web Key Thumbprint",
    "RFC 7662": "Token Introspection",
    "RFC 8252": "OAuth 2.0 for Native Apps",
    "RFC 8414": "Authorization Server Metadata",
    "RFC 8707": "Resource Indicators for OAuth 2.0",
    "RFC 8725": "JSON Web Token Best Current Practices",
    "RFC 9068": "JWT Profile for OAuth 2.0 Access Tokens",
    "RFC 9110": "HTTP Semantics",
    "RFC 9207": "Authorization Server Issuer Identification",
    "RFC 9457": "Problem Details for HTTP APIs",
    "RFC 9700": "Best Current Practice for OAuth 2.0 Security",
    "RFC 9728": "OAuth 2.0 Protected Resource Metadata",
}

#: What these documents offer and Gatepass leaves out: rule, what it is, why.
NOT_SUPPORTED = (
    ("RFC 6749 §4.2", "the implicit grant", "RFC 9700 §2.1.2 advises against it"),
    ("RFC 6749 §4.3", "the password grant", "RFC 9700 §2.4 forbids it"),
    (
        "RFC 6749 §4.5",
        "extension grants",
        "nothing here needs one; their names are refused as unknown",
    ),
    (
        "RFC 6749 §8.1",
        "token types of others",
        "every token is a bearer token",
    ),
    (
        "RFC 6750 §2.2",
        "access tokens in forms at the API",
        "the header does for it; only userinfo takes both",
    ),
    (
        "RFC 7009 §2.3",
        "answers as scripts (JSONP)",
        "pages call by CORS, and no answer of ours is a script",
    ),
    (
        "RFC 7662 §2.2",
        "signed answers to introspection",
        "callers come by https and get JSON",
    ),
    (
        "RFC 8414 §2.1",
        "signed metadata",
        "it is fetched by https from the issuer itself",
    ),
    (
        "RFC 8414 §3.1",
        "an issuer with a path",
        "the issuer is a bare origin, so that no address can be mistaken",
    ),
    (
        "RFC 9700 §2.2.1",
        "access tokens bound to a key of their client",
        "tokens are short-lived and revocable at once",
    ),
    (
        "RFC 9700 §2.5",
        "clients that authenticate by keys of their own",
        "secrets have 256 bits, travel by https and are stored as digests",
    ),
    (
        "RFC 9700 §4.11.2",
        "signing people in before an error goes to a registered address",
        "apps are registered by known people, and an error carries no secret",
    ),
    (
        "RFC 9728 §2.2",
        "signed metadata",
        "it is fetched by https from the resource itself",
    ),
    (
        "OpenID Connect Core §3.2",
        "the implicit flow",
        "RFC 9700 §2.1.2 advises against it",
    ),
    (
        "OpenID Connect Core §3.3",
        "the hybrid flow",
        "the code flow does for every client; tokens in addresses leak",
    ),
    (
        "OpenID Connect Core §4",
        "sign-in that a third party starts",
        "it is a duty of clients",
    ),
    (
        "OpenID Connect Core §5.5",
        "the claims parameter",
        "scopes choose the claims; the parameter is ignored, as is allowed",
    ),
    (
        "OpenID Connect Core §5.6.2",
        "aggregated and distributed claims",
        "every claim is our own",
    ),
    (
        "OpenID Connect Core §7",
        "self-issued identities",
        "people are known by this server alone",
    ),
    (
        "OpenID Connect Core §8.1",
        "a subject of its own for each client",
        "the apps of one organization share their people",
    ),
    (
        "OpenID Connect Core §9",
        "client_secret_jwt and private_key_jwt",
        "secrets have 256 bits and travel by https",
    ),
    (
        "OpenID Connect Core §10.2",
        "encrypted ID tokens and userinfo",
        "they travel by https and hold little",
    ),
    (
        "OpenID Connect Discovery §2",
        "finding the issuer by WebFinger",
        "clients are told the issuer when they are registered",
    ),
    (
        "OpenID Connect Core §6.1",
        "request objects (request, request_uri)",
        "requests are short, and nothing is fetched for whoever asks",
    ),
    (
        "RFC 6750 §2.3",
        "access tokens in addresses",
        "RFC 9700 §4.3.2 forbids it: addresses end up in logs and histories",
    ),
    (
        "RFC 7636 §4.2",
        "the challenge method plain",
        "it protects nothing against whoever reads the request",
    ),
    (
        "RFC 9126 §2",
        "pushed authorization requests",
        "requests are short, and codes are bound by PKCE",
    ),
    (
        "RFC 9449 §5",
        "sender-constrained tokens (DPoP)",
        "tokens are short-lived and revocable at once",
    ),
)

INTRODUCTION = """\
# Rules

The duties that Gatepass takes from the standards, each with the tests that show it to
hold. `make rules` writes this page from the tests' marks; do not edit it by hand.
*Enforced in* lists the modules whose comments cite the same section.
"""

_STANDARD = rf"(?:RFC \d+|{'|'.join(name for name in TITLES if name[:3] != 'RFC')})"
_RULE = re.compile(rf"({_STANDARD}) (§\d+(?:\.\d+)*)")
_CITATION = re.compile(rf"({_STANDARD})((?:,? (?:and )?§\d+(?:\.\d+)*)+)")
_SECTION = re.compile(r"§\d+(?:\.\d+)*")


@dataclass(frozen=True, order=True)
class Mark:
    """One `@pytest.mark.rfc(...)` and the test, or the module, that it stands on."""

    rule: str
    duty: str
    level: str
    test: str


def collect_marks(folder: Path = PROJECT / "tests") -> list[Mark]:
    """Return every mark of the tests; raises ValueError for one that is ill-formed."""
    return sorted(
        mark
        for path in sorted(folder.rglob("test_*.py"))
        for mark in marks_of(
            path.read_text(encoding="utf-8"), path.relative_to(folder.parent).as_posix()
        )
    )


def marks_of(source: str, name: str) -> Iterator[Mark]:
    """Yield the marks in the `source` of the test module `name`."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            for decorator in node.decorator_list:
                yield from _read(decorator, f"{name}::{node.name}")
        elif isinstance(node, ast.Assign) and _is_pytestmark(node):
            values = node.value
            items = values.elts if isinstance(values, ast.List) else [values]
            for item in items:
                yield from _read(item, name)


def _is_pytestmark(node: ast.Assign) -> bool:
    return [ast.unparse(target) for target in node.targets] == ["pytestmark"]


def _read(node: ast.expr, test: str) -> Iterator[Mark]:
    if not (isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.rfc"):
        return
    rule, duty, *rest = (ast.literal_eval(argument) for argument in node.args)
    named = {word.arg: ast.literal_eval(word.value) for word in node.keywords}
    level = rest[0] if rest else named.get("level", "MUST")
    if not _RULE.fullmatch(rule) or level not in LEVELS or duty.endswith("."):
        raise ValueError(f"{test}: rfc({rule!r}, {duty!r}, level={level!r})")
    yield Mark(rule, duty, level, test)


def collect_citations(folder: Path = PROJECT / "app") -> dict[str, list[str]]:
    """Return the modules of the product that cite each rule."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted(folder.rglob("*.py")):
        module = ".".join(path.relative_to(folder.parent).with_suffix("").parts)
        for rule in sorted(set(cited_rules(path.read_text(encoding="utf-8")))):
            found[rule].append(module)
    return found


def cited_rules(source: str) -> Iterator[str]:
    """Yield the rules that a text cites, such as `RFC 6749 §3.1` and `§3.2` with it."""
    for standard, sections in _CITATION.findall(source):
        for section in _SECTION.findall(sections):
            yield f"{standard} {section}"


def write(marks: Iterable[Mark], citations: dict[str, list[str]]) -> str:
    """Return the page: a table for each standard, and what is not supported."""
    tests: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for mark in marks:
        tests[mark.rule, mark.duty, mark.level].append(mark.test)
    parts = [INTRODUCTION]
    heading = ""
    for (rule, duty, level), names in sorted(tests.items(), key=_order):
        standard, section = _split(rule)
        if standard != heading:
            heading = standard
            parts.append(_table(standard))
        enforced = ", ".join(f"`{name}`" for name in citations.get(rule, []))
        tested = "<br>".join(_link(name) for name in dict.fromkeys(names))
        parts.append(f"| {section} | {duty} | {level} | {enforced} | {tested} |\n")
    return "".join(parts) + _not_supported()


def _order(item: tuple[tuple[str, str, str], list[str]]) -> tuple[object, ...]:
    rule, duty, level = item[0]
    standard, section = _split(rule)
    numbers = [int(part) for part in section.removeprefix("§").split(".")]
    return standard, numbers, LEVELS.index(level), duty


def _split(rule: str) -> tuple[str, str]:
    standard, _, section = rule.rpartition(" ")
    return standard, section


def _table(standard: str) -> str:
    title = TITLES.get(standard, "")
    named = f"{standard}: {title}" if title and title != standard else standard
    return (
        f"\n## {named}\n\n"
        "| Section | Duty | Level | Enforced in | Tested by |\n"
        "|---|---|---|---|---|\n"
    )


def _link(test: str) -> str:
    path, _, function = test.partition("::")
    words = f"{Path(path).stem}: {function}" if function else Path(path).stem
    return f"[{words}](../{path})"


def _not_supported() -> str:
    rows = "".join(
        f"| {rule} | {what} | {why} |\n" for rule, what, why in NOT_SUPPORTED
    )
    return f"\n## Not supported\n\n| Rule | What | Why |\n|---|---|---|\n{rows}"


def current() -> str:
    """Return the page as the tests and the product have it now."""
    return write(collect_marks(), collect_citations())


def main() -> int:
    """Write the page."""
    DOCUMENT.write_text(current(), encoding="utf-8")
    sys.stdout.write(f"{DOCUMENT.relative_to(PROJECT)} is written.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
