"""What else in the tenant has to do with an indicator, beside the lists, and how far that could be seen."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.indicators.indicator import Indicator
from bot.domain.lists.entries import Snapshot
from bot.domain.lists.traits import list_for
from bot.domain.overrides.concern import Bearing, Concern, concerning, is_concerned
from bot.domain.overrides.last_word import last_word
from bot.domain.overrides.override import all_places
from bot.domain.overrides.sentences import gap_of
from bot.domain.verdict.judgement import Judgement

#: What no verdict is about, even where all places are read.
NEVER_SEEN = (
    "The safe and blocked senders that people keep in their own mailboxes are no part of this verdict, nor is what the "
    "filter itself thinks of a message."
)
NOT_LOOKED_AT = (
    "Only these lists are looked at. Mail flow rules, anti-spam policies, inbound connectors, advanced delivery and "
    "the safe senders of people's own mailboxes can let mail through or stop it all the same."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Elsewhere:
    """The overrides that concern an indicator, what is certain first, and what is to be said beside them."""

    concerns: tuple[Concern, ...] = ()
    last_word: tuple[str, ...] = ()  #: which has the last word, a sentence for each rule that matters
    unseen: tuple[str, ...] = ()  #: what could not be seen, each with the reason
    limits: tuple[str, ...] = ()  #: what isn't looked at at all

    def certainly(self, bearing: Bearing) -> bool:
        """Whether an override does this in any case."""
        return any(concern.bearing is bearing for concern in self.concerns)


_NOTHING = Elsewhere()
_NOT_SEEN = Elsewhere(limits=(NOT_LOOKED_AT,))


def look_elsewhere(indicator: Indicator, lists: Snapshot, judgement: Judgement) -> Elsewhere:
    """What the places say of an indicator on which the lists come to a judgement.

    They are about senders and IP addresses: of anything else nothing is said.
    """
    if not is_concerned(indicator.kind):
        return _NOTHING
    if not lists.places:
        return _NOT_SEEN
    readings = all_places(lists.places)
    concerns = concerning(indicator, readings)
    return Elsewhere(
        concerns=concerns,
        last_word=last_word(
            concerns,
            allowed=judgement is Judgement.ALLOWED,
            blocked=judgement is Judgement.BLOCKED,
            at_edge=list_for(indicator.kind).traits.holds_ips,
        ),
        unseen=tuple(gap for reading in readings if (gap := gap_of(reading))),
        limits=(NEVER_SEEN,),
    )
