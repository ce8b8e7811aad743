"""What happens once in a trial, to the database, to the tenant's lists or to Slack's connections."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path

import asyncpg

from bot.playground.page_client import PageClient
from bot.playground.tenant.faults import Fault
from tests.chaos.database import Databases
from tests.chaos.place import Place
from tests.chaos.plan import Mishap

#: How long a disk stays full, in seconds.
_FULL_FOR = 2.0

#: How many readings after a change still show what was before it.
_LATE_READS = 2


async def let_happen(place: Place, databases: Databases, what: Mishap) -> None:
    """Let it happen, now."""
    place.tally.faults[what] += 1
    match what:
        case Mishap.RESTART:
            databases.restart()
        case Mishap.CUT:
            await _cut(place.database_url)
        case Mishap.FULL:
            await _fill(place)
        case Mishap.LAG:
            place.tenant.arm(Fault(kind="lag", cmdlet="New-TenantAllowBlockListItems", times=_LATE_READS))
        case Mishap.NO:
            place.tenant.arm(Fault(kind="404", cmdlet="New-TenantAllowBlockListItems"))
        case Mishap.REFRESH:
            async with PageClient(place.playground.url) as page:
                await page.post("/api/socket/disconnect", {"reason": "refresh_requested"})


async def _cut(url: str) -> None:
    """End every connection to the database but one's own."""
    query = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
    with suppress(OSError, asyncpg.PostgresError):
        connection = await asyncpg.connect(url, timeout=10)
        try:
            await connection.execute(f"{query} AND pid != pg_backend_pid()")
        finally:
            await connection.close()


async def _fill(place: Place) -> None:
    """Let no file grow beyond the largest that the database has now, for some time; each new bot likewise."""
    path = Path(place.database_url.removeprefix("sqlite:///"))
    size = max(file.stat().st_size for file in path.parent.glob(f"{path.name}*"))
    ends = asyncio.get_running_loop().time() + _FULL_FOR
    while asyncio.get_running_loop().time() < ends:
        place.bots.limit_files(size)
        await asyncio.sleep(0.1)
    place.bots.limit_files(None)
