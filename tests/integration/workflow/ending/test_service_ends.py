"""Ends that the service keeps are looked after, and people hear of every end a day before."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action, ListName
from bot.domain.requests import expiring
from bot.domain.requests.request import ItemState, Request
from bot.workflow.applying import confirm
from bot.workflow.shared.job_kinds import JobKind
from tests.integration.workflow.conftest import Stage

NEW, SET, REMOVE = "New-TenantAllowBlockListItems", "Set-TenantAllowBlockListItems", "Remove-TenantAllowBlockListItems"
FILTER = "Set-HostedConnectionFilterPolicy"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)

sqlite_only = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


async def reminders(stage: Stage, request: Request) -> list[object]:
    """What the requester was reminded of, each time."""
    return [event.payload["items"] for event in await stage.events(request) if event.kind == "request.reminded"]


async def ended(stage: Stage, request: Request) -> tuple[ItemState, str]:
    await stage.run_until_idle(longest=timedelta(days=200))
    assert await stage.waiting() == []
    assert await stage.known(request.list) == []
    item = await stage.item(request)
    return item.state, item.outcome


@pytest.mark.parametrize("gone", [True, False])
async def test_what_the_service_ended_is_noted(stage: Stage, gone: bool) -> None:
    request = await stage.want(Operation.ADD, "evil.example", end="10d")
    await stage.run_until_idle(longest=HOUR)
    if gone:
        stage.standin.edit(REMOVE, {"ListType": "Sender", "Entries": ["evil.example"]})
    before = sum(not str(call["cmdlet"]).startswith("Get-") for call in stage.standin.calls())
    assert await ended(stage, request) == (ItemState.EXPIRED, expiring.ENDED_BY_SERVICE)
    assert sum(not str(call["cmdlet"]).startswith("Get-") for call in stage.standin.calls()) == before
    assert "item.expired" in await stage.kinds(request)


@sqlite_only
@pytest.mark.parametrize("until", ["2030-03-01T00:00:00Z", None])
async def test_what_somebody_else_kept_on_is_left_to_them(stage: Stage, until: str | None) -> None:
    request = await stage.want(Operation.ADD, "evil.example", end="10d")
    await stage.run_until_idle(longest=HOUR)
    end = {"NoExpiration": True} if until is None else {"ExpirationDate": until}
    stage.standin.edit(SET, {"ListType": "Sender", "Entries": ["evil.example"], **end})
    state, outcome = await ended(stage, request)
    assert state is ItemState.CONFIRMED
    assert outcome.startswith(expiring.KEPT_ON)
    assert ("without an end" in outcome) == (until is None)
    assert "item.expired" not in await stage.kinds(request)


@sqlite_only
async def test_an_end_beyond_what_the_service_keeps_is_portcullis_s(stage: Stage) -> None:
    request = await stage.want(Operation.ADD, "evil.example", end="120d")
    await stage.run()
    [call] = [call for call in stage.standin.calls() if call["cmdlet"] == NEW]
    assert call["parameters"]["NoExpiration"] is True
    assert "ExpirationDate" not in call["parameters"]
    assert (await stage.item(request)).outcome == ""
    assert await ended(stage, request) == (ItemState.EXPIRED, expiring.ENDED)
    assert [call["parameters"]["Entries"] for call in stage.standin.calls() if call["cmdlet"] == REMOVE] == [
        ["evil.example"]
    ]


@sqlite_only
async def test_an_end_that_somebody_gave_it_by_hand_is_theirs(stage: Stage) -> None:
    request = await stage.want(Operation.ADD, "evil.example", end="120d")
    await stage.run_until_idle(longest=119 * DAY)
    end = (stage.clock() + 30 * DAY).strftime("%Y-%m-%dT%H:%M:%SZ")
    stage.standin.edit(SET, {"ListType": "Sender", "Entries": ["evil.example"], "ExpirationDate": end})
    state, outcome = await ended(stage, request)
    assert state is ItemState.CONFIRMED
    assert outcome.startswith(expiring.KEPT_ON)
    assert not [call for call in stage.standin.calls() if call["cmdlet"] == REMOVE]


@pytest.mark.parametrize(("value", "end"), [("evil.example", "10d"), ("evil.example", "120d"), ("203.0.113.7", "10d")])
async def test_the_requester_is_reminded_a_day_before(stage: Stage, value: str, end: str) -> None:
    request = await stage.want(Operation.ADD, value, "worse.example" if "evil" in value else "203.0.113.8", end=end)
    assert request.expires is not None
    await stage.run_until_idle(longest=HOUR)
    stage.clock.now = request.expires - DAY - HOUR
    await stage.run()
    assert await reminders(stage, request) == []
    stage.clock.now = request.expires - DAY
    await stage.run()
    [items] = await reminders(stage, request)
    assert items == [item.value for item in (await stage.request(request)).items]
    assert JobKind.NOTIFY not in {job.kind for job in await stage.waiting()}


@sqlite_only
@pytest.mark.parametrize("end", ["1d", "2d", "never"])
async def test_nobody_is_reminded_of_what_is_short_or_has_no_end(stage: Stage, end: str) -> None:
    request = await stage.want(Operation.ADD, "203.0.113.7", end=end)
    await stage.run_until_idle(longest=20 * DAY)
    assert await reminders(stage, request) == []


@sqlite_only
@pytest.mark.parametrize("why", ["removed", "removed by hand", "extended"])
async def test_nobody_is_reminded_of_what_no_longer_stands(stage: Stage, why: str) -> None:
    request = await stage.want(Operation.ADD, "203.0.113.7", end="10d")
    await stage.run_until_idle(longest=HOUR)
    other: Request | None = None
    if why == "removed by hand":
        stage.standin.edit(FILTER, {"Identity": "Default", "IPBlockList": []})
    elif why == "removed":
        other = await stage.want(Operation.REMOVE, "203.0.113.7")
    else:
        other = await stage.want(Operation.EXTEND, "203.0.113.7", end="20d")
    await stage.run_until_idle(longest=15 * DAY)
    assert await reminders(stage, request) == []
    await stage.run_until_idle(longest=15 * DAY)
    assert other is None or len(await reminders(stage, other)) == (why == "extended")


@sqlite_only
async def test_only_what_still_stands_is_named(stage: Stage) -> None:
    request = await stage.want(Operation.ADD, "evil.example", "worse.example", "worst.example", end="10d")
    await stage.run_until_idle(longest=HOUR)
    stage.standin.edit(REMOVE, {"ListType": "Sender", "Entries": ["worse.example"]})
    await stage.want(Operation.REMOVE, "worst.example")
    await stage.run_until_idle(longest=9 * DAY + HOUR)
    assert await reminders(stage, request) == [["evil.example"]]


@sqlite_only
async def test_a_reminder_waits_for_a_tenant_that_is_down_and_not_beyond_the_end(stage: Stage) -> None:
    request = await stage.want(Operation.ADD, "203.0.113.7", end="10d")
    await stage.run_until_idle(longest=HOUR)
    assert request.expires is not None
    stage.clock.now = request.expires - DAY
    stage.fault("503", times=12)
    await stage.run_until_idle(longest=HOUR)
    assert len(await reminders(stage, request)) == 1


@sqlite_only
async def test_a_never_asked_for_meanwhile_outlasts_an_end_of_ours(stage: Stage) -> None:
    """Both were approved before either was made; the tenant has one entry without an end for both."""
    dated = await stage.want(Operation.ADD, "evil.example", end="120d")
    endless = await stage.want(Operation.ADD, "evil.example", end="never")
    await stage.run_until_idle(longest=200 * DAY)
    assert [known.request_id for known in await stage.known(ListName.SENDER)] == [endless.id]
    assert (await stage.request(dated)).items[0].state is ItemState.CONFIRMED
    items = stage.standin.lists()["items"]
    assert isinstance(items, dict)
    assert [item["Value"] for item in items["Sender"]] == ["evil.example"]


@sqlite_only
async def test_a_confirmation_that_was_given_up_is_tried_again(stage: Stage) -> None:
    request = await stage.want(Operation.ADD, "203.0.113.7", action=Action.ALLOW, end="5d")
    await stage.run()
    stage.clock.advance(seconds=301)
    async with stage.context.store.write() as uow:
        jobs = await uow.jobs.claim("w", stage.clock(), 30, 10)
        [job] = [due for due in jobs if due.kind == JobKind.CONFIRM]
        await uow.jobs.mark_dead(job, "The tenant is down.")
        await stage.jobs.give_up(uow, job, "The tenant is down.")
    [again] = await stage.waiting(JobKind.CONFIRM)
    assert again.run_at == stage.clock() + confirm.AGAIN_AFTER
    await stage.run_until_idle(longest=2 * HOUR)
    assert (await stage.item(request)).state is ItemState.CONFIRMED
