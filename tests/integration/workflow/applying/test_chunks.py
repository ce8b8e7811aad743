"""Sending many values: one bad one costs the others nothing, in few calls; counted where the tenant counts them."""

from __future__ import annotations

import asyncio
import random
import time
from dataclasses import replace
from datetime import timedelta
from math import ceil, log2

import pytest

from bot.domain.lists.change import Change, Operation
from bot.domain.lists.list_snapshot import ListSnapshot
from bot.domain.lists.traits import Action, ListName
from bot.domain.outcomes.outcome import Outcomes, Step
from bot.domain.requests.request import ItemState, Status
from bot.errors import ValueRefused
from bot.jobs import Worker
from bot.playground.tenant.faults import Fault
from bot.store.requests import Requests
from bot.workflow.applying import chunks, progress
from bot.workflow.applying.change_run import apply_change
from bot.workflow.applying.sending import Sending
from tests.integration.workflow.conftest import Stage

NEW, GET, REMOVE = "New-TenantAllowBlockListItems", "Get-TenantAllowBlockListItems", "Remove-TenantAllowBlockListItems"

#: The databases' differences are the store's matter; what is tested here is the tenant's.
pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)

A_CHUNK = 20
LEASE = 2.0


def names(count: int) -> list[str]:
    return [f"bad{number}.example" for number in range(count)]


def calls(stage: Stage, cmdlet: str) -> int:
    return sum(call["cmdlet"] == cmdlet for call in stage.standin.calls())


def listed(stage: Stage) -> set[str]:
    items = stage.standin.lists()["items"]
    assert isinstance(items, dict)
    return {item["Value"] for item in items["Sender"]}


def by_hand(stage: Stage, values: list[str], action: str = "Block") -> None:
    stage.standin.edit(NEW, {"ListType": "Sender", "Entries": values, action: True, "NoExpiration": True})


def change(values: list[str], operation: Operation = Operation.ADD) -> Change:
    return Change(
        operation=operation, action=Action.BLOCK, list=ListName.SENDER, values=tuple(values), notes="a reference"
    )


async def applied(stage: Stage, wanted: Change, *, stale: bool = False) -> Outcomes:
    """Send a change; `stale`: by a reading that was made before anything else happened to the list."""
    tenant = stage.context.tenant
    reading = await tenant.read_for(wanted)
    if stale:
        reading = replace(reading, entries=())
    return await apply_change(sending(stage, wanted, reading))


def sending(stage: Stage, wanted: Change, reading: ListSnapshot) -> Sending:
    return Sending(
        tenant=stage.context.tenant, change=wanted, reading=reading, now=stage.clock, reference="a reference"
    )


def done(outcomes: Outcomes) -> set[str]:
    return set(outcomes.at(Step.DONE))


def refused(outcomes: Outcomes) -> dict[str, str]:
    """The values that were refused, each with the words."""
    return outcomes.words_at(Step.REFUSED)


@pytest.mark.parametrize("seed", range(4))
async def test_bad_values_cost_few_calls(stage: Stage, seed: int) -> None:
    """A value with an odd wildcard is refused by the service, whole call and all, and no reading shows which it was."""
    chance = random.Random(seed)  # noqa: S311 - to be had again
    count, bad = chance.choice([(20, 1), (100, 3), (200, 7), (60, 30)])
    values = names(count)
    wrong = chance.sample(range(count), bad)
    for number in wrong:
        values[number] = f"*bad*{number}.example"
    outcome = await applied(stage, change(values))
    assert set(refused(outcome)) == {values[number] for number in wrong}
    assert all(refused(outcome).values())
    assert done(outcome) == listed(stage) == set(values) - set(refused(outcome))
    chunks = {number // A_CHUNK for number in wrong}
    assert calls(stage, NEW) <= ceil(count / A_CHUNK) + bad * 2 * ceil(log2(A_CHUNK))
    assert calls(stage, GET) <= 2 + len(chunks)


@pytest.mark.parametrize("there", [1, 7, 20])
async def test_what_is_there_by_now_costs_one_reading_and_one_call(stage: Stage, there: int) -> None:
    values = names(40)
    by_hand(stage, values[:there])
    outcome = await applied(stage, change(values), stale=True)
    assert done(outcome) == listed(stage) == set(values)
    assert not refused(outcome)
    assert calls(stage, NEW) == 2 + (there < A_CHUNK)
    assert calls(stage, GET) == 3


async def test_what_is_there_as_the_opposite_by_now_is_refused_alone(stage: Stage) -> None:
    values = names(20)
    stage.standin.edit(NEW, {"ListType": "Sender", "Entries": values[3:5], "Allow": True, "RemoveAfter": 45})
    outcome = await applied(stage, change(values), stale=True)
    assert set(refused(outcome)) == set(values[3:5])
    assert done(outcome) == set(values) - set(values[3:5])
    assert calls(stage, NEW) == 2


async def test_what_is_gone_by_now_stops_no_removal(stage: Stage) -> None:
    values = names(40)
    by_hand(stage, values)
    tenant, wanted = stage.context.tenant, change(values, Operation.REMOVE)
    reading = await tenant.read_for(wanted)
    stage.standin.edit(REMOVE, {"ListType": "Sender", "Entries": values[10:25]})
    outcome = await apply_change(sending(stage, wanted, reading))
    assert done(outcome) == set(values)
    assert listed(stage) == set()
    assert calls(stage, REMOVE) <= 4


async def test_a_missing_role_is_asked_about_once(stage: Stage) -> None:
    stage.fault("403", NEW, times=99)
    outcome = await applied(stage, change(names(300)))
    assert len(refused(outcome)) == 300
    assert calls(stage, NEW) == 1


def fill(stage: Stage, count: int) -> None:
    for number in range(count):
        stage.standin.hold(f"there{number}.example", list_type="Sender")


@pytest.mark.parametrize("room", [0, 1, 7, 20, 313])
async def test_a_full_list_takes_what_fits_and_is_asked_no_more(stage: Stage, room: int) -> None:
    """The tenant takes a thousand, and was thought to take more."""
    fill(stage, 1000 - room)
    values = names(4000)
    outcome = await applied(stage, change(values))
    assert len(done(outcome)) == room
    assert len(listed(stage)) == 1000
    assert set(refused(outcome)) == set(values) - done(outcome)
    assert set(refused(outcome).values()) == {"The limit of 1000 block entries for the list Sender is reached."}
    assert calls(stage, NEW) <= ceil(room / A_CHUNK) + 2 * ceil(log2(A_CHUNK)) + 2
    assert calls(stage, GET) <= 4


async def test_a_full_list_of_pairs_is_asked_twice(stage: Stage) -> None:
    spoof = "New-TenantAllowBlockListSpoofItems"
    for number in range(1023):
        pair = {"SpoofedUser": f"there{number}.example", "SendingInfrastructure": "mail.example"}
        stage.standin.edit(spoof, {"Identity": "Default", "Action": "Block", "SpoofType": "External", **pair})
    values = [f"{name}, mail.example" for name in names(50)]
    before = calls(stage, spoof)
    outcome = await applied(stage, replace(change(values), list=ListName.SPOOF))
    assert len(done(outcome)) == 1
    assert len(refused(outcome)) == 49
    assert calls(stage, spoof) - before == 3


async def test_a_full_connection_filter_takes_what_fits(stage: Stage) -> None:
    for number in range(1270):
        stage.standin.hold(f"198.51.{number // 250}.{number % 250}")
    values = [f"203.0.113.{number}" for number in range(200)]
    outcome = await applied(stage, replace(change(values), list=ListName.CONNECTION_FILTER))
    assert len(done(outcome)) == 3
    assert len(refused(outcome)) == 197
    assert calls(stage, "Set-HostedConnectionFilterPolicy") <= 2 * ceil(log2(A_CHUNK)) + 2


async def test_a_list_in_which_room_is_made_meanwhile_takes_the_rest(stage: Stage) -> None:
    """What seems to be full is asked for a value far from the first, and that is taken."""
    fill(stage, 1000)
    values, send = names(60), type(stage.context.tenant).apply
    alone = 0

    async def making_room(tenant: object, wanted: Change, **options: object) -> None:
        nonlocal alone
        alone += len(wanted.values) == 1
        if alone == 2:
            stage.standin.edit(REMOVE, {"ListType": "Sender", "Entries": [f"there{n}.example" for n in range(100)]})
            alone += 1
        await send(tenant, wanted, **options)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(stage.context.tenant), "apply", making_room)
        outcome = await applied(stage, change(values))
    assert set(refused(outcome)) == {values[0]}
    assert done(outcome) == set(values[1:])


async def test_what_refuses_every_value_is_not_asked_for_each(stage: Stage) -> None:
    stage.fault("404", NEW, times=9999)
    outcome = await applied(stage, change(names(400)))
    assert len(refused(outcome)) == 400
    assert calls(stage, NEW) <= 3 * A_CHUNK
    assert len(set(refused(outcome).values())) == 1


async def test_a_full_list_is_told_item_by_item(stage: Stage) -> None:
    """Nothing of it is left open, and what fitted is confirmed."""
    request = await stage.want(Operation.ADD, *names(300), end="20d")
    fill(stage, 980)
    await stage.run_until_idle(longest=timedelta(hours=1))
    request = await stage.request(request)
    assert request.status is Status.PARTLY_APPLIED
    assert request.failure == "The limit of 1000 block entries for the list Sender is reached."
    states = [item.state for item in request.items]
    assert (states.count(ItemState.CONFIRMED), states.count(ItemState.REFUSED)) == (20, 280)


async def test_a_tenant_that_answers_nothing_is_left_alone_soon(stage: Stage) -> None:
    stage.fault("504_after", NEW, times=99)
    request = await stage.want(Operation.ADD, *names(200), end="20d")
    await stage.run()
    assert calls(stage, NEW) == chunks.MOST_UNANSWERED
    assert (await stage.request(request)).status is Status.APPLYING


@pytest.mark.parametrize("fault", ["503", "drop_after", "429", "504_after"])
async def test_a_run_that_broke_off_goes_on_where_it_was(stage: Stage, fault: str) -> None:
    """What reached the tenant is never sent again, and what was sent is known."""
    values = names(300)
    request = await stage.want(Operation.ADD, *values, end="20d")
    send, made = type(stage.context.tenant).apply, 0

    async def breaking(tenant: object, wanted: Change, **options: object) -> None:
        nonlocal made
        made += 1
        if made in {4, 9}:
            stage.fault(fault, NEW, times=3)  # type: ignore[arg-type]
        await send(tenant, wanted, **options)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(stage.context.tenant), "apply", breaking)
        await stage.run_until_idle(longest=timedelta(hours=1))
    request = await stage.request(request)
    assert (request.status, request.sent) == (Status.APPLIED, 300)
    assert {item.state for item in request.items} == {ItemState.CONFIRMED}
    assert listed(stage) == set(values)
    taken = [
        value
        for call in stage.standin.calls()
        if call["cmdlet"] == NEW and not call["error"]
        for value in call["parameters"]["Entries"]
    ]
    assert len(taken) == len(set(taken))


async def test_progress_is_told_now_and_then(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[int] = []
    request = await stage.want(Operation.ADD, *names(400), end="20d")
    tell = progress.notify

    async def noting(uow: object, request_id: int) -> None:
        told.append((await uow.requests.summary(request_id)).sent)  # type: ignore[attr-defined]
        await tell(uow, request_id)  # type: ignore[arg-type]

    monkeypatch.setattr(progress, "notify", noting)
    await stage.run()
    assert told == sorted(set(told))
    assert told[-1] == 400
    assert 10 <= len(told) <= 20
    assert (await stage.request(request)).sent == 400
    assert stage.results == [request.id]


async def test_a_small_request_has_no_file(stage: Stage) -> None:
    await stage.want(Operation.ADD, *names(5), end="20d")
    await stage.run()
    assert stage.results == []


async def test_no_transaction_records_more_than_a_stride(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite has one writer: nobody waits for ten thousand items."""
    recorded: list[int] = []
    set_items = Requests.set_items

    async def counting(self: Requests, states: dict[int, tuple[ItemState, str]]) -> None:
        recorded.append(len(states))
        await set_items(self, states)

    monkeypatch.setattr(Requests, "set_items", counting)
    request = await stage.want(Operation.ADD, *names(900), end="120d")
    await stage.run_until_idle(longest=timedelta(hours=1))
    await stage.run_until_idle(longest=timedelta(days=121))
    assert max(recorded) <= 250
    assert {item.state for item in (await stage.request(request)).items} == {ItemState.EXPIRED}
    assert listed(stage) == set()
    assert await stage.known(ListName.SENDER) == []


async def test_the_lease_is_renewed_while_a_long_run_goes_on(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """A peer that looks for lost jobs all the time finds none, though the run takes several leases."""
    request = await stage.want(Operation.ADD, *names(200), end="20d")
    store, still, began = stage.context.store, stage.clock(), time.monotonic()
    monkeypatch.setattr(store, "clock", lambda: still + timedelta(seconds=time.monotonic() - began))
    stage.standin.arm(Fault(kind="delay", cmdlet=NEW, times=10, delay=0.5))
    handlers = stage.jobs.worker._handlers
    lease = {"lease_seconds": LEASE, "renew_seconds": LEASE / 8}
    first, peer = (Worker(store, handlers, name=name, **lease) for name in ("first", "peer"))
    running = asyncio.create_task(first.run_due())
    while not running.done():
        await peer.run_due()
        await asyncio.wait({running}, timeout=0.05)
    await stage.run()
    assert time.monotonic() - began > 2 * LEASE
    assert (await stage.request(request)).status is Status.APPLIED
    assert calls(stage, NEW) == 10


async def test_one_that_the_service_alone_refuses_has_its_words(stage: Stage) -> None:
    outcome = await applied(stage, change(["*bad*.example"]))
    [words] = refused(outcome).values()
    with pytest.raises(ValueRefused) as error:
        await stage.context.tenant.apply(change(["*bad*.example"]))
    assert words == error.value.service_text
