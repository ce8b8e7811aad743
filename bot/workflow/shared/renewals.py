"""Renewals and what is on record of their entries, looked up many at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from bot.domain.lists.comparison import comparable
from bot.domain.lists.traits import Action, ListName
from bot.domain.requests.known_entry import KnownEntry
from bot.domain.requests.renewal import Renewal
from bot.store import UnitOfWork
from bot.store.databases import NAMED_AT_ONCE
from bot.workflow.shared.keeping import records


async def renewals_about(
    uow: UnitOfWork, name: ListName, action: Action, values: Collection[str], *, lock: bool = False
) -> list[Renewal]:
    """The open renewals of the entries with some values, in whichever spelling."""
    # What waits for an answer is little: of thousands of values it is looked for the other way round.
    named = None if name.traits.spellings_vary or len(values) > NAMED_AT_ONCE else values
    found = await uow.renewals.about(name, action, named, lock=lock and named is not None)
    keys = {comparable(name, value) for value in values} if found else set()
    about = [each for each in found if comparable(name, each.value) in keys]
    if lock and named is None and about:
        return list((await uow.renewals.find([each.id for each in about], lock=True)).values())
    return about


async def entries_of(uow: UnitOfWork, renewals: Sequence[Renewal]) -> Mapping[int, KnownEntry]:
    """What is on record of their entries now, by the renewals' numbers; of one that is gone, nothing."""
    by_list: dict[ListName, list[Renewal]] = defaultdict(list)
    for each in renewals:
        by_list[each.list].append(each)
    found: dict[int, KnownEntry] = {}
    for name, members in by_list.items():
        known = {
            (entry.action, comparable(name, entry.value)): entry
            for entry in await records(uow, name, [each.value for each in members])
        }
        for each in members:
            entry = known.get((each.action, comparable(name, each.value)))
            if entry is not None:
                found[each.id] = entry
    return found
