"""Entries, readings and requests of every list, for tables of cases about outcomes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot.domain.lists.change import Change, Operation
from bot.domain.lists.entries import Entry
from bot.domain.lists.list_snapshot import ListSnapshot
from bot.domain.lists.traits import Action, ListName
from tests.unit.domain.requests.cases import DAY, NOW, in_days

NAME, OTHER = "evil.example", "worse.example"

#: A list that keeps ends and notes, one that keeps neither.
SENDER, FILTER = ListName.SENDER, ListName.CONNECTION_FILTER

ENDED = -1.0


def entry(value: str = NAME, *, end: float | None = 10, **changes: Any) -> Entry:  # noqa: ANN401 - any field
    """An entry of the list of senders that blocks. `end` is in days from now."""
    return replace(Entry(list=SENDER, action=Action.BLOCK, value=value, expires=in_days(end)), **changes)


def reading(*entries: Entry, name: ListName = SENDER) -> ListSnapshot:
    """A list that holds these entries, read now."""
    return ListSnapshot(list=name, as_of=NOW, entries=tuple(replace(held, list=name) for held in entries))


def change(operation: Operation, *values: str, name: ListName = SENDER, **changes: Any) -> Change:  # noqa: ANN401 - any field
    """A change to one value of the list of senders, ending in ten days, but for `changes`."""
    gives_an_end = operation in {Operation.ADD, Operation.EXTEND} and name is SENDER
    plain = Change(
        operation=operation,
        action=Action.BLOCK,
        list=name,
        values=values or (NAME,),
        expires=NOW + 10 * DAY if gives_an_end else None,
        notes="Seen in spring" if operation is Operation.ANNOTATE else "",
    )
    return replace(plain, **changes)
