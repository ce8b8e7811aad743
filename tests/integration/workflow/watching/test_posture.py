"""Scans of the posture: since when each finding has been there, what is told once, and the weekly summary."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.domain.auditing.events import Event, EventKind
from bot.domain.lists.change import Operation
from bot.domain.lists.entries import Entry, FilterPolicy, Snapshot, policy_entries
from bot.domain.lists.traits import Action, ListName
from bot.domain.overrides.override import Does, Override, PlaceReading, Sight
from bot.domain.overrides.places import Place
from bot.domain.posture.scans import PostureScan, WeeklyAt
from bot.errors import TryLater
from bot.store import AuditFilter
from bot.workflow.asking.posture import posture_page
from bot.workflow.shared.job_kinds import JobKind, NothingPayload
from bot.workflow.shared.jobs import enqueue, read_lists_anew
from bot.workflow.watching.posture import scan
from tests.integration.workflow.conftest import Stage
from tests.support.installation import ALERTS
from tests.support.jobs import Jobs
from tests.support.people import REQUESTER
from tests.support.proposing import drafted, propose_all

sqlite = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)

RULE = Override(place=Place.MAIL_FLOW_RULES, name="Partner", does=Does.LETS_THROUGH, how="spam filtering is skipped")
SEEN = PlaceReading(place=Place.MAIL_FLOW_RULES, overrides=(RULE,))
EMPTY = replace(SEEN, overrides=())


def sender(value: str, **fields: Any) -> Entry:  # noqa: ANN401 - any field of an entry
    return Entry(list=ListName.SENDER, action=Action.ALLOW, value=value, **fields)


async def reading(stage: Stage, *entries: Entry, ips: tuple[str, ...] = (), **lists: Any) -> None:  # noqa: ANN401
    """What the tenant's lists were just read to be."""
    policies = (FilterPolicy(identity="Default", allow=ips),)
    everything = (*entries, *policy_entries(policies))
    kept = Snapshot(as_of=stage.clock(), policies=policies, entries=everything, **lists)
    async with stage.context.store.write() as uow:
        await uow.snapshots.save(kept)


async def look(stage: Stage) -> None:
    """The job comes round, and what follows is done."""
    async with stage.context.store.write() as uow:
        await enqueue(uow, JobKind.SCAN_POSTURE, NothingPayload(), key=JobKind.SCAN_POSTURE)
    await stage.run()


async def scans(stage: Stage) -> list[PostureScan]:
    async with stage.context.store.read() as uow:
        return await uow.posture.scans(since=stage.clock() - timedelta(days=365), limit=1000)


async def logged(stage: Stage) -> list[Event]:
    """The events of scans, oldest first."""
    async with stage.context.store.read() as uow:
        return (await uow.audit.page(filters=AuditFilter(kind=EventKind.POSTURE_SCANNED, limit=1000)))[::-1]


async def since(stage: Stage) -> dict[str, datetime | None]:
    """By value, since when each finding has been seen."""
    page = await posture_page(stage.context, actor=REQUESTER, start=0, size=100)
    return {finding.value: finding.first_seen for finding in page.findings}


def alerts(stage: Stage) -> list[str]:
    return [message.text for message in stage.messages(ALERTS)]


async def test_each_finding_has_been_there_since_it_was_first_seen(stage: Stage) -> None:
    began = stage.clock()
    await reading(stage, sender("old.example"))
    await look(stage)
    later = stage.clock.advance(days=1)
    await reading(stage, sender("old.example"), sender("new.example"))
    await look(stage)
    assert await since(stage) == {"old.example": began, "new.example": later}


async def test_what_goes_and_comes_back_starts_anew(stage: Stage) -> None:
    await reading(stage, sender("old.example"))
    await look(stage)
    stage.clock.advance(hours=1)
    await reading(stage)
    await look(stage)
    back = stage.clock.advance(hours=1)
    await reading(stage, sender("old.example"))
    await look(stage)
    assert await since(stage) == {"old.example": back}
    assert [(each.added, each.gone) for each in await scans(stage)] == [(2, 0), (0, 2), (2, 0)]


async def test_what_cannot_be_seen_for_a_while_stays(stage: Stage) -> None:
    began = stage.clock()
    await reading(stage, sender("old.example"), places=(SEEN,))
    await look(stage)
    stage.clock.advance(days=1)
    blind = PlaceReading(place=Place.MAIL_FLOW_RULES, sight=Sight.UNREADABLE, why="No answer.")
    await reading(stage, places=(blind,), unreadable={ListName.SENDER: "HTTP 503"})
    await look(stage)
    stage.clock.advance(days=1)
    await reading(stage, sender("old.example"), places=(SEEN,))
    await look(stage)
    assert await since(stage) == {"old.example": began, "Partner": began}
    assert [len(each.unseen) for each in await scans(stage)] == [0, 2, 0]


async def test_a_tenant_with_many_entries_is_kept_in_strides(stage: Stage) -> None:
    await reading(stage, *(sender(f"a{number}.example", notes="why") for number in range(2_500)))
    await look(stage)
    async with stage.context.store.read() as uow:
        assert len(await uow.posture.faults()) == 2_500
    await reading(stage)
    await look(stage)
    async with stage.context.store.read() as uow:
        assert await uow.posture.faults() == {}


@sqlite
async def test_a_scan_is_an_event_with_its_counts_and_a_quiet_look_is_none(stage: Stage) -> None:
    await reading(stage, sender("old.example"), ips=("203.0.113.7",))
    for _ in range(3):
        await look(stage)
        stage.clock.advance(minutes=10)
    [event] = await logged(stage)
    assert event.payload["counts"] == {"ip_allow": 1, "no_end": 2, "no_note": 2}
    assert (event.payload["findings"], event.payload["grave"]) == (2, 1)
    assert event.payload["baseline"] == {"MS.SECURITYSUITE.8.1v1": "fail", "MS.SECURITYSUITE.8.2v1": "pass"}
    stage.clock.advance(days=1)
    await reading(stage, sender("old.example"), ips=("203.0.113.7",))
    await look(stage)
    assert len(await logged(stage)) == 2  # a day has one, for the picture
    assert [each.number for each in await scans(stage)] == [event.seq for event in await logged(stage)]


@sqlite
async def test_before_the_first_reading_it_waits_and_an_old_one_is_not_judged(stage: Stage) -> None:
    async with stage.context.store.write() as uow:
        await enqueue(uow, JobKind.SCAN_POSTURE, NothingPayload())
    [job] = await stage.waiting(JobKind.SCAN_POSTURE)
    with pytest.raises(TryLater):
        await scan(stage.context, job, NothingPayload())
    await reading(stage, sender("old.example"))
    stage.clock.advance(hours=1)
    await look(stage)
    assert await scans(stage) == []


@sqlite
async def test_what_was_there_at_first_alarms_nobody_and_what_is_new_and_grave_does_once(stage: Stage) -> None:
    await reading(stage, ips=("203.0.113.7",), places=(EMPTY,))
    await look(stage)
    stage.clock.advance(hours=1)
    await reading(stage, sender("minor.example"), ips=("203.0.113.7",), places=(SEEN,))
    for _ in range(2):
        await look(stage)
    [told] = alerts(stage)
    assert "1 grave finding that nobody was told of" in told
    assert "Partner" in told
    assert "203.0.113" not in told
    assert [each.worse_count for each in await scans(stage)] == [0, 1]


@sqlite
async def test_what_is_looked_at_for_the_first_time_alarms_nobody(stage: Stage) -> None:
    """The operator has rules and policies read from now on, which may have been there for years."""
    off = tuple(PlaceReading(place=place, sight=Sight.OFF) for place in Place)
    await reading(stage, sender("old.example"), places=off)
    await look(stage)
    stage.clock.advance(hours=1)
    await reading(stage, sender("old.example"), places=(SEEN,))
    await look(stage)
    assert alerts(stage) == []
    stage.clock.advance(hours=1)
    another = replace(SEEN, overrides=(RULE, replace(RULE, name="Scanner")))
    await reading(stage, sender("old.example"), places=(another,))
    await look(stage)
    [told] = alerts(stage)
    assert "Scanner" in told
    assert "Partner" not in told


@sqlite
async def test_what_another_alert_has_told_is_not_told_again(stage: Stage) -> None:
    async def read() -> None:
        stage.clock.advance(minutes=15)
        async with stage.context.store.write() as uow:
            await read_lists_anew(uow)
        await stage.run()

    await read()
    await look(stage)
    add = {"@odata.type": "#Exchange.GenericHashTable", "Add": ["203.0.113.7"]}
    stage.standin.edit("Set-HostedConnectionFilterPolicy", {"Identity": "Default", "IPAllowList": add})
    await read()
    assert len(alerts(stage)) == 1
    await look(stage)
    assert len(alerts(stage)) == 1
    assert (await scans(stage))[-1].worse_count == 0


@sqlite
async def test_what_somebody_took_out_may_show_once_more_and_is_told_when_it_is_there_for_good(stage: Stage) -> None:
    async def read(change: str = "") -> None:
        if change:
            changed = {"@odata.type": "#Exchange.GenericHashTable", change: ["203.0.113.7"]}
            stage.standin.edit("Set-HostedConnectionFilterPolicy", {"Identity": "Default", "IPAllowList": changed})
        stage.clock.advance(minutes=15)
        async with stage.context.store.write() as uow:
            await read_lists_anew(uow)
        await stage.run()

    await read()
    await look(stage)
    await read("Add")
    await read("Remove")
    await look(stage)
    told = len(alerts(stage))
    stage.clock.advance(minutes=1)
    await reading(stage, ips=("203.0.113.7",))  # of a machine that is behind
    await look(stage)
    assert len(alerts(stage)) == told
    stage.clock.advance(minutes=15)
    await reading(stage, ips=("203.0.113.7",))  # without a look at what nobody requested, which would tell it
    await look(stage)
    assert "1 grave finding that nobody was told of" in alerts(stage)[-1]


@sqlite
@pytest.mark.parametrize("is_there", [False, True], ids=["only late", "put back by somebody"])
async def test_what_was_just_taken_out_is_told_once_a_later_reading_confirms_it(stage: Stage, is_there: bool) -> None:
    """The service may be some minutes behind, and show what Portcullis has just taken out once more."""
    add = {"@odata.type": "#Exchange.GenericHashTable", "Add": ["203.0.113.7"]}
    stage.standin.edit("Set-HostedConnectionFilterPolicy", {"Identity": "Default", "IPAllowList": add})
    await reading(stage, ips=("203.0.113.7",))
    await look(stage)
    proposals = drafted(stage.context, "203.0.113.7", operation=Operation.REMOVE, action=Action.ALLOW)
    made = await propose_all(stage.context, actor=REQUESTER, proposals=proposals)
    await stage.decide(made.requests[0])
    await stage.run()
    await reading(stage)
    await look(stage)
    before = alerts(stage)
    stage.clock.advance(minutes=1)
    await reading(stage, ips=("203.0.113.7",))
    await look(stage)
    assert alerts(stage) == before
    stage.clock.advance(minutes=15)
    await reading(stage, ips=("203.0.113.7",) if is_there else ())
    await look(stage)
    assert sum("203.0.113" in text for text in alerts(stage)) == sum("203.0.113" in text for text in before) + is_there


@sqlite
async def test_a_worker_that_dies_midway_loses_neither_a_finding_nor_its_alert(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.workflow.watching.posture._STRIDE", 1)
    await reading(stage, places=(EMPTY,))
    await look(stage)
    other = replace(SEEN, overrides=(RULE, replace(RULE, name="Scanner")))
    await reading(stage, places=(other,))
    with monkeypatch.context() as broken:
        broken.setattr("bot.workflow.watching.posture.counted", lambda _: 1 / 0)
        await look(stage)
    async with stage.context.store.read() as uow:
        assert len(await uow.posture.faults()) == 1  # one of two is kept, and nobody has heard of it
    assert alerts(stage) == []
    stage.clock.advance(hours=1)
    await reading(stage, places=(other,))
    await look(stage)
    [told] = alerts(stage)
    assert "2 grave findings" in told
    assert [each.added for each in await scans(stage)] == [0, 2]


MONDAY = datetime.fromisoformat("2030-01-07T08:00:00+00:00")
WEEKLY = WeeklyAt(day=0, hour=8)


@sqlite
async def test_the_weekly_summary_is_told_once_whatever_restarts(stage: Stage) -> None:
    stage.context = replace(stage.context, weekly_at=WEEKLY)
    stage.jobs = Jobs(stage.context, stage.playground)
    await reading(stage, sender("old.example"))
    await look(stage)
    assert alerts(stage) == []  # there is nothing to compare yet
    stage.clock.now = MONDAY + timedelta(minutes=5)
    await reading(stage, sender("old.example"), sender("new.example", notes="why"))
    for _ in range(3):
        await look(stage)
        stage.clock.advance(minutes=10)
    [told] = alerts(stage)
    assert "The posture this week: 2 findings, none of them grave, 1 more than a week ago." in told
    assert "Worse: 1 more × no expiry date" in told
    stage.clock.now = MONDAY + timedelta(days=9)  # nobody ran on that Monday
    await reading(stage, sender("old.example"))
    await look(stage)
    assert len(alerts(stage)) == 2
    assert "Better: 1 fewer × no expiry date" in alerts(stage)[1]
    assert [each.summary_of for each in await scans(stage) if each.summary_of] == [MONDAY, MONDAY + timedelta(days=7)]


async def test_of_two_who_scan_at_once_one_tells_the_summary(stage: Stage) -> None:
    stage.context = replace(stage.context, weekly_at=WEEKLY)
    stage.jobs = Jobs(stage.context, stage.playground)
    await reading(stage, sender("old.example"))
    await look(stage)
    stage.clock.now = MONDAY + timedelta(minutes=5)
    await reading(stage, sender("old.example"), sender("new.example"))
    async with stage.context.store.write() as uow:
        for key in ("one", "two"):
            await enqueue(uow, JobKind.SCAN_POSTURE, NothingPayload(), key=key)
    async with stage.context.store.write() as uow:
        claimed = await uow.jobs.claim("another", stage.clock(), 60, 100)
    taken = [job for job in claimed if job.kind == JobKind.SCAN_POSTURE]
    assert len(taken) == 2
    await asyncio.gather(*(stage.jobs.do(job) for job in taken))
    await stage.run()
    assert len(alerts(stage)) == 1
    await look(stage)
    assert len(alerts(stage)) == 1
