"""A copy of a SQLite database put where the bot will find it, with what stood there kept beside it.

At each moment either the old database or the new one is there, whole: whoever is killed leaves nothing half.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, suppress
from datetime import datetime
from itertools import count
from pathlib import Path

from bot.store.sqlite_copy import BESIDE, put_in_place, unwritable

#: What a database has in it that nobody has used.
_OF_EVERY_DATABASE = frozenset({"alembic_version", "schema_bounds", "sqlite_sequence"})


def holds_anything(path: Path) -> bool:
    """Whether a database stands there with anything in it that a tenant's bot wrote, or a file that is no database."""
    if not path.exists() or path.stat().st_size == 0:
        return False
    if not _is_readable(path):
        return True
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True)) as there:
            tables = {str(row[0]) for row in there.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            return any(
                there.execute(f"SELECT 1 FROM {_quoted(table)} LIMIT 1").fetchone()  # noqa: S608 - a table's own name
                for table in tables - _OF_EVERY_DATABASE
            )
    except sqlite3.Error:
        return True


def last_events(path: Path) -> dict[str, int]:
    """With which event each tenant's log ends in a database; nothing where there is none, or it can't be read."""
    if not path.exists() or not _is_readable(path):
        return {}
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True)) as there:
            return {str(tenant): int(seq) for tenant, seq in there.execute("SELECT tenant_id, seq FROM audit_heads")}
    except (sqlite3.Error, ValueError):
        return {}


def replace(made: Path, path: Path, *, now: datetime) -> Path | None:
    """Give a finished copy the place of a database that nobody serves, and keep what stood there beside it.

    Returns where that is now; None where nothing stood there. Raises InvalidInput.
    """
    kept: Path | None = None
    try:
        _fold(path)
        if path.exists():
            kept = _free_name(path, now)
            _keep(path, kept)
        else:
            _remove_loose(path)
    except OSError as error:
        raise unwritable(path, error) from error
    put_in_place(made, path)
    return kept


def _is_readable(path: Path) -> bool:
    """Whether it is a database at all. SQLite opens it otherwise than usual: what lies beside a damaged one it would
    take away."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as there:
            there.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.Error:
        return False
    return True


def _fold(path: Path) -> None:
    """Bring what lies beside a database into it, so that it is one file. A damaged one stays as it is."""
    if not path.exists() or not _is_readable(path):
        return
    with suppress(sqlite3.Error), closing(sqlite3.connect(path, isolation_level=None, timeout=1)) as there:
        there.execute("PRAGMA journal_mode = DELETE").fetchone()


def _free_name(path: Path, now: datetime) -> Path:
    name = f"{path.name}.replaced-{now:%Y%m%dT%H%M%SZ}"
    names = (path.with_name(name if number == 1 else f"{name}-{number}") for number in count(1))
    return next(each for each in names if not each.exists())


def _keep(path: Path, kept: Path) -> None:
    """Give the database, and what lies beside it, a second name; and leave nothing beside the first that a new
    database would take for its own."""
    loose = [ending for ending in BESIDE if path.with_name(path.name + ending).exists()]
    for ending in loose:
        os.link(path.with_name(path.name + ending), kept.with_name(kept.name + ending))
    os.link(path, kept)
    for ending in loose:
        path.with_name(path.name + ending).unlink()


def _remove_loose(path: Path) -> None:
    # Without its database such a file says nothing, and SQLite would read it into the new one.
    for ending in BESIDE:
        path.with_name(path.name + ending).unlink(missing_ok=True)


def _quoted(name: str) -> str:
    escaped = name.replace('"', '""')
    return f'"{escaped}"'
