"""IP addresses that mail can't come from, and networks that are wider than anybody means."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address

from bot.domain.indicators.defanging import defanged
from bot.domain.indicators.indicator import Indicator, Note, NoteCode
from bot.domain.indicators.ip_span import IpSpan, read_span
from bot.domain.indicators.special_ranges import ipv4_notes, ipv6_notes
from bot.domain.policies.case import Case, Findings

#: Ranges from which no mail reaches the service. Reserved ones are only warned about: their registries change.
_NEVER_SEEN = frozenset(
    {
        NoteCode.PRIVATE,
        NoteCode.LOOPBACK,
        NoteCode.MULTICAST,
        NoteCode.LINK_LOCAL,
        NoteCode.SHARED,
        NoteCode.UNSPECIFIED,
    }
)

#: An IPv6 network wider than this holds whole providers.
WIDEST_IPV6_PREFIX = 32

#: One site's network. Anything wider holds many.
USUAL_IPV6_PREFIX = 64

#: What a customer of a provider is given as a whole, seldom as one server's: a /25 and wider.
MANY_IPV4_ADDRESSES = 128


def check_addresses(case: Case, findings: Findings) -> None:
    """Each IP of a proposal that adds: refused when no mail can come from it, warned about when it is odd or wide."""
    if not case.proposal.list.traits.holds_ips:
        return
    for indicator in case.proposal.indicators:
        span = read_span(indicator.value)
        if span is None:
            continue
        _check_nature(indicator, span, findings)
        _check_host_bits(indicator, span, findings)
        if span.version == 6 and prefix_of(span) < WIDEST_IPV6_PREFIX:
            findings.refuse(
                "too_wide",
                f"{defanged(indicator.value)} is wider than /{WIDEST_IPV6_PREFIX}: it holds whole providers.",
                f"Name the network that the mail comes from, /{USUAL_IPV6_PREFIX} or narrower.",
                indicator=indicator,
            )


def _check_nature(indicator: Indicator, span: IpSpan, findings: Findings) -> None:
    shown = defanged(indicator.value)
    for note in _notes(span):
        if note.code in _NEVER_SEEN:
            findings.refuse(
                note.code,
                f"{shown} can't be listed: {note.text}",
                "Take the public address that connected: CIP in the message's X-Forefront-Antispam-Report header.",
                indicator=indicator,
            )
        else:
            findings.warn(note.code, f"{shown}: {note.text}", serious=note.code != NoteCode.DOCUMENTATION)


def _notes(span: IpSpan) -> tuple[Note, ...]:
    if span.version == 4:
        return ipv4_notes(IPv4Address(span.first), IPv4Address(span.last))
    return ipv6_notes(IPv6Address(span.first), IPv6Address(span.last))


def _check_host_bits(indicator: Indicator, span: IpSpan, findings: Findings) -> None:
    address, slash, _ = indicator.value.partition("/")
    typed = read_span(address)
    kept = bool(slash) and typed is not None and typed.first != span.first
    if kept or indicator.has_note(NoteCode.HOST_BITS):
        findings.warn(
            "host_bits",
            f"It was typed with host bits set, and means the whole network {defanged(indicator.value)}: from "
            f"{defanged(first_of(span))} to {defanged(last_of(span))}.",
        )


def prefix_of(span: IpSpan) -> int:
    """The length of the prefix that the span's size amounts to, rounded to the wider network."""
    bits = 32 if span.version == 4 else 128
    return bits - (span.size - 1).bit_length()


def first_of(span: IpSpan) -> str:
    """The first address, as text."""
    return str(IPv4Address(span.first) if span.version == 4 else IPv6Address(span.first))


def last_of(span: IpSpan) -> str:
    """The last address, as text."""
    return str(IPv4Address(span.last) if span.version == 4 else IPv6Address(span.last))


def how_many(span: IpSpan) -> str:
    """The number of addresses, for people."""
    if span.version == 6 and span.size > 65536:
        return f"2^{128 - prefix_of(span)} addresses"
    return "1 address" if span.size == 1 else f"{span.size} addresses"
