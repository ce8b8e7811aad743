"""Links of mail gateways, links that lead out through a site, and links of which only the host is left.

A mail gateway puts its own host in front of every link of every mail, and a site may lead out to any other. An entry
for the host or page of one, block or allow, is never about the one link that somebody saw.
"""

from __future__ import annotations

from bot.domain.indicators.defanging import defanged
from bot.domain.indicators.indicator import Indicator, NoteCode
from bot.domain.indicators.rewritten_links import redirecting_service, rewriting_service
from bot.domain.lists.url_pattern import UrlPattern
from bot.domain.policies.case import Findings


def refuse_gateway(indicator: Indicator, host: str, findings: Findings, *, with_subdomains: bool) -> bool:
    """Refuse an entry for a mail gateway's host; with `with_subdomains`, for what holds one. Whether it was refused."""
    service = rewriting_service(host, with_subdomains=with_subdomains)
    if not service:
        return False
    findings.refuse(
        "wrapper_host",
        f"{defanged(indicator.value)} is where the links are that {service} has rewritten: an entry would be about "
        "every link of every mail that it has checked.",
        "Name where the link leads: paste the whole link, or look in the message's details.",
        indicator=indicator,
    )
    return True


def warn_of_redirects(
    indicator: Indicator, pattern: UrlPattern, findings: Findings, *, with_subdomains: bool = False
) -> None:
    """Warn of an entry for the page through which a service's links lead out, to any site at all."""
    service = redirecting_service(pattern.host, pattern.path, with_subdomains=with_subdomains)
    if service:
        findings.warn(
            "redirecting_host",
            f"{defanged(indicator.value)} is where the links are that lead out through {service}, to any site: an "
            "entry would be about all of them. Name where the link leads: paste the whole link.",
            serious=True,
        )


def warn_of_fragment(indicator: Indicator, findings: Findings) -> None:
    """Warn where a link's fragment was left out and nothing but its host remains."""
    if indicator.has_note(NoteCode.FRAGMENT_WIDENED):
        findings.warn(
            NoteCode.FRAGMENT_WIDENED,
            f"{defanged(indicator.value)} is about the whole host: the link that was given had nothing more than what "
            "follows its #, which never reaches a server.",
            serious=True,
        )
