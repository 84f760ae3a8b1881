"""Commands of operations: install, check, purge."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext
from flask_migrate import upgrade
from sqlalchemy.exc import OperationalError

from app.accounts import sessions, throttle
from app.audit.services import record
from app.cli import command_actor, json_option, print_json, refusing
from app.clients import trials
from app.config import PROJECT_ROOT
from app.errors import NotAllowedError
from app.extensions import db, settings
from app.oauth import pending
from app.operations import demonstration, installing
from app.operations.doctor import examine, is_well
from app.operations.reports import Installed, tell_findings, tell_installed
from app.tokens.key_set import purge_published_keys
from app.tokens.purge import purge
from app.traffic.purging import purge_counts, purge_refusals

#: Hours after which the longest allowed number of days is over.
LONGEST_HOURS = 10 * 365 * 24
#: What is of no use to anybody once its time is over.
EXPIRING: Mapping[str, Callable[..., int]] = {
    "authorization_requests": pending.purge,
    "user_sessions": sessions.purge,
    "sign_in_throttles": throttle.purge,
    "trials": trials.purge,
}


@click.command("passport:install")
@click.option("--demo", is_flag=True, help="Add example people and apps.")
@click.option(
    "--admin-email",
    default="admin@example.com",
    show_default=True,
    help="The first administrator, if there is none.",
)
@click.option(
    "--env-file",
    type=click.Path(dir_okay=False, path_type=Path),
    default=PROJECT_ROOT / ".env",
    show_default=".env",
    help="The file that missing keys are written to.",
)
@json_option
@with_appcontext
def passport_install(
    *, demo: bool, admin_email: str, env_file: Path, as_json: bool
) -> None:
    """Prepare this installation: keys, database, first administrator.

    Steps already done are skipped, so this may run at every start. Passwords and
    secrets are random and shown only once.
    """
    with refusing(), installing.one_at_a_time():
        if demo and settings.is_production:
            raise NotAllowedError(
                "Example people and apps cannot be added in production."
            )
        try:
            report = _install(is_demo=demo, admin_email=admin_email, env_file=env_file)
        except (OSError, ValueError) as error:
            raise click.ClickException(f"{env_file}: {error}") from None
        except OperationalError as error:
            raise click.ClickException(
                f"The database cannot be used: {error.orig}"
            ) from None
    if as_json:
        print_json(report.as_values())
    else:
        tell_installed(report)


def _install(*, is_demo: bool, admin_email: str, env_file: Path) -> Installed:
    # An application whose settings were given to it has no environment to complete.
    is_from_environment = "gatepass_problems" in current_app.extensions
    written = installing.complete_environment(env_file) if is_from_environment else []
    installing.make_database_folder(settings)
    actor = command_actor()
    with installing.holding_the_database():
        upgrade()
        administrator = installing.create_first_administrator(
            actor=actor, email=admin_email
        )
        people = demonstration.add_people(actor=actor) if is_demo else []
        apps = demonstration.add_apps(actor=actor) if is_demo else []
        db.session.commit()
    return Installed(
        written=written, administrator=administrator, people=people, apps=apps
    )


@click.command("passport:doctor")
@json_option
@with_appcontext
def passport_doctor(*, as_json: bool) -> None:
    """Check the running configuration and say how to fix each finding.

    The exit status is 1 if there is a problem. Remarks alone leave it at 0.
    """
    findings = examine(
        settings, problems=current_app.extensions.get("gatepass_problems")
    )
    if as_json:
        values = [finding.as_values() for finding in findings]
        print_json({"is_well": is_well(findings), "findings": values})
    else:
        tell_findings(findings)
    if not is_well(findings):
        raise click.exceptions.Exit(1)


@click.command("passport:purge")
@click.option("--expired", is_flag=True, help="Only what has expired.")
@click.option("--revoked", is_flag=True, help="Only what has been revoked.")
@click.option(
    "--hours",
    type=click.IntRange(0, LONGEST_HOURS),
    default=168,
    show_default=True,
    help="Keep what expired or was revoked more recently than this.",
)
@click.option("--dry-run", is_flag=True, help="Count rows and delete none.")
@json_option
@with_appcontext
def passport_purge(
    *, expired: bool, revoked: bool, hours: int, dry_run: bool, as_json: bool
) -> None:
    """Delete expired and revoked codes, tokens, consents, and sessions in batches.

    What is still needed to detect a replayed code or a reused refresh token is kept.
    Without --expired and --revoked, both kinds are deleted.
    """
    is_both = expired == revoked
    counts = purge(
        is_expired=expired or is_both,
        is_revoked=revoked or is_both,
        older_than=timedelta(hours=hours),
        is_dry_run=dry_run,
    )
    if expired or is_both:
        for name, purge_expired in EXPIRING.items():
            counts[name] = purge_expired(
                older_than=timedelta(hours=hours), is_dry_run=dry_run
            )
        counts["published_keys"] = purge_published_keys(is_dry_run=dry_run)
        # These have terms of their own: people look at them for about a month.
        counts["refused_requests"] = purge_refusals(is_dry_run=dry_run)
        counts["hourly_counts"] = purge_counts(is_dry_run=dry_run)
    if not dry_run:
        _remember_purge(counts)
    if as_json:
        print_json({"is_dry_run": dry_run, "rows": counts})
        return
    for name, count in counts.items():
        click.echo(f"{name.replace('_', ' ')}: {count}")
    if dry_run:
        click.echo("Nothing was deleted.")


def _remember_purge(counts: Mapping[str, int]) -> None:
    deleted = {name: count for name, count in counts.items() if count}
    if deleted:
        record(
            actor=command_actor(),
            action="rows.purged",
            subject_kind="server",
            subject_label="the database",
            details=deleted,
        )
        db.session.commit()


COMMANDS: tuple[click.Command, ...] = (
    passport_install,
    passport_doctor,
    passport_purge,
)
