"""Cutting a line into tokens, keeping their places, so that what isn't an indicator stays as it was typed.

A token is what stands between spaces, commas, semicolons, bars and tabs, but for: Slack's links, what stands in
quotation marks, a display name with its address, a quoted local part, a bracketed dot with spaces around it, and commas
and semicolons in a URL that belong to it. Where nobody could tell whether they do, the token has a `doubt`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from bot.domain.indicators.hosts import is_known_suffix
from bot.domain.indicators.labels import is_label
from bot.domain.indicators.link_forms import MARKDOWN_LINK, unlink
from bot.domain.indicators.refanging import refang
from bot.domain.indicators.surroundings import unwrap
from bot.domain.indicators.typed_text import DASHES, MAX_TYPED, quoted, shown, unescape
from bot.domain.reading.durations import lifetime_at, may_be_lifetime
from bot.domain.reading.import_text import NUMBERED
from bot.errors import InvalidIndicator

#: Whether a text reads as an indicator.
Reads = Callable[[str], bool]

#: Commas and semicolons as Chinese and Japanese keyboards type them: no link has them as they are.
_WIDE_COMMAS = "，；、"
#: What stands between two tokens, beside white space.
SEPARATORS = f",;|{_WIDE_COMMAS}"
_ENDS = rf"(?=[\s{SEPARATORS}]|$)"

#: What people put before the items of a list.
_BULLET = re.compile(r"\s*(?:[-–—*•·▪‣◦>]|&gt;|[0-9]{1,3}[.)])\s+(?=[^\s,])")
_COMMENT = re.compile(rf"\s*(?:(?!{NUMBERED})#|(?:;|//)(?=[ \t]|$))")
_QUOTE = '["“”„]'
_INSIDE = '[^"“”„\\n]'
_SEPARATORS = re.compile(rf"[\s{SEPARATORS}]*")
_ADDRESS_END = r"(?:&lt;|<){1,2}[^<>\s&@]{1,320}@[^<>\s&@]{1,320}(?:>|&gt;){1,2}"
_NAMED_ADDRESS = re.compile(rf"{_QUOTE}{_INSIDE}{{0,200}}{_QUOTE}\s{{0,3}}{_ADDRESS_END}")
_QUOTED_LOCAL = re.compile(rf"{_QUOTE}{_INSIDE}{{1,100}}{_QUOTE}@[^\s,;]+")
_CURLY = re.compile(rf"[“„”][^“„”\n]*[“”]{_ENDS}")
#: What stands between quotation marks, by the mark that opens it.
_QUOTED = {
    '"': re.compile(rf'"(?:[^"\n]|"")*"{_ENDS}'),
    "“": _CURLY,
    "„": _CURLY,
    "”": _CURLY,
    "'": re.compile(rf"'[^'\n]*'{_ENDS}"),
    "‘": re.compile(rf"‘[^‘’\n]*’{_ENDS}"),
    "`": re.compile(rf"`[^`\n]*`{_ENDS}"),
}
_WORD = re.compile(rf"(?:<[^<>]*>|&(?:amp|lt|gt);|[^\s{SEPARATORS}<&]|[<&])+")
_SPACED_MARK = re.compile(r"\s{1,3}[\[({]\s?(?:\.|dot|@|at)\s?[\])}]\s{1,3}(?=\S)", re.IGNORECASE)
_LONE_DASH = re.compile(rf"[{re.escape(DASHES)}]{{1,3}}")

#: The beginning of a URL of its own.
_SCHEME = re.compile(r"[\[(]?(?:h(?:tt|xx|\*\*)ps?|s?ftp|meow)[\[({]?:", re.IGNORECASE)
#: The beginning of a URL with a query and no slash.
_HOST_AND_QUERY = re.compile(r"[^\s/?]{1,260}\.[^\s/?.]{2,70}\?.")
_QUERY = re.compile(r"\?[^\s?=]{0,200}=")
#: So long is what names a lifetime without a space in it.
_LONGEST_LIFETIME = 16
#: An IP network, whose slash makes it no URL.
_NETWORK = re.compile(r"[0-9a-f.:\[\](){}]{2,80}/[0-9.]{1,15}", re.IGNORECASE)
#: What a comma in a URL is often followed by, and an indicator hasn't got.
_PLAIN_WORD = re.compile(r"[^\W\d_]{3,40}")

_NUMBER_AND_DOT = re.compile(r"[0-9]\.[\w]|\w\.[0-9]|[0-9]\.\*")
#: Numbers with dots between, and what has an @ in it: such as nothing below is undone in.
_PLAIN_ATTEMPT = re.compile(r"[0-9]++(?:\.[0-9]++)++|[A-Za-z0-9][A-Za-z0-9_+.-]*+@[A-Za-z0-9_.-]*+(?<=[A-Za-z0-9])")
_AT = re.compile(r"[^\s@]@[^\s@]+")
_PREFIX = re.compile(r"[\w*]\.[\w.*]{0,60}/[0-9]|:[0-9a-f:]{0,40}\]?/[0-9]", re.IGNORECASE)
_COLONS = re.compile(r"\[?(?:[0-9a-f]{0,4}:){2,9}[0-9a-f]{0,4}\]?", re.IGNORECASE)
_PORT = re.compile(r":[0-9]*\Z")
_LONG_HEX = re.compile(r"[0-9a-f]{32,}", re.IGNORECASE)
_MENTION = re.compile(r"<[@#!][^<>]*>")
_DEFANGED = re.compile(r"[\[({](?:\.|dot|at|@|:|://)[\])}]|^(?:hxxp|h\*\*p|meow)", re.IGNORECASE)
#: A technique of MITRE ATT&CK: `T1566.002`.
_TECHNIQUE = re.compile(r"[(\[]?T[0-9]{4}\.[0-9]{3}[)\].,:;]{0,3}", re.IGNORECASE)
_DOTTED = re.compile(r"[\w*~-]+(?:\.+[\w-]+)*\.+([a-z]{2,})", re.IGNORECASE)

#: Endings of files that are top-level domains as well.
_FILE_AND_TOP_LEVEL = frozenset({"md", "py", "sh", "rs", "pl", "ps", "zip", "mov"})
#: The same without those of countries where such a name is rather a domain.
_FILE_NAME = re.compile(r"[\w-]{1,80}\.(?:zip|mov|md|py|sh|ps|cab)", re.IGNORECASE)
_USUAL_FILES = frozenset({"readme", "changelog", "contributing", "license", "todo"})


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a line: `text[start:end]`. `inner` is what is to be read: without the quotation marks around it."""

    text: str
    start: int
    end: int
    inner: str
    is_quoted: bool = False
    doubt: InvalidIndicator | None = None  #: why it can't be told what it is; None for most


def is_comment(line: str) -> bool:
    """Whether a line is a comment: `# …`, `; …` or `// …`."""
    return _COMMENT.match(line) is not None


def without_bullet(line: str) -> str:
    """A line without what people put before the items of a list: a dash, a dot, a number."""
    bullet = _BULLET.match(line)
    return line[bullet.end() :] if bullet else line


def tokens(text: str, start: int = 0, *, reads: Reads) -> Iterator[Token]:
    """The tokens of the text from `start` on, in order. `reads` is asked about what follows a comma in a URL."""
    position = start
    while True:
        separators = _SEPARATORS.match(text, position)
        position = separators.end() if separators else position
        if position >= len(text):
            return
        token = _token_at(text, position, reads)
        yield token
        position = token.end


def is_lone_dash(token: Token) -> bool:
    """Whether the token is nothing but a dash, as people put between a thing and its reason, or into a range."""
    return _LONE_DASH.fullmatch(token.text) is not None


def looks_like_attempt(text: str) -> bool:
    """Whether somebody meant this token as an indicator, though it reads as none.

    Ordinary words aren't: `phishing.`, `24/7`, `e.g.`, `10:30`, `report.pdf`, `T1566.002`, a mention of somebody.
    """
    if len(text) > MAX_TYPED or _PLAIN_ATTEMPT.fullmatch(text) is not None:
        return True
    if _MENTION.fullmatch(text) or _TECHNIQUE.fullmatch(text):
        return False
    if _DEFANGED.search(text) or "://" in text:
        return True
    plain = unwrap(refang(unwrap(unescape(text))))
    shapes = (_NUMBER_AND_DOT, _AT, _PREFIX, _LONG_HEX)
    if any(shape.search(plain) for shape in shapes) or _COLONS.fullmatch(plain):
        return True
    dotted = _DOTTED.fullmatch(_host_in(plain))
    return dotted is not None and is_known_suffix(dotted[1].lower())


def _host_in(text: str) -> str:
    """The host in `Email:evil.example`, `evil.example:25` or `evil.example/a`, where there is one."""
    label, colon, behind = text.partition(":")
    host = behind.strip() if colon and is_label(f"{label}:") else text
    return _PORT.sub("", host.partition("/")[0].partition("#")[0])


def looks_like_prose(text: str) -> bool:
    """Whether a token that could be read as a host belongs to a sentence all the same, when it stands behind another.

    `Readme.md` and `sentence.Another` do: a file's name, and an ending that no domain has. What is defanged, or is
    written as an address, a URL or a wildcard, is meant as it stands.
    """
    if len(text) > MAX_TYPED or "." not in text or _DEFANGED.search(text):
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


def may_be_file(text: str) -> bool:
    """Whether a text can be a file's name and a domain: `report.zip`. Defanged, or in a URL, it is no file's name."""
    try:
        return _FILE_NAME.fullmatch(unwrap(unlink(text))) is not None
    except InvalidIndicator:
        return False


def file_or_domain(text: str) -> InvalidIndicator:
    """What to say of a text that can be either."""
    name = shown(unwrap(unlink(text)))
    return InvalidIndicator(
        f"{quoted(text)} can be a file's name or a domain.",
        f"If the domain is meant, write {name.replace('.', '[.]')}; a file's name belongs to the reason.",
    )


def _token_at(text: str, start: int, reads: Reads) -> Token:
    if (between := _QUOTED.get(text[start])) is not None:
        for whole in (_NAMED_ADDRESS, _QUOTED_LOCAL):
            if match := whole.match(text, start):
                return Token(match[0], start, match.end(), match[0])
        if (match := between.match(text, start)) and (inner := match[0][1:-1].strip()):
            return Token(match[0], start, match.end(), inner.replace('""', '"'), is_quoted=True)
    if text[start] in "[!" and (link := MARKDOWN_LINK.match(text, start)) and _ends_at(text, link.end()):
        return Token(link[0], start, link.end(), link[0])
    end = _end_of_word(text, start)
    while mark := _SPACED_MARK.match(text, end):
        end = _end_of_word(text, mark.end())
    token = Token(text[start:end], start, end, text[start:end])
    return _with_commas(text, token, reads) if "/" in token.text or _HOST_AND_QUERY.match(token.text) else token


def _with_commas(text: str, url: Token, reads: Reads) -> Token:
    """A URL with the commas and semicolons that belong to it: those that no space and no indicator follows."""
    if _NETWORK.fullmatch(url.text):
        return url
    end, last, marks = url.end, "", ""
    doubt: InvalidIndicator | None = None
    while end + 1 < len(text) and _may_belong(text, url.start, end, marks):
        following = end + 1
        further = _end_of_word(text, following)
        is_other = further == following or text[following] in _QUOTED or text[following] == "<"
        if is_other or further - url.start > MAX_TYPED or _SCHEME.match(text, following):
            break
        last = text[following:further]
        marks += text[end]
        if doubt is None:
            is_several = text[end] in _WIDE_COMMAS or (_may_be_indicator(last) and reads(last))
            if is_several or _is_lifetime(text, following, further):
                doubt = _doubt(text[url.start : further], last, marks, is_several=is_several)
        end = further
    if end == url.end:
        return url
    whole = text[url.start : end]
    token = Token(whole, url.start, end, whole)
    if doubt is not None:
        return replace(token, doubt=doubt)
    if _PLAIN_WORD.fullmatch(last):
        return replace(token, doubt=_remark_or_one(whole, last, marks))
    return token


def _may_belong(text: str, start: int, end: int, marks: str) -> bool:
    """Whether a mark at the end of a word can be inside of a URL: a bar can in a query only."""
    mark = text[end]
    if text[end + 1].isspace():
        return False
    return mark in f",;{_WIDE_COMMAS}" or (
        mark == "|" and ("|" in marks or _QUERY.search(text, start, end) is not None)
    )


def _is_lifetime(text: str, start: int, end: int) -> bool:
    """Whether a lifetime stands in a part between two commas, or begins there."""
    is_short = end - start < len("1d") or (end - start < len("nie") and not text[start].isdigit())
    if is_short or end - start > _LONGEST_LIFETIME or not may_be_lifetime(text, start):
        return False
    found = lifetime_at(text, start)
    return found is not None and found.end >= end


def _may_be_indicator(text: str) -> bool:
    """Whether it is worth reading: anything that a list takes has one of these."""
    return any(mark in text for mark in ".@:") or len(text) >= len("sha256") * 10


def _doubt(whole: str, last: str, marks: str, *, is_several: bool) -> InvalidIndicator:
    return _several_or_one(whole, marks) if is_several else _remark_or_one(whole, last, marks)


def _several_or_one(whole: str, marks: str) -> InvalidIndicator:
    return InvalidIndicator(
        f"{quoted(whole)} can be one URL with {_named(marks)} in it, or several indicators.",
        "Put a URL that is one into quotation marks; put a space or a new line between two.",
    )


def _remark_or_one(whole: str, last: str, marks: str) -> InvalidIndicator:
    what = "how long" if _is_lifetime(last, 0, len(last)) else "the remark"
    return InvalidIndicator(
        f"{quoted(whole)} can be one URL with {_named(marks)} in it, or a URL and {what} {quoted(last)}.",
        "Put a URL that is one into quotation marks; put a space in front of what isn't a part of it.",
    )


def _ends_at(text: str, end: int) -> bool:
    return end >= len(text) or text[end].isspace() or text[end] in SEPARATORS


def _named(marks: str) -> str:
    """What stands between the parts, for people."""
    last = marks[-1:]
    return "a semicolon" if last in ";；" else "a bar" if last == "|" else "a comma"


def _end_of_word(text: str, start: int) -> int:
    match = _WORD.match(text, start)
    return match.end() if match else start
