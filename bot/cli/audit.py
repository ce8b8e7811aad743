"""`portcullis audit list` and `portcullis audit verify`: the audit log, for people and for machines."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import textwrap
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, TypeVar

import typer

from bot import settings as env
from bot.cli.check import printable
from bot.cli.failures import told
from bot.clock import utc_now
from bot.domain.auditing.chain import ChainFindings
from bot.domain.auditing.events import Event, EventKind
from bot.domain.reading.lines import read_as_logged
from bot.errors import InvalidIndicator, InvalidInput
from bot.store import AuditFilter, Store

app = typer.Typer(add_completion=False, no_args_is_help=True)

_T = TypeVar("_T")

_AGO = re.compile(r"([0-9]{1,6})\s*([mhdw])", re.IGNORECASE)
#: From so many columns on there is room for the payloads.
_WIDE = 140
_INDENT = " " * 4
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}

Database = Annotated[str, typer.Option("--database", metavar="URL", help="Instead of the setting.")]
Tenant = Annotated[
    str, typer.Option("--tenant", envvar="PORTCULLIS_TENANT_ID", metavar="ID", help="One tenant's log only.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Answer in JSON.")]
TimeOption = Annotated[str, typer.Option(metavar="TIME", help="7d, 12h, or a time such as 2030-12-31T08:00Z.")]


@app.command("list")
def list_events(
    actor: Annotated[str, typer.Option(metavar="USER", help="Whose doing: a Slack user id, or portcullis.")] = "",
    kind: Annotated[str, typer.Option(metavar="KIND", help="Such as request.approved.")] = "",
    target: Annotated[str, typer.Option(metavar="TEXT", help="An indicator, defanged or not, or a request.")] = "",
    request: Annotated[int | None, typer.Option(metavar="N", help="A request's number.")] = None,
    since: TimeOption = "",
    until: TimeOption = "",
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many at most.")] = 50,
    before: Annotated[int | None, typer.Option(metavar="SEQ", help="The next page: the last number of this.")] = None,
    payload: Annotated[bool, typer.Option("--payload", help="With what each event carries.")] = False,
    database: Database = "",
    tenant: Tenant = "",
    as_json: AsJson = False,
) -> None:
    """Print events, newest first. Exit code 2 when the log can't be read.

    A wide terminal shows what each event carries, a narrow one only with --payload.
    """
    with told(as_json=as_json):
        now = utc_now()
        filters = AuditFilter(
            actor=actor or None,
            kind=_known_kind(kind) if kind else None,
            target=_target(target) if target else None,
            request_id=_request_number(request) if request is not None else None,
            since=read_time(since, now=now) if since else None,
            until=read_time(until, now=now) if until else None,
            before_seq=before,
            limit=limit,
        )

        async def page(store: Store) -> list[Event]:
            async with store.read() as uow:
                return await uow.audit.page(filters=filters)

        events = asyncio.run(_of_one_tenant(database, tenant, page))
    if as_json:
        print(json.dumps([event.as_json() for event in events], indent=2))
    else:
        width = shutil.get_terminal_size().columns
        _print_events(events, width=width, with_payload=payload or width >= _WIDE)


@app.command("verify")
def verify(database: Database = "", tenant: Tenant = "", as_json: AsJson = False) -> None:
    """Hold every row against the hash chain. Exit code 0: intact. 1: broken; 2: the log can't be read.

    A log whose last rows were cut off together with its head looks intact: keep the head that is printed (number and
    hash) where the database's administrators can't write, and compare.
    """
    with told(as_json=as_json):
        results = asyncio.run(_verify(database, tenant))
    intact = all(result.intact for result in results)
    if as_json:
        print(json.dumps(_results_as_json(results, intact=intact), indent=2))
    else:
        _print_results(results)
    raise typer.Exit(0 if intact else 1)


def read_time(text: str, *, now: datetime) -> datetime:
    """A time from `7d`, `12h`, `30m`, `2w` (so long ago) or ISO 8601 (UTC unless it says otherwise).

    Raises InvalidInput.
    """
    remedy = "Type so long ago, as 30m, 12h, 7d or 2w, or a time such as 2030-12-31 or 2030-12-31T08:00Z."
    try:
        if match := _AGO.fullmatch(text.strip()):
            return now - timedelta(**{_UNITS[match[2].lower()]: int(match[1])})
        moment = datetime.fromisoformat(text.strip())
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise InvalidInput(f"“{text}” is no time.", remedy) from error


def _known_kind(text: str) -> str:
    if text not in set(EventKind):
        raise InvalidInput(f"“{text}” is no kind of event.", f"The kinds are {', '.join(EventKind)}.")
    return text


def _request_number(number: int) -> int:
    if number < 1:
        raise InvalidInput(f"{number} is no request's number.", "Requests are numbered from 1.")
    return number


def _target(text: str) -> str:
    """An indicator in its normal form, as the log has it; anything else, such as `request 14`, as it was typed."""
    try:
        return read_as_logged(text).value
    except InvalidIndicator:
        return text


async def _of_one_tenant(database: str, tenant: str, work: Callable[[Store], Awaitable[list[_T]]]) -> list[_T]:
    url = database or env.load(env.DatabaseSettings).database_url
    tenants = await _chosen(url, tenant)
    if not tenants:
        return []
    if len(tenants) > 1:
        raise InvalidInput(
            "The database holds several tenants' logs.", f"Name one with --tenant: {', '.join(tenants)}."
        )
    [tenant] = tenants
    store = Store(url, tenant_id=tenant)
    try:
        return await work(store)
    finally:
        await store.close()


async def _verify(database: str, tenant: str) -> list[ChainFindings]:
    url = database or env.load(env.DatabaseSettings).database_url
    results = []
    for each in await _chosen(url, tenant):
        store = Store(url, tenant_id=each)
        try:
            async with store.read() as uow:
                results.append(await uow.audit.verify())
        finally:
            await store.close()
    return results


async def _chosen(url: str, tenant: str) -> list[str]:
    """The tenant that was named, or else every tenant in this database.

    Raises InvalidInput when the database holds others but not this one: its log would pass for intact and empty. A
    database without any event is that of a bot that has just been set up.
    """
    there = await _tenants(url)
    if not tenant:
        return there
    if there and tenant not in there:
        raise InvalidInput(
            f"There is no log of tenant {tenant} in this database.", f"It holds the log of {', '.join(there)}."
        )
    return [tenant]


async def _tenants(url: str) -> list[str]:
    store = Store(url, tenant_id="")
    try:
        async with store.read() as uow:
            return await uow.audit.tenants()
    finally:
        await store.close()


def _results_as_json(results: Sequence[ChainFindings], *, intact: bool) -> dict[str, object]:
    return {
        "intact": intact,
        "events": sum(result.events for result in results),
        "findings": [
            {"tenant_id": result.tenant_id, **finding.as_json()} for result in results for finding in result.findings
        ],
        "unnamed": sum(result.unnamed for result in results),
        "heads": [
            {"tenant_id": result.tenant_id, "seq": result.head.seq, "hash": result.head.hash}
            for result in results
            if result.head is not None
        ],
    }


def _print_results(results: Sequence[ChainFindings]) -> None:
    if not results:
        print("The audit log is empty.")
    for result in results:
        state = "intact" if result.intact else "BROKEN"
        print(f"Tenant {printable(result.tenant_id)}: {result.events} events, {state}.")
        if result.head is not None:
            print(f"  head: {result.head.seq} {printable(result.head.hash)}")
        for finding in result.findings:
            row = f" (id {finding.id})" if finding.id is not None else ""
            print(f"  event {finding.seq}{row}: {finding.problem.value}. {printable(finding.details)}")
        if result.unnamed:
            print(f"  and {result.unnamed} more.")


def _print_events(events: Sequence[Event], *, width: int, with_payload: bool) -> None:
    """A line for each event. What doesn't fit goes under it, broken between words only."""
    if not events:
        print("No events.")
        return
    rows = [("#", "When (UTC)", "What", "Who", "About"), *(_row(event) for event in events)]
    payloads = [{}, *(event.payload for event in events)]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    for (*cells, about), payload in zip(rows, payloads, strict=True):
        line = "  ".join(cell.ljust(size) for cell, size in zip(cells, widths, strict=True))
        fits = len(line) + 2 + len(about) <= width
        print(f"{line}  {about}".rstrip() if fits else line.rstrip())
        if not fits:
            _print_under(about, width=width)
        if with_payload and payload:
            _print_under(printable(json.dumps(payload, sort_keys=True, ensure_ascii=False)), width=width)


def _row(event: Event) -> tuple[str, str, str, str, str]:
    number = f"request {event.request_id}" if event.request_id is not None else ""
    about = " · ".join(part for part in dict.fromkeys((event.target, number)) if part)
    return (
        str(event.seq),
        f"{event.at:%Y-%m-%d %H:%M:%S}",
        printable(event.kind),
        printable(event.actor),
        printable(about),
    )


def _print_under(text: str, *, width: int) -> None:
    print(
        textwrap.fill(
            text,
            width=width,
            initial_indent=_INDENT,
            subsequent_indent=_INDENT,
            break_long_words=False,
            break_on_hyphens=False,
        )
    )
