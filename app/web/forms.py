"""What forms of several parts share: boxes to tick, and where a refusal is shown."""

from flask_wtf import FlaskForm
from wtforms import SelectMultipleField
from wtforms.widgets import CheckboxInput, ListWidget

from app.errors import DomainError

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
        field.errors = [*field.errors, refusal.message]
    else:
        form.form_errors.append(refusal.message)
