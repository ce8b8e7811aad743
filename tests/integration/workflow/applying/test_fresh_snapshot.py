"""Before anything is sent the lists are read anew, and policy is asked once more on what they say then."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action, ListName
from bot.domain.policies.case import IpAllow, Rules
from bot.domain.requests.request import ItemState, Request, Status
from bot.store import Job
from bot.workflow.applying.apply import APPLY_JOB
from bot.workflow.shared.context import Context
from bot.workflow.shared.jobs import JobKind
from tests.integration.workflow.conftest import Stage

NEW, GET, DOMAINS = "New-TenantAllowBlockListItems", "Get-TenantAllowBlockListItems", "Get-AcceptedDomain"

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


def writes(stage: Stage) -> int:
    return sum(not str(call["cmdlet"]).startswith("Get-") for call in stage.standin.calls())


async def the_job(stage: Stage) -> Job:
    async with stage.context.store.write() as uow:
        jobs = await uow.jobs.claim("by hand", stage.clock(), 30, 50)
        for job in jobs:
            if job.kind != JobKind.APPLY:
                await uow.jobs.release(job)
    [job] = [job for job in jobs if job.kind == JobKind.APPLY]
    return job


async def carried_out(stage: Stage, request: Request, rules: Rules) -> Request:
    """The request after it was applied under other rules than it was approved under."""
    context: Context = replace(stage.context, rules=rules)
    await APPLY_JOB.run(context, await the_job(stage))
    return await stage.request(request)


async def test_what_policy_forbids_by_now_is_not_sent_at_all(stage: Stage) -> None:
    request = await stage.want(Operation.ADD, "203.0.113.7", "203.0.113.8", action=Action.ALLOW, end="5d")
    request = await carried_out(stage, request, replace(stage.context.rules, ip_allow=IpAllow.DENY))
    assert request.status is Status.FAILED
    assert {item.state for item in request.items} == {ItemState.REFUSED}
    assert writes(stage) == 0
    assert request.failure
    assert request.failure == request.items[0].outcome
    assert await stage.known(ListName.CONNECTION_FILTER) == []


async def test_what_policy_forbids_of_single_values_costs_the_others_nothing(stage: Stage) -> None:
    request = await stage.want(Operation.ADD, "evil.example", "ours.example", "worse.example", end="5d")
    rules = replace(stage.context.rules, accepted_domains=frozenset({"ours.example"}))
    request = await carried_out(stage, request, rules)
    assert request.status is Status.PARTLY_APPLIED
    states = {item.value: item.state for item in request.items}
    assert states == {
        "evil.example": ItemState.APPLIED,
        "ours.example": ItemState.REFUSED,
        "worse.example": ItemState.APPLIED,
    }
    [call] = [call for call in stage.standin.calls() if call["cmdlet"] == NEW]
    assert call["parameters"]["Entries"] == ["evil.example", "worse.example"]
    [refused] = [event for event in await stage.events(request) if event.kind == "item.refused"]
    assert (refused.target, refused.payload["outcome"]) == ("ours.example", request.failure)


async def test_what_applying_itself_settles_is_left_to_it(stage: Stage) -> None:
    request = await stage.want(Operation.ADD, "evil.example", "worse.example", "worst.example", end="5d")
    stage.standin.edit(NEW, {"ListType": "Sender", "Entries": ["evil.example"], "Block": True, "NoExpiration": True})
    stage.standin.edit(NEW, {"ListType": "Sender", "Entries": ["worse.example"], "Allow": True, "RemoveAfter": 45})
    request = await carried_out(stage, request, stage.context.rules)
    states = {item.value: (item.state, item.outcome) for item in request.items}
    assert states["evil.example"] == (ItemState.ALREADY_SO, "there already, but without an end")
    assert states["worse.example"][0] is ItemState.REFUSED
    assert "as allowed" in states["worse.example"][1]
    assert states["worst.example"][0] is ItemState.APPLIED


async def test_the_snapshot_is_kept_and_another_list_may_be_unreadable(stage: Stage) -> None:
    request = await stage.want(Operation.ADD, "203.0.113.7", end="5d")
    stage.clock.advance(seconds=60)
    stage.fault("500", GET, times=99)
    request = await carried_out(stage, request, stage.context.rules)
    assert request.status is Status.APPLIED
    async with stage.context.store.read() as uow:
        lists = await uow.snapshots.load()
    assert lists is not None
    assert set(lists.unreadable) == {ListName.SENDER, ListName.URL, ListName.FILE, ListName.IP}


async def test_nothing_is_sent_while_its_own_list_cannot_be_read(stage: Stage) -> None:
    request = await stage.want(Operation.ADD, "evil.example", end="5d")
    stage.fault("truncate_page", GET, times=4 + 1)
    await stage.run_until_idle(longest=timedelta(hours=1))
    assert (await stage.request(request)).status is Status.APPLIED
    assert writes(stage) == 1


async def test_a_second_attempt_asks_no_policy_about_what_was_sent(stage: Stage) -> None:
    """Once something may have been made, only a reading can say what became of it."""
    request = await stage.want(Operation.ADD, "203.0.113.7", action=Action.ALLOW, end="5d")
    stage.fault("ok_but_nothing_happens", "Set-HostedConnectionFilterPolicy")
    job = await the_job(stage)
    with pytest.raises(Exception, match="does not show all of it yet"):
        await stage.jobs.do(job)
    denying = replace(stage.context, rules=replace(stage.context.rules, ip_allow=IpAllow.DENY))
    await APPLY_JOB.run(denying, job)
    assert (await stage.request(request)).status is Status.APPLIED


async def test_a_proposal_has_a_fresh_snapshot_taken(stage: Stage) -> None:
    await stage.propose("evil.example")
    [job] = await stage.waiting(JobKind.WATCH)
    assert job.run_at <= stage.clock()
    await stage.run()
    async with stage.context.store.read() as uow:
        assert await uow.snapshots.load() is not None
