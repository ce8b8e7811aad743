"""An emergency block: what may be blocked at once, with nobody's approval. Everything else is an ordinary request.

Nothing may go ahead that policy refuses or seriously warns of, that is wider than one owner, or that lasts long: it is
applied before a second pair of eyes has looked.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta

from bot.domain.indicators.defanging import defanged
from bot.domain.lists.change import Operation
from bot.domain.lists.comparison import comparable
from bot.domain.lists.traits import Action, ListName
from bot.domain.policies.case import Assessment, Field, Refusal
from bot.domain.requests.emergency import Emergencies
from bot.domain.requests.proposal import Proposal

#: So many indicators at once: more than one call to the tenant takes is no emergency but an import.
MOST_AT_ONCE = 20

_OTHERWISE = "Request it as an ordinary block, without the word emergency."

#: The lists whose entries may name a domain of the tenant.
_OF_NAMES = frozenset({ListName.SENDER, ListName.URL, ListName.SPOOF})

#: Between a proposal and its approval passes a moment.
_TOLERANCE = timedelta(minutes=1)


def refuse_emergency(
    proposal: Proposal,
    assessment: Assessment,
    emergencies: Emergencies,
    *,
    knows_own_domains: bool,
    now: datetime,
) -> tuple[Refusal, ...]:
    """Why a proposal can't be applied as an emergency, beside what policy refuses anyway; empty where it can.

    `knows_own_domains`: the tenant's accepted domains are set or were read. Until then no name is blocked
    at once. One of several lists is held to this like the others: one refusal refuses all.
    """
    if (proposal.operation, proposal.action) != (Operation.ADD, Action.BLOCK):
        return (_refusal("emergency_no_block", "Only a block can be an emergency.", "Request it as usual."),)
    return (
        *_of_many(proposal),
        *_of_wildcards(proposal),
        *(() if knows_own_domains else _of_own_domains(proposal)),
        *_of_warnings(assessment),
        *_of_end(proposal, emergencies, now),
    )


def refuse_again(proposal: Proposal, taken_out: Collection[str]) -> tuple[Refusal, ...]:
    """Why what an approver had taken out is not blocked at once again by the same person: somebody has to agree.

    `taken_out` are the values on the same list that they had blocked so, in any spelling.
    """
    before = {comparable(proposal.list, value) for value in taken_out}
    return tuple(
        _refusal(
            "emergency_taken_out",
            f"An approver had your emergency block of {defanged(indicator.value)} taken out.",
            "Request it as an ordinary block, without the word emergency: it takes an approval.",
            value=indicator.value,
        )
        for indicator in proposal.indicators
        if comparable(proposal.list, indicator.value) in before
    )


def _refusal(
    code: str, text: str, remedy: str = _OTHERWISE, *, at: Field = Field.INDICATORS, value: str = ""
) -> Refusal:
    return Refusal(code=code, text=text, remedy=remedy, field=at, indicator=value)


def _of_many(proposal: Proposal) -> Iterator[Refusal]:
    count = len(proposal.indicators)
    if count > MOST_AT_ONCE:
        yield _refusal(
            "emergency_too_many",
            f"An emergency block takes at most {MOST_AT_ONCE} indicators of a list, and these are {count}.",
            "Take those that can't wait, and request the others as an ordinary block.",
        )


def _of_wildcards(proposal: Proposal) -> Iterator[Refusal]:
    for indicator in proposal.indicators:
        if "*" in indicator.value or "~" in indicator.value:
            yield _refusal(
                "emergency_wildcard",
                f"{defanged(indicator.value)} has a wildcard, which an emergency block can't have.",
                value=indicator.value,
            )


def _of_own_domains(proposal: Proposal) -> Iterator[Refusal]:
    """What may be one's own, for all that is known: policy had no domains to look for."""
    if proposal.list in _OF_NAMES:
        yield _refusal(
            "emergency_own_unknown",
            "Your own domains have not been read from the tenant yet, and no emergency block may hit one of them.",
        )


def _of_warnings(assessment: Assessment) -> Iterator[Refusal]:
    for warning in assessment.warnings:
        if warning.serious:
            yield _refusal("emergency_warned", f"This can't be blocked with nobody's approval. {warning.text}")
    if assessment.approvals_needed > 1:
        yield _refusal("emergency_takes_more", f"It takes {assessment.approvals_needed} approvals.")


def _of_end(proposal: Proposal, emergencies: Emergencies, now: datetime) -> Iterator[Refusal]:
    most = timedelta(days=emergencies.most_days)
    if proposal.expires is None or proposal.expires - now > most + _TOLERANCE:
        days = "1 day" if emergencies.most_days == 1 else f"{emergencies.most_days} days"
        yield _refusal(
            "emergency_too_long",
            f"An emergency block lasts at most {days}.",
            "Choose a shorter time. Once it stands, its end can be changed with /extend.",
            at=Field.EXPIRES,
        )
