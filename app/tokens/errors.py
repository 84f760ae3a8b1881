"""Why a code or token was not accepted. None of these texts holds any part of one."""

from app.errors import DomainError
from app.traffic.reasons import Refusal, RefusalReason, refused


class InvalidGrantError(DomainError):
    """`invalid_grant` of RFC 6749 §5.2: the code or refresh token gives nothing.

    `refusal` says why, for those who run the server; the message may tell less.
    """

    def __init__(self, message: str, refusal: Refusal) -> None:
        super().__init__(message)
        self.refusal = refusal


class ScopeExceededError(DomainError):
    """`invalid_scope` of RFC 6749 §5.2: more was asked for than was granted."""


class AudienceExceededError(DomainError):
    """`invalid_target` of RFC 8707 §2: another API was asked for than was granted."""


class InvalidTokenError(DomainError):
    """`invalid_token` of RFC 6750 §3.1: the access token opens nothing.

    `refusal` says why, for those who run the server; the message tells less.
    """

    def __init__(self, message: str, refusal: Refusal | None = None) -> None:
        super().__init__(message)
        self.refusal = refusal or refused(RefusalReason.TOKEN_FOREIGN)
