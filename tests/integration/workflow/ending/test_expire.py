"""What a request leaves in the tenant ends when it should: seen late, adopted, asked for twice, after a crash."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.domain.lists.change import Change, Operation
from bot.domain.lists.entries import FilterPolicy
from bot.domain.lists.list_snapshot import ListSnapshot
from bot.domain.lists.traits import Action, ListName
from bot.domain.outcomes import attempt, item_states
from bot.domain.requests import expiring
from bot.domain.requests.known_entry import KnownEntry
from bot.domain.requests.request import ItemState, Request, Status
from bot.errors import TenantUnavailable, ValueRefused
from bot.store import Job
from bot.workflow.ending import expire
from bot.workflow.shared.job_kinds import JobKind
from tests.integration.databases import Clock
from tests.integration.workflow.conftest import Stage
from tests.support.people import REQUESTER, SECOND
from tests.support.proposing import drafted, propose_all

SET = "Set-HostedConnectionFilterPolicy"
NEW, REMOVE = "New-TenantAllowBlockListItems", "Remove-TenantAllowBlockListItems"
IP = "203.0.113.7"

#: The databases' differences are the store's matter; what is tested here is the tenant's.
pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def listed(stage: Stage, name: str = "IPAllowList", policy: str = "Default") -> list[str]:
    policies = stage.standin.lists()["policies"]
    assert isinstance(policies, list)
    [values] = [record[name] for record in policies if record["Identity"] == policy]
    return list(values)


def edits(stage: Stage) -> int:
    """How often the connection filter was changed by a call."""
    return sum(call["cmdlet"] == SET for call in stage.standin.calls())


async def allowed(stage: Stage, *values: str, end: str = "7d") -> Request:
    """An approved IP allow that no worker has seen yet."""
    request = await stage.propose(*values, end=end, action=Action.ALLOW)
    await stage.decide(request)
    return await stage.decide(request, who=SECOND)


async def nothing(tenant: object, change: Change) -> ListSnapshot:
    """What a list answers that doesn't show a change yet."""
    default = FilterPolicy(identity="Default", is_default=True)
    return ListSnapshot(list=change.list, as_of=Clock().now, policies=(default,))


async def removal(stage: Stage, value: str, action: Action) -> Request:
    """An approved removal."""
    await stage.snapshot()
    proposals = drafted(stage.context, value, operation=Operation.REMOVE, action=action, end=None)
    made = await propose_all(stage.context, actor=REQUESTER, proposals=proposals)
    [request] = made.requests
    return await stage.decide(request)


async def known(stage: Stage) -> list[KnownEntry]:
    async with stage.context.store.read() as uow:
        return await uow.known.active(ListName.CONNECTION_FILTER)


async def kept(stage: Stage) -> list[str]:
    """What checks and proposals take the connection filter to hold."""
    async with stage.context.store.read() as uow:
        lists = await uow.snapshots.load()
    assert lists is not None
    return [entry.value for entry in lists.entries if entry.list is ListName.CONNECTION_FILTER]


async def claimed(stage: Stage, kind: str) -> Job:
    """The one job of a kind, claimed when it is due; every other one is left as it was."""
    [waiting] = await stage.waiting(kind)
    stage.clock.now = max(stage.clock.now, waiting.run_at)
    async with stage.context.store.write() as uow:
        jobs = await uow.jobs.claim("by hand", stage.clock(), 30, 50)
        for job in jobs:
            if job.kind != kind:
                await uow.jobs.release(job)
    [job] = [job for job in jobs if job.kind == kind]
    return job


async def test_an_allow_that_shows_too_late_is_found_and_told(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    request = await allowed(stage, IP)
    with monkeypatch.context() as patch:
        patch.setattr(type(stage.context.tenant), "read_for", nothing)
        await stage.run_until_idle(longest=timedelta(minutes=4))
    unseen = await stage.request(request)
    assert unseen.status is Status.FAILED
    assert unseen.items[0].state is ItemState.INTENDED
    assert unseen.items[0].outcome == item_states.UNSEEN
    assert "item.refused" not in await stage.kinds(request)
    await stage.run_until_idle(longest=2 * DAY)
    found = await stage.request(request)
    assert (found.status, found.items[0].state) == (Status.APPLIED, ItemState.CONFIRMED)
    assert found.failure == ""
    assert (await stage.kinds(request))[-2:] == ["item.confirmed", "request.applied"]
    assert "Applied" in stage.cards()[0].text
    assert any("Applied" in line for line in stage.thread())
    await stage.run_until_idle(longest=8 * DAY)
    assert listed(stage) == []
    assert (await stage.request(request)).items[0].state is ItemState.EXPIRED


async def test_an_allow_that_nobody_ever_saw_is_ended_all_the_same(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = await allowed(stage, IP)
    with monkeypatch.context() as patch:
        patch.setattr(type(stage.context.tenant), "read_for", nothing)
        await stage.run_until_idle(longest=6 * DAY)
    assert (await stage.request(request)).status is Status.FAILED
    assert listed(stage) == [IP]
    await stage.run_until_idle(longest=8 * DAY)
    assert listed(stage) == []
    request = await stage.request(request)
    assert (request.status, request.items[0].state) == (Status.APPLIED, ItemState.EXPIRED)
    assert await known(stage) == []


async def test_what_was_never_made_stays_unknown_and_its_end_is_quiet(stage: Stage) -> None:
    request = await allowed(stage, IP)
    stage.fault("ok_but_nothing_happens", SET, times=100)
    await stage.run_until_idle(longest=10 * DAY)
    request = await stage.request(request)
    assert (request.status, request.items[0].state) == (Status.FAILED, ItemState.INTENDED)
    assert "item.expired" not in await stage.kinds(request)
    assert await known(stage) == []
    assert await stage.waiting() == []


async def test_an_allow_that_was_given_up_is_ended(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    request = await allowed(stage, IP)

    async def down(*_: object, **__: object) -> object:
        raise TenantUnavailable("The tenant is down.")

    with monkeypatch.context() as patch:
        sent = False
        send, reading = type(stage.context.tenant).apply, type(stage.context.tenant).read_for

        async def sending(tenant: object, *args: object, **options: object) -> None:
            nonlocal sent
            sent = True
            await send(tenant, *args, **options)  # type: ignore[arg-type]

        async def unless_sent(tenant: object, *args: object) -> object:
            return await (down() if sent else reading(tenant, *args))  # type: ignore[arg-type]

        patch.setattr(type(stage.context.tenant), "apply", sending)
        patch.setattr(type(stage.context.tenant), "read_for", unless_sent)
        while not stage.jobs.dead:
            await stage.run()
            [waiting] = await stage.waiting(JobKind.APPLY) or [None]
            if waiting is None:
                break
            stage.clock.now = max(stage.clock.now, waiting.run_at)
    given_up = await stage.request(request)
    assert (given_up.status, given_up.items[0].state) == (Status.FAILED, ItemState.INTENDED)
    assert listed(stage) == [IP]
    await stage.run_until_idle(longest=HOUR)
    assert (await stage.request(request)).status is Status.APPLIED
    await stage.run_until_idle(longest=8 * DAY)
    assert listed(stage) == []


@pytest.mark.parametrize("by_hand", [False, True])
async def test_checks_and_proposals_see_at_once_what_ended(stage: Stage, by_hand: bool) -> None:
    """By the list that was read back, or by the one before where there was nothing to take out."""
    await stage.snapshot()
    await allowed(stage, IP)
    await stage.run_until_idle(longest=HOUR)
    assert await kept(stage) == [IP]
    if by_hand:
        stage.standin.edit(SET, {"Identity": "Default", "IPAllowList": []})
    await stage.jobs.do(await claimed(stage, JobKind.EXPIRE))
    assert await kept(stage) == listed(stage) == []
    assert await stage.waiting(JobKind.WATCH) == [], "nothing has to be read again"


async def test_a_removal_that_was_given_up_is_settled_by_the_confirmation(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    await allowed(stage, IP)
    await stage.run_until_idle(longest=HOUR)
    request = await removal(stage, IP, Action.ALLOW)
    job = await claimed(stage, JobKind.APPLY)

    async def lost(*_: object, **__: object) -> object:
        raise TenantUnavailable("The tenant is down.")

    with monkeypatch.context() as patch:
        patch.setattr(type(stage.context.tenant), "read_back", lost)
        with pytest.raises(TenantUnavailable):
            await stage.jobs.do(job)
    async with stage.context.store.write() as uow:
        await uow.jobs.mark_dead(job, "The tenant is down.")
        await stage.jobs.give_up(uow, job, "The tenant is down.")
    assert (await stage.request(request)).status is Status.FAILED
    await stage.run_until_idle(longest=HOUR)
    request = await stage.request(request)
    assert (request.status, request.items[0].state) == (Status.APPLIED, ItemState.CONFIRMED)
    assert await known(stage) == []


async def test_a_confirmation_ends_nothing_of_a_later_request(stage: Stage) -> None:
    first = await allowed(stage, IP)
    await stage.run()
    stage.standin.edit(SET, {"Identity": "Default", "IPAllowList": []})
    job = await claimed(stage, JobKind.CONFIRM)
    await stage.snapshot()
    second = await allowed(stage, IP)
    reading = type(stage.context.tenant).read_for

    async def slow(tenant: object, *args: object) -> object:
        entries = await reading(tenant, *args)  # type: ignore[arg-type]
        with pytest.MonkeyPatch.context() as inner:
            inner.setattr(type(stage.context.tenant), "read_for", reading)
            await stage.jobs.do(await claimed(stage, JobKind.APPLY))
        return entries

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(stage.context.tenant), "read_for", slow)
        await stage.jobs.do(job)
    assert (await stage.request(first)).items[0].state is ItemState.REMOVED
    assert [entry.request_id for entry in await known(stage)] == [second.id]
    await stage.run_until_idle(longest=8 * DAY)
    assert listed(stage) == []


async def test_an_entry_that_was_there_gets_the_end_that_was_asked(stage: Stage) -> None:
    request = await allowed(stage, IP)
    stage.standin.edit(SET, {"Identity": "Default", "IPAllowList": [IP]})
    await stage.run()
    item = (await stage.request(request)).items[0]
    assert item.state is ItemState.ALREADY_SO
    assert "Portcullis takes it out" in item.outcome
    await stage.run_until_idle(longest=8 * DAY)
    assert listed(stage) == []
    assert (await stage.request(request)).items[0].state is ItemState.EXPIRED


async def test_a_block_that_somebody_else_made_is_not_taken_away_from_them(stage: Stage) -> None:
    request = await stage.propose(IP, end="7d")
    await stage.decide(request)
    stage.standin.edit(SET, {"Identity": "Default", "IPBlockList": [IP]})
    await stage.run()
    item = (await stage.request(request)).items[0]
    assert item.state is ItemState.ALREADY_SO
    assert "leaves it there" in item.outcome
    assert await known(stage) == []
    await stage.run_until_idle(longest=8 * DAY)
    assert listed(stage, "IPBlockList") == [IP]


@pytest.mark.parametrize("held", ["203.0.113.4/30", "203.0.113.4-203.0.113.7"])
async def test_the_later_end_wins_when_it_comes_second(stage: Stage, held: str) -> None:
    short = await stage.propose(held, end="7d")
    lasting = await stage.propose("203.0.113.4/30", end="never")
    for request in (short, lasting):
        await stage.decide(request)
        await stage.run_until_idle(longest=HOUR)
    assert [entry.request_id for entry in await known(stage)] == [lasting.id]
    assert f"by #{lasting.id}" in (await stage.request(short)).items[0].outcome
    await stage.run_until_idle(longest=30 * DAY)
    assert listed(stage, "IPBlockList") == [held]
    assert (await stage.request(lasting)).items[0].state is ItemState.CONFIRMED


async def test_the_later_end_wins_when_it_came_first(stage: Stage) -> None:
    lasting = await stage.propose(IP, end="10d")
    short = await stage.propose(IP, end="2d")
    for request in (lasting, short):
        await stage.decide(request)
        await stage.run_until_idle(longest=HOUR)
    assert [entry.request_id for entry in await known(stage)] == [lasting.id]
    outcome = (await stage.request(short)).items[0].outcome
    assert f"by #{lasting.id}" in outcome
    assert "until" in outcome
    await stage.run_until_idle(longest=3 * DAY)
    assert listed(stage, "IPBlockList") == [IP]
    await stage.run_until_idle(longest=9 * DAY)
    assert listed(stage, "IPBlockList") == []


async def test_a_record_of_what_was_gone_lends_no_later_end(stage: Stage) -> None:
    """The endless entry was taken out by hand: the new one ends when it was asked to."""
    lasting = await stage.propose(IP, end="never")
    short = await stage.propose(IP, end="2d")
    await stage.decide(lasting)
    await stage.run_until_idle(longest=HOUR)
    stage.standin.edit(SET, {"Identity": "Default", "IPBlockList": []})
    stage.clock.advance(seconds=60)
    await stage.decide(short)
    await stage.run_until_idle(longest=3 * DAY)
    assert listed(stage, "IPBlockList") == []


async def test_an_end_that_the_tenant_keeps_and_nobody_asked_for_is_told(stage: Stage) -> None:
    other = await stage.propose("other.example", "evil.example", end="30d")
    stage.standin.edit(NEW, {"ListType": "Sender", "Entries": ["evil.example"], "Block": True, "NoExpiration": True})
    end = (stage.clock() + DAY).strftime("%Y-%m-%dT%H:%M:%SZ")
    stage.standin.edit(NEW, {"ListType": "Sender", "Entries": ["other.example"], "Block": True, "ExpirationDate": end})
    await stage.decide(other)
    await stage.run()
    outcomes = {item.value: item.outcome for item in (await stage.request(other)).items}
    assert outcomes["evil.example"] == "there already, but without an end"
    assert outcomes["other.example"].startswith("there already, but ends ")


async def test_another_policys_entry_is_not_the_default_ones(stage: Stage) -> None:
    stage.standin.edit("New-HostedConnectionFilterPolicy", {"Name": "Other", "IPBlockList": [IP]})
    request = await stage.approved(IP)
    await stage.run_until_idle(longest=HOUR)
    assert listed(stage, "IPBlockList") == [IP]
    stage.standin.edit(SET, {"Identity": "Default", "IPBlockList": []})
    assert (await stage.request(request)).items[0].state is ItemState.CONFIRMED
    again = await stage.approved("203.0.113.8")
    await stage.run()
    stage.standin.edit(SET, {"Identity": "Default", "IPBlockList": []})
    stage.standin.edit(SET, {"Identity": "Other", "IPBlockList": ["203.0.113.8"]})
    await stage.run_until_idle(longest=HOUR)
    assert (await stage.request(again)).items[0].state is ItemState.REMOVED


async def test_nothing_is_added_after_its_end(stage: Stage) -> None:
    request = await stage.propose(IP, end="1d", action=Action.ALLOW)
    await stage.decide(request)
    request = await stage.decide(request, who=SECOND)
    assert request.expires is not None
    stage.clock.now = request.expires + HOUR
    await stage.run_until_idle(longest=DAY)
    request = await stage.request(request)
    assert (request.status, request.items[0].state) == (Status.FAILED, ItemState.REFUSED)
    assert request.failure == attempt.PAST_END
    assert edits(stage) == 0
    assert listed(stage) == []


async def test_what_was_sent_before_its_end_passed_is_read_and_ended(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = await allowed(stage, IP, end="1d")
    job = await claimed(stage, JobKind.APPLY)

    async def lost(*_: object, **__: object) -> object:
        raise TenantUnavailable("The tenant is down.")

    with monkeypatch.context() as patch:
        patch.setattr(type(stage.context.tenant), "read_back", lost)
        with pytest.raises(TenantUnavailable):
            await stage.jobs.do(job)
    assert request.expires is not None
    stage.clock.now = request.expires + HOUR
    await stage.run_until_idle(longest=DAY)
    assert edits(stage) == 2
    assert listed(stage) == []
    assert (await stage.request(request)).items[0].state is ItemState.EXPIRED


async def test_a_removal_ends_what_was_added_in_another_spelling(stage: Stage) -> None:
    request = await allowed(stage, "203.0.113.4-203.0.113.7")
    await stage.run_until_idle(longest=HOUR)
    await removal(stage, "203.0.113.4/30", Action.ALLOW)
    await stage.run_until_idle(longest=HOUR)
    assert await known(stage) == []
    assert (await stage.request(request)).items[0].state is ItemState.REMOVED


async def test_a_crash_after_the_removal_at_the_end_blames_nobody(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = await allowed(stage, IP, end="1d")
    await stage.run_until_idle(longest=HOUR)
    job = await claimed(stage, JobKind.EXPIRE)
    real = expire.apply_change

    class Killed(BaseException):
        pass

    async def dying(*args: object, **options: object) -> object:
        await real(*args, **options)  # type: ignore[arg-type]
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(expire, "apply_change", dying)
        with pytest.raises(Killed):
            await stage.jobs.do(job)
    assert listed(stage) == []
    stage.clock.advance(seconds=31)
    await stage.run_until_idle(longest=HOUR)
    item = (await stage.request(request)).items[0]
    assert item.state is ItemState.EXPIRED
    assert item.outcome.startswith("at its end date")


async def test_what_somebody_took_out_before_its_end_is_said_so(stage: Stage) -> None:
    request = await allowed(stage, IP, end="1d")
    await stage.run_until_idle(longest=HOUR)
    stage.standin.edit(SET, {"Identity": "Default", "IPAllowList": []})
    await stage.run_until_idle(longest=2 * DAY)
    item = (await stage.request(request)).items[0]
    assert (item.state, item.outcome) == (ItemState.EXPIRED, expiring.GONE_BEFORE)


async def test_what_was_sent_and_then_refused_is_unknown(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """The refusal may be of the second call only: the first one's entry can be there, and not be listed yet."""
    request = await allowed(stage, IP)
    send, calls = type(stage.context.tenant).apply, 0

    async def refused_after_the_first(tenant: object, *args: object, **options: object) -> None:
        nonlocal calls
        calls += 1
        if calls > 1:
            raise ValueRefused("The service refused it.", service_text="Duplicate value.")
        await send(tenant, *args, **options)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(type(stage.context.tenant), "apply", refused_after_the_first)
        patch.setattr(type(stage.context.tenant), "read_for", nothing)
        await stage.run_until_idle(longest=timedelta(minutes=4))
    item = (await stage.request(request)).items[0]
    assert (item.state, item.outcome) == (ItemState.INTENDED, "sent, then refused: Duplicate value.")
    assert calls == attempt.ATTEMPTS_UNSEEN
    await stage.run_until_idle(longest=9 * DAY)
    assert listed(stage) == []
