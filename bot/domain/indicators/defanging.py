"""Writing a value so that no program makes a link of it, and a person can still read it and paste it back."""

from __future__ import annotations

import re

_IPV4 = re.compile(r"(?<![\w.])(\d{1,3}\.\d{1,3}\.\d{1,3})\.(\d{1,3})(?![\w.])")
_DOT = re.compile(r"(?<!\[)\.(?!\])")
_SCHEME = re.compile(r"\b(h)tt(ps?://)", re.IGNORECASE)
_SENTENCE_MARKS = ".,:;!?…’)"
_HALF_DONE = re.compile(r"\d\.\d+\[\.\]\d")


def defanged(value: str) -> str:
    """The value with its dots in brackets: `evil[.]example`, `203.0.113[.]7`, `hxxps://evil[.]example/a`.

    Takes any text: domains, addresses, URLs, IPv4 addresses, ranges and networks, spoof pairs. IPv6 and file hashes
    come back as they are, since nothing makes a link of them. Doing it twice changes nothing more.
    """
    # Most values have no scheme, and most of the rest can't hold an IPv4 address: what is cheap to see is seen first.
    if "://" in value:
        value = _SCHEME.sub(r"\1xx\2", value)
    if value.count(".") < 3:
        return _bracket_dots(value)
    parts: list[str] = []
    at = 0
    for match in _IPV4.finditer(value):
        parts.append(_bracket_dots(value[at : match.start()]))
        parts.append(f"{match[1]}[.]{match[2]}")
        at = match.end()
    parts.append(_bracket_dots(value[at:]))
    return "".join(parts)


def defanged_words(text: str) -> str:
    """A sentence with values in it, each of them defanged; the full stops of the sentence stay."""
    return " ".join(map(_defanged_word, text.split(" ")))


def _defanged_word(word: str) -> str:
    core = word.rstrip(_SENTENCE_MARKS)
    return defanged(core) + word[len(core) :] if "." in core else word


def _bracket_dots(text: str) -> str:
    if "[" not in text and "]" not in text:
        return text.replace(".", "[.]")
    if _HALF_DONE.search(text):  # an IPv4 address that was defanged before: its other dots stay readable
        return text
    return _DOT.sub("[.]", text)
