"""What a text that was written for people holds that can be listed: to choose from, and none of it taken.

A message in a chat, an alert, a report: nobody wrote it to be read by this program. A domain in it may be the
attacker's, the victim's or a link to a page about it, so that each is offered and somebody chooses.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from bot.domain.indicators.indicator import Indicator, Kind, NoteCode
from bot.domain.indicators.surroundings import unwrap
from bot.domain.reading.command_tokens import Token, looks_like_prose, may_be_file, tokens
from bot.domain.reading.line_ends import lines_of
from bot.domain.reading.line_reading import Readings
from bot.domain.reading.mail_headers import offers_of
from bot.domain.reading.shapes import shape_of

#: So much of a text is looked at, and so many of its words are read as values.
LOOKED_AT = 40_000
_MOST_READ = 500

#: Whatever can be listed has one of these, unless it is a hash.
_MARKS = re.compile(r"[.:@。．]|dot", re.IGNORECASE)
_SHORTEST_HASH = 32
#: A link as Slack has it in a text, with or without a label; mentions of people and channels are none.
_LINK = re.compile(r"<((?:https?://|mailto:)[^<>|\s]{1,2048})(?:\|([^<>]{0,2048}))?>", re.IGNORECASE)
_MENTION = re.compile(r"<[@#!][^<>]{0,200}>")
#: What a chat writes for the three signs that mean something to it.
_ESCAPES = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))
#: What stands around and between values in bold text, in Markdown's links, in JSON and in an alert's fields.
_BETWEEN = re.compile(r"[\s\"'“”{}\[\]()<>|,;*→&`]+")
_AROUND = "_~:=.!?"
#: `sha256:…`, `src_ip=…`: what a value is, in front of it.
_NAMED = re.compile(r"[A-Za-z][\w-]{0,30}[:=](?!//)(.+)", re.ASCII)
_PORT = re.compile(r"([0-9.]{7,15}):[0-9]{1,5}", re.ASCII)
#: Addresses that lead nowhere outside of somebody's own network.
_INNER = (
    *(NoteCode.PRIVATE, NoteCode.LOOPBACK, NoteCode.LINK_LOCAL, NoteCode.SHARED),
    *(NoteCode.UNSPECIFIED, NoteCode.RESERVED, NoteCode.MULTICAST),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FreeText:
    """What a text holds. Each value comes once, in the order in which it stands there."""

    found: tuple[Indicator, ...] = ()
    own: tuple[str, ...] = ()  #: values of the tenant's own domains, which aren't offered
    is_whole: bool = True  #: all of the text was looked at


@dataclass(slots=True)
class _Found:
    found: dict[tuple[Kind, str], Indicator] = field(default_factory=dict)
    own: dict[str, None] = field(default_factory=dict)

    def add(self, indicator: Indicator) -> None:
        if indicator.has_note(NoteCode.OWN_DOMAIN):
            self.own[indicator.value] = None
        elif not any(indicator.has_note(code) for code in _INNER):
            self.found.setdefault((indicator.kind, indicator.value), indicator)


def indicators_in(text: str, *, accepted_domains: frozenset[str] = frozenset()) -> FreeText:
    """The indicators of a text, defanged or not, as links or not. Never raises, whatever the text.

    The tenant's own domains, and what lies under them, are named apart. What may as well be a file's name
    (`report.zip`) or the end of a sentence is no indicator, unless it is defanged or a link.
    """
    looked_at = text[:LOOKED_AT]
    readings = Readings(accepted_domains)
    found = _Found()
    for offer in offers_of(looked_at, accepted_domains=accepted_domains) or ():
        found.add(offer.indicator)
    read = 0
    for token in _tokens(looked_at, readings):
        # What is no value as a whole may hold some.
        for text_read in (*_whole(token.inner), *_pieces(token.inner)):
            if not _may_be_indicator(text_read):
                continue
            read += 1
            if read > _MOST_READ:
                break
            value = readings.of(text_read)
            if isinstance(value, Indicator):
                found.add(value)
                if text_read == token.inner:
                    break
        if read > _MOST_READ:
            break
    is_whole = len(text) <= LOOKED_AT and read <= _MOST_READ
    return FreeText(found=tuple(found.found.values()), own=tuple(found.own), is_whole=is_whole)


def _tokens(text: str, readings: Readings) -> Iterator[Token]:
    """The words of a text; of a link with a label both, each by itself."""
    text = _MENTION.sub(" ", _LINK.sub(_both, text))
    for written, sign in _ESCAPES:
        text = text.replace(written, sign)
    for line in lines_of(text):
        yield from tokens(line, reads=readings.reads)


def _both(link: re.Match[str]) -> str:
    target = re.sub(r"^mailto:", "", link[1], flags=re.IGNORECASE)
    label = link[2] or ""
    # A label that says the same, without the scheme that Slack has put in front, is what was typed.
    same = label and target.lower().rstrip("/") in {
        f"http://{label}".lower(),
        f"https://{label}".lower(),
        label.lower(),
    }
    return f" {label if same else f'{target} {label}'} "


def _whole(word: str) -> tuple[str, ...]:
    """The word, unless it is struck through: a path may begin with that sign."""
    return () if word.startswith("~") and word.endswith("~") else (word,)


def _pieces(word: str) -> Iterator[str]:
    """The values that may stand within a word that is none itself: `*evil.example*`, `ip=203.0.113.7:443`."""
    for part in _BETWEEN.split(word):
        piece = part.strip(_AROUND)
        if (named := _NAMED.fullmatch(piece)) is not None:
            piece = named[1].strip(_AROUND)
        if (with_port := _PORT.fullmatch(piece)) is not None:
            piece = with_port[1]
        if piece and piece != word:
            yield piece


def _may_be_indicator(inner: str) -> bool:
    if not _MARKS.search(inner) and len(inner) < _SHORTEST_HASH:
        return False
    text = unwrap(inner)
    return shape_of(text) is not None and not looks_like_prose(text) and not may_be_file(text)
