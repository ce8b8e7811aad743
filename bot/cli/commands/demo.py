"""`portcullis demo`: what can be typed."""

from __future__ import annotations

import typer

from bot.cli.choices import Mode
from bot.playground import PORT


def demo(
    tour: bool = typer.Option(False, "--tour", help="Run the main job by itself, print each step, and exit."),
    mode: Mode = typer.Option(Mode.SOCKET, help="How Slack's stand-in delivers to the bot."),
    port: int = typer.Option(PORT, min=0, max=65535, help="The page's port on 127.0.0.1; 0 takes a free one."),
    database: str = typer.Option("", help="A database to keep; left out, a SQLite file that ends with the demo."),
    rules: str = typer.Option("", metavar="FILE", help="A file of rules, as RULES_FILE names one."),
    settings: str = typer.Option(
        "", metavar="FILE", help="Start the stand-ins and no bot; this file gets the settings with which to run one."
    ),
) -> None:
    """Run the demo until Ctrl-C, or the tour to its end (exit code 0 only if every step held)."""
    from bot.cli.demo import demo as work

    work(tour=tour, mode=mode, port=port, database=database, rules=rules, settings=settings)
