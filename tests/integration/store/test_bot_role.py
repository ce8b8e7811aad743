"""The database of compose.yaml: the role that its script makes for the bot works with the tables, and owns none."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import asyncpg
import pytest

from bot.store import Store, migrate
from tests.integration.databases import TENANT, Clock
from tests.support.postgres import PostgresServer, binaries

SCRIPT = Path(__file__).parents[3] / "deploy" / "compose" / "bot-role.sh"


@pytest.fixture
def database(postgres_server: PostgresServer, tmp_path: Path) -> Iterator[str]:
    """A database for which the script has been run, as the image runs it."""
    secret = tmp_path / "bot-password"
    secret.write_text('it\'s long; and "odd"\n', encoding="utf-8")
    script = tmp_path / "bot-role.sh"
    script.write_text(SCRIPT.read_text(encoding="utf-8").replace("/run/secrets/bot-password", str(secret)), "utf-8")
    name = postgres_server.new_database()
    subprocess.run(  # noqa: S603
        ["/bin/sh", str(script)],
        env={
            "PATH": f"{binaries()}:{os.environ['PATH']}",
            "PGHOST": str(postgres_server.folder),
            "POSTGRES_USER": "postgres",
            "POSTGRES_DB": name,
        },
        check=True,
    )
    yield name
    postgres_server.drop_database(name)
    postgres_server.run("DROP ROLE portcullis")


async def test_the_bot_may_add_to_the_log_and_not_drop_what_keeps_it(
    postgres_server: PostgresServer, database: str
) -> None:
    await migrate.migrate(postgres_server.url(database))
    url = f"postgresql://portcullis@/{database}?host={quote(str(postgres_server.folder), safe='/')}"
    assert await migrate.pending(url) == (), "it may look whether there is something to migrate"
    store = Store(url, tenant_id=TENANT, clock=Clock())
    async with store.write() as uow:
        await uow.audit.append("job.dead", actor="portcullis", target="job", at=Clock().now)
    await store.close()
    bot = await asyncpg.connect(host=str(postgres_server.folder), user="portcullis", database=database, timeout=10)
    try:
        assert await bot.fetchval("SELECT count(*) FROM audit_events") == 1
        for statement in ("DROP TABLE audit_events", "ALTER TABLE audit_events DISABLE TRIGGER ALL"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await bot.execute(statement)
    finally:
        await bot.close()
