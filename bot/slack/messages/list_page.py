"""The answer to `/lists`: a page of the lists' entries, each with a menu, and the ways on from there."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from slack_sdk.models.blocks import Block, ButtonElement

from bot.domain.requests.people import Right
from bot.domain.telling.counting import plural
from bot.domain.telling.entry_lines import EntryLineFacts
from bot.slack.block_kit import elements
from bot.slack.block_kit.blocks import Message
from bot.slack.block_kit.ids import ActionId
from bot.slack.block_kit.text import ago, code, escaped, indicator, plain, when, when_plain
from bot.slack.messages.entry_row import entry_row
from bot.slack.messages.sentences import read_aloud

#: So many entries stand on one page: a message holds 12,000 characters.
PAGE = 8
_QUERY_LIMIT = 400
_WORDS_LIMIT = 200
#: In the value of a button: a position, the marks of a page, a query.
_PLACE = re.compile(r"([0-9]{1,9})(?::([0-9a-f]{10}(?:\.[0-9a-f]{10}){0,7}))?(?: (.*))?", re.ASCII | re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPageFacts:
    """A page of entries. `said` is how the query was understood; `words` are looked for in values and notes."""

    entries: Sequence[EntryLineFacts]
    start: int  #: how many stand before this page
    total: int
    said: str
    words: Sequence[str]
    query: str  #: as it was typed, for the buttons
    as_of: datetime
    unread: Sequence[str]  #: the lists that could not be read
    marks: Sequence[str] = ()  #: of the entries' places, for the pages before and behind


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPlace:
    """Which page a button asks for: the one beside that with these marks; where they are gone, by its position."""

    position: int  #: how many entries stood before it
    marks: tuple[str, ...]
    query: str


def list_page(facts: ListPageFacts, *, rights: Collection[Right], now: datetime) -> Message:
    """At most `PAGE` entries: those that end first, first."""
    title = _title(facts, strong="*")
    age = f"Lists as of {when(facts.as_of)} ({ago(facts.as_of, now=now)}). Only you see this."
    unread = [f":warning: Could not be read: {', '.join(facts.unread)}."] if facts.unread else []
    shown = facts.entries[:PAGE]
    blocks: list[Block] = [elements.section(title)]
    blocks += [entry_row(entry, rights=rights) for entry in shown]
    if ways := _ways(facts):
        blocks.append(elements.buttons(ways))
    blocks += [elements.context(text) for text in (*unread, age)]
    spoken = [_title(facts, strong=""), *(_spoken(entry) for entry in shown), *unread]
    spoken.append(f"Lists as of {when_plain(facts.as_of)}.")
    return Message.build(name="lists", text="\n".join(spoken), blocks=blocks)


def place_on(value: str) -> ListPlace | None:
    """The page and the query in the value of a button; None when it isn't one of ours. Older ones have no marks."""
    read = _PLACE.fullmatch(value)
    if read is None:
        return None
    marks = tuple(read[2].split(".")) if read[2] else ()
    return ListPlace(position=int(read[1]), marks=marks, query=read[3] or "")


def _title(facts: ListPageFacts, *, strong: str) -> str:
    looked_for = escaped(facts.said, limit=300)
    if facts.words:
        words = indicator(" ".join(facts.words), limit=_WORDS_LIMIT)
        looked_for = f"{looked_for}{', ' if looked_for else ''}with {words}"
    about = f": {looked_for}" if looked_for else ""
    if not facts.entries:
        return f"{strong}No entries{strong}{about}. {code('/lists help')} says what can be looked for."
    first, last = facts.start + 1, facts.start + len(facts.entries[:PAGE])
    counted = plural(facts.total, "entry", "entries")
    return f"{strong}{counted}{strong}{about}. {first:,} to {last:,}, those that end first."


def _spoken(entry: EntryLineFacts) -> str:
    return f"{indicator(entry.value, limit=100)}: {entry.action}, {read_aloud(entry.until)}."


def _ways(facts: ListPageFacts) -> list[ButtonElement]:
    again = plain(facts.query, limit=_QUERY_LIMIT)
    if again != " ".join(facts.query.split()):
        return []  # a button that can't hold the query as it is would find something else
    marks = f":{'.'.join(facts.marks[:PAGE])}" if facts.marks else ""
    ways = []
    if facts.start:
        value = f"{max(0, facts.start - PAGE)}{marks} {again}".strip()
        ways.append(elements.button("Back", action_id=ActionId.LISTS_BACK, value=value))
    if facts.start + PAGE < facts.total:
        ways.append(
            elements.button("Next", action_id=ActionId.LISTS_NEXT, value=f"{facts.start + PAGE}{marks} {again}".strip())
        )
    return ways
