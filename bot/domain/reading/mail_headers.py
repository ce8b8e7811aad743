"""The headers of a message, as people copy them out of Outlook: what they hold that can be listed, to choose from.

Which of it is the attacker only a person can tell: the address in `From` may be forged, the connecting IP may be a
service's. So all of it is offered and nothing is taken.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.domain.indicators.header_addresses import header_addresses
from bot.domain.indicators.indicator import Indicator, NoteCode
from bot.domain.indicators.reader import read
from bot.domain.reading.line_ends import lines_of
from bot.errors import InvalidIndicator

#: What is said of a text that is a message's headers.
HEADERS = "These are the headers of a message, and only you can tell what is meant."

#: So many are offered at most.
MOST_OFFERED = 10

#: So much of a text is looked at. Headers of real messages are far shorter.
_LOOKED_AT = 60_000
_MOST_HEADERS = 200
#: So much of one header is looked at.
_LONGEST_HEADER = 4_000

#: Headers that nobody types: one of them makes a text a message's headers.
_TECHNICAL = frozenset(
    {
        *("received", "received-spf", "authentication-results", "authentication-results-original"),
        *("arc-authentication-results", "arc-message-signature", "arc-seal", "dkim-signature"),
        *("x-forefront-antispam-report", "x-forefront-antispam-report-untrusted", "x-microsoft-antispam"),
        *("x-ms-exchange-organization-scl", "x-ms-exchange-authentication-results", "x-originating-ip"),
    }
)
_OTHERS = frozenset(
    {
        *("from", "to", "cc", "bcc", "sender", "reply-to", "return-path", "subject", "date", "message-id"),
        *("mime-version", "content-type", "content-transfer-encoding", "x-mailer", "x-sender-ip", "thread-topic"),
        *("thread-index", "accept-language", "content-language", "list-unsubscribe", "importance", "in-reply-to"),
        *("references", "delivered-to", "errors-to", "x-priority", "x-sender", "x-ms-has-attach"),
    }
)
_NAME = re.compile(r"\s{0,3}([A-Za-z][A-Za-z0-9-]{1,60}):(?=\s|$)")
_IN_ONE_LINE = re.compile(
    rf"\s(?=(?:{'|'.join(sorted(map(re.escape, _TECHNICAL | _OTHERS), key=len, reverse=True))}):\s)", re.IGNORECASE
)
_IP = r"\[?(?:IPv6:)?([0-9A-Fa-f.:]{3,45})\]?"
_NAME_OR_ADDRESS = r"<?([^\s;,()<>\"]{1,320})"

_ADDRESSES = {
    "from": "the From address",
    "sender": "the Sender address",
    "reply-to": "the Reply-To address",
    "return-path": "the Return-Path",
}
_RESULTS = (
    ("the sender's IP (Authentication-Results)", re.compile(rf"sender IP is {_IP}", re.IGNORECASE)),
    ("the envelope's sender (smtp.mailfrom)", re.compile(rf"smtp\.mailfrom={_NAME_OR_ADDRESS}", re.IGNORECASE)),
    ("the domain in From (header.from)", re.compile(rf"header\.from={_NAME_OR_ADDRESS}", re.IGNORECASE)),
    ("the DKIM domain (header.d)", re.compile(rf"header\.d={_NAME_OR_ADDRESS}", re.IGNORECASE)),
)
_PARTS: dict[str, tuple[tuple[str, re.Pattern[str]], ...]] = {
    "x-forefront-antispam-report": (
        ("the connecting IP (CIP)", re.compile(rf"\bCIP:{_IP}")),
        ("the HELO name (H)", re.compile(rf"\bH:{_NAME_OR_ADDRESS}")),
        ("the host's reverse name (PTR)", re.compile(rf"\bPTR:{_NAME_OR_ADDRESS}")),
    ),
    "authentication-results": _RESULTS,
    "received-spf": (
        ("the sender's IP (Received-SPF)", re.compile(rf"client-ip={_IP}", re.IGNORECASE)),
        ("the HELO name (Received-SPF)", re.compile(rf"helo={_NAME_OR_ADDRESS}", re.IGNORECASE)),
        ("the envelope's sender (Received-SPF)", re.compile(rf"envelope-from={_NAME_OR_ADDRESS}", re.IGNORECASE)),
    ),
    "dkim-signature": (("the DKIM domain (d)", re.compile(rf"(?:^|[;\s])d={_NAME_OR_ADDRESS}")),),
    "x-originating-ip": (("the originating IP", re.compile(_IP)),),
    "x-sender-ip": (("the sender's IP", re.compile(_IP)),),
    "received": (("an IP in Received", re.compile(r"[\[(](?:IPv6:)?([0-9A-Fa-f.:]{3,45})[\])]")),),
}
_SAME_AS = {
    "x-forefront-antispam-report-untrusted": "x-forefront-antispam-report",
    "authentication-results-original": "authentication-results",
    "arc-authentication-results": "authentication-results",
}
#: Addresses that lead nowhere outside of somebody's own network.
_OWN = (
    *(NoteCode.OWN_DOMAIN, NoteCode.PRIVATE, NoteCode.LOOPBACK, NoteCode.LINK_LOCAL, NoteCode.SHARED),
    *(NoteCode.UNSPECIFIED, NoteCode.RESERVED, NoteCode.MULTICAST),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One thing that the headers of a message hold, and what it is there."""

    what: str
    indicator: Indicator


def offers_of(text: str, *, accepted_domains: frozenset[str] = frozenset()) -> tuple[Offer, ...] | None:
    """What the headers of a message hold that can be listed; None when the text is none. Never raises.

    At most `MOST_OFFERED`, each value once, without the tenant's own domains and without addresses of inner networks.
    """
    headers = _headers(text[:_LOOKED_AT])
    if headers is None:
        return None
    found: dict[str, Offer] = {}
    for what, value in _values(headers):
        try:
            indicator = read(value, accepted_domains=accepted_domains)
        except InvalidIndicator:
            continue
        if not any(indicator.has_note(code) for code in _OWN):
            found.setdefault(indicator.value, Offer(what=what, indicator=indicator))
        if len(found) == MOST_OFFERED:
            break
    return tuple(found.values())


def offers_told(offers: tuple[Offer, ...]) -> str:
    """What is offered, for people, and what to do with it."""
    if not offers:
        return "They hold nothing from outside that can be listed."
    held = "; ".join(f"{offer.what} {offer.indicator.value}" for offer in offers)
    return f"They hold: {held}. Write down what is meant."


def _headers(text: str) -> list[tuple[str, str]] | None:
    """The names, in small letters, and the values, unfolded. None when the text is no message's headers."""
    lowered = text.lower()
    if not any(f"{name}:" in lowered for name in _TECHNICAL):
        return None
    lines = lines_of(text.strip())
    if len(lines) == 1:
        lines = _IN_ONE_LINE.split(text)
    found: list[tuple[str, list[str]]] = []
    for line in lines:
        match = _NAME.match(line)
        name = match[1].lower() if match else ""
        if match and (name in _TECHNICAL or name in _OTHERS or name.startswith("x-")):
            found.append((name, [line[match.end() :]]))
        elif found:
            found[-1][1].append(line)  # folded; a copy may have lost the space in front
        elif line.strip():
            return None
    names = {name for name, _ in found}
    if not names & _TECHNICAL or len(found) > _MOST_HEADERS:
        return None
    return [(name, " ".join(" ".join(values).split())[:_LONGEST_HEADER]) for name, values in found]


def _values(headers: list[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """What the headers hold, and what it is: what the receiving side saw first, then what the sender says."""
    for wanted, parts in _PARTS.items():
        if wanted == "received":
            yield from _senders(headers)
        for value in [value for name, value in headers if _SAME_AS.get(name, name) == wanted]:
            for what, pattern in parts:
                for match in pattern.finditer(value):
                    yield what, match[1]


def _senders(headers: list[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    for name, value in headers:
        if name in _ADDRESSES:
            for address in header_addresses([value]):
                if "@" in address:
                    yield _ADDRESSES[name], address
