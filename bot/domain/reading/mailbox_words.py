"""The words by which somebody who checks a sender names a mailbox: `for ana@contoso.example`, `mailbox: …`.

An address alone is something to be checked. It is a mailbox behind the word itself, and behind `for` where something to
check stands before that.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote

from bot.domain.indicators.indicator import Indicator, Kind
from bot.domain.indicators.typed_text import DASHES, quoted
from bot.domain.reading.lines import read_only
from bot.domain.reading.typed_marks import QUOTES, without_marks
from bot.errors import InvalidIndicator, InvalidInput

_BOX = r"(?:mailbox|inbox|mail box)"
#: The word itself: `mailbox:`, `in the mailbox of`, `for mailbox`.
_NAMED = re.compile(
    rf"(?<!\S)[{re.escape(DASHES)}]{{0,2}}(?:(?:for|in|of|at)\s+)?(?:the\s+)?{_BOX}(?:\s+(?:of|for))?\s*[:=]?(?!\S)\s*",
    re.IGNORECASE,
)
_GLUED = re.compile(rf"(?<!\S)[{re.escape(DASHES)}]{{0,2}}{_BOX}[:=]\s*(?=\S)", re.IGNORECASE)
_FOR = re.compile(r"(?<=\S)\s+\(?for:?\s+", re.IGNORECASE)
#: `ana@contoso.example's mailbox`
_WHOSE = re.compile(
    rf"(?<!\S)(?:in\s+|for\s+)?(?P<who>\S{{1,64}}@\S{{1,255}}?)['\u2019]s?\s+{_BOX}(?![\w:=])", re.IGNORECASE
)
#: One word, or a link as Slack writes it, which may have a blank in its label.
_WORD = re.compile(r"<[^<>]*>|\S+")
_AROUND = f"{QUOTES},;.!?()"
#: The longest address that mail knows, by RFC 5321.
_LONGEST = 254

_HOW = "Write it like this: /check evil.example for ana@contoso.example."
_ONE = "Exactly one mailbox can be looked into at once."


@dataclass(frozen=True, slots=True, kw_only=True)
class MailboxText:
    """What was typed, without the words that name a mailbox; and its address, in small letters, or empty for none."""

    text: str
    mailbox: str = ""


def read_mailbox(text: str) -> MailboxText:
    """Whether somebody who checks names a mailbox, and which. Raises InvalidInput where that isn't one address."""
    whole, text = text, without_marks(text)
    if match := _WHOSE.search(text):
        before, who, behind = text[: match.start()], match["who"], text[match.end() :]
    else:
        match = _GLUED.search(text) or _NAMED.search(text) or _for(text)
        if match is None:
            return MailboxText(text=whole)
        word = _WORD.match(text, match.end())
        before, who, behind = (
            text[: match.start()],
            word[0] if word else "",
            text[word.end() if word else match.end() :],
        )
    mailbox = mailbox_of(who)
    asked = before.strip(f"{_AROUND} \t\r\n")
    rest = behind.strip(f"{_AROUND} \t\r\n")
    if _names_another(before) or _names_another(behind) or (asked and "@" in rest):
        raise InvalidInput(_ONE, _HOW)
    if asked and rest:
        raise InvalidInput(f"{quoted(rest)} behind the mailbox wasn't read.", f"Write the mailbox last. {_HOW}")
    if not asked and not rest:
        raise InvalidInput("Whom to look for in that mailbox isn't said.", _HOW)
    return MailboxText(text=before.strip() if asked else behind.lstrip(f"{_AROUND} \t\r\n"), mailbox=mailbox)


def mailbox_of(text: str) -> str:
    """The address of a mailbox, as somebody types one: defanged or not, in small letters, every character as it is.

    Raises InvalidInput for anything else, a wildcard above all: it would name many mailboxes.
    """
    named = text if text.startswith("<") else text.strip(_AROUND)
    try:
        read: Indicator | None = read_only(named)
    except InvalidIndicator:
        read = None
    local, _, domain = read.value.rpartition("@") if read is not None else ("", "", "")
    address = f"{unquote(local)}@{domain}".lower()
    if read is None or read.kind is not Kind.ADDRESS or len(address) > _LONGEST or not _is_plain(address):
        shown = f"{quoted(named)} isn't the address of a mailbox." if named else "The mailbox isn't named."
        raise InvalidInput(shown, _HOW)
    return address


def _for(text: str) -> re.Match[str] | None:
    """The last `for` with an address behind it: others are words of a sentence."""
    found = [match for match in _FOR.finditer(text) if (word := _WORD.match(text, match.end())) and _is_at(word)]
    return found[-1] if found else None


def _is_at(word: re.Match[str]) -> bool:
    """Whether a word is an address; a semicolon behind it is that of a `Received` header, whose `for` asks nothing."""
    behind = word.string[word.end() : word.end() + 1]
    return ";" not in {word[0][-1], behind} and re.search(r"@|\[at\]|\(at\)", word[0], re.IGNORECASE) is not None


def _names_another(text: str) -> bool:
    return any(search(text) for search in (_GLUED.search, _NAMED.search, _WHOSE.search, _for))


def _is_plain(address: str) -> bool:
    """Whether it can only be one address: no wildcard, no blank, nothing that a directory reads as a path."""
    return address.isascii() and address.isprintable() and not any(character in address for character in ' *%\\/"<>|;,')
