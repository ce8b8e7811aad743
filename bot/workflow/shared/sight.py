"""Which places beside the lists can't be watched for want of a right: logged and told once, and logged when it is over.

A place that gave no answer for another reason is as it was: that passes, and `/check` says so meanwhile.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.domain.auditing.events import PORTCULLIS, EventKind, NewEvent
from bot.domain.lists.differences import Held
from bot.domain.overrides.override import PlaceReading
from bot.domain.overrides.sentences import unwatched
from bot.store import UnitOfWork
from bot.store.watched_places import prepare_places
from bot.workflow.shared.alerts import alert_unwatched

#: Kept like a place: it holds those that can't be watched, and the cmdlets that the app may not run.
_UNWATCHED = "unwatched"
_CMDLETS = "cmdlets"


async def note_sight(uow: UnitOfWork, readings: Sequence[PlaceReading], *, as_of: datetime, at: datetime) -> None:
    """Note which places of a reading lack a right, and have told what was not told yet. Alone with the places.

    `as_of` is when the reading began, `at` when it is kept.
    """
    kept = (await uow.places.kept([_UNWATCHED])).get(_UNWATCHED)
    if not readings or (kept is not None and kept.as_of > as_of):
        return
    before = {each.value: each for each in (await uow.places.held([_UNWATCHED])).get(_UNWATCHED, ())}
    now = {reading.place.value: held for reading in readings if (held := _held(reading, before)) is not None}
    [seen] = await prepare_places({_UNWATCHED: tuple(now.values())}, as_of=as_of)
    if kept is not None and kept.digest == seen.digest:
        return
    await uow.places.keep(seen)
    lost = [reading for reading in readings if reading.lacks and reading.place.value not in before]
    again = [before[place] for place in before if place not in now]
    events = [_event(EventKind.PORTAL_UNWATCHED, now[reading.place.value], at) for reading in lost]
    await uow.audit.append_all([*events, *(_event(EventKind.PORTAL_WATCHED, held, at) for held in again)])
    for reading in lost:
        await alert_unwatched(uow, details=unwatched(reading))


def _held(reading: PlaceReading, before: dict[str, Held]) -> Held | None:
    """The place, where it can't be watched; None where it can."""
    if reading.lacks:
        return Held(place=_UNWATCHED, value=reading.place.value, more={_CMDLETS: ", ".join(reading.lacks)})
    return None if reading.is_answered else before.get(reading.place.value)


def _event(kind: EventKind, held: Held, at: datetime) -> NewEvent:
    return NewEvent(
        kind=kind,
        actor=PORTCULLIS,
        target=held.value.replace("_", " "),
        payload={"place": held.value, "cmdlets": held.more[_CMDLETS]},
        at=at,
    )
