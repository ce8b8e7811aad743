"""Everything in which SQLite and PostgreSQL differ: addresses, engines, transactions, locks, column types, upserts.

The rest of the store is written once, against this module.
"""

from __future__ import annotations

import json
import os
import ssl
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from sqlalchemy import (
    JSON,
    URL,
    BigInteger,
    ColumnElement,
    Connection,
    DateTime,
    Dialect,
    Double,
    Integer,
    Text,
    TextClause,
    cast,
    event,
    extract,
    func,
    make_url,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.sql.dml import Insert
from sqlalchemy.types import TypeDecorator, TypeEngine

from bot.clock import utc_now
from bot.domain.auditing.events import clean_text
from bot.errors import StoreError
from bot.tls import is_loopback

if TYPE_CHECKING:
    from sqlalchemy.sql.base import ReadOnlyColumnCollection
    from sqlalchemy.sql.elements import KeyedColumnElement

#: Where the operator has set nothing: a SQLite file in the working folder.
DEFAULT_URL = "sqlite:///portcullis.sqlite3"

#: How long a writer waits for another process's write to end before the database counts as locked.
BUSY_SECONDS = 15

#: Two replicas that start at once migrate one after the other: PostgreSQL's advisory locks go by a number.
MIGRATION_LOCK = 0x706F7274

#: How many values one statement may name. SQLite takes 32,766 parameters (https://www.sqlite.org/limits.html) and
#: PostgreSQL's protocol 32,767 as asyncpg counts them; much fewer keep the making of the statement cheap.
MOST_IN_A_STATEMENT = 2_000

#: Clocks that differ by less show the same time: so much passes on the way to the database.
_SAME_TIME = timedelta(seconds=1)

_SQLITE = "sqlite+aiosqlite"
_POSTGRESQL = "postgresql+asyncpg"
_DRIVERS = {
    "sqlite": _SQLITE,
    _SQLITE: _SQLITE,
    "postgres": _POSTGRESQL,
    "postgresql": _POSTGRESQL,
    _POSTGRESQL: _POSTGRESQL,
}
_WRITES = "portcullis_writes"
_VERIFIED = "verify-full"

_Thing = TypeVar("_Thing")
_NewRow: TypeAlias = "ReadOnlyColumnCollection[str, KeyedColumnElement[Any]]"


def normalise(address: str) -> URL:
    """The address with the driver that Portcullis uses. Raises StoreError for one that it can't use.

    Takes `sqlite:///file`, `sqlite+aiosqlite:///file`, `postgres://…`, `postgresql://…` and `postgresql+asyncpg://…`.
    """
    remedy = f"Set PORTCULLIS_DATABASE_URL to sqlite:///file (such as {DEFAULT_URL}) or postgresql://user@host/name."
    try:
        url = make_url(address.strip())
    except (ArgumentError, ValueError):
        # Not chained: the library's text repeats the address, and with it a password.
        raise StoreError("The database's address can't be read.", remedy) from None
    driver = _DRIVERS.get(url.drivername)
    if driver is None:
        raise StoreError(f"A database of the kind {url.drivername} is not supported.", remedy)
    if driver == _SQLITE and url.database in (None, "", ":memory:"):
        raise StoreError("A SQLite database in memory would forget the audit log.", remedy)
    if driver == _SQLITE and (url.query or str(url.database).startswith("file:")):
        raise StoreError("A SQLite address takes no options: they could weaken what keeps the audit log safe.", remedy)
    if driver == _POSTGRESQL and not url.database:
        raise StoreError("The PostgreSQL address names no database.", remedy)
    return url.set(drivername=driver)


def is_sqlite(url: URL) -> bool:
    return url.drivername == _SQLITE


def shown(url: URL) -> str:
    """The address for people and logs, without its password."""
    return str(url.database) if is_sqlite(url) else url.set(query={}).render_as_string(hide_password=True)


def unverified_mode(url: URL) -> str | None:
    """How the way to a PostgreSQL server elsewhere is left unproved: the `sslmode` of the address. None: it isn't.

    Without one, a server elsewhere has to show a certificate for its name (`verify-full`); whoever answers on this
    machine, by a socket or a loopback address, doesn't.
    """
    mode = _mode(url)
    return None if is_sqlite(url) or _is_here(url) or mode == _VERIFIED else mode


def create_engine(url: URL, *, create: bool = False) -> AsyncEngine:
    """An engine for either database. A SQLite file that isn't there is made only with `create`."""
    engine = _sqlite_engine(url, create=create) if is_sqlite(url) else _postgresql_engine(url)
    if is_sqlite(url):
        event.listen(engine.sync_engine, "connect", _set_up_sqlite)
        event.listen(engine.sync_engine, "begin", _begin_sqlite)
    return engine


def _dump(value: object) -> str:
    # The same spelling as the audit log's canonical form, so that a stored payload can be held against it.
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def _sqlite_engine(url: URL, *, create: bool) -> AsyncEngine:
    path = Path(str(url.database)).absolute()
    if not create and not path.exists():
        raise StoreError(
            f"There is no database at {path}.",
            "Run `portcullis migrate` to make it, or set PORTCULLIS_DATABASE_URL to where it is.",
        )
    if create and not path.parent.is_dir():
        raise StoreError(f"The folder {path.parent} for the database doesn't exist.", "Make it, then try again.")
    # As a URI the file can be opened without being made: https://www.sqlite.org/uri.html
    uri = f"{path.as_uri()}?mode={'rwc' if create else 'rw'}"
    if create:
        _make_private(path)
    return create_async_engine(
        URL.create(_SQLITE, database=uri, query={"uri": "true"}),
        connect_args={"isolation_level": None, "timeout": BUSY_SECONDS},
        json_serializer=_dump,
        hide_parameters=True,  # what people typed stays out of the errors
        pool_size=8,
        max_overflow=8,
    )


def _make_private(path: Path) -> None:
    """Make the file, if it isn't there, for this account alone. What SQLite makes beside it gets the same rights."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        pass  # its rights are the operator's
    except OSError as error:
        raise StoreError(
            f"The database {path} can't be made: {error.strerror}.", "Check who may write in its folder."
        ) from error


def _set_up_sqlite(connection: Any, _record: object) -> None:  # noqa: ANN401 - the driver's own, untyped
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that starts by reading and then writes can't wait for another writer: it fails at once. So a
    # writer says so at the start. https://www.sqlite.org/lang_transaction.html
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _postgresql_engine(url: URL) -> AsyncEngine:
    query = dict(url.query)
    arguments: dict[str, Any] = {
        "timeout": 10,
        "command_timeout": 60,
        "server_settings": {
            "application_name": "portcullis",
            "timezone": "UTC",
            # A replica that hangs in the middle of a transaction must not keep the others from the audit log.
            "idle_in_transaction_session_timeout": "60000",
            "lock_timeout": str(BUSY_SECONDS * 1000),
        },
    }
    mode = _mode(url)
    for option in ("sslmode", "ssl"):
        query.pop(option, None)
    root = query.pop("sslrootcert", None)
    if mode is not None:
        arguments["ssl"] = _ssl(mode, str(root) if root else None)
    return create_async_engine(
        url.set(query=query),
        connect_args=arguments,
        json_serializer=_dump,
        hide_parameters=True,  # what people typed stays out of the errors
        pool_size=10,
        max_overflow=10,
        pool_timeout=15,
        pool_pre_ping=True,
        pool_recycle=1800,
    )


def _mode(url: URL) -> str | None:
    """libpq's `sslmode`: that of the address, or the default for where the server is."""
    named = url.query.get("sslmode") or url.query.get("ssl")
    if named:
        return str(named)
    return None if _is_here(url) else _VERIFIED


def _is_here(url: URL) -> bool:
    """Whether every server that the address names is on this machine."""
    hosts = [url.host] if url.host else list(_each(url.query.get("host", "")))
    return all(host.startswith("/") or not host or is_loopback(_without_port(host)) for host in hosts)


def _each(value: str | Sequence[str]) -> Iterator[str]:
    for part in [value] if isinstance(value, str) else value:
        yield from part.split(",")


def _without_port(host: str) -> str:
    return host.rpartition(":")[0] if host.count(":") == 1 else host


def _ssl(mode: str, root: str | None) -> ssl.SSLContext | str:
    """What asyncpg takes for libpq's `sslmode`; see https://www.postgresql.org/docs/current/libpq-ssl.html."""
    if mode not in ("verify-ca", "verify-full"):
        return mode
    authorities = root or os.environ.get("SSL_CERT_FILE") or os.environ.get("REQUESTS_CA_BUNDLE")
    try:
        context = ssl.create_default_context(cafile=authorities)
    except OSError as error:
        raise StoreError(
            f"The certificate authorities for the database can't be read from {authorities}.",
            "Mend sslrootcert in the database's address, SSL_CERT_FILE or REQUESTS_CA_BUNDLE.",
        ) from error
    context.check_hostname = mode == "verify-full"
    return context


def for_writing(engine: AsyncEngine) -> AsyncEngine:
    """The same engine, for transactions that write."""
    return engine.execution_options(**{_WRITES: True})


def for_reading(engine: AsyncEngine, url: URL) -> AsyncEngine:
    """The same engine, for transactions that only read and see the database as it was when they began."""
    if is_sqlite(url):
        return engine
    return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


async def lock_for_migration(connection: AsyncConnection) -> None:
    """Keep other replicas from migrating until this transaction ends. In SQLite, BEGIN IMMEDIATE has done it."""
    if connection.dialect.name == "postgresql":
        await connection.execute(text("SET LOCAL lock_timeout = 0"))
        await connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": MIGRATION_LOCK})


async def try_lock(session: AsyncSession, name: str) -> bool:
    """Whether this transaction alone has something, until it ends. In SQLite, BEGIN IMMEDIATE has seen to it."""
    if session.get_bind().dialect.name != "postgresql":
        return True
    # https://www.postgresql.org/docs/current/functions-admin.html#FUNCTIONS-ADVISORY-LOCKS
    locked = await session.scalar(text("SELECT pg_try_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": name})
    return bool(locked)


async def clock_ahead(session: AsyncSession) -> timedelta:
    """How far the database's clock is ahead of this machine's. Below a second it counts as not at all."""
    if session.get_bind().dialect.name != "postgresql":
        return timedelta()
    there: datetime | None = await session.scalar(text("SELECT clock_timestamp()"))
    ahead = timedelta() if there is None else there - utc_now()
    return ahead if abs(ahead) >= _SAME_TIME else timedelta()


async def lock(session: AsyncSession, name: str) -> None:
    """Wait until this transaction alone has something, until it ends. In SQLite, BEGIN IMMEDIATE has seen to it."""
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": name})


def in_chunks(things: Sequence[_Thing], size: int = MOST_IN_A_STATEMENT) -> Iterator[Sequence[_Thing]]:
    """The things in stretches that one statement takes."""
    for start in range(0, len(things), size):
        yield things[start : start + size]


def insert_or_ignore(
    dialect: Dialect,
    table: type[DeclarativeBase],
    rows: Mapping[str, Any] | Sequence[Mapping[str, Any]],
) -> Insert:
    """An insert that does nothing where a unique key is taken; waits for a transaction that is about to take it."""
    if dialect.name == "sqlite":
        return sqlite.insert(table).values(rows).on_conflict_do_nothing()
    return postgresql.insert(table).values(rows).on_conflict_do_nothing()


def insert_or_update(
    dialect: Dialect,
    table: type[DeclarativeBase],
    row: Mapping[str, Any] | None = None,
    *,
    key: Iterable[str],
    update: Iterable[str],
    key_where: TextClause | None = None,
    only_where: Callable[[_NewRow], ColumnElement[bool]] | None = None,
) -> Insert:
    """An insert that overwrites `update` where `key` is taken; without `row`, one to be run with rows.

    `key_where` is the condition of a partial unique index. `only_where` is given the new row's columns, and says which
    rows may be overwritten; others stay as they are.
    """
    statement = (sqlite.insert if dialect.name == "sqlite" else postgresql.insert)(table)
    if row is not None:
        statement = statement.values(**row)
    return statement.on_conflict_do_update(
        index_elements=list(key),
        index_where=key_where,
        set_={name: statement.excluded[name] for name in update},
        where=None if only_where is None else only_where(statement.excluded),
    )


def insert_or_change(
    dialect: Dialect,
    table: type[DeclarativeBase],
    row: Mapping[str, Any],
    *,
    key: Iterable[str],
    change: Mapping[str, Any],
) -> Insert:
    """An insert that sets what `change` says where `key` is taken, by what the row there holds."""
    statement = (sqlite.insert if dialect.name == "sqlite" else postgresql.insert)(table).values(**row)
    return statement.on_conflict_do_update(index_elements=list(key), set_=dict(change))


def seconds_now(dialect: Dialect) -> ColumnElement[float]:
    """The database's own time, in seconds since 1970: the same for all replicas, and throughout one statement."""
    if dialect.name == "sqlite":
        return (func.julianday("now") - 2440587.5) * 86400.0
    return cast(extract("epoch", func.statement_timestamp()), Double)


def floored(dialect: Dialect, number: ColumnElement[float]) -> ColumnElement[int]:
    """The whole part of a number above 0. SQLite may be without floor(), and cuts where PostgreSQL rounds."""
    return cast(number if dialect.name == "sqlite" else func.floor(number), Integer)


#: A row's number. SQLite counts rows by INTEGER only; in PostgreSQL a log may outgrow it.
RowId = BigInteger().with_variant(Integer(), "sqlite")


class Utc(TypeDecorator[datetime]):
    """A time: aware on the way in (a naive one is refused), UTC on the way out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None or value.utcoffset() is None:
            raise ValueError("A time without a time zone can't be stored.")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class PlainText(TypeDecorator[str]):
    """Text as people type it, without the characters that PostgreSQL refuses."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        return None if value is None else clean_text(str(value))


class JsonValue(TypeDecorator[Any]):
    """JSON: text in SQLite, jsonb in PostgreSQL."""

    impl = JSON
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(postgresql.JSONB(none_as_null=True))
        return dialect.type_descriptor(JSON(none_as_null=True))

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:  # noqa: ANN401, ARG002
        return _clean(value)


def _clean(value: Any) -> Any:  # noqa: ANN401 - any JSON
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, Mapping):
        return {clean_text(str(key)): _clean(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(each) for each in value]
    return value
