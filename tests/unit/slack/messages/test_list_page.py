"""The answer to /lists: pages of entries that fit into a message, whatever stands in the lists."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings

from bot.domain.lists.entries import Entry
from bot.domain.lists.traits import Action, ListName
from bot.domain.requests.browsing import ListedEntry
from bot.domain.requests.known_entry import KnownEntry
from bot.domain.requests.people import Right
from bot.domain.telling.entry_lines import entry_line
from bot.slack.messages.list_page import PAGE, ListPageFacts, ListPlace, list_page, place_on
from tests.support.samples import HOSTILE, LONGEST_CARD_LINK, any_text
from tests.unit.slack.rendered import buttons, texts

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def facts(*, value: str = "evil.example", note: str = "Case 4711", total: int = 1, **changes: object) -> ListPageFacts:
    entry = Entry(list=ListName.SENDER, action=Action.BLOCK, value=value, notes=note, expires=NOW + timedelta(days=30))
    known = KnownEntry(
        list=ListName.SENDER,
        action=Action.BLOCK,
        value=value,
        requester="U0REQUEST1",
        request_id=123_456,
        reason="Spray",
        since=NOW,
        expires=None,
    )
    lines = [entry_line(ListedEntry(entry, known, card_url=LONGEST_CARD_LINK))] * min(PAGE, total)
    made = ListPageFacts(
        entries=lines, start=0, total=total, said="blocks", words=(), query="block", as_of=NOW, unread=()
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def test_a_page_says_what_it_shows_of_how_many_and_how_old_that_is() -> None:
    seen = texts(list_page(facts(total=20, words=["evil"]), rights=Right, now=NOW + timedelta(minutes=5)))
    assert "*20 entries*: blocks, with `evil`. 1 to 8, those that end first." in seen
    assert "`evil[.]example` · block · Tenant Allow/Block List, senders" in seen
    assert "note “Case 4711”" in seen
    assert "(5 minutes ago)" in seen


def test_nothing_found_says_what_was_looked_for() -> None:
    seen = texts(list_page(facts(entries=(), total=0), rights=Right, now=NOW))
    assert "*No entries*: blocks. `/lists help` says what can be looked for." in seen


@pytest.mark.parametrize(
    ("start", "total", "ways"),
    [
        (0, 8, {}),
        (0, 9, {"lists_next": "8 block"}),
        (8, 20, {"lists_back": "0 block", "lists_next": "16 block"}),
        (16, 20, {"lists_back": "8 block"}),
    ],
)
def test_the_ways_on(start: int, total: int, ways: dict[str, str]) -> None:
    assert buttons(list_page(facts(start=start, total=total), rights=Right, now=NOW)) == ways


def test_a_query_that_a_button_can_not_hold_gets_none() -> None:
    assert buttons(list_page(facts(total=20, query="x" * 500), rights=Right, now=NOW)) == {}


def test_lists_that_could_not_be_read_are_named() -> None:
    assert ":warning: Could not be read: URLs." in texts(list_page(facts(unread=["URLs"]), rights=Right, now=NOW))


def test_a_star_of_what_was_looked_for_is_read_aloud() -> None:
    message = list_page(facts(value="*.evil.example", words=["*.evil"]), rights=Right, now=NOW)
    assert "with `*[.]evil`" in message.text
    assert "`*[.]evil[.]example`: " in message.text
    assert not message.text.startswith("*")


@given(any_text)
@settings(max_examples=30, deadline=None)
def test_whatever_stands_in_the_lists_a_page_fits(text: str) -> None:
    list_page(facts(value=text * 20 or "x", note=text * 20, total=900_000, words=[text] * 10), rights=Right, now=NOW)


@pytest.mark.parametrize("text", HOSTILE)
def test_what_stands_there_is_harmless(text: str) -> None:
    message = list_page(facts(value=text, note=text, words=[text], query=text), rights=Right, now=NOW)
    assert "<!channel>" not in texts(message)
    assert "<!channel>" not in message.text


MARKS = ".".join(f"{n:010x}" for n in range(PAGE))
PLACES = [
    ("8 evil", ListPlace(position=8, marks=(), query="evil")),
    ("0", ListPlace(position=0, marks=(), query="")),
    (f"8:{MARKS} block evil", ListPlace(position=8, marks=tuple(MARKS.split(".")), query="block evil")),
    ("x", None),
    ("-1 a", None),
    ("8:x a", None),
    ("", None),
]


@pytest.mark.parametrize(("value", "read"), PLACES)
def test_where_a_page_begins(value: str, read: tuple[int, str] | None) -> None:
    assert place_on(value) == read
