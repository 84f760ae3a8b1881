"""Code in pages: pieces of a sentence, and blocks that are mostly quotes."""

import re

from markupsafe import Markup, escape

_IN_BACKTICKS = re.compile("`([^`]+)`")


def code_text(text: str) -> Markup:
    """Return text for the inside of an element, never of an attribute.

    Only what could begin or end markup there is escaped: `&`, `<` and `>`.
    """
    escaped = str(escape(text)).replace("&#34;", '"').replace("&#39;", "'")
    return Markup(escaped)  # noqa: S704 - escaped above


def with_code(sentence: str) -> Markup:
    """Return a sentence with what stands between backticks as `<code>`."""
    escaped = str(escape(sentence))
    return Markup(_IN_BACKTICKS.sub(r"<code>\1</code>", escaped))  # noqa: S704 - escaped above
