"""What forms about apps have in common."""

from flask_wtf import FlaskForm

from app.errors import DomainError


def show_refusal(form: FlaskForm, refusal: DomainError) -> None:
    """Put a rule's refusal beside the field that it is about, or above the form."""
    if refusal.field and refusal.field in form:
        field = form[refusal.field]
        field.errors = [*field.errors, refusal.message]
    else:
        form.form_errors.append(refusal.message)
