"""One process for one SQLite file: a second is refused at its start, and whoever has started knows that it is alone.

The operating system keeps the lock, for a file beside the database, and takes it back however the process ends. What
the process that had it before was doing is therefore free at once. Commands of the command line take no lock: they read
and write beside a running bot, and do no jobs.
"""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.errors import StoreError
from bot.store.addresses import is_sqlite, normalise

#: What the lock's file is called: the database's name with this behind it.
SUFFIX = ".lock"

_HELD = frozenset({errno.EACCES, errno.EAGAIN})


@contextmanager
def only_process(url: str) -> Iterator[bool]:
    """Be the one process that serves a SQLite file, until the block ends. False: PostgreSQL serves several.

    Raises StoreError when another process serves the file, or when that can't be found out.
    """
    address = normalise(url)
    if not is_sqlite(address):
        yield False
        return
    # By every name of the file there is one lock.
    database = Path(str(address.database)).resolve()
    number = _locked(database.with_name(database.name + SUFFIX), database.name)
    try:
        yield True
    finally:
        # The file stays: whoever deleted it could take it from somebody who has just opened it.
        os.close(number)


def _locked(path: Path, name: str) -> int:
    """The lock's file, open and locked. Raises StoreError."""
    try:
        number = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise _unlocked(path, error) from error
    try:
        # Not flock: a process that was begun by this one and outlives it must not go on holding the lock.
        fcntl.lockf(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        holder = os.pread(number, 20, 0).decode("ascii", errors="replace").strip()
        os.close(number)
        if error.errno not in _HELD:
            raise _unlocked(path, error) from error
        process = f" (process {holder})" if holder.isdigit() else ""
        raise StoreError(
            f"Another Portcullis{process} is running on the database {name}.",
            "Stop that one first. To run several at once, keep the database on PostgreSQL.",
        ) from error
    try:
        os.ftruncate(number, 0)
        os.pwrite(number, f"{os.getpid()}\n".encode(), 0)
    except OSError:
        pass  # on a full disk the lock holds all the same, and only its holder isn't named
    return number


def _unlocked(path: Path, error: OSError) -> StoreError:
    return StoreError(
        f"The file {path.name} beside the database can't be locked: {error.strerror}.",
        "Check who may write in the database's folder, and that its file system keeps locks.",
        where=str(path),
    )
