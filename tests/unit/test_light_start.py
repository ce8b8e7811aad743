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
    "bot.cli.run": {"alembic", "mako", "msal", "requests", "cryptography", "dns", "python_calamine"},
    "bot.store.upgrading": {"alembic", "mako"},
    **{place.module: _WORK for place in _COMMANDS.values()},
}


@pytest.mark.parametrize("module", _LATER)
def test_what_is_not_needed_is_not_loaded(module: str) -> None:
    script = f"import {module}, sys; print(*{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603
    assert _LATER[module].isdisjoint(done.stdout.split()), "is loaded by now: import it where it is used"
