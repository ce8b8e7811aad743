"""Addresses of databases: as the operator gives them, as the drivers take them, and as people may see them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from bot.errors import StoreError
from bot.tls import is_loopback

#: Where the operator has set nothing: a SQLite file in the working folder.
DEFAULT_URL = "sqlite:///portcullis.sqlite3"

_SQLITE = "sqlite+aiosqlite"
_POSTGRESQL = "postgresql+asyncpg"
_DRIVERS = {
    "sqlite": _SQLITE,
    _SQLITE: _SQLITE,
    "postgres": _POSTGRESQL,
    "postgresql": _POSTGRESQL,
    _POSTGRESQL: _POSTGRESQL,
}
_VERIFIED = "verify-full"


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
    """The database for whoever runs Portcullis: a file by its whole path, else the address without its password."""
    if not is_sqlite(url):
        return url.set(query={}).render_as_string(hide_password=True)
    name = str(url.database)
    return url2pathname(urlsplit(name).path) if name.startswith("file:") else str(Path(name).absolute())


def unverified_mode(url: URL) -> str | None:
    """How the way to a PostgreSQL server elsewhere is left unproved: the `sslmode` of the address. None: it isn't.

    Without one, a server elsewhere has to show a certificate for its name (`verify-full`); whoever answers on this
    machine, by a socket or a loopback address, doesn't.
    """
    mode = ssl_mode(url)
    return None if is_sqlite(url) or _is_here(url) or mode == _VERIFIED else mode


def ssl_mode(url: URL) -> str | None:
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
