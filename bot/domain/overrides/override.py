"""One override, what it takes for it to act, and what was read of one place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.overrides.places import Place


class Does(StrEnum):
    """What an override does with mail that meets its conditions."""

    LETS_THROUGH = "lets_through"
    STOPS = "stops"


class ConditionKind(StrEnum):
    """What a condition is about, where it can be judged for an indicator."""

    DOMAIN = "domain"  #: the sender's domain is one of these
    ADDRESS = "address"  #: the sender's address is one of these
    WORDS = "words"  #: the sender's address has one of these words in it
    PATTERN = "pattern"  #: the sender's address matches one of these regular expressions, which nobody runs here
    IP = "ip"  #: the mail comes from one of these addresses, ranges or networks


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """Something that has to be so: one of these values, in their normal form (lower case, Punycode).

    A domain that begins with `*.` stands for its subdomains alone, and `*` for every domain.
    """

    kind: ConditionKind
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """Something in the tenant that lets mail through or stops it, whatever the filter thinks. Its texts are untrusted.

    It acts where all `conditions` hold, all of `when` too, and nothing of `exceptions` and `unless`. Without any
    condition it acts on all mail.
    """

    place: Place
    name: str  #: by which people find it there
    does: Does
    how: str  #: what it does, in plain words: `spam filtering is skipped`
    detail: str = ""  #: which part of what has that name: `allowed domains`; empty where it is all of it
    conditions: tuple[Condition, ...] = ()
    exceptions: tuple[Condition, ...] = ()
    when: tuple[str, ...] = ()  #: conditions that can't be judged for an indicator alone, in words
    unless: tuple[str, ...] = ()  #: the same for exceptions
    is_partial: bool = False  #: it spares mail one check of several, so that it may let it through at most
    begins: datetime | None = None  #: its own date; one that is to come stands in `when` too
    ends: datetime | None = None  #: its own date, after which it acts no more
    unshown: str = ""  #: a fingerprint of what it says beyond all these texts; empty: nothing
    guid: str = ""  #: by which the tenant may name it in its own log; empty where it says none
    position: int | None = None  #: its priority among those of its place, counted from 0; None: there is no order

    @property
    def key(self) -> str:
        """By what it is known again in another reading of its place."""
        return f"{self.name}\0{self.detail}\0{self.does.value}"


class Sight(StrEnum):
    """Whether a place could be looked at."""

    SEEN = "seen"
    OFF = "off"  #: by the operator's setting
    NO_RIGHT = "no_right"  #: the app may not read it
    UNREADABLE = "unreadable"  #: the tenant gave no answer, or none that could be read


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceReading:
    """What was read of one place. Unless it was seen in full, it is not an empty place."""

    place: Place
    sight: Sight = Sight.SEEN
    overrides: tuple[Override, ...] = ()
    unread: int = 0  #: so many records, or values in them, could not be read
    why: str = ""  #: why it, or a part of it, could not be seen
    lacks: tuple[str, ...] = ()  #: the cmdlets for it that the app may not run

    @property
    def is_whole(self) -> bool:
        """Whether all that the place holds was read."""
        return self.is_answered and not self.unread

    @property
    def is_answered(self) -> bool:
        """Whether every question about the place got its answer, though something in them may be unread."""
        return self.sight is Sight.SEEN and not self.why


def all_places(readings: Sequence[PlaceReading]) -> tuple[PlaceReading, ...]:
    """A reading for each place, in their order: one that is missing was not looked at."""
    by_place = {reading.place: reading for reading in readings}
    return tuple(by_place.get(place, PlaceReading(place=place, sight=Sight.OFF)) for place in Place)
