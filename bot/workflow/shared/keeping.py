"""Keeping entries for requests, within one transaction: the rules are those of `bot.domain.requests.keeping`.

Everything takes a stride of values. First it locks what is on record of them, then it changes items: so do all who
write records, in this order, and an `EntryKeeper` can't be had without the lock.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from bot.domain.auditing.events import NewEvent
from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action, ListName
from bot.domain.requests import keeping as rules
from bot.domain.requests.binding import Purpose
from bot.domain.requests.keeping import EntryRecords
from bot.domain.requests.known_entry import KnownEntry
from bot.domain.requests.request import Item, ItemState, Request
from bot.domain.submissions.unnamed import is_named
from bot.errors import TenantUnavailable
from bot.store import UnitOfWork
from bot.workflow.shared.jobs import notify


async def records(uow: UnitOfWork, name: ListName, values: Collection[str]) -> list[KnownEntry]:
    """What is on record of some values in a list, whichever action they have; in a short list, of all of them.

    To be read, not to be acted on: it may be another by the time of the next statement.
    """
    return await _records(uow, name, values, lock=False)


async def alone_with_records(uow: UnitOfWork, request: Request) -> None:
    """Until this unit of work ends, nobody else records what was added to a request's list, or removed from it.

    Of an entry that is on no record yet there is nothing to lock: an addition and a removal that are recorded at the
    same time would not see each other. To be said before anything is read that either of them changes.
    """
    if request.operation in {Operation.ADD, Operation.REMOVE}:
        await uow.alone_with(f"records:{request.list}:{request.action}")


async def kept_by(uow: UnitOfWork, request: Request) -> EntryRecords:
    """What a request keeps. To be read, not to be acted on."""
    return EntryRecords(request, await uow.known.active(request.list, request_id=request.id))


async def items_kept(uow: UnitOfWork, request_id: int, entries: Sequence[KnownEntry]) -> Sequence[Item]:
    """The items of a request that stand for some of the entries that it keeps: no more of it is read than these, unless
    the tenant spells the values in its own way."""
    spellings_vary = any(entry.list.traits.spellings_vary for entry in entries)
    request = (
        await uow.requests.get(request_id)
        if spellings_vary
        else await uow.requests.with_values(request_id, [entry.value for entry in entries])
    )
    return rules.items_kept(request, entries)


async def with_names(uow: UnitOfWork, records: Sequence[KnownEntry]) -> list[KnownEntry]:
    """The same records, each with whether its request names it: what came of a submission may be another thing."""
    submissions: dict[int, Request] = {}
    for request_id in {record.request_id for record in records if record.action is Action.ALLOW}:
        if (await uow.requests.summary(request_id, items=1)).operation is Operation.SUBMIT:
            submissions[request_id] = await uow.requests.get(request_id)
    return [
        replace(record, is_named=is_named(submissions[record.request_id], record.list, record.value))
        if record.request_id in submissions
        else record
        for record in records
    ]


class EntryKeeper:
    """What is kept of a stride of values, in one request's list and with its action, and what it does to that.

    Opened, it holds the records of these values locked until the transaction ends. Each value can be recorded once: by
    `keep`, `extend`, `annotate`, `release` or `end`. A value recorded twice, or not of the stride, is a ValueError.
    """

    def __init__(self, uow: UnitOfWork, request: Request, values: Collection[str], known: EntryRecords) -> None:
        """Not to be called but by `open`."""
        self._uow = uow
        self._request = request
        self._remaining = set(values)
        self.known = known  #: what was on record when it was opened

    @classmethod
    async def open(cls, uow: UnitOfWork, request: Request, values: Collection[str]) -> EntryKeeper:
        """Lock what is on record of the values. To be opened before any item is changed in this transaction."""
        found = await _records(uow, request.list, values, lock=True)
        return cls(uow, request, values, EntryRecords(request, found))

    async def keep(
        self, values: Mapping[str, datetime | None], *, at: datetime, given_up: bool = False
    ) -> Mapping[str, KnownEntry]:
        """Keep entries for the request, which added them. Returns, by value, those that another keeps until later.

        A value comes with the time at which the list was read and did not hold it: what was known before that had
        ended; None where it did hold it, or nobody knows. Raises TenantUnavailable while one of them is being taken
        out, unless the request is `given_up`: then nobody would come back.
        """
        self._mark_recorded(values)
        keeping = rules.keep(self._request, self.known, values, at=at)
        await self._hand_over(keeping.handed_over, keeping.said, at=at, given_up=given_up)
        await self._uow.known.end_all(keeping.missed, at, "found missing")
        # What another request has recorded since, until later, stays its own.
        await self._uow.known.put_all(keeping.kept)
        return keeping.longer

    async def extend(self, values: Collection[str], *, at: datetime) -> frozenset[str]:
        """Keep entries for the request, which gave them another end, whoever kept them before, if anybody did.

        Returns the values of which another end was on record until now (of those that nobody kept: never). Raises
        TenantUnavailable while one of them is being taken out.
        """
        self._mark_recorded(values)
        extension = rules.extend(self._request, self.known, values, at=at)
        await self._hand_over(extension.handed_over, extension.said, at=at)
        await self._uow.known.put_all(extension.kept, replace=True)
        return extension.moved

    async def annotate(self, values: Collection[str]) -> frozenset[str]:
        """Note the request's notes, whoever keeps the entries. Returns the values of which nothing is on record."""
        self._mark_recorded(values)
        annotation = rules.annotate(self._request, self.known, values)
        await self._uow.known.put_all(annotation.noted, replace=True)
        return annotation.unknown

    async def release(self, values: Collection[str], *, at: datetime) -> list[NewEvent]:
        """The request has removed entries: those that kept them must neither confirm nor end them any more, and those
        that are adding them just now must not send them again.

        Returns the events that tell it, to be appended.
        """
        self._mark_recorded(values)
        uow, removal, how = self._uow, self._request, rules.removed_by(self._request)
        ended = await uow.known.end_all([entry for value in values for entry in self.known.of(value)], at, how)
        events: list[NewEvent] = []
        for keeper, entries in _by_request(ended).items():
            items = await items_kept(uow, keeper, entries)
            await uow.requests.set_items({item.id: (ItemState.REMOVED, how) for item in items})
            await notify(uow, keeper)
            events += [rules.removed_event(removal, keeper, entry.value, at=at) for entry in entries]
        others = await uow.requests.naming(removal.list, values, but=removal.id)
        approvals = await uow.audit.approvals([removal.id, *(other.id for other in others)]) if others else {}
        for other in others:
            stopped = rules.stopped_by(removal, other, approvals=approvals)
            await uow.requests.set_items({item.id: (ItemState.REMOVED, how) for item in stopped})
            events += [rules.removed_event(removal, other.id, item.value, at=at) for item in stopped]
        return events

    async def end(self, values: Collection[str], how: str, *, at: datetime) -> None:
        """The request itself keeps these entries no more. What another keeps of the same values stays."""
        self._mark_recorded(values)
        await self._uow.known.end_all([entry for value in values for entry in self.known.own(value)], at, how)

    def _mark_recorded(self, values: Iterable[str]) -> None:
        for value in set(values):
            if value not in self._remaining:
                raise ValueError(f"{value!r} is not one of the values that this keeper still holds.")
            self._remaining.remove(value)

    async def _hand_over(
        self, entries: Collection[KnownEntry], said: str, *, at: datetime, given_up: bool = False
    ) -> None:
        """End what other requests keep, and say so in their items."""
        for keeper, handed_over in _by_request(entries).items():
            items = await items_kept(self._uow, keeper, handed_over)
            proposal = await self._uow.requests.proposal_of(keeper)
            if not rules.may_be_handed_over(items, given_up=given_up):
                raise TenantUnavailable(
                    f"The entries of #{proposal} have reached their end date, and are being removed.",
                    "Portcullis reads the list again once they are gone.",
                )
            await self._uow.requests.set_items({item.id: (item.state, said) for item in items})
            # No event of its own, so no other version: its card is rendered anew all the same.
            for purpose in (Purpose.CARD, Purpose.COPY):
                await self._uow.messages.outdate(proposal, purpose)
            await notify(self._uow, keeper)
        await self._uow.known.end_all(entries, at, said)


async def _records(uow: UnitOfWork, name: ListName, values: Collection[str], *, lock: bool) -> list[KnownEntry]:
    return await uow.known.active(name, values=None if name.traits.spellings_vary else values, lock=lock)


def _by_request(entries: Iterable[KnownEntry]) -> dict[int, list[KnownEntry]]:
    grouped: dict[int, list[KnownEntry]] = defaultdict(list)
    for entry in entries:
        grouped[entry.request_id].append(entry)
    return dict(sorted(grouped.items()))
