"""`portcullis run` beside another one on the same SQLite file, and with a Slack that it can't serve or can't reach."""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing, suppress
from typing import Any

import httpx
import pytest

from bot.store.migrate import current, downgrade
from bot.store.process_lock import only_process
from bot.store.revision import known_revisions
from tests.support import forks
from tests.support.installation import free_port
from tests.support.processes import ended, started
from tests.support.scripted_slack import ok, scripted_slack


@pytest.fixture
def environment(sqlite_url: str) -> dict[str, str]:
    """The settings of a bot with a migrated database."""
    settings = {
        "DATABASE_URL": sqlite_url,
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
    return forks.run(*arguments, environment=environment)


def test_a_second_bot_is_refused_and_commands_are_not(environment: dict[str, str]) -> None:
    with only_process(environment["PORTCULLIS_DATABASE_URL"]):
        second = portcullis(environment, "run")
        assert second.returncode == 1, second.stderr
        assert f"Another Portcullis (process {os.getpid()}) is running on the database portcullis" in second.stderr
        assert "Traceback" not in second.stderr
        beside = portcullis(environment, "jobs", "list")
        assert beside.returncode == 0, beside.stderr


def test_a_database_that_cannot_be_reached_yet_is_worth_another_start(environment: dict[str, str]) -> None:
    """A service manager starts it again, which it doesn't after exit code 2: the database may be slower to boot."""
    nobody = f"postgresql://somebody@127.0.0.1:{free_port()}/portcullis"
    ended = portcullis({**environment, "PORTCULLIS_DATABASE_URL": nobody}, "run")
    assert (ended.returncode, "Traceback" in ended.stderr) == (1, False), ended.stderr
    assert "database" in ended.stderr


@pytest.mark.parametrize("tells_both", [False, True])
async def test_who_stops_it_while_it_migrates_does_not_wait_for_that(
    environment: dict[str, str], tells_both: bool
) -> None:
    """Some tell the bot, and others, as systemd does, all that it has started too."""
    url = environment["PORTCULLIS_DATABASE_URL"]
    before = known_revisions()[-2]
    await downgrade(url, before)
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        bot = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot.cli", "run", env=environment, stderr=subprocess.PIPE
        )
        migrating = await started(bot.pid)
        if tells_both:  # at once: told by itself, the bot may have ended the other before it is told
            bot.send_signal(signal.SIGSTOP)
            os.kill(migrating, signal.SIGTERM)
        bot.terminate()
        bot.send_signal(signal.SIGCONT)
        _, said = await bot.communicate()
        await ended(migrating)
    assert (bot.returncode, b"Traceback" in said) == (0, False), said
    assert await current(url) == before


@pytest.mark.parametrize(
    ("told", "team_id", "why", "what_to_do"),
    [
        (
            {"team_id": "E0GRID", "enterprise_id": "E0GRID", "is_enterprise_install": True},
            "",
            "installed for a whole organization (Enterprise Grid)",
            "Set SLACK_TEAM_ID to the one",
        ),
        ({"team_id": "T0X"}, "T0OTHER", "belongs to workspace T0X, and SLACK_TEAM_ID is T0OTHER", "Set the right"),
    ],
)
async def test_a_token_that_it_cannot_serve_with_ends_it(
    environment: dict[str, str], told: dict[str, Any], team_id: str, why: str, what_to_do: str
) -> None:
    async with scripted_slack() as slack:
        slack.answers["auth.test"] = ok(**told)
        settings = environment | {"PORTCULLIS_SLACK_API_URL": slack.api_url, "PORTCULLIS_SLACK_TEAM_ID": team_id}
        ended = await asyncio.to_thread(portcullis, settings, "run")
    assert (ended.returncode, ended.stdout) == (2, ""), ended.stderr
    last = ended.stderr.splitlines()[-1]
    assert last.startswith("PORTCULLIS_SLACK_BOT_TOKEN: ")
    assert why in last
    assert what_to_do in last
    assert "Traceback" not in ended.stderr
    assert settings["PORTCULLIS_SLACK_BOT_TOKEN"] not in ended.stderr


async def test_while_slack_refuses_connections_it_waits_and_then_goes_on(environment: dict[str, str]) -> None:
    port = free_port()
    settings = environment | {
        "PORTCULLIS_SLACK_MODE": "http",
        "PORTCULLIS_SLACK_SIGNING_SECRET": secrets.token_hex(16),
        "PORTCULLIS_SLACK_API_URL": f"http://127.0.0.1:{port}/api/",
    }
    bot = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot.cli", "run", env=settings, stderr=subprocess.DEVNULL
    )
    url = f"http://127.0.0.1:{environment['PORTCULLIS_HTTP_PORT']}/readyz"

    async def until_ready(*, ready: bool, says: str) -> None:
        async with asyncio.timeout(120), httpx.AsyncClient(trust_env=False, timeout=30) as http:
            while True:
                assert bot.returncode is None
                with suppress(httpx.TransportError):
                    answer = await http.get(url)
                    if (answer.status_code == 200) is ready and says in answer.json()["checks"]["slack"]:
                        return
                await asyncio.sleep(0.1)  # a process that starts tells nobody else

    try:
        await until_ready(ready=False, says="Slack has not said yet who the bot is")
        await until_ready(ready=False, says="Slack has not been reachable for")
        async with scripted_slack(port=port) as slack:
            slack.answers["auth.test"] = ok(team_id="T0X")
            await until_ready(ready=True, says="ok")
    finally:
        bot.terminate()
        assert await bot.wait() == 0
