"""The shape of what administrators say about a new app."""

import uuid
from collections.abc import Iterable
from typing import Any

from flask_wtf import FlaskForm
from wtforms import HiddenField, RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from app.access.models import Permission
from app.clients.details import ClientDetails
from app.clients.redirect_uris import parse_lines
from app.developer.forms import AppForm
from app.developer.registration.presets import PRESETS, Preset
from app.errors import DomainError
from app.web.forms import Checkboxes


class WhoForm(FlaskForm):
    """The question that comes first; declared first, so are its errors."""

    who = RadioField(
        "Who acts?",
        choices=[SelectChoice(preset.key, preset.label) for preset in PRESETS.values()],
        validators=[
            InputRequired("Choose who acts. The rest of the form depends on it.")
        ],
    )


class NewAppForm(WhoForm, AppForm):
    """A new app, and the proof that it is not the same form sent again."""

    permissions = Checkboxes("What it may do as itself")
    ask_for = RadioField(
        "What it may ask people for",
        choices=[
            SelectChoice("all", "Every delegable permission, including future ones"),
            SelectChoice("some", "Only these"),
        ],
        default="all",
    )
    scopes = Checkboxes("Only these")
    idempotency_key = HiddenField()

    def offer(self, permissions: Iterable[Permission]) -> None:
        """Let people choose among `permissions`."""
        every = list(permissions)
        # Where it is not needed, it is not shown.
        self.redirect_uris.flags.required = True
        self.permissions.choices = [SelectChoice(p.name) for p in every]
        self.scopes.choices = [SelectChoice(p.name) for p in every if p.is_delegable]

    def begin_another(self, *, registered: str) -> DomainError:
        """Give the form a new key; return the error that says what sending it does."""
        self.new_key()
        return DomainError(
            f"This form already registered {registered}, so nothing was registered "
            "this time. Send it again to register another app with these details."
        )

    def new_key(self) -> None:
        """Mark this form as one that was never sent."""
        self.idempotency_key.data = uuid.uuid4().hex

    @property
    def is_answered(self) -> bool:
        """Whether the first question has an answer."""
        return self.who.data in PRESETS

    @property
    def preset(self) -> Preset:
        """The answer to the first question."""
        return PRESETS[self.who.data]

    @property
    def is_confidential(self) -> bool:
        """Whether it would keep a secret; who has not said so yet is judged mildly."""
        return self.is_answered and self.preset.is_confidential

    def validate(self, extra_validators: Any = None) -> bool:
        """Look at shapes, and at the addresses of apps that people return to."""
        is_valid = bool(super().validate(extra_validators))
        if not self.is_answered:
            # The rest is not shown before the answer, so nothing is said of it.
            self.name.errors = []
        elif self.preset.acts_for_people:
            self.read_redirect_uris(is_confidential=self.preset.is_confidential)
        return is_valid and not self.redirect_uris.errors

    def details(self, *, owner_id: uuid.UUID) -> ClientDetails:
        """Return what was said, for the service."""
        preset = self.preset
        lines = self.redirect_uris.data or ""
        return ClientDetails(
            name=self.name.data,
            description=self.description.data or "",
            grant_types=preset.grant_types,
            is_confidential=preset.is_confidential,
            # A service on its own is nowhere to return to: the field was not shown.
            redirect_uris=tuple(parse_lines(lines)) if preset.acts_for_people else (),
            scopes=self._chosen_scopes() if preset.acts_for_people else None,
            owner_id=owner_id,
        )

    def _chosen_scopes(self) -> tuple[str, ...] | None:
        """Return what it may ask people for, null for all that apps may ask for."""
        if self.ask_for.data == "all":
            return None
        return tuple(sorted(self.scopes.data or ()))
