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
        description="As other people know them.",
        render_kw={"autocomplete": "off", "maxlength": NAME_LENGTH},
    )
    email = StringField(
        "E-mail address",
        description="They sign in with it.",
        validators=[InputRequired("Type an e-mail address.")],
        render_kw={**_NAME_INPUT, "type": "email", "maxlength": EMAIL_LENGTH},
    )


class NewUserForm(PersonForm, _KeyedForm):
    """A person to create."""

    password = PasswordField(
        "Password",
        description=(
            f"At least {MIN_LENGTH} characters. Left empty, a random one is made and "
            "shown to you once."
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
        "I know that this locks me out, and that somebody else must let me in again",
        validators=[InputRequired("Tick this if you mean your own account.")],
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
        validators=[InputRequired("Give the role a name.")],
        render_kw={"autocomplete": "off", "maxlength": ROLE_NAME_LENGTH},
    )
    description = StringField(
        "Description",
        description="Who should hold it, in a sentence.",
        render_kw={"autocomplete": "off", "maxlength": DESCRIPTION_LENGTH},
    )
    permissions = Checkboxes("Permissions")
    state = HiddenField()


class NewRoleForm(RoleForm, _KeyedForm):
    """A role to create."""


class PermissionForm(FlaskForm):
    """What people read of a permission, and whether apps may ask for it."""

    description = StringField(
        "Sentence",
        description="People read it when an app asks for it: See your invoices.",
        render_kw={"autocomplete": "off", "maxlength": DESCRIPTION_LENGTH},
    )
    group = StringField(
        "Group",
        description="The heading that it is listed under.",
        render_kw={"autocomplete": "off", "maxlength": GROUP_LENGTH},
    )
    is_delegable = BooleanField("Apps may ask people for it")
    state = HiddenField()


class NewPermissionForm(PermissionForm, _KeyedForm):
    """A permission to create."""

    name = StringField(
        "Name",
        description="Small letters, digits and . : _ - such as view_invoices. It "
        "is a scope too, so it stays as it is.",
        validators=[InputRequired("Give the permission a name.")],
        render_kw={**_NAME_INPUT, "maxlength": PERMISSION_NAME_LENGTH},
    )
