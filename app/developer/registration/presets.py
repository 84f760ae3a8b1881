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
            explanation="A job, a gateway or a partner's server. Nobody signs in.",
            consequences=(
                "Gets tokens with its client ID and secret (client credentials).",
                "Has its own permissions. Nobody is asked for consent.",
            ),
            grant_types=(CLIENT_CREDENTIALS,),
        ),
        Preset(
            key="web",
            label="A web app for people",
            explanation="A portal or product whose pages are rendered on a server.",
            consequences=(
                "Gets tokens through the consent screen (authorization code).",
                "Has redirect URIs, and a secret that stays on your server.",
            ),
            grant_types=(AUTHORIZATION_CODE,),
        ),
        Preset(
            key="device",
            label="A mobile or single-page app",
            explanation="Runs on people's phones or computers, or in their browsers.",
            consequences=(
                "Gets tokens through the consent screen, protected by PKCE.",
                "Has no secret: anyone could extract it.",
            ),
            grant_types=(AUTHORIZATION_CODE,),
            is_confidential=False,
        ),
        Preset(
            key="both",
            label="Both",
            explanation="A web app for people that also runs jobs on its own.",
            consequences=(
                "Uses both grants, with one secret and redirect URIs.",
                "Permissions for people and for itself are set separately.",
            ),
            grant_types=(AUTHORIZATION_CODE, CLIENT_CREDENTIALS),
        ),
    )
}
