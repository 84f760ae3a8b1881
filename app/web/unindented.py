"""Templates are written with indentation for people, and sent without it."""

import re

from jinja2.ext import Extension

#: After a block or a comment Jinja drops the newline: the indentation is the only blank
#: that is left between this line and what came before.
_INDENTATION = re.compile(r"(?P<dropped>[%#]\}\n)?^[ \t]+", re.MULTILINE)


class Unindented(Extension):
    """Takes the blanks before each line out of HTML templates when they are compiled.

    HTML reads a newline as a blank, so pages look the same and are a tenth smaller.
    What `<pre>` and `<textarea>` show comes out of variables, which stay as they are.
    """

    def preprocess(
        self,
        source: str,
        name: str | None,
        filename: str | None = None,  # noqa: ARG002 - Jinja's
    ) -> str:
        """Return the source that is compiled; line numbers stay what they are."""
        is_html = name is not None and name.endswith(".html")
        return _INDENTATION.sub(_blank, source) if is_html else source


def _blank(found: re.Match[str]) -> str:
    return f"{found['dropped']} " if found["dropped"] else ""
