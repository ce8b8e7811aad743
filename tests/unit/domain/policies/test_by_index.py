"""Policy by the index of a snapshot says what it says by all entries, and takes no look at them all."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings

from bot.domain.indicators.indicator import Indicator, Kind
from bot.domain.lists.change import Operation
from bot.domain.lists.entries import Entry, Snapshot
from bot.domain.lists.list_index import ListIndex
from bot.domain.lists.traits import Action, ListName, list_for
from bot.domain.policies.assess import assess
from bot.domain.policies.case import Rules
from bot.domain.requests.proposal import Proposal
from tests.unit.domain.lists.test_list_index import ASKED, ENTRIES, full
from tests.unit.domain.tenant_lists import NOW

RULES = Rules(direct_allow=True, submissions=True)
OPERATIONS = (Operation.ADD, Operation.REMOVE, Operation.EXTEND, Operation.ANNOTATE)


def proposal(operation: Operation, action: Action, asked: Indicator) -> Proposal:
    return Proposal(
        operation=operation,
        action=action,
        list=list_for(asked.kind),
        indicators=(asked,),
        reason="Phishing wave",
        expires=NOW + timedelta(days=7),
        acknowledged=True,
    )


@pytest.mark.parametrize("action", Action, ids=str)
@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
@pytest.mark.parametrize("asked", ASKED, ids=lambda asked: f"{asked.kind} {asked.value[:20]}")
@given(entries=ENTRIES)
@settings(max_examples=15)
def test_the_assessment_is_the_same_with_it_as_without_it(
    asked: Indicator, operation: Operation, action: Action, entries: list[Entry]
) -> None:
    lists, proposed = Snapshot(as_of=NOW, entries=tuple(entries)), proposal(operation, action, asked)
    with_it = assess(proposed, lists, RULES, now=NOW, index=ListIndex(lists))
    assert with_it == assess(proposed, lists, RULES, now=NOW)


def test_what_is_found_is_what_the_index_names() -> None:
    index = ListIndex(full(100))
    # Another snapshot than the index's: what is found in it can only be the index's.
    found = {
        value: [
            refusal.code
            for refusal in assess(
                proposal(Operation.ADD, Action.BLOCK, Indicator(kind=Kind.ADDRESS, value=value)),
                Snapshot(as_of=NOW),
                RULES,
                now=NOW,
                index=index,
            ).refusals
        ]
        for value in ("user7@host7.example", "user7@host8.example")
    }
    assert found == {"user7@host7.example": ["exists"], "user7@host8.example": []}


def test_what_fits_is_counted_by_the_index_as_well() -> None:
    entries = tuple(
        Entry(list=ListName.SENDER, action=Action.BLOCK, value=f"host{number}.example") for number in range(500)
    )
    lists = Snapshot(as_of=NOW, entries=entries)
    asked = proposal(Operation.ADD, Action.BLOCK, ASKED[6])
    by_all, by_index = (assess(asked, lists, Rules(), now=NOW, index=index) for index in (None, ListIndex(lists)))
    assert "full" in [refusal.code for refusal in by_all.refusals]
    assert by_index == by_all
