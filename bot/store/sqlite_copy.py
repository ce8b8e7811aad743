"""A copy of a SQLite file: whole, checked, for its owner alone and on disk, or not there at all.

SQLite's own backup copies the file as one transaction sees it, page by page, while others read and write it. The copy
is made in a folder of its own beside where it will be. Whoever is killed meanwhile leaves that folder behind and
nothing else; the next copy to the same place takes it away.
https://www.sqlite.org/backup.html
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import URL

from bot.errors import InvalidInput, StoreError
from bot.store.failures import store_error

#: What SQLite keeps beside a file that is in use.
BESIDE = ("-wal", "-shm", "-journal")

#: So many pages are copied at once, eight megabytes: then `done` is told.
_PAGES = 2_000
#: Before a copy that stopped at somebody's lock goes on, in seconds.
_PAUSE = 0.05
_BUSY_SECONDS = 15.0
#: What SQLite says of the copy alone: the source is only read. https://www.sqlite.org/rescode.html
_UNWRITTEN = frozenset({"SQLITE_FULL", "SQLITE_IOERR_WRITE", "SQLITE_IOERR_TRUNCATE", "SQLITE_IOERR_FSYNC"})
_ENDING = ".partial"
_LOCK = "lock"

#: Told how much is done, and how much there is in all.
Done = Callable[[int, int], None]


@contextmanager
def being_made(path: Path) -> Iterator[Path]:
    """Where a file can be made, for its owner alone, that `put_in_place` may make `path`. Else it is taken away.

    Raises InvalidInput where none can be made there.
    """
    _take_away_leftovers(path)
    try:
        folder = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name}.", suffix=_ENDING))
        number = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise unwritable(path, error) from error
    made = folder / path.name
    try:
        # As long as it is held, whoever makes the file is alive. Not the file's own: SQLite locks that one.
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.close(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        yield made
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(number)


def copy(source: Path, target: Path, done: Done, *, at_rest: bool = False) -> None:
    """Copy a SQLite file as it is now into an empty one, telling `done` of how many pages are there.

    One `at_rest`, as a backup is, belongs to no bot: it is left as it is, to its last byte. Raises StoreError.
    """
    try:
        with (
            closing(_opened(source, at_rest=at_rest)) as there,
            closing(sqlite3.connect(target, isolation_level=None)) as here,
        ):
            # One transaction reads all of it: a copy that looked anew for each part would begin again with each write.
            there.execute("BEGIN")
            there.execute("SELECT count(*) FROM sqlite_master").fetchone()
            # What is written here counts only once `settle` has it on disk.
            here.execute("PRAGMA synchronous = OFF")
            there.backup(
                here, pages=_PAGES, sleep=_PAUSE, progress=lambda _status, left, pages: done(pages - left, pages)
            )
    except (sqlite3.Error, OSError) as error:
        if getattr(error, "sqlite_errorname", "") in _UNWRITTEN:
            raise StoreError(
                "The copy can't be written: its disk is full, or failed.",
                "Make room there, or name a file on another disk.",
                where=str(target),
            ) from error
        raise store_error(error, URL.create("sqlite+aiosqlite", database=str(source))) from error


def settle(path: Path) -> None:
    """Make one file of a copy, with nothing beside it, and have SQLite look through it. Raises StoreError."""
    try:
        with closing(sqlite3.connect(path, isolation_level=None, timeout=_BUSY_SECONDS)) as here:
            mode = here.execute("PRAGMA journal_mode = DELETE").fetchone()[0]
            found = [str(row[0]) for row in here.execute("PRAGMA integrity_check(1)")]
            loose = here.execute("PRAGMA foreign_key_check").fetchone()
    except (sqlite3.Error, OSError) as error:
        raise store_error(error, URL.create("sqlite+aiosqlite", database=str(path))) from error
    if mode != "delete" or found != ["ok"] or loose is not None:
        raise StoreError(
            "The copy of the database is damaged: SQLite's own check finds rows or pages that don't fit together.",
            "If it is so of the database itself, restore an earlier backup: `portcullis restore`.",
            where=str(path),
        )


def put_in_place(made: Path, path: Path) -> None:
    """Give a file its place, whatever stands there, once it is on disk; the folder's account of it too.

    Raises InvalidInput. Nobody ever finds half of it.
    """
    try:
        _sync(made)
        made.replace(path)
        _sync(path.parent)
    except OSError as error:
        raise unwritable(path, error) from error


def unwritable(path: Path, error: OSError) -> InvalidInput:
    """The error of a file that can't be written."""
    return InvalidInput(f"{path} can't be written: {error.strerror}.", "Check its folder, and who may write there.")


def _opened(path: Path, *, at_rest: bool) -> sqlite3.Connection:
    if not path.is_file():
        raise StoreError(f"There is no file {path.name}.", "Check its name and its folder.", where=str(path))
    # A lock, and a log beside it, are for a file that somebody may write to. https://www.sqlite.org/uri.html
    alone = not any(path.with_name(path.name + ending).exists() for ending in BESIDE)
    options = "mode=ro&immutable=1" if at_rest and alone else "mode=rw"
    uri = f"file:{quote(str(path.absolute()))}?{options}"
    return sqlite3.connect(uri, uri=True, isolation_level=None, timeout=_BUSY_SECONDS)


def _take_away_leftovers(path: Path) -> None:
    """Take away what those left who were killed while they made this file."""
    pattern = re.compile(re.escape(f".{path.name}.") + r"\w+" + re.escape(_ENDING))
    with suppress(OSError):
        for found in path.parent.iterdir():
            if pattern.fullmatch(found.name) and _is_nobodys(found):
                shutil.rmtree(found, ignore_errors=True)


def _is_nobodys(folder: Path) -> bool:
    try:
        number = os.open(folder / _LOCK, os.O_RDWR | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    finally:
        os.close(number)
    return True


def _sync(path: Path) -> None:
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
