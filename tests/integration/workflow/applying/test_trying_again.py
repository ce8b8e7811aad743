"""What failed is applied once more under its approval: by one click of several, under what shows it as it is now."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.lists.change import Operation
from bot.domain.requests.binding import Purpose, ShownCard
from bot.domain.requests.people import Person
from bot.domain.requests.request import ItemState, Request, Status
from bot.errors import Conflict, NotPermitted
from bot.playground.tenant.tenant import Roles
from bot.workflow.applying.apply import APPLY_JOB
from bot.workflow.requesting.trying_again import try_again
from bot.workflow.shared.context import Context
from bot.workflow.shared.job_kinds import JobKind
from bot.workflow.shared.proving import read_proved
from tests.integration.workflow.conftest import Stage
from tests.support.deciding import shown
from tests.support.people import APPROVER, REQUESTER


async def apply_under(context: Context) -> None:
    """What an apply job does under the rules of this context."""
    async with context.store.write() as uow:
        jobs = await uow.jobs.claim("by hand", context.now(), 30, 50)
        for job in jobs:
            if job.kind != JobKind.APPLY:
                await uow.jobs.release(job)
    [job] = [job for job in jobs if job.kind == JobKind.APPLY]
    await APPLY_JOB.run(context, job)


async def failed(stage: Stage) -> Request:
    """A request that failed because the directory role was missing, which is there by now."""
    stage.standin.set_roles(Roles(directory_role="reader"))
    request = await stage.approved("evil.example")
    await stage.run()
    stage.standin.set_roles(Roles())
    request = await stage.request(request)
    assert request.status is Status.FAILED
    return request


async def click(
    stage: Stage, request: Request, who: Person = REQUESTER, *, seen: ShownCard | None = None, delivery: str = "d"
) -> None:
    card = seen or await shown(stage.context, request.id)
    await try_again(stage.context, actor=who, request_id=request.id, shown=card, delivery=delivery)


@pytest.mark.parametrize("purpose", [Purpose.CARD, Purpose.COPY])
async def test_it_is_applied_once_more_and_the_log_proves_it(stage: Stage, purpose: Purpose) -> None:
    request = await failed(stage)
    await click(stage, request, seen=await shown(stage.context, request.id, purpose=purpose))
    async with stage.context.store.read() as uow:
        _, found = await read_proved(uow, request.id)
    assert found == ()
    await stage.run()
    request = await stage.request(request)
    assert (request.status, request.items[0].state) == (Status.APPLIED, ItemState.APPLIED)
    kinds = [kind for kind in await stage.kinds(request) if kind.startswith("request.")]
    assert kinds[-5:] == [
        "request.applying",
        "request.failed",
        "request.tried_again",
        "request.applying",
        "request.applied",
    ]
    async with stage.context.store.read() as uow:
        assert (await read_proved(uow, request.id))[1] == ()


@pytest.mark.parametrize("unseen", [False, True])
async def test_what_policy_forbade_is_held_against_it_again(stage: Stage, unseen: bool) -> None:
    """Also beside what is there by now, and beside what was sent and never seen."""
    request = await stage.approved("evil.example", "ours.example")
    rules = replace(stage.context.rules, accepted_domains=frozenset({"ours.example"}))
    denying = replace(stage.context, rules=rules)
    await apply_under(denying)
    request = await stage.request(request)
    assert request.status is Status.PARTLY_APPLIED
    if unseen:
        [evil] = [item for item in request.items if item.value == "evil.example"]
        async with stage.context.store.write() as uow:
            await uow.requests.set_items({evil.id: (ItemState.INTENDED, "")})
    await click(stage, request)
    await apply_under(denying)
    request = await stage.request(request)
    assert {item.value: item.state for item in request.items}["ours.example"] is ItemState.REFUSED
    sent = [call["parameters"] for call in stage.standin.calls() if not str(call["cmdlet"]).startswith("Get-")]
    assert "ours.example" not in str(sent)


async def test_of_several_clicks_at_once_one_counts(stage: Stage) -> None:
    request = await failed(stage)
    card = await shown(stage.context, request.id)
    clicks = [click(stage, request, who, seen=card, delivery=who.user_id) for who in (REQUESTER, APPROVER)]
    answers = await asyncio.gather(*clicks, return_exceptions=True)
    assert sorted(type(answer) for answer in answers if answer is not None) == [Conflict]
    assert (await stage.kinds(request)).count("request.tried_again") == 1
    assert len(await stage.waiting(JobKind.APPLY)) == 1


async def test_delivered_again_it_changes_nothing(stage: Stage) -> None:
    request = await failed(stage)
    card = await shown(stage.context, request.id)
    for _ in range(2):
        await click(stage, request, seen=card)
    assert (await stage.kinds(request)).count("request.tried_again") == 1


async def test_what_is_not_on_record_tries_nothing_and_is_logged(stage: Stage) -> None:
    request = await failed(stage)
    with pytest.raises(Conflict):
        await click(stage, request, seen=ShownCard(channel="C0FALSE", ts="1.1", version=request.version))
    assert (await stage.request(request)).status is Status.FAILED
    assert "click.refused" in await stage.kinds(request)


async def test_a_day_after_the_approval_it_takes_a_new_proposal(stage: Stage) -> None:
    request = await failed(stage)
    stage.clock.advance(seconds=timedelta(days=1, seconds=1).total_seconds())
    with pytest.raises(Conflict, match="more than a day ago"):
        await click(stage, request)
    assert (await stage.request(request)).status is Status.FAILED


BY_HAND = {"ListType": "Sender", "Entries": ["evil.example"]}


async def taken_out(stage: Stage) -> Request:
    """An approved removal of what somebody has added by hand meanwhile."""
    block = {**BY_HAND, "Block": True, "NoExpiration": True}
    stage.standin.edit("New-TenantAllowBlockListItems", block)
    stage.clock.advance(minutes=5)
    return await stage.want(Operation.REMOVE, "evil.example")


@pytest.mark.parametrize("done", [False, True])
async def test_what_a_later_approval_takes_out_is_not_added_anew(stage: Stage, done: bool) -> None:
    request = await failed(stage)
    removal = await taken_out(stage)
    if done:
        await stage.run()
        assert (await stage.request(removal)).status is Status.APPLIED
    with pytest.raises(Conflict, match=rf"evil\.example is not sent: #{removal.id}, .* takes it out"):
        await click(stage, request)
    assert (await stage.request(request)).status is Status.FAILED
    await stage.run()
    assert "evil.example" not in str(stage.standin.lists())


async def test_the_same_network_in_another_spelling_is_the_same_entry(stage: Stage) -> None:
    """The connection filter keeps the spelling that somebody typed in the portal, and takes only that one out."""
    stage.standin.set_roles(Roles(directory_role="reader"))
    request = await stage.approved("203.0.113.0/25")
    await stage.run()
    stage.standin.set_roles(Roles())
    added = {"@odata.type": "#Exchange.GenericHashTable", "Add": ["203.0.113.5/25"]}
    stage.standin.edit("Set-HostedConnectionFilterPolicy", {"Identity": "Default", "IPBlockList": added})
    await stage.snapshot()
    stage.clock.advance(minutes=5)
    removal = await stage.want(Operation.REMOVE, "203.0.113.5/25")
    with pytest.raises(Conflict, match=rf"203\.0\.113\.0/25 is not sent: #{removal.id}, .* takes it out"):
        await click(stage, request)


async def test_what_nobody_has_decided_on_since_is_sent_all_the_same(stage: Stage) -> None:
    stage.standin.set_roles(Roles(directory_role="reader"))
    request = await stage.approved("evil.example", "worse.example")
    await stage.run()
    stage.standin.set_roles(Roles())
    removal = await taken_out(stage)
    await stage.run()
    await click(stage, request)
    await stage.run()
    evil, worse = sorted((await stage.request(request)).items, key=lambda item: item.value)
    assert worse.state is ItemState.APPLIED
    assert evil.state is ItemState.REFUSED
    assert evil.outcome == f"not sent: #{removal.id}, which was approved later, takes it out"


async def test_who_may_neither_propose_nor_review_tries_nothing(stage: Stage) -> None:
    request = await failed(stage)
    with pytest.raises(NotPermitted):
        await click(stage, request, Person(user_id="U0VISITOR1"))
