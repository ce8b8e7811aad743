"""What has to be known of a spoof pair, whether it blocks or allows: how its infrastructure is looked for.

Source: Microsoft, "Spoofed senders in the Tenant Allow/Block List", "Domain pair syntax": for a host with a PTR record
the organizational domain of that record counts (`smtp.inbound.contoso.com` is `contoso.com` there), and a pair by PTR
doesn't work where the record can't be resolved.
"""

from __future__ import annotations

from bot.domain.indicators.defanging import defanged
from bot.domain.indicators.indicator import Indicator
from bot.domain.lists.coverage import Pair
from bot.domain.policies.case import Findings
from bot.domain.policies.names import organizational_domain


def check_infrastructure(indicator: Indicator, pair: Pair, findings: Findings) -> None:
    """A warning where the infrastructure is a host's name: as such the pair would match nothing."""
    if pair.infrastructure == "*" or pair.network is not None:
        return
    organization = organizational_domain(pair.infrastructure)
    if organization is None or organization == pair.infrastructure:
        return
    host, domain = defanged(pair.infrastructure), defanged(organization)
    findings.warn(
        "spoof_host_name",
        f"{defanged(indicator.value)}: if {host} is the name of the sending server (its PTR record), Microsoft goes by "
        f"{domain}, and this pair matches nothing: propose it with {domain}. It is right as it stands only if {host} "
        "is the domain of the mail's DKIM signature.",
        serious=True,
    )
