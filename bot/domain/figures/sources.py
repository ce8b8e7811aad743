"""Which source of mail figures sees which indicators.

Message trace filters by whole addresses of senders and recipients and by one IP address ("exchangeMessageTrace resource
type"). That it takes `*@` before a domain is not documented, so that what it finds counts, and that it finds nothing
says nothing. Advanced hunting sees all that EmailEvents, EmailUrlInfo and EmailAttachmentInfo hold.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from bot.domain.figures.figures import MailSource, Unseen
from bot.domain.indicators.indicator import Indicator, Kind

#: What message trace doesn't see, with why.
_NOT_TRACED: Mapping[Kind, Unseen] = {
    Kind.URL: Unseen.URLS,
    Kind.FILE: Unseen.FILES,
    Kind.IPV4_RANGE: Unseen.RANGES,
    Kind.IPV4_NETWORK: Unseen.RANGES,
    Kind.IPV6_NETWORK: Unseen.RANGES,
}
#: What nothing sees.
_NEVER_SEEN: Mapping[Kind, Unseen] = {Kind.SPOOF_PAIR: Unseen.SPOOFING, Kind.FILTER_POLICY: Unseen.NO_MAIL}

#: Which is asked first: hunting tells more, in one request.
_ORDER = (MailSource.HUNTING, MailSource.TRACE)


def asked_of(indicator: Indicator, sources: Collection[MailSource]) -> tuple[MailSource, ...] | Unseen:
    """Which of the sources there are see an indicator, the one to be asked first in front; or why none does."""
    if (never := _NEVER_SEEN.get(indicator.kind)) is not None:
        return never
    seeing = tuple(source for source in _ORDER if source in sources and not _hidden_from(indicator, source))
    return seeing or _hidden_from(indicator, MailSource.TRACE) or Unseen.NO_MAIL


def _hidden_from(indicator: Indicator, source: MailSource) -> Unseen | None:
    if source is MailSource.HUNTING:
        return None
    if indicator.kind is Kind.DOMAIN and "*" in indicator.value:
        return Unseen.WILDCARDS
    return _NOT_TRACED.get(indicator.kind)
