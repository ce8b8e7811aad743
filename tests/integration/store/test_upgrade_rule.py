"""Expand, then contract: the version before goes on beside each migration, and one that contracts says whom it serves.

See CONTRIBUTING, "A migration". From the revision on that brought the rule; before it, all replicas had to be stopped.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from datetime import UTC, datetime
from types import ModuleType
from typing import Any

import pytest
from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Connection,
    DateTime,
    Double,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    create_engine,
    insert,
    select,
    update,
)

from bot.store.migrate import migrate
from bot.store.revision import migrations_folder
from bot.store.tables import METADATA
from tests.integration.store.test_migrations import ALL, look
from tests.support.schema_shape import breaks, shape_of

#: The revision that brought the rule.
FIRST = "0027"
HELD = tuple(revision for revision in ALL if revision >= FIRST)


def migration(revision: str) -> ModuleType:
    """The module of a migration."""
    file = next((migrations_folder() / "versions").glob(f"{revision}_*.py"))
    spec = importlib.util.spec_from_file_location(f"migration_{revision}", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def oldest_served(connection: Connection) -> str:
    """The revision that the database names."""
    found = connection.exec_driver_sql("SELECT oldest_served FROM schema_bounds").scalars().all()
    assert len(found) == 1
    return str(found[0])


@pytest.mark.parametrize("revision", HELD)
def test_a_migration_says_what_it_does_to_the_version_before(revision: str) -> None:
    found = migration(revision)
    assert found.phase in {"expand", "contract"}, "a migration has a phase: see CONTRIBUTING"
    if found.phase == "contract":
        assert FIRST <= found.oldest_served < revision, "whom it still serves: a version from before it"
    else:
        assert not hasattr(found, "oldest_served"), "what expands leaves nobody behind"


async def test_the_version_before_goes_on_beside_each_migration_that_expands(empty_database_url: str) -> None:
    before = ALL[ALL.index(FIRST) - 1]
    await migrate(empty_database_url, revision=before)
    serves = before
    for revision in HELD:
        found = migration(revision)
        old = await look(empty_database_url, shape_of)
        await migrate(empty_database_url, revision=revision)
        new = await look(empty_database_url, shape_of)
        if found.phase == "expand":
            assert breaks(old, new) == [], f"{revision} expands nothing: see CONTRIBUTING, A migration"
        else:
            serves = found.oldest_served
        assert await look(empty_database_url, oldest_served) == serves, f"what {revision} says of itself is not so"


# What the version before does: its statements name its own columns, and rows of either are read by both.

_AT = datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)
_VALUES: tuple[tuple[type[Any], object], ...] = (
    (Boolean, True),
    (DateTime, _AT),
    (Integer, 1),
    (BigInteger, 1),
    (Float, 1.0),
    (Double, 1.0),
    (LargeBinary, b"x"),
    (JSON, {}),
)


def value_for(column: Column[Any]) -> object:
    """Something that the column takes."""
    if column.name == "state":
        return "todo"  # a job's: the one column whose words the database checks
    return next((value for kind, value in _VALUES if isinstance(column.type, kind)), "x")


def row_for(table: Table) -> dict[str, object]:
    """A row with a value for each column."""
    return {column.name: value_for(column) for column in table.columns}


def tables_of(connection: Connection) -> MetaData:
    """The tables as the database has them."""
    found = MetaData()
    found.reflect(connection)
    return found


async def test_rows_of_the_version_before_are_written_and_read(
    empty_database_url: str,
) -> None:
    oldest = migration_served(HELD)
    await migrate(empty_database_url, revision=oldest)
    old = await look(empty_database_url, tables_of)
    await migrate(empty_database_url)

    def write_as_before(connection: Connection) -> None:
        for table in old.sorted_tables:
            if table.name == "alembic_version" or table.name.startswith(
                "audit_"
            ):  # its triggers take only a real chain
                continue
            row = row_for(table)
            connection.execute(insert(table).values(row))
            # Read by this version's own columns, as by the version before.
            assert connection.execute(select(METADATA.tables[table.name])).first() is not None, table.name
            assert connection.execute(select(table)).first() is not None, table.name
            connection.execute(update(table).values(row))

    await look(empty_database_url, write_as_before)


def migration_served(held: tuple[str, ...]) -> str:
    """The oldest revision that the newest schema serves."""
    served = [found.oldest_served for each in held if (found := migration(each)).phase == "contract"]
    return str(served[-1]) if served else ALL[ALL.index(FIRST) - 1]


# The judge itself.

_BEFORE = (
    "CREATE TABLE parents (id INTEGER NOT NULL PRIMARY KEY)",
    "CREATE TABLE things (id INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL, note TEXT, size INT DEFAULT 1 NOT NULL)",
    "CREATE UNIQUE INDEX uq_name ON things (name)",
)
_MADE_ANEW = (
    "DROP TABLE things",
    (
        "CREATE TABLE things (id INTEGER NOT NULL PRIMARY KEY, name INT NOT NULL, note TEXT NOT NULL,"
        " size INT NOT NULL, extra TEXT NOT NULL)"
    ),
    "CREATE UNIQUE INDEX uq_name ON things (name)",
)
_DEMANDING = (
    "DROP TABLE things",
    (
        "CREATE TABLE things (id INTEGER NOT NULL PRIMARY KEY REFERENCES parents (id), name TEXT NOT NULL,"
        " note TEXT CHECK (note <> ''), size INT DEFAULT 1 NOT NULL)"
    ),
    "CREATE UNIQUE INDEX uq_name ON things (name)",
)


def shape_after(*statements: str) -> Any:  # noqa: ANN401 - what `shape_of` gives
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
        found = shape_of(connection)
    engine.dispose()
    return found


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE more (id INTEGER NOT NULL PRIMARY KEY, must TEXT NOT NULL)",
        "ALTER TABLE things ADD COLUMN extra TEXT",
        "ALTER TABLE things ADD COLUMN extra TEXT DEFAULT '' NOT NULL",
        "CREATE INDEX ix_note ON things (note)",
    ],
)
def test_what_expands(statement: str) -> None:
    assert breaks(shape_after(*_BEFORE), shape_after(*_BEFORE, statement)) == []


@pytest.mark.parametrize(
    ("statements", "told"),
    [
        (["DROP TABLE things"], "things is gone."),
        (["ALTER TABLE things DROP COLUMN note"], "things.note is gone."),
        (["ALTER TABLE things RENAME COLUMN note TO remark"], "things.note is gone."),
        (["DROP INDEX uq_name"], "things has lost a key that statements may name: unique name."),
        (["CREATE UNIQUE INDEX uq_note ON things (note)"], "things refuses what it took before: unique note."),
        (
            _MADE_ANEW,
            (
                "things.name was TEXT and is INTEGER. things.note takes no NULL any more."
                " things.size has lost its default."
                " things.extra is new, and takes neither NULL nor a default of the database's."
            ),
        ),
        (
            _DEMANDING,
            (
                "things refuses what it took before: check note <> ''."
                " things refuses what it took before: reference from id to parents."
            ),
        ),
    ],
)
def test_what_breaks_the_version_before(statements: Sequence[str], told: str) -> None:
    assert " ".join(breaks(shape_after(*_BEFORE), shape_after(*_BEFORE, *statements))) == told
