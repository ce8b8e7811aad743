"""Somebody edits past Portcullis: seen by the next reading, whichever it is, told once, and written down with it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.auditing.events import Event, EventKind
from bot.domain.lists.change import Operation
from bot.domain.lists.differences import Difference, Happening, Held
from bot.domain.lists.entries import Snapshot
from bot.domain.lists.traits import Action, ListName
from bot.domain.requests.request import Decision, ItemState
from bot.domain.requests.unrequested import ChangeState, TellBlocks, UnrequestedChange
from bot.errors import Conflict
from bot.store import AuditFilter
from bot.store.watched_places import WatchedPlace
from bot.tenant.exchange.tenant import Tenant
from bot.workflow.requesting.propose import Proposed
from bot.workflow.requesting.unrequested_removal import propose_removal_of_change
from bot.workflow.shared.change_reasons import reasons_for
from bot.workflow.shared.job_kinds import JobKind
from bot.workflow.shared.jobs import read_lists_anew
from bot.workflow.shared.seen_places import Seen, keep_reading, prepare_reading
from tests.integration.workflow.conftest import Stage
from tests.support.installation import ALERTS
from tests.support.jobs import Jobs
from tests.support.people import REQUESTER
from tests.support.stand_ins import access_to

NEW, SET, REMOVE = (f"{verb}-TenantAllowBlockListItems" for verb in ("New", "Set", "Remove"))
GET = "Get-TenantAllowBlockListItems"
FILTER = "Set-HostedConnectionFilterPolicy"

#: What differs between the databases is a lock: one test of two who read at once takes both.
sqlite = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


def edit(stage: Stage, cmdlet: str, **parameters: object) -> None:
    """Somebody edits in the portal."""
    stage.standin.edit(cmdlet, parameters)


def allow_ip(stage: Stage, value: str) -> None:
    edit(stage, FILTER, Identity="Default", IPAllowList={"@odata.type": "#Exchange.GenericHashTable", "Add": [value]})


async def read(stage: Stage) -> None:
    """The lists are read some minutes later, and what follows is done."""
    stage.clock.now += timedelta(minutes=15)
    async with stage.context.store.write() as uow:
        await read_lists_anew(uow)
    await stage.run()


async def portal(stage: Stage) -> list[Event]:
    """What the log says of unrequested changes, oldest first."""
    async with stage.context.store.read() as uow:
        page = await uow.audit.page(filters=AuditFilter(limit=1000))
    return [event for event in page[::-1] if event.kind.startswith("portal.")]


async def told(stage: Stage) -> list[tuple[str, str]]:
    return [(event.kind, event.target) for event in await portal(stage)]


async def changes(stage: Stage) -> list[UnrequestedChange]:
    async with stage.context.store.read() as uow:
        found = [await uow.unrequested.find(event.seq) for event in await portal(stage)]
    return [each for each in found if each is not None]


def alerts(stage: Stage) -> list[str]:
    return [message.text for message in stage.messages(ALERTS)]


@sqlite
async def test_each_edit_is_told_once(stage: Stage) -> None:
    edit(stage, NEW, ListType="Sender", Entries=["old.example"], Block=True, NoExpiration=True)
    await read(stage)
    assert await told(stage) == []  # the first reading ever
    allow_ip(stage, "203.0.113.7")
    edit(stage, NEW, ListType="Url", Entries=["evil.example/pay"], Block=True, NoExpiration=True)
    edit(stage, SET, ListType="Sender", Entries=["old.example"], Notes="mine", NoExpiration=True)
    edit(stage, FILTER, Identity="Default", EnableSafeList=True)
    await read(stage)
    assert sorted(await told(stage)) == [
        (EventKind.PORTAL_ADDED, "203.0.113.7"),
        (EventKind.PORTAL_ADDED, "evil.example/pay"),
        (EventKind.PORTAL_CHANGED, "old.example"),
        (EventKind.PORTAL_SWITCHED, "Default"),
    ]
    [alert] = alerts(stage)
    first, *_ = alert.splitlines()
    assert first.startswith("4 changes without a request")
    assert alert.index("203") < alert.index("evil")  # what lets most through comes first
    assert "SPF, DKIM and DMARC" in alert
    assert [change.state for change in await changes(stage)] == [ChangeState.TOLD] * 4
    await read(stage)
    await read(stage)
    assert len(await told(stage)) == 4
    assert len(alerts(stage)) == 1


@pytest.mark.parametrize("spelled", ["evil.example", "EVIL.Example", " evil.example "])
async def test_what_a_request_did_explains_its_entry_in_whichever_spelling(stage: Stage, spelled: str) -> None:
    request = await stage.approved("evil.example")
    await stage.approved("other.example")
    await stage.run()
    now = stage.clock()
    seen = WatchedPlace(place="sender", as_of=now, held=(), text="", digest="")
    after = Held(place="sender", value=spelled, action="block", note="Portcullis request 1")
    for many in (1, 200):
        others = [replace(after, value=f"new{number}.example") for number in range(1, many)]
        found = [Difference(what=Happening.ADDED, after=each) for each in (after, *others)]
        async with stage.context.store.read() as uow:
            reasons = await reasons_for(
                uow, ListName.SENDER, seen, now - timedelta(minutes=1), found, looked_after=timedelta(minutes=5)
            )
        assert [(act.request_id, act.value) for act in reasons.of(after)] == [(request.id, "evil.example")]


@sqlite
async def test_what_a_request_does_is_no_change_of_somebody_else(stage: Stage) -> None:
    await read(stage)
    request = await stage.approved("evil.example")
    await stage.run()
    await read(stage)
    await stage.run_until_idle(longest=timedelta(minutes=10))
    assert (await stage.item(request)).state is ItemState.CONFIRMED
    await stage.run_until_idle(longest=timedelta(days=40))  # its end comes
    assert await told(stage) == []
    assert alerts(stage) == []


@sqlite
async def test_an_answer_that_was_lost_is_no_change_of_somebody_else(stage: Stage) -> None:
    await read(stage)
    await stage.approved("evil.example")
    stage.fault("drop_after", NEW)
    await stage.run()
    await read(stage)
    assert await told(stage) == []


@sqlite
async def test_whoever_asked_for_an_entry_hears_once_that_somebody_took_it_out(stage: Stage) -> None:
    await read(stage)
    request = await stage.approved("evil.example")
    await stage.run()
    edit(stage, REMOVE, ListType="Sender", Entries=["evil.example"])
    await read(stage)
    await stage.run_until_idle(longest=timedelta(days=40))
    assert (await stage.item(request)).state is ItemState.REMOVED
    assert (await stage.kinds(request)).count(EventKind.ITEM_MISSING) == 1
    said = "\n".join(stage.lines())
    assert "No longer in effect: 1 sender" in said
    assert "evil[.]example" in said
    assert len(alerts(stage)) == 1
    assert f"made by #{request.id}" in alerts(stage)[0]
    assert await stage.known(request.list) == []


@sqlite
async def test_the_reading_of_a_confirmation_swallows_nothing(stage: Stage) -> None:
    await read(stage)
    await stage.approved("evil.example")
    await stage.run()
    edit(stage, NEW, ListType="Sender", Entries=["other.example"], Allow=True, RemoveAfter=45)
    edit(stage, REMOVE, ListType="Sender", Entries=["evil.example"])
    stage.clock.now += stage.context.confirm_after
    await stage.run()
    assert sorted(await told(stage)) == [
        (EventKind.PORTAL_ADDED, "other.example"),
        (EventKind.PORTAL_REMOVED, "evil.example"),
    ]
    assert len(alerts(stage)) == 1


@sqlite
async def test_a_list_that_can_not_be_read_is_held_against_its_last_reading(stage: Stage) -> None:
    edit(stage, NEW, ListType="Sender", Entries=["old.example"], Block=True, NoExpiration=True)
    await read(stage)
    stage.fault("403", GET, times=4)
    await read(stage)
    assert await told(stage) == []
    edit(stage, REMOVE, ListType="Sender", Entries=["old.example"])
    await read(stage)
    assert await told(stage) == [(EventKind.PORTAL_REMOVED, "old.example")]


@sqlite
async def test_what_ends_by_its_own_date_is_only_logged(stage: Stage) -> None:
    end = (stage.clock() + timedelta(days=2)).isoformat()
    edit(stage, NEW, ListType="Sender", Entries=["short.example"], Block=True, ExpirationDate=end)
    await read(stage)
    stage.clock.now += timedelta(days=5)
    await read(stage)
    assert await told(stage) == [(EventKind.PORTAL_ENDED, "short.example")]
    assert alerts(stage) == []


@sqlite
async def test_what_is_gone_again_shows_so(stage: Stage) -> None:
    await read(stage)
    allow_ip(stage, "203.0.113.7")
    await read(stage)
    gone = {"@odata.type": "#Exchange.GenericHashTable", "Remove": ["203.0.113.7"]}
    edit(stage, FILTER, Identity="Default", IPAllowList=gone)
    await read(stage)
    assert [change.state for change in await changes(stage)] == [ChangeState.GONE, ChangeState.TOLD]
    first, second = alerts(stage)
    assert "gone again" in first
    assert "IP allow removed" in second


async def keep(stage: Stage, lists: Snapshot) -> None:
    """A reading that began two minutes later than the one before, and shows this."""
    stage.clock.now += timedelta(minutes=2)
    seen = await prepare_reading(stage.context, replace(lists, as_of=stage.clock.now))
    async with stage.context.store.write() as uow:
        await keep_reading(stage.context, uow, seen)
    await stage.run()


async def test_a_machine_of_the_service_that_is_behind_makes_no_second_alert(stage: Stage) -> None:
    await read(stage)
    behind = await stage.context.tenant.read_lists()
    allow_ip(stage, "203.0.113.7")
    edit(stage, NEW, ListType="Sender", Entries=["evil.example"], Block=True, NoExpiration=True)
    await read(stage)
    up_to_date = await stage.context.tenant.read_lists()
    for lists in (behind, up_to_date, behind, behind, up_to_date):
        await keep(stage, lists)
    await read(stage)
    assert len(alerts(stage)) == 1
    assert sorted(await told(stage)) == [
        (EventKind.PORTAL_ADDED, "203.0.113.7"),
        (EventKind.PORTAL_ADDED, "evil.example"),
    ]
    assert [change.state for change in await changes(stage)] == [ChangeState.TOLD] * 2


async def test_what_was_really_taken_back_is_told_by_the_next_reading_that_can_be_believed(stage: Stage) -> None:
    await read(stage)
    before = await stage.context.tenant.read_lists()
    allow_ip(stage, "203.0.113.7")
    await read(stage)
    [added] = await changes(stage)
    gone = {"@odata.type": "#Exchange.GenericHashTable", "Remove": ["203.0.113.7"]}
    edit(stage, FILTER, Identity="Default", IPAllowList=gone)
    await keep(stage, before)
    assert len(alerts(stage)) == 1
    await read(stage)
    first, second = alerts(stage)
    assert "gone again" in first
    assert "IP allow removed" in second
    removed = (await changes(stage))[-1]
    assert removed.since == added.seen_at


async def test_of_two_who_read_at_once_one_writes(stage: Stage) -> None:
    await read(stage)
    allow_ip(stage, "203.0.113.7")
    stage.clock.now += timedelta(minutes=15)
    lists = await stage.context.tenant.read_lists()
    both = [await prepare_reading(stage.context, lists) for _ in range(2)]
    for seen in both:
        async with stage.context.store.write() as uow:
            await keep_reading(stage.context, uow, seen)
    assert await told(stage) == [(EventKind.PORTAL_ADDED, "203.0.113.7")]
    assert len(await stage.waiting(JobKind.ALERT)) == 1


@sqlite
@pytest.mark.parametrize("others", [(), ("203.0.113.8",)], ids=["nothing new", "another change"])
async def test_what_somebody_else_has_kept_since_a_reading_was_made_ready_counts(
    stage: Stage, others: tuple[str, ...]
) -> None:
    await read(stage)
    stage.clock.now += timedelta(minutes=15)
    for value in others:
        allow_ip(stage, value)
    theirs = await stage.context.tenant.read_lists()
    allow_ip(stage, "203.0.113.7")
    stage.clock.now += timedelta(minutes=1)
    seen = await prepare_reading(stage.context, await stage.context.tenant.read_lists())
    for each in (await prepare_reading(stage.context, theirs), seen):
        async with stage.context.store.write() as uow:
            await keep_reading(stage.context, uow, each)
    assert await told(stage) == [(EventKind.PORTAL_ADDED, value) for value in (*others, "203.0.113.7")]
    assert [change.since for change in await changes(stage)][-1] == theirs.as_of


async def _kept_by_a_worker_that_dies(stage: Stage, seen: Seen) -> None:
    async with stage.context.store.write() as uow:
        await keep_reading(stage.context, uow, seen)
        raise RuntimeError


@sqlite
async def test_a_worker_that_dies_before_it_writes_leaves_it_to_the_next(stage: Stage) -> None:
    await read(stage)
    allow_ip(stage, "203.0.113.7")
    stage.clock.now += timedelta(minutes=15)
    seen = await prepare_reading(stage.context, await stage.context.tenant.read_lists())
    with pytest.raises(RuntimeError):
        await _kept_by_a_worker_that_dies(stage, seen)
    assert await told(stage) == []
    await read(stage)
    assert await told(stage) == [(EventKind.PORTAL_ADDED, "203.0.113.7")]


async def remove(stage: Stage, number: int, *, ts: str = "", delivery: str = "D1") -> Proposed:
    """Somebody clicks **Propose removal** under the first alert, or under another message."""
    [alert, *_] = stage.messages(ALERTS)
    return await propose_removal_of_change(
        stage.context, actor=REQUESTER, number=number, channel=ALERTS, ts=ts or alert.ts, delivery=delivery
    )


@sqlite
async def test_its_removal_is_proposed_once_and_shown_until_it_is_gone(stage: Stage) -> None:
    await read(stage)
    allow_ip(stage, "203.0.113.7")
    await read(stage)
    [change] = await changes(stage)
    first = await remove(stage, change.number)
    second = await remove(stage, change.number, delivery="D2")
    [request] = first.requests
    assert [each.id for each in second.requests] == [request.id]
    assert (request.operation, request.action) == (Operation.REMOVE, Action.ALLOW)
    await stage.run()
    assert f"#{request.id} asks to remove it" in alerts(stage)[0]
    assert "Propose removal" not in str(stage.messages(ALERTS)[0].blocks)
    await stage.decide(request)
    await stage.run()
    assert [each.state for each in await changes(stage)] == [ChangeState.GONE]
    assert "gone again" in alerts(stage)[0]
    await read(stage)
    assert len(await told(stage)) == 1
    with pytest.raises(Conflict):
        await remove(stage, change.number, delivery="D3")


@sqlite
async def test_a_safe_list_is_proposed_to_be_switched_off(stage: Stage) -> None:
    await read(stage)
    edit(stage, FILTER, Identity="Default", EnableSafeList=True)
    await read(stage)
    [change] = await changes(stage)
    [request] = (await remove(stage, change.number)).requests
    assert request.operation is Operation.SAFE_LIST_OFF
    await stage.decide(request)
    await stage.run()
    await read(stage)
    assert [each.state for each in await changes(stage)] == [ChangeState.GONE]
    assert len(await told(stage)) == 1


@sqlite
async def test_what_was_turned_down_can_be_proposed_again(stage: Stage) -> None:
    await read(stage)
    allow_ip(stage, "203.0.113.7")
    await read(stage)
    [change] = await changes(stage)
    [request] = (await remove(stage, change.number)).requests
    await stage.decide(request, Decision.DENY)
    await stage.run()
    assert "Propose removal" in str(stage.messages(ALERTS)[0].blocks)
    [again] = (await remove(stage, change.number, delivery="D2")).requests
    assert again.id != request.id


@sqlite
async def test_a_click_elsewhere_proposes_nothing_and_is_logged(stage: Stage) -> None:
    await read(stage)
    allow_ip(stage, "203.0.113.7")
    await read(stage)
    [change] = await changes(stage)
    for _ in range(2):
        with pytest.raises(Conflict):
            await remove(stage, change.number, ts="1.2")
    async with stage.context.store.read() as uow:
        refused = await uow.audit.page(filters=AuditFilter(kind=EventKind.CLICK_REFUSED))
    assert len(refused) == 1
    assert [each.state for each in await changes(stage)] == [ChangeState.TOLD]


@sqlite
async def test_one_request_takes_up_all_the_changes_that_it_names(stage: Stage) -> None:
    await read(stage)
    values = [f"203.0.113.{number}" for number in range(23)]
    for value in values:
        allow_ip(stage, value)
    await read(stage)
    request = await stage.want(Operation.REMOVE, *values, action=Action.ALLOW)
    assert {(change.state, change.request_id) for change in await changes(stage)} == {
        (ChangeState.REMOVAL_PROPOSED, request.id)
    }


@sqlite
async def test_who_adopts_an_entry_keeps_it_until_its_end(stage: Stage) -> None:
    await read(stage)
    allow_ip(stage, "203.0.113.7")
    await read(stage)
    calls = len(stage.standin.calls())
    request = await stage.want(Operation.EXTEND, "203.0.113.7", action=Action.ALLOW, end="3d", reason="Our scanner")
    await stage.run()
    [change] = await changes(stage)
    assert (change.state, change.request_id) == (ChangeState.ADOPTED, request.id)
    assert f"#{request.id} asks to keep it" in alerts(stage)[0]
    [known] = await stage.known(request.list)
    assert (known.request_id, known.requester) == (request.id, REQUESTER.user_id)
    assert not [call for call in stage.standin.calls()[calls:] if not str(call["cmdlet"]).startswith("Get-")]
    await stage.run_until_idle(longest=timedelta(days=5))  # Portcullis takes it out at its end
    assert [each.state for each in await changes(stage)] == [ChangeState.GONE]
    assert len(await told(stage)) == 1


@sqlite
async def test_of_more_than_ten_there_is_one_alert_with_counts_and_a_file(stage: Stage) -> None:
    await read(stage)
    values = [f"h{number}.example" for number in range(12)]
    edit(stage, NEW, ListType="Sender", Entries=values, Block=True, NoExpiration=True)
    await read(stage)
    alert, beside = stage.messages(ALERTS)
    assert "12 × block added" in alert.text
    assert ":bell:" in str(alert.blocks)  # blocks are no alarm
    [file] = beside.files
    kept = stage.playground.slack.state.files.find(file["id"])
    assert kept is not None
    assert "h11.example" in kept.content.decode("utf-8-sig")


@sqlite
async def test_blocks_are_only_logged_where_the_operator_says_so(stage: Stage) -> None:
    stage = replace(stage, context=replace(stage.context, tell_blocks=TellBlocks.LOG))
    stage.jobs = Jobs(stage.context, stage.playground)
    await read(stage)
    edit(stage, NEW, ListType="Sender", Entries=["evil.example"], Block=True, NoExpiration=True)
    await read(stage)
    assert await told(stage) == [(EventKind.PORTAL_ADDED, "evil.example")]
    assert (alerts(stage), await changes(stage)) == ([], [])


@sqlite
async def test_a_mail_flow_rule_that_somebody_made_is_told_too(stage: Stage) -> None:
    tenant = Tenant(access_to(stage.playground.environment()), overrides=True, now=stage.clock)

    async def read_all() -> None:
        stage.clock.now += timedelta(minutes=15)
        seen = await prepare_reading(stage.context, await tenant.read_lists())
        async with stage.context.store.write() as uow:
            await keep_reading(stage.context, uow, seen)
        await stage.run()

    try:
        edit(stage, "New-TransportRule", Name="Old", SenderDomainIs=["old.example"], SetSCL=-1)
        await read_all()
        assert await portal(stage) == []
        edit(stage, "New-TransportRule", Name="Partner", SenderDomainIs=["evil.example"], SetSCL=-1)
        await read_all()
        assert await told(stage) == [(EventKind.PORTAL_ADDED, "Partner")]
        [alert] = alerts(stage)
        assert "Mail flow rule added" in alert
        edit(stage, "Remove-TransportRule", Identity="Partner")
        await read_all()
        assert (await told(stage))[1:] == [(EventKind.PORTAL_REMOVED, "Partner")]
        # What nobody can read is told itself, and hides nothing of what is done beside it.
        stage.standin.place(
            "Get-TransportRule",
            [
                {"Name": "Old", "SetSCL": -1, "SenderDomainIs": ["old.example", "no domain"]},
                {"Name": "New", "SetSCL": -1, "SenderDomainIs": ["new.example"]},
            ],
            instead=True,
        )
        await read_all()
        assert sorted((await told(stage))[2:]) == [
            (EventKind.PORTAL_ADDED, "New"),
            (EventKind.PORTAL_ADDED, "what can't be read"),
        ]
    finally:
        await tenant.close()
