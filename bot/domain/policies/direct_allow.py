"""Allows for domains, addresses and URLs without a submission, where the operator permits them.

Sources: Microsoft, "Allow or block email using the Tenant Allow/Block List" and "Allow or block URLs …": what a direct
allow overrides, and which wildcards an allow takes; "Create safe sender lists": never allow your own domains.
"""

from __future__ import annotations

from bot.domain.indicators.defanging import defanged
from bot.domain.indicators.indicator import Indicator
from bot.domain.lists.sender_pattern import read_sender
from bot.domain.lists.traits import ListName
from bot.domain.lists.url_pattern import Paths, read_url
from bot.domain.policies.case import Case, Findings
from bot.domain.policies.gateway_links import refuse_gateway, warn_of_fragment, warn_of_redirects
from bot.domain.policies.names import holds_own, is_mail_provider, is_own, is_public_suffix, is_shared_host
from bot.domain.policies.reason_and_end import check_end, check_reason
from bot.domain.policies.submission import SIMULATIONS, steps

_SENDER_RISK = (
    "A direct allow lets mail through that is found to be bulk, spam, high-confidence spam or ordinary phishing, from "
    "whoever writes as this sender. Microsoft doesn't look at it, and learns nothing. Malware and high-confidence "
    "phishing are still stopped."
)
_URL_RISK = (
    "A direct allow lets mail with this URL through that is found to be bulk, spam, high-confidence spam or ordinary "
    "phishing, whoever sends it. Microsoft doesn't look at it, and learns nothing. Malware and high-confidence "
    "phishing are still stopped."
)


def check_direct_allow(case: Case, findings: Findings) -> None:
    """The rules for adding an allow for a domain, address or URL."""
    name = case.proposal.list
    check_reason(case, findings)
    check_end(case, findings)
    findings.warn("direct_allow", _SENDER_RISK if name is ListName.SENDER else _URL_RISK, serious=True)
    for indicator in case.proposal.indicators:
        if name is ListName.SENDER:
            _check_sender(case, indicator, findings)
        else:
            _check_url(indicator, findings)
    findings.better_ways.append(
        f"{steps(name)} Microsoft looks at it then, and makes only the entries that the filters need."
    )
    if name is ListName.URL:
        findings.better_ways.append(SIMULATIONS)


def _check_sender(case: Case, indicator: Indicator, findings: Findings) -> None:
    sender = read_sender(indicator.value)
    if sender is None:
        return
    shown, domain = defanged(indicator.value), sender.domain
    if not sender.local and is_public_suffix(domain):
        _refuse_suffix(indicator, domain, findings)
    elif not sender.local and refuse_gateway(indicator, domain, findings, with_subdomains=sender.below):
        pass
    elif is_own(domain, case.accepted_domains) or (not sender.local and holds_own(domain, case.accepted_domains)):
        findings.warn(
            "allow_own_domain",
            f"{shown} is your own: whoever pretends to be one of your people gets past the spam filters.",
            serious=True,
        )
    elif not sender.local and (is_mail_provider(domain) or is_shared_host(domain)):
        findings.warn(
            "allow_shared",
            f"{shown} is used by very many unrelated people and companies, and all of them would be allowed. Name the "
            "address of the one sender.",
            serious=True,
        )


def _check_url(indicator: Indicator, findings: Findings) -> None:
    shown = defanged(indicator.value)
    if indicator.value.startswith(("*.", "~")):
        findings.refuse(
            "allow_wildcard",
            f"{shown}: an allow for a URL takes no *. and no ~ in front; only phishing simulations have those.",
            f"Name the host itself. {SIMULATIONS}",
            indicator=indicator,
        )
        return
    pattern = read_url(indicator.value)
    if pattern is None:
        return
    warn_of_fragment(indicator, findings)
    if refuse_gateway(indicator, pattern.host, findings, with_subdomains=False):
        return
    whole = pattern.path in {"", "/"}
    if whole and is_public_suffix(pattern.host) and not pattern.host.startswith("["):
        _refuse_suffix(indicator, pattern.host, findings)
    elif pattern.paths is Paths.BELOW and whole and (is_shared_host(pattern.host) or is_mail_provider(pattern.host)):
        findings.warn(
            "allow_shared",
            f"{shown} is used by very many unrelated people and companies, and the pages of all of them would be "
            "allowed. Name the one page, with its path.",
            serious=True,
        )
    elif pattern.paths is Paths.BELOW:
        warn_of_redirects(indicator, pattern, findings)


def _refuse_suffix(indicator: Indicator, domain: str, findings: Findings) -> None:
    findings.refuse(
        "public_suffix",
        f"{defanged(indicator.value)} names no single owner: everybody can register names under {defanged(domain)}.",
        "Name the domain that the mail or link is from.",
        indicator=indicator,
    )
