"""`portcullis audit export`: the audit log for other programs, as it is and, if wanted, as it goes on."""

from __future__ import annotations

import asyncio
import contextlib
import io
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import NamedTuple, TextIO

import typer

from bot.cli.account import note_exporting
from bot.cli.audit_tenants import database_url, one_tenant
from bot.cli.failures import told
from bot.cli.files import written
from bot.cli.times import read_time
from bot.clock import utc_now
from bot.domain.telling.audit_exports import Format, head_of, line_of
from bot.errors import InvalidInput
from bot.store import AuditFilter, Store
from bot.workflow.asking.audit_batches import batches, numbers_of

#: How often it is looked for new events with --follow, in seconds.
_LOOK_EVERY = 1.0


def export(
    *, form: Format, since: str, until: str, follow: bool, after: int, output: Path | None, database: str, tenant: str
) -> None:
    """Do what `portcullis audit export` is asked for."""
    with told(as_json=False), contextlib.suppress(KeyboardInterrupt):
        if follow and until:
            raise InvalidInput("With --follow there is no end.", "Leave --until or --follow out.")
        now = utc_now()
        filters = AuditFilter(
            since=read_time(since, now=now) if since else None, until=read_time(until, now=now) if until else None
        )
        try:
            with _opened(output) as opened:
                asyncio.run(
                    _export(opened, form, filters, follow=follow, after=after, database=database, tenant=tenant)
                )
        except BrokenPipeError:
            # Whoever read it has enough: nothing more is written, not at the end of the program either.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        except OSError as error:
            raise InvalidInput(f"{output or 'The output'} can't be written: {error.strerror}.") from error


@dataclass(slots=True)
class _Cursor:
    """The number of the last event that was written, or looked at."""

    at: int


class _Output(NamedTuple):
    """Where the log goes."""

    text: TextIO
    ready: Callable[[], None]  #: called once what was asked for stands there, before what comes later is waited for


async def _export(
    output: _Output, form: Format, filters: AuditFilter, *, follow: bool, after: int, database: str, tenant: str
) -> None:
    url = database_url(database)
    chosen = await one_tenant(url, tenant)
    if chosen is None:
        output.text.write(head_of(form))
        return
    store = Store(url, tenant_id=chosen)
    cursor = _Cursor(at=after)
    try:
        await _copy(store, output, form, filters, cursor, follow=follow)
    finally:
        await store.close()
        typer.echo(f"To go on from here: --after {cursor.at}", err=True)


async def _copy(
    store: Store, output: _Output, form: Format, filters: AuditFilter, cursor: _Cursor, *, follow: bool
) -> None:
    after = cursor.at
    async with store.read() as uow:
        head = await uow.audit.head()
        last = 0 if head is None else head.seq
        total = await uow.audit.count(filters=replace(filters, before_seq=last + 1, after_seq=after or None))
    asked = {
        "format": form.value,
        "since": _said(filters.since),
        "until": _said(filters.until),
        "follow": follow,
        "after": after,
    }
    await note_exporting(store, asked | {"events": total})
    file = output.text
    if not after:
        file.write(head_of(form))
    # What comes meanwhile, that it was handed out among it, belongs to --follow alone.
    await _write(store, file, form, replace(filters, before_seq=last + 1), cursor, total=total)
    cursor.at = max(cursor.at, last)
    if follow:
        output.ready()
    while follow:
        await _write(store, file, form, filters, cursor, total=0)
        await asyncio.sleep(_LOOK_EVERY)


async def _write(
    store: Store, file: TextIO, form: Format, filters: AuditFilter, cursor: _Cursor, *, total: int
) -> None:
    """Write what there is behind the cursor, which follows what has left this process."""
    shows = total > 0 and file is not sys.stdout and sys.stderr.isatty()
    names = None
    with typer.progressbar(length=total or 1, label="Events", file=sys.stderr, hidden=not shows) as progress:
        async for events in batches(store, filters, after=cursor.at):
            async with store.read() as uow:
                names = await uow.people.names() if names is None else names
                numbers = await numbers_of(uow, events)
            file.writelines(line_of(event, form, names, numbers) for event in events)
            file.flush()
            progress.update(len(events))
            cursor.at = events[-1].seq


def _said(moment: datetime | None) -> str:
    return "" if moment is None else moment.isoformat()


@contextlib.contextmanager
def _opened(output: Path | None) -> Iterator[_Output]:
    if output is None:
        yield _Output(text=sys.stdout, ready=sys.stdout.flush)
        return
    with written(output) as writing, io.TextIOWrapper(writing.file, encoding="utf-8", newline="") as text:

        def ready() -> None:
            text.flush()
            writing.ready()

        yield _Output(text=text, ready=ready)
        ready()
