"""A reading of the lists, kept: as the snapshot, and held against what each place held when it was last readable.

What differs, and no request of Portcullis explains, is a change that nobody requested. It is logged, written down and
its alert queued in the transaction that keeps the reading, alone with the places: of two who read at once only one
writes, nothing is told twice, and a worker that dies before leaves the difference to the next reading.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.aside import aside
from bot.domain.auditing.events import Event, EventKind, NewEvent
from bot.domain.lists.change import Operation
from bot.domain.lists.comparison import comparable
from bot.domain.lists.differences import ORDER, SAFE_LIST_PLACE, Difference, Happening, Held, differences, places
from bot.domain.lists.entries import Snapshot
from bot.domain.lists.traits import Action, ListName
from bot.domain.outcomes.confirmation import CHANGED_BACK, looked_for_event
from bot.domain.overrides.override import PlaceReading
from bot.domain.requests import keeping as rules
from bot.domain.requests.attributing import operations
from bot.domain.requests.explaining import SHOWN_LATE, Reasons, unexplained
from bot.domain.requests.going_back import ToldLately, as_told
from bot.domain.requests.request import ItemState
from bot.domain.requests.unrequested import ChangeState, TellBlocks, change_event, change_of
from bot.store import UnitOfWork
from bot.store.snapshot_text import PreparedSnapshot
from bot.store.watched_places import KeptPlace, WatchedPlace, prepare_places
from bot.workflow.shared.alerts import tell_of_unrequested
from bot.workflow.shared.change_reasons import list_of, reasons_for
from bot.workflow.shared.context import Context
from bot.workflow.shared.jobs import notify
from bot.workflow.shared.keeping import EntryKeeper
from bot.workflow.shared.sight import note_sight


@dataclass(frozen=True, slots=True, kw_only=True)
class _Change:
    """How one place differs from when it was last readable, and what explains it."""

    seen: WatchedPlace
    since: datetime
    found: tuple[Difference, ...]
    reasons: Reasons
    lately: ToldLately


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judged:
    """What is to be made of how a place differs."""

    found: tuple[Difference, ...]  #: all but what is held back
    others: tuple[Difference, ...]  #: those of it that nobody requested
    held_back: tuple[Difference, ...]  #: what a later reading has to confirm
    events: tuple[NewEvent, ...]  #: of what nobody requested, and of what has ended


@dataclass(frozen=True, slots=True, kw_only=True)
class _Prepared:
    """How a place differs from what was kept of it before the transaction. It counts as long as that is kept.

    What was done to it is on record before it is sent, and so before it was read: whatever explains the reading is.
    """

    against: KeptPlace
    change: _Change
    judged: _Judged


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A reading that is ready to be kept."""

    snapshot: PreparedSnapshot
    places: tuple[WatchedPlace, ...]
    found: Mapping[str, _Prepared]  #: by place, how those differ that do
    readings: tuple[PlaceReading, ...] = ()  #: of the places beside the lists
    as_of: datetime  #: when it began


async def prepare_reading(context: Context, lists: Snapshot, names: Collection[ListName] | None = None) -> Seen:
    """Make a reading ready for `keep_reading`, outside its transaction: two seconds' work for a full tenant.

    `names` are the lists that were read, where it wasn't all of them with the accepted domains.
    """
    snapshot = await context.store.prepare(lists, names)
    held = await aside(_size(lists), places, lists, names)
    prepared = await prepare_places(held, as_of=lists.as_of)
    async with context.store.read() as uow:
        kept = await uow.places.kept([each.place for each in prepared])
        seen = tuple(each.beside(kept.get(each.place)) for each in prepared)
        changed = [each for each in seen if each.place in kept and kept[each.place].digest != each.digest]
        before = await uow.places.held([each.place for each in changed])
    found: dict[str, _Prepared] = {}
    for each in changed:
        against = kept[each.place]
        if against.as_of > each.as_of:
            continue
        differ = await _compared(before[each.place], each)
        async with context.store.read() as uow:
            change, judged = await _looked_at(context, uow, each, against.as_of, differ)
        found[each.place] = _Prepared(against=against, change=change, judged=judged)
    beside = lists.places if names is None else ()
    return Seen(snapshot=snapshot, places=seen, found=found, readings=beside, as_of=lists.as_of)


async def keep_reading(context: Context, uow: UnitOfWork, seen: Seen) -> None:
    """Keep a reading, and write down what it shows that nobody requested. One that is older than what is kept of a
    place says nothing of it.
    """
    await uow.alone_with("watched places")
    await uow.snapshots.save(seen.snapshot)
    kept = await uow.places.kept([each.place for each in seen.places])
    changes: list[tuple[_Change, _Judged]] = []
    for each in seen.places:
        before = kept.get(each.place)
        if before is None:
            await uow.places.keep(each)  # the first reading: there is nothing to hold it against
        elif before.as_of > each.as_of:
            continue
        elif before.digest == each.digest:
            await uow.places.touch(each)
        else:
            change, judged = await _as_prepared(context, uow, seen, each, before)
            await uow.places.keep(await _as_told(uow, each, judged))
            if judged.found:
                changes.append((change, judged))
    await _record(context, uow, changes)
    await note_sight(uow, seen.readings, as_of=seen.as_of, at=context.now())


async def _as_prepared(
    context: Context, uow: UnitOfWork, seen: Seen, place: WatchedPlace, before: KeptPlace
) -> tuple[_Change, _Judged]:
    """What was made ready, unless somebody else has kept another reading since: then it is looked at anew."""
    prepared = seen.found.get(place.place)
    if prepared is not None and prepared.against == before:
        return prepared.change, prepared.judged
    if prepared is not None and prepared.against.digest == before.digest:
        found = prepared.change.found
    else:
        held = await uow.places.held([place.place])
        found = await _compared(held[place.place], place)
    return await _looked_at(context, uow, place, before.as_of, found)


async def _looked_at(
    context: Context, uow: UnitOfWork, seen: WatchedPlace, since: datetime, found: tuple[Difference, ...]
) -> tuple[_Change, _Judged]:
    change = await _change(context, uow, seen, since, found)
    # A list may have been emptied: of thousands it takes seconds.
    return change, await aside(len(found), _judge, change, context.confirm_after, context.now())


async def _change(
    context: Context, uow: UnitOfWork, seen: WatchedPlace, since: datetime, found: tuple[Difference, ...]
) -> _Change:
    name = list_of(seen.place)
    lately = await uow.unrequested.seen_since(seen.place, since - SHOWN_LATE) if found else []
    reasons = Reasons()
    if name is not None and found:
        reasons = await reasons_for(uow, name, seen, since, found, looked_after=context.confirm_after)
    return _Change(
        seen=seen,
        since=since,
        found=found,
        reasons=reasons,
        lately=ToldLately(lately, waits=context.may_be_behind),
    )


async def _as_told(uow: UnitOfWork, seen: WatchedPlace, judged: _Judged) -> WatchedPlace:
    """What is kept of a place: what it shows, but for what is held back."""
    if not judged.held_back:
        return seen
    before = (await uow.places.held([seen.place]))[seen.place]
    kept = await aside(len(before) + len(seen.held), as_told, before, seen.held, judged.held_back)
    [place] = await prepare_places({seen.place: kept}, as_of=seen.as_of)
    return place


async def _compared(before: Sequence[Held], place: WatchedPlace) -> tuple[Difference, ...]:
    entries = len(before) + len(place.held)
    return await aside(entries, differences, before, place.held, now=place.as_of)


def _size(lists: Snapshot) -> int:
    """How many entries and other overrides there are."""
    return len(lists.entries) + sum(len(reading.overrides) for reading in lists.places)


async def _record(context: Context, uow: UnitOfWork, changes: Sequence[tuple[_Change, _Judged]]) -> None:
    """Log what nobody requested, write it down, and have it told."""
    if not changes:
        return
    gone = await _gone_again(uow, changes)
    events: list[NewEvent] = []
    missing: list[NewEvent] = []
    for change, judged in changes:
        events += judged.events
        taken = await aside(len(change.seen.held), _taken_out, change, judged.others)
        missing += await _end_keeping(uow, taken, change.reasons, at=context.now())
    logged = await uow.audit.append_all([*events, *missing])
    told = [each for each in logged[: len(events)] if _is_told(context, each)]
    if told:
        changes_told = await aside(len(told), lambda: [change_of(each, reading=told[0].seq) for each in told])
        asks = context.audit_records is not None and any(operations(each) for each in changes_told)
        ask_at = context.now() if asks else None
        await uow.unrequested.add(changes_told, ask_at=ask_at)
        await tell_of_unrequested(uow, told[0].seq)
    for reading in gone:
        await tell_of_unrequested(uow, reading)


def _judge(change: _Change, looked_after: timedelta, now: datetime) -> _Judged:
    """What nobody requested of how a place differs, and the events that tell of it and of what has ended."""
    as_of, reasons = change.seen.as_of, change.reasons
    others = unexplained(
        [each for each in change.found if each.what is not Happening.ENDED],
        reasons,
        since=change.since,
        as_of=as_of,
        looked_after=looked_after,
    )
    held_back = change.lately.held_back(others, as_of=as_of)
    waits = {id(each) for each in held_back}
    others = tuple(each for each in others if id(each) not in waits)
    # The end of what Portcullis keeps is logged by whoever looks after it.
    ended = [each for each in change.found if each.what is Happening.ENDED and not reasons.made_by(each)]
    events = tuple(
        change_event(
            each,
            made_by=[record.request_id for record in reasons.made_by(each)],
            since=change.lately.since(each, read_before=change.since),
            seen_at=as_of,
            at=now,
        )
        for each in (*others, *ended)
    )
    found = tuple(each for each in change.found if id(each) not in waits)
    return _Judged(found=found, others=others, held_back=held_back, events=events)


async def _gone_again(uow: UnitOfWork, changes: Sequence[tuple[_Change, _Judged]]) -> list[int]:
    """Write down which unrequested changes are gone, by whomever. Returns the readings whose alerts show them."""
    keys = await aside(sum(len(judged.found) for _, judged in changes), _no_more, changes)
    if not keys:
        return []
    stood = await uow.unrequested.open_in({place for place, _ in keys})
    over = [each for each in stood if each.after is not None and (each.held.place, each.held.key) in keys]
    await uow.unrequested.set_state([each.number for each in over], ChangeState.GONE)
    return sorted({each.reading for each in over})


def _no_more(changes: Sequence[tuple[_Change, _Judged]]) -> set[tuple[str, tuple[str, str, object]]]:
    """What the places don't hold any more, or hold as something else, by place and key."""
    return {
        (change.seen.place, each.held.key)
        for change, judged in changes
        for each in judged.found
        if each.what in {Happening.REMOVED, Happening.ENDED} or "action" in each.fields
    }


def _taken_out(change: _Change, others: Iterable[Difference]) -> list[Difference]:
    """Those of the differences by which a list doesn't hold an entry any more, in any of its policies."""
    name, others = list_of(change.seen.place), tuple(others)
    if name is None or change.seen.place == SAFE_LIST_PLACE or not others:
        return []
    still = {(held.action, comparable(name, held.value)) for held in change.seen.held}
    return [
        each
        for each in others
        if each.before is not None and (each.before.action, comparable(name, each.before.value)) not in still
    ]


async def _end_keeping(
    uow: UnitOfWork, taken: Sequence[Difference], reasons: Reasons, *, at: datetime
) -> list[NewEvent]:
    """Somebody else took out entries that requests keep: they keep them no more, and those who asked hear of it.

    Returns the events that tell it, to be appended. What came of a submission is told by whoever follows that.
    """
    by_request: dict[int, list[str]] = defaultdict(list)
    for each in taken:
        for record in reasons.made_by(each):
            by_request[record.request_id].append(record.value)
    events: list[NewEvent] = []
    for request_id, values in sorted(by_request.items()):
        request = await uow.requests.get(request_id)
        if request.operation is Operation.SUBMIT:
            continue
        keeper = await EntryKeeper.open(uow, request, values)
        own = [record for value in values for record in keeper.known.own(value)]
        items = [item for item in rules.items_kept(request, own) if item.state.holds]
        await uow.requests.set_items({item.id: (ItemState.REMOVED, CHANGED_BACK) for item in items})
        await keeper.end(values, "found missing", at=at)
        events += [looked_for_event(EventKind.ITEM_MISSING, request, item, at=at) for item in items]
        await notify(uow, request_id)
    return events


def _is_told(context: Context, event: Event) -> bool:
    """Whether the alert channel hears of what an event tells; the log has it in any case."""
    fields = event.payload["fields"]
    # A rule that blocks and was moved behind another may let mail through.
    is_block = event.payload["action"] == Action.BLOCK and not (isinstance(fields, list) and ORDER in fields)
    return event.payload["what"] != Happening.ENDED and not (is_block and context.tell_blocks is TellBlocks.LOG)
