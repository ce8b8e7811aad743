"""Applying, against a tenant on a bad day: nothing twice, nothing green too early, nothing that hangs."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.domain.lists.traits import Action
from bot.domain.outcomes import attempt, item_states
from bot.domain.requests.request import ItemState, Request, Status
from bot.playground.tenant.faults import FaultKind
from bot.playground.tenant.tenant import Roles
from bot.store import Store
from bot.workflow.ending import expire
from bot.workflow.shared.job_kinds import JobKind
from tests.integration.workflow.conftest import Stage
from tests.support.installation import ALERTS
from tests.support.people import SECOND

NEW, GET, REMOVE = "New-TenantAllowBlockListItems", "Get-TenantAllowBlockListItems", "Remove-TenantAllowBlockListItems"

#: The databases' differences are the store's matter; what is tested here is the tenant's.
pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)

#: Long enough for retries, too short for an end date or a lapse.
RETRIES = timedelta(hours=12)


def senders(stage: Stage) -> list[str]:
    items = stage.standin.lists()["items"]
    assert isinstance(items, dict)
    return [item["Value"] for item in items["Sender"]]


def calls(stage: Stage, cmdlet: str) -> int:
    """How many calls of a cmdlet reached the tenant."""
    return sum(call["cmdlet"] == cmdlet for call in stage.standin.calls())


def alerts(stage: Stage) -> list[str]:
    return [message.text for message in stage.messages(ALERTS)]


async def agrees(stage: Stage, request: Request) -> Request:
    """Items, events, card and tenant tell the same; the request as it stands."""
    request = await stage.request(request)
    kinds = await stage.kinds(request)
    assert kinds.count("request.approved") == 1
    assert kinds.count("request.applying") <= 1
    assert sum(kinds.count(f"request.{end}") for end in ("applied", "partly_applied", "failed")) == 1
    holding = {item.value for item in request.items if item.state in {ItemState.APPLIED, ItemState.CONFIRMED}}
    holding |= {item.value for item in request.items if item.state is ItemState.ALREADY_SO}
    assert holding == {item.value for item in request.items} & set(senders(stage))
    assert len(senders(stage)) == len(set(senders(stage)))
    [card] = stage.cards()
    assert ("Applied" in card.text) == (request.status is Status.APPLIED)
    assert ("Partly applied" in card.text) == (request.status is Status.PARTLY_APPLIED)
    assert ("Failed" in card.text) == (request.status is Status.FAILED)
    assert [job.kind for job in await stage.waiting(JobKind.APPLY)] == []
    return request


@pytest.mark.parametrize(
    ("kind", "cmdlet", "times"),
    [
        ("401", NEW, 1),
        ("401", GET, 1),
        ("408", NEW, 1),
        ("429", NEW, 3),
        ("500", NEW, 1),
        ("503", GET, 3),
        ("504_after", NEW, 3),
        ("drop_before", NEW, 3),
        ("drop_before", GET, 3),
        ("drop_after", NEW, 1),
        ("drop_after", NEW, 3),
    ],
)
async def test_a_passing_fault_ends_well(stage: Stage, kind: FaultKind, cmdlet: str, times: int) -> None:
    request = await stage.approved("evil.example", "worse.example")
    stage.fault(kind, cmdlet, times=times)
    await stage.run_until_idle(longest=RETRIES)
    request = await agrees(stage, request)
    assert request.status is Status.APPLIED
    assert {item.state for item in request.items} == {ItemState.CONFIRMED}
    assert alerts(stage) == []


@pytest.mark.parametrize("reads", [1, 4, 6, 11])
async def test_a_list_that_shows_a_change_late_is_read_until_it_does(stage: Stage, reads: int) -> None:
    request = await stage.approved("evil.example")
    stage.fault("lag", NEW, times=reads)
    await stage.run_until_idle(longest=RETRIES)
    assert (await agrees(stage, request)).status is Status.APPLIED


async def test_a_success_that_changes_nothing_is_never_green(stage: Stage) -> None:
    request = await stage.approved("evil.example")
    stage.fault("ok_but_nothing_happens", NEW, times=99)
    await stage.run_until_idle(longest=RETRIES)
    request = await agrees(stage, request)
    assert request.status is Status.FAILED
    assert request.items[0].outcome == item_states.UNSEEN
    assert calls(stage, NEW) == attempt.ATTEMPTS_UNSEEN
    assert any("Failed" in text for text in alerts(stage))
    assert any("Failed" in message.text for message in stage.messages("D0REQUEST1"))


@pytest.mark.parametrize("kind", ["ok_but_nothing_happens", "truncate_page"])
async def test_what_happens_once_is_put_right_by_the_next_attempt(stage: Stage, kind: FaultKind) -> None:
    request = await stage.approved("evil.example")
    stage.fault(kind, times=1)
    await stage.run_until_idle(longest=RETRIES)
    assert (await agrees(stage, request)).status is Status.APPLIED


async def test_one_bad_value_costs_the_others_nothing(stage: Stage) -> None:
    stage.standin.edit(NEW, {"ListType": "Sender", "Entries": ["worse.example"], "Allow": True})
    request = await stage.approved("evil.example", "worse.example", "worst.example")
    await stage.run_until_idle(longest=RETRIES)
    request = await stage.request(request)
    states = {item.value: item.state for item in request.items}
    assert states["evil.example"] is ItemState.CONFIRMED
    assert states["worst.example"] is ItemState.CONFIRMED
    assert states["worse.example"] is ItemState.REFUSED
    assert request.status is Status.PARTLY_APPLIED
    assert any("Partly applied" in text for text in alerts(stage))


async def test_what_somebody_else_added_meanwhile_is_no_failure(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    request = await stage.approved("evil.example", "worse.example")
    send = stage.context.tenant.apply

    async def overtaken(*args: object, **options: object) -> None:
        if "evil.example" not in senders(stage):
            stage.standin.edit(NEW, {"ListType": "Sender", "Entries": ["evil.example"], "Block": True})
        await send(*args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(type(stage.context.tenant), "apply", lambda _, *args, **options: overtaken(*args, **options))
    await stage.run_until_idle(longest=RETRIES)
    assert (await agrees(stage, request)).status is Status.APPLIED


async def test_a_missing_role_fails_at_once_and_is_told(stage: Stage) -> None:
    stage.standin.set_roles(Roles(directory_role="reader"))
    request = await stage.approved("evil.example")
    await stage.run()
    request = await agrees(stage, request)
    assert request.status is Status.FAILED
    assert calls(stage, NEW) == 1
    assert any("Its card says why" in text for text in alerts(stage))
    assert any("directory role" in card.text for card in stage.cards())
    assert any("Failed" in message.text for message in stage.messages("D0REQUEST1"))


@pytest.mark.parametrize("kind", ["403", "401"])
async def test_a_change_that_cannot_be_read_back_is_neither_done_nor_refused(stage: Stage, kind: FaultKind) -> None:
    """Sent, and then the right to read is gone: only a reading can say what became of it."""
    request = await stage.approved("evil.example")
    reads = 0
    read_list = type(stage.context.tenant).read_list

    async def armed_after_the_first(tenant: object, *args: object) -> object:
        nonlocal reads
        reads += 1
        if reads == 2:
            stage.fault(kind, GET, times=2)
        return await read_list(tenant, *args)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(stage.context.tenant), "read_list", armed_after_the_first)
        await stage.run_until_idle(longest=RETRIES)
    assert (await agrees(stage, request)).status is Status.APPLIED
    assert calls(stage, NEW) == 1


async def test_a_tenant_that_is_down_for_good_is_told_of_early_and_ends_in_a_failure(stage: Stage) -> None:
    request = await stage.approved("evil.example")
    stage.fault("503", times=10_000)
    ends = stage.clock() + timedelta(minutes=1)
    while stage.clock() < ends:
        assert await stage.jobs.lookout.look() == 0
        await stage.run()
        [waiting] = await stage.waiting(JobKind.APPLY)
        stage.clock.now = min(waiting.run_at, ends)
    assert await stage.jobs.lookout.look() == 1
    await stage.run()
    [alert] = alerts(stage)
    assert "could not be applied yet" in alert
    assert await stage.jobs.lookout.look() == 0, "it is told once"
    assert "Being applied" in stage.cards()[0].text
    await stage.run_until_idle(longest=RETRIES)
    request = await agrees(stage, request)
    assert request.status is Status.FAILED
    assert JobKind.APPLY in {job.kind for job in stage.jobs.dead}
    assert any("Failed" in message.text for message in stage.messages("D0REQUEST1"))


async def test_an_unknown_outcome_that_is_given_up_says_that_it_is_unknown(stage: Stage) -> None:
    request = await stage.approved("evil.example")
    stage.fault("drop_after", NEW)
    reads = type(stage.context.tenant).read_back

    async def down(tenant: object, *args: object, **options: object) -> object:
        stage.fault("503", times=10_000)
        return await reads(tenant, *args, **options)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(stage.context.tenant), "read_back", down)
        await stage.run_until_idle(longest=RETRIES)
    request = await stage.request(request)
    assert request.status is Status.FAILED
    assert request.items[0].state is ItemState.INTENDED
    assert "may have been made" in request.failure
    assert senders(stage) == ["evil.example"]


async def test_a_worker_that_lost_its_lease_writes_nothing(stage: Stage, store: Store) -> None:
    request = await stage.approved("evil.example")
    async with store.write() as uow:
        [late] = [job for job in await uow.jobs.claim("late", stage.clock(), 30, 10) if job.kind == JobKind.APPLY]
    stage.clock.advance(seconds=31)
    await stage.run_until_idle(longest=RETRIES)
    before = await stage.kinds(request)
    with pytest.raises(Exception, match="no longer this worker's"):
        await stage.jobs.do(late)
    assert await stage.kinds(request) == before
    assert calls(stage, NEW) == 1


async def test_what_a_confirmation_misses_is_told_in_one_line(stage: Stage) -> None:
    request = await stage.approved("a.example", "b.example", "c.example")
    await stage.run()
    stage.standin.edit(REMOVE, {"ListType": "Sender", "Entries": ["b.example"]})
    await stage.run_until_idle(longest=RETRIES)
    assert [line.split(":")[0] for line in stage.lines() if "No longer" in line] == ["No longer in effect"]
    assert any("b[.]example" in text and "a[.]example" not in text for text in alerts(stage))
    assert ItemState.REMOVED in {item.state for item in (await stage.request(request)).items}


async def test_an_entry_past_its_end_date_is_tried_again_after_it_was_given_up(stage: Stage, store: Store) -> None:
    request = await stage.propose("203.0.113.7", end="1d", action=Action.ALLOW)
    await stage.decide(request)
    await stage.decide(request, who=SECOND)
    await stage.run_until_idle(longest=RETRIES)
    [expiring] = await stage.waiting(JobKind.EXPIRE)
    stage.clock.now = expiring.run_at
    stage.fault("503", times=10_000)
    async with store.write() as uow:
        [job] = [due for due in await uow.jobs.claim("w", stage.clock(), 30, 10) if due.kind == JobKind.EXPIRE]
        await uow.jobs.mark_dead(job, "The tenant is down.")
        await stage.jobs.give_up(uow, job, "The tenant is down.")
    [again] = await stage.waiting(JobKind.EXPIRE)
    assert again.run_at == stage.clock() + expire.AGAIN_AFTER
