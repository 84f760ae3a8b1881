"""The shape of what is filled in about people, roles and permissions."""

import uuid
from collections.abc import Iterable

from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    HiddenField,
    PasswordField,
    SelectMultipleField,
    StringField,
)
from wtforms.validators import InputRequired

from app.access.boxes import Box
from app.access.catalogue import (
    DESCRIPTION_LENGTH,
    GROUP_LENGTH,
    PERMISSION_NAME_LENGTH,
    ROLE_NAME_LENGTH,
)
from app.access.form_keys import id_in, new_form_key
from app.accounts.emails import MAX_LENGTH as EMAIL_LENGTH
from app.accounts.passwords import MIN_LENGTH
from app.accounts.services import NAME_LENGTH
from app.web.forms import PLAIN_INPUT, Checkboxes
from app.web.parsing import number_in

_NAME_INPUT = PLAIN_INPUT | {"autocapitalize": "none"}


def offer_boxes(field: SelectMultipleField, offers: Iterable[Box]) -> None:
    """Let people tick what `offers` names."""
    field.choices = [(offer.value, offer.label) for offer in offers]


def chosen(field: SelectMultipleField) -> list[uuid.UUID]:
    """Return the ids that were ticked; the field has checked that it offered them."""
    return [uuid.UUID(value) for value in field.data or ()]


class _KeyedForm(FlaskForm):
    """A form for a new thing, and the proof that it is not the same form sent again."""

    form_key = HiddenField()

    def new_key(self) -> None:
        """Mark this form as one that was never sent."""
        self.form_key.data = new_form_key()

    @property
    def new_id(self) -> uuid.UUID:
        """The id of what the form makes; DomainError if the form is not ours."""
        return id_in(self.form_key.data or "")


class PersonForm(FlaskForm):
    """What is known of a person."""

    name = StringField(
        "Name",
        description="Shown instead of the e-mail address.",
        render_kw={"autocomplete": "off", "maxlength": NAME_LENGTH},
    )
    email = StringField(
        "E-mail address",
        description="Used to sign in.",
        validators=[InputRequired("Enter an e-mail address.")],
        render_kw={**_NAME_INPUT, "type": "email", "maxlength": EMAIL_LENGTH},
    )


class NewUserForm(PersonForm, _KeyedForm):
    """A person to create."""

    password = PasswordField(
        "Password",
        description=(
            f"At least {MIN_LENGTH} characters. Leave empty to create a random one, "
            "shown once."
        ),
        render_kw={"autocomplete": "new-password"},
    )
    roles = Checkboxes("Roles")


class UserForm(PersonForm):
    """A person, and the state that the form was filled in from."""

    state = HiddenField()


class HoldingsForm(FlaskForm):
    """The roles and direct permissions of a person."""

    roles = Checkboxes("Roles")
    permissions = Checkboxes("Direct permissions")
    state = HiddenField()


class QuestionForm(FlaskForm):
    """The answer to a question; the page that asks says what it does."""


class OwnAccountForm(FlaskForm):
    """The same where somebody would lock themselves out."""

    is_meant = BooleanField(
        "I understand that this locks me out until another administrator lets me in",
        validators=[InputRequired("Check this box to deactivate your own account.")],
    )


class ResetForm(FlaskForm):
    """Whose password is reset as of which sign-out."""

    generation = HiddenField()

    @property
    def expected_generation(self) -> int:
        """The token generation when it was asked; -1 if the form does not say."""
        return number_in(self.generation.data, -1)


class RoleForm(FlaskForm):
    """A role, and the state that the form was filled in from."""

    name = StringField(
        "Name",
        validators=[InputRequired("Enter a name.")],
        render_kw={"autocomplete": "off", "maxlength": ROLE_NAME_LENGTH},
    )
    description = StringField(
        "Description",
        description="Who should hold it.",
        render_kw={"autocomplete": "off", "maxlength": DESCRIPTION_LENGTH},
    )
    permissions = Checkboxes("Permissions")
    state = HiddenField()


class NewRoleForm(RoleForm, _KeyedForm):
    """A role to create."""


class PermissionForm(FlaskForm):
    """What people read of a permission, and whether apps may ask for it."""

    description = StringField(
        "Description",
        description="Shown when an app asks for it, such as: See your invoices.",
        render_kw={"autocomplete": "off", "maxlength": DESCRIPTION_LENGTH},
    )
    group = StringField(
        "Group",
        description="The heading it is listed under.",
        render_kw={"autocomplete": "off", "maxlength": GROUP_LENGTH},
    )
    is_delegable = BooleanField("Delegable: apps may ask people for it")
    state = HiddenField()


class NewPermissionForm(PermissionForm, _KeyedForm):
    """A permission to create."""

    name = StringField(
        "Name",
        description="Lowercase letters, digits, and . : _ - such as view_invoices. "
        "It also serves as a scope and cannot be changed later.",
        validators=[InputRequired("Enter a name.")],
        render_kw={**_NAME_INPUT, "maxlength": PERMISSION_NAME_LENGTH},
    )
