"""Reading what somebody wants to know of the audit log: words in any order, none of them dropped."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import ip_network

from bot.domain.auditing.events import PORTCULLIS
from bot.domain.auditing.names import name_key, words_of_name
from bot.domain.auditing.query import TOPICS, AuditQuery, Topic
from bot.domain.indicators.indicator import Indicator, Kind
from bot.domain.indicators.reader import recorded
from bot.domain.indicators.typed_text import DASHES, quoted
from bot.domain.reading.lines import read_as_logged
from bot.domain.reading.listed import Listed
from bot.domain.reading.spans import Span, joined, span_at
from bot.domain.reading.typed_marks import bare, without_marks
from bot.errors import InvalidIndicator, InvalidInput

_REMEDY = "Look for a request (#6), a person (@name), an indicator, a time (7d) or a word such as denied: /audit help."
_NUMBER = re.compile(r"#?([0-9]{1,15})")
#: A mention as Slack delivers it, with what the person is called, which can be several words.
_MENTIONED = re.compile(r"<@([UW][A-Z0-9]{4,20})(?:\|[^<>]{0,200})?>", re.ASCII)
_MENTION = re.compile(r"<@([UW][A-Z0-9]{4,20})>", re.ASCII)
_MEMBER = re.compile(r"@?([UW](?=[A-Z]*[0-9])[A-Z0-9]{4,20})", re.ASCII)
_NAME = re.compile(r"@([^\s@<>]{1,80})")
_REQUEST_WORDS = frozenset({"request", "requests", "proposal"})
#: What says nothing, between what does.
_FILLING = frozenset(
    {"event", "events", "everything", "about", "of", "for", "the", "in", "on", "and", "show", "what", "happened", "all"}
    | {"covers", "it", "is", "was", "why", "when"}
)
#: What stands between two words by itself.
_BETWEEN = f"{DASHES},;:·|"
_LONGEST_PHRASE = max(map(len, TOPICS))


@dataclass(slots=True)
class _Found:
    requests: set[int] = field(default_factory=set)
    people: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    topics: dict[str, Topic] = field(default_factory=dict)
    span: Span = field(default_factory=Span)
    rest: list[str] = field(default_factory=list)


def read_query(
    text: str, *, now: datetime, me: str, listed: Listed | None = None, names: Collection[str] = ()
) -> AuditQuery:
    """What a text asks of the log. `me` is who asks; `listed` are entries that are read by their exact value; `names`,
    as `name_key` has them, are what people are called: one of several words is read as a whole.

    Raises InvalidInput, which names what isn't understood: a word that is passed over would make another question.
    """
    text = _MENTIONED.sub(r" <@\1> ", without_marks(text))
    words = [word for word in text.split() if word.strip(_BETWEEN)]
    plain = [_plain(word) for word in words]
    found = _Found()
    at = 0
    while at < len(words):
        at = _take(words, plain, at, found, now=now, me=me, names=names)
    indicator = None
    if found.rest:
        try:
            indicator = _indicator(" ".join(found.rest), listed)
        except InvalidInput:
            if unknown := found.names.difference(names):
                raise nobody_called(min(unknown)) from None  # what isn't understood may be the rest of their name
            raise
    _demand_single("requests", [f"#{number}" for number in found.requests])
    _demand_single("people", [*found.people, *found.names])
    return AuditQuery(
        request_id=next(iter(found.requests), None),
        actor=next(iter(found.people), None),
        name=next(iter(found.names), ""),
        indicator=indicator,
        topics=tuple(found.topics[label] for label in sorted(found.topics)),
        since=found.span.since,
        until=found.span.until,
    )


def nobody_called(name: str) -> InvalidInput:
    """What is said where a name is of nobody who is known."""
    return InvalidInput(
        f"Nobody is known here by the name @{name}.",
        "Write their member ID: it is in their Slack profile, under the three dots.",
    )


def _indicator(text: str, listed: Listed | None) -> Indicator:
    """An indicator; also a network that no list takes: many addresses can be looked up at once."""
    try:
        return read_as_logged(text, listed=listed)
    except InvalidIndicator:
        try:
            network = ip_network(text)
        except ValueError:
            raise InvalidInput(f"{quoted(text)} isn't understood, and nothing was looked up.", _REMEDY) from None
        return recorded(Kind.IPV4_NETWORK if network.version == 4 else Kind.IPV6_NETWORK, str(network))


def _plain(word: str) -> str:
    return bare(word).lower()


def _take(
    words: Sequence[str],
    plain: Sequence[str],
    at: int,
    found: _Found,
    *,
    now: datetime,
    me: str,
    names: Collection[str],
) -> int:
    """Read what stands at a place; where to go on."""
    for length in range(min(_LONGEST_PHRASE, len(words) - at), 0, -1):
        if (topic := TOPICS.get(tuple(plain[at : at + length]))) is not None:
            found.topics[topic.label] = topic
            return at + length
    by = at + 1 if plain[at] == "by" and at + 1 < len(words) else None
    first = at if by is None else by
    if (by is not None or plain[at].startswith("@")) and (length := words_of_name(words, first, names)) > 1:
        found.names.add(name_key(" ".join(words[first : first + length])))
        return first + length
    if by is not None:
        if not _is_person(words[at + 1], found, me=me, by=True):
            raise InvalidInput(f"{quoted(words[at + 1])} isn't a person.", "Write by @name, by me or by portcullis.")
        return at + 2
    if (said := span_at(plain, at, now=now)) is not None:
        span, end = said
        found.span = joined(found.span, span)
        return end
    if plain[at] in _REQUEST_WORDS and (number := _number(words[at + 1 : at + 2])) is not None:
        found.requests.add(number)
        return at + 2
    if (number := _number(words[at : at + 1])) is not None:
        found.requests.add(number)
    elif not _is_person(words[at], found, me=me) and plain[at] not in {*_FILLING, *_REQUEST_WORDS}:
        found.rest.append(words[at])
    return at + 1


def _number(words: Sequence[str]) -> int | None:
    match = _NUMBER.fullmatch(bare(words[0])) if words else None
    return None if match is None else int(match[1])


def _is_person(word: str, found: _Found, *, me: str, by: bool = False) -> bool:
    """Whether a word is a person, who is taken down. Behind `by` a name needs no `@`."""
    clean = bare(word)
    if match := _MENTION.fullmatch(clean) or _MEMBER.fullmatch(clean):
        found.people.add(match[1])
    elif clean.lower() in {"me", "myself", "@me"}:
        found.people.add(me)
    elif clean.lower().lstrip("@") == PORTCULLIS:
        found.people.add(PORTCULLIS)
    elif match := _NAME.fullmatch(clean if clean.startswith("@") or not by else f"@{clean}"):
        found.names.add(name_key(match[1]))
    else:
        return False
    return True


def _demand_single(what: str, given: Sequence[str]) -> None:
    if len(given) > 1:
        raise InvalidInput(f"One query can't be about several {what}.", f"Ask for one of {', '.join(sorted(given))}.")
