"""How long an entry is to last: `30d`, `2 weeks`, `3 months`, `never`, or an end date such as `2026-12-31`.

Whole days only: nothing that Portcullis writes needs an end to the hour, and a tenant's entry takes minutes to act.
Which lifetimes a list permits is policy's business. What a length or a date can mean is read by the modules beside this
one; here it becomes a lifetime, or is refused where it can mean several or none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from bot.domain.indicators.surroundings import unwrap
from bot.domain.indicators.typed_text import plain_quotes, quoted
from bot.domain.reading.dates import TypedDate, add_months, date_at, names_month
from bot.domain.reading.lengths import TypedLength, Unit, is_count, length_at
from bot.errors import InvalidDuration

MAX_DAYS = 3650

_NEVER = "never"
_ENDLESS = frozenset(
    {
        *(_NEVER, "forever", "permanent", "permanently", "indefinite", "indefinitely", "endless", "endlos", "nie"),
        *("dauerhaft", "unbegrenzt", "unbefristet", "ewig", "définitivement"),
        *("perm", "perma"),
        *("permanente", "permanentemente", "indefinidamente", "definitivamente", "permanentement", "perpetual"),
    }
)
#: The same where nothing else follows: in front of a noun they are what it is like.
_WEAKLY_ENDLESS = frozenset(
    {
        *("unlimited", "illimité", "illimitée", "illimitato", "illimitata", "ilimitado", "ilimitada", "unlimitiert"),
        *("unendlich", "onbeperkt", "infinite", "infinitely", "eternal", "eternally", "eternamente"),
    }
)
_NO_END = re.compile(
    r"(?:no|without(?:\san)?|ohne|sans|sin|senza|sem|zonder)\s(?:(?:expiry|expiration|end)\sdate|expiry|expiration|end|ablauf|ablaufdatum|ende|enddatum|"
    r"limits?|limites?|límites?|limiti|limiet|ttl|fin|vencimiento|scadenza)(?!\w)|(?:für\simmer|auf\sdauer|(?:pour|à)\s(?:toujours|jamais)|"
    r"(?:para|por)\ssiempre|per\ssempre|para\ssempre|voor\saltijd)(?!\w)|(?:(?:(?:does|should|must|shall|will)\snot|(?:does|should|must|wo)n['’]t)(?:\sever)?|(?:(?:should|must|shall|will)\s)?never)"
    r"\sexpires?(?!\w)|for\sever(?!\w)",
    re.IGNORECASE,
)
#: Of those, what in front of a noun says what it is like: `no limits casino`, `no end user impact`.
_WEAK_NO_END = re.compile(r"\S+\s(?:an\s)?(?:end|ende|limits?|limites?|límites?|limiti|limiet|fin)", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+(?![\w@-]|[.'’]\w)")
_FOR = re.compile(
    r"(?:for|für|fuer|pendant|pour|por|durante)(?:[:=]\s?|\s)(?:(?:the\s)?next\s|only\s|just\s|exactly\s|nur\s)?|"
    r"(?:ttl|duration|lifetime|dauer|laufzeit|durée|duración|durata|expires?|exp|expiry|expiration)\s?[:=]\s?",
    re.IGNORECASE,
)
_UNTIL = re.compile(
    r"(?:(?:up\s)?until|till?|through|thru|bis(?:\s(?:zum|einschl(?:ießlich|\.)))?|"
    r"jusqu['’](?:au|à)|hasta(?:\sel)?|fino\sal?|tot|até)(?:[:=]\s?|\s)(?:the\s)?|(?:expires?|exp|(?:expiry|expiration)(?:\sdate)?|end\s?date|enddatum)\s?[:=]\s?",
    re.IGNORECASE,
)
#: The words that lifetimes begin with, beside numbers and months.
_FIRST_WORDS = (
    _ENDLESS
    | _WEAKLY_ENDLESS
    | frozenset(
        {
            *(
                "for",
                "für",
                "fuer",
                "pendant",
                "pour",
                "por",
                "durante",
                "ttl",
                "duration",
                "lifetime",
                "dauer",
                "laufzeit",
            ),
            *(
                "durée",
                "duración",
                "durata",
                "expires",
                "expire",
                "exp",
                "expiry",
                "expiration",
                "up",
                "until",
                "til",
                "till",
                "through",
            ),
            *(
                "thru",
                "bis",
                "jusqu",
                "hasta",
                "fino",
                "tot",
                "até",
                "end",
                "enddate",
                "enddatum",
                "no",
                "without",
                "ohne",
            ),
            *(
                "sans",
                "sin",
                "senza",
                "auf",
                "à",
                "para",
                "per",
                "voor",
                "does",
                "should",
                "shouldn",
                "must",
                "mustn",
                "shall",
                "will",
                "won",
                "doesn",
                "half",
                "halbes",
                "medio",
                "mezzo",
            ),
            *("fortnight", "fortnights", "p", "pt"),
        }
    )
)
_FIRST_WORD = re.compile(r"[^\W\d_]{1,15}")
_LONGEST = 60  # characters; anything longer is prose
_FORMS = "Type a number of days or weeks such as 7d, 30d or 2w, an end date such as 2030-12-31, or never."
_BOTH = "Type the date as year, month and day: "


@dataclass(frozen=True, slots=True)
class Lifetime:
    """How long an entry lasts: a number of days, or to the end of a date (UTC), or, with neither, for ever."""

    days: int | None = None
    until: date | None = None

    def __post_init__(self) -> None:
        if self.days is not None and self.until is not None:
            raise ValueError("a lifetime has days or an end date, not both")

    @property
    def is_never(self) -> bool:
        """Whether the entry never ends."""
        return self.days is None and self.until is None

    def __str__(self) -> str:
        if self.until is not None:
            return self.until.isoformat()
        return _NEVER if self.days is None else f"{self.days}d"


NEVER = Lifetime()


@dataclass(frozen=True, slots=True)
class TypedLifetime:
    """What stands in a text for a lifetime, sound or not: `text[start:end]`.

    It says a length, a date, or, with neither, that there is no end. `marked` when a word such as `for` or `until`
    stands before it, which is a part of it.
    """

    start: int
    end: int
    length: TypedLength | None = None
    day: TypedDate | None = None
    marked: bool = False
    is_weak: bool = False  #: it says that there is no end, but in front of a noun it would say something else

    def lifetime(self, text: str, *, today: date) -> Lifetime:
        """What it comes to. `today` (UTC) is what an end date must not be before. Raises InvalidDuration."""
        typed = text[self.start : self.end].strip()
        if self.length is not None:
            return _lasting(self.length, today, typed=typed)
        return NEVER if self.day is None else Lifetime(until=_end_date(self.day, today, typed=typed))


def lifetime_at(text: str, position: int) -> TypedLifetime | None:
    """The lifetime that starts at a position of the text, or None. It may be unsound: `0d` and `2020-01-01` are found.

    Takes the same time wherever in a text it is asked.
    """
    if text[position : position + 1].isdigit():
        return _in_figures_at(text, position)  # none of the words below begins with a figure
    at = position
    if mark := _UNTIL.match(text, position):
        at = mark.end()
        if found := date_at(text, at):
            return TypedLifetime(position, found.end, day=found, marked=True)
    elif mark := _FOR.match(text, position):
        at = mark.end()
    marked = at > position
    if length := length_at(text, at):
        return TypedLifetime(position, length.end, length=length, marked=marked)
    if not marked and (found := date_at(text, at)):
        return TypedLifetime(position, found.end, day=found)
    return _endless_at(text, position, at)


def _endless_at(text: str, position: int, at: int) -> TypedLifetime | None:
    """What says that there is no end: words that start at a position, or one word behind a mark that ends at `at`."""
    if endless := _NO_END.match(text, position):
        is_weak = _WEAK_NO_END.fullmatch(endless[0]) is not None
        return TypedLifetime(position, endless.end(), marked=True, is_weak=is_weak)
    match = _WORD.match(text, at)
    word = match[0].lower() if match else ""
    is_weak = word in _WEAKLY_ENDLESS
    return TypedLifetime(position, match.end(), is_weak=is_weak) if match and (is_weak or word in _ENDLESS) else None


def _in_figures_at(text: str, position: int) -> TypedLifetime | None:
    if length := length_at(text, position):
        return TypedLifetime(position, length.end, length=length)
    found = date_at(text, position)
    return TypedLifetime(position, found.end, day=found) if found else None


def may_be_lifetime(text: str, position: int) -> bool:
    """Whether it is worth asking `lifetime_at` or `until_at` about a place, by the word that starts there."""
    first = text[position : position + 1]
    if first.isdigit() or first == "½":
        return True
    if not first.isalpha():
        return False
    match = _FIRST_WORD.match(text, position)
    word = match[0].lower() if match else ""
    return word in _FIRST_WORDS or is_count(word) or names_month(word) or text[position + 1 : position + 2].isdigit()


def until_at(text: str, position: int) -> int | None:
    """Where the word `until` and its like end, if one starts at this position and something follows it."""
    match = _UNTIL.match(text, position)
    return match.end() if match else None


def looks_like_duration(token: str) -> bool:
    """Whether the token can only be meant as a lifetime, sound or not: `0d` and `2020-01-01` look like one too."""
    return _whole(_plain(token)) is not None


def read_lifetime(text: str, *, today: date) -> Lifetime:
    """Read a lifetime. `today` (UTC) is what an end date must not be before, and where months and years begin.

    Hours are taken when they make whole days. Months and years go by the calendar, to the end of a date. A date that
    can mean several days is refused, with those days in the remedy. Raises InvalidDuration, and nothing else, whatever
    the text.
    """
    plain = _plain(text)
    typed = _whole(plain)
    if typed is None:
        what = f"{quoted(text)} is no length of time." if plain else "No length of time was typed."
        raise InvalidDuration(what, _FORMS)
    return typed.lifetime(plain, today=today)


def expires_at(lifetime: Lifetime, now: datetime) -> datetime | None:
    """When an entry made now ends (aware, UTC), or None for never. An end date counts to its last moment.

    Raises ValueError when `now` has no time zone.
    """
    if now.tzinfo is None:
        raise ValueError("now needs a time zone")
    if lifetime.days is not None:
        return now.astimezone(UTC) + timedelta(days=lifetime.days)
    if lifetime.until is not None:
        return datetime.combine(lifetime.until + timedelta(days=1), time(), tzinfo=UTC)
    return None


def _plain(text: str) -> str:
    return unwrap(plain_quotes(text)) if len(text) <= _LONGEST else ""


def _whole(plain: str) -> TypedLifetime | None:
    found = lifetime_at(plain, 0)
    return found if found is not None and found.end == len(plain) else None


def _lasting(length: TypedLength, today: date, *, typed: str) -> Lifetime:
    if length.is_broken:
        raise InvalidDuration(f"{quoted(typed)} isn't a whole number.", "Type whole days, such as 45d.")
    if length.unit in {Unit.MONTHS, Unit.YEARS}:
        return _months(length.count * (12 if length.unit is Unit.YEARS else 1), today, typed=typed)
    return Lifetime(days=_days(length, typed=typed))


def _months(count: int, today: date, *, typed: str) -> Lifetime:
    try:
        until = add_months(today, count)
    except OverflowError:
        until = date.max
    if count < 1 or (until - today).days > MAX_DAYS:
        raise _out_of_range(count, typed=typed)
    return Lifetime(until=until)


def _days(length: TypedLength, *, typed: str) -> int:
    days = length.count
    if length.unit in {Unit.MINUTES, Unit.UNSURE}:
        why = "minutes are too short" if length.unit is Unit.MINUTES else "it can be minutes or months"
        raise InvalidDuration(f"{quoted(typed)} isn't counted in days: {why}.", _FORMS)
    if length.unit is Unit.WEEKS:
        days *= 7
    elif length.unit is Unit.HOURS:
        days, rest = divmod(length.count, 24)
        if rest:
            remedy = f"Type {days}d or {days + 1}d." if days else "Type 1d, or more."
            raise InvalidDuration(f"{quoted(typed)} isn't a whole number of days.", remedy)
    if not 1 <= days <= MAX_DAYS:
        raise _out_of_range(days, typed=typed)
    return days


def _out_of_range(count: int, *, typed: str) -> InvalidDuration:
    return InvalidDuration(
        f"{quoted(typed)} is {'no time at all' if count < 1 else f'more than {MAX_DAYS} days'}.", _FORMS
    )


def _end_date(found: TypedDate, today: date, *, typed: str) -> date:
    if not found.days:
        raise InvalidDuration(f"{quoted(typed)} is no date of the calendar.", _FORMS)
    if len(found.days) > 1:
        to_come = [day for day in found.days if day >= today]
        dates = [day.isoformat() for day in (to_come if len(to_come) > 1 else found.days)]
        raise InvalidDuration(f"{quoted(typed)} can be {_either(dates)}.", f"{_BOTH}{_either(dates)}.")
    (until,) = found.days
    if until < today:
        raise InvalidDuration(f"{quoted(typed)} is in the past.", f"Type a date from {today.isoformat()} on.")
    if (until - today).days > MAX_DAYS:
        raise InvalidDuration(f"{quoted(typed)} is more than {MAX_DAYS} days away.", _FORMS)
    return until


def _either(choices: list[str]) -> str:
    return f"{', '.join(choices[:-1])} or {choices[-1]}"
