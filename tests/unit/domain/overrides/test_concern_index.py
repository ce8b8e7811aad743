"""The index says the same as a look at every override."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.indicators.indicator import Indicator, Kind
from bot.domain.overrides.concern import concerning
from bot.domain.overrides.concern_index import ConcernIndex
from bot.domain.overrides.override import Condition, ConditionKind, Override, PlaceReading
from bot.domain.overrides.places import Place
from tests.unit.domain.overrides.making import override

DOMAINS = ["evil.example", "mail.evil.example", "*.evil.example", "*.example", "*", "other.example"]
SENDERS = [*DOMAINS[:2], "*.evil.example", "info@evil.example", "info@mail.evil.example", "sales@other.example"]
VALUES = {
    ConditionKind.DOMAIN: DOMAINS,
    ConditionKind.ADDRESS: [value for value in SENDERS if "@" in value],
    ConditionKind.WORDS: ["evil", "evil.example", "info@evil.example", "sales"],
    ConditionKind.PATTERN: [r"evil\.example$"],
    ConditionKind.IP: ["203.0.113.0/24", "198.51.100.7"],
}
CONDITIONS = st.sampled_from(ConditionKind).flatmap(
    lambda kind: st.lists(st.sampled_from(VALUES[kind]), min_size=1, max_size=2, unique=True).map(
        lambda values: Condition(kind=kind, values=tuple(values))
    )
)
OVERRIDES = st.builds(
    lambda conditions, place, name: override(*conditions, place=place, name=name),
    st.lists(CONDITIONS, max_size=2),
    st.sampled_from(Place),
    st.sampled_from(["a", "b"]),
)
INDICATORS = st.sampled_from(
    [
        *(Indicator(kind=Kind.ADDRESS if "@" in value else Kind.DOMAIN, value=value) for value in SENDERS),
        Indicator(kind=Kind.IPV4, value="203.0.113.7"),
        Indicator(kind=Kind.URL, value="evil.example/*"),
    ]
)


@given(st.lists(OVERRIDES, max_size=5), INDICATORS)
def test_it_finds_what_a_look_at_all_finds(overrides: list[Override], indicator: Indicator) -> None:
    readings = [PlaceReading(place=each.place, overrides=(each,)) for each in overrides]
    assert ConcernIndex(readings).concerning(indicator) == concerning(indicator, readings)
