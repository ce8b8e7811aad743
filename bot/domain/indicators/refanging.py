"""Defanged text and back: `hxxps://evil[.]example` for people to look at, `https://evil.example` to work with.

There is no standard for defanging; the forms here are those of public threat reports. Words without brackets
(`evil dot example`) are prose and stay as they are.
"""

from __future__ import annotations

import re

from bot.domain.indicators.typed_text import quoted
from bot.errors import InvalidIndicator

#: What people defang is undone in two or three; what takes more was made to take long.
_MOST_PASSES = 8

_MARKS = {"dot": ".", "at": "@", "colon": ":", "slash": "/"}
# Brackets within brackets go at once, and are looked at once: a long row of them takes no longer than other text.
_BRACKETED = re.compile(
    r"\s?(?<![\[({])(?<![\[({]\s)(?P<openers>(?:[\[({]\s?)++)(?P<mark>:\\/\\/|:\\\\|://|:/|//|\.|@|:|/|\\\.|\\@|dot|at|colon|slash)"
    r"(?P<closers>(?:\s?[\])}])++)\s?",
    re.IGNORECASE,
)
_HALF_BRACKETED = re.compile(r"(?<=[\w-])(?:\[\.(?=[\w-])|\.\](?=[\w-]))")
_ESCAPED = re.compile(r"(?<!\\)\\++([.@:/_\-~*\[\](){}])")
_SCHEME = re.compile(
    r"""^(?P<name>h(?:tt|xx|\*\*|xt|tx|__|\#\#)p|meow|f(?:t|x|\*)p)   # hxxp, h**p, meow, fxp
        (?P<secure>s|\[s\]|\(s\))?
        \s?:\s?(?:[\\/]\s?)++                                     # :// :\\ :/""",
    re.IGNORECASE | re.VERBOSE,
)
#: A browser takes the backslash for a slash, and goes to what stands before it; others take it for Markdown's.
_HOST_BEFORE_AT = re.compile(r"[a-z*]{3,6}s?\s?:\s?[\\/]{2}[^/?#@\s\\]*\.[^/?#@\s\\]*\\+@", re.IGNORECASE)
_MARKED = re.compile(r"[\[\](){}\\]")
_SCHEME_MARK = re.compile(r"^(h(?:tt|xx|\*\*|xt|tx)ps?)\s?(?:_|-|\s)(?::?//)", re.IGNORECASE)


def refang(text: str) -> str:
    """The text with its defanging undone. Text that isn't defanged comes back unchanged, but for a scheme's spelling.

    Undoes `[.]` `(.)` `{.}` `[dot]` `[@]` `[at]` `[:]` `[/]` `[://]` (spaces around them included), a lone `[.` or
    `.]` between letters, backslashes before punctuation, and the spellings of `http`, `https` and `ftp`. What is
    defanged over and over again, which nobody does, is undone a few times; see `refang_wholly`.
    """
    return _undone(text)[0]


def refang_wholly(text: str) -> str:
    """As `refang`. Raises InvalidIndicator where something defanged would be left, or leads elsewhere than it looks."""
    if _HOST_BEFORE_AT.match(text) is not None:
        raise InvalidIndicator(
            f"{quoted(text)} has a backslash in front of its @: browsers go to what stands before it, others to what "
            "stands behind.",
            "Type the host that is meant.",
        )
    plain, is_whole = _undone(text)
    if not is_whole:
        raise InvalidIndicator(
            f"{quoted(text)} has brackets and backslashes within each other that nobody can tell apart.",
            "Type it without them.",
        )
    return plain


def _undone(text: str) -> tuple[str, bool]:
    """The text, and whether nothing is left to undo."""
    # All that is looked for below has a bracket or a backslash in it, but for schemes, which lead to a slash.
    if _MARKED.search(text) is None and not ("/" in text and text[0] in "hHmMfF"):
        return text, True
    for _ in range(_MOST_PASSES):
        before = text
        text = _BRACKETED.sub(_plain_mark, text)
        text = _HALF_BRACKETED.sub(".", text)
        # A scheme's own `:\\` is read below; a backslash before anything but punctuation stays.
        text = _SCHEME.sub(_plain_scheme, text)
        text = _SCHEME_MARK.sub(r"\1://", text)
        text = _ESCAPED.sub(r"\1", text)
        if text == before:
            return text, True
    return text, False


def _plain_mark(match: re.Match[str]) -> str:
    """The mark alone. Of its brackets, those without a partner stay where they are."""
    mark = match["mark"].lower()
    plain = _MARKS.get(mark) or mark.replace("\\\\", "//").replace("\\", "")
    openers, closers = "".join(match["openers"].split()), "".join(match["closers"].split())
    pairs = min(len(openers), len(closers))
    return f"{openers[pairs:]}{plain}{closers[pairs:]}"


def _plain_scheme(match: re.Match[str]) -> str:
    family = "ftp" if match["name"][0] in "fF" else "http"
    return f"{family}{'s' if match['secure'] else ''}://"
