"""A PostgreSQL database saved by `pg_dump` and restored by `pg_restore`, as the documents say."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.cli.commands.restore import restore
from bot.domain.auditing.events import EventKind
from bot.store import Store
from bot.store.migrate import migrate
from tests.integration.databases import TENANT
from tests.support.postgres import PostgresServer, binaries
from tests.unit.cli.commands import alone, run


@pytest.fixture
def programs(postgres_server: PostgresServer) -> dict[str, str]:
    """`pg_dump` and `pg_restore`, those of the server first."""
    path = f"{binaries()}:{os.environ['PATH']}"
    found = {name: shutil.which(name, path=path) for name in ("pg_dump", "pg_restore")}
    if None in found.values():
        pytest.skip("PostgreSQL's programs for backups are not on this machine.")
    return {name: str(program) for name, program in found.items()}


@pytest.fixture
def names(postgres_server: PostgresServer) -> Iterator[tuple[str, str]]:
    """A database, and one to restore into, in which nothing is."""
    made = postgres_server.new_database(), postgres_server.new_database()
    yield made
    for name in made:
        postgres_server.drop_database(name)


def test_the_log_goes_on_from_the_dump_and_says_so(
    postgres_server: PostgresServer, programs: dict[str, str], names: tuple[str, str], tmp_path: Path
) -> None:
    first, second = (postgres_server.url(name) for name in names)

    async def fill() -> None:
        await migrate(first)
        store = Store(first, tenant_id=TENANT)
        async with store.write() as uow:
            for number in range(3):
                at = store.clock() + timedelta(seconds=number)
                await uow.audit.append(
                    EventKind.CHECK_ASKED, actor="U1", target="bücher.example", payload={"number": number}, at=at
                )
        await store.close()

    asyncio.run(fill())
    dump = f"{tmp_path}/portcullis.dump"
    socket = f"host={postgres_server.folder} user=postgres"
    for program, arguments in (
        ("pg_dump", ["--format=custom", f"--file={dump}", f"{socket} dbname={names[0]}"]),
        ("pg_restore", ["--exit-on-error", f"--dbname={socket} dbname={names[1]}", dump]),
    ):
        ended = subprocess.run([programs[program], *arguments], capture_output=True, text=True, check=False)  # noqa: S603
        assert ended.returncode == 0, ended.stderr
    # The chain, the triggers and the numbers of rows came along.
    restored = run(alone(restore), "--by-hand", "--database", second, "--json")
    assert restored.exit_code == 0, restored.output
    told = json.loads(restored.stdout)
    assert told["verifies"] is True
    assert [each["head"]["seq"] for each in (*told["was"], *told["now"])] == [3, 4]

    async def last() -> str:
        store = Store(second, tenant_id=TENANT)
        async with store.read() as uow:
            [event, *_] = await uow.audit.page()
        await store.close()
        return f"{event.target} {event.payload['last_event']}"

    assert asyncio.run(last()) == "restore 3"
