"""Code in pages: most of it is quotes, and inside an element they may stay."""

from markupsafe import Markup, escape


def code_text(text: str) -> Markup:
    """Return text for the inside of an element, never of an attribute.

    Only what could begin or end markup there is escaped: `&`, `<` and `>`.
    """
    escaped = str(escape(text)).replace("&#34;", '"').replace("&#39;", "'")
    return Markup(escaped)  # noqa: S704 - escaped above
