"""What is looked for among the lists' entries: words in any order, and told as they were understood."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.lists.list_query import ListQuery
from bot.domain.lists.traits import Action, ListName
from bot.domain.reading.list_words import read_list_query, said
from bot.errors import InvalidInput

SENDERS = frozenset({ListName.SENDER})
IPS = frozenset({ListName.CONNECTION_FILTER, ListName.IP})


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("", ListQuery()),
        ("all", ListQuery()),
        ("evil", ListQuery(words=("evil",))),
        ("evil[.]example", ListQuery(words=("evil.example",))),
        ("“evil” `4711`", ListQuery(words=("evil", "4711"))),
        ("block", ListQuery(action=Action.BLOCK)),
        ("Allowed IPs", ListQuery(action=Action.ALLOW, lists=IPS)),
        ("block allow", ListQuery()),
        ("senders urls", ListQuery(lists=SENDERS | {ListName.URL})),
        ("ipv6", ListQuery(lists=frozenset({ListName.IP}))),
        ("blocks of senders that end within 2 weeks", ListQuery(action=Action.BLOCK, lists=SENDERS, ends_within=14)),
        ("ends 7d", ListQuery(ends_within=7)),
        ("ends in 3 days", ListQuery(ends_within=3)),
        ("ends 10 evil", ListQuery(ends_within=10, words=("evil",))),
        ("ends", ListQuery(ends_within=7)),
        ("ending this week", ListQuery(ends_within=7)),
        ("ends evil", ListQuery(ends_within=7, words=("evil",))),
        ("no end", ListQuery(without_end=True)),
        ("never", ListQuery(without_end=True)),
        ("without note", ListQuery(without_note=True)),
        ("no notes no end", ListQuery(without_note=True, without_end=True)),
        ("no", ListQuery(words=("no",))),
        ("ours", ListQuery(asked_here=True)),
        ("asked here", ListQuery(asked_here=True)),
        ("not ours", ListQuery(asked_here=False)),
        ("others", ListQuery(asked_here=False)),
        ("7d", ListQuery(words=("7d",))),
        ("asked for here", ListQuery(asked_here=True)),
        ("not asked for here", ListQuery(asked_here=False)),
        ("without an end", ListQuery(without_end=True)),
        ("without a note", ListQuery(without_note=True)),
        ("no expiry date evil", ListQuery(without_end=True, words=("evil",))),
        ("blocks that never end", ListQuery(action=Action.BLOCK, without_end=True)),
        ("never ends", ListQuery(without_end=True)),
        ("that end soon", ListQuery(ends_within=7)),
        ("ends within 2 months", ListQuery(ends_within=60)),
        ("ends in 1 year", ListQuery(ends_within=365)),
        ("connection filter", ListQuery(lists=frozenset({ListName.CONNECTION_FILTER}))),
        ("IP addresses", ListQuery(lists=IPS)),
        ("IPv6 addresses", ListQuery(lists=frozenset({ListName.IP}))),
        ("spoofed senders", ListQuery(lists=frozenset({ListName.SPOOF}))),
        ("not", ListQuery(words=("not",))),
    ],
)
def test_how_it_is_understood(text: str, query: ListQuery) -> None:
    assert read_list_query(text) == query


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", ""),
        ("evil", ""),
        ("blocks of senders that end within 1 day", "blocks, senders, that end within 1 day"),
        ("allow ips no note others", "allows, IPs, IPv6 addresses or networks, without a note, not asked for here"),
        ("no end ours", "without an end, asked for here"),
    ],
)
def test_how_it_is_told(text: str, told: str) -> None:
    assert said(read_list_query(text)) == told


@pytest.mark.parametrize(
    "text",
    [
        "ends 7d no end",
        "ends 99999d",
        " ".join(f"word{number}" for number in range(11)),
        "ends tomorrow",
        "ends by friday",
        "ends before 2030-01-31",
        "ends 2030-01-31",
        "expires 24h",
        "ends within 3 hours",
        "not blocks",
        "not senders",
    ],
)
def test_what_can_not_be_looked_for(text: str) -> None:
    with pytest.raises(InvalidInput):
        read_list_query(text)


@given(
    st.builds(
        ListQuery,
        lists=st.frozensets(st.sampled_from([*SENDERS, ListName.URL, ListName.FILE, ListName.SPOOF, ListName.IP])),
        action=st.none() | st.sampled_from(Action),
        ends_within=st.none() | st.integers(1, 3_650),
        without_note=st.booleans(),
        asked_here=st.none() | st.booleans(),
    )
)
def test_as_it_is_told_it_is_understood(query: ListQuery) -> None:
    assert read_list_query(said(query)) == query


def test_without_an_end_is_understood_as_it_is_told() -> None:
    assert said(read_list_query(said(ListQuery(without_end=True)))) == "without an end"


@given(st.text(max_size=200))
def test_whatever_is_typed_it_is_read_or_refused(text: str) -> None:
    with suppress(InvalidInput):
        said(read_list_query(text))
