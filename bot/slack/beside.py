"""What stands beside a proposal, told: its mail figures, and whose its addresses are."""

from __future__ import annotations

from bot.domain.telling.figures_facts import with_figures
from bot.domain.telling.owners_facts import with_owners
from bot.domain.telling.request_facts import RequestFacts
from bot.store.beside import StandsBeside


def told_beside(facts: RequestFacts, beside: StandsBeside) -> RequestFacts:
    """What is told of a proposal, with what stands beside it."""
    if beside.figures is not None:
        facts = with_figures(facts, beside.figures)
    return with_owners(facts, beside.owners) if beside.owners else facts
