"""What every form about an app asks."""

from flask_wtf import FlaskForm
from wtforms import StringField, TextAreaField
from wtforms.validators import InputRequired

from app.clients.details import DESCRIPTION_LENGTH, MAXIMUM_REDIRECT_URIS, NAME_LENGTH
from app.clients.redirect_uris import explain_problem, parse_lines
from app.web.forms import PLAIN_INPUT


class AppForm(FlaskForm):
    """What every app says about itself."""

    name = StringField(
        "Name",
        description="People read it when they are asked to allow the app.",
        validators=[InputRequired("Give the app a name that people recognise.")],
        render_kw={"autocomplete": "off", "maxlength": NAME_LENGTH},
    )
    description = TextAreaField(
        "Description",
        description="What it is for, in a sentence.",
        render_kw={"rows": 2, "maxlength": DESCRIPTION_LENGTH, "class": "words"},
    )
    redirect_uris = TextAreaField(
        "Redirect URIs",
        description=(
            "Where people return to after they allowed the app, one address per line. "
            "Addresses are compared character by character."
        ),
        render_kw={
            **PLAIN_INPUT,
            "rows": 3,
            "placeholder": "https://app.example.com/signed-in",
        },
    )

    def read_redirect_uris(self, *, is_confidential: bool) -> tuple[str, ...]:
        """Return the addresses typed; note how many are wrong.

        What is wrong with each, and what mends it, is said once: where they are judged.
        """
        uris = parse_lines(self.redirect_uris.data or "")
        wrong = sum(
            explain_problem(uri, is_confidential=is_confidential) is not None
            for uri in uris[:MAXIMUM_REDIRECT_URIS]
        )
        if wrong:
            error = f"{wrong} of {len(uris)} cannot be used: see each below."
            if len(uris) == 1:
                error = "This address cannot be used: see why below."
            self.redirect_uris.errors = [*self.redirect_uris.errors, error]
        return tuple(uris)
