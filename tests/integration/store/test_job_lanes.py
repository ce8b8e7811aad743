"""Whose turn it is, on both databases: lanes, urgency, turns among people, and limits over replicas."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from bot.store import Job, JobLane, Store
from tests.integration.databases import Clock

LEASE = 30.0
TELLING = JobLane(name="telling", kinds=(("alert",), ("card", "copy"), ("file",)))
IMPORTING = JobLane(name="importing", kinds=(("import",),), of_all=1)
REST = JobLane(name="rest", but=frozenset({"alert", "card", "copy", "file", "import"}))


async def enqueue(store: Store, *kinds: str, person: str = "", **options: object) -> None:
    async with store.write() as uow:
        for kind in kinds:
            await uow.jobs.enqueue(kind, {"of": person}, person=person, **options)  # type: ignore[arg-type]


async def claim(store: Store, lane: JobLane, *, limit: int = 10, worker: str = "one") -> list[Job]:
    async with store.write() as uow:
        return await uow.jobs.claim(worker, store.clock(), LEASE, limit, lane=lane)


async def in_turn(store: Store, lane: JobLane) -> list[str]:
    """Whose jobs are done one after the other, until none is left."""
    order = []
    while taken := await claim(store, lane, limit=1):
        order.append(taken[0].person)
        async with store.write() as uow:
            await uow.jobs.finish(taken[0])
    return order


async def test_a_lane_takes_its_own_kinds_and_the_last_one_what_nobody_knows(store: Store) -> None:
    await enqueue(store, "import", "card", "from another version")
    assert [job.kind for job in await claim(store, TELLING)] == ["card"]
    assert [job.kind for job in await claim(store, REST)] == ["from another version"]
    assert [job.kind for job in await claim(store, IMPORTING)] == ["import"]


async def test_only_lanes_of_kinds_that_are_due_have_to_be_asked(store: Store, clock: Clock) -> None:
    async def asked(but: int = 0) -> tuple[set[str], list[str]]:
        async with store.write() as uow:
            due = await uow.jobs.kinds_due(store.clock(), but=[but])
        return set(due), [lane.name for lane in (TELLING, IMPORTING, REST) if lane.takes_any(due)]

    assert await asked() == (set(), [])
    await enqueue(store, "file", "from another version", "card", "card")
    await enqueue(store, "import", run_at=clock() + timedelta(seconds=60))
    assert await asked() == ({"file", "from another version", "card"}, ["telling", "rest"])
    [odd] = await claim(store, REST)
    assert await asked() == ({"file", "card"}, ["telling"])
    await claim(store, TELLING)
    assert await asked() == (set(), [])
    clock.advance(seconds=61)
    assert await asked() == ({"file", "from another version", "card", "import"}, ["telling", "importing", "rest"])
    assert await asked(but=odd.id) == ({"file", "card", "import"}, ["telling", "importing"])


async def test_the_most_urgent_come_first_and_of_those_the_oldest(store: Store, clock: Clock) -> None:
    for kind in ("file", "copy", "card", "alert", "card"):
        await enqueue(store, kind)
        clock.advance(seconds=1)
    assert [job.kind for job in await claim(store, TELLING)] == ["alert", "copy", "card", "card", "file"]


async def test_people_take_turns_whoever_came_first(store: Store, clock: Clock) -> None:
    await enqueue(store, *["import"] * 4, person="many")
    clock.advance(seconds=1)
    await enqueue(store, "import", "import", person="few")
    clock.advance(seconds=1)
    await enqueue(store, "import", person="one")
    assert await in_turn(store, IMPORTING) == ["many", "few", "one", "many", "few", "many", "many"]


async def test_who_comes_later_gets_the_present_turn(store: Store, clock: Clock) -> None:
    await enqueue(store, *["import"] * 16, person="many")
    for _ in range(5):
        [job] = await claim(store, IMPORTING)
        async with store.write() as uow:
            await uow.jobs.finish(job)
    clock.advance(seconds=1)
    await enqueue(store, "import", person="late")
    assert (await in_turn(store, IMPORTING)).index("late") == 1


async def test_a_place_of_all_processes_is_one(open_store: Callable[..., Store], clock: Clock) -> None:
    one, two = open_store(), open_store()
    await enqueue(one, *["import"] * 3)
    [first] = await claim(one, IMPORTING, worker="one")
    assert await claim(two, IMPORTING, worker="two") == []
    assert await claim(one, IMPORTING, worker="one") == []
    async with one.write() as uow:
        await uow.jobs.finish(first)
    assert len(await claim(two, IMPORTING, worker="two")) == 1


async def test_a_place_of_all_processes_is_free_again_when_its_worker_is_gone(store: Store, clock: Clock) -> None:
    await enqueue(store, *["import"] * 2)
    [first] = await claim(store, IMPORTING, worker="gone")
    clock.advance(seconds=LEASE)
    [taken] = await claim(store, IMPORTING, worker="two")
    assert taken.id == first.id, "what it did is taken over first"
    assert await claim(store, IMPORTING, worker="three") == []


async def test_many_claims_at_once_take_one_between_them(open_store: Callable[..., Store]) -> None:
    stores = [open_store() for _ in range(4)]
    await enqueue(stores[0], *["import"] * 8)
    taken = await asyncio.gather(*(claim(store, IMPORTING, worker=str(n)) for n, store in enumerate(stores)))
    assert sum(map(len, taken)) == 1


async def test_another_tenants_import_takes_no_place(open_store: Callable[..., Store]) -> None:
    contoso, fabrikam = open_store(tenant_id="contoso"), open_store(tenant_id="fabrikam")
    await enqueue(contoso, "import")
    await enqueue(fabrikam, "import")
    assert len(await claim(contoso, IMPORTING)) == len(await claim(fabrikam, IMPORTING)) == 1


async def test_how_many_somebody_has_waiting(store: Store) -> None:
    await enqueue(store, "import", "import", "card", person="U1")
    await enqueue(store, "import", person="U2")
    [job] = await claim(store, IMPORTING)
    async with store.write() as uow:
        assert await uow.jobs.count_of("U1", ("import", "file")) == 2, "what is being done counts too"
        await uow.jobs.mark_dead(job, "It fails.")
        assert await uow.jobs.count_of(job.person, ("import",)) == 1


LATE = JobLane(name="applying", kinds=(("apply",),), late_after=timedelta(minutes=1))


async def late(store: Store, clock: Clock, lane: JobLane = LATE) -> list[int]:
    async with store.write() as uow:
        return [job.id for job in await uow.jobs.newly_late(lane, clock())]


@pytest.mark.parametrize("held", ["by no place", "by its handler", "by its failures", "by itself"])
async def test_a_job_is_late_some_time_after_it_was_due_whatever_holds_it_and_once(
    store: Store, clock: Clock, held: str
) -> None:
    await enqueue(store, "apply", run_at=clock() + timedelta(minutes=10))
    clock.advance(minutes=10)
    if held != "by no place":
        [job] = await claim(store, LATE)
        async with store.write() as uow:
            match held:
                case "by its failures":
                    await uow.jobs.retry(job, clock() + timedelta(hours=1), "It fails.")
                case "by itself":
                    await uow.jobs.retry(job, clock() + timedelta(hours=1), "Not yet.", counts=False)
    clock.advance(seconds=59)
    assert await late(store, clock) == []
    clock.advance(seconds=1)
    assert len(await late(store, clock)) == 1
    assert await late(store, clock) == []


async def test_jobs_of_a_lane_without_a_time_are_never_late(store: Store, clock: Clock) -> None:
    await enqueue(store, "card")
    clock.advance(hours=5)
    assert await late(store, clock, TELLING) == []


async def test_a_job_that_was_given_up_is_not_late_and_may_be_again_once_revived(store: Store, clock: Clock) -> None:
    await enqueue(store, "apply")
    [job] = await claim(store, LATE)
    clock.advance(minutes=2)
    assert await late(store, clock) == [job.id]
    async with store.write() as uow:
        await uow.jobs.mark_dead(job, "It fails.")
    async with store.write() as uow:
        await uow.jobs.revive(job.id)
    assert await late(store, clock) == []
    clock.advance(minutes=1)
    assert await late(store, clock) == [job.id]


async def test_whether_others_are_known_to_be_late(store: Store, clock: Clock) -> None:
    await enqueue(store, "apply")
    clock.advance(minutes=2)
    async with store.write() as uow:
        first = await uow.jobs.newly_late(LATE, clock())
        assert not await uow.jobs.has_others_told_late(LATE, first)
    await enqueue(store, "apply")
    clock.advance(minutes=2)
    async with store.write() as uow:
        second = await uow.jobs.newly_late(LATE, clock())
        assert len(second) == 1
        assert await uow.jobs.has_others_told_late(LATE, second)


async def test_how_jobs_stand_and_since_when_somebody_does_them(store: Store, clock: Clock) -> None:
    await enqueue(store, "apply")
    queued = clock()
    async with store.read() as uow:
        [waits] = await uow.jobs.standing("apply", doing="other")
        assert (waits.kind, waits.since, waits.run_at, waits.due_at, waits.error) == ("apply", None, queued, queued, "")
        assert await uow.jobs.standing("other", doing="apply") == []
    clock.advance(minutes=2)
    await claim(store, LATE)
    taken = clock()
    clock.advance(minutes=2)
    async with store.read() as uow:
        assert [job.since for job in await uow.jobs.standing("apply", doing="other")] == [taken]
        assert [job.since for job in await uow.jobs.standing("other", doing="apply")] == [taken]
        assert await uow.jobs.standing("other", doing="another") == []


ADDRESS = "https://hooks.example/1"


async def test_an_address_is_kept_no_longer_than_it_works(store: Store, clock: Clock) -> None:
    async with store.write() as uow:
        await uow.jobs.enqueue("copy", {"user": "U1", "response_url": ADDRESS})
    clock.advance(minutes=31)
    async with store.write() as uow:
        await uow.jobs.enqueue("copy", {"user": "U2", "response_url": ADDRESS})
        await uow.jobs.enqueue("alert", {"user": "U3"})
    async with store.write() as uow:
        assert await uow.jobs.forget_addresses(("copy",), clock() - timedelta(minutes=30)) == 1
    async with store.read() as uow:
        payloads = [job.payload for job in await uow.jobs.waiting()]
    assert payloads == [{"user": "U1", "response_url": ""}, {"user": "U2", "response_url": ADDRESS}, {"user": "U3"}]


async def test_an_address_that_is_used_up_goes_at_once(store: Store) -> None:
    async with store.write() as uow:
        await uow.jobs.enqueue("copy", {"user": "U1", "response_url": ADDRESS})
    [job] = await claim(store, TELLING)
    async with store.write() as uow:
        await uow.jobs.forget_address(job)
    async with store.read() as uow:
        [waiting] = await uow.jobs.waiting()
    assert waiting.payload == {"user": "U1", "response_url": ""}


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
async def test_nothing_of_an_address_stays_in_the_file(store: Store, database_url: str) -> None:
    async with store.write() as uow:
        await uow.jobs.enqueue("copy", {"user": "U1", "response_url": ADDRESS})
    [job] = await claim(store, TELLING)
    async with store.write() as uow:
        await uow.jobs.finish(job)
    await store.close()
    file = Path(database_url.removeprefix("sqlite:///"))
    assert ADDRESS.encode() not in await asyncio.to_thread(file.read_bytes)
