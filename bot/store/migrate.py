"""Bringing the database to this version, by Alembic: `portcullis migrate`, and `portcullis run` before it starts.

A running bot doesn't load this module: see `bot.store.upgrading`.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import TypeVar

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.script.revision import RevisionError
from alembic.util import CommandError
from sqlalchemy import URL, Connection

from bot.errors import StoreError
from bot.store.addresses import is_sqlite, normalise, shown
from bot.store.audit_triggers import make_anew
from bot.store.databases import lock_for_migration
from bot.store.engines import create_engine, for_writing
from bot.store.failures import connection_errors, store_error
from bot.store.revision import found_state, migrations_folder

_T = TypeVar("_T")

# Alembic keeps the migration that is running in module-level variables: one at a time in a process.
_ONE_AT_A_TIME = threading.Lock()


async def migrate(
    url: str, *, revision: str = "head", done: Callable[[int, int], None] | None = None
) -> tuple[str, ...]:
    """Bring the database to this version, making a SQLite file that isn't there; what was applied, oldest first.

    In one transaction, and safe when several replicas start at once: one migrates, the others wait and find it done.
    One that a newer version has migrated stays as it is where it still serves this one.
    `done` is told after each step how many are done, and how many there are; from another thread.
    Raises StoreError when the database can't be used, or serves this version no more.
    """

    def upgrade(connection: Connection) -> tuple[str, ...]:
        if found_state(connection).is_newer:
            return ()
        steps = _pending(connection)
        configuration = _configuration()
        configuration.attributes["connection"] = connection
        applied = count(1)
        if done is not None:
            configuration.attributes["applied"] = lambda **_step: done(next(applied), len(steps))
        command.upgrade(configuration, revision)
        return steps

    return await _in_a_transaction(url, upgrade, create=True)


async def downgrade(url: str, revision: str) -> None:
    """Take the database back to an earlier revision, or to `base`, which drops everything."""

    def back(connection: Connection) -> None:
        configuration = _configuration()
        configuration.attributes["connection"] = connection
        command.downgrade(configuration, revision)

    await _in_a_transaction(url, back)


async def restore_triggers(url: str) -> None:
    """Make the triggers that keep the audit log append-only anew, whatever stands in their place.

    Takes the tables' owner. Raises StoreError when the database can't be used, or lacks its tables.
    """
    await _in_a_transaction(url, make_anew)


async def current(url: str) -> str | None:
    """The database's revision; None for one that was never migrated. Raises StoreError when it can't be read."""
    return await _in_a_transaction(
        url,
        lambda connection: MigrationContext.configure(connection).get_current_revision(),
        patient=False,
    )


async def pending(url: str) -> tuple[str, ...]:
    """The revisions that the database still lacks, oldest first. Raises StoreError when it can't be read."""
    return await _in_a_transaction(url, _pending, patient=False)


def _pending(connection: Connection) -> tuple[str, ...]:
    at = MigrationContext.configure(connection).get_current_revision()
    scripts = ScriptDirectory.from_config(_configuration())
    return tuple(script.revision for script in reversed(list(scripts.iterate_revisions("heads", at or "base"))))


def _configuration() -> Config:
    configuration = Config()
    configuration.set_main_option("script_location", str(migrations_folder()).replace("%", "%%"))
    configuration.set_main_option("path_separator", "os")
    return configuration


def _open_once(address: URL, *, create: bool) -> None:
    # Where a file can't be opened, aiosqlite's thread outlives the loop and leaves a trace on stderr beside our line.
    path = Path(str(address.database)).absolute()
    sqlite3.connect(f"{path.as_uri()}?mode={'rwc' if create else 'rw'}", uri=True).close()


async def _in_a_transaction(
    url: str, work: Callable[[Connection], _T], *, create: bool = False, patient: bool = True
) -> _T:
    address = normalise(url)

    async def run() -> _T:
        engine = create_engine(address, create=create, patient=patient)
        try:
            if is_sqlite(address):
                _open_once(address, create=create)
            async with for_writing(engine).begin() as connection:
                if create:
                    await lock_for_migration(connection)
                return await connection.run_sync(work)
        except (CommandError, RevisionError) as error:
            raise StoreError(
                "The database is of a version that this Portcullis doesn't know.",
                "Install the newer Portcullis that migrated it.",
                where=shown(address),
            ) from error
        except connection_errors() as error:
            raise store_error(error, address) from error
        finally:
            with suppress(*connection_errors()):  # why the work failed says more
                await engine.dispose()

    def in_a_thread() -> _T:
        with _ONE_AT_A_TIME:
            return asyncio.run(run())

    # In a thread: what runs beside it isn't held up, and Alembic sees one migration at a time.
    return await asyncio.to_thread(in_a_thread)
