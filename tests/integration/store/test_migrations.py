"""Migrations on both databases: up, down, again, by several at once, and equal to the tables in code."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, inspect

from bot.domain.auditing.events import EventKind, NewEvent
from bot.errors import StoreError
from bot.store import Store
from bot.store.addresses import normalise
from bot.store.engines import create_engine, for_writing
from bot.store.migrate import current, downgrade, migrate, pending
from bot.store.tables import METADATA
from tests.integration.databases import TENANT

ROOT = Path(__file__).parents[3]
ALL = tuple(f"{number:04}" for number in range(1, 32))
HEAD = ALL[-1]


async def look(url: str, work: Callable[[Connection], Any]) -> Any:  # noqa: ANN401 - whatever the work gives
    engine = for_writing(create_engine(normalise(url)))
    try:
        async with engine.begin() as connection:
            return await connection.run_sync(work)
    finally:
        await engine.dispose()


def tables(connection: Connection) -> set[str]:
    return set(inspect(connection).get_table_names()) - {"alembic_version"}


async def test_the_tables_in_code_are_those_that_the_migrations_make(database_url: str) -> None:
    def differences(connection: Connection) -> list[Any]:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True, "target_metadata": METADATA}
        )
        return compare_metadata(context, METADATA)

    assert await look(database_url, differences) == []
    assert await look(database_url, tables) == set(METADATA.tables)


async def test_up_down_and_up_again(empty_database_url: str) -> None:
    assert await migrate(empty_database_url) == ALL
    assert await current(empty_database_url) == HEAD
    assert await pending(empty_database_url) == ()
    assert await migrate(empty_database_url) == ()
    store = Store(empty_database_url, tenant_id=TENANT)
    async with store.write() as uow:
        await uow.audit.append(EventKind.CHECK_ASKED, actor="U1", at=store.clock())
    await store.close()
    await downgrade(empty_database_url, "base")
    assert await current(empty_database_url) is None
    assert await pending(empty_database_url) == ALL
    assert await look(empty_database_url, tables) == set()
    assert await migrate(empty_database_url) == ALL
    store = Store(empty_database_url, tenant_id=TENANT)
    await store.ping()
    await store.close()


async def test_replicas_that_start_at_once_migrate_once(empty_database_url: str) -> None:
    script = "import asyncio, sys; from bot.store.migrate import migrate; print(asyncio.run(migrate(sys.argv[1])))"
    started = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-W", "error", "-c", script, empty_database_url, cwd=ROOT, stdout=subprocess.PIPE
        )
        for _ in range(3)
    ]
    outputs = [(await process.communicate())[0].decode().strip() for process in started]
    assert sorted(outputs) == sorted([str(ALL), "()", "()"])


async def test_two_databases_migrated_at_once_in_one_process(tmp_path: Path) -> None:
    urls = [f"sqlite:///{tmp_path}/{name}.sqlite3" for name in ("one", "two", "three")]
    assert await asyncio.gather(*map(migrate, urls)) == [ALL] * 3
    for url in urls:
        assert await look(url, tables) == set(METADATA.tables)


async def test_the_command_alembic_does_the_same(empty_database_url: str) -> None:
    done = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "alembic", "upgrade", "head", cwd=ROOT, stderr=subprocess.PIPE, stdout=subprocess.PIPE,
        env={**os.environ, "PORTCULLIS_DATABASE_URL": empty_database_url},
    )  # fmt: skip
    _, told = await done.communicate()
    assert done.returncode == 0, told.decode()
    assert await current(empty_database_url) == HEAD


async def test_a_database_of_a_newer_version_is_left_alone(database_url: str) -> None:
    await look(
        database_url, lambda connection: connection.exec_driver_sql("UPDATE alembic_version SET version_num='x'")
    )
    with pytest.raises(StoreError, match="serves this one no more"):
        await migrate(database_url)
    assert await current(database_url) == "x"


async def test_a_migration_that_fails_leaves_nothing_behind(empty_database_url: str) -> None:
    await migrate(empty_database_url)
    await downgrade(empty_database_url, "base")
    await look(
        empty_database_url, lambda connection: connection.exec_driver_sql("CREATE TABLE audit_heads (id INTEGER)")
    )
    with pytest.raises(StoreError):
        await migrate(empty_database_url)
    assert await look(empty_database_url, tables) == {"audit_heads"}


#: The hash that the log of `TENANT` begins with, and those of its first two events below, as the first version wrote
#: them: whatever becomes of an event's fields, such rows lie in somebody's database and have to verify.
HASHES = (
    "ea5e816b77276727c6b6966746a8a548b8fd5dad4f89e040d4d4edde9f5a2d2a",
    "9f7e8a87d50aa4d6b470b1428777a2ef2e21dbd26b1944de2309e92d19c857bd",
    "6b03a7099c4d01141508691afb3098352ce7e10ce8274a7d72400be273caf05f",
)


def rows_of_the_first_version() -> list[tuple[str, dict[str, Any]]]:
    """Rows as the first version wrote them, by table, two audit events with their hashes among them."""
    at = "2030-01-02 03:04:05.678901"
    rows: list[tuple[str, dict[str, Any]]] = [
        (
            "requests",
            {
                "tenant_id": TENANT, "operation": "add", "action": "block", "list": "sender", "reason": "sends malware",
                "expires": None, "requester": "UREQUESTER", "status": "applied", "approvals_needed": 1,
                "created_at": at, "lapses_at": at, "warnings": "[]", "failure": "",
            },
        ),
        (
            "items",
            {
                "tenant_id": TENANT, "request_id": 1, "kind": "domain", "value": "bad.example", "state": "applied",
                "outcome": "",
            },
        ),
        (
            "known_entries",
            {
                "tenant_id": TENANT, "list": "sender", "action": "block", "value": "bad.example",
                "requester": "UREQUESTER", "request_id": 1, "reason": "sends malware", "since": at, "expires": None,
                "ended_at": None, "ended_how": "",
            },
        ),
        ("audit_heads", {"tenant_id": TENANT, "seq": 0, "hash": HASHES[0]}),
    ]  # fmt: skip
    for seq, (previous, new) in enumerate(pairwise(HASHES), start=1):
        fields = {"tenant_id": TENANT, "seq": seq, "at": at, "kind": "check.asked", "actor": "U1", "target": ""}
        rows.append(
            ("audit_events", {**fields, "request_id": 1, "payload": "{}", "previous_hash": previous, "hash": new})
        )
    return rows


def write_first_version(connection: Connection) -> None:
    for table, row in rows_of_the_first_version():
        # Literals: the first version's times and JSON, in text, are taken by both databases.
        values = ", ".join("NULL" if value is None else f"'{value}'" for value in row.values())
        connection.exec_driver_sql(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({values})")  # noqa: S608
        if table == "audit_events":
            moved = f"UPDATE audit_heads SET seq = {row['seq']}, hash = '{row['hash']}'"  # noqa: S608
            connection.exec_driver_sql(moved)


@pytest.mark.parametrize("way", ["up", "up, down and up"])
async def test_a_database_of_the_first_version_keeps_what_is_in_it(empty_database_url: str, way: str) -> None:
    await migrate(empty_database_url, revision="0001")
    assert await current(empty_database_url) == "0001"
    await look(empty_database_url, write_first_version)
    assert await migrate(empty_database_url) == ALL[1:]
    if way != "up":
        await downgrade(empty_database_url, "0001")
        assert await look(empty_database_url, lambda found: columns(found, "requests")) == set(
            rows_of_the_first_version()[0][1]
        ) | {"id"}
        assert await migrate(empty_database_url) == ALL[1:]
    store = Store(empty_database_url, tenant_id=TENANT)
    async with store.write() as uow:
        request = await uow.requests.get(1)
        assert (request.reason, request.sent, request.set_aside, request.evidence) == ("sends malware", 0, 0, None)
        assert [(item.value, item.line) for item in request.items] == [("bad.example", None)]
        assert [(entry.value, entry.notes) for entry in await uow.known.active()] == [("bad.example", "")]
        new = [NewEvent(kind=EventKind.CHECK_ASKED, actor="U2", at=store.clock()) for _ in range(3)]
        assert [event.seq for event in await uow.audit.append_all(new)] == [3, 4, 5]
    async with store.read() as uow:
        findings = await uow.audit.verify()
    await store.close()
    assert findings.intact
    assert findings.events == 5
    await triggers_hold(empty_database_url)


async def test_the_first_versions_triggers_are_back_after_going_back(empty_database_url: str) -> None:
    await migrate(empty_database_url)
    await downgrade(empty_database_url, "0001")
    await look(empty_database_url, write_first_version)
    await triggers_hold(empty_database_url)


async def triggers_hold(url: str) -> None:
    for statement in (
        "UPDATE audit_events SET actor = 'UFORGED'",
        "DELETE FROM audit_events",
        "DELETE FROM audit_heads",
        "UPDATE audit_heads SET seq = seq + 2",
        "UPDATE audit_heads SET seq = seq - 1",
    ):
        with pytest.raises(Exception, match="append-only"):
            await look(url, lambda connection, statement=statement: connection.exec_driver_sql(statement))


def columns(connection: Connection, table: str) -> set[str]:
    return {column["name"] for column in inspect(connection).get_columns(table)}
