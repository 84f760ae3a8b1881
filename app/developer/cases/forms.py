"""The shape of what closes a case."""

from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import InputRequired

from app.consents.cases import REASON_LENGTH


class ClosingForm(FlaskForm):
    """What an administrator found out."""

    reason = StringField(
        "Reason",
        description="What you found out and did. It goes to the audit log.",
        validators=[InputRequired("Say what you found out.")],
        render_kw={"maxlength": REASON_LENGTH},
    )
