"""An allow entry for a spoofed sender, which the service takes directly.

Source: Microsoft, "Spoofed senders in the Tenant Allow/Block List".
"""

from __future__ import annotations

from bot.domain.indicators.defanging import defanged
from bot.domain.indicators.indicator import Indicator
from bot.domain.lists.coverage import read_pair
from bot.domain.policies.case import Case, Findings, IpAllow
from bot.domain.policies.names import is_own
from bot.domain.policies.reason_and_end import check_end, check_reason
from bot.domain.policies.spoof_pairs import check_infrastructure


def check_spoof_allow(case: Case, findings: Findings) -> None:
    """A spoofed sender may be allowed directly, even before spoof intelligence has seen it.

    With a `*`, or with one of the tenant's own as the sender, it takes as many approvers as an IP allow.
    """
    check_reason(case, findings)
    check_end(case, findings)
    for indicator in case.proposal.indicators:
        _check_pair(case, indicator, findings)
    findings.better_ways.append(
        "Have the sender repair SPF, DKIM or DMARC: then the mail is no longer taken for spoofed, and needs no entry."
    )


def _check_pair(case: Case, indicator: Indicator, findings: Findings) -> None:
    shown = defanged(indicator.value)
    findings.warn(
        "spoof_allow",
        f"{shown}: mail from this infrastructure may pretend to be this sender, and is no longer stopped for that. "
        "Everything else about it is still filtered.",
    )
    pair = read_pair(indicator.value)
    if pair is None:
        return
    check_infrastructure(indicator, pair, findings)
    own = pair.user != "*" and is_own(pair.user.rpartition("@")[2], case.accepted_domains)
    if ("*" in {pair.user, pair.infrastructure} or own) and case.rules.ip_allow is not IpAllow.WARN:
        # As grave as an IP allow: strangers may write as others, or as your own people.
        findings.approvals_needed = max(findings.approvals_needed, 2)
    if pair.infrastructure == "*":
        findings.warn(
            "spoof_allow_any_source",
            f"{shown}: with * as the infrastructure, anybody at all may pretend to be this sender.",
            serious=True,
        )
    if pair.user == "*":
        findings.warn(
            "spoof_allow_any_sender",
            f"{shown}: with * as the sender, this infrastructure may pretend to be anybody, your own people included.",
            serious=True,
        )
    elif own:
        findings.warn(
            "spoof_allow_own_domain",
            f"{shown}: the sender is one of your own. A stranger who gets at this infrastructure can write as your "
            "people.",
            serious=True,
        )
