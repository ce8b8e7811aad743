"""The operator's rules on a real database: who decides, and blocks that need nobody, with their limit per hour."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.lists.change import Operation
from bot.domain.lists.entries import Snapshot
from bot.domain.lists.traits import Action, ListName
from bot.domain.requests.approval import ApprovedBy, NobodyRule
from bot.domain.requests.people import Person
from bot.domain.requests.reminders import theirs
from bot.domain.requests.request import Status
from bot.domain.requests.who_decides import ApproverRule
from bot.errors import NotPermitted
from bot.workflow.asking.overview import overview
from bot.workflow.asking.queries import details
from bot.workflow.requesting.propose import Proposed
from bot.workflow.shared.job_kinds import JobKind
from bot.workflow.shared.proving import read_proved
from tests.integration.workflow.requesting.conftest import Desk
from tests.support.people import APPROVER, REQUESTER, SECOND
from tests.support.proposing import drafted, propose_all

SOC = replace(REQUESTER, groups=frozenset({"S0SOC"}))
QUICK = NobodyRule(name="Quick", lists=frozenset({ListName.SENDER}), requesters=("S0SOC",), per_hour=3)
NETWORK = ApproverRule(
    name="Network", lists=frozenset({ListName.CONNECTION_FILTER}), approvers=(SECOND.user_id, "S0NETWORK")
)


@pytest.fixture
async def ruled(desk: Desk) -> Desk:
    """A desk with both rules, where the tenant was read and its domains are known."""
    rules = replace(desk.context.rules, approvers=(NETWORK,), need_nobody=(QUICK,))
    desk.context = replace(desk.context, rules=rules)
    async with desk.store.write() as uow:
        await uow.snapshots.save(Snapshot(as_of=desk.clock(), accepted_domains=frozenset({"contoso.example"})))
    return desk


async def asked(desk: Desk, *values: str, who: Person = SOC, delivery: str = "") -> Proposed:
    return await propose_all(desk.context, actor=who, proposals=drafted(desk.context, *values), delivery=delivery)


async def test_a_block_that_a_rule_lets_through_is_approved_by_it_at_once(ruled: Desk) -> None:
    made = await asked(ruled, "evil.example", delivery="one")
    [request] = made.requests
    assert request.status is Status.APPROVED
    assert request.approval is not None
    assert (request.approval.by, request.approval.name) == (ApprovedBy.RULE, "Quick")
    assert request.expires == ruled.clock() + timedelta(days=30)
    async with ruled.store.read() as uow:
        kept, contradicted = await read_proved(uow, request.id)
        jobs = {job.kind for job in await uow.jobs.waiting()}
    assert (kept.status, contradicted) == (Status.APPROVED, ())
    assert {JobKind.APPLY, JobKind.NOTIFY} <= jobs
    assert JobKind.LAPSE not in jobs
    [event] = [event for event in await ruled.events(request) if event.kind == "request.approved"]
    assert event.actor == "portcullis"
    assert event.payload["approval"]["name"] == "Quick"  # type: ignore[index,call-overload]
    again = await asked(ruled, "evil.example", delivery="one")
    assert [each.id for each in again.requests] == [request.id]


async def test_what_is_not_as_the_rule_says_waits(ruled: Desk) -> None:
    for who, values, why in (
        (REQUESTER, ["evil.example"], ""),  # whom the rule doesn't name
        (SOC, ["*.evil.example"], "has a wildcard"),
        (SOC, ["evil.example", "203.0.113.7"], "none that names you is about IPs"),  # a part with no rule: all waits
    ):
        made = await asked(ruled, *values, who=who)
        assert {request.status for request in made.requests} == {Status.PENDING}
        assert why in made.waits_because
        assert bool(why) is bool(made.waits_because)
        found = await details(ruled.context, actor=APPROVER, request_id=made.requests[-1].id)
        assert found.waits_because == made.waits_because


async def test_the_limit_per_hour_holds_however_many_come_at_once(ruled: Desk) -> None:
    made = await asyncio.gather(*(asked(ruled, f"evil{number}.example") for number in range(6)))
    statuses = [each.requests[0].status for each in made]
    assert (statuses.count(Status.APPROVED), statuses.count(Status.PENDING)) == (3, 3)
    waits = [each.waits_because for each in made if each.requests[0].status is Status.PENDING]
    assert waits == ["the limit of 3 an hour leaves no room for it"] * 3
    ruled.clock.advance(seconds=3601)
    assert (await asked(ruled, "late.example")).requests[0].status is Status.APPROVED
    assert (await asked(ruled, "a.example", "b.example", "c.example")).requests[0].status is Status.PENDING


async def test_only_those_whom_a_rule_names_decide(ruled: Desk) -> None:
    request = await ruled.proposed(end="7d", action=Action.BLOCK)
    with pytest.raises(NotPermitted, match="By the rule “Network” others decide on this"):
        await ruled.review(request, who=APPROVER)
    assert [(event.actor, event.payload["why"]) for event in await ruled.events(request)] == [
        (APPROVER.user_id, "rule: Network")
    ]
    async with ruled.store.read() as uow:
        waiting = await uow.approvers.waiting(limit=10)
    for person, its in ((APPROVER, []), (SECOND, [request.id])):
        assert [each.id for each in theirs(waiting, person, ruled.context.rules.approvers)] == its
        seen = await overview(ruled.context, actor=person)
        assert seen is not None
        assert [parts.id for parts in seen.for_me] == its
    assert (await ruled.review(request, who=SECOND)).status is Status.APPROVED


async def test_an_approval_of_who_may_not_any_more_is_voided_at_the_deciding_click(ruled: Desk) -> None:
    desk = ruled
    desk.context = replace(desk.context, rules=replace(desk.context.rules, approvers=(replace(NETWORK, approvals=2),)))
    request = await desk.proposed(end="7d", action=Action.BLOCK)
    assert request.approvals_needed == 2
    left = replace(APPROVER, groups=frozenset({"S0NETWORK"}))
    assert (await desk.review(request, who=left)).status is Status.PENDING  # by now they are in the group no more
    after = await desk.review(request, who=SECOND)
    assert after.status is Status.PENDING
    assert [review.reviewer for review in after.reviews] == [SECOND.user_id]
    [voided] = [event for event in await desk.events(request) if event.kind == "request.approval_voided"]
    assert voided.payload["why"] == "not named by the rule “Network” any more"


async def test_a_rule_lowers_nothing(ruled: Desk) -> None:
    request = await ruled.proposed(end="7d", action=Action.ALLOW, operation=Operation.ADD)
    assert request.approvals_needed == 2, "what policy says of an IP allow"
    own = replace(REQUESTER, roles=SECOND.roles, groups=frozenset({"S0NETWORK"}))
    with pytest.raises(NotPermitted, match="your own"):
        await ruled.review(request, who=own)
