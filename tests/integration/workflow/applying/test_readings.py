"""Before anything is sent the list that decides is read anew, and policy is asked once more on what it says then.

What was read is kept as part of the snapshot, so that nobody has to read it again to see it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.lists.change import Operation
from bot.domain.lists.entries import Snapshot
from bot.domain.lists.traits import Action, ListName
from bot.domain.policies.case import IpAllow, Rules
from bot.domain.policies.drafting import draft
from bot.domain.reading.lines import read_as_logged
from bot.domain.requests.request import ItemState, Request, Status
from bot.domain.verdict.judgement import Judgement
from bot.store import Job
from bot.workflow.applying.apply import APPLY_JOB
from bot.workflow.asking.check import check
from bot.workflow.shared.context import Context
from bot.workflow.shared.job_kinds import JobKind
from tests.integration.workflow.conftest import REQUESTER, Stage
from tests.support.proposing import propose_all

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


async def test_what_applying_finds_out_itself_is_left_to_it(stage: Stage) -> None:
    request = await stage.want(Operation.ADD, "evil.example", "worse.example", "worst.example", end="5d")
    stage.standin.edit(NEW, {"ListType": "Sender", "Entries": ["evil.example"], "Block": True, "NoExpiration": True})
    stage.standin.edit(NEW, {"ListType": "Sender", "Entries": ["worse.example"], "Allow": True, "RemoveAfter": 45})
    request = await carried_out(stage, request, stage.context.rules)
    states = {item.value: (item.state, item.outcome) for item in request.items}
    assert states["evil.example"] == (ItemState.ALREADY_SO, "there already, but without an end")
    assert states["worse.example"][0] is ItemState.REFUSED
    assert "as allowed" in states["worse.example"][1]
    assert states["worst.example"][0] is ItemState.APPLIED


async def test_a_snapshot_that_is_too_old_is_taken_anew_and_another_list_may_be_unreadable(stage: Stage) -> None:
    request = await stage.want(Operation.ADD, "203.0.113.7", end="5d")
    stage.clock.now += stage.context.snapshot_lasts + timedelta(seconds=1)
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


#: One value of every list.
VALUES = [
    "evil.example",
    "evil.example/login",
    "a" * 64,
    "2001:db8:1::/48",
    "fabrikam.com, 192.0.2.0/24",
    "203.0.113.7",
]


async def calls_for_one_block(stage: Stage, value: str, *, waits: timedelta) -> int:
    """How many calls reach the tenant from a proposal to block one value until it is applied.

    The approver `waits` for so long.
    """
    before = len(stage.standin.calls())
    request = await stage.propose(value)
    await stage.run()
    stage.clock.now += waits
    await stage.decide(request)
    await stage.run()
    assert (await stage.request(request)).status is Status.APPLIED
    return len(stage.standin.calls()) - before


@pytest.mark.parametrize("value", VALUES)
async def test_one_block_costs_three_calls_while_the_snapshot_is_fresh(stage: Stage, value: str) -> None:
    """Its list before, the change, and its list afterwards."""
    await stage.snapshot()
    assert await calls_for_one_block(stage, value, waits=timedelta(seconds=30)) == 3


@pytest.mark.parametrize("waits", [timedelta(seconds=30), timedelta(minutes=9), timedelta(minutes=40)])
@pytest.mark.parametrize("value", ["evil.example", "203.0.113.7"])
async def test_one_block_costs_at_most_ten_calls_when_the_snapshot_is_old(
    stage: Stage, value: str, waits: timedelta
) -> None:
    """All lists for whoever decides, seven calls, and the same three: however long that takes."""
    await stage.snapshot()
    stage.clock.advance(minutes=10)
    assert await calls_for_one_block(stage, value, waits=waits) == 10


async def the_lists(stage: Stage) -> Snapshot:
    async with stage.context.store.read() as uow:
        lists = await uow.snapshots.load()
    assert lists is not None
    return lists


@pytest.mark.parametrize("value", VALUES)
async def test_checks_and_proposals_see_at_once_what_was_applied(stage: Stage, value: str) -> None:
    indicator = read_as_logged(value)
    await stage.snapshot()
    await stage.approved(value)
    await stage.run()
    calls = len(stage.standin.calls())
    checked = await check(stage.context, actor=REQUESTER, indicators=[indicator], delivery="a check", response_url="")
    assert [verdict.judgement for verdict in checked.verdicts] == [Judgement.BLOCKED]
    again = draft(
        Operation.ADD,
        Action.BLOCK,
        [indicator],
        lifetime=None,
        reason="Once more",
        rules=stage.context.rules,
        now=stage.clock(),
    )
    made = await propose_all(stage.context, actor=REQUESTER, proposals=again, delivery="another proposal")
    assert [refusal.code for refusal in made.refusals] == ["exists"]
    await stage.run()
    assert len(stage.standin.calls()) == calls


async def test_of_the_other_lists_nothing_is_said_that_was_not_read(stage: Stage) -> None:
    await stage.snapshot()
    before = await the_lists(stage)
    stage.standin.edit(NEW, {"ListType": "Url", "Entries": ["later.example"], "Block": True, "NoExpiration": True})
    await stage.approved("evil.example")
    await stage.run()
    lists = await the_lists(stage)
    assert [entry.value for entry in lists.entries] == ["evil.example"]
    assert (lists.accepted_domains, lists.policies) == (before.accepted_domains, before.policies)
    assert lists.accepted_domains


async def test_the_connection_filters_policies_are_kept_with_it(stage: Stage) -> None:
    await stage.snapshot()
    await stage.approved("203.0.113.7")
    await stage.run()
    [policy] = (await the_lists(stage)).policies
    assert policy.block == ("203.0.113.7",)


async def test_what_the_confirmation_reads_is_kept_too(stage: Stage) -> None:
    await stage.snapshot()
    await stage.approved("evil.example")
    await stage.run()
    stage.standin.edit("Remove-TenantAllowBlockListItems", {"ListType": "Sender", "Entries": ["evil.example"]})
    stage.clock.now += stage.context.confirm_after
    await stage.run()
    assert (await the_lists(stage)).entries == ()


async def test_without_a_snapshot_all_lists_are_read(stage: Stage) -> None:
    """One list alone would look as if the others were empty."""
    request = await stage.approved("203.0.113.7")
    await carried_out(stage, request, stage.context.rules)
    async with stage.context.store.read() as uow:
        assert set(await uow.snapshots.age() or {}) == set(ListName)
