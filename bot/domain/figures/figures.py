"""What the mail of the last ten days says of one indicator, or why nothing of it can be seen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TypeAlias

from bot.domain.indicators.indicator import Indicator

#: What figures are about: message trace takes ten days in one query.
DAYS = 10
SPAN = timedelta(days=DAYS)

#: So many subjects are shown to whoever decides, and so much of each.
MOST_SUBJECTS = 3
LONGEST_SUBJECT = 100


class MailSource(StrEnum):
    """What tells of mail, by the name that the setting has for it."""

    TRACE = "trace"  #: message trace, through Microsoft Graph
    HUNTING = "hunting"  #: advanced hunting of Microsoft Defender, through Microsoft Graph


class Unseen(StrEnum):
    """Why nothing can be seen of an indicator's mail, by the name that the log has for it: none is ever renamed."""

    URLS = "urls"  #: message trace doesn't know which links were in a message
    FILES = "files"  #: nor which files
    RANGES = "ranges"  #: nor more than one address at a time
    WILDCARDS = "wildcards"  #: nor a sender with a star
    DOMAINS = "domains"  #: it found nothing of a domain, and may not search for whole domains
    SPOOFING = "spoofing"  #: nothing tells of a pair of spoofed user and infrastructure
    NO_MAIL = "no_mail"  #: it is nothing that mail comes from or has in it


@dataclass(frozen=True, slots=True, kw_only=True)
class MailFigures:
    """How much mail came from one sender, domain or IP, or had one URL or file in it.

    Each message is counted once: as delivered where any of its recipients got it, else in the junk folder, else
    quarantined, else stopped. What has no outcome yet is in none of them. A sender is looked for as the envelope or the
    From address.
    """

    source: MailSource
    messages: int
    people: int  #: different recipients
    delivered: int
    junk: int
    quarantined: int
    stopped: int
    written_to: int | None = None  #: messages that the tenant's own people sent to it; None: nobody looked
    failed_dmarc: int | None = None  #: of the messages; None: the source doesn't tell
    is_whole: bool = True  #: False: there is more than was read
    written_is_whole: bool = True  #: the same of `written_to`
    subjects: tuple[str, ...] = ()  #: of the newest messages, any text; for approvers only

    @property
    def held_back(self) -> int:
        """How many messages reached nobody's inbox."""
        return self.junk + self.quarantined + self.stopped


@dataclass(frozen=True, slots=True, kw_only=True)
class FiguresOf:
    """An indicator with what was found of it."""

    indicator: Indicator
    found: Found


Found: TypeAlias = MailFigures | Unseen
