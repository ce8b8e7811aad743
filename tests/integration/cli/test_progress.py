"""What a terminal shows while something long goes on, and a pipe doesn't."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bot.cli.progress import progress, working
from bot.store import Store
from tests.integration.databases import TENANT, Clock


def on_a_terminal(*arguments: str, folder: Path) -> tuple[str, str]:
    """What a command prints on standard output, a pipe, and on standard error, a terminal."""
    controlling, terminal = os.openpty()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PORTCULLIS_")}
    with subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", "bot.cli", *arguments],
        cwd=folder,
        env={**environment, "TERM": "xterm", "PYTHONPATH": str(Path(__file__).parents[3])},
        stdout=subprocess.PIPE,
        stderr=terminal,
        text=True,
    ) as process:
        os.close(terminal)
        shown = b""
        while True:
            try:
                read = os.read(controlling, 4096)
            except OSError:  # how Linux says that nobody has the terminal any more
                break
            if not read:
                break
            shown += read
        printed, _ = process.communicate(timeout=60)
    os.close(controlling)
    assert process.returncode == 0, shown
    return printed, shown.decode()


def test_migrations_and_a_verification_show_how_far_they_are(tmp_path: Path) -> None:
    async def log() -> None:
        store = Store(f"sqlite:///{tmp_path / 'new.sqlite3'}", tenant_id=TENANT, clock=Clock())
        async with store.write() as uow:
            await uow.audit.append("job.dead", actor="portcullis", target="job", at=Clock().now)
        await store.close()

    database = ("--database", "sqlite:///new.sqlite3")
    printed, shown = on_a_terminal("migrate", *database, folder=tmp_path)
    assert "applied: 0001" in printed
    assert "Migrations" in shown
    assert "100%" in shown
    asyncio.run(log())
    printed, shown = on_a_terminal("audit", "verify", *database, folder=tmp_path)
    assert "1 events, intact." in printed
    assert "Events" in shown
    assert "100%" in shown
    assert on_a_terminal("migrate", *database, folder=tmp_path)[1] == "", "nothing to do is nothing to wait for"


def test_a_pipe_is_shown_none_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    with progress("Events") as done, working("Reading"):
        done(1, 2)
    assert capsys.readouterr() == ("", "")
