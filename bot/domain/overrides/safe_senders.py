"""What one mailbox's own lists say of a sender: whether it is safe there or blocked, by itself or by its domain.

The lists themselves go no further than this: whoever asks is told of their sender and of nobody else's.

Sources: Microsoft, "Configure junk email settings on Exchange Online mailboxes" (what an address and what a domain is
good for; the first 1,024 entries; shared mailboxes) and "How policies and protections are combined for email" (the
table of user allows and blocks; Safe Senders before Blocked Senders).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import unquote

from bot.domain.indicators.indicator import Indicator, Kind

#: What can stand in such a list.
SENDERS = frozenset({Kind.ADDRESS, Kind.DOMAIN})


class SenderStanding(StrEnum):
    """How a sender stands in one of the two lists, the most telling first."""

    DIRECTLY = "directly"
    BY_DOMAIN = "by_domain"  #: an address, by the domain behind its @
    BY_PARENT = "by_parent"  #: by a domain above its own; Microsoft doesn't say whether that counts
    NOT_LISTED = "not_listed"
    UNKNOWN = "unknown"  #: the list, or a part of it that may hold the sender, could not be read

    @property
    def is_listed(self) -> bool:
        """Whether it stands there in a way that counts for certain."""
        return self in {SenderStanding.DIRECTLY, SenderStanding.BY_DOMAIN}


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderList:
    """One list of a mailbox, in normal forms. Its values are nobody's business, and stand in no text of it."""

    addresses: frozenset[str] = field(default=frozenset(), repr=False)
    domains: frozenset[str] = field(default=frozenset(), repr=False)
    is_whole: bool = True  #: all of it could be read

    def standing(self, indicator: Indicator) -> SenderStanding:
        """How an address or a domain stands in it."""
        local, _, domain = indicator.value.rpartition("@")
        # The tenant's lists have odd characters in per cent signs, and mailboxes have them as they are.
        if indicator.kind is Kind.ADDRESS and {f"{unquote(local)}@{domain}", indicator.value} & self.addresses:
            return SenderStanding.DIRECTLY
        if domain in self.domains:
            return SenderStanding.BY_DOMAIN if indicator.kind is Kind.ADDRESS else SenderStanding.DIRECTLY
        if any({above, f"*.{above}"} & self.domains for above in _above(domain)):
            return SenderStanding.BY_PARENT
        return SenderStanding.NOT_LISTED if self.is_whole else SenderStanding.UNKNOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class JunkSettings:
    """The junk e-mail settings of one mailbox, as far as they could be read. None: that switch could not."""

    safe: SenderList
    blocked: SenderList
    contacts_trusted: bool | None = None
    trusted_only: bool | None = None  #: everybody who isn't safe goes to the Junk Email folder


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderInMailbox:
    """What a mailbox's settings say of one sender: all that anybody is shown of them."""

    indicator: Indicator
    safe: SenderStanding
    blocked: SenderStanding
    contacts_trusted: bool | None = None
    trusted_only: bool | None = None


def in_mailbox(indicator: Indicator, settings: JunkSettings) -> SenderInMailbox:
    """What the settings say of an address or a domain, whose kind is one of `SENDERS`."""
    return SenderInMailbox(
        indicator=indicator,
        safe=settings.safe.standing(indicator),
        blocked=settings.blocked.standing(indicator),
        contacts_trusted=settings.contacts_trusted,
        trusted_only=settings.trusted_only,
    )


def _above(domain: str) -> list[str]:
    """The domains above one, down to two labels: `a.b.example` is below `b.example`."""
    labels = domain.removeprefix("*.").split(".")
    first = 0 if domain.startswith("*.") else 1
    return [".".join(labels[place:]) for place in range(first, len(labels) - 1)]
