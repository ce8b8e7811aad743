"""The command line: `portcullis run | demo | parse | check | lists | propose | posture | audit | renewals | …`.

A command's module is imported when the command is used, and what it takes when it runs: reading an indicator doesn't
wait for a web server to load, nor a command's help for anything.
"""

from __future__ import annotations

import sys
from importlib import import_module
from inspect import getdoc
from io import TextIOWrapper
from typing import Any, NamedTuple

import typer

from bot import __version__
from bot.cli.failures import for_operator, print_error
from bot.cli.plain_flags import PlainCommand, PlainGroup
from bot.errors import PortcullisError, SettingsError


class _Place(NamedTuple):
    """Where a command is: its module, and the function or the typer app in it."""

    module: str
    name: str
    help: str


_COMMANDS: dict[str, _Place] = {
    "run": _Place("bot.cli.commands.run", "run", "Run the bot against Slack and a tenant, as the settings say."),
    "demo": _Place(
        "bot.cli.commands.demo", "demo", "Run the bot against stand-ins for Slack and the tenant, with a web page."
    ),
    "parse": _Place("bot.cli.commands.parse", "parse", "Read indicators, defanged or not, and show what they are."),
    "check": _Place(
        "bot.cli.commands.check", "check", "Say whether an indicator is allowed, blocked or not listed, and why."
    ),
    "lists": _Place("bot.cli.commands.lists", "lists", "Look through the tenant's lists, as they were last read."),
    "propose": _Place("bot.cli.commands.propose", "propose", "Request many changes at once, from a file."),
    "posture": _Place(
        "bot.cli.commands.posture", "posture", "Say what lets mail through and needs looking after, by the baseline."
    ),
    "audit": _Place("bot.cli.commands.audit", "app", "Query and verify the audit log."),
    "jobs": _Place("bot.cli.commands.jobs", "app", "List the jobs of the outbox, and retry those that were given up."),
    "trace": _Place("bot.cli.commands.trace", "trace", "Say what came of a delivery, a request or a job."),
    "renewals": _Place(
        "bot.cli.commands.renewals", "renewals", "List the entries whose owners are asked whether to keep them."
    ),
    "who": _Place("bot.cli.commands.who", "who", "Say what somebody may do, and by which setting, group or rule."),
    "rights": _Place(
        "bot.cli.commands.rights", "rights", "Say which rights in the tenant the settings need, and what each buys."
    ),
    "doctor": _Place("bot.cli.commands.doctor", "doctor", "Say what is wrong with Slack, the tenant or the database."),
    "backup": _Place("bot.cli.commands.backup", "backup", "Copy the database into a file, while the bot runs."),
    "restore": _Place(
        "bot.cli.commands.restore", "restore", "Put a backup in the place of the database, while no bot runs."
    ),
    "migrate": _Place("bot.cli.commands.migrate", "migrate", "Bring the database up to date."),
}


class _OnDemand(PlainGroup):
    # typer carries a click of its own: its types have no public name.
    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ANN401
        del ctx
        return list(_COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ANN401
        """The command's name and what it does, which is all that a list of commands shows."""
        del ctx
        place = _COMMANDS.get(cmd_name)
        return None if place is None else PlainCommand(cmd_name, help=place.help)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:  # noqa: ANN401
        """The command itself, to be run."""
        name, _, rest = super().resolve_command(ctx, args)
        return name, _loaded(str(name)), rest


def _loaded(name: str) -> Any:  # noqa: ANN401
    place = _COMMANDS[name]
    found: Any = getattr(import_module(place.module), place.name)
    if not isinstance(found, typer.Typer):
        alone = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
        # What it does in one line, and then what its docstring says of it, exit codes among that.
        alone.command(name, cls=PlainCommand, help="\n\n".join(filter(None, [place.help, getdoc(found)])))(found)
        command = typer.main.get_command(alone)
    else:
        command = typer.main.get_command(found)
        command.help = place.help
    command.name = name
    return command


app = typer.Typer(
    name="portcullis",
    help="Stands in front of a Microsoft 365 tenant's mail-filter allow and block lists.",
    cls=_OnDemand,
    no_args_is_help=True,
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


def main() -> None:
    """The console script. Errors of our own end with a line on stderr and exit code 2, never with a stack trace."""
    if isinstance(sys.stdout, TextIOWrapper) and sys.stdout.errors == "strict":
        # A terminal that can't show a character gets its escape instead of a crash.
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        app()
    except SettingsError as error:
        for problem in error.problems:
            print_error(problem)
        sys.exit(2)
    except PortcullisError as error:
        print_error(for_operator(error))
        sys.exit(2)
