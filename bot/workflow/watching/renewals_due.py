"""Opens a renewal for each entry that is due: from then on its owner is asked.

In portions, each a transaction of its own that is alone with the renewals, of one owner after the other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from bot.domain.auditing.events import EventKind
from bot.domain.lists.change import Operation
from bot.domain.lists.comparison import comparable
from bot.domain.lists.traits import Action, ListName
from bot.domain.requests.known_entry import KnownEntry
from bot.domain.requests.renewal import Renewal
from bot.domain.requests.renewing import is_due, renewal_event
from bot.store import Job, UnitOfWork
from bot.workflow.shared.context import Context
from bot.workflow.shared.keeping import with_names

#: So many owners, and so many of an owner's entries, at a time.
_OWNERS = 200
_PORTION = 100


async def open_due(context: Context, job: Job) -> None:
    """Open a renewal for each entry that is due, and have its owner asked."""
    rules, now, last = context.renewing, context.now(), ""
    while True:
        async with context.store.read() as uow:
            owners = await uow.renewals.owners_due(rules, now=now, after=last, limit=_OWNERS)
        for owner in owners:
            after: int | None = 0
            while after is not None:
                after = await _open_some(context, job, owner, after)
        if len(owners) < _OWNERS:
            return
        last = owners[-1]


async def _open_some(context: Context, job: Job, owner: str, after: int) -> int | None:
    """Open a portion of an owner's; after which row the next one begins, or None."""
    rules, now = context.renewing, context.now()
    async with context.store.write() as uow:
        await uow.jobs.hold(job)
        await uow.alone_with("renewals")
        found = await uow.renewals.due(rules, owner, now=now, after=after, limit=_PORTION)
        entries = await with_names(uow, [entry for _, entry in found])
        # What came of a submission without having been asked for has no owner.
        asked = [each for each in entries if each.is_named and is_due(each, rules, now=now, ahead=True)]
        asked = await _undecided(uow, asked)
        if asked:
            opened = await uow.renewals.add(asked, at=now, answer_by=now + rules.answer_within)
            await uow.audit.append_all(
                [
                    renewal_event(EventKind.RENEWAL_DUE, each, at=now, answer_by=each.answer_by, since=entry.since)
                    for each, entry in _beside(opened, asked)
                ]
            )
    return found[-1][0] if len(found) == _PORTION else None


async def _undecided(uow: UnitOfWork, entries: Sequence[KnownEntry]) -> list[KnownEntry]:
    """Those of which no request under way decides whether they stay: what comes of that is waited for."""
    by_list: dict[ListName, list[KnownEntry]] = defaultdict(list)
    for each in entries:
        by_list[each.list].append(each)
    decided: set[tuple[ListName, Action, object]] = set()
    for name, members in by_list.items():
        for request in await uow.requests.naming(name, [each.value for each in members]):
            if request.operation in {Operation.EXTEND, Operation.REMOVE}:
                decided |= {(name, request.action, comparable(name, item.value)) for item in request.items}
    return [each for each in entries if (each.list, each.action, comparable(each.list, each.value)) not in decided]


def _beside(opened: Sequence[Renewal], entries: Sequence[KnownEntry]) -> list[tuple[Renewal, KnownEntry]]:
    known = {(entry.list, entry.action, entry.value): entry for entry in entries}
    return [(each, known[each.list, each.action, each.value]) for each in opened]
