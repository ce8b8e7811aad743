"""An allow entry for a spoofed sender, which the service takes directly.

Source: Microsoft, "Spoofed senders in the Tenant Allow/Block List".
"""

from __future__ import annotations

from datetime import timedelta

from bot.domain.indicators.defanging import defanged
from bot.domain.indicators.indicator import Indicator
from bot.domain.lists.coverage import read_pair
from bot.domain.policies.case import Case, Field, Findings, IpAllow
from bot.domain.policies.names import is_own
from bot.domain.policies.reason_and_end import check_end, check_reason
from bot.domain.policies.spoof_pairs import check_infrastructure
from bot.domain.requests.request import SpoofWarning


def check_spoof_allow(case: Case, findings: Findings) -> None:
    """A spoofed sender may be allowed directly, even before spoof intelligence has seen it.

    With a `*`, or with one of the tenant's own as the sender, it takes what an IP allow takes.
    """
    check_reason(case, findings)
    check_end(case, findings)
    for indicator in case.proposal.indicators:
        _check_pair(indicator, findings)
    check_who_gets_in(case, findings)
    findings.better_ways.append(
        "Have the sender repair SPF, DKIM or DMARC: then the mail is no longer taken for spoofed, and needs no entry."
    )


def check_who_gets_in(case: Case, findings: Findings) -> None:
    """The rules for pairs that let strangers write as others, or as one's own people, and begin to or go on doing so.

    As grave as an IP allow, such a proposal takes two approvers, an end within the operator's limit for IP allows, and
    the tick under the warning. Where the operator lets one approver do for an IP allow, so does one here.
    """
    grave = [indicator for indicator in case.proposal.indicators if _warn_of_strangers(case, indicator, findings)]
    if not grave:
        return
    findings.needs_acknowledgement = True
    if case.rules.ip_allow is not IpAllow.WARN:
        findings.approvals_needed = max(findings.approvals_needed, 2)
    _check_latest_end(case, findings)
    if case.proposal.acknowledged:
        return
    for indicator in grave:
        findings.refuse(
            "not_acknowledged",
            f"{defanged(indicator.value)}: the warning of who gets in has not been acknowledged.",
            "Propose it with /allow or /extend, read the warning, and tick the box if you still want it.",
            at=Field.ACKNOWLEDGED,
            indicator=indicator,
        )


def _check_pair(indicator: Indicator, findings: Findings) -> None:
    findings.warn(
        "spoof_allow",
        f"{defanged(indicator.value)}: mail from this infrastructure may pretend to be this sender, and is no longer "
        "stopped for that. Everything else about it is still filtered.",
    )
    pair = read_pair(indicator.value)
    if pair is not None:
        check_infrastructure(indicator, pair, findings)


def _warn_of_strangers(case: Case, indicator: Indicator, findings: Findings) -> bool:
    """Whether a pair lets strangers in; if it does, with a warning for each way."""
    pair = read_pair(indicator.value)
    if pair is None:
        return False
    shown = defanged(indicator.value)
    warnings: dict[SpoofWarning, str] = {}
    if pair.infrastructure == "*":
        warnings[SpoofWarning.ANY_SOURCE] = (
            f"{shown}: with * as the infrastructure, anybody at all may pretend to be this sender."
        )
    if pair.user == "*":
        warnings[SpoofWarning.ANY_SENDER] = (
            f"{shown}: with * as the sender, this infrastructure may pretend to be anybody, your own people included."
        )
    elif is_own(pair.user.rpartition("@")[2], case.accepted_domains):
        warnings[SpoofWarning.OWN_DOMAIN] = (
            f"{shown}: the sender is one of your own. A stranger who gets at this infrastructure can write as your "
            "people."
        )
    for code, text in warnings.items():
        findings.warn(code, text, serious=True)
    return bool(warnings)


def _check_latest_end(case: Case, findings: Findings) -> None:
    days = case.rules.ip_allow_max_days
    latest = case.now + timedelta(days=days)
    findings.latest_expiry = latest if findings.latest_expiry is None else min(latest, findings.latest_expiry)
    expires = case.proposal.expires
    if expires is None or expires > latest:
        findings.refuse(
            "end_required" if expires is None else "end_too_late",
            f"A spoof allow that lets strangers in lasts at most {'1 day' if days == 1 else f'{days} days'}.",
            f"Choose an end date no later than {latest:%Y-%m-%d %H:%M} UTC.",
            at=Field.EXPIRES,
        )
