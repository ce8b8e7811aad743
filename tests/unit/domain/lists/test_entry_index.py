"""The index only narrows down: whatever an entry covers is found with it as without it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.indicators.indicator import Indicator, Kind
from bot.domain.lists.coverage import covers_proposed, is_same, stands_beside
from bot.domain.lists.entries import Entry
from bot.domain.lists.entry_index import EntryIndex
from bot.domain.lists.traits import Action, ListName, list_for

HOSTS = ["contoso.com", "www.contoso.com", "a.b.contoso.com", "contoso.com.example", "fabrikam.com", "abc-contoso.com"]
PATHS = [
    *("", "/", "/a", "/a/", "/a//", "/ab", "/a?b=c", "/a/?b", "/a/b/c#d", "/a/b", "/a/*", "/a/b/*", "/*", "~"),
    *("/contoso.com", "/?q=a@www.contoso.com"),
]
MARKS = ["", "*.", "~"]
URLS = st.builds("{}{}{}".format, st.sampled_from(MARKS), st.sampled_from([*HOSTS, "com"]), st.sampled_from(PATHS))
SENDERS = st.builds("{}{}".format, st.sampled_from(["", "*.", "a@", "%2B@"]), st.sampled_from([*HOSTS, "com"]))
IPV4 = st.builds("203.0.113.{}/{}".format, st.integers(0, 255), st.integers(24, 32))
IPV4_RANGES = st.builds("203.0.113.{}-203.0.113.{}".format, st.integers(0, 99), st.integers(100, 255))
IPV6 = st.builds("2001:db8:{:x}::/{}".format, st.integers(0, 3), st.integers(28, 64))
FILES = st.sampled_from(["ab" * 32, "AB" * 32, "cd" * 32])
USERS = [*HOSTS, "*", "a@contoso.com", "b@contoso.com", "a@fabrikam.com"]
SOURCES = [*HOSTS, "*", "203.0.113.0/24", "203.0.113.77/24", "203.0.113.0/25", "203.0.0.0/16", "203.0.113.7"]
PAIRS = st.builds("{}, {}".format, st.sampled_from(USERS), st.sampled_from(SOURCES))
JUNK = st.text(max_size=10)

OF_KIND: dict[Kind, st.SearchStrategy[str]] = {
    Kind.URL: URLS,
    Kind.DOMAIN: SENDERS,
    Kind.IPV4_NETWORK: st.one_of(IPV4, IPV4_RANGES),
    Kind.IPV6_NETWORK: IPV6,
    Kind.FILE: FILES,
    Kind.SPOOF_PAIR: PAIRS,
}


@pytest.mark.parametrize("kind", list(OF_KIND))
@given(data=st.data(), action=st.sampled_from(list(Action)))
def test_nothing_is_missed(kind: Kind, data: st.DataObject, action: Action) -> None:
    name = list_for(kind)
    values = data.draw(st.lists(st.one_of(OF_KIND[kind], JUNK), max_size=12))
    entries = [
        Entry(list=name, action=data.draw(st.sampled_from(list(Action))), value=value, identity=str(number))
        for number, value in enumerate(values)
    ]
    wanted = Indicator(kind=kind, value=data.draw(OF_KIND[kind]))
    near = {entry.identity for entry in EntryIndex(name, entries).near(wanted)}
    for entry in entries:
        if covers_proposed(entry, wanted, action) is not None or is_same(entry, wanted) or stands_beside(entry, wanted):
            assert entry.identity in near, entry.value


def test_only_entries_of_its_own_list_are_found() -> None:
    entries = [Entry(list=name, action=Action.BLOCK, value="contoso.com") for name in ListName]
    found = EntryIndex(ListName.SENDER, entries).near(Indicator(kind=Kind.DOMAIN, value="contoso.com"))
    assert [entry.list for entry in found] == [ListName.SENDER]


def held(name: ListName, *values: str) -> list[Entry]:
    return [Entry(list=name, action=Action.BLOCK, value=value) for value in values]


MANY = [
    # a list full of entries at one place, what is looked for there, and all that may have to be looked at
    (ListName.SENDER, "user{}@gmail.com", Indicator(kind=Kind.ADDRESS, value="user7@gmail.com"), {"user7@gmail.com"}),
    (ListName.SENDER, "user{}@gmail.com", Indicator(kind=Kind.ADDRESS, value="new@gmail.com"), set()),
    (ListName.URL, "docs.example/x{}/y", Indicator(kind=Kind.URL, value="docs.example/x77/y"), {"docs.example/x77/y"}),
    (ListName.URL, "docs.example/x{}/y", Indicator(kind=Kind.URL, value="docs.example/new"), set()),
    (ListName.IP, "2001:db8:0:{:x}::/64", Indicator(kind=Kind.IPV6, value="2001:db8:0:a::1"), {"2001:db8:0:a::/64"}),
    (
        ListName.SPOOF,
        "user{}@contoso.com, 203.0.113.0/24",
        Indicator(kind=Kind.SPOOF_PAIR, value="user7@contoso.com, 203.0.113.0/24"),
        {"user7@contoso.com, 203.0.113.0/24"},
    ),
    (
        ListName.SPOOF,
        "contoso.com, 203.0.{}.0/24",
        Indicator(kind=Kind.SPOOF_PAIR, value="contoso.com, 203.0.7.0/24"),
        {"contoso.com, 203.0.7.0/24"},
    ),
]


@pytest.mark.parametrize(("name", "value", "wanted", "found"), MANY)
def test_many_entries_at_one_place_are_not_all_looked_at(
    name: ListName, value: str, wanted: Indicator, found: set[str]
) -> None:
    index = EntryIndex(name, held(name, *(value.format(number) for number in range(200))))
    assert {entry.value for entry in index.near(wanted)} == found


def test_one_wide_network_does_not_bring_in_all_the_others() -> None:
    inside = [f"2001:db8:{number:x}::/48" for number in range(200)]
    index = EntryIndex(ListName.IP, held(ListName.IP, "2001:db8::/20", *inside))
    found = [entry.value for entry in index.near(Indicator(kind=Kind.IPV6, value="2001:db8:63::1"))]
    assert found == ["2001:db8::/20", "2001:db8:63::/48"]


def test_what_is_no_pair_may_be_on_either_side_of_one() -> None:
    pairs = held(ListName.SPOOF, "contoso.com, *", "*, contoso.com", "fabrikam.com, *")
    found = EntryIndex(ListName.SPOOF, pairs).near(Indicator(kind=Kind.DOMAIN, value="contoso.com"))
    assert found == pairs


def test_entries_far_away_are_left_out() -> None:
    entries = [Entry(list=ListName.SENDER, action=Action.BLOCK, value=f"host{number}.example") for number in range(100)]
    found = EntryIndex(ListName.SENDER, entries).near(Indicator(kind=Kind.ADDRESS, value="a@host7.example"))
    assert [entry.value for entry in found] == ["host7.example"]
