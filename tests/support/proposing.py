"""What somebody asks for: from values to proposals, and from proposals, in the listeners' one step, to requests."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action, ListName
from bot.domain.policies.assess import MOST_INDICATORS
from bot.domain.policies.drafting import draft
from bot.domain.reading.durations import read_lifetime
from bot.domain.reading.lines import read_as_logged
from bot.domain.reading.listed import Listed
from bot.domain.requests.evidence import Evidence
from bot.domain.requests.people import Person
from bot.domain.requests.proposal import Proposal
from bot.domain.requests.request import SetAside
from bot.workflow.requesting.consider import consider
from bot.workflow.requesting.propose import Proposed, propose
from bot.workflow.shared.context import Context
from bot.workflow.shared.rights import proposer


def drafted(
    context: Context,
    *values: str,
    operation: Operation = Operation.ADD,
    action: Action = Action.BLOCK,
    end: str | None = "30d",
    reason: str = "Phishing wave",
    evidence: Evidence | None = None,
    acknowledged: bool = False,
    listed: Listed | None = None,
) -> tuple[Proposal, ...]:
    """What somebody asks for, at this moment and under these rules."""
    now = context.now()
    return draft(
        operation,
        action,
        [read_as_logged(value, listed=listed) for value in values],
        lifetime=read_lifetime(end, today=now.date()) if end else None,
        reason=reason,
        rules=context.rules,
        now=now,
        evidence=evidence,
        acknowledged=acknowledged,
    )


async def propose_all(
    context: Context,
    *,
    actor: Person,
    proposals: Sequence[Proposal],
    delivery: str = "",
    most: int = MOST_INDICATORS,
    lines: Mapping[ListName, Mapping[str, int]] | None = None,
    set_aside: Mapping[ListName, Sequence[SetAside]] | None = None,
) -> Proposed:
    """The requests that come of proposals, or why there are none; a delivery of their own, if none is named.

    Raises NotPermitted.
    """
    delivery = delivery or secrets.token_hex(8)
    who = await proposer(context, actor, delivery=delivery)
    considered = await consider(context, actor=who, proposals=proposals, most=most)
    judged = tuple(
        replace(
            each,
            lines=(lines or {}).get(each.proposal.list, {}),
            set_aside=(set_aside or {}).get(each.proposal.list, ()),
        )
        for each in considered.judged
    )
    return await propose(context, replace(considered, judged=judged), delivery=delivery)
