"""Whether an override concerns an indicator, case by case."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.indicators.indicator import Indicator, Kind
from bot.domain.overrides.concern import Bearing, Concern, concerning, concerns
from bot.domain.overrides.override import Condition, ConditionKind, Does, Override, PlaceReading
from bot.domain.overrides.places import Place
from tests.unit.domain.overrides.making import addresses, domains, ips, override, patterns, words

DOMAIN = Indicator(kind=Kind.DOMAIN, value="evil.example")
BELOW = Indicator(kind=Kind.DOMAIN, value="*.evil.example")
ADDRESS = Indicator(kind=Kind.ADDRESS, value="info@evil.example")
IP = Indicator(kind=Kind.IPV4, value="203.0.113.7")
NETWORK = Indicator(kind=Kind.IPV4_NETWORK, value="203.0.113.0/24")
IPV6 = Indicator(kind=Kind.IPV6, value="2001:db8::1")

THROUGH, MAY = Bearing.LETS_THROUGH, Bearing.MAY_LET_THROUGH


@pytest.mark.parametrize(
    ("conditions", "indicator", "bearing"),
    [
        # the sender's domain: compared as a whole
        ((domains("evil.example"),), DOMAIN, THROUGH),
        ((domains("other.example", "evil.example"),), DOMAIN, THROUGH),
        ((domains("evil.example"),), ADDRESS, THROUGH),
        ((domains("other.example"),), DOMAIN, None),
        ((domains("example"),), DOMAIN, None),
        ((domains("mail.evil.example"),), DOMAIN, None),
        ((domains("evil.example"),), Indicator(kind=Kind.DOMAIN, value="mail.evil.example"), None),
        ((domains("evil.example"),), Indicator(kind=Kind.DOMAIN, value="devil.example"), None),
        ((domains("*.example"),), DOMAIN, THROUGH),
        ((domains("*.evil.example"),), DOMAIN, None),
        ((domains("*.evil.example"),), BELOW, THROUGH),
        ((domains("mail.evil.example"),), BELOW, MAY),
        ((domains("*"),), DOMAIN, THROUGH),
        # the sender's address
        ((addresses("info@evil.example"),), ADDRESS, THROUGH),
        ((addresses("sales@evil.example"),), ADDRESS, None),
        ((addresses("info@evil.example"),), DOMAIN, MAY),
        ((addresses("info@other.example"),), DOMAIN, None),
        # words of the address
        ((words("evil.example"),), DOMAIN, THROUGH),
        ((words("@evil.example"),), DOMAIN, THROUGH),
        ((words("evil"),), ADDRESS, THROUGH),
        ((words("devil.example"),), DOMAIN, None),
        ((words("vil.example"),), DOMAIN, None),
        ((words("info@evil.example"),), DOMAIN, MAY),
        ((words("info@other.example"),), DOMAIN, None),
        # It may stand in front of the @: mail of newsletter@evil.example gets through.
        ((words("newsletter"),), DOMAIN, MAY),
        ((words("newsletter"),), ADDRESS, None),
        ((words("newsletter"), domains("other.example")), DOMAIN, None),
        ((words("newsletter"), ips("203.0.113.0/24")), DOMAIN, MAY),
        ((words("newsletter"), ips("203.0.113.0/24")), ADDRESS, None),
        # A pattern may be met by any sender: nobody runs it.
        ((patterns(r"evil\.example$"),), DOMAIN, MAY),
        ((patterns(r"evil\.example$"),), ADDRESS, MAY),
        ((patterns(r"evil\.example$"),), IP, None),
        ((patterns(r"evil\.example$"), ips("203.0.113.0/24")), DOMAIN, MAY),
        ((patterns(r"evil\.example$"), ips("203.0.113.0/24")), ADDRESS, MAY),
        ((patterns(r"evil\.example$"), ips("203.0.113.0/24")), IP, MAY),
        ((patterns(r"evil\.example$"), ips("198.51.100.0/24")), IP, None),
        ((patterns(r"evil\.example$"), domains("other.example")), DOMAIN, None),
        # where the mail comes from
        ((ips("203.0.113.7"),), IP, THROUGH),
        ((ips("203.0.113.0/24"),), IP, THROUGH),
        ((ips("203.0.113.1-203.0.113.9"),), IP, THROUGH),
        ((ips("198.51.100.0/24"),), IP, None),
        ((ips("203.0.113.7"),), NETWORK, MAY),
        ((ips("2001:db8::/32"),), IPV6, THROUGH),
        ((ips("203.0.113.0/24"),), IPV6, None),
        ((ips("no address"),), IP, None),
        # all conditions have to hold, and what an indicator doesn't say is left open
        ((domains("evil.example"), ips("203.0.113.0/24")), DOMAIN, MAY),
        ((domains("evil.example"), ips("203.0.113.0/24")), IP, MAY),
        ((domains("evil.example"), ips("198.51.100.0/24")), IP, None),
        ((domains("evil.example"), words("other")), ADDRESS, None),
        # one that doesn't name it at all
        ((ips("203.0.113.0/24"),), DOMAIN, None),
        ((domains("evil.example"),), IP, None),
        # one that is about all mail
        ((), DOMAIN, THROUGH),
        ((), IP, THROUGH),
    ],
)
def test_what_an_override_means(
    conditions: tuple[Condition, ...], indicator: Indicator, bearing: Bearing | None
) -> None:
    found = concerns(override(*conditions), indicator)
    assert (found.bearing if found else None) is bearing


@pytest.mark.parametrize(
    ("given", "bearing"),
    [
        (override(domains("evil.example"), when=("the subject has “x”",)), MAY),
        (override(domains("evil.example"), unless=("the subject has “x”",)), MAY),
        (override(domains("evil.example"), is_partial=True), MAY),
        (override(domains("evil.example"), does=Does.STOPS), Bearing.STOPS),
        (override(domains("evil.example"), does=Does.STOPS, when=("it is sent to a",)), Bearing.MAY_STOP),
        (override(domains("evil.example"), exceptions=(domains("evil.example"),)), None),
        (override(domains("evil.example"), exceptions=(domains("other.example"),)), THROUGH),
        (override(domains("evil.example"), exceptions=(addresses("good@evil.example"),)), MAY),
        (override(domains("evil.example"), exceptions=(ips("203.0.113.7"),)), MAY),
    ],
)
def test_what_is_left_open_and_what_frees_it(given: Override, bearing: Bearing | None) -> None:
    found = concerns(given, DOMAIN)
    assert (found.bearing if found else None) is bearing


def test_what_is_left_open_is_said_in_words() -> None:
    found = concerns(
        override(domains("evil.example"), ips("203.0.113.0/24", "198.51.100.7"), when=("the subject has “x”",)), DOMAIN
    )
    assert found is not None
    assert found.when == ("it comes from 203.0.113[.]0/24 or 198.51.100[.]7", "the subject has “x”")


def test_a_rule_by_pattern_and_ip_is_told_of_a_sender_with_both() -> None:
    found = concerns(override(patterns(r"evil\.example$"), ips("203.0.113.0/24")), DOMAIN)
    assert found is not None
    assert not found.is_general
    assert found.when == (
        r"the sender's address matches “evil\[.]example$”",
        "it comes from 203.0.113[.]0/24",
    )


@pytest.mark.parametrize("kind", [Kind.URL, Kind.FILE, Kind.SPOOF_PAIR, Kind.FILTER_POLICY])
def test_nothing_is_said_of_what_no_override_is_about(kind: Kind) -> None:
    assert concerns(override(), Indicator(kind=kind, value="evil.example")) is None


def test_what_is_certain_comes_first_and_what_is_about_any_mail_last() -> None:
    rules = PlaceReading(
        place=Place.MAIL_FLOW_RULES,
        overrides=(
            override(name="Any subject", when=("the subject has “x”",)),
            override(domains("evil.example"), ips("203.0.113.7"), name="With IP"),
            override(domains("evil.example"), name="Sure"),
        ),
    )
    policies = PlaceReading(
        place=Place.ANTI_SPAM, overrides=(override(domains("evil.example"), place=Place.ANTI_SPAM, name="Default"),)
    )
    found = concerning(DOMAIN, (policies, rules))
    assert [each.override.name for each in found] == ["Sure", "Default", "With IP", "Any subject"]
    assert [each.is_general for each in found] == [False, False, False, True]


TEXT = st.text(max_size=12) | st.sampled_from(["evil.example", "*.evil.example", "info@evil.example", "203.0.113.0/24"])
CONDITIONS = st.builds(
    Condition, kind=st.sampled_from(ConditionKind), values=st.lists(TEXT, min_size=1, max_size=3).map(tuple)
)


@given(
    conditions=st.lists(CONDITIONS, max_size=3).map(tuple),
    exceptions=st.lists(CONDITIONS, max_size=2).map(tuple),
    indicator=st.sampled_from([DOMAIN, BELOW, ADDRESS, IP, NETWORK, IPV6]),
)
def test_whatever_the_tenant_holds_it_is_certain_only_with_nothing_left_open(
    conditions: tuple[Condition, ...], exceptions: tuple[Condition, ...], indicator: Indicator
) -> None:
    found: Concern | None = concerns(override(*conditions, exceptions=exceptions), indicator)
    if found is not None:
        assert found.bearing.is_certain is not bool(found.when or found.unless)
        by_words = all(condition.kind is ConditionKind.WORDS for condition in conditions)
        assert by_words if found.is_general else conditions
