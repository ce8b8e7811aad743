"""What a process doesn't load before it has a use for it: a start and a command's help would wait for it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from bot.cli import _COMMANDS
from tests.support.installation import ROOT

#: What no command's help waits for.
_WORK = {"pydantic", "sqlalchemy", "aiohttp", "httpx", "slack_sdk", "structlog", "asyncio", "cryptography"}

#: By what is imported, the libraries that come later or never.
_LATER = {
    "bot.cli": {"rich", "pydantic", "sqlalchemy", "aiohttp", "httpx", "asyncio"},
    "bot.cli.run": {
        "alembic",
        "mako",
        "msal",
        "requests",
        "cryptography",
        "dns",
        "python_calamine",
        "email_validator",
        "asyncpg",
    },
    "bot.store.upgrading": {"alembic", "mako"},
    **{place.module: _WORK for place in _COMMANDS.values()},
}


@pytest.mark.parametrize("module", _LATER)
def test_what_is_not_needed_is_not_loaded(module: str) -> None:
    script = f"import {module}, sys; print(*{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603
    assert _LATER[module].isdisjoint(done.stdout.split()), "is loaded by now: import it where it is used"


_HELPS = """
import contextlib, os, sys
from bot.cli import _COMMANDS, main

for command in ([], *([name] for name in _COMMANDS), ["audit", "list"], ["jobs", "retry"]):
    sys.argv = ["portcullis", *command, "--help"]
    with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere), contextlib.suppress(SystemExit):
        main()
print(*{name.partition(".")[0] for name in sys.modules})
"""


def test_no_help_waits_for_what_a_command_takes() -> None:
    done = subprocess.run([sys.executable, "-c", _HELPS], cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603
    assert _WORK.isdisjoint(done.stdout.split()), "is loaded by now: what does typer ask it?"


def test_where_sqlite_serves_nothing_of_postgresql_is_loaded() -> None:
    """Both databases' errors, statements and tables are said in one place, and each process loads its own."""
    script = "import bot.cli.run, bot.store, sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603
    assert {"sqlalchemy.dialects.postgresql", "asyncpg"}.isdisjoint(done.stdout.split())
