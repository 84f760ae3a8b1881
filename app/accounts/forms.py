"""The shape of what people type to sign in."""

from flask_wtf import FlaskForm
from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired, Length

from app.accounts import emails


class SignInForm(FlaskForm):
    """E-mail address and password; the rules about them are elsewhere."""

    email = StringField(
        "E-mail address",
        validators=[
            InputRequired("Enter your e-mail address."),
            Length(
                max=emails.MAX_LENGTH, message="This is too long for an e-mail address."
            ),
        ],
        render_kw={
            "type": "email",
            "autocomplete": "username",
            "autocapitalize": "none",
            "spellcheck": "false",
        },
    )
    password = PasswordField(
        "Password",
        validators=[InputRequired("Enter your password.")],
        render_kw={"autocomplete": "current-password"},
    )
    next = HiddenField()


class SignOutForm(FlaskForm):
    """Nothing but the proof that the person meant it."""

    next = HiddenField()
