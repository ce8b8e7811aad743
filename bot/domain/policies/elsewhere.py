"""What else in the tenant lets mail through or stops it, where an entry is weaker for it than it looks, or superfluous.

Which of them has the last word: `bot.domain.overrides.last_word`, with its sources.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.indicators.defanging import defanged
from bot.domain.indicators.indicator import Indicator
from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action
from bot.domain.overrides.concern import Bearing, Concern
from bot.domain.overrides.places import Place
from bot.domain.overrides.sentences import named
from bot.domain.overrides.words import MARKED_AS_SPAM
from bot.domain.policies.case import Case, Findings

#: Where mail is let past all of the filter, or past all but what is blocked. What an anti-phishing policy trusts isn't.
_LETTING = frozenset({Place.ADVANCED_DELIVERY, Place.MAIL_FLOW_RULES, Place.CONNECTORS, Place.ANTI_SPAM})
#: What acts before the filter, and so before any allow.
_BEFORE_THE_FILTER = frozenset({Place.MAIL_FLOW_RULES, Place.CONNECTORS})


def check_elsewhere(case: Case, findings: Findings) -> None:
    """Warn of overrides beside the lists that bear on what is proposed. Without a reading of them nothing is said."""
    for indicator in case.proposal.indicators:
        concerns = [each for each in case.overrides.concerning(indicator) if not each.is_general]
        letting = [each for each in concerns if each.override.place in _LETTING and _lets(each)]
        stopping = [
            each
            for each in concerns
            if each.override.place in _BEFORE_THE_FILTER
            and each.bearing is Bearing.STOPS
            and each.override.how != MARKED_AS_SPAM
        ]
        if case.proposal.action is Action.BLOCK:
            _say_of_a_block(case, indicator, letting, findings)
        elif case.proposal.operation is Operation.REMOVE:
            _say_still_let_through(indicator, letting, findings)
        else:
            _say_of_an_allow(indicator, letting, stopping, findings)


def _lets(concern: Concern) -> bool:
    return concern.bearing in {Bearing.LETS_THROUGH, Bearing.MAY_LET_THROUGH}


def _say_of_a_block(case: Case, indicator: Indicator, letting: Sequence[Concern], findings: Findings) -> None:
    """An IP that is blocked is refused before anything else counts; a block of a removal is none."""
    if case.proposal.operation is not Operation.ADD or case.proposal.list.traits.holds_ips:
        return
    past_it = [each for each in letting if each.override.place is Place.ADVANCED_DELIVERY]
    if past_it:
        findings.warn(
            "let_past_block",
            f"{_by(indicator, past_it)} {_verb(past_it)} its mail through whatever this block says.",
            serious=True,
        )
    elif letting:
        findings.warn(
            "let_through_elsewhere",
            f"{_by(indicator, letting)} {_verb(letting)} its mail through. This block is above that, but not where "
            "mail comes by way of another service.",
        )


def _say_still_let_through(indicator: Indicator, letting: Sequence[Concern], findings: Findings) -> None:
    if letting:
        findings.warn("still_let_through", f"{_by(indicator, letting)} still {_verb(letting)} its mail through.")


def _say_of_an_allow(
    indicator: Indicator, letting: Sequence[Concern], stopping: Sequence[Concern], findings: Findings
) -> None:
    if stopping:
        findings.warn(
            "stopped_elsewhere", f"{_by(indicator, stopping)} stops its mail whatever this allow says.", serious=True
        )
    certain = [each for each in letting if each.bearing.is_certain]
    if certain:
        findings.warn(
            "already_let_through", f"{_by(indicator, certain)} lets its mail through already: is this needed?"
        )


def _verb(concerns: Sequence[Concern]) -> str:
    """Of what spares mail only a part of the filter it isn't known whether it gets through."""
    return "may let" if concerns[0].override.is_partial else "lets"


def _by(indicator: Indicator, concerns: Sequence[Concern]) -> str:
    """`evil[.]example: the mail flow rule “Partner” (one of 2)`, with its conditions and exceptions."""
    first = concerns[0]
    several = f" (one of {len(concerns)})" if len(concerns) > 1 else ""
    when = f", when {', and '.join(first.when)}" if first.when else ""
    unless = f", unless {', or '.join(first.unless)}" if first.unless else ""
    condition = f"{when}{unless}," if when or unless else ""
    return f"{defanged(indicator.value)}: {named(first.override)}{several}{condition}"
