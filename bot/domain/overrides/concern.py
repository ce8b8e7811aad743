"""Whether an override concerns an indicator: it lets it through, stops it, or may.

Sources: Microsoft, "Mail flow rule conditions and exceptions" (the sender's domain is compared as a whole: subdomains
take a pattern; all conditions have to hold, one value of each, and no exception) and the pages of the cmdlets.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.domain.indicators.indicator import Indicator, Kind
from bot.domain.indicators.ip_span import IpSpan, read_span
from bot.domain.overrides.override import Condition, ConditionKind, Does, Override, PlaceReading
from bot.domain.overrides.words import condition_words

#: What overrides are about. They say nothing of a URL, a file or a spoof pair by itself.
_SENDERS = frozenset({Kind.DOMAIN, Kind.ADDRESS})
_IPS = frozenset({Kind.IPV4, Kind.IPV4_RANGE, Kind.IPV4_NETWORK, Kind.IPV6, Kind.IPV6_NETWORK})


class Bearing(StrEnum):
    """What an override means for an indicator."""

    STOPS = "stops"
    LETS_THROUGH = "lets_through"
    MAY_STOP = "may_stop"
    MAY_LET_THROUGH = "may_let_through"

    @property
    def is_certain(self) -> bool:
        """Whether it does so in any case."""
        return self in {Bearing.STOPS, Bearing.LETS_THROUGH}


@dataclass(frozen=True, slots=True, kw_only=True)
class Concern:
    """An override that concerns an indicator, and how."""

    override: Override
    bearing: Bearing
    when: tuple[str, ...] = ()  #: what else has to be so, in words
    unless: tuple[str, ...] = ()
    is_general: bool = False  #: it names no sender and no IP at all: it is about any mail


class _Fit(StrEnum):
    """How a condition stands to an indicator."""

    HOLDS = "holds"
    PART = "part"  #: for a part of what the indicator names
    ELSE = "else"  #: it is about something that the indicator doesn't say
    FAILS = "fails"


def is_concerned(kind: Kind) -> bool:
    """Whether the places can hold anything about indicators of this kind: senders and IP addresses."""
    return kind in _SENDERS or kind in _IPS


def concerning(indicator: Indicator, readings: Iterable[PlaceReading]) -> tuple[Concern, ...]:
    """Every override of these readings that concerns an indicator: what is certain first, by the order of the places.

    What is about any mail comes last, unless it is certain.
    """
    found = [
        concern
        for reading in readings
        for override in reading.overrides
        if (concern := concerns(override, indicator)) is not None
    ]
    return tuple(sorted(found, key=_order))


def concerns(override: Override, indicator: Indicator) -> Concern | None:
    """What an override means for an indicator; None where it has nothing to do with it.

    It concerns it where one of its conditions names it, or a part of it, and none speaks against it; where what it says
    of senders may be met by it, such as a pattern; or where it names no sender and no IP at all, or of a domain's
    senders only a word in front of the @. What can't be judged for an indicator alone makes it a `may`, with the
    condition in words.
    """
    if not is_concerned(indicator.kind):
        return None
    fits = [_fit(condition, indicator) for condition in override.conditions]
    names_it = bool({_Fit.HOLDS, _Fit.PART} & set(fits))
    if _Fit.FAILS in fits or not (names_it or not fits or _may_name(override.conditions, indicator)):
        return None
    against = [_fit(condition, indicator) for condition in override.exceptions]
    if _Fit.HOLDS in against:
        return None
    when = (*_left_open(override.conditions, fits), *override.when)
    unless = (*_left_open(override.exceptions, against), *override.unless)
    is_certain = not (when or unless or override.is_partial)
    if override.does is Does.STOPS:
        bearing = Bearing.STOPS if is_certain else Bearing.MAY_STOP
    else:
        bearing = Bearing.LETS_THROUGH if is_certain else Bearing.MAY_LET_THROUGH
    # A word that may stand in the part before the @ of any domain's addresses is about any mail of a domain.
    by_words = all(condition.kind is ConditionKind.WORDS for condition in override.conditions)
    is_general = not names_it and by_words
    return Concern(override=override, bearing=bearing, when=when, unless=unless, is_general=is_general)


def _may_name(conditions: Sequence[Condition], indicator: Indicator) -> bool:
    """Whether what conditions say of a sender, none of which fails, may be met by what was asked about."""
    return indicator.kind in _SENDERS and any(condition.kind in _OPEN_OF_SENDERS for condition in conditions)


#: What is about senders and may be left open: a word in front of the @ for a domain, a pattern for any.
_OPEN_OF_SENDERS = frozenset({ConditionKind.WORDS, ConditionKind.PATTERN})


def _left_open(conditions: Sequence[Condition], fits: Sequence[_Fit]) -> Iterable[str]:
    """The conditions that may hold or not, in words."""
    return (
        condition_words(condition)
        for condition, fit in zip(conditions, fits, strict=True)
        if fit in {_Fit.PART, _Fit.ELSE}
    )


def _fit(condition: Condition, indicator: Indicator) -> _Fit:
    if indicator.kind in _IPS:
        return _fit_of_ip(condition, read_span(indicator.value))
    if condition.kind in {ConditionKind.IP, ConditionKind.PATTERN}:
        # A pattern is a regular expression of whoever wrote the rule: it is shown, and never run.
        return _Fit.ELSE
    local, _, domain = indicator.value.lower().rpartition("@")
    match condition.kind:
        case ConditionKind.DOMAIN:
            return _best(_of_domain(value, domain) for value in condition.values)
        case ConditionKind.ADDRESS:
            return _best(_of_address(value, local, domain) for value in condition.values)
        case ConditionKind.WORDS:
            return _best(_of_words(value.lower(), local, domain) for value in condition.values)


def _fit_of_ip(condition: Condition, asked: IpSpan | None) -> _Fit:
    if condition.kind is not ConditionKind.IP:
        return _Fit.ELSE
    spans = [span for value in condition.values if (span := read_span(value)) is not None]
    if asked is None or not any(span.meets(asked) for span in spans):
        return _Fit.FAILS
    return _Fit.HOLDS if any(span.holds(asked) for span in spans) else _Fit.PART


def _best(fits: Iterable[_Fit]) -> _Fit:
    """One value that holds is enough."""
    found = set(fits)
    return next((fit for fit in (_Fit.HOLDS, _Fit.PART, _Fit.ELSE) if fit in found), _Fit.FAILS)


def _of_domain(value: str, domain: str) -> _Fit:
    """`domain` may begin with `*.`, for the subdomains of one."""
    if value in {"*", domain}:
        return _Fit.HOLDS
    if value.startswith("*.") and domain.endswith(value[1:]):
        return _Fit.HOLDS
    if domain.startswith("*.") and value.endswith(domain[1:]):
        return _Fit.PART
    return _Fit.FAILS


def _of_address(value: str, local: str, domain: str) -> _Fit:
    its_local, _, its_domain = value.rpartition("@")
    if local:
        return _Fit.HOLDS if (its_local, its_domain) == (local, domain) else _Fit.FAILS
    fit = _of_domain(its_domain, domain)
    return _Fit.PART if fit is _Fit.HOLDS or its_domain == domain else fit


def _of_words(word: str, local: str, domain: str) -> _Fit:
    """A word counts where it stands by itself in the address: `evil` in `evil.example`, not in `devil.example`."""
    bare = domain.removeprefix("*.")
    if local:
        return _Fit.HOLDS if _stands_in(word, f"{local}@{domain}") else _Fit.FAILS
    if _stands_in(word, f"@{bare}"):
        return _Fit.HOLDS
    if "@" in word:
        its_domain = word.rpartition("@")[2]
        return _Fit.PART if its_domain == bare else _Fit.FAILS
    # A word with a dot is taken for a domain; any other may be in the part before the @.
    return _Fit.FAILS if "." in word else _Fit.ELSE


def _stands_in(word: str, address: str) -> bool:
    return bool(word) and re.search(rf"(?<![a-z0-9]){re.escape(word)}(?![a-z0-9])", address) is not None


def _order(concern: Concern) -> tuple[bool, bool, int, str, str]:
    override = concern.override
    certain = concern.bearing.is_certain
    return (not certain, concern.is_general and not certain, override.place.rank, override.name, override.detail)
