"""Finds out whether the database takes writes: by one, into a table that is there for nothing else.

It also finds out whether a newer version has migrated the database so that it serves this one no more.

Each look has a connection of its own, so that it waits behind nobody's work in this process, finds out when no more
connections are given, and keeps nothing open. It adds a row and deletes it in one transaction, which leaves nothing
behind, takes room on the disk like any other, and holds SQLite's write lock for as long as one commit takes.
"""

from __future__ import annotations

import asyncio
import secrets
import shutil
import time
from contextlib import suppress
from pathlib import Path

import structlog
from sqlalchemy import URL, delete, event, insert
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.pool import ConnectionPoolEntry

from bot.clock import Clock, utc_now
from bot.errors import StoreError
from bot.store import sqlite_driver
from bot.store.addresses import is_sqlite, normalise, shown
from bot.store.engines import create_engine, for_writing
from bot.store.failures import connection_errors, store_error
from bot.store.revision import found_state
from bot.store.table import core
from bot.store.tables import WriteProbeRow

_log = structlog.get_logger(__name__)

#: Whoever asks is answered within so many seconds.
PATIENCE = 2.0
#: What was found out counts for so many seconds.
REMEMBERED = 2.0
#: How long the write itself waits for somebody else's lock, in seconds: less than whoever asks.
_LOCK_WAIT = 1.5
#: A look that has not ended by then is broken off, in seconds; the next one begins anew.
_LONGEST = 10.0
#: What is written, in characters: several pages of the file, so that a disk without room for them is noticed.
_FILLER = 16_384
#: A file system with less room than this, in bytes, counts as full: SQLite may still overwrite what it has.
LEAST_ROOM = 256 * 1024


class WriteProbe:
    """Looks when asked, at most every two seconds, one look at a time. Construction does no I/O."""

    def __init__(self, url: str, *, tenant_id: str, clock: Clock = utc_now, patience: float = PATIENCE) -> None:
        self._url = normalise(url)
        self._tenant_id = tenant_id
        self._clock = clock
        self._patience = patience
        self._look: asyncio.Task[str] | None = None
        self._began = self._ended = 0.0
        self._told = ""  #: what the log has last

    async def problem(self) -> str:
        """Why nothing can be written, in plain words without the database's address; empty when something can.

        Takes two seconds at most. A look that takes longer goes on, and the next who asks hears what came of it.
        """
        now = time.monotonic()
        if self._look is None or (self._look.done() and now - self._ended >= REMEMBERED):
            self._began = now
            self._look = asyncio.create_task(self._written(), name="write probe")
        look = self._look
        await asyncio.wait({look}, timeout=self._patience)
        if not look.done():
            return f"The database has not answered for {time.monotonic() - self._began:.0f} seconds."
        return look.result()

    async def close(self) -> None:
        """Break off a look that is under way."""
        if self._look is not None:
            self._look.cancel()
            await asyncio.wait({self._look}, timeout=self._patience)

    async def _written(self) -> str:
        found = ""
        try:
            async with asyncio.timeout(_LONGEST):
                await write_once(self._url, tenant_id=self._tenant_id, clock=self._clock)
        except StoreError as error:
            found = error.what
        except TimeoutError:
            found = f"The database has not answered for {_LONGEST:.0f} seconds."
        except Exception as error:  # noqa: BLE001 - whoever asks has to hear that it isn't well, not how we stumbled
            found = f"The database can't be used ({type(error).__name__})."
        finally:
            self._ended = time.monotonic()
        if found != self._told:
            _log.warning("the database takes no writes", why=found) if found else _log.info("the database takes writes")
            self._told = found
        return found


async def write_once(url: URL, *, tenant_id: str, clock: Clock = utc_now, keep: bool = True) -> None:
    """Write a row and delete it again; without `keep`, undo both. Raises StoreError when that can't be done, or when a
    newer version has migrated the database so that it serves this one no more.
    """
    if is_sqlite(url) and (left := room(url)) is not None and left < LEAST_ROOM:
        raise StoreError("The disk of the database is full; nothing was recorded.", "Make room.", where=shown(url))
    engine = create_engine(url)
    if is_sqlite(url):
        # Before anything else is said on the connection, since that can meet the lock already.
        event.listen(engine.sync_engine, "connect", _wait_less, insert=True)
    try:
        async with for_writing(engine, busy_seconds=_LOCK_WAIT).connect() as connection:
            await connection.run_sync(found_state)
            await _add_and_delete(connection, tenant_id=tenant_id, clock=clock)
            await (connection.commit() if keep else connection.rollback())
    except connection_errors() as error:
        raise store_error(error, url) from error
    finally:
        with suppress(*connection_errors()):
            await engine.dispose()


async def _add_and_delete(connection: AsyncConnection, *, tenant_id: str, clock: Clock) -> None:
    table, name = core(WriteProbeRow), secrets.token_hex(16)
    # Of random digits, which no database packs into much less.
    filler = secrets.token_hex(_FILLER // 2)
    await connection.execute(insert(table).values(name=name, tenant_id=tenant_id, written_at=clock(), filler=filler))
    await connection.execute(delete(table).where(table.c.name == name))


def room(url: URL) -> int | None:
    """How many bytes are left on the file system of a SQLite database; None where nobody can tell."""
    try:
        return shutil.disk_usage(Path(str(url.database)).absolute().parent).free
    except OSError:
        return None


def _wait_less(_connection: object, record: ConnectionPoolEntry) -> None:
    # Not by SQLite's own setting, which would have the event loop wait.
    sqlite_driver.wait_for_locks(record.driver_connection, int(_LOCK_WAIT * 1000))
