"""Cutting the text of a command into tokens, keeping their places, so that the reason stays as it was typed.

A token is what stands between spaces, commas and semicolons, but for: Slack's links, a display name with its address, a
quoted local part, a bracketed dot with spaces around it, and commas inside a URL's path.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.domain.indicators.hosts import is_known_suffix
from bot.domain.indicators.indicator import Kind
from bot.domain.indicators.link_forms import unlink
from bot.domain.indicators.reader import read
from bot.domain.indicators.refanging import refang
from bot.domain.indicators.surroundings import unwrap
from bot.domain.indicators.typed_text import DASHES, MAX_TYPED, unescape
from bot.errors import InvalidIndicator

_QUOTE = '["“”]'
_INSIDE = '[^"“”\\n]'
_SEPARATORS = re.compile(r"[\s,;]*")
_NAMED_ADDRESS = re.compile(
    rf"{_QUOTE}{_INSIDE}{{0,200}}{_QUOTE}\s{{0,3}}(?:&lt;|<){{1,2}}[^<>\s&]+@[^<>\s&]+(?:>|&gt;){{1,2}}"
)
_QUOTED_LOCAL = re.compile(rf"{_QUOTE}{_INSIDE}{{1,100}}{_QUOTE}@[^\s,;]+")
_WORD = re.compile(r"(?:<[^<>]*>|&(?:amp|lt|gt);|[^\s,;<&]|[<&])+")
_SPACED_MARK = re.compile(r"\s{1,3}[\[({]\s?(?:\.|dot|@|at)\s?[\])}]\s{1,3}(?=\S)", re.IGNORECASE)
_LONE_DASH = re.compile(rf"[{re.escape(DASHES)}]{{1,3}}")

_NUMBER_AND_DOT = re.compile(r"[0-9]\.[\w]|\w\.[0-9]|[0-9]\.\*")
_AT = re.compile(r"[^\s@]@[^\s@]+")
_PREFIX = re.compile(r"[\w*]\.[\w.*]*/[0-9]|:[0-9a-f:]*/[0-9]", re.IGNORECASE)
_COLONS = re.compile(r"\[?(?:[0-9a-f]{0,4}:){2,}[0-9a-f]{0,4}\]?", re.IGNORECASE)
_LONG_HEX = re.compile(r"[0-9a-f]{32,}", re.IGNORECASE)
_MENTION = re.compile(r"<[@#!][^<>]*>")
_DEFANGED = re.compile(r"[\[({](?:\.|dot|at|@|:|://)[\])}]|^(?:hxxp|h\*\*p|meow)", re.IGNORECASE)
_DOTTED = re.compile(r"[\w*~-]+(?:\.+[\w-]+)*\.+([a-z]{2,})", re.IGNORECASE)


#: Endings of files that are top-level domains as well.
_FILE_AND_TOP_LEVEL = frozenset({"md", "py", "sh", "rs", "pl", "ps", "zip", "mov"})
_USUAL_FILES = frozenset({"readme", "changelog", "contributing", "license", "todo"})


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a command's text: `text[start:end]`."""

    text: str
    start: int
    end: int


def tokens(text: str, start: int = 0) -> Iterator[Token]:
    """The tokens of the text from `start` on, in order."""
    position = start
    while True:
        separators = _SEPARATORS.match(text, position)
        position = separators.end() if separators else position
        if position >= len(text):
            return
        end = _end_of_token(text, position)
        yield Token(text[position:end], position, end)
        position = end


def is_lone_dash(token: Token) -> bool:
    """Whether the token is nothing but a dash, as people put between a thing and its reason, or into a range."""
    return _LONE_DASH.fullmatch(token.text) is not None


def looks_like_attempt(text: str) -> bool:
    """Whether somebody meant this token as an indicator, though it reads as none.

    Ordinary words aren't: `phishing.`, `24/7`, `e.g.`, `10:30`, `report.pdf`, a mention of somebody.
    """
    if len(text) > MAX_TYPED:
        return True
    if _MENTION.fullmatch(text):
        return False
    if _DEFANGED.search(text) or "://" in text:
        return True
    plain = unwrap(refang(unwrap(unescape(text))))
    shapes = (_NUMBER_AND_DOT, _AT, _PREFIX, _LONG_HEX)
    if any(shape.search(plain) for shape in shapes) or _COLONS.fullmatch(plain):
        return True
    dotted = _DOTTED.fullmatch(plain.partition("/")[0])
    return dotted is not None and is_known_suffix(dotted[1].lower())


def looks_like_prose(text: str) -> bool:
    """Whether a token that could be read as a host belongs to a sentence all the same, when it stands behind another.

    `Readme.md` and `sentence.Another` do: a file's name, and an ending that no domain has. What is defanged, or is
    written as an address, a URL or a wildcard, is meant as it stands.
    """
    if len(text) > MAX_TYPED or _DEFANGED.search(text):
        return False
    try:
        plain = unwrap(unescape(unlink(text)))
    except InvalidIndicator:
        return False
    host, slash, _ = plain.partition("/")
    dotted = _DOTTED.fullmatch(host)
    if dotted is None or "://" in plain or "@" in plain or "*" in host or "~" in host:
        return False
    ending = dotted[1].lower()
    if not is_known_suffix(ending):
        return True
    stem = host[: -len(ending) - 1]
    is_named_so = stem[:1].isupper() or stem.lower() in _USUAL_FILES
    return ending in _FILE_AND_TOP_LEVEL and is_named_so and "." not in stem and not slash


def range_from(first: Token, following: list[Token], text: str) -> Token | None:
    """The token that a spaced IPv4 range makes of `first` and one or two of those `following`, or None.

    `203.0.113.5 - 203.0.113.9`, with any dash and with a space on either side or both. The short form with spaces
    (`203.0.113.5 - 20`) is taken for a range only when nothing but a dash and the number follow: a reason may well
    start with a number.
    """
    if not following or text[first.end : following[0].start].strip():
        return None
    dash = re.escape(DASHES)
    second = following[0]
    if is_lone_dash(second):
        if len(following) < 2 or text[second.end : following[1].start].strip() or not _is_ipv4(first.text):
            return None
        third = following[1]
        short = len(following) == 2 and re.fullmatch(r"[0-9]{1,3}", third.text)
        return _joined(first, third) if short or _is_ipv4(third.text) else None
    tight = re.fullmatch(rf"(.+?)[{dash}]{{1,2}}", first.text)
    if tight and _is_ipv4(tight[1]) and _is_ipv4(second.text):
        return Token(f"{tight[1]}-{second.text}", first.start, second.end)
    tight = re.fullmatch(rf"[{dash}]{{1,2}}(.+)", second.text)
    if tight and _is_ipv4(first.text) and _is_ipv4(tight[1]):
        return Token(f"{first.text}-{tight[1]}", first.start, second.end)
    return None


def _joined(first: Token, last: Token) -> Token:
    return Token(f"{first.text}-{last.text}", first.start, last.end)


def _end_of_token(text: str, start: int) -> int:
    for whole in (_NAMED_ADDRESS, _QUOTED_LOCAL):
        if match := whole.match(text, start):
            return match.end()
    end = _end_of_word(text, start)
    while mark := _SPACED_MARK.match(text, end):
        end = _end_of_word(text, mark.end())
    # A comma or semicolon in a URL's path belongs to it, unless what follows is an indicator of its own.
    while "/" in text[start:end] and end + 1 < len(text) and text[end] in ",;" and not text[end + 1].isspace():
        further = _end_of_word(text, end + 1)
        if further == end + 1 or further - start > MAX_TYPED or _reads(text[end + 1 : further]):
            break
        end = further
    return end


def _end_of_word(text: str, start: int) -> int:
    match = _WORD.match(text, start)
    return match.end() if match else start


def _reads(text: str) -> bool:
    try:
        read(text)
    except InvalidIndicator:
        return False
    return True


def _is_ipv4(text: str) -> bool:
    try:
        return read(text).kind is Kind.IPV4
    except InvalidIndicator:
        return False
