"""What a person answers on the consent screen."""

from dataclasses import dataclass

from werkzeug.datastructures import MultiDict

from app.consents.durations import ALWAYS, DURATIONS

#: The form's fields: what had a box, and the boxes that are ticked.
OPTIONAL, TICKED = "optional", "scope"
DECISIONS = ("allow", "deny")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A decision; `left_out` are scopes that had a box and were not ticked."""

    is_allowed: bool
    duration: str = ALWAYS
    left_out: frozenset[str] = frozenset()


def read_answer(form: MultiDict[str, str]) -> Answer | None:
    """Return what a form answers, or null where it decides nothing.

    One with nothing but a decision allows all that was offered, until it is withdrawn.
    """
    decision, duration = form.get("decision"), form.get("duration", ALWAYS)
    if decision not in DECISIONS or duration not in DURATIONS:
        return None
    return Answer(
        is_allowed=decision == "allow",
        duration=duration,
        left_out=frozenset(form.getlist(OPTIONAL)) - frozenset(form.getlist(TICKED)),
    )
