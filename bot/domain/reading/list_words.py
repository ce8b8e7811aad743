"""What somebody looks for among the entries of the lists, as they type it: `blocks of senders ends 7d evil`.

Words that say which entries are meant can stand in any order; every other word is looked for in values and notes. How
it was understood is told with what was found (`said`), so that nothing is looked for in secret.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bot.domain.indicators.refanging import refang
from bot.domain.indicators.typed_text import MAX_TYPED
from bot.domain.lists.list_query import ListQuery
from bot.domain.lists.traits import Action, ListName
from bot.domain.reading.typed_marks import bare, without_marks
from bot.errors import InvalidInput

#: How far ahead `ends` alone looks, in days.
SOON = 7
#: No entry has an end that is further away than this.
_MOST_DAYS = 3_650
_MOST_WORDS = 10

_ACTIONS: Mapping[str, Action] = {
    **dict.fromkeys(("block", "blocks", "blocked"), Action.BLOCK),
    **dict.fromkeys(("allow", "allows", "allowed"), Action.ALLOW),
}
_LISTS: Mapping[str, frozenset[ListName]] = {
    **dict.fromkeys(("sender", "senders", "domains", "addresses"), frozenset({ListName.SENDER})),
    **dict.fromkeys(("url", "urls", "links"), frozenset({ListName.URL})),
    **dict.fromkeys(("file", "files", "hashes"), frozenset({ListName.FILE})),
    **dict.fromkeys(("ip", "ips"), frozenset({ListName.CONNECTION_FILTER, ListName.IP})),
    **dict.fromkeys(("ipv4", "filter"), frozenset({ListName.CONNECTION_FILTER})),
    "ipv6": frozenset({ListName.IP}),
    **dict.fromkeys(("spoof", "spoofs", "spoofed", "pairs"), frozenset({ListName.SPOOF})),
}
#: Of these words each by itself would say something else: `spoofed senders` are no senders.
_LIST_PHRASES: Mapping[tuple[str, ...], frozenset[ListName]] = {
    ("connection", "filter"): _LISTS["filter"],
    **dict.fromkeys((("ip", "address"), ("ip", "addresses")), _LISTS["ips"]),
    **dict.fromkeys((("ipv4", "address"), ("ipv4", "addresses")), _LISTS["ipv4"]),
    **dict.fromkeys(
        (("ipv6", "address"), ("ipv6", "addresses"), ("ipv6", "addresses", "or", "networks")), _LISTS["ipv6"]
    ),
    **dict.fromkeys((("mail", "addresses"), ("email", "addresses")), _LISTS["senders"]),
    **dict.fromkeys((("spoofed", "sender"), ("spoofed", "senders")), _LISTS["spoof"]),
}
_ENDING = frozenset({"end", "ends", "ending", "expire", "expires", "expiring"})
_WITHOUT = frozenset({"no", "without"})
_NOTHING_OF: Mapping[str, str] = {
    **dict.fromkeys(("end", "ends", "expiry"), "end"),
    **dict.fromkeys(("note", "notes"), "note"),
}
_NEVER = frozenset({"never", "endless"})
_IN = frozenset({"in", "within", "the", "next"})
_UNITS: Mapping[str, int] = {
    **dict.fromkeys(("d", "day", "days"), 1),
    **dict.fromkeys(("w", "week", "weeks"), 7),
    **dict.fromkeys(("month", "months"), 30),
    **dict.fromkeys(("y", "year", "years"), 365),
}
#: Behind `ends` these say when, but not in how many days.
_WHEN = re.compile(
    r"before|after|by|until|on|today|tonight|tomorrow|(mon|tues|wednes|thurs|fri|satur|sun)day|h|hours?|m|min|minutes?"
    r"|\d+[a-z]+|\d{4}-\d\d?-\d\d?|\d\d?[./]\d\d?[./]\d{2,4}",
    re.ASCII,
)
_HOW_SOON = "Write how soon in days, such as: ends 7d."
_HERE: Mapping[tuple[str, ...], bool] = {
    **dict.fromkeys((("asked", "for", "here"), ("asked", "here"), ("asked", "ours")), True),
    **dict.fromkeys(
        (("not", "asked", "for", "here"), ("not", "asked", "here"), ("not", "here"), ("not", "ours")), False
    ),
}
_OURS = frozenset({"ours", "here"})
_OTHERS = frozenset({"others", "foreign", "elsewhere"})
#: These say nothing here.
_FILLING = frozenset({"of", "all", "entries", "that", "with", "and", "lists", "list", "any", "an"})


@dataclass(slots=True)
class _Read:
    words: list[str] = field(default_factory=list)
    lists: set[ListName] = field(default_factory=set)
    actions: set[Action] = field(default_factory=set)
    ends_within: int | None = None
    without: set[str] = field(default_factory=set)
    asked_here: bool | None = None

    def query(self) -> ListQuery:
        return ListQuery(
            words=tuple(self.words),
            lists=frozenset(self.lists),
            action=next(iter(self.actions)) if len(self.actions) == 1 else None,
            ends_within=self.ends_within,
            without_end="end" in self.without,
            without_note="note" in self.without,
            asked_here=self.asked_here,
        )


def read_list_query(text: str) -> ListQuery:
    """Which entries a text is about; nothing said is every entry. Raises InvalidInput for what can't be looked for."""
    typed = [word for word in without_marks(text[: MAX_TYPED * 2]).split() if bare(word)]
    read = _Read()
    at = 0
    while at < len(typed):
        at += _take(read, typed, at)
    if len(read.words) > _MOST_WORDS:
        raise InvalidInput(f"More than {_MOST_WORDS} words to look for.", "Write the few that stand in what you mean.")
    if "end" in read.without and read.ends_within is not None:
        raise InvalidInput("What has no end doesn't end soon.", "Write either no end, or ends and how soon.")
    return read.query()


def said(query: ListQuery) -> str:
    """How a text was understood, in plain words: `blocks, senders, that end within 7 days`. Empty: every entry.

    Without the words that are looked for, which are the typist's own.
    """
    parts = [f"{query.action.value}s"] if query.action is not None else []
    parts += sorted(name.traits.words.nouns for name in query.lists)
    if query.ends_within is not None:
        days = "day" if query.ends_within == 1 else "days"
        parts.append(f"that end within {query.ends_within} {days}")
    parts += ["without an end"] if query.without_end else []
    parts += ["without a note"] if query.without_note else []
    if query.asked_here is not None:
        parts.append("asked for here" if query.asked_here else "not asked for here")
    return ", ".join(parts)


def _take(read: _Read, typed: list[str], at: int) -> int:
    """Read one word, and those that belong to it; how many they are."""
    plain = [bare(each).lower() for each in typed[at : at + 4]]
    if taken := _take_phrase(read, plain):
        return taken
    word = plain[0]
    if word in _ENDING:
        return _take_end(read, typed, at)
    if word == "not" and len(plain) > 1 and plain[1] in _ACTIONS.keys() | _LISTS.keys() | _ENDING:
        raise InvalidInput(f"“not {plain[1]}” isn't understood.", "Write what is meant: /lists help has the words.")
    if word in _ACTIONS:
        read.actions.add(_ACTIONS[word])
    elif word in _LISTS:
        read.lists |= _LISTS[word]
    elif word in _OURS | _OTHERS:
        read.asked_here = word in _OURS
    elif word not in _FILLING:
        read.words.append(refang(bare(typed[at])))
    return 1


def _take_phrase(read: _Read, plain: Sequence[str]) -> int:
    """Read several words that say something together; how many they are, 0: none."""
    for length in range(len(plain), 1, -1):
        phrase = tuple(plain[:length])
        if phrase in _LIST_PHRASES:
            read.lists |= _LIST_PHRASES[phrase]
            return length
        if phrase in _HERE:
            read.asked_here = _HERE[phrase]
            return length
    if plain[0] in _NEVER:
        read.without.add("end")
        return 2 if len(plain) > 1 and plain[1] in _ENDING else 1
    if plain[0] not in _WITHOUT:
        return 0
    # `no end`, `without a note`, `no expiry date`
    place = 2 if len(plain) > 2 and plain[1] in {"a", "an", "any"} else 1
    if place >= len(plain) or plain[place] not in _NOTHING_OF:
        return 0
    read.without.add(_NOTHING_OF[plain[place]])
    return place + 2 if plain[place + 1 : place + 2] == ["date"] else place + 1


def _take_end(read: _Read, typed: list[str], at: int) -> int:
    """`ends`, `ends 7d`, `ends within 2 weeks`. Raises InvalidInput for when else: nothing is guessed about it."""
    end = at + 1
    while end < len(typed) and bare(typed[end]).lower() in _IN:
        end += 1
    days, taken = _days(typed, end)
    behind = bare(typed[end + taken]).lower() if end + taken < len(typed) else ""
    if behind == "soon" and days is None:
        read.ends_within = SOON
        return end + 1 - at
    if _WHEN.fullmatch(behind):
        raise InvalidInput(f"When it ends isn't understood by “{behind}”.", _HOW_SOON)
    read.ends_within = SOON if days is None else days
    if read.ends_within > _MOST_DAYS:
        raise InvalidInput("That is further ahead than any entry ends.", _HOW_SOON)
    return end + taken - at if days is not None else 1


def _days(typed: list[str], at: int) -> tuple[int | None, int]:
    """A length in days that begins with a word, and of how many words it is."""
    if at >= len(typed):
        return None, 0
    word = bare(typed[at]).lower()
    digits = word.rstrip("abcdefghijklmnopqrstuvwxyz")
    unit = word[len(digits) :]
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= 6):
        # `ends within a week`, `ends this week`
        second = bare(typed[at + 1]).lower() if at + 1 < len(typed) else ""
        return (_UNITS[second], 2) if word in {"a", "one", "this"} and second in _UNITS else (None, 0)
    if unit in _UNITS:
        return int(digits) * _UNITS[unit], 1
    second = bare(typed[at + 1]).lower() if at + 1 < len(typed) else ""
    if not unit and second in _UNITS:
        return int(digits) * _UNITS[second], 2
    return (int(digits), 1) if not unit else (None, 0)
