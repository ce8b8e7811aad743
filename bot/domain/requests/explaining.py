"""Which differences between two readings of a list a request of Portcullis explains: what it did, or is doing.

1. What was sent and has no known outcome yet explains what it asks for, whenever that shows.
2. What was done since the reading before explains what it asked for, and nothing else: not another end, not a note.
   A service that is spread over machines may show it late, so that a little before counts as well.
3. Until it is looked whether a change still stands, the list may show it and not show it by turns. What is otherwise
   after that look is found by the look.
4. An entry that is past the end which Portcullis keeps of it is being taken out by Portcullis.
5. What came of a submission of Portcullis is told by whoever follows that submission: that it is there, that it is
   gone, and until when it lasts. What else changes in it is no part of that.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.domain.lists.change import Operation
from bot.domain.lists.comparison import comparable
from bot.domain.lists.differences import Difference, Happening, Held, same_end
from bot.domain.lists.traits import Action, ListName
from bot.domain.requests.known_entry import KnownEntry
from bot.domain.requests.noted import requests_named

#: So long after a change the list may still show what was before it.
SHOWN_LATE = timedelta(minutes=10)

#: The `origin` of what came of a submission.
SUBMISSION = "Submission"


@dataclass(frozen=True, slots=True, kw_only=True)
class Doing:
    """Something that a request does to one value of a list."""

    request_id: int
    operation: Operation
    action: Action
    list: ListName
    value: str
    expires: datetime | None = None  #: the end that the tenant was told
    at: datetime | None = None  #: when it was done; None: it was sent, and nobody knows yet
    is_looked_after: bool = True  #: somebody looks later whether it still stands


@dataclass(frozen=True, slots=True, kw_only=True)
class Reasons:
    """What is on record that may explain differences of one list."""

    acts: tuple[Doing, ...] = ()
    known: tuple[KnownEntry, ...] = ()  #: what Portcullis keeps of the list
    submissions: frozenset[str] = frozenset()  #: the service's ids of what Portcullis submitted
    submitting: frozenset[int] = frozenset()  #: the requests that submitted something
    _by_key: Mapping[object, list[Doing]] = field(init=False, repr=False, compare=False)
    _kept: Mapping[object, list[KnownEntry]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_key: dict[object, list[Doing]] = defaultdict(list)
        for act in self.acts:
            by_key[comparable(act.list, act.value)].append(act)
        kept: dict[object, list[KnownEntry]] = defaultdict(list)
        for entry in self.known:
            kept[entry.list, entry.action.value, comparable(entry.list, entry.value)].append(entry)
        # The dataclass is frozen for everybody else; these are derived from the fields that they see.
        object.__setattr__(self, "_by_key", by_key)
        object.__setattr__(self, "_kept", kept)

    def of(self, held: Held) -> list[Doing]:
        """What was done, or is being done, to the value of an override."""
        return self._by_key.get(comparable(held.list or ListName.CONNECTION_FILTER, held.value), [])

    def made_by(self, found: Difference) -> tuple[KnownEntry, ...]:
        """What is on record of an entry that is otherwise than it was: the requests that keep it."""
        held = found.before or found.held
        name = held.list
        return () if name is None else tuple(self._kept.get((name, held.action, comparable(name, held.value)), ()))


def unexplained(
    found: Iterable[Difference],
    reasons: Reasons,
    *,
    since: datetime,
    as_of: datetime,
    looked_after: timedelta,
) -> tuple[Difference, ...]:
    """Those of the differences that no request of Portcullis explains.

    `since` and `as_of` are when the list was read before and now; `looked_after` is how long after a change somebody
    looks whether it still stands.
    """
    times = _Times(since=since, as_of=as_of, looked_after=looked_after)
    return tuple(each for each in found if not _is_explained(each, reasons, times))


def goes_by_record(
    found: Iterable[Difference],
    reasons: Reasons,
    *,
    since: datetime,
    as_of: datetime,
    looked_after: timedelta,
) -> bool:
    """Whether what is on record of the list's entries (`Reasons.known`) matters to any of the differences, given the
    other `reasons`: for what those explain nobody looks it up, unless an entry has ended. It may be thousands of rows.
    """
    found = tuple(found)
    if any(each.what is Happening.ENDED for each in found):
        return True
    return bool(unexplained(found, reasons, since=since, as_of=as_of, looked_after=looked_after))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Times:
    since: datetime
    as_of: datetime
    looked_after: timedelta

    def counts(self, act: Doing) -> bool:
        """Whether what an act asked for may be what shows now, and didn't before."""
        return act.at is None or act.at >= self.since - SHOWN_LATE

    def may_be_undone(self, act: Doing) -> bool:
        """Whether the list may show what was before an act, without anybody having changed it back."""
        return act.at is None or (act.is_looked_after and act.at + self.looked_after > self.as_of)


def _is_explained(found: Difference, reasons: Reasons, times: _Times) -> bool:
    if _came_of_ours(found, reasons) or _is_ending(found, reasons, times):
        return True
    acts = [act for act in reasons.of(found.held) if _is_of_action(act, found)]
    if found.what is Happening.CHANGED:
        return all(
            any(
                (times.counts(act) and _asked_for(act, name, found.held))
                or (times.may_be_undone(act) and _touches(act, name))
                for act in acts
            )
            for name in found.fields
        )
    added = found.what is Happening.ADDED
    return any(
        times.counts(act) if _puts_in(act) is added else times.may_be_undone(act)
        for act in acts
        if act.operation is Operation.ADD or act.operation.takes_out
    )


def _is_of_action(act: Doing, found: Difference) -> bool:
    if act.operation is Operation.SAFE_LIST_OFF:
        return found.held.list is None
    return found.held.list is not None and any(
        held is not None and held.action == act.action.value for held in (found.before, found.after)
    )


def _puts_in(act: Doing) -> bool:
    return act.operation is Operation.ADD


def _touches(act: Doing, name: str) -> bool:
    match name:
        case "action":
            return act.operation in {Operation.ADD, Operation.REMOVE}
        case "end":
            return act.operation.gives_an_end
        case "note":
            return act.operation in {Operation.ADD, Operation.ANNOTATE}
        case _:
            return False


def _asked_for(act: Doing, name: str, held: Held) -> bool:
    """Whether an act asked for what an override says now."""
    if not _touches(act, name):
        return False
    match name:
        case "action":
            return act.operation is Operation.ADD and act.action.value == held.action
        case "end":
            return same_end(act.expires, held.expires)
        case _:
            return act.request_id in requests_named(held.note)


def _is_ending(found: Difference, reasons: Reasons, times: _Times) -> bool:
    """Whether an entry is gone that Portcullis takes out itself by now."""
    if found.what is not Happening.REMOVED:
        return False
    return any(record.expires is not None and record.expires <= times.as_of for record in reasons.made_by(found))


def _came_of_ours(found: Difference, reasons: Reasons) -> bool:
    """Whether an entry came of a submission of Portcullis's, which is followed."""
    held = found.held
    if held.origin.casefold() != SUBMISSION.casefold():
        return False
    ends = held.expires is not None or held.bounded_by_use
    if found.what is Happening.CHANGED and not (found.fields == ("end",) and ends):
        return False
    if held.submission and held.submission.casefold() in {each.casefold() for each in reasons.submissions}:
        return True
    return any(number in reasons.submitting for number in requests_named(held.note))
