"""Bringing the database to this version at the start of a bot, in a process of its own where there is anything to do.

What a migration loads, Alembic and its templates, is gone with that process; the bot would keep it as long as it runs.
"""

from __future__ import annotations

import asyncio
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import structlog
from sqlalchemy import URL

from bot.errors import StoreError
from bot.store.databases import is_sqlite, normalise, shown
from bot.store.revision import SchemaState, schema_state

_log = structlog.get_logger(__name__)


async def bring_up_to_date(url: str) -> SchemaState:
    """Migrate the database if it lacks anything, making a SQLite file that isn't there; how it stands afterwards.

    One that a newer version has migrated stays as it is where it still serves this one. Safe when several replicas
    start at once. Raises StoreError when the database can't be used, or serves this version no more.
    """
    found = await schema_state(url) if _is_there(normalise(url)) else None
    if found is not None and found.is_newer:
        _log.warning(
            "a newer version has migrated the database, which still serves this one: bring this one up to date",
            revision=found.revision,
        )
    if found is not None and found.is_ready:
        return found
    # Spawned: a fork would copy what the threads of this process hold.
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as processes:
        try:
            failure = await asyncio.get_running_loop().run_in_executor(processes, _migrated, url)
        except BrokenProcessPool as error:
            raise StoreError(
                "The migration of the database was ended before it was done; nothing was changed.",
                "Start Portcullis again.",
                where=shown(normalise(url)),
            ) from error
    if failure is not None:
        raise StoreError(failure[0], failure[1], where=failure[2])
    now = await schema_state(url)
    _log.info("the database was migrated", before=found.revision if found else None, revision=now.revision)
    return now


def _is_there(address: URL) -> bool:
    return not is_sqlite(address) or Path(str(address.database)).exists()


def _migrated(url: str) -> tuple[str, str, str] | None:
    """What the process does: migrate. Returns the words of the StoreError that it fails with; None: all went well."""
    from bot.store.migrate import migrate  # noqa: PLC0415 - only this process loads it

    try:
        asyncio.run(migrate(url))
    except StoreError as error:
        return error.what, error.remedy, error.where
    return None
