"""A verdict by the index of a snapshot is the verdict by all its entries, found without a look at them all."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.indicators.indicator import Indicator, Kind
from bot.domain.indicators.reader import read
from bot.domain.lists.entries import Entry, Snapshot
from bot.domain.lists.list_index import ListIndex
from bot.domain.lists.traits import Action, ListName
from bot.domain.verdict.verdict import judge, spellings
from tests.unit.domain.tenant_lists import NOW

VALUES = (
    "203.0.113.7",
    "203.0.113.0/24",
    "203.0.113.0-203.0.113.9",
    "2001:db8::/32",
    "2001:db8::7",
    "contoso.com",
    "www.contoso.com",
    "*.contoso.com",
    "user@contoso.com",
    "contoso.com/a/b",
    "~contoso.com",
    "203.0.113.7/login",
    "fabrikam.com/www.contoso.com",
    "ab" * 32,
    "contoso.com, 203.0.113.0/24",
    "user@contoso.com, fabrikam.com",
    "*, 203.0.113.0/24",
    "no address at all",
    "",
)
ENTRIES = st.lists(
    st.builds(
        Entry,
        list=st.sampled_from(ListName),
        action=st.sampled_from(Action),
        value=st.sampled_from(VALUES) | st.text(max_size=8),
        expires=st.sampled_from([None, NOW - timedelta(days=1), NOW + timedelta(days=1)]),
    ),
    max_size=14,
)
ASKED = (
    Indicator(kind=Kind.IPV4, value="203.0.113.7"),
    Indicator(kind=Kind.IPV4_NETWORK, value="203.0.113.0/24"),
    Indicator(kind=Kind.IPV4_RANGE, value="203.0.113.0-203.0.113.9"),
    Indicator(kind=Kind.IPV6, value="2001:db8::7"),
    Indicator(kind=Kind.DOMAIN, value="contoso.com"),
    Indicator(kind=Kind.DOMAIN, value="*.contoso.com"),
    Indicator(kind=Kind.ADDRESS, value="user@contoso.com"),
    Indicator(kind=Kind.URL, value="www.contoso.com/a/b"),
    Indicator(kind=Kind.URL, value="203.0.113.7/login"),
    Indicator(kind=Kind.FILE, value="ab" * 32),
    Indicator(kind=Kind.SPOOF_PAIR, value="user@contoso.com, fabrikam.com"),
    Indicator(kind=Kind.SPOOF_PAIR, value="*, 203.0.113.0/24"),
)


@pytest.mark.parametrize("asked", ASKED, ids=lambda asked: f"{asked.kind} {asked.value[:20]}")
@given(entries=ENTRIES)
@settings(max_examples=60)
def test_the_verdict_is_the_same_with_it_as_without_it(asked: Indicator, entries: list[Entry]) -> None:
    lists = Snapshot(as_of=NOW, entries=tuple(entries))
    assert judge(asked, lists, now=NOW, index=ListIndex(lists)) == judge(asked, lists, now=NOW)


def full(entries: int = 2_000) -> Snapshot:
    made = {
        ListName.SENDER: "user{n}@host{n}.example",
        ListName.URL: "host{n}.example/login/{n}",
        ListName.IP: "2001:db8:{n:x}::/48",
    }
    return Snapshot(
        as_of=NOW,
        entries=tuple(
            Entry(list=name, action=Action.BLOCK, value=value.format(n=number))
            for name, value in made.items()
            for number in range(entries)
        ),
    )


@pytest.mark.parametrize(
    "typed", ["user7@host7.example", "host7.example", "https://host7.example/login/7", "2001:db8:7::1", "203.0.113.7"]
)
def test_only_a_handful_of_a_long_list_is_looked_at(typed: str) -> None:
    lists = full()
    assert len(list(ListIndex(lists).concerning(read(typed)))) <= 3


def test_of_a_mail_provider_s_many_addresses_none_is_looked_at_for_a_url_there() -> None:
    values = [f"user{number}@mail.example" for number in range(200)] + ["mail.example", "*.example"]
    lists = Snapshot(
        as_of=NOW, entries=tuple(Entry(list=ListName.SENDER, action=Action.BLOCK, value=value) for value in values)
    )
    found = ListIndex(lists).concerning(read("https://mail.example/login"))
    assert {entry.value for entry in found} == {"mail.example", "*.example"}


def test_only_a_list_that_changed_is_arranged_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    lists = full(10)
    before = ListIndex(lists)
    new = Entry(list=ListName.URL, action=Action.BLOCK, value="new.example")
    arranged: list[ListName] = []

    class Counted:
        def __init__(self, name: ListName, entries: tuple[Entry, ...]) -> None:
            arranged.append(name)
            self.entries = entries

        def near(self, _indicator: Indicator) -> tuple[Entry, ...]:
            return self.entries

    monkeypatch.setattr("bot.domain.lists.list_index.EntryIndex", Counted)
    after = ListIndex(replace(lists, entries=(*lists.entries, new)), before=before)
    assert arranged == [ListName.URL]
    assert new in set(after.concerning(read("https://new.example/x")))
    assert [entry.value for entry in after.concerning(read("2001:db8:7::1"))] == ["2001:db8:7::/48"]


def test_what_is_on_record_is_looked_for_as_the_tenant_spells_it_and_in_its_normal_form() -> None:
    entries = (
        Entry(list=ListName.CONNECTION_FILTER, action=Action.BLOCK, value="203.0.113.9/24"),
        Entry(list=ListName.URL, action=Action.BLOCK, value="Contoso.com"),
        Entry(list=ListName.CONNECTION_FILTER, action=Action.BLOCK, value="no address at all"),
    )
    lists = Snapshot(as_of=NOW, entries=entries)
    assert spellings(read("203.0.113.7"), lists) == {"203.0.113.7", "203.0.113.9/24", "203.0.113.0/24"}
    assert spellings(read("https://contoso.com/a"), lists) >= {"Contoso.com", "contoso.com"}
