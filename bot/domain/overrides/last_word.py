"""Which of several has the last word: what the lists say, and what the places say.

Source: Microsoft, "How policies and protections are combined for email" (its tables of what wins over which verdict of
the filter), "Step-by-step threat protection" (the edge comes first, then mail flow rules, then the filter) and
"Configure connection filtering". What those pages leave open is said to be open.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.overrides.concern import Bearing, Concern
from bot.domain.overrides.places import Place
from bot.domain.overrides.words import MARKED_AS_SPAM

EDGE_FIRST = "Mail from a blocked IP is refused at the edge, before any of that counts."
BLOCK_STAYS = (
    "A block of the Tenant Allow/Block List stays above that: it counts as high-confidence phishing, which rules and "
    "policies don't get past, except where mail takes its way through another service first."
)
ADVANCED_DELIVERY_PAST_ALL = "Advanced delivery gets past everything that the filter says, blocks included."
RULES_FIRST = "Mail flow rules act before the filter: what one deletes or rejects is gone, whatever allows it."
CONNECTOR_FIRST = "What an inbound connector refuses doesn't come in at all, whatever allows it."
IT_IS_OPEN = "Microsoft doesn't say which of them wins."

_LETTING = frozenset({Bearing.LETS_THROUGH, Bearing.MAY_LET_THROUGH})
_STOPPING = frozenset({Bearing.STOPS, Bearing.MAY_STOP})


def last_word(concerns: Sequence[Concern], *, allowed: bool, blocked: bool, at_edge: bool) -> tuple[str, ...]:
    """The rules of precedence that matter here, a sentence each; none where nothing contradicts.

    `allowed` and `blocked` are what the lists say, `at_edge` that they say it of where mail comes from.
    """
    named = [concern for concern in concerns if not concern.is_general or concern.bearing.is_certain]
    letting = {concern.override.place for concern in named if concern.bearing in _LETTING}
    stopping = {concern.override.place for concern in named if concern.bearing in _STOPPING}
    said: list[str] = []
    if blocked and letting:
        if at_edge:
            return (EDGE_FIRST,)
        if letting - {Place.ADVANCED_DELIVERY}:
            said.append(BLOCK_STAYS)
        if Place.ADVANCED_DELIVERY in letting:
            said.append(ADVANCED_DELIVERY_PAST_ALL)
    elif stopping and (allowed or letting):
        if Place.CONNECTORS in stopping:
            said.append(CONNECTOR_FIRST)
        if any(concern.bearing in _STOPPING and _is_rule_that_ends_it(concern) for concern in named):
            said.append(RULES_FIRST)
        if not said:
            said.append(IT_IS_OPEN)
    return tuple(said)


def _is_rule_that_ends_it(concern: Concern) -> bool:
    """Whether it is a mail flow rule after which the filter has nothing more to say."""
    override = concern.override
    return override.place is Place.MAIL_FLOW_RULES and override.how != MARKED_AS_SPAM
