"""Running one command of the command line in tests, and standing in for the tenant that it would read."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import ModuleType

import pytest
import typer
from typer.testing import CliRunner, Result

from bot.domain.lists.entries import Snapshot
from bot.domain.lists.traits import ListName


def alone(command: Callable[..., None]) -> typer.Typer:
    """A command line with this command and no other, whose faults are raised as they are."""
    app = typer.Typer(pretty_exceptions_enable=False)
    app.command()(command)
    return app


def run(app: typer.Typer, *arguments: str, given: str | bytes | None = None) -> Result:
    """What comes of these arguments, with `given` on standard input."""
    return CliRunner().invoke(app, list(arguments), input=given)


def live(monkeypatch: pytest.MonkeyPatch, answer: Snapshot | Exception) -> list[frozenset[ListName]]:
    """Let the tenant answer so. Returns which lists it was asked for, one call after the other."""
    asked: list[frozenset[ListName]] = []

    def read_live_lists(names: frozenset[ListName]) -> Snapshot:
        asked.append(names)
        if isinstance(answer, Exception):
            raise answer
        return answer

    module = ModuleType("bot.cli.live")
    module.read_live_lists = read_live_lists  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "bot.cli.live", module)
    return asked
