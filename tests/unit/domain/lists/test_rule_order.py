"""Which rules moved past others, as a table; and whatever the orders, as few are named as explain it."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.lists.rule_order import moved


def order(names: str) -> dict[str, int]:
    return {name: position for position, name in enumerate(names)}


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ("", "", ""),
        ("abc", "abc", ""),
        ("abcdef", "bcdefa", "a"),
        ("abcdef", "fabcde", "f"),
        # One that comes or goes moves the others by one, and changes nothing in their order.
        ("abc", "xabc", ""),
        ("abc", "bc", ""),
        ("abc", "bxc", ""),
        ("abc", "xcab", "c"),
    ],
)
def test_which_rules_moved(before: str, after: str, found: str) -> None:
    assert moved(order(before), order(after)) == set(found)


def test_of_two_that_changed_places_one_is_named() -> None:
    assert len(moved(order("ab"), order("ba"))) == 1


def test_rules_that_give_the_same_position_moved_past_nobody() -> None:
    assert moved({"a": 0, "b": 0}, {"a": 1, "b": 0}) == frozenset()


@given(st.permutations("abcdef"), st.permutations("abcdefg"))
def test_without_those_that_moved_the_others_stand_as_they_stood(before: list[str], after: list[str]) -> None:
    found = moved(order("".join(before)), order("".join(after)))
    stayed = set(before) - found
    assert [name for name in before if name in stayed] == [name for name in after if name in stayed]
    fewer = (set(before) - set(each) for each in combinations(before, max(len(found) - 1, 0)))
    assert not found or all(
        [name for name in before if name in rest] != [name for name in after if name in rest] for rest in fewer
    )
