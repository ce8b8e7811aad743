"""`portcullis trace`: what came of a delivery, a request or a job, as the database and a log file have it."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import typer

from bot.cli.account import note_looking
from bot.cli.audit_tenants import database_url, served_tenant
from bot.cli.failures import told
from bot.cli.log_lines import LogLine, find_lines
from bot.cli.sentences import in_words, moment, printable
from bot.cli.terminal import console_for, say
from bot.domain.auditing.events import Event
from bot.domain.indicators.defanging import defanged
from bot.domain.requests.request import Request
from bot.domain.telling.headlines import named_headline
from bot.domain.telling.places import place
from bot.domain.telling.request_status import status_words
from bot.errors import InvalidInput
from bot.reference import REFERENCE
from bot.store import Job, Store, UnitOfWork
from bot.workflow.asking.trace import Trace, trace_job, trace_reference, trace_request

_REQUEST = re.compile(r"#([0-9]{1,15})|([0-9]{1,7})")
_JOB = re.compile(r"job[ -]#?([0-9]{1,15})")

#: The longest text that is looked for: an id of a call to the tenant has 36 characters.
_LONGEST = 64

#: Of a delivery's key as much is shown as tells one from another.
_KEY_SHOWN = 24


def trace(*, reference: str, log: str, database: str, tenant: str, as_json: bool) -> None:
    """Do what `portcullis trace` is asked for."""
    with told(as_json=as_json):
        asked = reference.strip()
        found = asyncio.run(_found(asked, database_url(database), tenant))
        # Whoever copies a reference may have it in capitals; the log has it in small letters.
        lines = find_lines(log, {*found.all_references(asked), asked.lower()}) if log else []
    if as_json:
        print(json.dumps(_as_object(found, lines), indent=2))
    else:
        _print(asked, found, lines, log=log)
    raise typer.Exit(1 if found.is_empty and not lines else 0)


def _reader(asked: str) -> Callable[[UnitOfWork], Awaitable[Trace]]:
    """What looks for it in the database. Raises InvalidInput for what can be no reference."""
    if REFERENCE.fullmatch(asked.lower()):
        return lambda uow: trace_reference(uow, asked.lower())
    if request := _REQUEST.fullmatch(asked):
        return lambda uow: trace_request(uow, int(request[1] or request[2]))
    if job := _JOB.fullmatch(asked.lower()):
        return lambda uow: trace_job(uow, int(job[1]))
    if not asked or len(asked) > _LONGEST or not asked.isprintable():
        raise InvalidInput(
            "That is no reference.",
            "Type the one that somebody was told, such as 3f9a0c1e, or 7 for a request, or job-12.",
        )
    return _nothing


async def _nothing(uow: UnitOfWork) -> Trace:
    del uow
    return Trace()


async def _found(asked: str, url: str, tenant: str) -> Trace:
    reads = _reader(asked)
    whose = await served_tenant(url, tenant)
    if whose is None:
        raise InvalidInput("The database serves no tenant yet.", "Set PORTCULLIS_TENANT_ID, or use --tenant.")
    store = Store(url, tenant_id=whose)
    try:
        async with store.read() as uow:
            found = await reads(uow)
        await note_looking(store, "trace", {"reference": asked, "events": len(found.events)})
    finally:
        await store.close()
    return found


def _job(job: Job) -> dict[str, Any]:
    """A job without its payload, which may hold what people typed."""
    return {
        "id": job.id,
        "kind": job.kind,
        "attempts": job.attempts,
        "run_at": job.run_at.isoformat(),
        "error": job.error,
        "reference": job.reference,
    }


def _as_object(found: Trace, lines: Sequence[LogLine]) -> dict[str, Any]:
    return {
        "requests": [
            {
                "proposal": request.proposal_id,
                "request": request.id,
                "list": request.list.value,
                "status": request.status.value,
                "failure": request.failure,
                "requester": request.requester,
            }
            for request in found.requests
        ],
        "deliveries": [{"key": each.key, "seen_at": each.seen_at.isoformat()} for each in found.deliveries],
        "events": [
            {
                "seq": event.seq,
                "at": event.at.isoformat(),
                "kind": event.kind,
                "actor": event.actor,
                "target": event.target,
                "request": event.request_id,
                "reference": found.references.get(event.seq, ""),
            }
            for event in found.events
        ],
        "jobs": [_job(job) for job in found.jobs],
        "log": [dict(line.fields) for line in lines],
        "is_cut": found.is_cut,
    }


def _print(asked: str, found: Trace, lines: Sequence[LogLine], *, log: str) -> None:
    console = console_for()
    if found.is_empty:
        say(console, f"The database knows nothing of {printable(asked)}.")
        if not log:
            say(console, "What was refused or failed is only in the log: give it with --log FILE.")
    for title, rows in (
        ("Requests", [_request_row(each) for each in found.requests]),
        ("Deliveries", [f"{moment(each.seen_at)}  {each.key[:_KEY_SHOWN]}" for each in found.deliveries]),
        ("Events", [_event_row(event, found.references) for event in found.events]),
        ("Jobs that aren't done", [_job_row(job) for job in found.jobs]),
        ("Log", [line.text for line in lines]),
    ):
        if rows:
            say(console, f"\n{title}")
        for row in rows:
            say(console, printable(row), before="  ", hang=4)
    if found.is_cut:
        say(console, "\nThere is more: `portcullis audit list --request` shows all events of a request.")


def _request_row(request: Request) -> str:
    parts = (
        f"#{request.proposal_id}  {in_words(named_headline(request))}",
        place(request.operation, request.action, request.list),
        status_words(request),
        f"asked for by {request.requester}",
        request.failure,
    )
    return " · ".join(filter(None, parts))


def _event_row(event: Event, references: Mapping[int, str]) -> str:
    reference = references.get(event.seq, "")
    at = f"{event.at:%Y-%m-%d %H:%M:%S}"
    return f"{event.seq:>6}  {at}  {reference:8}  {event.kind}  {event.actor}  {defanged(event.target)}".rstrip()


def _job_row(job: Job) -> str:
    return f"job-{job.id}  {job.kind}  {job.attempts} attempts, due {moment(job.run_at)}. {job.error}".rstrip()
