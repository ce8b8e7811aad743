"""The engine of either database: how it connects, how its transactions begin, and what becomes of a broken connection.

Each transaction begins with a word to the database, so that a connection that broke meanwhile is found before anything
is done on it. One that is in the midst of something when nobody waits for it any more is cut, not waited for.
"""

from __future__ import annotations

import asyncio
import json
import os
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from bot.errors import StoreError
from bot.store import sqlite_driver
from bot.store.addresses import is_sqlite, ssl_mode
from bot.store.failures import connection_errors, store_error

#: How long a writer waits for another process's write to end before the database counts as locked.
BUSY_SECONDS = 15.0

#: How long PostgreSQL may take to take a connection, and to answer to the beginning of a transaction.
CONNECT_SECONDS = 5.0

#: How long PostgreSQL may take for a statement, or for a commit.
STATEMENT_SECONDS = 20.0

#: So many statements stay prepared on each connection; by itself the driver keeps a hundred. A proposal with its
#: approval has 108, and what is prepared anew takes several round trips. PostgreSQL has each in some 25 KB.
_PREPARED = 400

_WRITES = "portcullis_writes"
_BUSY = "portcullis_busy_milliseconds"
_BEGIN = "SELECT set_config('lock_timeout', $1, true)"


def create_engine(url: URL, *, create: bool = False, patient: bool = False, begins: bool = True) -> AsyncEngine:
    """An engine for either database. A SQLite file that isn't there is made only with `create`.

    With `patient` a statement may take as long as it takes, as a migration's may. One that `begins` no transactions
    leaves it to `bot.store.drivers` to begin and end them.
    """
    if is_sqlite(url):
        engine = _sqlite_engine(url, create=create)
        event.listen(engine.sync_engine, "connect", _set_up_sqlite)
        event.listen(engine.sync_engine, "checkout", _demand_same_file)
    else:
        engine = _postgresql_engine(url, None if patient else STATEMENT_SECONDS, begins=begins)
    if begins:
        event.listen(engine.sync_engine, "begin", _begin_sqlite if is_sqlite(url) else _begin_postgresql)

    @event.listens_for(engine.sync_engine, "handle_error")
    def note_failure(context: ExceptionContext) -> None:
        _note_failure(context, url)

    return engine


def for_writing(engine: AsyncEngine, *, busy_seconds: float | None = None) -> AsyncEngine:
    """The same engine, for transactions that write; they wait `busy_seconds` for each lock that somebody else holds."""
    return _waiting(engine, busy_seconds).execution_options(**{_WRITES: True})


def for_reading(engine: AsyncEngine, url: URL, *, busy_seconds: float | None = None) -> AsyncEngine:
    """The same engine, for transactions that only read and see the database as it was when they began."""
    engine = _waiting(engine, busy_seconds)
    if is_sqlite(url):
        return engine
    return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def _waiting(engine: AsyncEngine, busy_seconds: float | None) -> AsyncEngine:
    if busy_seconds is None:
        return engine
    return engine.execution_options(**{_BUSY: max(1, int(busy_seconds * 1000))})


def _busy(connection: Connection) -> int:
    return int(connection.get_execution_options().get(_BUSY, BUSY_SECONDS * 1000))


def _dump(value: object) -> str:
    # The same spelling as the audit log's canonical form, so that a stored payload can be held against it.
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def _sqlite_engine(url: URL, *, create: bool) -> AsyncEngine:
    path = Path(str(url.database)).absolute()
    if not create and not path.exists():
        raise StoreError(
            f"There is no database {path.name}.",
            "Run `portcullis migrate` to make it, or set PORTCULLIS_DATABASE_URL to where it is.",
            where=str(path),
        )
    if create and not path.parent.is_dir():
        raise StoreError(
            f"The folder for the database {path.name} doesn't exist.", "Make it, then try again.", where=str(path)
        )
    # As a URI the file can be opened without being made: https://www.sqlite.org/uri.html
    uri = f"{path.as_uri()}?mode={'rwc' if create else 'rw'}"
    if create:
        _make_private(path)
    return create_async_engine(
        URL.create("sqlite+aiosqlite", database=uri, query={"uri": "true"}),
        async_creator=lambda: sqlite_driver.connect(uri, busy_seconds=BUSY_SECONDS),
        json_serializer=_dump,
        hide_parameters=True,  # what people typed stays out of the errors
        pool_size=8,
        max_overflow=8,
        pool_timeout=BUSY_SECONDS,
    )


def _make_private(path: Path) -> None:
    """Make the file, if it isn't there, for this account alone. What SQLite makes beside it gets the same rights."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        pass  # its rights are the operator's
    except OSError as error:
        raise StoreError(
            f"The database {path.name} can't be made: {error.strerror}.",
            "Check who may write in its folder.",
            where=str(path),
        ) from error


def _set_up_sqlite(connection: Any, record: ConnectionPoolEntry) -> None:  # noqa: ANN401 - the driver's own, untyped
    cursor = connection.cursor()
    try:
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            cursor.execute(f"PRAGMA {pragma}")
        # The file by its own account, not by what we called it.
        cursor.execute("PRAGMA database_list")
        record.info["path"] = cursor.fetchall()[0][2]
        record.info["file"] = _identity(record.info["path"])
    finally:
        cursor.close()


def _demand_same_file(_connection: object, record: ConnectionPoolEntry, _proxy: object) -> None:
    """What is written into a file that was taken away or replaced would be lost: it is opened anew, or not at all."""
    if not _is_same_file(record.info):
        raise DisconnectionError("The database's file is no longer the one that was opened.")


def is_same_file(connection: AsyncConnection) -> bool:
    """Whether SQLite's file is still the one that this connection has opened, by its path."""
    found = connection.sync_connection
    return found is not None and _is_same_file(found.info)


def _is_same_file(info: Mapping[Any, Any]) -> bool:
    return bool(_identity(info["path"]) == info["file"])


def _identity(path: str) -> tuple[int, int] | None:
    try:
        found = os.stat(path)  # noqa: PTH116 - at the beginning of each transaction, where a Path takes longer than the look
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _begin_sqlite(connection: Connection) -> None:
    sqlite_driver.wait_for_locks(connection.connection.driver_connection, _busy(connection))
    # A transaction that starts by reading and then writes can't wait for another writer: it fails at once. So a
    # writer says so at the start. https://www.sqlite.org/lang_transaction.html
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _begin_postgresql(connection: Connection) -> None:
    connection.exec_driver_sql(_BEGIN, (str(_busy(connection)),)).close()


def _note_failure(context: ExceptionContext, url: URL) -> None:
    """Give up a connection that didn't answer, or that nobody waits for any more. Raises what isn't the library's own
    error as a StoreError, so that nobody takes it for an error of theirs.
    """
    error = context.original_exception
    silent = isinstance(error, connection_errors()) and context.sqlalchemy_exception is None
    if not silent and not isinstance(error, asyncio.CancelledError):
        return
    context.is_disconnect = True
    # Where the beginning fails, all connections of before are in doubt. One that is merely interrupted says nothing.
    context.invalidate_pool_on_disconnect = silent or context.statement == _BEGIN
    if not is_sqlite(url) and context.connection is not None and not context.connection.invalidated:
        driver: Any = context.connection.connection.driver_connection
        driver.terminate()
    if silent:
        raise store_error(error, url) from error


def _postgresql_engine(url: URL, statement_seconds: float | None, *, begins: bool) -> AsyncEngine:
    query = dict(url.query)
    arguments: dict[str, Any] = {
        "timeout": CONNECT_SECONDS,
        "statement_cache_size": _PREPARED,
        "command_timeout": statement_seconds,
        "server_settings": {
            "application_name": "portcullis",
            "timezone": "UTC",
            # A replica that hangs in the middle of a transaction, or whose machine is gone, must not keep the others
            # from the audit log. https://www.postgresql.org/docs/current/runtime-config-connection.html
            "idle_in_transaction_session_timeout": "30000",
            "tcp_keepalives_idle": "5",
            "tcp_keepalives_interval": "2",
            "tcp_keepalives_count": "3",
        },
    }
    mode = ssl_mode(url)
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
        pool_timeout=BUSY_SECONDS,
        pool_recycle=1800,
        # With it SQLAlchemy's side of the driver begins none either: https://docs.sqlalchemy.org/en/21/core/connections.html
        **({} if begins else {"isolation_level": "AUTOCOMMIT"}),
    )


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
