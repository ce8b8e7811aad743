"""Which differences only show once more what a place held shortly before: they are told once a later reading confirms.

The service is spread over machines, and one of them may be some minutes behind: what somebody has just added is gone in
the next reading, and there again in the one after. So a difference that goes back to what was there before a change
that was told shortly before is held: what is kept of the place stays as it was told, and the next reading is held
against that. Once that time is over, `SHOWN_LATE` or less, a reading is believed whatever it shows: nothing is missed,
and what somebody really took back is told that much later at most, at the next reading.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain.lists.differences import ORDER, Difference, Held, is_same
from bot.domain.requests.explaining import SHOWN_LATE
from bot.domain.requests.unrequested import UnrequestedChange


class ToldLately:
    """The changes of one place that were told lately, by what they are about."""

    def __init__(self, changes: Iterable[UnrequestedChange], *, waits: timedelta = SHOWN_LATE) -> None:
        """`waits` is how long after a change was seen a reading that takes it back isn't believed."""
        self._waits = waits
        self._by_key: dict[object, list[UnrequestedChange]] = defaultdict(list)
        self._of_order: list[UnrequestedChange] = []
        for change in changes:
            self._by_key[change.held.key].append(change)
            if ORDER in change.fields:
                self._of_order.append(change)

    def held_back(self, found: Sequence[Difference], *, as_of: datetime) -> tuple[Difference, ...]:
        """Those of the differences that a later reading has to confirm. `as_of` is when this one began."""
        return tuple(
            each for each in found if any(as_of < change.seen_at + self._waits for change in self._taken_back(each))
        )

    def since(self, found: Difference, *, read_before: datetime) -> datetime:
        """Since when a difference may be there; `read_before` is when the place was read before.

        It may have been held back then: it is certain only that it wasn't there when the change was seen that it takes
        back.
        """
        return min(
            (change.seen_at for change in self._taken_back(found) if read_before < change.seen_at + self._waits),
            default=read_before,
        )

    def _taken_back(self, found: Difference) -> Iterable[UnrequestedChange]:
        """The changes before which the place held what it shows now."""
        if found.fields == (ORDER,):
            # Of rules that change places back, another may be named than the first time.
            return self._of_order
        return (change for change in self._by_key.get(found.held.key, ()) if _is_same(change.before, found.after))


def as_told(before: Iterable[Held], after: Iterable[Held], held_back: Sequence[Difference]) -> tuple[Held, ...]:
    """What is kept of a place: what it shows now, but for what is held back, which stays as it was."""
    old = {each.key: each for each in reversed(list(before))}
    keys = {each.held.key for each in held_back}
    kept = [each for each in after if each.key not in keys]
    kept += [old[key] for key in keys if key in old]
    if any(ORDER in each.fields for each in held_back):
        # All of the order, or it would be neither the one nor the other.
        kept = [replace(each, position=old[each.key].position) if each.key in old else each for each in kept]
    return tuple(kept)


def _is_same(was: Held | None, held: Held | None) -> bool:
    if was is None or held is None:
        return was is held
    return is_same(was, held)
