"""`portcullis doctor --support`: one page for whoever helps the operator, in which nothing tells who or where.

It is made of what may be on it, and not of everything but what may not: of a setting only a number, a switch, a length
of time or one of its few words is shown, of all others whether it was given. What was found wrong is told by its
check's name, not by its sentence, which may hold an address.
"""

from __future__ import annotations

import os
import platform
import re
import sqlite3
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.metadata import version
from typing import Literal, get_args, get_origin

from pydantic.fields import FieldInfo

from bot import __version__
from bot import settings as env
from bot.cli.audit_tenants import served_tenant
from bot.clock import utc_now
from bot.domain.requests.unrequested import ChangeState
from bot.errors import PortcullisError, SettingsError
from bot.store import Job, Store
from bot.store.addresses import is_sqlite, normalise
from bot.store.gauges import Backlog, StoreGauges
from bot.store.migrate import current

#: What most of what goes wrong outside hangs on.
_LIBRARIES = ("slack-bolt", "slack-sdk", "aiohttp", "httpx", "msal", "sqlalchemy", "aiosqlite", "asyncpg", "uvicorn")

#: So many jobs that were given up are named, the newest.
_MOST_JOBS = 10

#: Checks behind whose words an id of Slack's stands, or a name that the operator gave, which may hold anything.
_NAMING = ("user group", "rule")

#: What looks like such an id or name behind any other.
_NAMES = re.compile(r"\b[A-Z][A-Z0-9]{5,}\b|“.*")


@dataclass(frozen=True, slots=True, kw_only=True)
class LookedAt:
    """One thing that the doctor has looked at."""

    part: str
    check: str
    ok: bool


async def support_page(checked: Sequence[LookedAt]) -> str:
    """The page, in plain text. What can't be read is said to be so."""
    sections = {
        "Versions": list(_versions()),
        "Settings": list(_settings()),
        "Looked at": [f"{'ok   ' if each.ok else 'WRONG'}  {each.part}: {_unnamed(each.check)}" for each in checked],
        "Database": await _database(),
    }
    head = (
        f"Portcullis {__version__}, {utc_now():%Y-%m-%d %H:%M} UTC. No secret, address or person stands on this page."
    )
    return "\n".join(
        [head, *(line for title, lines in sections.items() for line in ("", title, *map(_indented, lines)))]
    )


def _indented(line: str) -> str:
    return f"  {line}"


def _unnamed(check: str) -> str:
    naming = next((words for words in _NAMING if check.startswith(f"{words} ")), None)
    return _NAMES.sub("…", check) if naming is None else f"{naming} …"


def _versions() -> Iterator[str]:
    yield f"Python {platform.python_version()} on {platform.system()} {platform.machine()}"
    yield f"SQLite {sqlite3.sqlite_version}"
    yield ", ".join(f"{name} {version(name)}" for name in _LIBRARIES)
    yield f"standard error is {'a terminal' if sys.stderr.isatty() else 'no terminal'}"


def _settings() -> Iterator[str]:
    for part in env.PARTS.values():
        try:
            loaded = env.load(part)
        except SettingsError:
            loaded = None
        for name, field in part.model_fields.items():
            given = _given(str(field.alias))
            if loaded is None:
                yield f"{name}: {'given' if given else 'not given'}; this part of the settings is wrong"
            else:
                yield f"{name}: {_shown(field, getattr(loaded, name), given=given)}"
    if unknown := env.unknown_names():
        yield f"{len(unknown)} names that nothing reads"


def _given(alias: str) -> str:
    return "by a file" if os.environ.get(f"{alias}_FILE") else "given" if os.environ.get(alias) else ""


def _shown(field: FieldInfo, value: object, *, given: str) -> str:
    """What may be told of a setting."""
    if _is_plain(field, value):
        said = ("on" if value else "off") if isinstance(value, bool) else str(value)
        return said if given else f"{said} (default)"
    if isinstance(value, tuple) and given:
        return f"{len(value)} given"
    return given or "not given"


def _is_plain(field: FieldInfo, value: object) -> bool:
    if isinstance(value, bool | int | timedelta):
        return True
    annotations = (field.annotation, *get_args(field.annotation))
    return isinstance(value, str) and any(get_origin(each) is Literal for each in annotations)


async def _database() -> list[str]:
    try:
        url = env.load(env.DatabaseSettings).database_url
        lines = [
            f"{'SQLite' if is_sqlite(normalise(url)) else 'PostgreSQL'} at revision {await current(url) or 'none'}"
        ]
        tenant = await served_tenant(url, os.environ.get(f"{env.PREFIX}TENANT_ID", ""))
        if tenant is None:
            return [*lines, "it serves no tenant yet"]
        store = Store(url, tenant_id=tenant)
        try:
            async with store.read() as uow:
                gauges = await uow.gauges.read(store.clock(), states=[state.value for state in ChangeState])
                dead = await uow.jobs.dead(_MOST_JOBS)
        finally:
            await store.close()
    except PortcullisError as error:
        return [f"it can't be read ({type(error).__name__})"]
    return [*lines, *_counts(gauges), *_given_up(dead)]


def _counts(gauges: StoreGauges) -> Iterable[str]:
    yield f"{gauges.head} events, {gauges.bytes} bytes"
    for kind, due in sorted(gauges.jobs_due.items()):
        yield f"jobs {kind}: {_waiting(due, gauges.at)}"
    for status, waiting in sorted(gauges.requests.items()):
        yield f"requests {status.value}: {_waiting(waiting, gauges.at)}"
    yield "changes that nobody requested: " + ", ".join(
        f"{state} {n}" for state, n in sorted(gauges.unrequested.items())
    )
    for name, as_of in sorted(gauges.snapshot.items()):
        yield f"list {name}: read {_seconds(gauges.at - as_of)} s ago"
    for name in sorted(gauges.unreadable):
        yield f"list {name}: could not be read"


def _given_up(dead: Sequence[Job]) -> Iterable[str]:
    for job in dead:
        reference = f", reference {job.reference}" if job.reference else ""
        yield f"given up: job-{job.id} {job.kind} of {job.created_at:%Y-%m-%d %H:%M} UTC{reference}"


def _waiting(backlog: Backlog, now: datetime) -> str:
    return f"{backlog.count}, the oldest for {_seconds(now - backlog.since)} s"


def _seconds(length: timedelta) -> int:
    return max(0, round(length.total_seconds()))
