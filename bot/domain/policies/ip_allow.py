"""An allow entry for an IP address: the change that Portcullis was built to slow down.

Sources: Microsoft, "Configure connection filtering" and "Create safe sender lists"; CISA SCuBA, MS.SECURITYSUITE.8.1v1
(formerly MS.EXO.12.1v1): IP allow lists SHOULD NOT be created.
"""

from __future__ import annotations

from bot.domain.indicators.defanging import defanged
from bot.domain.indicators.indicator import Indicator
from bot.domain.indicators.ip_span import IpSpan, read_span
from bot.domain.lists.change import Operation
from bot.domain.lists.coverage import listed_as
from bot.domain.lists.traits import ListName
from bot.domain.policies.case import Case, Field, Findings, IpAllow
from bot.domain.policies.current_end import current_end
from bot.domain.policies.ip_ranges import MANY_IPV4_ADDRESSES, USUAL_IPV6_PREFIX, how_many, prefix_of
from bot.domain.policies.reason_and_end import check_end, check_reason

BASELINE = (
    "The security baseline says that IP allow lists SHOULD NOT be created (CISA SCuBA MS.SECURITYSUITE.8.1v1, "
    "formerly MS.EXO.12.1v1)."
)

SKIPS_FILTERING = (
    "Mail from an allowed IP skips spam filtering and the sender checks SPF, DKIM and DMARC, and the From address "
    "isn't enforced: whoever sends from there can pretend to be anybody. Malware and high-confidence phishing are "
    "still scanned for."
)

IPV6_OVERRIDES = (
    "An IPv6 allow overrides the IP filters only: mail from there is no longer refused for its address. Spam "
    "filtering and sender checks still apply, so it doesn't help with mail that is stopped by those."
)

SHARED_INFRASTRUCTURE = (
    "Make sure that you administer this address yourselves and that it is no NAT pool, cloud, mailing or consumer "
    "service: everybody who sends from the same address is allowed too. Portcullis can't tell who shares it."
)

_SUBMISSION = (
    "Report the blocked message at https://security.microsoft.com/reportsubmission as one that should not have been "
    "blocked, and let the submission create the allow entries in the Tenant Allow/Block List, which end by themselves."
)

#: In the order in which Microsoft prefers them to the IP Allow List ("Create safe sender lists").
BETTER_WAYS = (
    _SUBMISSION,
    "A mail flow rule for this sender's domain, which also asks for passed authentication or for this source IP.",
    "Outlook safe senders, by the recipients who want the mail.",
    "Have the sender repair SPF, DKIM or DMARC: then nothing has to be allowed at all.",
)


def check_ip_allow(case: Case, findings: Findings) -> None:
    """The rules for an IP allow that is to begin or to go on: who must agree, for how long, what everybody must know.

    IPv6 is included. Where the operator has switched IP allows off, one that is there may still be made to end sooner.
    """
    findings.needs_acknowledgement = True
    if case.rules.ip_allow is not IpAllow.WARN:
        findings.approvals_needed = max(findings.approvals_needed, 2)
    findings.better_ways.extend(BETTER_WAYS)
    _say_what_it_means(case, findings)
    for indicator in case.proposal.indicators:
        span = read_span(indicator.value)
        if span is not None:
            _check_width(indicator, span, findings)
    check_end(case, findings)
    if case.rules.ip_allow is IpAllow.DENY and not _all_end_sooner(case):
        findings.refuse(
            "ip_allow_denied",
            f"IP allow entries are switched off here. {BASELINE}",
            "Take one of the better ways, or ask whoever runs Portcullis.",
        )
        return
    check_reason(case, findings)
    if not case.proposal.acknowledged:
        findings.refuse(
            "not_acknowledged",
            "The warning has not been acknowledged.",
            "Read the warning, and tick the box if you still want the entry.",
            at=Field.ACKNOWLEDGED,
        )


def _all_end_sooner(case: Case) -> bool:
    """Whether the proposal does nothing but make entries that are there end sooner than they would."""
    proposal = case.proposal
    if proposal.operation is not Operation.EXTEND:
        return False
    for indicator in proposal.indicators:
        ends = [current_end(case, entry) for entry in listed_as(case.near(indicator), indicator, proposal.action)]
        if not ends or any(end is None or not end.is_later_than(proposal.expires) for end in ends):
            return False
    return True


def _say_what_it_means(case: Case, findings: Findings) -> None:
    if case.proposal.list is ListName.IP:
        findings.warn("ipv6_allow_overrides_ip_filters", IPV6_OVERRIDES, serious=True)
    else:
        findings.warn("ip_allow_skips_filtering", SKIPS_FILTERING, serious=True)
        findings.warn("ip_allow_baseline", BASELINE, serious=True)
    findings.warn("ip_allow_shared", SHARED_INFRASTRUCTURE)


def _check_width(indicator: Indicator, span: IpSpan, findings: Findings) -> None:
    if span.size == 1:
        return
    shown = defanged(indicator.value)
    findings.warn(
        "ip_allow_range",
        f"{shown} allows {how_many(span)}. Microsoft advises against ranges: name the one server that sends.",
        serious=True,
    )
    many = span.size >= MANY_IPV4_ADDRESSES if span.version == 4 else prefix_of(span) < USUAL_IPV6_PREFIX
    if many:
        findings.warn(
            "ip_allow_wide",
            f"{shown} is wide: so many addresses are hardly one sender's, and any of them may change hands.",
            serious=True,
        )
