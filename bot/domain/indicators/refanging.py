"""Defanged text and back: `hxxps://evil[.]example` for people to look at, `https://evil.example` to work with.

There is no standard for defanging; the forms here are those of public threat reports. Words without brackets
(`evil dot example`) are prose and stay as they are.
"""

from __future__ import annotations

import re

_MARKS = {"dot": ".", "at": "@", "colon": ":", "slash": "/"}
_BRACKETED = re.compile(
    r"\s?[\[({]\s?(:\\/\\/|:\\\\|://|:/|//|\.|@|:|/|\\\.|\\@|dot|at|colon|slash)\s?[\])}]\s?",
    re.IGNORECASE,
)
_HALF_BRACKETED = re.compile(r"(?<=[\w-])(?:\[\.(?=[\w-])|\.\](?=[\w-]))")
_ESCAPED = re.compile(r"\\([.@:/_\-~*\[\](){}])")
_SCHEME = re.compile(
    r"""^(?P<name>h(?:tt|xx|\*\*|xt|tx|__|\#\#)p|meow|f(?:t|x|\*)p)   # hxxp, h**p, meow, fxp
        (?P<secure>s|\[s\]|\(s\))?
        \s?:\s?[\\/]{1,4}\s?                                        # :// :\\ :/""",
    re.IGNORECASE | re.VERBOSE,
)
_SCHEME_MARK = re.compile(r"^(h(?:tt|xx|\*\*|xt|tx)ps?)\s?(?:_|-|\s)(?::?//)", re.IGNORECASE)


def refang(text: str) -> str:
    """The text with its defanging undone. Text that isn't defanged comes back unchanged, but for a scheme's spelling.

    Undoes `[.]` `(.)` `{.}` `[dot]` `[@]` `[at]` `[:]` `[/]` `[://]` (spaces around them included), a lone `[.` or
    `.]` between letters, backslashes before punctuation, and the spellings of `http`, `https` and `ftp`.
    """
    previous = None
    while previous != text:
        previous = text
        text = _BRACKETED.sub(_plain_mark, text)
        text = _HALF_BRACKETED.sub(".", text)
        # A scheme's own `:\\` is read below; a backslash before anything but punctuation stays.
        text = _SCHEME.sub(_plain_scheme, text)
        text = _SCHEME_MARK.sub(r"\1://", text)
        text = _ESCAPED.sub(r"\1", text)
    return text


def _plain_mark(match: re.Match[str]) -> str:
    mark = match[1].lower()
    return _MARKS.get(mark) or mark.replace("\\\\", "//").replace("\\", "")


def _plain_scheme(match: re.Match[str]) -> str:
    family = "ftp" if match["name"][0] in "fF" else "http"
    return f"{family}{'s' if match['secure'] else ''}://"
