"""Does DNS answer? For `portcullis doctor`."""

from __future__ import annotations

from bot.diagnosis import Diagnosis
from bot.dns.lookup import Lookup, NoAnswerFromDns
from bot.domain.senders.shared_senders import SHARED_SENDERS


async def diagnose_dns(lookup: Lookup) -> list[Diagnosis]:
    """Ask for the SPF record of the first shared sender. Never raises for what DNS does."""
    [domain, *_] = SHARED_SENDERS[0].domains
    remedy = "Let this machine reach its resolver, set DNS_SERVERS to one that it can reach, or set WHO_IS to off."
    try:
        found = await lookup.ask(domain, "TXT")
    except NoAnswerFromDns as error:
        return [Diagnosis(check="answers", ok=False, details=f"No answer for {domain} ({error}).", remedy=remedy)]
    if not any(text.lower().startswith("v=spf1") for text in found):
        return [Diagnosis(check="answers", ok=False, details=f"It knows no SPF record of {domain}.", remedy=remedy)]
    return [Diagnosis(check="answers", ok=True, details=f"It has the SPF record of {domain}.")]
