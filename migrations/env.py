"""How Alembic reaches the database: through the caller's connection, or through PORTCULLIS_DATABASE_URL.

Everything runs in one transaction on both databases, under a lock, so that a migration happens whole or not at all, and
once when several replicas start together.
"""

from __future__ import annotations

import asyncio
import os

from alembic import context
from sqlalchemy import Connection

from bot.store.addresses import DEFAULT_URL, normalise
from bot.store.databases import lock_for_migration
from bot.store.engines import create_engine, for_writing
from bot.store.tables import METADATA


def run(connection: Connection) -> None:
    """Migrate through a connection whose transaction is open."""
    context.configure(
        connection=connection,
        target_metadata=METADATA,
        transactional_ddl=True,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_server_default=True,
        on_version_apply=context.config.attributes.get("applied", ()),
    )
    with context.begin_transaction():
        context.run_migrations()


async def run_by_address() -> None:
    """Migrate the database that the environment names, for the command `alembic`."""
    engine = for_writing(
        create_engine(normalise(os.environ.get("PORTCULLIS_DATABASE_URL") or DEFAULT_URL), create=True)
    )
    try:
        async with engine.begin() as connection:
            await lock_for_migration(connection)
            await connection.run_sync(run)
    finally:
        await engine.dispose()


def print_sql() -> None:
    """Print the statements instead of running them (`alembic upgrade head --sql`)."""
    url = normalise(os.environ.get("PORTCULLIS_DATABASE_URL") or DEFAULT_URL)
    context.configure(url=url, target_metadata=METADATA, literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()


if context.is_offline_mode():
    print_sql()
elif (given := context.config.attributes.get("connection")) is not None:
    run(given)
else:
    asyncio.run(run_by_address())
