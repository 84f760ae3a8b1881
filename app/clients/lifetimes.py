"""How long what a client gets is valid: its own choice, else the server's default."""

from dataclasses import dataclass
from typing import Protocol

from app.errors import DomainError

MAXIMUM_TTL = 10 * 365 * 86_400
TTL_FIELDS = (
    "access_token_ttl",
    "client_credentials_token_ttl",
    "refresh_token_idle_ttl",
    "refresh_token_max_ttl",
)


class OwnLifetimes(Protocol):
    """What a client chose, in seconds; null means the default."""

    @property
    def access_token_ttl(self) -> int | None: ...
    @property
    def client_credentials_token_ttl(self) -> int | None: ...
    @property
    def refresh_token_idle_ttl(self) -> int | None: ...
    @property
    def refresh_token_max_ttl(self) -> int | None: ...


class DefaultLifetimes(Protocol):
    """What the server's settings say, in seconds."""

    @property
    def access_token_ttl(self) -> int: ...
    @property
    def client_credentials_token_ttl(self) -> int: ...
    @property
    def refresh_token_idle_ttl(self) -> int: ...
    @property
    def refresh_token_max_ttl(self) -> int: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Lifetimes:
    """The lifetimes in force for a client, in seconds."""

    access_token_ttl: int
    client_credentials_token_ttl: int
    refresh_token_idle_ttl: int
    refresh_token_max_ttl: int


def lifetimes_for(client: OwnLifetimes, *, defaults: DefaultLifetimes) -> Lifetimes:
    """Return the lifetimes in force for `client`, in seconds.

    A family never outlives its end by being used, so the idle time is at most that.
    """
    end = client.refresh_token_max_ttl or defaults.refresh_token_max_ttl
    idle = client.refresh_token_idle_ttl or defaults.refresh_token_idle_ttl
    return Lifetimes(
        access_token_ttl=client.access_token_ttl or defaults.access_token_ttl,
        client_credentials_token_ttl=(
            client.client_credentials_token_ttl or defaults.client_credentials_token_ttl
        ),
        refresh_token_idle_ttl=min(idle, end),
        refresh_token_max_ttl=end,
    )


def check_lifetimes(wanted: OwnLifetimes, *, defaults: DefaultLifetimes) -> None:
    """Raise DomainError if a lifetime of a client's own cannot be kept."""
    for field in TTL_FIELDS:
        seconds = getattr(wanted, field)
        if seconds is not None and not 1 <= seconds <= MAXIMUM_TTL:
            raise DomainError(
                f"Write a whole number of seconds from 1 to {MAXIMUM_TTL}, "
                "or leave it empty for the default.",
                field=field,
            )
    if wanted.refresh_token_idle_ttl is None:
        return
    end = wanted.refresh_token_max_ttl or defaults.refresh_token_max_ttl
    if wanted.refresh_token_idle_ttl > end:
        raise DomainError(
            f"Refresh tokens end after {end} seconds in all, so the time without use "
            "cannot be longer than that.",
            field="refresh_token_idle_ttl",
        )
