"""An emergency block: applied at once, reviewed afterwards, and taken out with what it alone has put there."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.auditing.events import EventKind
from bot.domain.lists.change import Change, Operation
from bot.domain.requests.approval import Approval, ApprovedBy
from bot.domain.requests.binding import ShownCard
from bot.domain.requests.emergency import awaits_review
from bot.domain.requests.people import Person, Role
from bot.domain.requests.request import Decision, ItemState, Request, Status
from bot.errors import Conflict, DoneBefore, InvalidInput, NotPermitted
from bot.store import AuditFilter
from bot.workflow.requesting.consider import consider
from bot.workflow.requesting.decided_once import has_counted
from bot.workflow.requesting.emergency import block_at_once
from bot.workflow.requesting.emergency_review import review_emergency
from bot.workflow.requesting.propose import Proposed
from bot.workflow.shared.context import Context, Limits
from bot.workflow.shared.job_kinds import JobKind
from bot.workflow.shared.proving import read_proved
from bot.workflow.shared.rights import proposer
from tests.integration.workflow.conftest import Stage
from tests.support.deciding import shown
from tests.support.people import APPROVER, ON_CALL, REQUESTER, SECOND
from tests.support.proposing import drafted
from tests.support.requests_made import newest_requests
from tests.support.tampering import run_raw

KEEP, TAKE_OUT = Decision.APPROVE, Decision.DENY
DOMAIN, OTHER, IP = "evil.example", "bad.example", "203.0.113.7"


async def blocked(
    context: Context, *values: str, who: Person = ON_CALL, end: str = "3d", delivery: str = ""
) -> Proposed:
    """Somebody blocks something at once."""
    actor = await proposer(context, who, delivery=secrets.token_hex(8))
    considered = await consider(context, actor=actor, proposals=drafted(context, *(values or (DOMAIN,)), end=end))
    return await block_at_once(context, considered, delivery=delivery or secrets.token_hex(8))


async def applied(stage: Stage, *values: str) -> Request:
    """An emergency block that the tenant has by now: the first of its requests."""
    await stage.snapshot()
    made = await blocked(stage.context, *values)
    assert made.requests, made.refusals
    await stage.run()
    return await stage.request(made.requests[0])


async def reviewed(
    stage: Stage,
    request: Request,
    decision: Decision,
    *,
    who: Person = APPROVER,
    why: str = "Not malicious",
    seen: ShownCard | None = None,
    delivery: str = "",
) -> None:
    await review_emergency(
        stage.context,
        actor=who,
        request_id=request.id,
        decision=decision,
        shown=seen or await shown(stage.context, request.id),
        delivery=delivery or secrets.token_hex(8),
        comment=why if decision is TAKE_OUT else "",
    )


async def all_requests(stage: Stage) -> Sequence[Request]:
    async with stage.context.store.read() as uow:
        return (await newest_requests(uow))[::-1]


async def is_proved(stage: Stage) -> bool:
    """Whether the log proves each request."""
    for request in await all_requests(stage):
        async with stage.context.store.read() as uow:
            _, found = await read_proved(uow, request.id)
        assert not found, found
    return True


async def unreviewed(stage: Stage) -> list[int]:
    async with stage.context.store.read() as uow:
        waiting = [each.id for each in await uow.approvers.waiting(limit=10)]
        assert await uow.emergencies.unreviewed(limit=10) == waiting
        return waiting


async def values_listed(stage: Stage) -> set[str]:
    lists = await stage.context.tenant.read_lists()
    return {entry.value for entry in lists.entries}


async def test_it_is_applied_with_nobody_s_approval_and_waits_for_its_review(stage: Stage) -> None:
    request = await applied(stage)
    assert request.status is Status.APPLIED
    assert request.approval is not None
    assert request.approval.by is ApprovedBy.EMERGENCY
    assert request.reviews == ()
    assert awaits_review(request)
    assert await unreviewed(stage) == [request.id]
    assert DOMAIN in await values_listed(stage)
    kinds = await stage.kinds(request)
    assert kinds[:3] == ["request.proposed", "request.emergency", "request.approved"]
    assert await is_proved(stage)


async def test_delivered_again_it_is_the_same_one(stage: Stage) -> None:
    await stage.snapshot()
    first = await blocked(stage.context, delivery="one")
    again = await blocked(stage.context, delivery="one")
    assert [request.id for request in again.requests] == [request.id for request in first.requests]
    assert len(await all_requests(stage)) == 1


@pytest.mark.parametrize("who", [REQUESTER, APPROVER])
async def test_who_may_not_block_at_once_makes_nothing_and_the_try_is_logged(stage: Stage, who: Person) -> None:
    with pytest.raises(NotPermitted, match="may not block anything as an emergency"):
        await blocked(stage.context, who=who)
    assert await all_requests(stage) == []
    async with stage.context.store.read() as uow:
        [event] = await uow.audit.page(filters=AuditFilter(kind=EventKind.ACCESS_REFUSED))
    assert (event.actor, event.target) == (who.user_id, "block_at_once")


async def test_one_bad_part_refuses_all_of_it(stage: Stage) -> None:
    await stage.snapshot()
    made = await blocked(stage.context, DOMAIN, "198.51.100.0/24", end="3d")
    assert made.requests == ()
    assert {refusal.code for refusal in made.refusals} == {"emergency_warned"}
    assert await all_requests(stage) == []


async def test_there_are_only_so_many_within_an_hour_also_of_several_at_once(stage: Stage) -> None:
    await stage.snapshot()
    context = replace(stage.context, limits=Limits(emergencies=2))
    made = await asyncio.gather(
        *(blocked(context, f"h{number}.example") for number in range(4)), return_exceptions=True
    )
    refused = [each for each in made if isinstance(each, BaseException)]
    assert [type(error) for error in refused] == [InvalidInput, InvalidInput]
    assert "2 emergency blocks within an hour" in str(refused[0])
    assert len(await all_requests(stage)) == 2
    stage.clock.advance(seconds=3_601)
    assert (await blocked(context, "late.example")).requests


async def test_kept_it_stays_and_that_is_the_end_of_it(stage: Stage) -> None:
    request = await applied(stage)
    await reviewed(stage, request, KEEP)
    await stage.run()
    now = await stage.request(request)
    assert now.status is Status.APPLIED
    assert not awaits_review(now)
    assert await unreviewed(stage) == []
    assert (await stage.kinds(request))[-1] == "request.kept"
    assert len(await all_requests(stage)) == 1
    assert DOMAIN in await values_listed(stage)
    assert await is_proved(stage)


@pytest.mark.parametrize(("decides", "counts"), [(True, True), (False, False)])
async def test_that_a_review_counted_is_found_out_by_its_delivery(stage: Stage, decides: bool, counts: bool) -> None:
    """For the job that finishes one which had to wait, and whose process ended before it could tell."""
    request = await applied(stage)
    for _ in range(2):
        await review_emergency(
            stage.context,
            actor=APPROVER,
            request_id=request.id,
            decision=KEEP,
            shown=await shown(stage.context, request.id),
            delivery="click",
            decides=decides,
        )
    async with stage.context.store.read() as uow:
        assert await has_counted(uow, "click") is counts


async def test_taken_out_it_is_removed_by_a_request_that_the_decision_approves(stage: Stage) -> None:
    request = await applied(stage, DOMAIN, IP)
    await reviewed(stage, request, TAKE_OUT)
    await stage.run()
    assert not {DOMAIN, IP} & await values_listed(stage)
    removals = [each for each in await all_requests(stage) if each.operation is Operation.REMOVE]
    assert {each.status for each in removals} == {Status.APPLIED}
    assert len({each.proposal_id for each in removals}) == 1
    for removal in removals:
        assert removal.requester == APPROVER.user_id
        assert removal.approval is not None
        assert (removal.approval.by, removal.approval.name) == (ApprovedBy.EMERGENCY_REVIEW, str(request.proposal_id))
        assert f"#{request.proposal_id} was taken out after review: Not malicious" in removal.reason
    now = await stage.request(request)
    assert [item.state for item in now.items] == [ItemState.REMOVED]
    taken_out = next(each for each in await stage.events(request) if each.kind == EventKind.REQUEST_TAKEN_OUT)
    assert taken_out.payload["removal"] == removals[0].id
    assert taken_out.payload["comment"] == "Not malicious"
    assert await unreviewed(stage) == []
    assert await is_proved(stage)


async def test_what_another_request_keeps_stays_where_it_is_taken_out(stage: Stage) -> None:
    longer = await stage.propose(OTHER, end="30d")
    request = await applied(stage, DOMAIN, OTHER)
    await stage.decide(longer)
    await stage.run()
    assert (await stage.request(longer)).status is Status.APPLIED
    await reviewed(stage, request, TAKE_OUT)
    await stage.run()
    assert await values_listed(stage) >= {OTHER}
    assert DOMAIN not in await values_listed(stage)
    assert await is_proved(stage)


async def test_what_a_shorter_request_wants_there_too_stays(stage: Stage) -> None:
    """The emergency block keeps the entry, as it ends later: the other has it there all the same."""
    shorter = await stage.propose(DOMAIN, end="1d")
    request = await applied(stage)
    await stage.decide(shorter)
    await stage.run()
    await reviewed(stage, request, TAKE_OUT)
    await stage.run()
    assert DOMAIN in await values_listed(stage)
    assert [each.operation for each in await all_requests(stage)] == [Operation.ADD, Operation.ADD]


async def test_of_two_who_review_it_at_once_one_counts(stage: Stage) -> None:
    request = await applied(stage)
    card = await shown(stage.context, request.id)
    answers = await asyncio.gather(
        reviewed(stage, request, KEEP, seen=card),
        reviewed(stage, request, TAKE_OUT, who=SECOND, seen=card),
        return_exceptions=True,
    )
    [error] = [answer for answer in answers if isinstance(answer, BaseException)]
    assert isinstance(error, Conflict)
    assert len((await stage.request(request)).reviews) == 1


async def test_it_is_reviewed_once_by_somebody_else_and_on_what_portcullis_posted(stage: Stage) -> None:
    request = await applied(stage)
    oneself = replace(ON_CALL, roles=frozenset({Role.APPROVER}))
    with pytest.raises(NotPermitted, match="nobody reviews their own"):
        await reviewed(stage, request, KEEP, who=oneself)
    with pytest.raises(NotPermitted):
        await reviewed(stage, request, KEEP, who=REQUESTER)
    card = await shown(stage.context, request.id)
    with pytest.raises(Conflict, match="decided nothing"):
        await reviewed(stage, request, KEEP, seen=replace(card, ts="1700000000.999999"))
    assert "click.refused" in await stage.kinds(request)
    await reviewed(stage, request, KEEP, delivery="keep")
    await reviewed(stage, request, KEEP, delivery="keep")  # delivered again
    with pytest.raises(DoneBefore, match="already: kept"):
        await reviewed(stage, request, KEEP)
    with pytest.raises(Conflict, match="reviewed already: kept"):
        await reviewed(stage, request, TAKE_OUT, who=SECOND)
    assert (await stage.kinds(request)).count("request.kept") == 1


async def test_what_somebody_put_in_in_the_database_is_not_taken_out_with_it(stage: Stage, database_url: str) -> None:
    """The decision approves the removal, whose log would then say that it was approved."""
    request = await applied(stage)
    card = await shown(stage.context, request.id)
    await run_raw(database_url, f"UPDATE items SET value = 'northwind.example' WHERE request_id = {request.id}")  # noqa: S608
    with pytest.raises(Conflict, match="says otherwise of #"):
        await reviewed(stage, request, TAKE_OUT, seen=card)
    assert [each.id for each in await all_requests(stage)] == [request.id]
    assert (await stage.request(request)).reviews == ()
    assert "request.contradicted" in await stage.kinds(request)


async def test_what_is_still_being_applied_is_reviewed_later(stage: Stage) -> None:
    await stage.snapshot()
    [request] = (await blocked(stage.context)).requests
    with pytest.raises(Conflict, match="being applied just now"):
        await reviewed(stage, request, TAKE_OUT)


@pytest.mark.parametrize("is_reviewed", [True, False])
async def test_the_alert_channel_is_told_of_one_that_nobody_has_reviewed(stage: Stage, is_reviewed: bool) -> None:
    request = await applied(stage)
    if is_reviewed:
        await reviewed(stage, request, KEEP)
        assert not await stage.waiting(JobKind.UNREVIEWED), "nobody needs it any more"
        await stage.run()
    stage.clock.advance(seconds=timedelta(hours=4).total_seconds() + 1)
    await stage.run()
    assert not await stage.waiting(JobKind.UNREVIEWED)
    told = [message.text for message in stage.messages("C0ALERTS") if "Emergency block" in message.text]
    assert bool(told) is not is_reviewed


async def test_a_block_that_somebody_made_an_emergency_in_the_database_is_not_sent(stage: Stage) -> None:
    request = await stage.propose(DOMAIN)
    approval = Approval(by=ApprovedBy.EMERGENCY, at=stage.clock())
    async with stage.context.store.write() as uow:
        await uow.requests.set_approval(request.id, approval)
        await uow.requests.move(request.id, expected=Status.PENDING, to=Status.APPROVED)
    async with stage.context.store.read() as uow:
        _, found = await read_proved(uow, request.id)
    assert {"approval", "approvals"} <= {each.about for each in found}


async def test_what_an_approver_had_taken_out_takes_an_approval_from_then_on(stage: Stage) -> None:
    request = await applied(stage, DOMAIN, OTHER)
    await reviewed(stage, request, TAKE_OUT)
    await stage.run()
    again = await blocked(stage.context, "EVIL.example")
    assert [refusal.code for refusal in again.refusals] == ["emergency_taken_out"]
    assert not again.requests
    assert (await blocked(stage.context, "new.example")).requests
    other = replace(ON_CALL, user_id="U0ONCALL02")
    assert (await blocked(stage.context, DOMAIN, who=other)).requests, "somebody else saw it too"


async def test_the_log_names_what_its_review_takes_out(stage: Stage) -> None:
    request = await applied(stage, DOMAIN, OTHER)
    await reviewed(stage, request, TAKE_OUT)
    taken_out = next(each for each in await stage.events(request) if each.kind == EventKind.REQUEST_TAKEN_OUT)
    assert set(taken_out.payload["takes_out"]) == {DOMAIN, OTHER}


async def test_what_was_there_before_is_not_taken_out_though_the_database_says_it_was_put_there(
    stage: Stage, database_url: str
) -> None:
    """By the log it was there before: taken out with the block, somebody else's would be gone."""
    await stage.snapshot()
    [request] = (await blocked(stage.context, DOMAIN, OTHER)).requests
    somebody_else_s = Change(
        operation=Operation.ADD, action=request.action, list=request.list, values=(OTHER,), expires=None, notes=""
    )
    await stage.context.tenant.apply(somebody_else_s)
    await stage.run()
    card = await shown(stage.context, request.id)
    await run_raw(
        database_url,
        f"UPDATE items SET state = 'applied' WHERE request_id = {request.id} AND value = '{OTHER}'",  # noqa: S608
    )
    async with stage.context.store.read() as uow:
        found = await uow.audit.logged_items(request.id)
        kinds = {event.target: event.kind for event in found.events}
    assert kinds[OTHER] == EventKind.ITEM_ALREADY_SO
    with pytest.raises(Conflict, match=r"says otherwise of #.*was not put there by it"):
        await reviewed(stage, request, TAKE_OUT, seen=card)
    assert (await stage.request(request)).reviews == ()
