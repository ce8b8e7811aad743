"""The database libraries' errors, turned into errors of ours at each step of a transaction.

What people are told names neither the database's address nor a path, neither a statement nor a value.
"""

from __future__ import annotations

import sqlite3
import sys
from typing import Any, TypeAlias

from sqlalchemy import URL
from sqlalchemy.exc import InvalidRequestError, SQLAlchemyError

from bot.errors import CommitUnknown, StoreError, StoreUnreachable
from bot.store.addresses import is_sqlite, shown

_Errors: TypeAlias = tuple[type[BaseException], ...]

#: What PostgreSQL says when it ends a connection of its own accord, which it may do after it has committed.
_ENDED = frozenset({"57P01", "57P02", "57P03", "57P04", "57P05", "25P03", "25P04"})

#: What PostgreSQL says while it starts or ends.
_STARTING = ("adminshutdown", "crashshutdown", "cannotconnectnow")

# By what the databases say. The texts of an error can hold values that people typed, so none of them is passed on;
# the cause is chained.
_KNOWN: tuple[tuple[tuple[str, ...], str, str], ...] = (
    (
        ("append-only",),
        "The database refused to change the audit log, which takes only new rows.",
        "",
    ),
    (
        ("no such table", "undefinedtable", "no such column", "undefinedcolumn"),
        "The database lacks tables or columns of this version.",
        "Run `portcullis migrate`.",
    ),
    (
        ("database is locked", "locknotavailable", "database table is locked"),
        "The database was locked by another writer for too long; nothing was recorded.",
        "Try again; if it goes on, look for a process that holds a transaction open.",
    ),
    (
        ("disk is full", "diskfull", "disk full", "outofmemory"),
        "The disk of the database is full; nothing was recorded.",
        "Make room, then try again.",
    ),
    (
        ("toomanyconnections", "queuepool limit", "configurationlimitexceeded"),
        "The database takes no more connections for now; nothing was recorded.",
        "Try again; if it goes on, let it take more, or run fewer replicas.",
    ),
    (
        ("not a database", "malformed", "corrupted"),
        "The database is no database, or is damaged.",
        "Check PORTCULLIS_DATABASE_URL; restore a backup if it is damaged.",
    ),
    (
        ("readonly database", "readonlysqltransaction", "insufficientprivilege", "permission denied"),
        "Portcullis may not write to the database.",
        "Give its user the right to write there, and make sure that the disk or the server isn't read-only.",
    ),
    (
        ("disk i/o error", "ioerror"),
        "The disk of the database failed.",
        "Look at the disk: is it full, read-only or broken?",
    ),
    (
        ("invalidpassword", "invalidauthorization"),
        "The database refused the user or the password.",
        "Check PORTCULLIS_DATABASE_URL.",
    ),
    (
        ("invalidcatalogname",),
        "There is no database of that name on the PostgreSQL server.",
        "Make it, or check PORTCULLIS_DATABASE_URL.",
    ),
    (
        ("deadlockdetected", "serializationerror"),
        "The database undid a change because two collided; nothing was recorded.",
        "Try again.",
    ),
    (
        ("integrityerror", "uniqueviolation"),
        "The database refused a change because somebody else was first; nothing was recorded.",
        "Look at how things stand now, then try again if it is still needed.",
    ),
)


def database_errors(*others: type[BaseException]) -> _Errors:
    """What a database library raises once a connection stands, and what else is to be caught with it."""
    asyncpg = _asyncpg()
    if asyncpg is not None:
        others += (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
    return (SQLAlchemyError, sqlite3.Error, *others)


def connection_errors(*others: type[BaseException]) -> _Errors:
    """The same with what may come besides, on the way to a connection or instead of an answer: no route, refused, cut,
    no answer in time.
    """
    return database_errors(OSError, TimeoutError, EOFError, *others)


def is_collision(error: BaseException) -> bool:
    """Whether a row can't be there beside those that are: what either database calls an error of integrity."""
    asyncpg = _asyncpg()
    of_postgresql = asyncpg is not None and isinstance(error, asyncpg.IntegrityConstraintViolationError)
    return of_postgresql or isinstance(error, sqlite3.IntegrityError)


def is_postgresql_error(error: BaseException) -> bool:
    """Whether PostgreSQL itself has said it, with a `sqlstate`."""
    asyncpg = _asyncpg()
    return asyncpg is not None and isinstance(error, asyncpg.PostgresError)


def _asyncpg() -> Any:  # noqa: ANN401 - the library, or None
    """PostgreSQL's driver, once an engine has loaded it: before, none of its errors can be there. On SQLite none does,
    which saves 3 MB and a part of the start.
    """
    return sys.modules.get("asyncpg")


def store_error(error: BaseException, url: URL) -> StoreError:
    """The StoreError to raise `from` a database library's error. Its text names the database, never a value."""
    if isinstance(error, StoreError):
        return error
    told, where = _told(error), shown(url)
    if any(mark in told for mark in _STARTING):
        return StoreUnreachable(
            "The database is being shut down or started; nothing was recorded.", "Try again in a moment.", where=where
        )
    for marks, what, remedy in _KNOWN:
        if any(mark in told for mark in marks):
            return StoreError(what, remedy, where=where)
    if "unable to open" in told:
        return StoreError(
            "The database can't be opened.",
            "Check that the file is there, who may write to it and in its folder, and PORTCULLIS_DATABASE_URL.",
            where=where,
        )
    if isinstance(error, OSError | TimeoutError | EOFError) or "connection" in told:
        happened = "doesn't answer" if isinstance(error, TimeoutError) else "can't be reached"
        return StoreUnreachable(
            f"The database {happened}.",
            "Check its file and its disk." if is_sqlite(url) else "Check that its server runs and can be reached.",
            where=where,
        )
    return StoreError(f"The database failed ({type(error).__name__}).", "The log has the cause.", where=where)


def is_refusal(error: BaseException) -> bool:
    """Whether a database has refused a commit, so that nothing of it was recorded. Else nobody can tell."""
    if isinstance(error, InvalidRequestError):
        return True  # the library didn't send it: the transaction had failed before
    link: BaseException | None = error
    while link is not None:
        if is_postgresql_error(link):
            state: str | None = getattr(link, "sqlstate", None)
            return state is not None and state not in _ENDED and not state.startswith("08")
        if isinstance(link, sqlite3.Error):
            # Out of room or locked, SQLite has written no mark of a commit. What a failing disk holds nobody knows.
            return any(mark in str(link).lower() for mark in ("disk is full", "is locked", "readonly", "constraint"))
        link = link.__cause__ or getattr(link, "orig", None)
    return False


def commit_unknown() -> CommitUnknown:
    """The error of a commit that was sent and whose answer didn't come, or said nothing."""
    return CommitUnknown(
        "Portcullis can't tell whether this was recorded: the database stopped answering in the middle of it.",
        "Look with /requests before you do it again.",
    )


def _told(error: BaseException) -> str:
    """The names of the errors in the chain and the database's own first line, in lower case; no bound values."""
    parts: list[str] = []
    link: BaseException | None = error
    while link is not None and len(parts) < 20:
        parts += [type(link).__name__]
        original = getattr(link, "orig", None)
        if original is not None:
            parts += [type(original).__name__, str(original)]
        elif not isinstance(link, SQLAlchemyError) or "QueuePool limit" in str(link):
            parts += [str(link)]
        link = link.__cause__ or (original.__cause__ if original is not None else None)
    return " ".join(parts).lower()
