"""Pages are sent small: without indentation, with the blanks that people see."""

import html

import pytest
from jinja2 import Environment

from app.web.code_text import code_text, with_code
from app.web.unindented import Unindented


def rendered(source: str, name: str = "page.html") -> str:
    environment = Environment(
        extensions=[Unindented], trim_blocks=True, lstrip_blocks=True, autoescape=True
    )
    environment.loader = None
    compiled = environment.compile(source, name=name)
    template = environment.template_class.from_code(
        environment, compiled, environment.globals
    )
    return template.render(lines="one\n  two")


@pytest.mark.parametrize(
    ("source", "sent"),
    [
        (
            "<ul>\n  <li>a</li>\n\t<li>b</li>\n</ul>",
            "<ul>\n<li>a</li>\n<li>b</li>\n</ul>",
        ),
        ("<pre>{{ lines }}</pre>", "<pre>one\n  two</pre>"),
        ("a{% if true %}b{% endif %}\n  c", "ab c"),
        ("a{# why #}\n  c", "a c"),
        ("{% if true %}\n  {% if true %}\n    x\n  {% endif %}\n{% endif %}", " x\n"),
        ("a {%- if true -%}\n  b\n  {%- endif -%}\n  c", "abc"),
        ("a\n\n  b", "a\n\nb"),
    ],
)
def test_indentation_goes_and_blanks_between_words_stay(source: str, sent: str) -> None:
    assert rendered(source) == sent


def test_what_is_no_html_keeps_its_lines() -> None:
    assert rendered("if a:\n    b", "snippet.py") == "if a:\n    b"


def test_quotes_in_code_stay_and_markup_does_not() -> None:
    code = "</code><script>alert(\"&quot;\" + '1')</script>"
    sent = str(code_text(code))
    assert sent == (
        "&lt;/code&gt;&lt;script&gt;alert(\"&amp;quot;\" + '1')&lt;/script&gt;"
    )
    assert html.unescape(sent) == code


def test_code_in_a_sentence_is_marked() -> None:
    assert with_code("Send `a b`, not <b>.") == (
        "Send <code>a b</code>, not &lt;b&gt;."
    )
    assert with_code("A lone ` stays.") == "A lone ` stays."
