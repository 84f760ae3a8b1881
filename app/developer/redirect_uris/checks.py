"""Redirect URIs as they stand in a form: checked, and spelled as they are meant."""

from collections.abc import Sequence

from wtforms import Field

from app.clients.details import MAXIMUM_REDIRECT_URIS
from app.clients.redirect_advice import Judgement, judge, respell
from app.clients.redirect_uris import parse_lines
from app.extensions import settings
from app.web.focus import claim_focus

#: The name of the buttons that say which line is to be spelled as it is meant.
RESPELL = "respell"


def check_lines(text: str | None, *, is_confidential: bool) -> Sequence[Judgement]:
    """Return what is to be said of each line of `text`, as far as lines are taken."""
    lines = parse_lines(text or "")[:MAXIMUM_REDIRECT_URIS]
    return judge(lines, is_confidential=is_confidential, issuer=settings.issuer)


def spell_as_meant(field: Field, line: str, *, is_confidential: bool) -> None:
    """Spell one `line` of the field as it is meant; the field takes the focus."""
    meant = respell(line, is_confidential=is_confidential)
    if meant is not None:
        lines = parse_lines(field.data or "")
        changed = [meant if other == line else other for other in lines]
        field.data = "\n".join(dict.fromkeys(changed))
    claim_focus()
