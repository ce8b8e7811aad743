"""So many of something, in words."""

from __future__ import annotations

import pytest

from bot.domain.lists.change import Operation
from bot.domain.lists.traits import ListName
from bot.domain.telling.counting import addresses, counted, plural, with_the_last


@pytest.mark.parametrize(
    ("count", "words"), [(0, "0 entries"), (1, "1 entry"), (2, "2 entries"), (1234, "1,234 entries")]
)
def test_plural(count: int, words: str) -> None:
    assert plural(count, "entry", "entries") == words
    assert plural(count, "line") == words.replace("entry", "line").replace("entries", "lines")


@pytest.mark.parametrize(
    ("operation", "name", "words"),
    [
        (Operation.ADD, ListName.CONNECTION_FILTER, ("1 IP", "2 IPs")),
        (Operation.SAFE_LIST_OFF, ListName.CONNECTION_FILTER, ("1 policy", "2 policies")),
        (Operation.REMOVE, ListName.SENDER, ("1 sender", "2 senders")),
        (Operation.EXTEND, ListName.URL, ("1 URL", "2 URLs")),
        (Operation.ANNOTATE, ListName.FILE, ("1 file", "2 files")),
        (Operation.ADD, ListName.IP, ("1 IPv6 address or network", "2 IPv6 addresses or networks")),
        (Operation.ADD, ListName.SPOOF, ("1 spoof pair", "2 spoof pairs")),
    ],
)
def test_what_a_list_holds_is_counted_by_its_own_name(
    operation: Operation, name: ListName, words: tuple[str, str]
) -> None:
    assert (counted(1, operation=operation, list_name=name), counted(2, operation=operation, list_name=name)) == words


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([], ""),
        (["203.0.113.7"], ""),
        (["203.0.113.7", "203.0.113.8"], ""),
        (["evil.example"], ""),
        (["203.0.113.0/24"], "256 addresses"),
        (["203.0.113.7", "203.0.113.128/25"], "129 addresses"),
        (["198.51.100.4-198.51.100.9"], "6 addresses"),
        (["2001:db8::/64"], "2^64 addresses"),
        (["2001:db8::/64", "2001:db8:1::7"], "more than 2^64 addresses"),
        (["2001:db8::/120"], "256 addresses"),
    ],
)
def test_networks_and_ranges_are_counted_in_addresses(values: list[str], words: str) -> None:
    assert addresses(values) == words


@pytest.mark.parametrize(
    ("at_most", "there", "of", "named"), [(3, 4, 4, 4), (3, 3, 4, 3), (3, 5, 5, 3), (3, 3, 3, 3), (1, 2, 2, 1)]
)
def test_the_last_one_is_named_where_just_that_is_left(at_most: int, there: int, of: int, named: int) -> None:
    assert with_the_last(at_most, there, of=of) == named
