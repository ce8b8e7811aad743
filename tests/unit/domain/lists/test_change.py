"""What the operations do, how many values a call takes, and what is sent to the tenant at all."""

from __future__ import annotations

import pytest

from bot.domain.lists.change import Change, Operation, reaches_tenant
from bot.domain.lists.traits import Action, ListName

CF, SENDER, URL, FILE, IP, SPOOF = ListName

OPERATIONS = [
    # operation, and all that is true of it
    (Operation.ADD, {"gives_an_end", "asks_for_an_end"}),
    (Operation.REMOVE, {"takes_out"}),
    (Operation.EXTEND, {"gives_an_end", "asks_for_an_end", "edits"}),
    (Operation.ANNOTATE, {"edits"}),
    (Operation.SAFE_LIST_OFF, {"takes_out"}),
    (Operation.SUBMIT, {"asks_for_an_end"}),
]


@pytest.mark.parametrize(("operation", "properties"), OPERATIONS)
def test_what_an_operation_does(operation: Operation, properties: set[str]) -> None:
    names = {name for name, value in vars(Operation).items() if isinstance(value, property)}
    assert {name for name in names if getattr(operation, name)} == properties


def test_the_table_says_it_of_every_operation() -> None:
    assert [operation for operation, _ in OPERATIONS] == list(Operation)


REACHES = [
    (Operation.ADD, {CF, SENDER, URL, FILE, IP, SPOOF}),
    (Operation.REMOVE, {CF, SENDER, URL, FILE, IP, SPOOF}),
    (Operation.EXTEND, {SENDER, URL, FILE, IP}),
    (Operation.ANNOTATE, {SENDER, URL, FILE, IP}),
    (Operation.SAFE_LIST_OFF, {CF, SENDER, URL, FILE, IP, SPOOF}),
    (Operation.SUBMIT, set()),
]


@pytest.mark.parametrize(("operation", "lists"), REACHES)
def test_what_is_sent_to_the_tenant(operation: Operation, lists: set[ListName]) -> None:
    changes = [Change(operation=operation, action=Action.ALLOW, list=name, values=("x",)) for name in ListName]
    assert {change.list for change in changes if reaches_tenant(change)} == lists
