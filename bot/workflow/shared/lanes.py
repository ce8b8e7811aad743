"""The lanes of the outbox: what a job reaches, and so what else it can hold up. Each kind of job belongs to one.

A lane has places of its own. A tenant that accepts calls and never answers holds those of the lanes that call it, and
no card waits for it; a Slack that is silent holds up no approved change.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import IntEnum, StrEnum


class Lane(StrEnum):
    """What a job reaches."""

    APPLYING = "applying"  #: the tenant, to change it: what was approved, and what has come to its end
    READING = "reading"  #: the tenant, to read it in the background
    COUNTING = "counting"  #: what tells of mail, for whoever decides; nothing waits for it
    ASKING = "asking"  #: the tenant, for somebody who asked
    TELLING = "telling"  #: Slack: cards, copies, alerts, answers
    FETCHING = "fetching"  #: Slack's files, there and back
    IMPORTING = "importing"  #: nothing outside but its person's roles: an import read and judged
    HANDING_ON = "handing_on"  #: a program elsewhere that gets the audit log
    HOUSEKEEPING = "housekeeping"  #: the database alone

    @property
    def traits(self) -> LaneTraits:
        """How many of its jobs run at once, and when one is late."""
        return _TRAITS[self]


class Urgency(IntEnum):
    """Which jobs of a lane come first."""

    FIRST = 0
    USUAL = 1
    LAST = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneTraits:
    """How many of its jobs run at once, and when one is late."""

    places: int  #: in one process
    of_all: int | None = None  #: in all processes for this tenant, by the database
    late_after: timedelta  #: the alert channel hears of a job that isn't done so long after it was due
    what: str  #: for people: what waits then


_TRAITS = {
    # Of those who are under way with one list, several share each reading of it. Fewer than there are connections to
    # the tenant: whoever reads finds one where it answers no change.
    Lane.APPLYING: LaneTraits(places=6, late_after=timedelta(minutes=1), what="changes of the tenant"),
    Lane.READING: LaneTraits(places=3, late_after=timedelta(minutes=15), what="readings of the tenant's lists"),
    Lane.COUNTING: LaneTraits(places=2, late_after=timedelta(minutes=15), what="mail figures"),
    Lane.ASKING: LaneTraits(places=2, late_after=timedelta(minutes=5), what="answers to checks"),
    Lane.TELLING: LaneTraits(places=4, late_after=timedelta(minutes=5), what="cards and messages"),
    Lane.FETCHING: LaneTraits(places=2, late_after=timedelta(minutes=15), what="files from and to Slack"),
    Lane.IMPORTING: LaneTraits(places=1, of_all=1, late_after=timedelta(minutes=30), what="imports"),
    Lane.HANDING_ON: LaneTraits(places=1, of_all=1, late_after=timedelta(minutes=15), what="events for the webhook"),
    Lane.HOUSEKEEPING: LaneTraits(places=1, late_after=timedelta(hours=1), what="the clearing up"),
}
