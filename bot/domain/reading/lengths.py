"""Lengths of time as people write them: `30d`, `2 weeks`, `3 months`, `a year`, `30 Tage`, `14 jours`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum


class Unit(StrEnum):
    """What a length is counted in."""

    MINUTES = "minutes"
    HOURS = "hours"
    DAYS = "days"
    WEEKS = "weeks"
    MONTHS = "months"  #: of the calendar
    YEARS = "years"  #: of the calendar
    UNSURE = "m"  #: minutes or months: nobody can tell


_UNITS: dict[str, Unit] = {
    word: unit
    for unit, words in {
        Unit.MINUTES: "min mins minute minutes minuten minuto minutos minuti",
        Unit.HOURS: "h hr hrs hour hours std stunde stunden heure heures hora horas ora ore uur",
        Unit.DAYS: "d day days tag tage tagen jour jours día días dia dias giorno giorni dag dagen",
        Unit.WEEKS: "w wk wks week weeks woche wochen semaine semaines semana semanas settimana settimane weken",
        Unit.MONTHS: "mo mos mth mths month months monat monate monaten mois mes meses mese mesi maand maanden mês",
        Unit.YEARS: "y yr yrs year years jahr jahre jahren an ans année années año años anno anni jaar ano anos",
        Unit.UNSURE: "m",
    }.items()
    for word in words.split()
}
_COUNTS: dict[str, int] = {
    word: number
    for number, words in enumerate(
        (
            "a an one ein eine einen einem un une uno una um uma een",
            "two zwei deux dos due twee dois duas",
            "three drei trois tres tre drie três",
            "four vier quatre cuatro quattro quatro",
            "five fünf cinq cinco cinque vijf",
            "six sechs seis sei zes",
            "seven sieben sept siete sette zeven sete",
            "eight acht huit ocho otto oito",
            "nine neun neuf nueve nove negen",
            "ten zehn dix diez dieci tien dez",
            "eleven elf onze once undici",
            "twelve zwölf douze doce dodici twaalf doze",
        ),
        1,
    )
    for word in words.split()
}
_IN_FIGURES = re.compile(r"([0-9]{1,9})(\s?)([^\W\d_]{1,9})(?![\w@]|[-.'’][\w])")
_IN_WORDS = re.compile(r"([^\W\d_]{1,7})\s([^\W\d_]{3,9})(?![\w@]|[-.'’][\w])")


@dataclass(frozen=True, slots=True)
class TypedLength:
    """A length of time that stands in a text, up to `end`."""

    count: int
    unit: Unit
    end: int
    in_words: bool = False  #: the count is a word, as in `a year`
    tight: bool = False  #: no space before the unit, as in `30d`


def length_at(text: str, position: int) -> TypedLength | None:
    """The length of time that starts at a position of the text, or None. It can be none that an entry can have."""
    if match := _IN_FIGURES.match(text, position):
        unit = _UNITS.get(match[3].lower())
        # `30 m` is as often metres, and `2 an` the beginning of something else.
        if unit is None or (match[2] and match[3].lower() in {"m", "an"}):
            return None
        return TypedLength(int(match[1]), unit, match.end(), tight=not match[2])
    if match := _IN_WORDS.match(text, position):
        count, unit = _COUNTS.get(match[1].lower()), _UNITS.get(match[2].lower())
        if count is not None and unit is not None:
            return TypedLength(count, unit, match.end(), in_words=True)
    return None
