"""Why a code or token was not accepted. None of these texts holds any part of one."""

from app.errors import DomainError


class InvalidGrantError(DomainError):
    """`invalid_grant` of RFC 6749 §5.2: the code or refresh token gives nothing."""


class ScopeExceededError(DomainError):
    """`invalid_scope` of RFC 6749 §5.2: more was asked for than was granted."""


class AudienceExceededError(DomainError):
    """`invalid_target` of RFC 8707 §2: another API was asked for than was granted."""


class InvalidTokenError(DomainError):
    """`invalid_token` of RFC 6750 §3.1: the access token opens nothing."""
