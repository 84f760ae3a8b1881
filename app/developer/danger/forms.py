"""The shape of what the Danger zone sends."""

from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField
from wtforms.validators import InputRequired

from app.web.forms import PLAIN_INPUT


class TransferForm(FlaskForm):
    """Who shall own the app: what was typed, or `person`, a choice among the found."""

    owner = StringField(
        "Name or e-mail address of the new owner",
        validators=[InputRequired("Type the name or e-mail address of the new owner.")],
        render_kw={**PLAIN_INPUT, "maxlength": 254},
    )
    person = HiddenField()


class DeleteForm(FlaskForm):
    """The app's name, typed by whoever means to delete it."""

    name = StringField(
        "Name of the app",
        validators=[InputRequired("Type the name of the app.")],
        render_kw=PLAIN_INPUT,
    )
