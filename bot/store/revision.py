"""Which revision a database is at, and whether this version can serve it; found out without Alembic.

Alembic takes fifteen megabytes that a running bot has no other use for. A revision is the number with which a file of
the migrations begins.

A newer version may migrate while this one serves: the database says which versions it still serves, by the oldest of
their revisions. So old and new processes run side by side, and one that is started again meanwhile goes on too.
`CONTRIBUTING.md` has the rule by which a migration keeps that so.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from sqlalchemy import Connection, column, inspect, select, table

from bot.errors import StoreError
from bot.store.addresses import normalise, shown
from bot.store.engines import create_engine, for_reading
from bot.store.failures import connection_errors, store_error
from bot.store.table import core
from bot.store.tables import SchemaBoundRow

#: Alembic's own.
_VERSION = table("alembic_version", column("version_num"))


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaState:
    """How a database stands to this version."""

    revision: str | None  #: None: it was never migrated
    lacks: tuple[str, ...]  #: the revisions of this version that it lacks, oldest first
    is_newer: bool = False  #: a newer version has migrated it, and it serves this one all the same

    @property
    def is_ready(self) -> bool:
        """Whether it can be served as it is."""
        return not self.lacks


def migrations_folder() -> Path:
    """Where the migrations are. Raises StoreError when they are missing."""
    # A wheel has them within the package, a checkout beside it.
    package = Path(__file__).resolve().parents[1]
    folders = (package / "migrations", package.parent / "migrations")
    folder = next((folder for folder in folders if (folder / "env.py").is_file()), None)
    if folder is None:
        raise StoreError(f"The migrations are missing: {folders[0]} is not there.", "Install Portcullis again.")
    return folder


@cache
def known_revisions() -> tuple[str, ...]:
    """The revisions of this version, oldest first. Raises StoreError when the migrations are missing."""
    files = (migrations_folder() / "versions").glob("[0-9]*.py")
    return tuple(sorted(file.name.partition("_")[0] for file in files))


async def schema_state(url: str) -> SchemaState:
    """How the database stands to this version.

    Raises StoreError when it can't be read or isn't there, and when a newer version has migrated it so that it serves
    this one no more.
    """
    address = normalise(url)
    try:
        engine = create_engine(address)
        try:
            async with for_reading(engine, address).connect() as connection:
                return await connection.run_sync(found_state)
        finally:
            with suppress(*connection_errors()):  # why it failed says more
                await engine.dispose()
    except connection_errors() as error:
        raise store_error(error, address) from error


def found_state(connection: Connection) -> SchemaState:
    """The same on a connection that there is. Raises StoreError as `schema_state` does."""
    known = known_revisions()
    tables = inspect(connection)
    if not tables.has_table(_VERSION.name):
        return SchemaState(revision=None, lacks=known)
    revision = connection.execute(select(_VERSION.c.version_num)).scalar()
    if revision is None or revision in known:
        return SchemaState(revision=revision, lacks=known[known.index(revision) + 1 :] if revision else known)
    bounds = core(SchemaBoundRow)
    oldest = connection.execute(select(bounds.c.oldest_served)).scalar() if tables.has_table(bounds.name) else None
    if not (oldest is not None and _is_number(revision) and _is_number(oldest) and revision > known[-1] >= oldest):
        raise StoreError(
            f"The database is at revision {revision}, of a newer Portcullis, and serves this one no more.",
            "Install the newer Portcullis that migrated it.",
            where=shown(connection.engine.url),
        )
    return SchemaState(revision=revision, lacks=(), is_newer=True)


def _is_number(revision: str) -> bool:
    """Whether it is a revision of Portcullis: a number of four digits, so that the later ones sort after the others."""
    return len(revision) == 4 and revision.isascii() and revision.isdigit()
