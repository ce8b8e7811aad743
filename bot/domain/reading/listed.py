"""Entries that exist are named by their exact value, whatever the rules for new entries say of it.

The tenant may hold what nobody could add today: a fragment in a URL, an apostrophe, a network that is too wide, junk.
Who types such a value to check, remove or change it means that entry, and no other value that the text could be read
as.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from bot.domain.indicators.indicator import Indicator, Kind, Note, NoteCode
from bot.domain.indicators.link_forms import unlink
from bot.domain.indicators.reader import read, read_as
from bot.domain.indicators.refanging import refang
from bot.domain.indicators.surroundings import unwrap
from bot.domain.indicators.typed_text import MAX_TYPED, plain_quotes, quoted, shown, unescape
from bot.domain.lists.coverage import is_same
from bot.domain.lists.entries import Entry
from bot.domain.lists.traits import ListName, label, list_for
from bot.errors import InvalidIndicator

#: In front of a value, with a colon: which of the lists is meant.
_WORDS: Mapping[str, ListName] = {
    "filter": ListName.CONNECTION_FILTER,
    "sender": ListName.SENDER,
    "domain": ListName.SENDER,
    "url": ListName.URL,
    "file": ListName.FILE,
    "ip": ListName.IP,
    "spoof": ListName.SPOOF,
}
_NAMED_LIST = re.compile(rf"\s*({'|'.join(_WORDS)})\s*:\s*(?=\S)", re.IGNORECASE)
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]{0,20}://", re.IGNORECASE)
_SEPARATED = re.compile(r"[\s,;|]")
_FIRST_WORD = re.compile(r"[^\s,;|]{0,100}")


class Listed:
    """The entries that the lists hold, found by their text.

    Making one takes a moment for a full tenant: do it once for each snapshot, in a thread.
    """

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._folded: dict[str, list[Entry]] = defaultdict(list)
        self._several_words: dict[str, list[Entry]] = defaultdict(list)
        for entry in entries:
            text = entry.value.strip()
            self._folded[_folded(text)].append(entry)
            if entry.list is not ListName.SPOOF and _SEPARATED.search(text):
                self._several_words[_first_word(text)].append(entry)

    def find(self, text: str, names: frozenset[ListName] = frozenset(ListName)) -> tuple[Entry, ...]:
        """The entries of these lists whose value is this text: exactly, else but for letter case.

        Looked for as it was typed, without what Slack makes of links and escapes, and without its defanging; among
        URLs also without a scheme. Never raises.
        """
        alike = [
            (spelling, entry)
            for spelling, in_lists in _spellings(text)
            for entry in self._folded.get(_folded(spelling), ())
            if entry.list in names & in_lists
        ]
        exact = [entry for spelling, entry in alike if entry.value.strip() == spelling]
        found = exact or [entry for _, entry in alike]
        return tuple({id(entry): entry for entry in found}.values())

    def starts_at(self, text: str, start: int) -> int | None:
        """Where an entry ends whose value stands in the text from `start` on and has spaces, commas or bars in it.

        None where there is none: then words are read one by one. The longest counts. Spoof pairs aren't among them: two
        domains with a comma between are two domains.
        """
        longest = None
        for entry in self._several_words.get(_first_word(text, start), ()):
            end = start + len(entry.value.strip())
            is_whole = end >= len(text) or _SEPARATED.match(text, end) is not None
            if is_whole and _folded(text[start:end]) == _folded(entry.value) and (longest is None or end > longest):
                longest = end
        return longest


def read_listed(
    text: str,
    listed: Listed | None,
    *,
    kind: Kind | None = None,
    accepted_domains: frozenset[str] = frozenset(),
) -> Indicator:
    """Read one indicator, as `read` does or, with a `kind`, `read_as`; but an entry of the lists as it stands there.

    The entry goes before the rules where they refuse the text, where they would read it as some other value of the same
    list, and where the word for another list stands in front (`url:evil.example`). Without lists (None) the rules alone
    count. Raises InvalidIndicator: as the rules do, and for a value that no rule can read and several lists hold.
    """
    try:
        indicator = _read(text, kind, accepted_domains)
    except InvalidIndicator:
        entries = (listed.find(text) or _of_named_list(text, listed)) if listed is not None else ()
        if not entries:
            raise
        return _the_one(text, entries)
    if listed is None:
        return indicator
    own = [entry for entry in listed.find(text) if entry.list is list_for(indicator.kind)]
    meant = own or _of_named_list(text, listed)
    if not meant or any(is_same(entry, indicator) for entry in meant):
        return indicator
    return _taken_as(meant[0])


def listed_indicator(entry: Entry) -> Indicator:
    """An entry as an indicator of its list's kind: the value just as the tenant has it."""
    return Indicator(kind=_kind(entry), value=entry.value)


def _taken_as(entry: Entry) -> Indicator:
    """The entry that a text was taken as, with a note that says so: whoever typed it may have meant something else."""
    text = f"It is taken as the entry that stands under just this text in the {label(entry.list)}."
    return replace(listed_indicator(entry), notes=(Note(code=NoteCode.AS_LISTED, text=text),))


def as_typed(entry: Entry) -> str:
    """How a person writes an entry of just this list: `url:evil.example`."""
    return of_list(entry.list, shown(entry.value, limit=250))


def of_list(name: ListName, value: str) -> str:
    """A value with the word for a list in front, as `read_listed` takes it."""
    return f"{next(word for word, meant in _WORDS.items() if meant is name)}:{value}"


def _read(text: str, kind: Kind | None, accepted_domains: frozenset[str]) -> Indicator:
    if kind is None:
        return read(text, accepted_domains=accepted_domains)
    return read_as(kind, text, accepted_domains=accepted_domains)


def _of_named_list(text: str, listed: Listed) -> tuple[Entry, ...]:
    prefix = _NAMED_LIST.match(text)
    return () if prefix is None else listed.find(text[prefix.end() :], frozenset({_WORDS[prefix[1].lower()]}))


def _the_one(text: str, entries: Sequence[Entry]) -> Indicator:
    names = _lists_of(entries)
    if len(names) == 1:
        return _taken_as(entries[0])
    ways = " or ".join(as_typed(entry) for entry in {entry.list: entry for entry in entries}.values())
    raise InvalidIndicator(
        f"{quoted(text)} stands in several lists: {'; '.join(label(name) for name in names)}.",
        f"Say which one is meant: {ways}.",
    )


def _lists_of(entries: Iterable[Entry]) -> Sequence[ListName]:
    return list(dict.fromkeys(entry.list for entry in entries))


def _kind(entry: Entry) -> Kind:
    value = entry.value
    match entry.list:
        case ListName.CONNECTION_FILTER:
            return Kind.IPV4_NETWORK if "/" in value else Kind.IPV4_RANGE if "-" in value else Kind.IPV4
        case ListName.SENDER:
            return Kind.ADDRESS if "@" in value else Kind.DOMAIN
        case ListName.URL:
            return Kind.URL
        case ListName.FILE:
            return Kind.FILE
        case ListName.IP:
            return Kind.IPV6_NETWORK if "/" in value else Kind.IPV6
        case ListName.SPOOF:
            return Kind.SPOOF_PAIR


_EVERY_LIST = frozenset(ListName)
_URLS = frozenset({ListName.URL})


def _spellings(text: str) -> Sequence[tuple[str, frozenset[ListName]]]:
    """What the text may stand for, the way it was typed first, and in which lists."""
    if len(text) > MAX_TYPED:
        return ()
    found: dict[tuple[str, frozenset[ListName]], None] = {}
    for spelling in _undone(text):
        if spelling:
            found[spelling, _EVERY_LIST] = None
            if scheme := _SCHEME.match(spelling):
                found[spelling[scheme.end() :], _URLS] = None
    return list(found)


def _undone(text: str) -> Iterator[str]:
    yield text.strip()
    try:
        plain = unescape(unlink(text)).strip()
    except InvalidIndicator:
        return
    for spelling in dict.fromkeys((plain, plain_quotes(plain))):
        yield spelling
        yield refang(spelling)
        yield unwrap(refang(unwrap(spelling)))


def _folded(text: str) -> str:
    """Without letter case, and without what may stand around a comma."""
    if "," not in text:
        return text.strip().casefold()
    return ",".join(part.strip() for part in text.strip().casefold().split(","))


def _first_word(text: str, start: int = 0) -> str:
    word = _FIRST_WORD.match(text, start)
    return word[0].casefold() if word is not None else ""
