"""What else in the tenant has to do with an indicator: beside the lists, and how it is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from bot.domain.indicators.indicator import Indicator, Kind
from bot.domain.lists.entries import Entry
from bot.domain.lists.traits import Action, ListName
from bot.domain.overrides.override import Does, Override, PlaceReading, Sight
from bot.domain.overrides.places import Place
from bot.domain.telling.verdict_facts import VerdictFacts, verdict_facts
from bot.domain.verdict.elsewhere import NEVER_SEEN, NOT_LOOKED_AT
from bot.domain.verdict.judgement import Judgement
from bot.domain.verdict.verdict import Verdict, judge
from tests.unit.domain.overrides.making import domains, ips, override
from tests.unit.domain.tenant_lists import NOW, entry, tenant

EVIL = "evil.example"
DOMAIN = Indicator(kind=Kind.DOMAIN, value=EVIL)
RULE = override(domains(EVIL), name="Partner")
REFUSES = override(domains(EVIL), name="Ban", does=Does.STOPS, how="it is deleted")
WITH_IP = override(domains(EVIL), ips("203.0.113.7"), name="Relay")
ANY_MAIL = override(name="Invoices", when=("the subject has “invoice”",))
SIMULATION = override(domains(EVIL), place=Place.ADVANCED_DELIVERY, name="Simulation", how="nothing is filtered")
BLOCKED = entry(ListName.SENDER, Action.BLOCK, EVIL)
ALLOWED = entry(ListName.SENDER, Action.ALLOW, EVIL)


def readings(*overrides: Override, **sights: PlaceReading) -> tuple[PlaceReading, ...]:
    """Every place as it was read, with these overrides."""
    return tuple(
        sights.get(
            place.value, PlaceReading(place=place, overrides=tuple(each for each in overrides if each.place is place))
        )
        for place in Place
    )


def verdict(*entries: Entry, places: Sequence[PlaceReading], indicator: Indicator = DOMAIN) -> Verdict:
    return judge(indicator, replace(tenant(*entries), places=tuple(places)), now=NOW)


def words(told: VerdictFacts) -> str:
    return "".join(part if isinstance(part, str) else str(getattr(part, "words", "X")) for part in told.answer)


@pytest.mark.parametrize(
    ("entries", "overrides", "judgement", "answer"),
    [
        ((), (), Judgement.NOT_LISTED, "Not listed: "),
        ((), (RULE,), Judgement.NOT_LISTED, "Not listed, but let through elsewhere: "),
        ((), (REFUSES,), Judgement.NOT_LISTED, "Not listed, but stopped elsewhere: "),
        ((), (RULE, REFUSES), Judgement.NOT_LISTED, "Not listed, but both let through and stopped elsewhere: "),
        ((), (WITH_IP,), Judgement.NOT_LISTED, "Not listed, but it may be let through elsewhere: "),
        ((), (ANY_MAIL,), Judgement.NOT_LISTED, "Not listed: "),
        ((ALLOWED,), (RULE,), Judgement.ALLOWED, "Allowed: "),
        ((ALLOWED,), (REFUSES,), Judgement.ALLOWED, "Allowed, but stopped elsewhere: "),
        ((BLOCKED,), (RULE,), Judgement.BLOCKED, "Blocked: "),
    ],
)
def test_not_listed_alone_is_said_only_where_nothing_else_decides(
    entries: tuple[Entry, ...], overrides: tuple[Override, ...], judgement: Judgement, answer: str
) -> None:
    found = verdict(*entries, places=readings(*overrides))
    assert found.judgement is judgement
    assert words(verdict_facts(found)).startswith(answer)


def test_each_override_is_named_with_what_it_does() -> None:
    told = verdict_facts(verdict(places=readings(WITH_IP, RULE, ANY_MAIL)))
    sure, maybe = told.elsewhere
    assert sure == "Let through by the mail flow rule “Partner”: spam filtering is skipped."
    assert maybe == (
        "May be let through by the mail flow rule “Relay”: spam filtering is skipped, when it comes from 203.0.113[.]7."
    )
    assert told.may == 1


def test_which_has_the_last_word_is_said() -> None:
    told = verdict_facts(verdict(BLOCKED, places=readings(SIMULATION, RULE)))
    assert [sentence.split(" ", 1)[0] for sentence in told.last_word] == ["A", "Advanced"]


@pytest.mark.parametrize(
    ("reading", "gap"),
    [
        (PlaceReading(place=Place.CONNECTORS, sight=Sight.NO_RIGHT), "Inbound connectors: Portcullis has no right"),
        (
            PlaceReading(place=Place.CONNECTORS, sight=Sight.UNREADABLE, why="No answer."),
            "could not be read. No answer.",
        ),
        (PlaceReading(place=Place.CONNECTORS, unread=2), "Inbound connectors: 2 things could not be read."),
    ],
)
def test_a_place_that_cant_be_seen_says_so_and_costs_nothing_else(reading: PlaceReading, gap: str) -> None:
    found = verdict(places=readings(**{Place.CONNECTORS.value: reading}))
    [said] = verdict_facts(found).unseen
    assert gap in said
    assert words(verdict_facts(found)).endswith("as far as could be seen")
    blocked = verdict_facts(verdict(BLOCKED, places=readings(**{Place.CONNECTORS.value: reading})))
    assert not blocked.is_in_doubt, "a block is a block, whatever a connector does"


def test_where_the_places_are_not_read_that_is_among_what_it_does_not_mean() -> None:
    assert NOT_LOOKED_AT in verdict_facts(verdict(places=())).limits
    assert NEVER_SEEN in verdict_facts(verdict(places=readings())).limits


def test_of_a_file_nothing_is_said() -> None:
    file = Indicator(kind=Kind.FILE, value="ab" * 32)
    told = verdict_facts(verdict(places=readings(override(name="All")), indicator=file))
    assert (told.elsewhere, told.unseen) == ((), ())
    assert NEVER_SEEN not in told.limits
