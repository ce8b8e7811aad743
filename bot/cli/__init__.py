"""The command line: `portcullis run | demo | parse | check | posture | audit | doctor | migrate`."""

from __future__ import annotations

import sys

import typer

from bot import __version__
from bot.cli import audit, check, demo, doctor, migrate, parse, posture, run
from bot.errors import PortcullisError, SettingsError

app = typer.Typer(
    name="portcullis",
    help="Stands in front of a Microsoft 365 tenant's mail-filter allow and block lists.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"portcullis {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help="Print the version and exit."
    ),
) -> None:
    del version


app.command("run", help="Run the bot against Slack and a tenant, as the settings say.")(run.run)
app.command("demo", help="Run the bot against a stand-in for Slack and one for the tenant, with a web page.")(demo.demo)
app.command("parse", help="Read indicators, defanged or not, and show what they are.")(parse.parse)
app.command("check", help="Say whether an indicator is allowed, blocked or not listed, and why.")(check.check)
app.command("posture", help="Hold the tenant's connection filter against the baseline.")(posture.posture)
app.add_typer(audit.app, name="audit", help="Query and verify the audit log.")
app.command("doctor", help="Say what is wrong with Slack, the tenant or the database, and how to mend it.")(
    doctor.doctor
)
app.command("migrate", help="Bring the database up to date.")(migrate.migrate)


def main() -> None:
    """The console script. Errors of our own end with a line on stderr and exit code 2, never with a stack trace."""
    try:
        app()
    except SettingsError as error:
        for problem in error.problems:
            print(problem, file=sys.stderr)
        sys.exit(2)
    except PortcullisError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
