"""Settings: typed, read once from the environment, every problem told at once."""

from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from dotenv import load_dotenv
from pydantic import Field, ValidationError, field_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

PROJECT_ROOT = Path(__file__).resolve().parent.parent
DEFAULT_SECRET_KEYS = frozenset(
    {"change-me", "changeme", "secret", "dev", "development", "your-secret-key"}
)
MINIMUM_SECRET_KEY_LENGTH = 32
HTMX_URL = "https://cdn.jsdelivr.net/npm/htmx.org@4.0.1/dist/htmx.min.js"

Seconds = Annotated[int, Field(gt=0, le=10 * 365 * 86_400)]


class SettingsError(Exception):
    """The environment cannot be used as it is; `problems` lists every reason."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class Settings(BaseSettings):
    """What the environment says. Durations are in seconds."""

    model_config = SettingsConfigDict(
        frozen=True, extra="ignore", env_ignore_empty=True, env_file=None
    )

    app_env: Literal["production", "development", "testing"] = "production"
    port: Annotated[int, Field(ge=1, le=65_535)] = 8000
    app_name: Annotated[str, Field(min_length=1, max_length=80)] = "Gatepass"
    app_url: str = ""
    secret_key: str = ""
    database_url: str = ""
    sqlite_synchronous: Literal["FULL", "NORMAL", "OFF", "EXTRA"] = "FULL"

    passport_private_key: str = Field("", repr=False)
    passport_private_key_file: str = ""
    passport_public_key: str = ""
    passport_public_key_file: str = ""
    passport_previous_public_keys: str = ""
    passport_previous_public_keys_file: str = ""

    api_audience: Annotated[tuple[str, ...], NoDecode] = ()

    ratelimit_storage_uri: str = "memory://"
    ratelimit_enabled: bool = True
    trusted_proxies: Annotated[int, Field(ge=0, le=10)] = 0
    htmx_src: str = HTMX_URL

    refresh_reuse_grace_seconds: Annotated[int, Field(ge=0, le=300)] = 10
    authorization_code_ttl: Annotated[int, Field(gt=0, le=600)] = 60
    access_token_ttl: Seconds = 3600
    client_credentials_token_ttl: Seconds = 1800
    refresh_token_idle_ttl: Seconds = 30 * 86_400
    refresh_token_max_ttl: Seconds = 90 * 86_400

    @field_validator("api_audience", mode="before")
    @classmethod
    def split_audiences(cls, value: object) -> object:
        """Accept several identifiers separated by blanks or commas."""
        if isinstance(value, str):
            return tuple(value.replace(",", " ").split())
        return value

    @field_validator("database_url")
    @classmethod
    def name_the_driver(cls, value: str) -> str:
        """Turn the addresses that platforms hand out into SQLAlchemy's spelling."""
        for scheme in ("postgres://", "postgresql://"):
            if value.startswith(scheme):
                return "postgresql+psycopg://" + value.removeprefix(scheme)
        if value and not value.startswith(("sqlite:", "postgresql+psycopg://")):
            raise ValueError("use a postgresql:// or sqlite:/// address")
        return value

    @field_validator("app_url")
    @classmethod
    def is_an_origin(cls, value: str) -> str:
        """RFC 8414 §2: the issuer has no query and no fragment."""
        if not value:
            return value
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("write a whole address such as https://auth.example.com")
        if parts.query or parts.fragment or parts.username:
            raise ValueError("leave out user names, queries and fragments")
        if parts.path.strip("/"):
            raise ValueError("Gatepass is served at the root of its host: no path")
        return value.rstrip("/")

    @field_validator("ratelimit_storage_uri")
    @classmethod
    def is_a_known_storage(cls, value: str) -> str:
        """Memory for one process; Redis or Valkey for several."""
        known = ("memory://", "redis://", "rediss://", "valkey://", "valkeys://")
        if not value.startswith(known):
            raise ValueError("use memory://, redis:// or valkey://")
        return value

    @property
    def is_production(self) -> bool:
        """Whether the strict rules of a public deployment apply."""
        return self.app_env == "production"

    @property
    def issuer(self) -> str:
        """The issuer identifier (RFC 8414 §2), without a slash at its end."""
        return self.app_url or f"http://127.0.0.1:{self.port}"

    @property
    def is_https(self) -> bool:
        """Whether people reach us by https, so that cookies can be `Secure`."""
        return self.issuer.startswith("https://")

    @property
    def audiences(self) -> tuple[str, ...]:
        """The identifiers of the protected APIs; the first is our own API's."""
        return self.api_audience or (self.issuer,)

    @property
    def sqlalchemy_url(self) -> str:
        """The database's address in SQLAlchemy's spelling."""
        return self.database_url or f"sqlite:///{default_sqlite_path()}"


def default_sqlite_path() -> Path:
    """Where the database is kept when nothing names another."""
    return PROJECT_ROOT / "instance" / "gatepass.sqlite3"


def load_environment(env_file: Path | None = None) -> None:
    """Take what `.env` says into the environment; what stands there already wins."""
    load_dotenv(env_file or PROJECT_ROOT / ".env", override=False, interpolate=False)


def read_settings() -> tuple[Settings, list[str]]:
    """Return the settings that the environment describes, and all its problems.

    Where a value cannot be used its default stands in, so that the commands which
    mend or report a broken environment can run; nothing else may run with problems.
    """
    try:
        settings = Settings()
    except ValidationError as error:
        problems = [_in_words(detail) for detail in error.errors()]
        wrong = {str(detail["loc"][0]) for detail in error.errors()}
        fields = Settings.model_fields
        settings = Settings(**{name: fields[name].default for name in wrong})
    else:
        problems = []
    return settings, problems + settings_problems(settings)


def settings_problems(settings: Settings) -> list[str]:
    """Return what is wrong with values that are each well-formed."""
    return _contradictions(settings) + _unsafe(settings)


def _in_words(detail: ErrorDetails) -> str:
    name = str(detail["loc"][0]).upper()
    return f"{name}: {detail['msg'].removeprefix('Value error, ')}"


def _contradictions(settings: Settings) -> list[str]:
    if settings.refresh_token_idle_ttl > settings.refresh_token_max_ttl:
        return [
            "REFRESH_TOKEN_IDLE_TTL: it is longer than REFRESH_TOKEN_MAX_TTL; "
            "lower it or raise the other"
        ]
    return []


def _unsafe(settings: Settings) -> list[str]:
    problems = []
    make_one = (
        "make one with: python3 -c 'import secrets; print(secrets.token_hex(32))'"
    )
    if not settings.secret_key:
        problems.append(f"SECRET_KEY: it is missing; {make_one}")
    elif settings.secret_key.lower() in DEFAULT_SECRET_KEYS:
        problems.append(f"SECRET_KEY: it is a well-known default; {make_one}")
    elif len(settings.secret_key) < MINIMUM_SECRET_KEY_LENGTH:
        problems.append(
            f"SECRET_KEY: it has fewer than {MINIMUM_SECRET_KEY_LENGTH} characters; "
            + make_one
        )
    if settings.is_production:
        problems += _unsafe_in_production(settings)
    return problems


def _unsafe_in_production(settings: Settings) -> list[str]:
    problems = []
    if not settings.is_https:
        problems.append(
            "APP_URL: production needs the https address that people use, "
            "such as https://auth.example.com"
        )
    if not settings.ratelimit_enabled:
        problems.append(
            "RATELIMIT_ENABLED: throttles cannot be lifted in production; remove it"
        )
    return problems
