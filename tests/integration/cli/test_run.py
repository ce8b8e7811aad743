"""`portcullis run` beside another one on the same SQLite file."""

from __future__ import annotations

import asyncio
import os
import secrets
import subprocess
import sys
from pathlib import Path

import pytest

from bot.store.migrate import migrate
from bot.store.process_lock import only_process
from tests.support.installation import free_port


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """The settings of a bot with a migrated database."""
    url = f"sqlite:///{tmp_path / 'portcullis.sqlite3'}"
    asyncio.run(migrate(url))
    settings = {
        "DATABASE_URL": url,
        "SLACK_BOT_TOKEN": f"xoxb-{secrets.token_hex(12)}",
        "SLACK_APP_TOKEN": f"xapp-{secrets.token_hex(12)}",
        "SLACK_API_URL": "http://127.0.0.1:9/api/",
        "APPROVAL_CHANNEL": "C0APPROVALS",
        "APPROVERS": "U0APPROVE1",
        "TENANT_ID": "contoso.onmicrosoft.com",
        "CLIENT_ID": "66666666-7777-8888-9999-000000000000",
        "CLIENT_SECRET": secrets.token_hex(12),
        "HTTP_PORT": str(free_port()),
    }
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PORTCULLIS_")}
    return {**kept, **{f"PORTCULLIS_{name}": value for name, value in settings.items()}}


def portcullis(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - our own command line
        [sys.executable, "-m", "bot.cli", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_a_second_bot_is_refused_and_commands_are_not(environment: dict[str, str]) -> None:
    with only_process(environment["PORTCULLIS_DATABASE_URL"]):
        second = portcullis(environment, "run")
        assert second.returncode == 2, second.stderr
        assert f"Another Portcullis (process {os.getpid()}) is running on the database portcullis" in second.stderr
        assert "Traceback" not in second.stderr
        beside = portcullis(environment, "jobs", "list")
        assert beside.returncode == 0, beside.stderr
