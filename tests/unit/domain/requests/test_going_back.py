"""What only shows once more what was there before is held until a later reading confirms it; nothing is missed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.lists.differences import ORDER, Difference, Happening, Held, differences
from bot.domain.requests.explaining import SHOWN_LATE
from bot.domain.requests.going_back import ToldLately, as_told
from bot.domain.requests.unrequested import UnrequestedChange

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)

BLOCK = Held(place="sender", value="evil.example", action="block")
NOTED = replace(BLOCK, note="mine")
ALLOW = replace(BLOCK, action="allow")
RULE = Held(place="mail_flow_rules", value="Partner", action="allow", position=0)


def change(
    before: Held | None, after: Held | None, *, minutes: float = 5, fields: tuple[str, ...] = ()
) -> UnrequestedChange:
    what = Happening.ADDED if before is None else Happening.REMOVED if after is None else Happening.CHANGED
    seen_at = NOW - minutes * MINUTE
    return UnrequestedChange(
        number=1,
        reading=1,
        what=what,
        before=before,
        after=after,
        fields=fields,
        seen_at=seen_at,
        since=seen_at - 15 * MINUTE,
        made_by=(),
    )


def shown(before: Held | None, after: Held | None, *fields: str) -> Difference:
    if before is not None and after is not None:
        return Difference(what=Happening.CHANGED, before=before, after=after, fields=fields or ("note",))
    what = Happening.ADDED if before is None else Happening.REMOVED
    return Difference(what=what, before=before, after=after)


@pytest.mark.parametrize(
    ("told", "found", "waits"),
    [
        (change(None, BLOCK), shown(BLOCK, None), True),
        (change(BLOCK, None), shown(None, BLOCK), True),
        (change(BLOCK, NOTED), shown(NOTED, BLOCK), True),
        (change(BLOCK, ALLOW), shown(ALLOW, BLOCK, "action"), True),
        # Something that was never there is told at once.
        (change(None, BLOCK), shown(BLOCK, ALLOW, "action"), False),
        (change(None, BLOCK), shown(BLOCK, NOTED), False),
        (change(BLOCK, None), shown(None, ALLOW), False),
        (change(None, replace(BLOCK, value="other.example")), shown(BLOCK, None), False),
        # Once no machine of the service is behind any more, a reading is believed.
        (change(None, BLOCK, minutes=9.9), shown(BLOCK, None), True),
        (change(None, BLOCK, minutes=10), shown(BLOCK, None), False),
        # Of rules that change places, another may be named when they change back.
        (
            change(RULE, replace(RULE, position=1), fields=(ORDER,)),
            shown(replace(RULE, value="Ban", position=0), replace(RULE, value="Ban", position=1), ORDER),
            True,
        ),
    ],
)
def test_what_waits_for_a_later_reading(told: UnrequestedChange, found: Difference, waits: bool) -> None:
    assert ToldLately([told]).held_back([found], as_of=NOW) == ((found,) if waits else ())


def test_what_may_have_been_held_back_may_be_there_since_it_was_told() -> None:
    told, gone = change(None, BLOCK, minutes=20), shown(BLOCK, None)
    lately = ToldLately([told])
    assert lately.since(gone, read_before=NOW - 15 * MINUTE) == told.seen_at
    assert lately.since(gone, read_before=NOW - 5 * MINUTE) == NOW - 5 * MINUTE, "that reading was believed"
    other = shown(None, replace(BLOCK, value="other.example"))
    assert lately.since(other, read_before=NOW - 15 * MINUTE) == NOW - 15 * MINUTE


def test_what_is_kept_is_what_was_told() -> None:
    other = replace(BLOCK, value="other.example")
    assert as_told([BLOCK], [other], [shown(BLOCK, None)]) == (other, BLOCK)
    assert as_told([], [BLOCK, other], [shown(None, BLOCK)]) == (other,)
    assert as_told([NOTED], [BLOCK, other], [shown(NOTED, BLOCK)]) == (other, NOTED)


def test_of_rules_that_changed_places_the_whole_order_is_kept() -> None:
    before = [replace(RULE, value=name, position=position) for position, name in enumerate("ABC")]
    after = [replace(each, position=2 - (each.position or 0)) for each in before]
    moved = [each for each in differences(before, after, now=NOW) if ORDER in each.fields]
    assert moved
    kept = as_told(before, after, moved)
    assert differences(before, kept, now=NOW) == ()
    assert differences(kept, after, now=NOW) == tuple(moved)


@dataclass
class _Watch:
    """What the watch of one place does with its readings, in memory."""

    base: tuple[Held, ...]
    read_at: datetime
    told: list[UnrequestedChange]

    def read(self, held: tuple[Held, ...], as_of: datetime) -> None:
        found = differences(self.base, held, now=as_of)
        lately = ToldLately([each for each in self.told if each.seen_at > self.read_at - SHOWN_LATE])
        waits = lately.held_back(found, as_of=as_of)
        for each in found:
            if each not in waits:
                self.told.append(
                    UnrequestedChange(
                        number=len(self.told),
                        reading=0,
                        what=each.what,
                        before=each.before,
                        after=each.after,
                        fields=each.fields,
                        seen_at=as_of,
                        since=lately.since(each, read_before=self.read_at),
                        made_by=(),
                    )
                )
        self.base, self.read_at = as_told(self.base, held, waits), as_of


VALUES = ["a.example", "b.example"]
STATES = st.lists(st.sampled_from(VALUES), unique=True).flatmap(
    lambda values: st.tuples(*(st.sampled_from([("block", ""), ("block", "n"), ("allow", "")]) for _ in values)).map(
        lambda kinds: tuple(
            Held(place="sender", value=value, action=action, note=note)
            for value, (action, note) in zip(values, kinds, strict=True)
        )
    )
)
#: What happens: somebody edits the place, or it is read from a machine that is so many minutes behind.
STEPS = st.lists(
    st.tuples(st.integers(1, 12), st.one_of(STATES, st.integers(0, 9))),
    max_size=15,
)


@given(first=STATES, steps=STEPS)
def test_nothing_is_missed_and_nothing_is_told_that_never_was(
    first: tuple[Held, ...], steps: list[tuple[int, tuple[Held, ...] | int]]
) -> None:
    history = [(NOW - timedelta(days=1), first)]
    watch = _Watch(base=first, read_at=NOW, told=[])
    now = NOW
    for minutes, step in steps:
        now += minutes * MINUTE
        if isinstance(step, int):
            seen = max((each for each in history if each[0] <= now - step * MINUTE), key=lambda each: each[0])
            watch.read(seen[1], now)
        else:
            history.append((now, step))
    # What is read once no machine is behind any more is believed.
    watch.read(history[-1][1], now + SHOWN_LATE)
    assert differences(watch.base, history[-1][1], now=now) == ()
    for value in VALUES:
        told = [each for each in watch.told if each.held.value == value]
        chain = [next((held for held in first if held.value == value), None), *(each.after for each in told)]
        assert chain[-1] == next((held for held in history[-1][1] if held.value == value), None)
        assert all(each.before == was for each, was in zip(told, chain, strict=False))
        assert all(each.since < each.seen_at for each in told)
        was_there = [next((held for held in state if held.value == value), None) for _, state in history]
        assert all(held in was_there for held in chain)


@given(edited_at=st.integers(0, 9), readings=st.lists(st.tuples(st.integers(0, 4), st.integers(0, 9)), max_size=20))
def test_one_edit_is_told_once_however_far_behind_the_readings_are(
    edited_at: int, readings: list[tuple[int, int]]
) -> None:
    watch = _Watch(base=(), read_at=NOW, told=[])
    now = NOW
    for minutes, behind in readings:
        now += minutes * MINUTE
        watch.read((BLOCK,) if now - behind * MINUTE >= NOW + edited_at * MINUTE else (), now)
    watch.read((BLOCK,), NOW + timedelta(hours=2))
    assert [each.what for each in watch.told] == [Happening.ADDED]
    assert all(one.seen_at <= other.seen_at for one, other in pairwise(watch.told))
