"""Replicas of this version beside a newer one's migration, on PostgreSQL: what it has added is no concern of theirs.

What a newer version adds is made up here, to every table: that stands for any migration that expands. A migration that
contracts names who may still serve, and whoever may not says so and takes nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import asyncpg
import httpx
import pytest

from bot.domain.requests.request import Status
from bot.playground.page_client import PageClient
from bot.playground.plain_http import NO_AUTHORITIES
from bot.store.tables import METADATA
from tests.acceptance.steps import idle, installation, listed, propose, status
from tests.support.installation import APPROVALS, APPROVER, Installation

_NEWER = "9999"
_PATIENCE = 60.0


@pytest.fixture(scope="module")
def here(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    folder = tmp_path_factory.mktemp("rolling")
    with installation("socket-postgresql", request=request, folder=folder) as running:
        yield running


async def run_as_a_migration(here: Installation, *statements: str) -> None:
    connection = await asyncpg.connect(here.database_url)
    async with connection.transaction():
        for statement in statements:
            await connection.execute(statement)
    await connection.close()


async def decided(page: PageClient, here: Installation, name: str) -> None:
    """Request a block, approve it, and see it in the tenant."""
    card = await propose(page, name)
    await page.click(APPROVER, APPROVALS, card, "Approve")
    await status(page, here, name, Status.APPLIED)
    await idle(page, here)
    assert await listed(page, name) == 1


async def ready(here: Installation, *, well: bool) -> str:
    """What the bot says of itself, once it says that all is well, or that something isn't."""
    async with httpx.AsyncClient(verify=NO_AUTHORITIES, trust_env=False) as http, asyncio.timeout(_PATIENCE):
        while True:
            answer = await http.get(f"{here.bot_url}/readyz")
            if (answer.status_code == 200) is well:
                return answer.text
            await asyncio.sleep(0.2)


async def test_replicas_go_on_while_a_newer_version_has_migrated(here: Installation) -> None:
    async with here.page(patience=_PATIENCE) as page:
        await decided(page, here, "before.example")
        await run_as_a_migration(
            here,
            *(
                f"ALTER TABLE {table} ADD COLUMN of_a_newer_version TEXT NOT NULL DEFAULT 'x'"
                for table in METADATA.tables
            ),
            "CREATE TABLE of_a_newer_version (id BIGINT PRIMARY KEY, must TEXT NOT NULL)",
            "UPDATE alembic_version SET version_num = '9999'",
        )
        # The process that was there goes on, and so does one that is started now.
        await decided(page, here, "beside.example")
        await ready(here, well=True)
        here.stop_bot()
        here.start_bot()
        await decided(page, here, "again.example")
        assert f'"revision": "{_NEWER}"' in here.log.read_text()
        verified = here.command("audit", "verify")
        assert verified.returncode == 0, verified.stdout
        doctor = here.command("doctor")
        assert _NEWER in doctor.stdout


async def test_a_replica_that_is_served_no_more_says_so_and_takes_nothing(here: Installation) -> None:
    await run_as_a_migration(here, "UPDATE schema_bounds SET oldest_served = '9999'")
    assert "serves this one no more" in await ready(here, well=False)
    here.stop_bot()
    started = here.command("run")
    assert started.returncode == 1
    assert f"revision {_NEWER}, of a newer Portcullis" in " ".join(started.stderr.split())
