"""The shape of what people fill in about their own account."""

from flask_wtf import FlaskForm
from wtforms import PasswordField
from wtforms.validators import EqualTo, InputRequired

from app.accounts.passwords import MIN_LENGTH


class PasswordForm(FlaskForm):
    """The password of now and, twice, the one to come."""

    current_password = PasswordField(
        "Current password",
        validators=[InputRequired("Enter your current password.")],
        render_kw={"autocomplete": "current-password"},
    )
    password = PasswordField(
        "New password",
        description=f"At least {MIN_LENGTH} characters. A few words work well.",
        validators=[InputRequired("Enter a new password.")],
        render_kw={"autocomplete": "new-password"},
    )
    repeated = PasswordField(
        "New password again",
        validators=[
            InputRequired("Enter the new password again."),
            EqualTo("password", "The passwords do not match."),
        ],
        render_kw={"autocomplete": "new-password"},
    )
