"""What a request keeps in the tenant: which request an entry is for, and until when.

An entry has one keeper. Where several requests add the same value, the one with the later end keeps it, so that none
takes away what another still wants. An extension is the last word on an entry's end, an earlier one too: from then on
its request keeps the entry.

Everything here takes a stride of values, within one transaction: first it locks what is known of them, then it changes
items. Whoever else does so keeps to that order.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from bot.domain.auditing.events import PORTCULLIS, EventKind
from bot.domain.lists.change import Operation
from bot.domain.lists.comparison import comparable
from bot.domain.lists.entries import Entry
from bot.domain.lists.traits import Action, ListName, end_rule
from bot.domain.requests.known_entry import KnownEntry
from bot.domain.requests.request import Item, ItemState, Request, Status
from bot.errors import TenantUnavailable
from bot.store import NewEvent, UnitOfWork
from bot.workflow.shared.jobs import notify
from bot.workflow.shared.outcome_texts import ENDING, until
from bot.workflow.shared.requested_change import is_ours_to_end

#: Lists whose values have several spellings in normal form (a range, a network), and few entries: they are looked
#: through whole.
_LOOKED_THROUGH = frozenset({ListName.CONNECTION_FILTER, ListName.SPOOF})


class EntryRecords:
    """What is known of the entries with some values, in whichever spelling, of a request's list and action."""

    def __init__(self, request: Request, entries: Iterable[KnownEntry]) -> None:
        self._list = request.list
        self._by_key: dict[object, list[KnownEntry]] = defaultdict(list)
        for entry in entries:
            if entry.list is request.list and entry.action == request.action:
                self._by_key[comparable(entry.list, entry.value)].append(entry)

    def of(self, value: str) -> list[KnownEntry]:
        """The known entries with this value."""
        return self._by_key.get(comparable(self._list, value), [])


async def records(uow: UnitOfWork, name: ListName, values: Collection[str], *, lock: bool = False) -> list[KnownEntry]:
    """What is on record of some values in a list, whichever action they have; in a short list, of all of them."""
    return await uow.known.active(name, values=None if name in _LOOKED_THROUGH else values, lock=lock)


async def records_of(uow: UnitOfWork, request: Request, values: Collection[str], *, lock: bool = False) -> EntryRecords:
    """What is known of some values, in a request's list. With `lock`, it stays so until the transaction ends."""
    return EntryRecords(request, await records(uow, request.list, values, lock=lock))


async def kept_by(uow: UnitOfWork, request: Request) -> EntryRecords:
    """What a request keeps."""
    return EntryRecords(request, await uow.known.active(request.list, request_id=request.id))


def takes_over(request: Request, entry: Entry | None, known: Collection[KnownEntry]) -> bool:
    """Whether a request to add keeps an entry that was there before it. `entry` is what the list has.

    Where the tenant keeps no end: an allow always, because it must end; a block only if a request of ours made it,
    because ending somebody else's block would let mail in that they wanted out. Where the tenant keeps ends: only an
    endless entry of ours, whose end is Portcullis's by one of the two requests.
    """
    if request.operation is not Operation.ADD:
        return False
    if not end_rule(request.list, request.action).service_keeps_end:
        return request.action is Action.ALLOW or bool(known)
    endless = entry is not None and entry.expires is None and not entry.bounded_by_use
    return endless and bool(known) and (is_ours_to_end(request) or any(one.expires is not None for one in known))


async def keep(
    uow: UnitOfWork,
    request: Request,
    values: Mapping[str, datetime | None],
    *,
    at: datetime,
    given_up: bool = False,
) -> dict[str, KnownEntry]:
    """Keep entries for the request that added them, until its end. Returns, by value, those that another keeps longer.

    A value comes with the time at which the list was read and did not hold it: what was known before that had ended;
    None where it did hold it, or nobody knows. Raises TenantUnavailable while one of them is being taken out, unless
    the request is `given_up`: then nobody would come back.
    """
    known = await records_of(uow, request, values.keys(), lock=True)
    longer: dict[str, KnownEntry] = {}
    gone: list[KnownEntry] = []
    handed_over: list[KnownEntry] = []
    kept: list[KnownEntry] = []
    for value, missing_at in values.items():
        others = [entry for entry in known.of(value) if entry.request_id != request.id]
        alive = [entry for entry in others if missing_at is None or entry.since >= missing_at]
        lasting = next((entry for entry in alive if _lasts_as_long(entry, request)), None)
        if lasting is not None:
            longer[value] = lasting
            continue
        gone += [entry for entry in others if entry not in alive]
        handed_over += alive
        kept.append(_kept(request, value, alive, at))
    await uow.known.end_all(gone, at, "found missing")
    how = f"kept on, {until(request.expires)}, by request {request.id}"
    await _hand_over(uow, handed_over, at, how, late=given_up)
    # What another request has recorded since, until later, stays its own.
    await uow.known.put_all(kept)
    return longer


async def extend(uow: UnitOfWork, request: Request, values: Collection[str], *, at: datetime) -> frozenset[str]:
    """Keep entries for the request that gave them another end, whoever kept them before, if anybody did.

    Returns the values of which another end was on record until now (of those that nobody kept: never). Raises
    TenantUnavailable while one of them is being taken out.
    """
    known = await records_of(uow, request, values, lock=True)
    before = {value: [one for one in known.of(value) if one.request_id != request.id] for value in values}
    await _hand_over(
        uow,
        [entry for entries in before.values() for entry in entries],
        at,
        f"given another end ({until(request.expires)}) by request {request.id}",
    )
    await uow.known.put_all([_kept(request, value, entries, at) for value, entries in before.items()], replace=True)
    return frozenset(
        value
        for value, entries in before.items()
        if {entry.expires for entry in entries} - {request.expires} or (not entries and request.expires is not None)
    )


async def annotate(uow: UnitOfWork, request: Request, values: Collection[str]) -> frozenset[str]:
    """Note the new notes of entries, whoever keeps them. Returns the values of which Portcullis knows nothing."""
    known = await records_of(uow, request, values, lock=True)
    await uow.known.put_all(
        [replace(entry, notes=request.reason) for value in values for entry in known.of(value)], replace=True
    )
    return frozenset(value for value in values if not known.of(value))


async def release_entries(
    uow: UnitOfWork, request: Request, values: Collection[str], *, at: datetime
) -> list[NewEvent]:
    """After a removal: the requests that kept the entries must neither confirm nor end them any more, and those that
    are adding them just now must not send them again.

    Returns the events that tell it, to be appended.
    """
    known = await records_of(uow, request, values, lock=True)
    how = f"by request {request.id}"
    ended = await uow.known.end_all([entry for value in values for entry in known.of(value)], at, how)
    events: list[NewEvent] = []
    for keeper, entries in _by_request(ended).items():
        items = await _items_of(uow, keeper, entries)
        await uow.requests.set_items({item.id: (ItemState.REMOVED, how) for item in items})
        await notify(uow, keeper)
        events += [_removed(request, keeper, entry.value, how, at) for entry in entries]
    for other in await uow.requests.naming(request.list, values, but=request.id):
        adds = (other.operation, other.action, other.status) == (Operation.ADD, request.action, Status.APPLYING)
        if not adds or other.id > request.id:
            continue  # what was asked for after the removal comes after it
        sent = [item for item in other.items if item.state is ItemState.INTENDED]
        await uow.requests.set_items({item.id: (ItemState.REMOVED, how) for item in sent})
        events += [_removed(request, other.id, item.value, how, at) for item in sent]
    return events


def _removed(request: Request, keeper: int, value: str, how: str, at: datetime) -> NewEvent:
    return NewEvent(
        kind=EventKind.ITEM_REMOVED,
        actor=PORTCULLIS,
        target=value,
        request_id=keeper,
        payload={"action": request.action, "list": request.list, "outcome": how},
        at=at,
    )


async def _hand_over(
    uow: UnitOfWork, entries: Collection[KnownEntry], at: datetime, how: str, *, late: bool = False
) -> None:
    """End what other requests keep, and say so in their items.

    What one of them is taking out at its end will be gone in a moment, whatever the list showed: nobody can take it
    over then, unless it is `late` and what was sent must be kept by somebody.
    """
    for keeper, ended in _by_request(await uow.known.end_all(entries, at, how)).items():
        items = await _items_of(uow, keeper, ended)
        if not late and any(item.outcome == ENDING for item in items):
            raise TenantUnavailable(
                f"What request {keeper} has kept until now has come to its end, and is being removed.",
                "Portcullis reads the list again once it is gone.",
            )
        await uow.requests.set_items({item.id: (item.state, how) for item in items})
        await notify(uow, keeper)


async def _items_of(uow: UnitOfWork, request_id: int, entries: Collection[KnownEntry]) -> list[Item]:
    request = await uow.requests.get(request_id)
    keys = {comparable(request.list, entry.value) for entry in entries}
    return [item for item in request.items if comparable(request.list, item.value) in keys]


def _by_request(entries: Iterable[KnownEntry]) -> dict[int, list[KnownEntry]]:
    grouped: dict[int, list[KnownEntry]] = defaultdict(list)
    for entry in entries:
        grouped[entry.request_id].append(entry)
    return dict(sorted(grouped.items()))


def _kept(request: Request, value: str, before: Collection[KnownEntry], at: datetime) -> KnownEntry:
    return KnownEntry(
        list=request.list,
        action=request.action,
        value=value,
        requester=request.requester,
        request_id=request.id,
        reason=request.reason,
        since=at,
        expires=request.expires,
        notes=next((entry.notes for entry in before if entry.notes), ""),
    )


def _lasts_as_long(entry: KnownEntry, request: Request) -> bool:
    return entry.expires is None or (request.expires is not None and entry.expires >= request.expires)
