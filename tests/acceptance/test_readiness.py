"""What /readyz says of the real bot while something is wrong, and once it is well again; and how soon."""

from __future__ import annotations

import resource
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing

import asyncpg
import httpx
import pytest

from bot.playground.page_client import PageClient
from tests.acceptance.steps import idle, installation, slack_fault
from tests.support.installation import Installation

_ALWAYS = 10_000

on_sqlite_by_socket = pytest.mark.parametrize("here", ["socket-sqlite"], indirect=True)


@pytest.fixture(scope="module", params=["socket-sqlite", "http-postgresql"])
def here(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with installation(request.param, request=request, folder=tmp_path_factory.mktemp("readiness")) as here:
        yield here


@pytest.fixture
async def page(here: Installation) -> AsyncIterator[PageClient]:
    async with here.page() as client:
        await idle(client, here)
        yield client
        here.playground.slack.state.faults.clear()
        await client.until("it to be ready again", lambda: said(here, "database", "ok"))
        await client.until("it to be ready again", lambda: said(here, "slack", "ok"))


async def said(here: Installation, part: str, words: str) -> bool:
    """Whether /readyz says so of a part, with the status that belongs to it and nothing that strangers needn't know."""
    async with httpx.AsyncClient(trust_env=False, timeout=30) as http:
        answer = await http.get(f"{here.bot_url}/readyz")
        assert (await http.get(f"{here.bot_url}/healthz")).status_code == 200
    checks = answer.json()["checks"]
    assert answer.status_code == (200 if set(checks.values()) == {"ok"} else 503)
    for secret in (str(here.folder), here.database_url, here.playground.workspace.credentials.bot_token):
        assert secret not in answer.text
    return words in checks[part]


@asynccontextmanager
async def locked(here: Installation) -> AsyncIterator[None]:
    """Somebody else writes to the database, and doesn't end."""
    if here.database_url.startswith("sqlite"):
        path = here.database_url.removeprefix("sqlite:///")
        with closing(sqlite3.connect(path, isolation_level=None, timeout=30)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield
        return
    connection = await asyncpg.connect(here.database_url)
    try:
        async with connection.transaction():
            await connection.execute("LOCK TABLE write_probes IN EXCLUSIVE MODE")
            yield
    finally:
        await connection.close()


async def test_a_database_that_somebody_else_has_locked(page: PageClient, here: Installation) -> None:
    async with locked(here):
        await page.until("the lock to be told", lambda: said(here, "database", "locked by another writer"))


async def test_a_token_that_is_revoked_while_it_runs(page: PageClient, here: Installation) -> None:
    await slack_fault(page, "auth.test", "token_revoked", times=_ALWAYS)
    await page.until("the token to be told", lambda: said(here, "slack", "refuses the bot token (token_revoked)"))


@on_sqlite_by_socket
async def test_a_disk_on_which_nothing_more_can_be_written(page: PageClient, here: Installation) -> None:
    assert here.bot is not None
    before = resource.prlimit(here.bot.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(here.bot.pid, resource.RLIMIT_FSIZE, (4_096, before[1]))
    try:
        await page.until("the disk to be told", lambda: said(here, "database", "disk of the database"))
    finally:
        resource.prlimit(here.bot.pid, resource.RLIMIT_FSIZE, before)


@on_sqlite_by_socket
async def test_a_socket_that_is_down(page: PageClient, here: Installation) -> None:
    await slack_fault(page, "socket", "http_500", times=_ALWAYS)
    await page.post("/api/socket/disconnect", {"reason": "link_disabled"})
    await page.until("the socket to be told", lambda: said(here, "slack", "Socket Mode is not connected"))
