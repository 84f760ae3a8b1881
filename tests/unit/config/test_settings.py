"""Settings: read from the environment, refused with every problem at once."""

from pathlib import Path

import pytest
from dotenv import dotenv_values

from app.config import (
    PROJECT_ROOT,
    Settings,
    default_sqlite_path,
    load_environment,
    read_settings,
    settings_problems,
)

GOOD = {
    "APP_ENV": "production",
    "APP_URL": "https://auth.example.com",
    "SECRET_KEY": "0123456789abcdef" * 2,
}


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch):
    """Return a function that reads settings from GOOD changed by variables."""

    def read(**variables: str) -> tuple[Settings, list[str]]:
        for name, value in (GOOD | variables).items():
            monkeypatch.setenv(name, value)
        return read_settings()

    return read


def test_a_good_environment_has_no_problem(read) -> None:
    settings, problems = read()
    assert problems == []
    assert settings.is_production
    assert settings.is_https
    assert settings.issuer == "https://auth.example.com"
    assert settings.audiences == ("https://auth.example.com",)
    assert settings.sqlalchemy_url == f"sqlite:///{default_sqlite_path()}"


@pytest.mark.rfc("RFC 6750 §5.2", "tokens travel by https only")
@pytest.mark.rfc("RFC 6749 §3.2", "production is reached by https only")
@pytest.mark.rfc("RFC 6749 §3.1", "production is reached by https only")
def test_every_problem_is_told_at_once(read) -> None:
    _, problems = read(
        SECRET_KEY="short",
        APP_URL="http://auth.example.com",
        DATABASE_URL="mysql://host/name",
        PORT="many",
        RATELIMIT_ENABLED="0",
        RATELIMIT_STORAGE_URI="file:///tmp/x",
        ACCESS_TOKEN_TTL="0",
        REFRESH_TOKEN_IDLE_TTL="200",
        REFRESH_TOKEN_MAX_TTL="100",
    )
    named = sorted(problem.partition(":")[0] for problem in problems)
    assert named == [
        "ACCESS_TOKEN_TTL",
        "APP_URL",
        "DATABASE_URL",
        "PORT",
        "RATELIMIT_ENABLED",
        "RATELIMIT_STORAGE_URI",
        "REFRESH_TOKEN_IDLE_TTL",
        "SECRET_KEY",
    ]


@pytest.mark.parametrize("key", ["", "change-me", "CHANGE-ME", "secret", "x" * 31])
def test_a_secret_key_has_to_be_one(read, key: str) -> None:
    _, problems = read(SECRET_KEY=key)
    [problem] = problems
    assert problem.startswith("SECRET_KEY: ")
    assert "token_hex" in problem


@pytest.mark.parametrize("app_env", ["development", "testing"])
def test_outside_production_http_and_lifted_throttles_will_do(
    read, app_env: str
) -> None:
    settings, problems = read(
        APP_ENV=app_env, APP_URL="", RATELIMIT_ENABLED="0", PORT="8123"
    )
    assert problems == []
    assert settings.issuer == "http://127.0.0.1:8123"
    assert not settings.is_https


@pytest.mark.parametrize(
    "address",
    [
        "auth.example.com",
        "ftp://auth.example.com",
        "https://",
        "https://auth.example.com/path",
        "https://auth.example.com?query",
        "https://auth.example.com#fragment",
        "https://user@auth.example.com",
        "javascript:alert(1)",
    ],
)
@pytest.mark.rfc("RFC 8414 §2", "an issuer has no query and no fragment")
def test_an_issuer_is_a_bare_origin(read, address: str) -> None:
    _, problems = read(APP_URL=address)
    assert any(problem.startswith("APP_URL: ") for problem in problems)


def test_a_slash_at_the_end_of_the_issuer_is_dropped(read) -> None:
    settings, _ = read(APP_URL="https://auth.example.com/")
    assert settings.issuer == "https://auth.example.com"


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("postgres://u:p@h/d", "postgresql+psycopg://u:p@h/d"),
        ("postgresql://u:p@h/d", "postgresql+psycopg://u:p@h/d"),
        ("postgresql+psycopg://u:p@h/d", "postgresql+psycopg://u:p@h/d"),
        ("sqlite:////tmp/x.sqlite3", "sqlite:////tmp/x.sqlite3"),
    ],
)
def test_databases_are_named_as_platforms_name_them(
    read, address: str, expected: str
) -> None:
    settings, problems = read(DATABASE_URL=address)
    assert (settings.sqlalchemy_url, problems) == (expected, [])


@pytest.mark.parametrize(
    ("text", "expected"),
    [("a", ("a",)), ("a b", ("a", "b")), ("a, b", ("a", "b")), ("a,b ", ("a", "b"))],
)
def test_there_may_be_several_audiences(read, text: str, expected: tuple) -> None:
    settings, _ = read(API_AUDIENCE=text)
    assert settings.audiences == expected


def test_a_private_key_is_not_shown(read) -> None:
    settings, _ = read(PASSPORT_PRIVATE_KEY="very-private")
    assert "very-private" not in repr(settings)


def test_empty_variables_mean_the_default(read) -> None:
    settings, problems = read(PORT="", RATELIMIT_STORAGE_URI="", ACCESS_TOKEN_TTL="")
    assert problems == []
    assert (settings.port, settings.access_token_ttl) == (8000, 3600)


def test_the_environment_wins_over_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text("PORT=1111\nAPP_NAME='A $HOME b'\n")
    monkeypatch.setenv("PORT", "2222")
    monkeypatch.setenv("APP_NAME", "")
    monkeypatch.delenv("APP_NAME")
    load_environment(tmp_path / ".env")
    settings, _ = read_settings()
    assert settings.port == 2222
    assert settings.app_name == "A $HOME b"


def test_the_example_lists_every_variable_with_its_default() -> None:
    listed = dotenv_values(PROJECT_ROOT / ".env.example")
    assert set(listed) == {name.upper() for name in Settings.model_fields}
    given = {name.lower(): value for name, value in listed.items() if value}
    assert Settings.model_validate(given) == Settings()


def test_contradictions_are_problems() -> None:
    settings = Settings.model_validate(
        {"refresh_token_idle_ttl": 200, "refresh_token_max_ttl": 100}
    )
    assert any("REFRESH_TOKEN_MAX_TTL" in p for p in settings_problems(settings))
