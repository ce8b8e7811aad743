"""A decision is held against what is so at the click: the request, the person, the policy, the lists, the dates."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action
from bot.domain.policies.case import IpAllow
from bot.domain.requests.people import Role
from bot.domain.requests.request import Decision, Review, Status
from bot.domain.requests.reviewing import review_step
from bot.errors import Conflict, NotFound, NotPermitted
from bot.workflow.requesting.close import LAPSE_JOB
from bot.workflow.requesting.decide import decide, take_down
from bot.workflow.shared.job_kinds import JobKind
from tests.integration.databases import until_blocked
from tests.integration.workflow.requesting.conftest import IP, Desk
from tests.support.deciding import read_in_full, take_back
from tests.support.people import APPROVER, REQUESTER, SECOND, THIRD

APPROVE, DENY = Decision.APPROVE, Decision.DENY

ON_POSTGRESQL = pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)


def people(reviews: Sequence[Review]) -> list[tuple[str, Decision]]:
    return [(review.reviewer, review.decision) for review in reviews]


async def test_an_approval_of_several_is_taken_down_and_shown(desk: Desk) -> None:
    request = await desk.proposed()
    after = await desk.review(request)
    assert (after.status, people(after.reviews)) == (Status.PENDING, [(APPROVER.user_id, APPROVE)])
    [event] = await desk.events(request)
    assert (event.kind, event.actor, event.at) == ("request.reviewed", APPROVER.user_id, desk.clock())
    assert event.payload == {"decision": "approve", "approvals_needed": 2}
    assert await desk.due(request) == [JobKind.NOTIFY]
    assert await desk.has_file(request)


async def test_the_last_approval_approves_and_has_it_applied(desk: Desk) -> None:
    request = await desk.proposed()
    await desk.review(request)
    after = await desk.review(request, who=SECOND)
    assert (after.status, len(after.reviews)) == (Status.APPROVED, 2)
    assert await desk.kinds(request) == ["request.reviewed", "request.reviewed", "request.approved"]
    assert (await desk.events(request))[-1].actor == SECOND.user_id
    assert await desk.due(request) == [JobKind.APPLY, JobKind.NOTIFY]
    assert await desk.has_file(request)  # it is still to be handed over


@pytest.mark.parametrize("approved_before", [False, True])
async def test_one_denial_ends_it_and_drops_its_file(desk: Desk, approved_before: bool) -> None:
    request = await desk.proposed()
    if approved_before:
        await desk.review(request, who=SECOND)
    after = await desk.review(request, DENY)
    assert after.status is Status.DENIED
    assert (await desk.kinds(request))[-2:] == ["request.reviewed", "request.denied"]
    assert (await desk.events(request))[-2].payload["decision"] == "deny"
    assert await desk.due(request) == [JobKind.NOTIFY]
    assert not await desk.has_file(request)


@ON_POSTGRESQL
@pytest.mark.parametrize("decision", Decision)
async def test_of_two_at_once_each_is_judged_by_what_the_other_has_done(
    desk: Desk, database_url: str, decision: Decision
) -> None:
    """The second one comes in the middle of the first one's transaction: without the lock, both would be the first."""
    request = await desk.proposed()
    card = await read_in_full(desk.context, request.id, await desk.card(request), who=SECOND)
    async with desk.store.write() as uow:
        await uow.requests.summary(request.id, lock=True)
        await uow.requests.add_review(request.id, Review(reviewer=APPROVER.user_id, decision=APPROVE, at=desk.clock()))
        second = asyncio.create_task(desk.review(request, decision, who=SECOND, seen=card))
        await until_blocked(second, database_url)
        assert not second.done()
    await second
    assert await desk.status(request) is (Status.APPROVED if decision is APPROVE else Status.DENIED)


async def test_of_many_at_once_one_counts_and_the_others_look_again(desk: Desk) -> None:
    """The first one's approval changes what the card says, and the others haven't seen it."""
    request = await desk.proposed()
    card = await desk.card(request)
    answers = await asyncio.gather(
        *(desk.review(request, who=who, seen=card) for who in (APPROVER, SECOND, THIRD)), return_exceptions=True
    )
    refused = [answer for answer in answers if isinstance(answer, BaseException)]
    assert [type(error) for error in refused] == [Conflict, Conflict]
    assert await desk.kinds(request) == ["request.reviewed", "click.refused", "click.refused"]
    [first] = (await desk.now(request)).reviews
    [again, late] = [who for who in (APPROVER, SECOND, THIRD) if who.user_id != first.reviewer]
    assert (await desk.review(request, who=again)).status is Status.APPROVED
    with pytest.raises(Conflict, match="approved already"):
        await desk.review(request, who=late, seen=card)
    assert await desk.due(request) == [JobKind.APPLY, JobKind.NOTIFY]


@pytest.mark.parametrize("decision", Decision)
async def test_one_s_own_request_is_not_one_s_to_decide_and_the_try_is_logged(desk: Desk, decision: Decision) -> None:
    request = await desk.proposed()
    oneself = replace(REQUESTER, roles=frozenset({Role.APPROVER}))
    for _ in range(2):  # delivered again, it is logged once
        with pytest.raises(NotPermitted, match="your own"):
            await desk.review(request, decision, who=oneself, delivery="a click")
    [event] = await desk.events(request)
    assert (event.kind, event.actor, event.target) == ("access.refused", oneself.user_id, "review")
    assert (event.payload["why"], event.payload["roles"]) == ("own request", ["approver"])
    standing = await desk.now(request)
    assert (standing.status, standing.reviews) == (Status.PENDING, ())
    assert await desk.due(request) == []


async def test_who_is_no_approver_decides_nothing_and_the_try_is_logged(desk: Desk) -> None:
    request = await desk.proposed()
    for _ in range(2):
        with pytest.raises(NotPermitted, match="Only approvers"):
            await desk.review(request, who=REQUESTER, delivery="a click")
    [event] = await desk.events(request)
    assert (event.kind, event.payload["why"]) == ("access.refused", "role")
    assert await desk.status(request) is Status.PENDING


@pytest.mark.parametrize("decision", Decision)
async def test_there_is_nothing_to_decide_of_a_request_that_is_not_there(desk: Desk, decision: Decision) -> None:
    request = await desk.proposed()
    with pytest.raises(NotFound):
        await desk.review(replace(request, id=request.id + 1), decision)


@pytest.mark.parametrize("decision", Decision)
@pytest.mark.parametrize("over", ["approved", "denied", "withdrawn", "lapsed"])
async def test_a_request_that_is_over_is_decided_no_more(desk: Desk, over: str, decision: Decision) -> None:
    request = await desk.proposed()
    match over:
        case "approved":
            await desk.review(request)
            await desk.review(request, who=SECOND)
        case "denied":
            await desk.review(request, DENY)
        case "withdrawn":
            await take_back(desk.context, request.id)
        case _:
            await LAPSE_JOB.run(desk.context, await desk.lapse_job(request))
    before = await desk.now(request)
    assert before.status is Status(over)
    logged, due, has_file = await desk.kinds(request), await desk.due(request), await desk.has_file(request)
    with pytest.raises(Conflict, match=f"is {over} already"):
        await desk.review(request, decision, who=THIRD)
    assert await desk.now(request) == before
    assert (await desk.kinds(request), await desk.due(request)) == (logged, due)
    assert has_file == await desk.has_file(request) == (over == "approved")


@pytest.mark.parametrize("decision", Decision)
async def test_nobody_decides_twice(desk: Desk, decision: Decision) -> None:
    request = await desk.proposed()
    await desk.review(request)
    with pytest.raises(Conflict, match=r"You approved #\d+ already"):
        await desk.review(request, decision)
    standing = await desk.now(request)
    assert (standing.status, people(standing.reviews)) == (Status.PENDING, [(APPROVER.user_id, APPROVE)])
    assert await desk.kinds(request) == ["request.reviewed"]


@pytest.mark.parametrize("decision", Decision)
async def test_a_click_delivered_again_changes_nothing(desk: Desk, decision: Decision) -> None:
    request = await desk.proposed()
    first = await desk.review(request, decision, delivery="a click")
    logged = await desk.kinds(request)
    assert await desk.review(request, decision, delivery="a click") == first
    assert await desk.kinds(request) == logged
    assert len((await desk.now(request)).reviews) == 1


async def test_an_approval_is_refused_when_policy_has_become_stricter(desk: Desk) -> None:
    desk.rule(IpAllow.WARN)
    request = await desk.proposed()
    desk.rule(IpAllow.DENY)
    with pytest.raises(Conflict, match=f"no longer permits #{request.id}: "):
        await desk.review(request)
    standing = await desk.now(request)
    assert (standing.status, standing.reviews, await desk.due(request)) == (Status.PENDING, (), [])
    await desk.review(request, DENY)  # that is always possible
    assert await desk.status(request) is Status.DENIED


async def test_more_approvals_are_needed_when_policy_says_so_now(desk: Desk) -> None:
    desk.rule(IpAllow.WARN)
    request = await desk.proposed()
    assert request.approvals_needed == 1
    desk.rule(IpAllow.TWO_PERSON)
    with pytest.raises(Conflict, match="decided nothing: It takes 2 different approvers now"):
        await desk.review(request)
    standing = await desk.now(request)
    assert (standing.status, standing.reviews, standing.approvals_needed) == (Status.PENDING, (), 2)
    assert await desk.due(request) == [JobKind.NOTIFY]
    await desk.review(request)
    assert await desk.status(request) is Status.PENDING
    await desk.review(request, who=SECOND)
    assert await desk.status(request) is Status.APPROVED


async def test_fewer_approvals_than_the_card_asks_for_are_not_enough(desk: Desk) -> None:
    request = await desk.proposed()
    desk.rule(IpAllow.WARN)
    assert (await desk.review(request)).status is Status.PENDING


async def test_what_is_new_and_serious_has_to_be_read_first(desk: Desk) -> None:
    request = await desk.proposed(action=Action.BLOCK)
    await desk.lists_hold((Action.ALLOW, IP))
    with pytest.raises(Conflict) as caught:
        await desk.review(request, delivery="a click")
    assert caught.value.what.startswith(
        f"Something has changed since #{request.id} was proposed, and your click decided nothing: "
    )
    assert caught.value.remedy == "Read the card again, which is being brought up to date, and click once more."
    standing = await desk.now(request)
    assert (standing.status, standing.reviews) == (Status.PENDING, ())
    assert {warning.code for warning in standing.warnings} > {warning.code for warning in request.warnings}
    assert await desk.due(request) == [JobKind.NOTIFY]  # the card will show it
    [event] = await desk.events(request)
    assert (event.kind, event.actor) == ("request.reassessed", APPROVER.user_id)
    assert event.payload["void"] == []
    # The same click once more is no second look.
    with pytest.raises(Conflict, match="your click decided nothing"):
        await desk.review(request, delivery="a click")
    await desk.review(request)
    assert await desk.status(request) is Status.APPROVED


async def test_what_was_approved_before_something_serious_was_new_does_not_count(desk: Desk) -> None:
    request = await desk.proposed()
    desk.rule(IpAllow.TWO_PERSON)
    await desk.review(request)
    await desk.lists_hold((Action.BLOCK, IP))
    with pytest.raises(Conflict, match="your click decided nothing"):
        await desk.review(request, who=SECOND)
    standing = await desk.now(request)
    assert (standing.status, standing.reviews) == (Status.PENDING, ())
    assert (await desk.events(request))[-1].payload["void"] == [APPROVER.user_id]
    assert (await desk.review(request, who=SECOND)).status is Status.PENDING
    # Who approved before may, and has to, do so again.
    assert (await desk.review(request)).status is Status.APPROVED


async def test_an_approval_goes_by_what_is_on_record_now(desk: Desk) -> None:
    """A note on an entry of the connection filter is kept with its record, and that has ended meanwhile."""
    known = await desk.on_record(IP)
    await desk.lists_hold((Action.ALLOW, IP))
    request = await desk.proposed(operation=Operation.ANNOTATE, end=None)
    async with desk.store.write() as uow:
        await uow.known.end_all([known], desk.clock(), "found missing")
    with pytest.raises(Conflict, match="no longer permits"):
        await desk.review(request)


async def test_what_is_on_record_in_another_spelling_is_the_same(desk: Desk) -> None:
    network, spelled = "203.0.113.4/30", "203.0.113.4-203.0.113.7"
    await desk.on_record(spelled)
    await desk.lists_hold((Action.ALLOW, spelled))
    request = await desk.proposed(network, operation=Operation.ANNOTATE, end=None)
    assert (await desk.review(request)).status is Status.APPROVED


async def test_what_is_new_keeps_nobody_from_a_denial(desk: Desk) -> None:
    request = await desk.proposed(action=Action.BLOCK)
    await desk.lists_hold((Action.ALLOW, IP))
    await desk.review(request, DENY)
    standing = await desk.now(request)
    assert (standing.status, standing.warnings) == (Status.DENIED, request.warnings)


@pytest.mark.parametrize(
    ("moved", "why"),
    [(-timedelta(seconds=1), ""), (timedelta(), "end date"), (timedelta(seconds=1), "end date")],
    ids=["a second before", "exactly then", "a second after"],
)
async def test_from_its_end_date_on_a_request_can_be_denied_and_not_approved(
    desk: Desk, moved: timedelta, why: str
) -> None:
    last_day = (desk.clock() + timedelta(days=1)).date()
    request = await desk.proposed(action=Action.BLOCK, end=last_day.isoformat())
    assert request.expires is not None
    assert request.expires < request.lapses_at
    desk.clock.now = request.expires + moved
    if not why:
        assert (await desk.review(request)).status is Status.APPROVED
        return
    with pytest.raises(Conflict, match=why):
        await desk.review(request)
    assert (await desk.now(request)).reviews == ()
    await desk.review(request, DENY)
    assert await desk.status(request) is Status.DENIED


@pytest.mark.parametrize(
    ("moved", "why"),
    [(-timedelta(seconds=1), ""), (timedelta(), "expired"), (timedelta(seconds=1), "expired")],
    ids=["a second before", "exactly then", "a second after"],
)
async def test_a_lapsed_request_cannot_be_approved_before_its_job_has_run(
    desk: Desk, moved: timedelta, why: str
) -> None:
    request = await desk.proposed("evil.example", action=Action.BLOCK, end="90d")
    desk.clock.now = request.lapses_at + moved
    if not why:
        assert (await desk.review(request)).status is Status.APPROVED
        return
    with pytest.raises(Conflict, match=why):
        await desk.review(request)


# What holds even if two get as far as writing their decisions down.


@pytest.mark.parametrize("status", [Status.APPROVED, Status.DENIED, Status.WITHDRAWN, Status.LAPSED])
async def test_only_what_is_pending_is_decided(desk: Desk, status: Status) -> None:
    request = await desk.proposed()
    async with desk.store.write() as uow:
        await decide(uow, request, Status.DENIED, actor=APPROVER.user_id, at=desk.clock())
    with pytest.raises(Conflict) as caught:
        async with desk.store.write() as uow:
            await decide(uow, request, status, actor=SECOND.user_id, at=desk.clock())
    assert caught.value.what == f"#{request.id} was decided by somebody else just now."
    assert caught.value.remedy == "The card shows by whom."
    assert await desk.status(request) is Status.DENIED
    assert await desk.kinds(request) == ["request.denied"]


async def test_a_person_s_review_counts_once(desk: Desk) -> None:
    request = await desk.proposed()
    step = review_step(request, APPROVER.user_id, APPROVE, at=desk.clock())
    async with desk.store.write() as uow:
        await take_down(uow, request, step)
    with pytest.raises(Conflict) as caught:
        async with desk.store.write() as uow:
            await take_down(uow, request, step)
    assert caught.value.what == f"You approved #{request.id} already."
    assert await desk.kinds(request) == ["request.reviewed"]
