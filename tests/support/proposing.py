"""What a listener does with proposals, in one step: the right, the judgement, the requests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.domain.lists.traits import ListName
from bot.domain.policies.assess import MOST_INDICATORS
from bot.domain.requests.people import Person
from bot.domain.requests.proposal import Proposal
from bot.domain.requests.request import SetAside
from bot.workflow.requesting.consider import consider
from bot.workflow.requesting.propose import Proposed, propose
from bot.workflow.shared.context import Context
from bot.workflow.shared.rights import proposer


async def propose_all(
    context: Context,
    *,
    actor: Person,
    proposals: Sequence[Proposal],
    delivery: str,
    most: int = MOST_INDICATORS,
    lines: Mapping[ListName, Mapping[str, int]] | None = None,
    set_aside: Mapping[ListName, Sequence[SetAside]] | None = None,
) -> Proposed:
    """The requests that come of proposals, or why there are none. Raises NotPermitted."""
    who = await proposer(context, actor, delivery=delivery)
    considered = await consider(context, actor=who, proposals=proposals, most=most)
    return await propose(context, considered, delivery=delivery, lines=lines or {}, set_aside=set_aside or {})
