"""A block entry: what it stops beside what was meant, and what must not be blocked at all.

Source: Microsoft's pages on each list of the Tenant Allow/Block List, and "Create blocked sender lists".
"""

from __future__ import annotations

from bot.domain.indicators.defanging import defanged
from bot.domain.indicators.indicator import Indicator, Kind
from bot.domain.indicators.ip_span import read_span
from bot.domain.lists.coverage import read_pair
from bot.domain.lists.traits import Action, ListName
from bot.domain.lists.url_pattern import Mention, read_url_entry
from bot.domain.policies.block_names import check_sender_name, check_url_name
from bot.domain.policies.case import Case, Findings
from bot.domain.policies.empty_file import refuse_empty_file
from bot.domain.policies.ip_ranges import USUAL_IPV6_PREFIX, how_many, prefix_of
from bot.domain.policies.names import is_own
from bot.domain.policies.reason_and_end import check_end, check_reason
from bot.domain.policies.spoof_pairs import check_infrastructure
from bot.domain.policies.subdomains import check_subdomains

STOPS_OUTBOUND = (
    "A sender block also stops mail from your people to it. A message with even one blocked recipient bounces whole: "
    "“550 5.7.703 Your message can't be delivered because messages to XXX, YYY are blocked by your organization using "
    "Tenant Allow Block List.”"
)

#: From this many addresses on, a block is likely to hit bystanders.
WIDE_IPV4_ADDRESSES = 256


def check_block(case: Case, findings: Findings) -> None:
    """The rules for adding a block entry, by list."""
    check_reason(case, findings)
    check_end(case, findings)
    for indicator in case.proposal.indicators:
        match case.proposal.list:
            case ListName.SENDER:
                check_sender_name(case, indicator, findings)
            case ListName.URL:
                check_url_name(case, indicator, findings)
                _say_url_reach(indicator, findings)
            case ListName.CONNECTION_FILTER | ListName.IP:
                _check_width(indicator, findings)
            case ListName.SPOOF:
                _check_pair(case, indicator, findings)
            case ListName.FILE:
                refuse_empty_file(indicator, findings)
    if case.proposal.list is ListName.SENDER:
        check_subdomains(case, findings)
    _say_what_it_does(case.proposal.list, findings)


def _say_what_it_does(name: ListName, findings: Findings) -> None:
    match name:
        case ListName.SENDER:
            findings.warn("stops_outbound", STOPS_OUTBOUND)
            findings.better_ways.append(
                "To stop only the spam of a sender, not all its mail, use the blocked senders of the anti-spam policy."
            )
        case ListName.FILE:
            findings.warn("file_block", "Mail with this file is quarantined as malware, whoever sends it.")
        case ListName.CONNECTION_FILTER | ListName.IP:
            findings.warn(
                "refused_at_edge",
                "Mail from there is refused before anything looks at it: nothing is quarantined, and message trace "
                "shows nothing.",
            )
            if name is ListName.CONNECTION_FILTER:
                findings.better_ways.append(
                    "Senders change their IP easily. Microsoft prefers a block of the domain, address or URL in the "
                    "Tenant Allow/Block List."
                )
        case ListName.URL | ListName.SPOOF:
            pass


def _say_url_reach(indicator: Indicator, findings: Findings) -> None:
    pattern = read_url_entry(indicator.value, Action.BLOCK)
    if pattern is not None and pattern.mention is Mention.ANYWHERE:
        findings.warn(
            "url_block_reach",
            f"{defanged(indicator.value)} without a wildcard blocks the host, its subdomains and every path, and "
            "other sites' URLs that have it in their path or query.",
        )


def _check_width(indicator: Indicator, findings: Findings) -> None:
    span = read_span(indicator.value)
    if span is None or span.size == 1:
        return
    shown = defanged(indicator.value)
    wide = span.size >= WIDE_IPV4_ADDRESSES if span.version == 4 else prefix_of(span) < USUAL_IPV6_PREFIX
    findings.warn(
        "wide_network" if wide else "several_addresses",
        f"{shown} blocks {how_many(span)}"
        + (": there may be others among them whose mail is wanted." if wide else "."),
        serious=wide,
    )


def _check_pair(case: Case, indicator: Indicator, findings: Findings) -> None:
    shown = defanged(indicator.value)
    findings.warn(
        "spoof_block",
        f"{shown}: only mail of exactly this combination of sender and infrastructure is stopped as spoofed.",
    )
    pair = read_pair(indicator.value) if indicator.kind is Kind.SPOOF_PAIR else None
    if pair is None:
        return
    check_infrastructure(indicator, pair, findings)
    if pair.user == "*":
        findings.warn(
            "spoof_block_any_sender",
            f"{shown}: with * as the sender, no mail from this infrastructure may claim a domain that isn't its own. "
            "Forwarders and newsletter services do that all day.",
            serious=True,
        )
    elif pair.infrastructure == "*" and is_own(pair.user.rpartition("@")[2], case.accepted_domains):
        findings.warn(
            "spoof_block_own_domain",
            f"{shown}: services that send in your name, such as scanners, ticket or newsletter systems, are stopped "
            "too unless they pass SPF or DKIM.",
            serious=True,
        )
