"""Where reading goes on in an answer: one element of it takes the focus."""

from flask import g

from app.web.htmx import wants_fragment


def claim_focus() -> bool:
    """Return whether the caller is the first in this answer to take the focus."""
    if "focus_claimed" in g:
        return False
    g.focus_claimed = True
    return True


def keep_focus_inside() -> None:
    """Leave the focus to what the answer is about: a field, a notice, what is done.

    The heading stands at the top of the page, and taking the focus would scroll there.
    """
    g.focus_is_inside = True


def claim_heading_focus() -> bool:
    """Return whether a panel's heading is to take the focus.

    It is when htmx has put the panel in place, so that the next key goes on from there;
    not on a page that the browser loaded.
    """
    return wants_fragment() and "focus_is_inside" not in g and claim_focus()
