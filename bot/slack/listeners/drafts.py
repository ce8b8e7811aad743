"""What a proposal takes from the last snapshot of the lists, whether a command or a form gave the rest."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from bot.domain.indicators.indicator import Indicator
from bot.domain.lists.traits import Action
from bot.domain.policies.drafting import safe_list_off, which_action
from bot.domain.requests.people import Person, Right
from bot.domain.requests.proposal import Proposal
from bot.workflow.asking.safe_list import switches
from bot.workflow.shared.context import Context

UNTOLD = (
    "Which entries are meant can't be told: by the last snapshot of the lists, some of what you name is not listed at "
    "all, or it is both allowed and blocked."
)


async def action_of(context: Context, given: Action | None, indicators: Sequence[Indicator]) -> Action | None:
    """The action that was given, else that of the entries as they were last seen; None when that can't be told."""
    if given is not None or not indicators:
        return given
    async with context.store.read() as uow:
        lists = await uow.snapshots.load()
    # In a thread: a full list has thousands of entries to compare.
    return await asyncio.to_thread(which_action, indicators, lists)


async def safe_list_proposal(context: Context, actor: Person, *, reason: str) -> tuple[Proposal, ...]:
    """The proposal to switch the safe list off wherever it was last seen on. Raises NotPermitted, InvalidInput."""
    found = await switches(context, actor=actor, right=Right.PROPOSE)
    return (safe_list_off(found.policies, reason=reason.strip()),)
