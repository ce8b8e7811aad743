"""Texts in which nothing stands around or in front of the value, so that their shape alone says what reads them.

`evil.example`, `münchen.example`, `*.evil.example`, `203.0.113.7`, `bob@evil.example`, `https://evil.example/a`, and
the same with `[.]` and `hxxp`: most of what is given. The reader needn't look there for what it takes out of other
texts: labels, Slack's links, brackets, what nobody sees. It comes to the same, only sooner, and a test holds that.

What a shape promises, for whoever lets the reader undo more: the text begins and ends with a letter or a figure, but
for the star of a wildcard in front; a colon stands in IPv6 and in `https://` alone, and `=`, `?`, `%`, `~` and `+` only
behind the `/` of a link or, `+` alone, before an `@`; there are no spaces, no brackets but those of `[.]`, no other
marks than these and `.`, `-`, `_`, `/`, `*` and `@`, and no letters of full width.
"""

from __future__ import annotations

import re
from enum import StrEnum

#: Longer texts are read like any other: they may be too long.
_LONGEST = 250


class PlainForm(StrEnum):
    """What a plain text can only be meant as."""

    NUMBERS = "numbers"  #: an IPv4 address or network, or an attempt at one
    NAME = "name"  #: of a domain
    URL = "url"
    ADDRESS = "address"
    IPV6 = "ipv6"
    HASH = "hash"


# Behind the last dot of a name stands a letter: what ends in a number is an IPv4 address in some spelling, or a range.
_PLAIN = re.compile(
    r"""
     (?P<numbers>[0-9]{1,9}(?:\.[0-9]{1,9}){1,9}(?:/[0-9]{1,9})?)
    |(?:\*\.)?(?P<name>(?=[^\W_])(?:[\w-]++\.)++[^\W\d_][\w-]*+(?<=[^\W_]))
    |(?P<address>[A-Za-z0-9][A-Za-z0-9_+.-]*+@[\w.-]*+(?<=[^\W_]))
    |(?P<url>(?:h(?:tt|xx)ps?://)?(?=[^\W_])(?:[\w-]++\.)++[^\W\d_][\w-]*+(?:/[\w./%~?=+-]*+)?(?<=[^\W_]))
    |(?P<ipv6>[0-9A-Fa-f]{1,4}:[0-9A-Fa-f:]*:[0-9A-Fa-f]{0,4}(?:/[0-9]{1,3})?(?<=[0-9A-Fa-f]))
    |(?P<hash>[0-9A-Fa-f]{32,})
    """,
    re.VERBOSE,
)
#: Slack's links whose label says just where they lead, or that have none.
_LINK = re.compile(
    r"<(?:http://(?P<host>[^<>|\s]++)\|(?P=host)"
    r"|mailto:(?P<address>[^<>|\s]++)\|(?P=address)"
    r"|(?P<url>https?://[^<>|\s]++)(?:\|(?P=url))?)>"
)
_FULL_WIDTH = re.compile(r"[\uff01-\uff5e]")


def plain_form(text: str) -> tuple[PlainForm, str] | None:
    """What a plain text is meant as, and the text without its defanging; None for any other text."""
    plain = text.replace("[.]", ".") if "[" in text else text
    match = _PLAIN.fullmatch(plain)
    if match is None or len(text) > _LONGEST or not (text.isascii() or _FULL_WIDTH.search(text) is None):
        return None
    form = _FORMS[match.lastgroup or ""]
    if form is PlainForm.URL and plain.startswith("hxxp"):
        plain = f"http{plain[4:]}"
    return form, plain


def plain_link(text: str) -> str | None:
    """What was typed of which Slack made a link, where that is plain to see; None for any other text.

    `<http://evil.example|evil.example>` gives `evil.example`. It can still be a text of any form, or none.
    """
    match = _LINK.fullmatch(text) if text.startswith("<") else None
    return match[match.lastgroup or 0] if match is not None else None


_FORMS = {form.value: form for form in PlainForm}
