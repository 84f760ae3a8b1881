"""What commands of operations tell people, and programs."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import click

from app.extensions import settings
from app.operations.demonstration import NewApp
from app.operations.doctor import Finding
from app.operations.installing import NewPerson

_MARKS = {"problem": "PROBLEM", "remark": "remark "}


@dataclass(frozen=True, kw_only=True)
class Installed:
    """What an installation made; nothing of what was there before."""

    written: Sequence[str]
    administrator: NewPerson | None
    people: Sequence[NewPerson]
    apps: Sequence[NewApp]

    def as_values(self) -> dict[str, Any]:
        """Return it for JSON."""
        return asdict(self)


def tell_installed(report: Installed) -> None:
    """Print what was made, with passwords and secrets that are shown only now."""
    if report.written:
        click.echo(f"Written to the environment file: {', '.join(report.written)}.")
    if report.administrator:
        click.echo("The first administrator (the password is shown only once):")
        _tell_person(report.administrator)
    if report.people:
        click.echo("Example people:")
    for person in report.people:
        _tell_person(person)
    if report.apps:
        click.echo("Example apps:")
    for app in report.apps:
        click.echo(f"  {app.name}")
        click.echo(f"    client ID:     {app.client_id}")
        if app.client_secret:
            click.echo(f"    client secret: {app.client_secret}")
    click.echo(f"Gatepass is ready for {settings.issuer}")


def _tell_person(person: NewPerson) -> None:
    click.echo(f"  e-mail:   {person.email}")
    click.echo(f"  password: {person.password}")


def tell_findings(findings: Sequence[Finding]) -> None:
    """Print each finding with its fix, or that there is none."""
    if not findings:
        click.echo("No problems found.")
    for finding in findings:
        click.echo(f"{_MARKS[finding.level]}  {finding.subject}: {finding.message}")
        click.echo(f"         Fix: {finding.fix}")
