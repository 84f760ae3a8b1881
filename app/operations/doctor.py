"""Looks over the running configuration; each finding comes with its fix."""

import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from app.access.escalation import is_there_an_administrator
from app.config import PROJECT_ROOT, Settings, settings_problems
from app.extensions import limiter
from app.keys.checking import key_problems
from app.keys.ring import COMMAND, KeySources
from app.operations.readiness import database_problems

Level = Literal["problem", "remark"]
#: By which servers and platforms learn how many worker processes to start.
_WORKER_VARIABLES = ("GRANIAN_WORKERS", "WEB_CONCURRENCY", "WORKERS")
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_CORRECT_IT = "Correct it in .env or in the process's environment, then start again."


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Something to mend (`problem`) or to think about (`remark`), and how."""

    level: Level
    subject: str
    message: str
    fix: str

    def as_values(self) -> dict[str, str]:
        """Return it for JSON."""
        return asdict(self)


def examine(
    settings: Settings,
    *,
    problems: list[str] | None = None,
    folder: Path = PROJECT_ROOT,
    environment: Mapping[str, str] = os.environ,
) -> list[Finding]:
    """Return what is wrong or risky, problems first.

    `problems` are those that reading the environment brought up; without them the
    settings are looked at alone. `folder` is where `.env` and `storage` are.
    """
    if problems is None:
        problems = settings_problems(settings) + key_problems(settings)
    findings = [
        *_configuration(problems),
        *_keys(settings),
        *_database(problems),
        *_proxies(settings),
        *_rate_limits(settings, environment),
        *_files(folder),
    ]
    return sorted(findings, key=lambda finding: finding.level != "problem")


def is_well(findings: list[Finding]) -> bool:
    """Tell whether nothing needs to be mended."""
    return not any(finding.level == "problem" for finding in findings)


def _configuration(problems: list[str]) -> Iterator[Finding]:
    for problem in problems:
        subject, _, rest = problem.partition(": ")
        message, _, fix = rest.partition("; ")
        yield Finding(
            level="problem", subject=subject, message=message, fix=fix or _CORRECT_IT
        )


def _keys(settings: Settings) -> Iterator[Finding]:
    if not any(KeySources.of(settings)[:4]):
        yield Finding(
            level="problem",
            subject="keys",
            message="there are no signing keys, so no token can be issued",
            fix=f"Make them with: {COMMAND}",
        )


def _database(problems: list[str]) -> Iterator[Finding]:
    if any(problem.startswith("DATABASE_URL:") for problem in problems):
        # Another database than the one that was meant would be looked at.
        return
    found = database_problems()
    for message in found:
        yield Finding(
            level="problem",
            subject="database",
            message=message,
            fix="Start the database and check DATABASE_URL, then run: "
            "flask passport:install",
        )
    if not found and not is_there_an_administrator():
        yield Finding(
            level="problem",
            subject="administrator",
            message="nobody who can sign in may manage the system",
            fix="Make the first administrator with: flask passport:install",
        )


def _proxies(settings: Settings) -> Iterator[Finding]:
    if settings.is_https and not settings.trusted_proxies:
        yield Finding(
            level="remark",
            subject="TRUSTED_PROXIES",
            message="APP_URL is https, and no proxy is trusted: if one stands before "
            "the server, every request seems to come from it and by http",
            fix="Set TRUSTED_PROXIES to the number of proxies that add "
            "X-Forwarded-For, or leave it at 0 where the server is reached directly.",
        )
    host = urlsplit(settings.issuer).hostname
    if not settings.is_https and host not in _LOOPBACK:
        yield Finding(
            level="remark",
            subject="APP_URL",
            message="it is not https: passwords and tokens travel readable",
            fix="Use http on this machine only; elsewhere set an https APP_URL.",
        )


def _rate_limits(
    settings: Settings, environment: Mapping[str, str]
) -> Iterator[Finding]:
    if not settings.ratelimit_storage_uri.startswith("memory:"):
        if not limiter.storage.check():
            yield Finding(
                level="problem",
                subject="RATELIMIT_STORAGE_URI",
                message="the storage of the rate limits cannot be reached",
                fix="Start it, or correct the address.",
            )
        return
    workers = max(_number(environment.get(name)) for name in _WORKER_VARIABLES)
    if workers > 1:
        yield Finding(
            level="problem",
            subject="RATELIMIT_STORAGE_URI",
            message=f"{workers} workers count each for themselves in memory, so that "
            "limits are that many times as high",
            fix="Set it to a redis:// or valkey:// address, or use one worker.",
        )
    elif settings.is_production:
        yield Finding(
            level="remark",
            subject="RATELIMIT_STORAGE_URI",
            message="rate limits are counted in the memory of one process",
            fix="Set it to a redis:// or valkey:// address before there are more.",
        )


def _number(value: str | None) -> int:
    return int(value) if value and value.isdecimal() else 1


def _files(folder: Path) -> Iterator[Finding]:
    env_file = folder / ".env"
    if env_file.exists() and stat.S_IMODE(env_file.stat().st_mode) & 0o077:
        yield Finding(
            level="problem",
            subject=".env",
            message="other accounts of this machine can read it",
            fix=f"chmod 600 {env_file}",
        )
    for name in ("oauth-private.key", "oauth-public.key"):
        if (folder / "storage" / name).exists():
            yield Finding(
                level="remark",
                subject=f"storage/{name}",
                message="a key file of another product is left here, and is not used",
                fix=f"rm {folder / 'storage' / name}",
            )
