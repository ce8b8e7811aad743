"""Following what was submitted: what Microsoft makes of it, which allow entries come of it, and when those end.

Entries can come within moments or only with the next message that they let through; a result can take days. So what is
new is told each time, and asked for with growing waits until there is nothing more to be learnt.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.domain.auditing.events import PORTCULLIS, EventKind
from bot.domain.lists.comparison import comparable
from bot.domain.lists.entries import Entry, Snapshot, has_ended
from bot.domain.lists.traits import Action, ListName
from bot.domain.requests.known_entry import KnownEntry
from bot.domain.requests.request import Item, ItemState, Request
from bot.domain.submissions.came_of_it import entries_of
from bot.domain.submissions.filing_plan import Filing, under_way
from bot.domain.submissions.submission import Filed, FiledStatus, Submitted
from bot.domain.submissions.texts import UNREADABLE, entries_words, filed_words, result_words
from bot.store import Job, UnitOfWork
from bot.tenant.submission_service import SubmissionService
from bot.workflow.shared.conclusion import correct_status
from bot.workflow.shared.context import Context
from bot.workflow.shared.job_definition import JobDefinition
from bot.workflow.shared.jobs import JobKind, RequestPayload, later, notify, read_lists_anew
from bot.workflow.submitting.submit import note_filed

#: So long after it was filed a submission is asked about, and its entries are looked for.
FOLLOWED_FOR = timedelta(days=3)
_SHORTEST_WAIT = timedelta(minutes=1)
_LONGEST_WAIT = timedelta(days=1)

#: How long after its end an entry is looked for: the service takes a moment, and may have given it a later end.
AFTER_THE_END = timedelta(minutes=15)

#: After the attempts were given up, the next ones begin.
AGAIN_AFTER = timedelta(hours=6)

#: Where an entry can be told to have come of a submission: a spoof pair carries neither its date nor its origin.
_LISTS = tuple(name for name in ListName if name.traits.takes_submissions)

_ENDED = "the allow that came of its submission has ended"
_GONE = "the allow that came of its submission is no longer listed"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """What was learnt, just now, of one submission and the items that it is for."""

    filed: tuple[Filed, ...]
    items: tuple[Item, ...]
    status: FiledStatus
    result: str  #: what Microsoft made of it, as a sentence
    asks_allow: bool
    entries: tuple[Entry, ...]  #: those that act now


async def follow(context: Context, job: Job, payload: RequestPayload) -> None:
    """Job: ask Microsoft about a request's submissions and read the lists; tell what is new; come back if need be.

    Raises TenantError to be tried again.
    """
    request_id = payload.request_id
    async with context.store.read() as uow:
        request = await uow.requests.get(request_id)
        filed = [one for one in await uow.submissions.of_request(request_id) if one.status is not FiledStatus.NOT_FILED]
    if not filed:
        return
    now = context.now()
    if context.submissions is None:
        async with context.store.write() as uow:
            await uow.jobs.hold(job)
            await _come_back(uow, request_id, (), now)
            await uow.jobs.finish(job)
        return
    reading = await context.tenant.read_lists(_LISTS)
    found = await _found_late(context.submissions, request, filed, now)
    looks = [
        await _look(context.submissions, request, group, reading, now)
        for group in _by_reference(one for one in filed if one.reference)
    ]
    async with context.store.write() as uow:
        await uow.jobs.hold(job)
        current = {item.id: item for item in (await uow.requests.get(request_id, lock=True)).items}
        for piece, submitted in found:
            await note_filed(uow, request, piece.items, submitted, at=now)
        gone = await _keep(uow, request, looks, reading, at=now)
        recorded = [await _record(uow, request, look, current, reading, gone, at=now) for look in looks]
        news = [one for one in recorded if one is not None]
        await _tell(uow, request, news, at=now)
        if gone or any(look.entries for look in news):
            # What a check and a proposal go by has to show it too.
            await read_lists_anew(uow)
        await _give_up_lost(uow, request_id, now)
        await correct_status(uow, request_id, at=now)
        await _come_back(uow, request_id, looks, now)
        await uow.jobs.finish(job)


async def give_up(context: Context, uow: UnitOfWork, payload: RequestPayload, _why: str) -> None:
    """Called in the transaction that gives up a job of this kind: a submission is followed until its time is over."""
    await later(uow, JobKind.FOLLOW, payload.request_id, at=context.now() + AGAIN_AFTER)


FOLLOW_JOB = JobDefinition(kind=JobKind.FOLLOW, handle=follow, give_up=give_up)


def _by_reference(filed: Iterable[Filed]) -> list[tuple[Filed, ...]]:
    groups: dict[tuple[str, str], list[Filed]] = defaultdict(list)
    for one in filed:
        groups[one.kind, one.reference].append(one)
    return [tuple(group) for group in groups.values()]


async def _found_late(
    submissions: SubmissionService, request: Request, filed: Sequence[Filed], now: datetime
) -> list[tuple[Filing, Submitted]]:
    """The submissions with a lost answer that turned up after all."""
    lost = {one.item_id: one for one in filed if not one.reference and one.status is FiledStatus.INTENDED}
    items = [item for item in request.items if item.id in lost and item.state is ItemState.INTENDED]
    found = []
    for piece in under_way(request, items, lost, content=None, now=now):
        since = min(lost[item.id].filed_at for item in piece.items)
        submitted = await submissions.find(piece.submission, since=since)
        if submitted is not None:
            found.append((piece, submitted))
    return found


async def _look(
    submissions: SubmissionService, request: Request, filed: tuple[Filed, ...], reading: Snapshot, now: datetime
) -> _Look:
    first = filed[0]
    submitted = await submissions.read(first.kind, first.reference)
    ids = {one.item_id for one in filed}
    items = tuple(item for item in request.items if item.id in ids)
    entries = entries_of(
        reading.entries,
        reference=first.reference,
        since=first.filed_at,
        values=[(request.list, item.value) for item in items],
        made=submitted.entries if submitted is not None else (),
    )
    status, result = first.status, first.result
    if submitted is not None:
        status, result = submitted.status, result_words(submitted.status, submitted.category, submitted.detail)
    if status.is_open and _is_over(first, now):
        status, result = FiledStatus.UNANSWERED, result_words(FiledStatus.UNANSWERED, "", "")
    return _Look(
        filed=filed,
        items=items,
        status=status,
        result=result if not status.is_open else "",
        asks_allow=submitted is None or submitted.asks_allow,
        entries=tuple(entry for entry in entries if not has_ended(entry, now)),
    )


async def _keep(
    uow: UnitOfWork, request: Request, looks: Sequence[_Look], reading: Snapshot, *, at: datetime
) -> list[KnownEntry]:
    """Know who asked for the entries that came of it, so that a check names them. Returns those that are gone."""
    there = {(entry.list, comparable(entry.list, entry.value)): entry for look in looks for entry in look.entries}
    before = await uow.known.active(request_id=request.id)
    on_record = {
        (one.list, comparable(one.list, one.value)): one
        for one in await uow.known.active(values=[entry.value for entry in there.values()], lock=True)
        if one.action == Action.ALLOW
    }
    gone = [
        one
        for one in before
        if one.list not in reading.unreadable and (one.list, comparable(one.list, one.value)) not in there
    ]
    for how, ended in (("expired", True), ("found missing", False)):
        await uow.known.end_all([one for one in gone if _has_ended(one, at) is ended], at, how)
    await uow.known.put_all(
        [
            KnownEntry(
                list=entry.list,
                action=entry.action,
                value=entry.value,
                requester=request.requester,
                request_id=request.id,
                reason=request.reason,
                since=entry.created or at,
                expires=entry.expires,
                notes=on_record[key].notes if key in on_record else "",
            )
            for key, entry in there.items()
            # A later request may have given it another end, and keeps it then.
            if key not in on_record or on_record[key].request_id <= request.id
        ]
    )
    return gone


def _has_ended(known: KnownEntry, at: datetime) -> bool:
    return _has_passed(known.expires, at)


def _has_passed(end: datetime | None, at: datetime) -> bool:
    return end is not None and end <= at


async def _record(
    uow: UnitOfWork,
    request: Request,
    look: _Look,
    current: Mapping[int, Item],
    reading: Snapshot,
    gone: Sequence[KnownEntry],
    *,
    at: datetime,
) -> _Look | None:
    """Write down what was learnt of a submission. Returns it when it is news."""
    for filed in look.filed:
        await uow.submissions.set(filed.id, status=look.status, result=look.result, checked_at=at)
    items = [current[item.id] for item in look.items if current[item.id].state.holds]
    allowed = [item for item in items if item.state is ItemState.CONFIRMED]
    readable = request.list not in reading.unreadable
    if allowed and not look.entries and readable:
        await _ended(uow, request, look, allowed, gone, at=at)
        return None
    if not items or (allowed and not look.entries):
        return None
    state = ItemState.CONFIRMED if look.entries else ItemState.APPLIED
    words = _words(request, look, readable=not reading.unreadable, over=_is_over(look.filed[0], at))
    changed = [item for item in items if item.state is not state or item.outcome != words]
    await uow.requests.set_items({item.id: (state, words) for item in changed})
    if changed:
        await notify(uow, request.id)
    is_news = look.result != look.filed[0].result or any(item.state is not state for item in items)
    return replace(look, items=tuple(items)) if is_news else None


async def _tell(uow: UnitOfWork, request: Request, news: Sequence[_Look], *, at: datetime) -> None:
    """One event for all that was learnt at one time: it is told as one step."""
    values = [item.value for look in news for item in look.items]
    if not values:
        return
    await uow.audit.append(
        EventKind.SUBMISSION_RESULT,
        actor=PORTCULLIS,
        target=values[0] if len(values) == 1 else f"request {request.id}",
        request_id=request.id,
        payload={
            "results": [
                {
                    "items": [item.value for item in look.items],
                    "reference": look.filed[0].reference,
                    "status": look.status,
                    "result": look.result,
                    "entries": [
                        {"list": entry.list, "value": entry.value, "expires": entry.expires} for entry in look.entries
                    ],
                }
                for look in news
            ]
        },
        at=at,
    )


def _words(request: Request, look: _Look, *, readable: bool, over: bool) -> str:
    """What stands beside an item: that it was submitted, what Microsoft says, and which entries came of it."""
    reference = look.filed[0].reference
    submitted = filed_words(reference, asks_allow=look.asks_allow or bool(look.entries), name=request.list)
    if look.status.is_open and not look.entries:
        return submitted
    came = entries_words(look.entries, over=over) if look.entries or readable else UNREADABLE
    if not look.entries and not look.asks_allow:
        came = ""
    return " ".join(filter(None, [f"{submitted.rstrip('.')}.", look.result, came]))


async def _ended(
    uow: UnitOfWork, request: Request, look: _Look, items: Sequence[Item], gone: Sequence[KnownEntry], *, at: datetime
) -> None:
    """What came of a submission is on the lists no more: its end came, or somebody took it out.

    Where nothing is `gone` that was known until now, a request of ours did, and has told it.
    """
    on_time = all(_has_ended(one, at) for one in gone) if gone else _has_passed(request.expires, at)
    state, words = (ItemState.EXPIRED, _ENDED) if on_time else (ItemState.REMOVED, _GONE)
    await uow.requests.set_items({item.id: (state, words) for item in items})
    await notify(uow, request.id)
    if not gone and not on_time:
        return
    for item in items:
        await uow.audit.append(
            EventKind.ITEM_EXPIRED if on_time else EventKind.ITEM_MISSING,
            actor=PORTCULLIS,
            target=item.value,
            request_id=request.id,
            payload={
                "operation": request.operation,
                "action": request.action,
                "list": request.list,
                "reference": look.filed[0].reference,
                "outcome": words,
            },
            at=at,
        )


async def _give_up_lost(uow: UnitOfWork, request_id: int, now: datetime) -> None:
    for filed in await uow.submissions.of_request(request_id):
        if filed.status is FiledStatus.INTENDED and _is_over(filed, now):
            await uow.submissions.set(filed.id, status=FiledStatus.LOST, checked_at=now)


async def _come_back(uow: UnitOfWork, request_id: int, looks: Sequence[_Look], now: datetime) -> None:
    """Queue the next look: soon at first, then ever later; and once the entries should have ended."""
    states = {item.id: item.state for item in (await uow.requests.get(request_id)).items}
    waits: list[datetime] = []
    for filed in await uow.submissions.of_request(request_id):
        without_entry = states[filed.item_id].was_sent
        open_still = filed.status.is_open or (filed.reference and without_entry)
        if open_still and not _is_over(filed, now):
            wait = min(max(now - filed.filed_at, _SHORTEST_WAIT), _LONGEST_WAIT)
            waits.append(min(now + wait, filed.filed_at + FOLLOWED_FOR))
    ends = [entry.expires for look in looks for entry in look.entries if entry.expires is not None]
    waits += [max(end, now) + AFTER_THE_END for end in ends]
    if waits:
        await later(uow, JobKind.FOLLOW, request_id, at=min(waits))


def _is_over(filed: Filed, now: datetime) -> bool:
    return now - filed.filed_at >= FOLLOWED_FOR
