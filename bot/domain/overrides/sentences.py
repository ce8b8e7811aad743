"""What an override means for an indicator, as a sentence of plain text. Values and names in it are defanged."""

from __future__ import annotations

from bot.domain.indicators.defanging import defanged
from bot.domain.overrides.concern import Bearing, Concern
from bot.domain.overrides.override import Override, PlaceReading, Sight
from bot.domain.overrides.words import either, shortened

_LEADS = {
    Bearing.LETS_THROUGH: "Let through by",
    Bearing.STOPS: "Stopped by",
    Bearing.MAY_LET_THROUGH: "May be let through by",
    Bearing.MAY_STOP: "May be stopped by",
}


def sentence_of(concern: Concern) -> str:
    """`Let through by the mail flow rule “Partner”: spam filtering is skipped.`, with what else has to be so."""
    condition = ", and ".join(concern.when)
    exception = ", or ".join(concern.unless)
    parts = [
        f"{_LEADS[concern.bearing]} {named(concern.override)}: {concern.override.how}",
        f", when {condition}" if condition else "",
        f", unless {exception}" if exception else "",
    ]
    return f"{''.join(parts)}."


def named(override: Override) -> str:
    """`the anti-spam policy “Default” (allowed domains)`."""
    detail = f" ({override.detail})" if override.detail else ""
    return f"the {override.place.words.singular} “{shortened(defanged(override.name))}”{detail}"


def unwatched(reading: PlaceReading) -> str:
    """That changes of a place aren't seen for want of a right, for whoever can give it; empty where that isn't so."""
    if not reading.lacks:
        return ""
    plural = reading.place.words.plural
    return f"{plural[:1].upper()}{plural[1:]}: {_lacks(reading)}"


def _lacks(reading: PlaceReading) -> str:
    return f"The app may not run {either(reading.lacks, most=len(reading.lacks))}."


def gap_of(reading: PlaceReading) -> str:
    """What could not be seen of a place, and why; empty where it was read in full, or isn't to be read."""
    plural = reading.place.words.plural
    title = plural[:1].upper() + plural[1:]
    match reading.sight:
        case Sight.OFF:
            return ""
        case Sight.NO_RIGHT:
            return f"{title}: Portcullis has no right to read them, and isn't told when they change."
        case Sight.UNREADABLE:
            return f"{title}: they could not be read. {reading.why}".strip()
        case Sight.SEEN if reading.unread:
            if reading.lacks:
                return (
                    f"{title}: a part of them could not be read, and changes of them aren't watched. {_lacks(reading)}"
                )
            things = "one thing" if reading.unread == 1 else f"{reading.unread} things"
            return f"{title}: {things} could not be read. {reading.why}".strip()
        case Sight.SEEN:
            return ""
