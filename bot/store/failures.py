"""The database libraries' errors, turned into StoreError at the edge of the unit of work."""

from __future__ import annotations

import sqlite3

import asyncpg
from sqlalchemy import URL
from sqlalchemy.exc import SQLAlchemyError

from bot.errors import StoreError
from bot.store.databases import is_sqlite, shown

#: What a database library raises once a connection stands.
DATABASE_ERRORS = (SQLAlchemyError, sqlite3.Error, asyncpg.PostgresError, asyncpg.InterfaceError)

#: What may come besides, on the way to a connection: no route, refused, no name, no answer in time.
CONNECTION_ERRORS = (*DATABASE_ERRORS, OSError, TimeoutError)

# By what the databases say. The texts of an error can hold values that people typed, so none of them is passed on;
# the cause is chained for the log.
_KNOWN: tuple[tuple[tuple[str, ...], str, str], ...] = (
    (
        ("append-only",),
        "The database {at} refused to change the audit log, which takes only new rows.",
        "",
    ),
    (
        ("no such table", "undefinedtable", "no such column", "undefinedcolumn"),
        "The database {at} lacks tables or columns of this version.",
        "Run `portcullis migrate`.",
    ),
    (
        ("database is locked", "locknotavailable", "database table is locked"),
        "The database {at} was locked by another writer for too long.",
        "Try again; if it goes on, look for a process that holds a transaction open.",
    ),
    (
        ("disk is full", "diskfull", "disk full", "outofmemory"),
        "The disk of the database {at} is full; nothing was written.",
        "Make room, then try again.",
    ),
    (
        ("disk i/o error",),
        "The disk of the database {at} failed; nothing was written.",
        "Look at the disk: is it full, read-only or broken?",
    ),
    (
        ("not a database", "malformed", "corrupted"),
        "The file {at} is no database, or is damaged.",
        "Check PORTCULLIS_DATABASE_URL; restore a backup if the file is damaged.",
    ),
    (
        ("readonly database", "readonlysqltransaction", "insufficientprivilege", "permission denied"),
        "Portcullis may not write to the database {at}.",
        "Give its user the right to write there.",
    ),
    (
        ("invalidpassword", "invalidauthorization"),
        "The database {at} refused the user or the password.",
        "Check PORTCULLIS_DATABASE_URL.",
    ),
    (
        ("invalidcatalogname",),
        "There is no database {at}.",
        "Make it, or check PORTCULLIS_DATABASE_URL.",
    ),
    (
        ("deadlockdetected", "serializationerror"),
        "The database {at} undid a change because two collided; nothing was written.",
        "Try again.",
    ),
    (
        ("integrityerror", "uniqueviolation"),
        "The database {at} refused a change because somebody else was first; nothing was written.",
        "Look at how things stand now, then try again if it is still needed.",
    ),
)


def store_error(error: BaseException, url: URL) -> StoreError:
    """The StoreError to raise `from` a database library's error. Its text names the database, never a value."""
    at = shown(url)
    told = _told(error)
    for marks, what, remedy in _KNOWN:
        if any(mark in told for mark in marks):
            return StoreError(what.format(at=at), remedy)
    if isinstance(error, OSError | TimeoutError) or "connection" in told or "unable to open" in told:
        return StoreError(
            f"The database {at} can't be reached.",
            "Check that the file can be opened and PORTCULLIS_DATABASE_URL names it."
            if is_sqlite(url)
            else "Check that the server runs, and that PORTCULLIS_DATABASE_URL names it.",
        )
    return StoreError(f"The database {at} failed ({type(error).__name__}).", "The log has the cause.")


def _told(error: BaseException) -> str:
    """The names of the errors in the chain and the database's own first line, in lower case; no bound values."""
    parts: list[str] = []
    link: BaseException | None = error
    while link is not None and len(parts) < 20:
        parts += [type(link).__name__]
        original = getattr(link, "orig", None)
        if original is not None:
            parts += [type(original).__name__, str(original)]
        elif not isinstance(link, SQLAlchemyError):
            parts += [str(link)]
        link = link.__cause__ or (original.__cause__ if original is not None else None)
    return " ".join(parts).lower()
