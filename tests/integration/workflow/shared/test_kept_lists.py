"""What was read becomes a part of the snapshot, and what could not be read takes nothing out of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.lists.entries import Entry, Snapshot
from bot.domain.lists.traits import Action, ListName
from bot.errors import LeaseLost
from bot.store import Job
from bot.workflow.shared.job_kinds import JobKind
from bot.workflow.shared.jobs import read_lists_anew
from bot.workflow.shared.kept_lists import keep_lists
from tests.integration.workflow.conftest import Stage

#: The databases' differences are the store's matter.
pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)

READ = (ListName.SENDER, ListName.URL)


def held(name: ListName, value: str) -> Entry:
    return Entry(list=name, action=Action.BLOCK, value=value)


async def claimed(stage: Stage) -> Job:
    async with stage.context.store.write() as uow:
        await read_lists_anew(uow)
    async with stage.context.store.write() as uow:
        [job] = [job for job in await uow.jobs.claim("by hand", stage.clock(), 30, 1) if job.kind == JobKind.WATCH]
    return job


async def values(stage: Stage) -> set[str]:
    async with stage.context.store.read() as uow:
        lists = await uow.snapshots.load()
    assert lists is not None
    assert not lists.unreadable
    return {entry.value for entry in lists.entries}


@pytest.mark.parametrize(
    ("unreadable", "kept"),
    [
        ({}, {"new.example", "new.example/pay", "0" * 64}),
        ({ListName.URL: "The service didn't answer."}, {"new.example", "old.example/pay", "0" * 64}),
        (dict.fromkeys(READ, "The service didn't answer."), {"old.example", "old.example/pay", "0" * 64}),
    ],
)
async def test_what_was_read_is_kept_and_the_rest_stays(
    stage: Stage, unreadable: dict[ListName, str], kept: set[str]
) -> None:
    job = await claimed(stage)
    old = (held(ListName.SENDER, "old.example"), held(ListName.URL, "old.example/pay"), held(ListName.FILE, "0" * 64))
    new = (held(ListName.SENDER, "new.example"), held(ListName.URL, "new.example/pay"))
    before = Snapshot(as_of=stage.clock(), policies=(), entries=old)
    async with stage.context.store.write() as uow:
        await uow.snapshots.save(before)
    read = replace(
        before,
        as_of=stage.clock() + timedelta(minutes=1),
        entries=tuple(entry for entry in new if entry.list not in unreadable),
        unreadable=unreadable,
    )
    await keep_lists(stage.context, job, read, READ)
    assert await values(stage) == kept


async def test_a_worker_that_lost_its_job_keeps_nothing(stage: Stage) -> None:
    job = await claimed(stage)
    before = Snapshot(as_of=stage.clock(), policies=(), entries=(held(ListName.SENDER, "old.example"),))
    async with stage.context.store.write() as uow:
        await uow.snapshots.save(before)
        await uow.jobs.release(job)
    with pytest.raises(LeaseLost):
        await keep_lists(stage.context, job, replace(before, entries=()), READ)
    assert await values(stage) == {"old.example"}
