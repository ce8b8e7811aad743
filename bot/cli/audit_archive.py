"""`portcullis audit archive`: old events as a signed file that proves itself, also without the database."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

import typer

from bot import settings as env
from bot.anchoring.keeper import AnchorKeeper, KeptAnchor
from bot.as_set import build_anchors
from bot.cli.account import note_exporting
from bot.cli.audit_tenants import database_url, one_tenant
from bot.cli.failures import told
from bot.cli.files import written
from bot.cli.progress import progress
from bot.cli.terminal import console_for, say
from bot.cli.times import read_time
from bot.domain.auditing.archives import event_line, first_line, last_line
from bot.domain.auditing.chain import Head
from bot.domain.auditing.events import chain_hash
from bot.errors import ChainBroken, InvalidInput
from bot.store import AuditFilter, Store
from bot.workflow.asking.audit_batches import batches

#: Under which name the log says how far it was archived.
CURSOR = "audit archive"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Archived:
    """What is in the file."""

    tenant_id: str
    before: Head
    kept: KeptAnchor


def archive(*, file: Path, before: str, after: int | None, database: str, tenant: str, as_json: bool) -> None:
    """Do what `portcullis audit archive` is asked for."""
    with told(as_json=as_json):
        keeper = replace(build_anchors(env.load(env.AnchorSettings)), file=None)
        if keeper.key is None:
            raise InvalidInput(
                "There is no key to sign an archive with.", "Set PORTCULLIS_ANCHOR_KEY_FILE; see docs/operations.md."
            )
        if file.exists() or file.is_symlink():
            raise InvalidInput(f"{file} is there already.", "Name another file: an archive isn't replaced.")
        url = database_url(database)
        archived = asyncio.run(_archive(url, tenant, file, before, after, keeper))
    anchor = archived.kept.anchor
    if as_json:
        answer = {"file": str(file), "tenant_id": archived.tenant_id, "first": archived.before.seq + 1}
        print(json.dumps(answer | {"last": anchor.seq, "hash": anchor.hash}))
    else:
        told_ = f"{file} holds the events {archived.before.seq + 1} to {anchor.seq}. They are in the log as well."
        say(console_for(), told_, hang=2)
    for problem in archived.kept.problems:
        typer.echo(problem, err=True)
    raise typer.Exit(1 if archived.kept.problems else 0)


async def _archive(
    url: str, tenant: str, path: Path, before: str, after: int | None, keeper: AnchorKeeper
) -> _Archived:
    chosen = await one_tenant(url, tenant)
    store = Store(url, tenant_id=chosen or tenant)
    try:
        start, last = await _stretch(store, read_time(before, now=store.clock()), after)
        stretch: dict[str, object] = {"format": "archive", "file": path.name, "after": start.seq, "last": last.seq}
        await note_exporting(store, stretch, command=CURSOR)
        try:
            with written(path) as writing, progress("Events") as done:
                await _write(store, writing.file, start, last, done)
                kept = await keeper.keep(store.tenant_id, last, at=store.clock())
                writing.file.write(last_line(kept.anchor).encode())
        except OSError as error:
            raise InvalidInput(f"{path} can't be written: {error.strerror}.", "Check its folder.") from error
        async with store.write() as uow:
            await uow.audit_cursors.move(CURSOR, last.seq)
    finally:
        await store.close()
    return _Archived(tenant_id=store.tenant_id, before=start, kept=kept)


async def _stretch(store: Store, before: datetime, after: int | None) -> tuple[Head, Head]:
    """The heads between which the events are. Raises InvalidInput where there are none."""
    async with store.read() as uow:
        start = await uow.audit.head_at(await uow.audit_cursors.at(CURSOR) if after is None else after)
        last = await uow.audit.head_at(await uow.audit.last_before(before))
    if start is None or last is None or last.seq <= start.seq:
        if start is None or not start.seq:
            raise InvalidInput(f"No event is from before {before:%Y-%m-%d %H:%M} UTC.", "Give a later --before.")
        raise InvalidInput(
            f"No event after event {start.seq} is from before {before:%Y-%m-%d %H:%M} UTC.",
            "Give a later --before, or --after 0 for all from the first.",
        )
    return start, last


async def _write(store: Store, file: BinaryIO, start: Head, last: Head, done: Callable[[int, int], None]) -> None:
    """The file's lines but the last. Raises ChainBroken where the events don't lead from one head to the other."""
    file.write(first_line(store.tenant_id, start).encode())
    at = start
    async for events in batches(store, AuditFilter(before_seq=last.seq + 1), after=start.seq):
        lines = []
        for event in events:
            at = Head(seq=at.seq + 1, hash=chain_hash(at.hash, event))
            if event.seq != at.seq:
                break
            lines.append(event_line(event, at.hash))
        file.write("".join(lines).encode())
        done(at.seq - start.seq, last.seq - start.seq)
    if at != last:
        raise ChainBroken(
            f"The events {start.seq + 1} to {last.seq} don't verify, so no archive was made.",
            "Run `portcullis audit verify`, and find out who changed the database.",
        )
