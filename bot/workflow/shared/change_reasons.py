"""What of Portcullis's own doing may explain how a place differs from when it was last read."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.aside import aside
from bot.domain.lists.change import Operation
from bot.domain.lists.comparison import comparable
from bot.domain.lists.differences import SAFE_LIST_PLACE, Difference
from bot.domain.lists.traits import ListName
from bot.domain.requests.explaining import SHOWN_LATE, SUBMISSION, Doing, Reasons, goes_by_record
from bot.domain.requests.requested_change import change_for
from bot.store import UnitOfWork
from bot.store.acts import ItemAct
from bot.store.watched_places import WatchedPlace

#: Of so many differences the values are named in a statement.
_FEW = 100


def list_of(place: str) -> ListName | None:
    """The list whose requests may explain how a place differs."""
    if place == SAFE_LIST_PLACE:
        return ListName.CONNECTION_FILTER
    return ListName(place) if place in set(ListName) else None


async def reasons_for(
    uow: UnitOfWork,
    name: ListName,
    seen: WatchedPlace,
    since: datetime,
    found: Sequence[Difference],
    *,
    looked_after: timedelta,
) -> Reasons:
    """What is on record that may explain how a list differs from when it was last read, at `since`: no more of it than
    it takes to explain all of it. `looked_after` is how long after a change somebody looks whether it still stands.

    More only explains more: so what was done to the very values that differ is asked for first. That is the usual case,
    and what was done to all others in these minutes may be thousands of rows.
    """
    if len(found) <= _FEW:
        made = await _made(uow, name, seen, since, found, values={each.held.value for each in found})
        if not goes_by_record(found, made, since=since, as_of=seen.as_of, looked_after=looked_after):
            return made
    made = await _made(uow, name, seen, since, found)
    known = await uow.known.active(name)
    return await aside(len(known) + len(made.acts), lambda: replace(made, known=tuple(known)))


async def _made(
    uow: UnitOfWork,
    name: ListName,
    seen: WatchedPlace,
    since: datetime,
    found: Sequence[Difference],
    *,
    values: Collection[str] | None = None,
) -> Reasons:
    """What requests did, or do, to what differs: with `values` only where it was done to one of these spellings."""
    acts = await uow.acts.of_list(name, since=since - SHOWN_LATE, now=seen.as_of, values=values)
    # Of thousands that were done in these minutes, those to what differs: nothing else is looked up of the reasons.
    done = await aside(len(acts) + len(found), lambda: _to_what_differs(name, acts, found))
    requests = await uow.requests.without_items({act.request_id for act in done})
    ends = {number: change_for(request, ()).expires for number, request in requests.items()}
    submitted = any(each.held.origin.casefold() == SUBMISSION.casefold() for each in found)
    references, submitting = await uow.acts.submissions() if submitted else (frozenset[str](), frozenset[int]())

    def reasons() -> Reasons:
        doings = [
            Doing(
                request_id=act.request_id,
                operation=Operation.REMOVE if act.is_end else requests[act.request_id].operation,
                action=requests[act.request_id].action,
                list=name,
                value=act.value,
                expires=None if act.is_end else ends[act.request_id],
                at=act.at,
                is_looked_after=not act.is_end,
            )
            for act in done
        ]
        return Reasons(acts=tuple(doings), submissions=references, submitting=submitting)

    return await aside(len(done), reasons)


def _to_what_differs(name: ListName, acts: Sequence[ItemAct], found: Sequence[Difference]) -> list[ItemAct]:
    differ = {comparable(name, each.held.value) for each in found}
    return [act for act in acts if comparable(name, act.value) in differ]
