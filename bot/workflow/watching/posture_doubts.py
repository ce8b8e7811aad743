"""What the posture finds only because the service is behind: it may show once more what has just been taken out.

That is kept, and told, once a later reading confirms it, as `bot.domain.requests.going_back` has it of other changes.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from bot.domain.lists.differences import Held
from bot.domain.lists.traits import Action
from bot.domain.posture.same import name_of, names_of
from bot.domain.posture.scans import Changes
from bot.store import UnitOfWork
from bot.workflow.shared.change_reasons import list_of
from bot.workflow.shared.context import Context


async def believed(context: Context, changed: Changes, *, as_of: datetime) -> Changes:
    """How the findings differ, without what is new and may be gone in the next reading. `as_of` is when what was judged
    was read."""
    places = {finding.place for finding in changed.added.values()}
    if not places:
        return changed
    async with context.store.read() as uow:
        gone = await _taken_out(uow, places, as_of - context.may_be_behind, now=as_of)
    if not gone:
        return changed
    return replace(changed, added={key: each for key, each in changed.added.items() if name_of(each) not in gone})


async def _taken_out(uow: UnitOfWork, places: Collection[str], since: datetime, *, now: datetime) -> frozenset[object]:
    """What was taken out of some places since a time, or switched off in them, by whomever; or was sent to be."""
    gone: set[object] = set()
    for place in sorted(places):
        for change in await uow.unrequested.seen_since(place, since):
            if change.after is None:
                gone |= names_of(change.held)
        if (name := list_of(place)) is None:
            continue
        acts = await uow.acts.of_list(name, since=since, now=now)
        requests = await uow.requests.without_items({act.request_id for act in acts if not act.is_end})
        for act in acts:
            if act.is_end or requests[act.request_id].operation.takes_out:
                gone |= names_of(Held(place=place, value=act.value, action=Action.ALLOW.value))
    return frozenset(gone)
