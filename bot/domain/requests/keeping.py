"""Who keeps an entry of the tenant's lists, and until when: the rules.

1. An entry has one keeper: the request that wants it there, until its own end.
2. Of several requests that add the same entry, the one with the later end keeps it (no end is the latest of all), so
   that none takes away what another still wants. With the same end, the one that keeps it already goes on.
3. An extension is the last word on an entry's end, an earlier one too: from then on its request keeps the entry.
4. What was found missing had ended: a record from before the list was read without the entry is not of an entry that
   came after it.
5. What is being taken out at its end can't be taken over: whoever wants it kept waits until it is gone. Only a request
   that was given up takes it over all the same, since nobody would come back for what it sent.
6. An entry that was there before is taken over by who adds it only where it must end, or where Portcullis knows it.
7. A removal ends the keeping, whoever keeps, and stops who is adding the entry just then; not whose addition was
   approved after it.
8. Notes change no keeper, and go with the entry from one keeper to the next.
9. While a removal may have been sent, nobody adds the same; while an addition may have been, nobody says it is gone.

Two spellings of one value are one entry. What is on record (`KnownEntry`) and a request come in; what ends, what is
handed over, what is kept, and what to say beside the items go out. Reading, locking and writing are the caller's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.auditing.events import PORTCULLIS, EventKind, NewEvent
from bot.domain.lists.change import Operation
from bot.domain.lists.comparison import comparable
from bot.domain.lists.entries import Entry
from bot.domain.lists.traits import Action
from bot.domain.requests.ends import ENDING, is_ours_to_end, until
from bot.domain.requests.known_entry import KnownEntry
from bot.domain.requests.request import Item, ItemState, Request, Status


class EntryRecords:
    """What is on record of the entries with some values, in whichever spelling, of a request's list and action."""

    def __init__(self, request: Request, entries: Iterable[KnownEntry]) -> None:
        """`entries` of other lists and of the other action are left out."""
        self._request = request
        self._by_key: dict[object, list[KnownEntry]] = defaultdict(list)
        for entry in entries:
            if entry.list is request.list and entry.action is request.action:
                self._by_key[comparable(entry.list, entry.value)].append(entry)

    def of(self, value: str) -> tuple[KnownEntry, ...]:
        """The records of this value, whichever request keeps the entry."""
        return tuple(self._by_key.get(comparable(self._request.list, value), ()))

    def own(self, value: str) -> tuple[KnownEntry, ...]:
        """Those by which the request itself keeps the entry."""
        return tuple(entry for entry in self.of(value) if entry.request_id == self._request.id)

    def others(self, value: str) -> tuple[KnownEntry, ...]:
        """Those by which other requests keep it."""
        return tuple(entry for entry in self.of(value) if entry.request_id != self._request.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping:
    """What becomes of the records once a request has added some entries."""

    missed: tuple[KnownEntry, ...]  #: those of entries that were found missing: they end
    handed_over: tuple[KnownEntry, ...]  #: those by which others kept an entry until now: they end, and people are told
    said: str  #: what the others' items say from now on
    kept: tuple[KnownEntry, ...]  #: the request's own, to be recorded, unless another's with a later end came meanwhile
    longer: Mapping[str, KnownEntry]  #: by value: what another request keeps until later, and goes on keeping


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    """What becomes of the records once a request has given some entries another end."""

    handed_over: tuple[KnownEntry, ...]  #: those by which others kept an entry until now: they end, and people are told
    said: str  #: what the others' items say from now on
    kept: tuple[KnownEntry, ...]  #: the request's own, to be recorded in any case
    moved: frozenset[str]  #: the values of which another end was on record; of those on no record: never


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation:
    """What becomes of the records once a request has given some entries other notes."""

    noted: tuple[KnownEntry, ...]  #: each with the same keeper as before, to be recorded in any case
    unknown: frozenset[str]  #: the values that are on no record


def takes_over(request: Request, entry: Entry | None, known: Collection[KnownEntry]) -> bool:
    """Whether a request to add keeps an entry that was there before it. `entry` is what the list has.

    Where the tenant keeps no end: an allow always, because it must end; a block only if a request of ours made it,
    because ending somebody else's block would let mail in that they wanted out. Where the tenant keeps ends: only an
    endless entry of ours, whose end is Portcullis's by one of the two requests.
    """
    if request.operation is not Operation.ADD:
        return False
    if not request.list.traits.keeps_ends:
        return request.action is Action.ALLOW or bool(known)
    endless = entry is not None and entry.expires is None and not entry.bounded_by_use
    return endless and bool(known) and (is_ours_to_end(request) or any(record.expires is not None for record in known))


def keep(request: Request, records: EntryRecords, values: Mapping[str, datetime | None], *, at: datetime) -> Keeping:
    """A request has added entries with these values, or takes them over.

    Each comes with the time at which the list was read and did not hold it; None where it did, or nobody knows.
    """
    missed: list[KnownEntry] = []
    handed_over: list[KnownEntry] = []
    kept: list[KnownEntry] = []
    longer: dict[str, KnownEntry] = {}
    for value, missing_at in values.items():
        others = records.others(value)
        alive = [record for record in others if missing_at is None or record.since >= missing_at]
        lasting = next((record for record in alive if _lasts_as_long(record, request)), None)
        if lasting is not None:
            longer[value] = lasting
            continue
        missed += [record for record in others if record not in alive]
        handed_over += alive
        kept.append(_own_record(request, value, alive, at))
    return Keeping(
        missed=tuple(missed),
        handed_over=tuple(handed_over),
        said=f"kept on, {until(request.expires)}, by #{request.proposal_id}",
        kept=tuple(kept),
        longer=longer,
    )


def extend(request: Request, records: EntryRecords, values: Collection[str], *, at: datetime) -> Extension:
    """A request has given entries with these values another end, whoever kept them before, if anybody did."""
    before = {value: records.others(value) for value in values}
    return Extension(
        handed_over=tuple(record for others in before.values() for record in others),
        said=f"given another end ({until(request.expires)}) by #{request.proposal_id}",
        kept=tuple(_own_record(request, value, others, at) for value, others in before.items()),
        moved=frozenset(value for value, others in before.items() if _is_moved(request, others)),
    )


def annotate(request: Request, records: EntryRecords, values: Collection[str]) -> Annotation:
    """A request has given entries with these values other notes: its reason."""
    return Annotation(
        noted=tuple(replace(record, notes=request.reason) for value in values for record in records.of(value)),
        unknown=frozenset(value for value in values if not records.of(value)),
    )


def items_kept(keeper: Request, entries: Collection[KnownEntry]) -> tuple[Item, ...]:
    """The items of a request that stand for entries which it keeps."""
    keys = {comparable(keeper.list, entry.value) for entry in entries}
    return tuple(item for item in keeper.items if comparable(keeper.list, item.value) in keys)


def may_be_handed_over(items: Collection[Item], *, given_up: bool = False) -> bool:
    """Whether another request may keep from now on what these items stand for.

    What is being taken out will be gone in a moment, whatever the list showed. `given_up`: who takes it over was.
    """
    return given_up or not any(item.outcome == ENDING for item in items)


def stopped_by(removal: Request, other: Request, *, approvals: Mapping[int, int]) -> Sequence[Item]:
    """The items of another request that must not be sent again after a removal of the same values.

    Those are the ones that it is adding just now. What was approved after the removal comes after it: `approvals` has,
    by request, the number of the event that approved it.
    """
    is_adding = (other.operation, other.action, other.status) == (Operation.ADD, removal.action, Status.APPLYING)
    if not is_adding or approvals.get(other.id, 0) > approvals.get(removal.id, 0):
        return ()
    return [item for item in other.items if item.state is ItemState.INTENDED]


def waits_for(request: Request, items: Collection[Item], other: Request) -> Sequence[str]:
    """The values that a request may not decide on before another that is under way has: what that one has sent may
    take effect yet, or has, and the list doesn't say which.

    What is being taken out is not added meanwhile: whichever of them a worker left undone would undo the other's. What
    is being added and isn't there yet is not said to be gone, unless this request may have taken it out itself: so no
    two of them wait for each other.
    """
    if other.status is not Status.APPLYING or other.action is not request.action:
        return ()
    sent = {comparable(other.list, item.value) for item in other.items if item.state is ItemState.INTENDED}
    named = [item for item in items if comparable(request.list, item.value) in sent]
    match request.operation, other.operation:
        case Operation.ADD, Operation.REMOVE:
            return [item.value for item in named]
        case Operation.REMOVE, Operation.ADD:
            return [item.value for item in named if item.state is not ItemState.INTENDED]
        case _:
            return ()


def removed_by(removal: Request) -> str:
    """What to say of an entry that a request took out."""
    return f"by #{removal.proposal_id}"


def removed_event(removal: Request, request_id: int, value: str, *, at: datetime) -> NewEvent:
    """What is logged of a request whose entry another one took out."""
    return NewEvent(
        kind=EventKind.ITEM_REMOVED,
        actor=PORTCULLIS,
        target=value,
        request_id=request_id,
        payload={"action": removal.action, "list": removal.list, "outcome": removed_by(removal)},
        at=at,
    )


def _own_record(request: Request, value: str, before: Collection[KnownEntry], at: datetime) -> KnownEntry:
    return KnownEntry(
        list=request.list,
        action=request.action,
        value=value,
        requester=request.requester,
        request_id=request.id,
        reason=request.reason,
        since=at,
        expires=request.expires,
        notes=next((record.notes for record in before if record.notes), ""),
    )


def _lasts_as_long(record: KnownEntry, request: Request) -> bool:
    return record.expires is None or (request.expires is not None and record.expires >= request.expires)


def _is_moved(request: Request, others: Collection[KnownEntry]) -> bool:
    if not others:
        return request.expires is not None
    return any(record.expires != request.expires for record in others)
