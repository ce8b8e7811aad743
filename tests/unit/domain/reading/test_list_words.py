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


@pytest.mark.parametrize("text", ["ends 7d no end", "ends 99999d", " ".join(f"word{number}" for number in range(11))])
def test_what_can_not_be_looked_for(text: str) -> None:
    with pytest.raises(InvalidInput):
        read_list_query(text)


@given(st.text(max_size=200))
def test_whatever_is_typed_it_is_read_or_refused(text: str) -> None:
    with suppress(InvalidInput):
        said(read_list_query(text))
