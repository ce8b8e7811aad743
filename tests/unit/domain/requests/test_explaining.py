"""Which differences a request explains, as a table: what it did, is doing, or may still show late, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.lists.change import Operation
from bot.domain.lists.differences import SAFE_LIST_PLACE, Difference, Happening, Held
from bot.domain.lists.traits import Action, ListName
from bot.domain.requests.explaining import Doing, Reasons, goes_by_record, unexplained
from bot.domain.requests.known_entry import KnownEntry

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
SINCE = NOW - timedelta(minutes=15)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)

BLOCK = Held(
    place="sender", value="evil.example", action="block", expires=NOW + 30 * DAY, note="Wave (Portcullis request 7)"
)
ALLOW = replace(BLOCK, action="allow")
SWITCH = Held(place=SAFE_LIST_PLACE, value="Default", within="Default", action="allow")
ADDED = Difference(what=Happening.ADDED, after=BLOCK)
REMOVED = Difference(what=Happening.REMOVED, before=BLOCK)
ENDS = Difference(what=Happening.CHANGED, before=replace(BLOCK, expires=None), after=BLOCK, fields=("end",))
NOTED = Difference(what=Happening.CHANGED, before=replace(BLOCK, note=""), after=BLOCK, fields=("note",))
BOTH = replace(ENDS, fields=("end", "note"))
TURNED = Difference(what=Happening.CHANGED, before=ALLOW, after=BLOCK, fields=("action",))
ON, OFF = Difference(what=Happening.ADDED, after=SWITCH), Difference(what=Happening.REMOVED, before=SWITCH)

ADD, REMOVE, EXTEND, ANNOTATE = Operation.ADD, Operation.REMOVE, Operation.EXTEND, Operation.ANNOTATE


def act(operation: Operation, at: datetime | None, **changed: object) -> Doing:
    name = ListName.CONNECTION_FILTER if operation is Operation.SAFE_LIST_OFF else ListName.SENDER
    action = Action.ALLOW if operation is Operation.SAFE_LIST_OFF else Action.BLOCK
    value = "Default" if operation is Operation.SAFE_LIST_OFF else "EVIL.example"
    made = Doing(request_id=7, operation=operation, action=action, list=name, value=value, expires=BLOCK.expires, at=at)
    return replace(made, **changed)


@pytest.mark.parametrize(
    ("found", "acts", "is_explained"),
    [
        (ADDED, [], False),
        (ADDED, [act(ADD, NOW - MINUTE)], True),
        (ADDED, [act(ADD, None)], True),  # sent, and nobody knows yet
        (ADDED, [act(ADD, SINCE - 5 * MINUTE)], True),  # shown late
        (ADDED, [act(ADD, SINCE - DAY)], False),  # what was asked for once is not what somebody did since
        (ADDED, [act(ADD, NOW - MINUTE, value="other.example")], False),
        (ADDED, [act(ADD, NOW - MINUTE, action=Action.ALLOW)], False),
        (ADDED, [act(EXTEND, NOW - MINUTE)], False),
        (ADDED, [act(REMOVE, NOW - MINUTE)], True),  # the list may still show it; the confirmation looks later
        (ADDED, [act(REMOVE, NOW - 6 * MINUTE)], False),  # after the confirmation nobody else would
        (REMOVED, [act(REMOVE, NOW - MINUTE)], True),
        (REMOVED, [act(REMOVE, None)], True),
        (REMOVED, [act(REMOVE, SINCE - DAY)], False),
        (REMOVED, [act(ADD, NOW - MINUTE)], True),  # not shown by every machine of the service yet
        (REMOVED, [act(ADD, NOW - 6 * MINUTE)], False),
        (ADDED, [act(REMOVE, NOW - MINUTE, is_looked_after=False)], False),  # an end: nobody looks after it
        (ENDS, [act(EXTEND, NOW - MINUTE)], True),
        (ENDS, [act(ADD, NOW - MINUTE)], True),
        (ENDS, [act(EXTEND, NOW - 6 * MINUTE, expires=NOW + DAY)], False),  # another end than it asked for
        (ENDS, [act(ANNOTATE, NOW - MINUTE)], False),
        (NOTED, [act(ANNOTATE, NOW - 6 * MINUTE)], True),
        (NOTED, [act(ANNOTATE, NOW - 6 * MINUTE, request_id=70)], False),
        (BOTH, [act(EXTEND, NOW - 6 * MINUTE)], False),  # the note is somebody's
        (BOTH, [act(EXTEND, NOW - 6 * MINUTE), act(ANNOTATE, NOW - 6 * MINUTE)], True),
        (TURNED, [act(ADD, NOW - 6 * MINUTE)], True),
        (TURNED, [act(ADD, NOW - 6 * MINUTE, action=Action.ALLOW)], False),
        (ON, [act(Operation.SAFE_LIST_OFF, NOW - 6 * MINUTE)], False),
        (OFF, [act(Operation.SAFE_LIST_OFF, NOW - 6 * MINUTE)], True),
        (OFF, [act(REMOVE, NOW - MINUTE, list=ListName.CONNECTION_FILTER, value="Default")], False),
    ],
)
def test_what_a_request_explains(found: Difference, acts: list[Doing], is_explained: bool) -> None:
    left = unexplained([found], Reasons(acts=tuple(acts)), since=SINCE, as_of=NOW, looked_after=5 * MINUTE)
    assert left == (() if is_explained else (found,))


KNOWN = KnownEntry(
    list=ListName.SENDER,
    action=Action.BLOCK,
    value="evil.example",
    requester="U0REQUESTER",
    request_id=7,
    reason="Wave",
    since=NOW - DAY,
    expires=NOW + DAY,
)


@pytest.mark.parametrize(("expires", "is_explained"), [(NOW + DAY, False), (None, False), (NOW - MINUTE, True)])
def test_what_portcullis_ends_itself_is_explained_once_it_ends(expires: datetime | None, is_explained: bool) -> None:
    reasons = Reasons(known=(replace(KNOWN, expires=expires),))
    left = unexplained([REMOVED], reasons, since=SINCE, as_of=NOW, looked_after=5 * MINUTE)
    assert bool(left) is not is_explained


@pytest.mark.parametrize(
    ("held", "is_explained"),
    [
        (replace(ALLOW, origin="Submission", submission="ABC-1"), True),
        (replace(ALLOW, origin="Submission", note="Portcullis request 9"), True),
        (replace(ALLOW, origin="Submission", note="Portcullis request 7, part 3"), True),
        (replace(ALLOW, origin="Submission", note="Portcullis request 9, part 2"), False),
        (replace(ALLOW, origin="Submission", note="Portcullis request 8"), False),
        (replace(ALLOW, origin="Submission", note="", submission="another"), False),
        # Whoever writes our words into a note has submitted nothing.
        (replace(ALLOW, origin="Tenant", note="Portcullis request 9", submission="abc-1"), False),
    ],
)
def test_what_came_of_our_own_submission_is_followed_elsewhere(held: Held, is_explained: bool) -> None:
    reasons = Reasons(submissions=frozenset({"abc-1"}), submitting=frozenset({9}))
    found = Difference(what=Happening.ADDED, after=held)
    assert bool(unexplained([found], reasons, since=SINCE, as_of=NOW, looked_after=MINUTE)) is not is_explained


@pytest.mark.parametrize(
    ("after", "fields", "is_explained"),
    [
        (replace(ALLOW, expires=NOW + 45 * DAY), ("end",), True),  # Microsoft gives such an entry another end
        (replace(ALLOW, expires=None, bounded_by_use=True), ("end",), True),
        (replace(ALLOW, expires=None), ("end",), False),  # but none without any
        (replace(ALLOW, action="block"), ("action",), False),
        (replace(ALLOW, note="Portcullis request 9 and more"), ("note",), False),
    ],
)
def test_what_somebody_changes_in_it_is_theirs(after: Held, fields: tuple[str, ...], is_explained: bool) -> None:
    reasons = Reasons(submissions=frozenset({"abc-1"}))
    before, after = (replace(held, origin="Submission", submission="ABC-1") for held in (ALLOW, after))
    found = Difference(what=Happening.CHANGED, before=before, after=after, fields=fields)
    assert bool(unexplained([found], reasons, since=SINCE, as_of=NOW, looked_after=MINUTE)) is not is_explained


ENDED = Difference(what=Happening.ENDED, before=BLOCK)


@pytest.mark.parametrize(
    ("found", "acts", "is_asked_for"),
    [
        ([], [], False),
        ([ADDED], [act(ADD, NOW - MINUTE)], False),
        ([REMOVED], [act(REMOVE, None)], False),
        ([ADDED], [], True),  # the event of what nobody requested names who kept the entry before
        ([REMOVED], [], True),  # its end may have come
        ([ADDED, REMOVED], [act(ADD, NOW - MINUTE, value="other.example")], True),
        ([ENDED], [act(REMOVE, NOW - MINUTE)], True),  # that is logged, unless somebody keeps it
    ],
)
def test_who_keeps_an_entry_is_looked_up_only_where_nothing_else_explains_it(
    found: list[Difference], acts: list[Doing], is_asked_for: bool
) -> None:
    asked = goes_by_record(found, Reasons(acts=tuple(acts)), since=SINCE, as_of=NOW, looked_after=5 * MINUTE)
    assert asked is is_asked_for


@pytest.mark.parametrize("found", [ADDED, REMOVED, ENDS, NOTED, BOTH, TURNED, ON, OFF])
@pytest.mark.parametrize("operation", Operation)
@pytest.mark.parametrize("at", [None, NOW - MINUTE, SINCE - DAY])
def test_what_is_not_looked_up_would_change_nothing(
    found: Difference, operation: Operation, at: datetime | None
) -> None:
    acts = (act(operation, at),)
    times = {"since": SINCE, "as_of": NOW, "looked_after": 5 * MINUTE}
    if not goes_by_record([found], Reasons(acts=acts), **times):
        known = (KNOWN, replace(KNOWN, expires=NOW - MINUTE), replace(KNOWN, action=Action.ALLOW))
        assert unexplained([found], Reasons(acts=acts, known=known), **times) == ()


def test_an_entry_was_made_by_whoever_keeps_it() -> None:
    others = [
        replace(KNOWN, value="other.example"),
        replace(KNOWN, action=Action.ALLOW),
        replace(KNOWN, list=ListName.URL),
    ]
    assert Reasons(known=(*others, KNOWN)).made_by(REMOVED) == (KNOWN,)
    assert Reasons(known=(KNOWN,)).made_by(TURNED) == ()  # it was the allow that is no more
    assert Reasons(known=(KNOWN,)).made_by(ON) == ()


def test_what_is_kept_is_gone_through_once_however_much_is_gone() -> None:
    """Thousands of blocks of one import end on the same day: each held against all would take minutes."""

    class Counted(tuple[KnownEntry, ...]):
        __slots__ = ()
        times = 0

        def __iter__(self) -> Iterator[KnownEntry]:
            Counted.times += 1
            return super().__iter__()

    values = [f"evil{number}.example" for number in range(50)]
    reasons = Reasons(known=Counted(replace(KNOWN, value=value) for value in values))
    gone = [Difference(what=Happening.REMOVED, before=replace(BLOCK, value=value)) for value in values]
    assert len(unexplained(gone, reasons, since=SINCE, as_of=NOW, looked_after=MINUTE)) == len(gone)
    assert [entry.value for each in gone for entry in reasons.made_by(each)] == values
    assert Counted.times <= 2
