"""The index only narrows down: whatever an entry covers is found with it as without it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.coverage import covers_proposed, is_same
from bot.domain.entry_index import EntryIndex
from bot.domain.indicators import Indicator, Kind
from bot.domain.lists import Action, Entry, ListName, list_for

HOSTS = ["contoso.com", "www.contoso.com", "a.b.contoso.com", "contoso.com.example", "fabrikam.com", "abc-contoso.com"]
PATHS = ["", "/", "/a", "/a/b", "/a/*", "/*", "/contoso.com", "/?q=a@www.contoso.com", "~"]
MARKS = ["", "*.", "~"]
URLS = st.builds("{}{}{}".format, st.sampled_from(MARKS), st.sampled_from([*HOSTS, "com"]), st.sampled_from(PATHS))
SENDERS = st.builds("{}{}".format, st.sampled_from(["", "*.", "a@", "%2B@"]), st.sampled_from([*HOSTS, "com"]))
IPV4 = st.builds("203.0.113.{}/{}".format, st.integers(0, 255), st.integers(24, 32))
IPV4_RANGES = st.builds("203.0.113.{}-203.0.113.{}".format, st.integers(0, 99), st.integers(100, 255))
IPV6 = st.builds("2001:db8:{:x}::/{}".format, st.integers(0, 3), st.integers(28, 64))
FILES = st.sampled_from(["ab" * 32, "AB" * 32, "cd" * 32])
PAIRS = st.builds("{}, {}".format, st.sampled_from([*HOSTS, "*"]), st.sampled_from([*HOSTS, "*", "203.0.113.0/24"]))
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
        if covers_proposed(entry, wanted, action) is not None or is_same(entry, wanted):
            assert entry.identity in near, entry.value


def test_only_entries_of_its_own_list_are_found() -> None:
    entries = [Entry(list=name, action=Action.BLOCK, value="contoso.com") for name in ListName]
    found = EntryIndex(ListName.SENDER, entries).near(Indicator(kind=Kind.DOMAIN, value="contoso.com"))
    assert [entry.list for entry in found] == [ListName.SENDER]


def test_entries_far_away_are_left_out() -> None:
    entries = [Entry(list=ListName.SENDER, action=Action.BLOCK, value=f"host{number}.example") for number in range(100)]
    found = EntryIndex(ListName.SENDER, entries).near(Indicator(kind=Kind.ADDRESS, value="a@host7.example"))
    assert [entry.value for entry in found] == ["host7.example"]
