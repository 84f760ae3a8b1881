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
        description="Shown to people when they are asked to allow the app.",
        validators=[InputRequired("Give the app a name that people recognise.")],
        render_kw={"autocomplete": "off", "maxlength": NAME_LENGTH},
    )
    description = TextAreaField(
        "Description",
        description="What the app does, in one sentence.",
        render_kw={"rows": 2, "maxlength": DESCRIPTION_LENGTH, "class": "words"},
    )
    redirect_uris = TextAreaField(
        "Redirect URIs",
        description=(
            "Where people return after they allow the app, one address per line. "
            "The app must send an address exactly as it is written here."
        ),
        render_kw={
            **PLAIN_INPUT,
            "rows": 3,
            "placeholder": "https://app.example.com/signed-in",
        },
    )

    def read_redirect_uris(self, *, is_confidential: bool) -> tuple[str, ...]:
        """Return the addresses typed; note that some are wrong, if so.

        Which, why, and what mends it is said once: where they are judged.
        """
        uris = parse_lines(self.redirect_uris.data or "")
        wrong = sum(
            explain_problem(uri, is_confidential=is_confidential) is not None
            for uri in uris[:MAXIMUM_REDIRECT_URIS]
        )
        if wrong:
            marked = "address" if wrong == 1 else "addresses"
            error = f"Correct the {marked} marked below."
            self.redirect_uris.errors = [*self.redirect_uris.errors, error]
        return tuple(uris)
