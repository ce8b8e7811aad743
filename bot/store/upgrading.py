"""Bringing the database to this version at the start of a bot, in a process of its own where there is anything to do.

What a migration loads, Alembic and its templates, is gone with that process; the bot would keep it as long as it runs.
`bot.store.migrating` says what the process does. It is no process of multiprocessing's: that takes semaphores, which
not every container has, and keeps another process until this one ends.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import structlog
from sqlalchemy import URL

from bot.errors import StoreError, UnreadableJson
from bot.outside_json import read_outside_json
from bot.store.addresses import is_sqlite, normalise, shown
from bot.store.revision import SchemaState, schema_state

_log = structlog.get_logger(__name__)

#: The package's own place comes last among those that Python looks at, and the folder in which the bot was started
#: isn't looked at: in it may lie anything.
_PLACE = Path(__file__).resolve().parents[2]
_COMMAND = ("-P", "-c", "import sys; sys.path.append(sys.argv[1]); from bot.store.migrating import main; main()")

#: What the process has to tell is no larger, in bytes.
_MOST_TOLD = 1_000_000


async def bring_up_to_date(url: str) -> SchemaState:
    """Migrate the database if it lacks anything, making a SQLite file that isn't there; how it stands afterwards.

    One that a newer version has migrated stays as it is where it still serves this one. Safe when several replicas
    start at once. Who stops waiting for it, or dies, ends the migration, and all that it did is undone. Raises
    StoreError when the database can't be used, or serves this version no more.
    """
    found = await schema_state(url) if _is_there(normalise(url)) else None
    if found is not None and found.is_newer:
        _log.warning(
            "a newer version has migrated the database, which still serves this one: bring this one up to date",
            revision=found.revision,
        )
    if found is not None and found.is_ready:
        return found
    told = await _migrated(url)
    if told is not None and "what" in told:
        raise StoreError(told["what"], told["remedy"], where=told["where"])
    if told is not None and "trace" in told:
        _log.error("the migration failed", trace=told["trace"])
    now = await schema_state(url) if _is_there(normalise(url)) else None
    if now is None or not now.is_ready:
        raise StoreError(
            "The migration of the database was ended before it was done; nothing was changed.",
            "Start Portcullis again; if that doesn't help, the log has the cause.",
            where=shown(normalise(url)),
        )
    _log.info("the database was migrated", before=found.revision if found else None, revision=now.revision)
    return now


def _is_there(address: URL) -> bool:
    return not is_sqlite(address) or Path(str(address.database)).exists()


async def _migrated(url: str) -> dict[str, str] | None:
    """What the process has told; None where it ended without a word. Raises StoreError where it can't be started."""
    try:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *_COMMAND,
            str(_PLACE),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            start_new_session=True,  # who stops the bot from a terminal stops this one by way of it
        )
    except OSError as error:
        raise StoreError(
            f"The process that migrates the database can't be started: {error.strerror}.",
            "Let Portcullis start another process, or run `portcullis migrate` before it.",
            where=shown(normalise(url)),
        ) from error
    assert process.stdin is not None  # noqa: S101 - both are pipes
    assert process.stdout is not None  # noqa: S101
    try:
        # Its input stays open until it has ended.
        process.stdin.write(f"{url}\n".encode())
        said = await process.stdout.read(_MOST_TOLD)
        await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        process.stdin.close()
    try:
        told = read_outside_json(said, most_bytes=_MOST_TOLD)
    except UnreadableJson:
        return None
    return {str(name): str(value) for name, value in told.items()} if isinstance(told, dict) else None
