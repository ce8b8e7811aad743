"""Blocks that need nobody: whether the operator's rules let a proposal through, and its approval by them.

Asked in the transaction that writes the proposal down, so that the limit per hour holds however many come at once. What
is let through is approved there and then, and is applied like anything that was approved.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from bot.domain.auditing.events import PORTCULLIS
from bot.domain.lists.entries import Snapshot
from bot.domain.policies.needs_nobody import Decided, needs_nobody
from bot.domain.requests.approval import Approval, ApprovedBy
from bot.domain.requests.request import Request, Status
from bot.store import UnitOfWork
from bot.workflow.requesting.consider import Considered
from bot.workflow.requesting.decide import decide
from bot.workflow.shared.context import Context
from bot.workflow.shared.own_domains import domains_known

#: What a rule's limit is for.
HOUR = timedelta(hours=1)


async def decided_by_rules(
    context: Context, uow: UnitOfWork, considered: Considered, lists: Snapshot | None
) -> Decided:
    """Whether what was considered needs nobody, with the limits per hour counted in this transaction.

    Beyond a limit it waits for approval, and `why_not` says so. What a workflow proposes always does: a rule trusts its
    requesters to have chosen what they ask for.
    """
    rules = context.rules
    if not rules.need_nobody or considered.workflow:
        return Decided()
    decided = needs_nobody(
        considered.actor.person,
        [(judged.proposal, judged.assessment) for judged in considered.judged],
        rules.need_nobody,
        lists=lists,
        knows_own_domains=bool(domains_known(rules, lists)),
        now=context.now(),
    )
    wanted: Counter[str] = Counter()
    for through in decided.through:
        wanted[through.rule.name] += through.count
    for rule in sorted({through.rule.name: through.rule for through in decided.through}.values(), key=lambda r: r.name):
        await uow.alone_with(f"rule:{rule.name}")
        had = await uow.requests.count_let_through(rule.name, since=context.now() - HOUR)
        if had + wanted[rule.name] > rule.per_hour:
            return Decided(why_not=f"the limit of {rule.per_hour} an hour leaves no room for it")
    return decided


async def approve_by_rules(
    context: Context, uow: UnitOfWork, requests: Sequence[Request], decided: Decided
) -> list[Request]:
    """Approve what was just written down, each part by the rule that lets it through, and return it as it is then."""
    now = context.now()
    for request, through in zip(requests, decided.through, strict=True):
        approval = Approval(by=ApprovedBy.RULE, at=now, name=through.rule.name, why=through.why)
        pending = replace(request, status=Status.PENDING)
        await decide(uow, pending, Status.APPROVED, actor=PORTCULLIS, at=now, approval=approval)
    return [await uow.requests.summary(request.id) for request in requests]
