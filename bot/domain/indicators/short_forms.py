"""What people write for two things in one word: `evil.example/.test`, `a.example/b.example`, `[www.]evil.example`.

Each reads as one value, which is hardly ever the one that is meant; so it is asked about.
"""

from __future__ import annotations

import re

from bot.domain.indicators.typed_text import quoted, shown
from bot.errors import InvalidIndicator

#: Endings that two names beside each other have, and what a link leads to hasn't.
_ENDINGS = (
    "com|net|org|info|biz|eu|de|at|ch|fr|es|it|nl|be|pt|pl|cz|uk|ru|cn|br|us|top|xyz|online|site|shop|example|test"
)
_SUFFIXES = re.compile(
    rf"([\w-]{{1,63}}(?:\.[\w-]{{1,63}}){{0,4}})\.[\w-]{{2,63}}((?:/\.(?:{_ENDINGS}))+)", re.IGNORECASE
)
_NAMES = re.compile(
    rf"((?:[\w-]{{1,63}}\.){{1,5}}(?:{_ENDINGS}))/((?:[\w-]{{1,63}}\.){{1,5}}(?:{_ENDINGS}))/?", re.IGNORECASE
)
_NAME_AND_IP = re.compile(
    rf"((?:[\w-]{{1,63}}\.){{1,5}}(?:{_ENDINGS}))/[0-9]{{1,3}}(?:\.[0-9]{{1,3}}){{3}}", re.IGNORECASE
)
_ADDRESSES = re.compile(r"[^\s/@]{1,64}@([\w-]{1,63}\.){1,5}[\w-]{2,63}/[^\s/@]{1,64}@[\w.-]{4,253}")
#: `203.0.113.7/tcp`, as firewalls log it.
_PROTOCOL = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,3}){3})/(?:tcp|udp|sctp|icmp|smtps?|imaps?|ssh|https?)", re.IGNORECASE)
_OPTIONAL = re.compile(r"\s*[\[({]((?:[\w-]{1,63}\.){1,3})[\])}](?=[\w-]{1,63}\.)")
_IP_SUFFIX = re.compile(r"([0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3})\.[0-9]{1,3}((?:/\.[0-9]{1,3})+)")


def is_short_form(text: str) -> bool:
    """Whether a text without a scheme looks like two things, so that a URL of this value is written with one."""
    return any(form.fullmatch(text) for form in (_SUFFIXES, _NAMES, _NAME_AND_IP, _ADDRESSES, _IP_SUFFIX, _PROTOCOL))


def refuse_short_forms(text: str, *, typed: str) -> None:
    """Raises InvalidIndicator for a text that is short for two things. `text` is `typed` without its defanging."""
    if optional := _OPTIONAL.match(typed):
        whole = typed.strip().replace(optional[0].strip(), "", 1)
        raise InvalidIndicator(
            f"{quoted(typed)} can be {shown(whole)}, {shown(optional[1] + whole)}, or both.",
            "Type each one that is meant, a space between two.",
        )
    text = text.replace("\\", "/")
    if "/" not in text or not is_short_form(text):
        return
    if protocol := _PROTOCOL.fullmatch(text):
        raise InvalidIndicator(
            f"{quoted(typed)} can be an IP address with a protocol behind it, or a URL.",
            f"Type {protocol[1]} alone for the address; or https://{shown(text)} if it is a URL.",
        )
    raise InvalidIndicator(
        f"{quoted(typed)} can be a URL, or short for two of them or more.",
        f"Type each one in full, a space between two; or https://{shown(text)} if it is a URL.",
    )
