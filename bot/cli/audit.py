"""`portcullis audit list` and its sisters: the audit log, for people and for machines."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeVar

from bot.cli.account import note_reading
from bot.cli.audit_tenants import database_url, one_tenant
from bot.cli.failures import told
from bot.cli.sentences import printable
from bot.cli.terminal import console_for, say
from bot.cli.times import read_time
from bot.clock import utc_now
from bot.domain.auditing.events import Event, EventKind
from bot.domain.lists.wider import wider_values
from bot.domain.reading.lines import read_as_logged
from bot.domain.telling.audit_exports import as_object
from bot.errors import InvalidIndicator, InvalidInput
from bot.store import AuditFilter, Store
from bot.workflow.asking.audit import demand_there
from bot.workflow.asking.audit_batches import numbers_of

_T = TypeVar("_T")

#: From so many columns on there is room for the payloads.
_WIDE = 140
_UNDER = " " * 4


def list_events(
    *,
    actor: str,
    kind: str,
    target: str,
    request: int | None,
    since: str,
    until: str,
    limit: int,
    before: int | None,
    payload: bool,
    database: str,
    tenant: str,
    as_json: bool,
) -> None:
    """Do what `portcullis audit list` is asked for."""
    with told(as_json=as_json):
        now = utc_now()
        asked = _asked(actor=actor, kind=kind, target=target, request=request, since=since, until=until, before=before)
        about, wider = _target(target) if target else (None, ())
        filters = AuditFilter(
            actor=actor or None,
            kind=_known_kind(kind) if kind else None,
            target=about,
            wider=wider,
            proposal_id=_request_number(request) if request is not None else None,
            since=read_time(since, now=now) if since else None,
            until=read_time(until, now=now) if until else None,
            before_seq=before,
            limit=limit,
            every_request=True,
        )

        names: dict[str, str] = {}
        numbers: dict[int, int] = {}

        async def page(store: Store) -> list[Event]:
            async with store.read() as uow:
                found = await uow.audit.page(filters=filters)
                if request is not None and not found:
                    await demand_there(uow, request)
                names.update(await uow.people.names())
                numbers.update(await numbers_of(uow, found))
            await note_reading(store, "audit list", {"query": asked, "events": len(found)})
            return found

        events = asyncio.run(_of_one_tenant(database, tenant, page))
    if as_json:
        print(json.dumps([as_object(event, names, numbers) for event in events], indent=2))
    else:
        with_payload = payload or shutil.get_terminal_size().columns >= _WIDE
        _print_events(events, names, numbers, with_payload=with_payload)


def _asked(**options: str | int | None) -> str:
    """What was asked for, as it was typed."""
    return " ".join(f"--{name} {value}" for name, value in options.items() if value not in ("", None))[:200]


def _known_kind(text: str) -> str:
    if text not in set(EventKind):
        raise InvalidInput(f"“{text}” isn't a kind of event.", f"The kinds are {', '.join(EventKind)}.")
    return text


def _request_number(number: int) -> int:
    if number < 1:
        raise InvalidInput(f"{number} is no request's number.", "Requests are numbered from 1.")
    return number


def _target(text: str) -> tuple[str, tuple[str, ...]]:
    """An indicator in its normal form, with what covers it; anything else, as `request 14`, as it was typed."""
    try:
        indicator = read_as_logged(text)
    except InvalidIndicator:
        return text, ()
    return indicator.value, wider_values(indicator)


async def _of_one_tenant(database: str, tenant: str, work: Callable[[Store], Awaitable[list[_T]]]) -> list[_T]:
    url = database_url(database)
    chosen = await one_tenant(url, tenant)
    if chosen is None:
        return []
    store = Store(url, tenant_id=chosen)
    try:
        return await work(store)
    finally:
        await store.close()


def _print_events(
    events: Sequence[Event], names: Mapping[str, str], numbers: Mapping[int, int], *, with_payload: bool
) -> None:
    """A line for each event. What doesn't fit goes under it, broken between words only."""
    if not events:
        print("No events.")
        return
    console = console_for()
    rows = [("#", "When (UTC)", "What", "Who", "About"), *(_row(event, names, numbers) for event in events)]
    payloads = [{}, *(event.payload for event in events)]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    for (*cells, about), payload in zip(rows, payloads, strict=True):
        line = "  ".join(cell.ljust(size) for cell, size in zip(cells, widths, strict=True))
        fits = len(line) + 2 + len(about) <= console.width
        say(console, f"{line}  {about}".rstrip() if fits else line.rstrip(), hang=len(_UNDER))
        if not fits:
            say(console, about, before=_UNDER)
        if with_payload and payload:
            say(console, printable(json.dumps(payload, sort_keys=True, ensure_ascii=False)), before=_UNDER)


def _row(event: Event, names: Mapping[str, str], numbers: Mapping[int, int]) -> tuple[str, str, str, str, str]:
    number = None if event.request_id is None else numbers.get(event.request_id, event.request_id)
    itself = {f"request {event.request_id}", f"request {number}"}
    target = "" if event.target in itself else event.target
    about = " · ".join(filter(None, (target, "" if number is None else f"#{number}")))
    return (
        str(event.seq),
        f"{event.at:%Y-%m-%d %H:%M:%S}",
        printable(event.kind),
        printable(f"{event.actor} ({name})" if (name := names.get(event.actor)) else event.actor),
        printable(about),
    )
