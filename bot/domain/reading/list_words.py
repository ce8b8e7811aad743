"""What somebody looks for among the entries of the lists, as they type it: `blocks of senders ends 7d evil`.

Words that say which entries are meant can stand in any order; every other word is looked for in values and notes. How
it was understood is told with what was found (`said`), so that nothing is looked for in secret.
"""

from __future__ import annotations

from collections.abc import Mapping
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
_ENDING = frozenset({"end", "ends", "ending", "expires", "expiring"})
_WITHOUT = frozenset({"no", "without"})
_IN = frozenset({"in", "within", "the", "next"})
_UNITS: Mapping[str, int] = {
    **dict.fromkeys(("d", "day", "days"), 1),
    **dict.fromkeys(("w", "week", "weeks"), 7),
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
    word = bare(typed[at]).lower()
    following = bare(typed[at + 1]).lower() if at + 1 < len(typed) else ""
    if word in _ENDING:
        return _take_end(read, typed, at)
    if word in _WITHOUT and following.removesuffix("s") in {"end", "note"}:
        read.without.add(following.removesuffix("s"))
        return 2
    if word in {"not", "asked"} and following in _OURS:
        read.asked_here = word == "asked"
        return 2
    if word in _ACTIONS:
        read.actions.add(_ACTIONS[word])
    elif word in _LISTS:
        read.lists |= _LISTS[word]
    elif word in _OURS | _OTHERS:
        read.asked_here = word in _OURS
    elif word in {"never", "endless"}:
        read.without.add("end")
    elif word not in _FILLING:
        read.words.append(refang(bare(typed[at])))
    return 1


def _take_end(read: _Read, typed: list[str], at: int) -> int:
    """`ends`, `ends 7d`, `ends within 2 weeks`."""
    end = at + 1
    while end < len(typed) and bare(typed[end]).lower() in _IN:
        end += 1
    days, taken = _days(typed, end)
    read.ends_within = SOON if days is None else days
    if read.ends_within > _MOST_DAYS:
        raise InvalidInput("That is further ahead than any entry ends.", "Write how soon, such as: ends 7d.")
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
