"""Finding the few overrides that can concern an indicator, for thousands of indicators at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from bot.domain.indicators.indicator import Indicator, Kind
from bot.domain.overrides.concern import Concern, concerning
from bot.domain.overrides.override import ConditionKind, Override, PlaceReading


class ConcernIndex:
    """The overrides of some readings, by the domains that they name. It says the same as `concerning`, only sooner."""

    def __init__(self, readings: Iterable[PlaceReading]) -> None:
        self._readings = tuple(readings)
        overrides = [override for reading in self._readings for override in reading.overrides]
        self._by_domain: dict[str, list[int]] = defaultdict(list)
        self._others: list[int] = []
        self._overrides = overrides
        for position, override in enumerate(overrides):
            domains = _domains(override)
            if domains is None:
                self._others.append(position)
            for domain in domains or ():
                self._by_domain[domain].append(position)

    def concerning(self, indicator: Indicator) -> tuple[Concern, ...]:
        """Every override that concerns the indicator, as `concerning` has them."""
        if indicator.kind not in {Kind.DOMAIN, Kind.ADDRESS} or indicator.value.startswith("*."):
            return concerning(indicator, self._readings)
        positions = {*self._others}
        for name in _names(indicator.value.lower().rpartition("@")[2]):
            positions.update(self._by_domain.get(name, ()))
        found = tuple(self._overrides[position] for position in sorted(positions))
        return concerning(indicator, _as_readings(found))


def _domains(override: Override) -> set[str] | None:
    """The domains by one of which it has to be met, to concern a sender; None where it is met by something else."""
    kinds = {condition.kind for condition in override.conditions}
    if not kinds & _BY_DOMAIN:
        return set() if kinds == {ConditionKind.IP} else None
    return {
        value.rpartition("@")[2]
        for condition in override.conditions
        if condition.kind in _BY_DOMAIN
        for value in condition.values
    }


#: What names a domain as a whole, alone or behind an @.
_BY_DOMAIN = frozenset({ConditionKind.DOMAIN, ConditionKind.ADDRESS})


def _names(domain: str) -> Iterator[str]:
    """What can stand for a domain: itself, anything, and `*.` with what it is below."""
    yield domain
    yield "*"
    labels = domain.split(".")
    yield from (f"*.{'.'.join(labels[start:])}" for start in range(1, len(labels)))


def _as_readings(overrides: Iterable[Override]) -> Iterator[PlaceReading]:
    return (PlaceReading(place=override.place, overrides=(override,)) for override in overrides)
