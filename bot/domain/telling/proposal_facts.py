"""What came of a proposal, as facts: the requests that were made of it, and what policy refused."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from bot.domain.policies.case import Field, Refusal
from bot.domain.requests.parts import by_proposal
from bot.domain.requests.request import Request
from bot.domain.telling.parts_facts import parts_facts
from bot.domain.telling.request_facts import RequestFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalFacts:
    """What came of a proposal. Nothing has been changed yet by any of it, though a rule may have approved it."""

    requests: tuple[RequestFacts, ...]  #: the proposal, with a part for each list concerned
    refusals: tuple[Refusal, ...]  #: what no form mends first, each with what to do; their values may be any text
    unrefused: tuple[str, ...] = ()  #: values that only the refusals of others kept from being requested
    waits_because: str = ""  #: why it waits, though a rule says that such blocks need nobody; empty: none is about it


def proposal_facts(
    requests: Sequence[Request],
    refusals: Iterable[Refusal] = (),
    *,
    unrefused: Sequence[str] = (),
    waits_because: str = "",
) -> ProposalFacts:
    """The requests that a proposal became, or the refusals that kept it from that, and what could go without them."""
    return ProposalFacts(
        requests=tuple(parts_facts(parts) for parts in by_proposal(requests)),
        refusals=_in_order(tuple(refusals)),
        unrefused=tuple(unrefused),
        waits_because=waits_because,
    )


def _in_order(refusals: tuple[Refusal, ...]) -> tuple[Refusal, ...]:
    """What is wrong with the values first. What a form asks for once they are right isn't said beside it: that a reason
    is missing, and that a warning has no tick, of which there is no box yet."""
    of_values = [refusal for refusal in refusals if refusal.field is Field.INDICATORS]
    if not of_values:
        return refusals
    values = {refusal.indicator for refusal in of_values}
    others = [refusal for refusal in refusals if refusal.field is not Field.INDICATORS]
    return (*of_values, *(refusal for refusal in others if not _is_asked_later(refusal, values)))


def _is_asked_later(refusal: Refusal, values: Collection[str]) -> bool:
    """Whether a form asks for it once these values are right: a tick for another value is asked for by itself."""
    if refusal.field is Field.ACKNOWLEDGED:
        return not refusal.indicator or refusal.indicator in values
    return refusal.code == "reason_missing"
