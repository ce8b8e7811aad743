"""Requests that meet over the same value: at an end, in the middle of a long run, in two transactions at once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest

from bot.domain.lists.change import Change, Operation
from bot.domain.lists.traits import ListName
from bot.domain.outcomes import attempt
from bot.domain.requests.expiring import ENDED
from bot.domain.requests.request import ItemState, Request, Status
from bot.domain.telling.request_facts import request_facts
from bot.errors import OutcomeUnknown, TenantUnavailable, TryLater, ValueRefused
from bot.slack.messages.card import card
from bot.store import Job
from bot.workflow.applying import apply, confirm
from bot.workflow.applying.others import alone_with_intents
from bot.workflow.applying.progress import Progress
from bot.workflow.shared.context import Context
from bot.workflow.shared.job_kinds import JobKind
from bot.workflow.shared.keeping import EntryKeeper
from tests.integration.databases import until_blocked
from tests.integration.workflow.conftest import Stage
from tests.support.installation import ALERTS

IP, ANOTHER = "203.0.113.7", "203.0.113.8"
NAME = "bad7.example"
NEW = "New-TenantAllowBlockListItems"
DAY = timedelta(days=1)

ON_SQLITE = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
ON_POSTGRESQL = pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)

Step = Callable[[], Awaitable[object]]


def blocked(stage: Stage) -> list[str]:
    policies = stage.standin.lists()["policies"]
    assert isinstance(policies, list)
    return list(policies[0]["IPBlockList"])


def listed(stage: Stage) -> set[str]:
    items = stage.standin.lists()["items"]
    assert isinstance(items, dict)
    return {item["Value"] for item in items["Sender"]}


async def claimed(stage: Stage, kind: str, request: Request) -> Job:
    """A request's job of a kind, claimed at the time when it is due; every other one is left as it was."""
    [waiting] = [job for job in await stage.waiting(kind) if job.payload["request_id"] == request.id]
    stage.clock.now = max(stage.clock.now, waiting.run_at)
    async with stage.context.store.write() as uow:
        jobs = await uow.jobs.claim("by hand", stage.clock(), 600, 50)
        for job in jobs:
            if job.id != waiting.id:
                await uow.jobs.release(job)
    [job] = [job for job in jobs if job.id == waiting.id]
    return job


def meanwhile(
    stage: Stage,
    monkeypatch: pytest.MonkeyPatch,
    operation: Operation,
    *,
    before: Step | None = None,
    after: Step | None = None,
) -> None:
    """Have something happen right before or after the first call of an operation, and never again."""
    real = type(stage.context.tenant).apply
    calls: list[Change] = []

    async def interrupted(tenant: Any, change: Change, **options: Any) -> object:  # noqa: ANN401 - Tenant.apply's
        first = change.operation is operation and not calls
        calls.extend([change] if first else [])
        if first and before is not None:
            await before()
        answer = await real(tenant, change, **options)
        if first and after is not None:
            await after()
        return answer

    monkeypatch.setattr(type(stage.context.tenant), "apply", interrupted)


@ON_SQLITE
async def test_a_card_says_by_which_request_its_entry_is_kept_from_now_on(stage: Stage) -> None:
    first = await stage.approved(IP, end="5d")
    await stage.run_until_idle(longest=timedelta(hours=1))
    later = await stage.want(Operation.EXTEND, IP, end="9d")
    await stage.run_until_idle(longest=timedelta(hours=1))
    request = await stage.request(first)
    assert f"by #{later.id}" in request.items[0].outcome
    due = card(request_facts(request))
    [shown] = [message for message in stage.cards() if message.blocks[0]["block_id"].startswith(f"card-{first.id}-")]
    assert (shown.text, shown.blocks) == (due.text, due.to_dict()["blocks"])


@ON_SQLITE
@pytest.mark.parametrize("operation", [Operation.EXTEND, Operation.ADD])
async def test_what_is_being_taken_out_at_its_end_is_not_said_to_be_kept_on(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, operation: Operation
) -> None:
    """Another end that comes between the intent to remove and the removal: it goes, so it is not there."""
    first = await stage.approved(IP, end="1d")
    later = await stage.propose(IP, end="9d")  # nothing is listed yet
    await stage.run_until_idle(longest=timedelta(hours=1))
    stage.clock.now = first.expires - timedelta(minutes=2) if first.expires else stage.clock()
    if operation is Operation.ADD:
        await stage.decide(later)
    else:
        later = await stage.want(Operation.EXTEND, IP, end="9d")
    applying = await claimed(stage, JobKind.APPLY, later)
    expiring = await claimed(stage, JobKind.EXPIRE, first)

    async def apply_the_other() -> None:
        with pytest.raises(TenantUnavailable, match="being removed"):
            await stage.jobs.do(applying)

    meanwhile(stage, monkeypatch, Operation.REMOVE, before=apply_the_other)
    await stage.jobs.do(expiring)
    assert (await stage.item(first)).state is ItemState.EXPIRED
    assert blocked(stage) == []
    async with stage.context.store.write() as uow:
        await uow.jobs.retry(applying, stage.clock(), "in the way")
    await stage.run_until_idle(longest=timedelta(hours=1))
    there = operation is Operation.ADD
    assert blocked(stage) == ([IP] if there else [])
    assert [entry.request_id for entry in await stage.known(ListName.CONNECTION_FILTER)] == (
        [later.id] if there else []
    )
    item = await stage.item(later)
    assert item.state is (ItemState.CONFIRMED if there else ItemState.REFUSED)
    assert "item.missing" not in await stage.kinds(later)


@ON_SQLITE
async def test_one_entry_that_stays_at_its_end_keeps_no_other_from_being_recorded(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = await stage.approved(IP, ANOTHER, end="5d")
    await stage.run_until_idle(longest=timedelta(hours=1))
    real = type(stage.context.tenant).apply

    async def refuses_one(tenant: Any, change: Change, **options: Any) -> object:  # noqa: ANN401 - Tenant.apply's
        if IP in change.values:
            raise ValueRefused("Not this one.", service_text="It is in use.")
        return await real(tenant, change, **options)

    expiring = await claimed(stage, JobKind.EXPIRE, request)
    with monkeypatch.context() as patch:
        patch.setattr(type(stage.context.tenant), "apply", refuses_one)
        with pytest.raises(TenantUnavailable, match="It is in use"):
            await stage.jobs.do(expiring)
    first, second = (await stage.request(request)).items
    assert first.state is ItemState.CONFIRMED
    assert "could not be removed" in first.outcome
    assert "It is in use." in first.outcome
    assert (second.state, second.outcome) == (ItemState.EXPIRED, ENDED)
    assert [entry.value for entry in await stage.known(ListName.CONNECTION_FILTER)] == [IP]
    # What somebody adds by hand after the end is not this request's any more.
    stage.standin.edit(
        "Set-HostedConnectionFilterPolicy",
        {"Identity": "Default", "IPBlockList": {"@odata.type": "#Exchange.GenericHashTable", "Add": [ANOTHER]}},
    )
    await stage.jobs.do(expiring)
    assert blocked(stage) == [ANOTHER]
    assert (await stage.item_of(request, IP)).state is ItemState.EXPIRED


@ON_SQLITE
async def test_a_removal_in_the_middle_of_a_long_run_is_not_undone_by_it(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [f"bad{number}.example" for number in range(40)]
    long = await stage.approved(*names)
    running = await claimed(stage, JobKind.APPLY, long)
    removals: list[Request] = []

    async def remove_one() -> None:
        removal = await stage.want(Operation.REMOVE, NAME)
        removals.append(removal)
        await stage.jobs.do(await claimed(stage, JobKind.APPLY, removal))
        assert NAME not in listed(stage)

    meanwhile(stage, monkeypatch, Operation.ADD, after=remove_one)
    try:
        await stage.jobs.do(running)
    except Exception as error:  # noqa: BLE001 - what the worker does with any
        async with stage.context.store.write() as uow:
            await uow.jobs.retry(running, stage.clock(), str(error))
    await stage.run_until_idle(longest=timedelta(hours=1))
    [removal] = removals
    assert listed(stage) == set(names) - {NAME}
    gone = await stage.item_of(long, NAME)
    assert (gone.state, gone.outcome) == (ItemState.REMOVED, f"by #{removal.id}")
    assert "item.removed" in await stage.kinds(long)
    assert (await stage.request(long)).status is Status.APPLIED
    assert (await stage.item(removal)).state is ItemState.CONFIRMED
    assert "item.missing" not in await stage.kinds(removal)
    assert NAME not in {entry.value for entry in await stage.known(ListName.SENDER)}


async def die() -> None:
    """What the worker was doing ends there; what was sent was sent, and nothing more is recorded."""
    raise Died


class Died(Exception):
    pass


@ON_SQLITE
async def test_an_addition_that_goes_on_after_its_worker_died_waits_for_a_removal_of_the_same(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both were sent, and neither was recorded: added again, it would be in effect although its removal is approved."""
    added = await stage.approved(NAME)
    adding = await claimed(stage, JobKind.APPLY, added)
    meanwhile(stage, monkeypatch, Operation.ADD, after=die)
    with pytest.raises(Died):
        await stage.jobs.do(adding)
    removal = await stage.want(Operation.REMOVE, NAME)
    removing = await claimed(stage, JobKind.APPLY, removal)
    meanwhile(stage, monkeypatch, Operation.REMOVE, after=die)
    with pytest.raises(Died):
        await stage.jobs.do(removing)
    assert listed(stage) == set()
    with pytest.raises(TryLater, match=f"#{removal.id} is under way"):
        await stage.jobs.do(adding)
    await stage.jobs.do(removing)
    await stage.jobs.do(adding)
    await stage.run_until_idle(longest=timedelta(hours=1))
    assert [call["cmdlet"] for call in stage.standin.calls()].count("New-TenantAllowBlockListItems") == 1
    assert listed(stage) == set()
    assert (await stage.item(added)).outcome == f"by #{removal.id}"
    assert (await stage.item(removal)).state is ItemState.CONFIRMED


@ON_SQLITE
async def test_a_removal_says_of_nothing_that_is_just_being_added_that_it_is_gone(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever was to send it may have sent it, or will. Its addition was approved later: it stays."""
    added = await stage.propose(NAME)
    by_hand = {"ListType": "Sender", "Entries": [NAME]}
    stage.standin.edit("New-TenantAllowBlockListItems", {**by_hand, "Block": True, "NoExpiration": True})
    await stage.snapshot()
    removal = await stage.want(Operation.REMOVE, NAME)
    stage.standin.edit("Remove-TenantAllowBlockListItems", by_hand)
    await stage.decide(added)
    adding = await claimed(stage, JobKind.APPLY, added)
    meanwhile(stage, monkeypatch, Operation.ADD, before=die)
    with pytest.raises(Died):
        await stage.jobs.do(adding)
    removing = await claimed(stage, JobKind.APPLY, removal)
    with pytest.raises(TryLater, match=f"#{added.id} is under way"):
        await stage.jobs.do(removing)
    await stage.jobs.do(adding)
    assert listed(stage) == {NAME}
    await stage.jobs.do(removing)
    await stage.run_until_idle(longest=timedelta(hours=1))
    assert listed(stage) == {NAME}
    assert (await stage.item(added)).state is ItemState.CONFIRMED
    assert (await stage.item(removal)).outcome == f"not sent: #{added.id}, which was approved later, adds it"


@ON_SQLITE
async def test_what_a_dead_worker_may_have_sent_is_not_said_to_be_unsent_while_its_list_may_be_late(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Said too early, the removal that was approved later would find nothing to take out, and the entry would stay."""
    added = await stage.propose(NAME)
    by_hand = {"ListType": "Sender", "Entries": [NAME]}
    stage.standin.edit("New-TenantAllowBlockListItems", {**by_hand, "Block": True, "NoExpiration": True})
    removal = await stage.wanted(Operation.REMOVE, NAME)
    stage.standin.edit("Remove-TenantAllowBlockListItems", by_hand)
    await stage.decide(added)
    adding = await claimed(stage, JobKind.APPLY, added)
    stage.fault("lag", "New-TenantAllowBlockListItems")
    meanwhile(stage, monkeypatch, Operation.ADD, after=die)
    with pytest.raises(Died):
        await stage.jobs.do(adding)
    stage.clock.advance(seconds=1)
    await stage.decide(removal)
    with pytest.raises(TryLater, match="does not show all of it yet"):
        await stage.jobs.do(adding)
    async with stage.context.store.write() as uow:
        await uow.jobs.retry(adding, stage.clock(), "later")
    await stage.run_until_idle(longest=timedelta(hours=1))
    assert listed(stage) == set()
    assert (await stage.item(added)).outcome == f"by #{removal.id}"
    assert (await stage.item(removal)).state is ItemState.CONFIRMED
    assert "item.missing" not in await stage.kinds(removal)


async def test_nor_is_it_where_the_removal_is_approved_between_the_look_and_the_intent(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    added = await stage.propose(NAME)
    by_hand = {"ListType": "Sender", "Entries": [NAME]}
    stage.standin.edit(NEW, {**by_hand, "Block": True, "NoExpiration": True})
    removal = await stage.wanted(Operation.REMOVE, NAME)
    stage.standin.edit("Remove-TenantAllowBlockListItems", by_hand)
    await stage.decide(added)
    adding = await claimed(stage, JobKind.APPLY, added)
    stage.fault("lag", NEW)
    meanwhile(stage, monkeypatch, Operation.ADD, after=die)
    with pytest.raises(Died):
        await stage.jobs.do(adding)
    stage.clock.advance(seconds=1)
    really = Progress.about_to_send

    async def approved_before(progress: Progress, values: Sequence[str]) -> Sequence[str]:
        monkeypatch.setattr(Progress, "about_to_send", really)
        await stage.decide(removal)
        return await really(progress, values)

    monkeypatch.setattr(Progress, "about_to_send", approved_before)
    with pytest.raises(TryLater, match="does not show all of it yet"):
        await stage.jobs.do(adding)
    async with stage.context.store.write() as uow:
        await uow.jobs.retry(adding, stage.clock(), "later")
    await stage.run_until_idle(longest=timedelta(hours=1))
    assert listed(stage) == set()
    assert (await stage.item(added)).outcome == f"by #{removal.id}"
    assert (await stage.item(removal)).state is ItemState.CONFIRMED


@pytest.mark.parametrize("meets", [Operation.REMOVE, None])
async def test_what_is_sent_again_waits_to_be_shown_from_then_on(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, meets: Operation | None
) -> None:
    """Not from when it was sent first: the worker that sent it again died, and its list is late."""
    added = await stage.propose(NAME)
    by_hand = {"ListType": "Sender", "Entries": [NAME]}
    stage.standin.edit("New-TenantAllowBlockListItems", {**by_hand, "Block": True, "NoExpiration": True})
    removal = await stage.wanted(Operation.REMOVE, NAME)
    stage.standin.edit("Remove-TenantAllowBlockListItems", by_hand)
    await stage.decide(added)
    adding = await claimed(stage, JobKind.APPLY, added)
    stage.fault("ok_but_nothing_happens", NEW)
    with pytest.raises(OutcomeUnknown):
        await stage.jobs.do(adding)
    async with stage.context.store.write() as uow:
        await uow.jobs.retry(adding, stage.clock(), "not shown yet")
    stage.clock.advance(seconds=attempt.LOOKS[-1] + 1)
    adding = await claimed(stage, JobKind.APPLY, added)
    stage.fault("lag", NEW)
    meanwhile(stage, monkeypatch, Operation.ADD, after=die)
    with pytest.raises(Died):
        await stage.jobs.do(adding)
    async with stage.context.store.write() as uow:
        await uow.jobs.release(adding)
    stage.clock.advance(seconds=1)
    if meets is Operation.REMOVE:
        await stage.decide(removal)
    adding = await claimed(stage, JobKind.APPLY, added)
    with pytest.raises(TryLater, match="does not show all of it yet"):
        await stage.jobs.do(adding)
    async with stage.context.store.write() as uow:
        await uow.jobs.retry(adding, stage.clock(), "later")
    await stage.run_until_idle(longest=timedelta(hours=1))
    if meets is None:
        assert listed(stage) == {NAME}
        assert (await stage.item(added)).state is ItemState.CONFIRMED
        return
    assert listed(stage) == set()
    assert (await stage.item(added)).outcome == f"by #{removal.id}"
    assert (await stage.item(removal)).state is ItemState.CONFIRMED


@ON_SQLITE
async def test_an_addition_that_was_asked_for_after_a_removal_and_approved_before_it_is_taken_out_by_it(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As an emergency block is, of what an unblock waits for: it was sent, and nothing says otherwise."""
    by_hand = {"ListType": "Sender", "Entries": [NAME]}
    stage.standin.edit("New-TenantAllowBlockListItems", {**by_hand, "Block": True, "NoExpiration": True})
    removal = await stage.wanted(Operation.REMOVE, NAME)
    stage.standin.edit("Remove-TenantAllowBlockListItems", by_hand)
    await stage.snapshot()
    added = await stage.approved(NAME)
    assert added.id > removal.id
    adding = await claimed(stage, JobKind.APPLY, added)
    meanwhile(stage, monkeypatch, Operation.ADD, after=die)
    with pytest.raises(Died):
        await stage.jobs.do(adding)
    stage.clock.advance(seconds=1)
    await stage.decide(removal)
    await stage.jobs.do(await claimed(stage, JobKind.APPLY, removal))
    async with stage.context.store.write() as uow:
        await uow.jobs.retry(adding, stage.clock(), "its worker died")
    await stage.run_until_idle(longest=timedelta(hours=1))
    assert listed(stage) == set()
    assert (await stage.item(added)).outcome == f"by #{removal.id}"
    assert (await stage.request(added)).status is Status.APPLIED


async def about_to_remove(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Request:
    """A removal whose worker died between its intent and the call."""
    by_hand = {"ListType": "Sender", "Entries": [NAME]}
    stage.standin.edit("New-TenantAllowBlockListItems", {**by_hand, "Block": True, "NoExpiration": True})
    removal = await stage.want(Operation.REMOVE, NAME)
    removing = await claimed(stage, JobKind.APPLY, removal)
    with monkeypatch.context() as patch:
        meanwhile(stage, patch, Operation.REMOVE, before=die)
        with pytest.raises(Died):
            await stage.jobs.do(removing)
    stage.standin.edit("Remove-TenantAllowBlockListItems", by_hand)
    async with stage.context.store.write() as uow:
        await uow.jobs.retry(removing, stage.clock(), "its worker died")
    return removal


async def test_what_another_has_begun_with_since_the_list_was_read_is_not_sent(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the look at others and one's own intent: of two who look at once, the second sees the first's intent."""
    added = await stage.approved(NAME, "worse.example")
    adding = await claimed(stage, JobKind.APPLY, added)
    real = Progress.about_to_send
    removals: list[Request] = []

    async def late(progress: Progress, values: Sequence[str]) -> Sequence[str]:
        if not removals and "worse.example" in values:
            removals.append(await about_to_remove(stage, monkeypatch))
        return await real(progress, values)

    monkeypatch.setattr(Progress, "about_to_send", late)
    before = len(stage.standin.calls())
    await stage.jobs.do(adding)
    sent = [call for call in stage.standin.calls()[before:] if call["cmdlet"] == "New-TenantAllowBlockListItems"]
    assert [call["parameters"]["Entries"] for call in sent] == [["worse.example"]]
    item = await stage.item_of(added, NAME)
    assert item.state is ItemState.REFUSED
    assert item.outcome == f"not sent: #{removals[0].id}, which was approved later, takes it out"
    await stage.run_until_idle(longest=timedelta(hours=1))
    assert (await stage.request(removals[0])).status is Status.APPLIED
    assert (await stage.request(added)).status is Status.PARTLY_APPLIED
    assert listed(stage) == {"worse.example"}


@ON_POSTGRESQL
async def test_who_is_about_to_send_waits_for_whose_intent_is_being_written(stage: Stage, database_url: str) -> None:
    added = await stage.approved(NAME)
    adding = await claimed(stage, JobKind.APPLY, added)
    by_hand = {"ListType": "Sender", "Entries": [NAME], "Block": True, "NoExpiration": True}
    stage.standin.edit("New-TenantAllowBlockListItems", by_hand)
    removal = await stage.want(Operation.REMOVE, NAME)
    async with stage.context.store.write() as uow:
        await uow.requests.move(removal.id, expected=Status.APPROVED, to=Status.APPLYING)
    progress = Progress(stage.context, adding, added, added.items)
    async with stage.context.store.write() as uow:
        await alone_with_intents(uow, removal)
        await uow.requests.set_items({removal.items[0].id: (ItemState.INTENDED, "")})
        task = asyncio.create_task(progress.about_to_send([NAME]))
        await until_blocked(task, database_url)
        assert not task.done()
    assert await task == []
    assert progress.held_up.first == {NAME: removal.id}
    assert (await stage.item(added)).state is ItemState.PROPOSED


async def test_a_removal_records_nothing_as_gone_that_was_added_since_it_looked(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From begin to end, in between its reading and its record."""
    added = await stage.propose(NAME)
    by_hand = {"ListType": "Sender", "Entries": [NAME]}
    stage.standin.edit("New-TenantAllowBlockListItems", {**by_hand, "Block": True, "NoExpiration": True})
    removal = await stage.want(Operation.REMOVE, NAME)
    stage.standin.edit("Remove-TenantAllowBlockListItems", by_hand)
    removing = await claimed(stage, JobKind.APPLY, removal)
    await stage.decide(added)
    adding = await claimed(stage, JobKind.APPLY, added)
    real = apply.record

    async def late(context: Context, job: Job, request: Request, *rest: Any) -> None:  # noqa: ANN401 - record's
        if request.id == removal.id and not await stage.known(ListName.SENDER):
            stage.clock.advance(seconds=1)
            await stage.jobs.do(adding)
        await real(context, job, request, *rest)

    monkeypatch.setattr(apply, "record", late)
    with pytest.raises(TryLater, match="was added after the list was read"):
        await stage.jobs.do(removing)
    stage.clock.advance(seconds=2)
    await stage.jobs.do(removing)
    await stage.run_until_idle(longest=timedelta(hours=1))
    assert listed(stage) == {NAME}
    assert (await stage.item(added)).state is ItemState.CONFIRMED
    assert (await stage.item(removal)).outcome == f"not sent: #{added.id}, which was approved later, adds it"


@ON_POSTGRESQL
async def test_an_addition_that_is_recorded_while_a_removal_is_was_taken_out_by_it(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, database_url: str
) -> None:
    """It has seen the entry a moment before, of which nothing is on record yet that the two could wait for."""
    added = await stage.approved(NAME)
    adding = await claimed(stage, JobKind.APPLY, added)
    seen, goes_on = asyncio.Event(), asyncio.Event()
    really_record, really_release = apply.record, EntryKeeper.release

    async def recorded(context: Context, job: Job, request: Request, *rest: Any) -> None:  # noqa: ANN401 - record's
        if request.id == added.id:
            seen.set()
            await goes_on.wait()
        await really_record(context, job, request, *rest)

    async def released(keeper: EntryKeeper, *values: Any, **at: Any) -> Any:  # noqa: ANN401 - release's
        goes_on.set()
        await until_blocked(applying, database_url)
        return await really_release(keeper, *values, **at)

    monkeypatch.setattr(apply, "record", recorded)
    monkeypatch.setattr(EntryKeeper, "release", released)
    applying = asyncio.create_task(stage.jobs.do(adding))
    await seen.wait()
    stage.clock.advance(seconds=1)
    removal = await stage.want(Operation.REMOVE, NAME)
    await stage.jobs.do(await claimed(stage, JobKind.APPLY, removal))
    await applying
    item = await stage.item(added)
    assert (item.state, item.outcome) == (ItemState.REMOVED, f"by #{removal.id}")
    assert await stage.known(ListName.SENDER) == []
    assert [kind for kind in await stage.kinds(added) if kind.startswith("item.")] == ["item.removed"]


async def test_a_removal_that_is_seen_late_takes_nothing_from_what_was_added_since_its_list_was_read(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The entry is there, and nobody would look after it any more."""
    added = await stage.propose(NAME)
    by_hand = {"ListType": "Sender", "Entries": [NAME]}
    stage.standin.edit(NEW, {**by_hand, "Block": True, "NoExpiration": True})
    removal = await stage.want(Operation.REMOVE, NAME)
    stage.fault("ok_but_nothing_happens", "Remove-TenantAllowBlockListItems", times=99)
    while not (await stage.request(removal)).status.is_over:
        await stage.run()
        stage.clock.advance(seconds=20)
    assert (await stage.item(removal)).state is ItemState.INTENDED
    stage.standin.edit("Remove-TenantAllowBlockListItems", by_hand)
    confirming = await claimed(stage, JobKind.CONFIRM, removal)
    really = confirm.keep_list

    async def added_meanwhile(*reading: Any) -> None:  # noqa: ANN401 - keep_list's
        monkeypatch.setattr(confirm, "keep_list", really)
        stage.clock.advance(seconds=1)
        await stage.decide(added)
        await stage.jobs.do(await claimed(stage, JobKind.APPLY, added))
        await really(*reading)

    monkeypatch.setattr(confirm, "keep_list", added_meanwhile)
    await stage.jobs.do(confirming)
    assert (await stage.item(removal)).state is ItemState.CONFIRMED
    assert listed(stage) == {NAME}
    assert (await stage.item(added)).state is ItemState.APPLIED
    assert [record.request_id for record in await stage.known(ListName.SENDER)] == [added.id]
    assert "item.removed" not in await stage.kinds(added)


@pytest.mark.parametrize("is_gone_before_it_is_recorded", [False, True])
async def test_what_a_later_removal_took_out_that_an_addition_found_there_was_changed_back_by_nobody(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, is_gone_before_it_is_recorded: bool
) -> None:
    """Nothing was on record of the entry by which the removal could have told the addition."""
    by_hand = {"ListType": "Sender", "Entries": [NAME], "Block": True, "NoExpiration": True}
    added = await stage.approved(NAME)
    adding = await claimed(stage, JobKind.APPLY, added)
    stage.standin.edit(NEW, by_hand)
    removals: list[Request] = []

    async def remove() -> None:
        stage.clock.advance(seconds=1)
        removals.append(await stage.want(Operation.REMOVE, NAME))
        await stage.jobs.do(await claimed(stage, JobKind.APPLY, removals[0]))

    real = apply.record

    async def late(context: Context, job: Job, request: Request, *rest: Any) -> None:  # noqa: ANN401 - record's
        if is_gone_before_it_is_recorded and request.id == added.id:
            await remove()
        await real(context, job, request, *rest)

    monkeypatch.setattr(apply, "record", late)
    await stage.jobs.do(adding)
    if not is_gone_before_it_is_recorded:
        await remove()
    assert (await stage.item(added)).state is ItemState.ALREADY_SO
    await stage.run_until_idle(longest=timedelta(hours=1))
    item = await stage.item(added)
    assert (item.state, item.outcome) == (ItemState.REMOVED, f"by #{removals[0].id}")
    assert [kind for kind in await stage.kinds(added) if kind.startswith("item.")] == [
        "item.already_so",
        "item.removed",
    ]
    assert not [message for message in stage.messages(ALERTS) if f"#{added.id}" in message.text]
    async with stage.context.store.read() as uow:
        assert (await uow.audit.verify_requests()).findings == ()


async def test_what_was_approved_later_by_the_log_decides_whatever_the_replicas_clocks_say(stage: Stage) -> None:
    """The removal is approved by a replica whose clock is a minute behind."""
    added = await stage.approved(NAME)
    adding = await claimed(stage, JobKind.APPLY, added)
    by_hand = {"ListType": "Sender", "Entries": [NAME], "Block": True, "NoExpiration": True}
    stage.standin.edit(NEW, by_hand)
    stage.clock.advance(seconds=-60)
    removal = await stage.want(Operation.REMOVE, NAME)
    stage.clock.advance(seconds=60)
    await stage.jobs.do(await claimed(stage, JobKind.APPLY, removal))
    await stage.jobs.do(adding)
    assert listed(stage) == set()
    item = await stage.item(added)
    assert (item.state, item.outcome) == (
        ItemState.REFUSED,
        f"not sent: #{removal.id}, which was approved later, takes it out",
    )


@ON_POSTGRESQL
async def test_a_later_end_recorded_a_moment_ago_is_not_cut_short(stage: Stage) -> None:
    """Two requests record the same value at once, of which nothing was on record: there was nothing to lock."""
    long = await stage.propose(IP, end="20d")
    short = await stage.propose(IP, end="5d")
    store = stage.context.store
    async with store.write() as slower:
        keeper = await EntryKeeper.open(slower, short, [IP])
        async with store.write() as quicker:
            await (await EntryKeeper.open(quicker, long, [IP])).keep({IP: None}, at=stage.clock())
        await keeper.keep({IP: None}, at=stage.clock())
    [kept] = await stage.known(ListName.CONNECTION_FILTER)
    assert (kept.request_id, kept.expires) == (long.id, long.expires)


@ON_POSTGRESQL
async def test_a_note_and_another_end_at_once_leave_the_other_end(stage: Stage, database_url: str) -> None:
    first = await stage.approved(IP, end="5d")
    await stage.run_until_idle(longest=timedelta(hours=1))
    longer = await stage.want(Operation.EXTEND, IP, end="20d")
    note = await stage.want(Operation.ANNOTATE, IP, reason="Another note")
    store = stage.context.store

    async def annotated() -> None:
        async with store.write() as uow:
            await (await EntryKeeper.open(uow, note, [IP])).annotate([IP])

    async with store.write() as uow:
        await (await EntryKeeper.open(uow, longer, [IP])).extend([IP], at=stage.clock())
        noting = asyncio.create_task(annotated())
        await until_blocked(noting, database_url)
    await noting
    [kept] = await stage.known(ListName.CONNECTION_FILTER)
    assert first.id != kept.request_id == longer.id
    assert kept.expires == longer.expires


@ON_POSTGRESQL
async def test_a_confirmation_beside_a_removal_does_not_confirm_what_is_gone(stage: Stage, database_url: str) -> None:
    request = await stage.approved(IP, end="5d")
    await stage.run()
    confirming = await claimed(stage, JobKind.CONFIRM, request)
    removal = await stage.want(Operation.REMOVE, IP)
    store = stage.context.store
    async with store.write() as uow:
        # The removal's record is under way when the confirmation has read the list, and comes to its own.
        keeper = await EntryKeeper.open(uow, removal, [IP])
        await uow.audit.append_all(await keeper.release([IP], at=stage.clock()))
        task = asyncio.create_task(stage.jobs.do(confirming))
        await until_blocked(task, database_url)
    await task
    assert (await stage.item(request)).state is ItemState.REMOVED
    assert "item.confirmed" not in await stage.kinds(request)
