"""Keeping entries within a transaction: the lock, the order, and what the other requests are told."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from bot.domain.lists.change import Operation
from bot.domain.lists.traits import ListName
from bot.domain.requests.ends import ENDING
from bot.domain.requests.request import ItemState, Request
from bot.errors import TenantUnavailable
from bot.store import UnitOfWork
from bot.workflow.shared.job_kinds import JobKind
from bot.workflow.shared.keeping import EntryKeeper
from tests.integration.databases import Clock, until_blocked
from tests.integration.workflow.conftest import Stage

IP, ANOTHER = "203.0.113.7", "203.0.113.8"

ON_SQLITE = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
ON_POSTGRESQL = pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)

AT = Clock().now

Record = Callable[[EntryKeeper, list[str]], Awaitable[object]]

RECORD: dict[str, Record] = {
    "keep": lambda keeper, values: keeper.keep(dict.fromkeys(values), at=AT),
    "extend": lambda keeper, values: keeper.extend(values, at=AT),
    "annotate": lambda keeper, values: keeper.annotate(values),
    "release": lambda keeper, values: keeper.release(values, at=AT),
    "end": lambda keeper, values: keeper.end(values, "expired", at=AT),
}


async def kept(stage: Stage, end: str, *values: str) -> Request:
    """A request that keeps addresses, as if it had just added them."""
    request = await stage.approved(*values, end=end)
    async with stage.context.store.write() as uow:
        await (await EntryKeeper.open(uow, request, values)).keep(dict.fromkeys(values), at=stage.clock())
    return request


async def keepers(stage: Stage) -> dict[str, int]:
    return {entry.value: entry.request_id for entry in await stage.known(ListName.CONNECTION_FILTER)}


@ON_SQLITE
@pytest.mark.parametrize("record", RECORD.values(), ids=RECORD.keys())
async def test_a_value_is_recorded_once_and_only_within_the_stride(stage: Stage, record: Record) -> None:
    request = await stage.approved(IP, end="5d")
    async with stage.context.store.write() as uow:
        keeper = await EntryKeeper.open(uow, request, [IP])
        with pytest.raises(ValueError, match="still holds"):
            await record(keeper, [ANOTHER])
        await record(keeper, [IP])
        for again in RECORD.values():
            with pytest.raises(ValueError, match="still holds"):
                await again(keeper, [IP])


@ON_POSTGRESQL
@pytest.mark.parametrize("values", [[IP], [ANOTHER], [IP, ANOTHER]])
async def test_who_opens_a_stride_waits_for_who_has_it(stage: Stage, database_url: str, values: list[str]) -> None:
    """In a short list for any values: one may be another's, otherwise spelled."""
    request = await kept(stage, "5d", IP)
    opened: list[EntryKeeper] = []

    async def open_it() -> None:
        async with stage.context.store.write() as uow:
            opened.append(await EntryKeeper.open(uow, request, values))

    async with stage.context.store.write() as uow:
        await EntryKeeper.open(uow, request, [IP])
        opening = asyncio.create_task(open_it())
        await until_blocked(opening, database_url)
        assert not opened
    await opening
    assert opened


@ON_SQLITE
async def test_the_keeper_of_until_now_is_told(stage: Stage) -> None:
    first = await kept(stage, "5d", IP, ANOTHER)
    later = await kept(stage, "9d", IP)
    assert await keepers(stage) == {IP: later.id, ANOTHER: first.id}
    told, other = (await stage.request(first)).items
    assert told.outcome == f"kept on, until 2030-01-11 03:04 UTC, by #{later.id}"
    assert (told.state, other.outcome) == (ItemState.PROPOSED, "")
    assert first.id in {job.payload["request_id"] for job in await stage.waiting(JobKind.NOTIFY)}


@ON_SQLITE
@pytest.mark.parametrize("given_up", [False, True])
async def test_what_is_being_taken_out_is_left_alone(stage: Stage, given_up: bool) -> None:
    first = await kept(stage, "5d", IP)
    later = await stage.approved(IP, end="9d")
    async with stage.context.store.write() as uow:
        await uow.requests.set_items({first.items[0].id: (ItemState.CONFIRMED, ENDING)})

    async def keep_it(uow: UnitOfWork) -> None:
        await (await EntryKeeper.open(uow, later, [IP])).keep({IP: None}, at=stage.clock(), given_up=given_up)

    if given_up:
        async with stage.context.store.write() as uow:
            await keep_it(uow)
        assert await keepers(stage) == {IP: later.id}
        return
    with pytest.raises(TenantUnavailable, match=f"#{first.id} .* being removed"):
        async with stage.context.store.write() as uow:
            await keep_it(uow)
    assert await keepers(stage) == {IP: first.id}
    assert (await stage.item(first)).outcome == ENDING


@ON_SQLITE
async def test_a_request_ends_only_what_it_keeps_itself(stage: Stage) -> None:
    first = await kept(stage, "5d", IP, ANOTHER)
    later = await kept(stage, "9d", IP)
    async with stage.context.store.write() as uow:
        await (await EntryKeeper.open(uow, first, [IP, ANOTHER])).end([IP, ANOTHER], "expired", at=stage.clock())
    assert await keepers(stage) == {IP: later.id}


@ON_SQLITE
async def test_a_removal_ends_the_keeping_and_tells_it(stage: Stage) -> None:
    first = await kept(stage, "5d", IP, ANOTHER)
    removal = replace(await stage.approved(IP, end="1d"), operation=Operation.REMOVE)
    async with stage.context.store.write() as uow:
        [event] = await (await EntryKeeper.open(uow, removal, [IP])).release([IP], at=stage.clock())
    assert (event.kind, event.target, event.request_id) == ("item.removed", IP, first.id)
    assert event.payload["outcome"] == f"by #{removal.id}"
    assert await keepers(stage) == {ANOTHER: first.id}
    item = await stage.item_of(first, IP)
    assert (item.state, item.outcome) == (ItemState.REMOVED, f"by #{removal.id}")
