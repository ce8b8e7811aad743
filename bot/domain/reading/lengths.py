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
        Unit.DAYS: "d day days tag tage tagen j jour jours día días dia dias giorno giorni dag dagen",
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
#: Counts beyond those, up to the lengths that people write in words.
_COUNTS |= {
    word: number
    for number, words in {
        13: "thirteen dreizehn treize trece tredici dertien treze",
        14: "fourteen vierzehn quatorze catorce quattordici veertien",
        15: "fifteen fünfzehn quinze quince quindici vijftien",
        20: "twenty zwanzig vingt veinte venti twintig vinte",
        21: "einundzwanzig",
        30: "thirty dreißig dreissig trente treinta trenta dertig trinta",
        40: "forty vierzig quarante cuarenta quaranta veertig quarenta",
        45: "fünfundvierzig",
        50: "fifty fünfzig cinquante cincuenta cinquanta vijftig cinquenta",
        60: "sixty sechzig soixante sesenta sessanta zestig sessenta",
        90: "ninety neunzig noventa novanta negentig",
        100: "hundred hundert cent cien cento honderd",
    }.items()
    for word in words.split()
}
#: Lengths that have a name of their own.
_NAMED = re.compile(
    r"(?:(?P<half>½\s?(?:year|jahr|an|año|anno|jaar|ano)|half\sa\syear|a\shalf\syear|half-year|(?:ein\s)?halbes\sjahr|medio\saño|mezzo\sanno)|"
    r"(?:(?P<many>[0-9]{1,2}|a|one|two|three|four)\s)?fortnights?)(?![\w@]|[-.'’][\w])",
    re.IGNORECASE,
)
#: As machines write them: `P30D`, `PT48H`.
_ISO = re.compile(r"P(?:([0-9]{1,9})([DWMY])|T([0-9]{1,9})H)(?![\w@]|[-.'’][\w])", re.IGNORECASE)
_ISO_UNITS = {"D": Unit.DAYS, "W": Unit.WEEKS, "M": Unit.MONTHS, "Y": Unit.YEARS}
#: `0day` is a kind of hole.
_IN_FIGURES = re.compile(r"(?!0day(?!\w))([0-9]{1,9})([.,][0-9]{1,3})?(\s?)([^\W\d_]{1,9})(?![\w@]|[-.'’][\w])")
_IN_WORDS = re.compile(r"([^\W\d_]{1,15})\s([^\W\d_]{3,9}|(?<=\bun\s)an)(?![\w@]|[-.'’][\w])")


@dataclass(frozen=True, slots=True)
class TypedLength:
    """A length of time that stands in a text, up to `end`."""

    count: int
    unit: Unit
    end: int
    in_words: bool = False  #: the count is a word, as in `a year`
    tight: bool = False  #: no space before the unit, as in `30d`
    is_broken: bool = False  #: the count has a fraction, as in `1.5 months`; `count` is without it


def is_count(word: str) -> bool:
    """Whether a word, in small letters, is a number that a length can begin with."""
    return word in _COUNTS


def length_at(text: str, position: int) -> TypedLength | None:
    """The length of time that starts at a position of the text, or None. It can be none that an entry can have."""
    if text[position : position + 1].isdigit():
        return _in_figures(text, position) or _by_name(text, position)
    return _by_name(text, position) or _by_machine(text, position) or _in_words(text, position)


def _in_figures(text: str, position: int) -> TypedLength | None:
    match = _IN_FIGURES.match(text, position)
    if match is None:
        return None
    unit = _UNITS.get(match[4].lower())
    if unit is None or (match[3] and not _stands_for_unit(match[4].lower(), text[match.end() : match.end() + 5])):
        return None
    is_broken = bool(match[2]) and match[2] != ".0"
    return TypedLength(int(match[1]), unit, match.end(), tight=not match[3], is_broken=is_broken)


def _by_name(text: str, position: int) -> TypedLength | None:
    match = _NAMED.match(text, position)
    if match is None:
        return None
    if match["half"]:
        return TypedLength(6, Unit.MONTHS, match.end(), in_words=True)
    many = (match["many"] or "a").lower()
    count = int(many) if many.isdigit() else _COUNTS[many]
    return TypedLength(2 * count, Unit.WEEKS, match.end(), in_words=True)


def _by_machine(text: str, position: int) -> TypedLength | None:
    match = _ISO.match(text, position)
    if match is None:
        return None
    count, unit = (int(match[1]), _ISO_UNITS[match[2].upper()]) if match[1] else (int(match[3]), Unit.HOURS)
    return TypedLength(count, unit, match.end(), tight=True)


def _in_words(text: str, position: int) -> TypedLength | None:
    match = _IN_WORDS.match(text, position)
    count, unit = (_COUNTS.get(match[1].lower()), _UNITS.get(match[2].lower())) if match else (None, None)
    if match is None or count is None or unit is None:
        return None
    return TypedLength(count, unit, match.end(), in_words=True)


def _stands_for_unit(word: str, behind: str) -> bool:
    """Whether a short word behind a number and a space is a unit: `30 m` is as often metres, `2 an` half a sentence."""
    if word == "an":
        return not behind.strip(" .,;)")
    return word != "m"
