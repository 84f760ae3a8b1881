"""Who acts? The first question about a new app, which settles grants and kind."""

from dataclasses import dataclass

from app.clients.models import AUTHORIZATION_CODE, CLIENT_CREDENTIALS


@dataclass(frozen=True, kw_only=True)
class Preset:
    """An answer to the question, and what follows from it."""

    key: str
    label: str
    explanation: str
    consequences: tuple[str, ...]
    grant_types: tuple[str, ...]
    is_confidential: bool = True

    @property
    def acts_as_itself(self) -> bool:
        """Whether the app gets tokens of its own."""
        return CLIENT_CREDENTIALS in self.grant_types

    @property
    def acts_for_people(self) -> bool:
        """Whether people are sent to it after they allowed it."""
        return AUTHORIZATION_CODE in self.grant_types


PRESETS = {
    preset.key: preset
    for preset in (
        Preset(
            key="service",
            label="A service on its own",
            explanation="A job, a gateway, a partner's server: nobody signs in.",
            consequences=(
                "Gets tokens with its client ID and secret: client credentials.",
                "Has permissions of its own; no person is asked.",
            ),
            grant_types=(CLIENT_CREDENTIALS,),
        ),
        Preset(
            key="web",
            label="A web app for people",
            explanation="A portal or product whose pages are made on a server.",
            consequences=(
                "Gets tokens through the consent screen: authorization code.",
                "Has a secret, kept on your server, and redirect URIs.",
            ),
            grant_types=(AUTHORIZATION_CODE,),
        ),
        Preset(
            key="device",
            label="A mobile or single-page app",
            explanation="It runs on people's phones, computers or in their browsers.",
            consequences=(
                "Gets tokens through the consent screen, held together by PKCE.",
                "Has no secret, since everybody could read it there.",
            ),
            grant_types=(AUTHORIZATION_CODE,),
            is_confidential=False,
        ),
        Preset(
            key="both",
            label="Both",
            explanation="A web app for people with jobs that run without them.",
            consequences=(
                "Has both grants, one secret and redirect URIs.",
                "What it may do for people and as itself is settled apart.",
            ),
            grant_types=(AUTHORIZATION_CODE, CLIENT_CREDENTIALS),
        ),
    )
}
