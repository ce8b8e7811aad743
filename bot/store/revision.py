"""Which revision a database is at, and whether this version can serve it; found out without Alembic.

Alembic takes fifteen megabytes that a running bot has no other use for. A revision is the number with which a file of
the migrations begins.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from sqlalchemy import URL, Connection, inspect, text

from bot.errors import StoreError
from bot.store.databases import is_sqlite, normalise, shown
from bot.store.engines import create_engine, for_reading
from bot.store.failures import CONNECTION_ERRORS, store_error


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaState:
    """How a database stands to this version."""

    revision: str | None  #: None: it was never migrated, or isn't there
    lacks: tuple[str, ...]  #: the revisions of this version that it lacks, oldest first
    is_newer: bool = False  #: a newer version has migrated it

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
    """How the database stands to this version. Raises StoreError when it can't be read."""
    address = normalise(url)
    known = known_revisions()
    if _is_missing(address):
        return SchemaState(revision=None, lacks=known)
    try:
        engine = create_engine(address)
        try:
            async with for_reading(engine, address).connect() as connection:
                revision = await connection.run_sync(_revision)
        finally:
            with suppress(*CONNECTION_ERRORS):  # why it failed says more
                await engine.dispose()
    except CONNECTION_ERRORS as error:
        raise store_error(error, address) from error
    if revision is None:
        return SchemaState(revision=None, lacks=known)
    if revision not in known:
        raise StoreError(
            "The database is of a version that this Portcullis doesn't know.",
            "Install the newer Portcullis that migrated it.",
            where=shown(address),
        )
    return SchemaState(revision=revision, lacks=known[known.index(revision) + 1 :])


def _is_missing(address: URL) -> bool:
    return is_sqlite(address) and not Path(str(address.database)).exists()


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
