"""What every template keeps to, so that the strict policy and htmx 2 and 4 hold."""

import gzip
import re
from pathlib import Path

import pytest

from app.config import PROJECT_ROOT

FOLDER = PROJECT_ROOT / "app" / "templates"
TEMPLATES = sorted(FOLDER.rglob("*.html"))
NAMES = [path.relative_to(FOLDER).as_posix() for path in TEMPLATES]
STATIC = PROJECT_ROOT / "app" / "static"

each_template = pytest.mark.parametrize("path", TEMPLATES, ids=NAMES)
#: A start tag; Jinja's own braces may hold a `>` in a comparison.
TAG = re.compile(r"<([a-z][a-z0-9]*)\b((?:\{\{.*?\}\}|\{%.*?%\}|[^<>])*)>", re.DOTALL)
FORM = re.compile(r'<form[^>]*method="post".*?</form>', re.DOTALL)
#: What keeps its blanks, and all that is in it.
KEPT = re.compile(r"<(pre|textarea)\b(.*?)</\1>", re.DOTALL)
COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)
FORBIDDEN = {
    "hx-boost": "links say themselves what they do",
    "hx-on": "it is an inline script",
    "hx-vars": "it is evaluated",
    "hx-disable": "it means two things in htmx 2 and 4",
    "hx-confirm": "a form in a dialog or on a page confirms",
    "hx-headers": "htmx 4 does not inherit it",
    "javascript:": "it is an inline script",
    "js:": "it is evaluated",
}


#: Links take their attributes from a macro: what it writes is looked at in each.
IN_PLACE = re.compile(r"\{\{ links\.in_place\(.*?\) \}\}")
(ATTRIBUTES,) = re.findall(
    r"^ *(href=.*)$", (FOLDER / "web/links.html").read_text(), re.MULTILINE
)


def source(path: Path) -> str:
    return IN_PLACE.sub(lambda _: ATTRIBUTES, COMMENT.sub("", path.read_text()))


def tags(path: Path) -> list[tuple[str, str]]:
    return [(match[1], match[2]) for match in TAG.finditer(source(path))]


def test_templates_are_found() -> None:
    assert {"layout.html", "layout_bare.html", "web/forms.html"} <= set(NAMES)


@pytest.mark.parametrize(
    ("pattern", "most"),
    [
        (TAG, 1000),
        (FORM, 2),
        (KEPT, 1),
        (re.compile(r"\bhx-(get|post|put|patch|delete)="), 20),
        (re.compile(r"<script\b"), 1),
        (re.compile(r"<dialog\b|<img\b"), 0),
    ],
    ids=["tags", "forms", "kept", "htmx", "scripts", "dialogs"],
)
def test_what_is_looked_at_is_there(pattern: re.Pattern[str], most: int) -> None:
    """No rule below holds for want of anything to look at."""
    found = sum(len(pattern.findall(source(path))) for path in TEMPLATES)
    assert found > most


@each_template
def test_a_template_is_short(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 120


@each_template
def test_no_script_and_no_style_is_inline(path: Path) -> None:
    for tag, attributes in tags(path):
        assert tag != "style", "styles belong into gatepass.css"
        assert not re.search(r"\sstyle\s*=", attributes), attributes
        assert not re.search(r"\son[a-z]+\s*=", attributes), attributes
        if tag == "script":
            assert "src=" in attributes
            assert 'nonce="{{ csp_nonce() }}"' in attributes


@each_template
def test_htmx_is_used_as_both_of_its_versions_understand(path: Path) -> None:
    text = source(path)
    for word, reason in FORBIDDEN.items():
        assert word not in text, f"{word}: {reason}"
    for _tag, attributes in tags(path):
        if re.search(r"\bhx-(get|post|put|patch|delete)=", attributes):
            assert "hx-target=" in attributes, f"nothing is inherited: {attributes}"
            assert "hx-swap=" in attributes, f"nothing is inherited: {attributes}"


@each_template
def test_what_htmx_does_works_without_it(path: Path) -> None:
    for tag, attributes in tags(path):
        if "hx-post=" in attributes:
            assert tag == "form"
            assert 'method="post"' in attributes
            assert "action=" in attributes
        if "hx-get=" in attributes:
            # A field may ask for a judgement while somebody types.
            plain = {"a": "href=", "form": "action=", "input": "name="}
            plain |= {"textarea": "name=", "select": "name="}
            assert plain[tag] in attributes, f"<{tag}{attributes}>"


#: Posts to an app's own address: our token is none of its business.
LEAVING = "oauth/form_post.html"


@each_template
def test_every_form_that_posts_carries_its_token(path: Path) -> None:
    if path.match(LEAVING):
        assert "csrf" not in source(path)
        return
    for form in FORM.findall(source(path)):
        assert re.search(r"csrf_token|csrf\(\)|hidden_tag\(\)", form), form[:120]


@each_template
def test_nothing_is_passed_through_unescaped(path: Path) -> None:
    text = source(path)
    assert not re.search(r"\|\s*safe\b", text)
    assert "autoescape false" not in text


@each_template
def test_what_keeps_its_blanks_is_filled_from_variables(path: Path) -> None:
    """Indentation is taken out of templates before they are compiled."""
    for kept in KEPT.findall(source(path)):
        assert "\n" not in kept[1], kept[1][:80]


@each_template
def test_dialogs_are_named(path: Path) -> None:
    for tag, attributes in tags(path):
        if tag == "dialog":
            assert "aria-labelledby=" in attributes or "aria-label=" in attributes
        if tag == "img":
            assert "alt=" in attributes


def test_the_stylesheet_stays_small() -> None:
    size = len(gzip.compress((STATIC / "gatepass.css").read_bytes(), mtime=0))
    assert size < 12 * 1024


def test_the_stylesheet_loads_nothing() -> None:
    text = (STATIC / "gatepass.css").read_text()
    assert "@import" not in text
    assert "url(" not in text


def test_the_stylesheet_knows_the_dark_and_who_wants_no_motion() -> None:
    text = (STATIC / "gatepass.css").read_text()
    assert "light-dark(" in text
    assert "prefers-reduced-motion" in text
    assert text.count("{") == text.count("}")


def test_our_script_hangs_on_no_event_of_htmx() -> None:
    """They have other names in htmx 2 and 4."""
    text = (STATIC / "gatepass.js").read_text()
    assert "htmx:" not in text
    assert "eval" not in text
    assert "innerHTML" not in text
    assert len(text) < 4096
