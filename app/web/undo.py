"""A change that is told with the way back beside it."""

from flask import flash

#: The category of flashes that carry more than a sentence.
UNDO = "undo"


def flash_with_undo(message: str, *, url: str) -> None:
    """Tell `message` on the next page, with a form that undoes it by a POST to `url`.

    Never for a secret: it travels in a cookie that can be read.
    """
    flash({"text": message, "url": url}, UNDO)  # type: ignore[arg-type]
