"""Which of what the lists say and what the places say has the last word, case by case."""

from __future__ import annotations

import pytest

from bot.domain.overrides.concern import Bearing, Concern
from bot.domain.overrides.last_word import (
    ADVANCED_DELIVERY_PAST_ALL,
    BLOCK_STAYS,
    CONNECTOR_FIRST,
    EDGE_FIRST,
    IT_IS_OPEN,
    RULES_FIRST,
    last_word,
)
from bot.domain.overrides.places import Place
from bot.domain.overrides.words import MARKED_AS_SPAM
from tests.unit.domain.overrides.making import override

LETS, STOPS, MAY, MAY_STOP = Bearing.LETS_THROUGH, Bearing.STOPS, Bearing.MAY_LET_THROUGH, Bearing.MAY_STOP
RULES, SPAM, ADVANCED = Place.MAIL_FLOW_RULES, Place.ANTI_SPAM, Place.ADVANCED_DELIVERY
NEITHER, ALLOWED, BLOCKED, AT_EDGE = "neither", "allowed", "blocked", "blocked at the edge"


def concern(place: Place, bearing: Bearing, *, how: str = "it is deleted", is_general: bool = False) -> Concern:
    return Concern(override=override(place=place, how=how), bearing=bearing, is_general=is_general)


@pytest.mark.parametrize(
    ("lists", "concerns", "said"),
    [
        (NEITHER, (), ()),
        (NEITHER, (concern(RULES, LETS),), ()),
        (NEITHER, (concern(RULES, STOPS),), ()),
        (ALLOWED, (concern(RULES, LETS),), ()),
        (BLOCKED, (concern(RULES, STOPS),), ()),
        (BLOCKED, (concern(RULES, LETS),), (BLOCK_STAYS,)),
        (BLOCKED, (concern(SPAM, MAY),), (BLOCK_STAYS,)),
        (BLOCKED, (concern(ADVANCED, MAY),), (ADVANCED_DELIVERY_PAST_ALL,)),
        (BLOCKED, (concern(ADVANCED, MAY), concern(SPAM, LETS)), (BLOCK_STAYS, ADVANCED_DELIVERY_PAST_ALL)),
        (BLOCKED, (concern(RULES, MAY, is_general=True),), ()),
        (AT_EDGE, (concern(RULES, LETS),), (EDGE_FIRST,)),
        (ALLOWED, (concern(RULES, STOPS),), (RULES_FIRST,)),
        (ALLOWED, (concern(RULES, MAY_STOP),), (RULES_FIRST,)),
        (ALLOWED, (concern(SPAM, STOPS),), (IT_IS_OPEN,)),
        # What is only marked goes on to the filter, and to what allows it there.
        (ALLOWED, (concern(RULES, STOPS, how=MARKED_AS_SPAM),), (IT_IS_OPEN,)),
        (ALLOWED, (concern(RULES, STOPS, how=MARKED_AS_SPAM), concern(RULES, MAY_STOP)), (RULES_FIRST,)),
        (ALLOWED, (concern(Place.CONNECTORS, STOPS),), (CONNECTOR_FIRST,)),
        (NEITHER, (concern(SPAM, LETS), concern(RULES, STOPS)), (RULES_FIRST,)),
        (NEITHER, (concern(SPAM, LETS), concern(SPAM, STOPS)), (IT_IS_OPEN,)),
    ],
)
def test_which_has_the_last_word(lists: str, concerns: tuple[Concern, ...], said: tuple[str, ...]) -> None:
    found = last_word(concerns, allowed=lists == ALLOWED, blocked=lists in {BLOCKED, AT_EDGE}, at_edge=lists == AT_EDGE)
    assert found == said
