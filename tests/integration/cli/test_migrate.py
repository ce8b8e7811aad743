"""`portcullis migrate` beside a database that is being started."""

from __future__ import annotations

import asyncio
import json
import sys

from tests.support.database_proxy import DatabaseProxy, Fault
from tests.support.postgres import PostgresServer


async def migrate(url: str, wait: str) -> tuple[int | None, str]:
    """The exit code, and what it said on standard output."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot.cli", "migrate", "--json", "--database", url, "--wait", wait),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    said, _ = await process.communicate()
    return process.returncode, said.decode()


async def test_it_waits_for_a_database_that_does_not_answer_yet(postgres_server: PostgresServer) -> None:
    name = await asyncio.to_thread(postgres_server.new_database)
    async with DatabaseProxy(postgres_server) as proxy:
        proxy.strike_at(b"", Fault.CUT, passed=False)
        waiting = asyncio.create_task(migrate(proxy.url(name), "60"))
        await proxy.struck.wait()
        await proxy.heal()
        code, said = await waiting
    assert code == 0
    assert json.loads(said)["applied"][0] == "0001"


async def test_it_says_so_when_the_time_is_over(postgres_server: PostgresServer) -> None:
    async with DatabaseProxy(postgres_server) as proxy:
        await proxy.refuse()
        code, said = await migrate(proxy.url("nowhere"), "0")
    assert code == 2
    assert "reached" in json.loads(said)["error"]


async def test_what_more_time_would_not_mend_is_told_at_once(postgres_server: PostgresServer) -> None:
    async with DatabaseProxy(postgres_server) as proxy:
        code, said = await migrate(proxy.url("nowhere"), "3600")
    assert code == 2
    assert "no database of that name" in json.loads(said)["error"]
