"""What forms of several parts share: boxes to tick, and where a refusal is shown."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from flask_wtf import FlaskForm
from wtforms import SelectMultipleField
from wtforms.widgets import CheckboxInput, ListWidget

from app.errors import ChangedMeanwhileError, DomainError
from app.extensions import db

#: For what a browser can neither fill in nor correct: names, ids and addresses.
PLAIN_INPUT = {"autocomplete": "off", "spellcheck": "false"}


class Checkboxes(SelectMultipleField):
    """Several choices, each with a box."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


def show_refusal(form: FlaskForm, refusal: DomainError) -> None:
    """Put a rule's refusal beside the field that it is about, or above the form."""
    if refusal.field and refusal.field in form:
        field = form[refusal.field]
        # What the form itself has found wrong with it is enough.
        field.errors = field.errors or [refusal.message]
    else:
        form.form_errors.append(refusal.message)


@dataclass
class Attempt:
    """What became of an act that a form asks for: why it was refused, if it was."""

    refusal: DomainError | None = None

    @property
    def is_stale(self) -> bool:
        """Whether the form was filled in from a state that is no longer so."""
        return isinstance(self.refusal, ChangedMeanwhileError)

    @property
    def words(self) -> dict[str, Any]:
        """What `render_invalid` needs to show the form again."""
        if self.refusal and self.is_stale:
            return {"status": 409, "stale": self.refusal.message}
        return {}


@contextmanager
def attempting(
    form: FlaskForm,
    shown: type[DomainError] = DomainError,
    *,
    passing: type[DomainError] | tuple[()] = (),
) -> Iterator[Attempt]:
    """Undo what a rule refuses inside, and show in `form` why; the view goes on.

    Refusals that are not `shown`, or are `passing`, are left to the error page.
    """
    attempt = Attempt()
    try:
        yield attempt
    except passing:
        raise
    except shown as refusal:
        db.session.rollback()
        attempt.refusal = refusal
        if not attempt.is_stale:
            show_refusal(form, refusal)
