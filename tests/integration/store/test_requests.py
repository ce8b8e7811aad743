"""Requests in the store: faithful, and settled by compare-and-set whoever tries at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta, timezone

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.indicators.indicator import Kind, Note
from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action, ListName
from bot.domain.requests.request import TRANSITIONS, Decision, ItemState, RequestWarning, Review, Status, may_follow
from bot.errors import Conflict, NotFound
from bot.store import Store
from tests.integration.databases import Clock
from tests.support.requests import add_request
from tests.support.requests_made import newest_requests


def approval(reviewer: str, clock: Clock) -> Review:
    return Review(reviewer=reviewer, decision=Decision.APPROVE, at=clock(), comment="fine")


async def test_a_request_comes_back_as_it_was_written(store: Store, clock: Clock) -> None:
    warnings = (RequestWarning(code="ip_allow_skips_filtering", text="All of it.", serious=True),)
    async with store.write() as uow:
        added = await add_request(
            uow,
            store,
            operation=Operation.REMOVE,
            action=Action.ALLOW,
            list=ListName.CONNECTION_FILTER,
            reason="“quotes”, <!channel>, '; DROP TABLE requests; --",
            expires=clock() + timedelta(days=7),
            approvals_needed=2,
            warnings=warnings,
            indicators=[(Kind.IPV4, "203.0.113.7"), (Kind.IPV4_NETWORK, "198.51.100.0/24")],
        )
        assert await uow.requests.add_review(added.id, approval("U2", clock))
    assert added.status is Status.PENDING
    assert [(item.kind, item.value, item.state) for item in added.items] == [
        (Kind.IPV4, "203.0.113.7", ItemState.PROPOSED),
        (Kind.IPV4_NETWORK, "198.51.100.0/24", ItemState.PROPOSED),
    ]
    async with store.read() as uow:
        read = await uow.requests.get(added.id)
    assert read.reviews == (approval("U2", clock),)
    assert read.warnings == warnings
    assert read.expires == clock() + timedelta(days=7)
    assert read.reason == "“quotes”, <!channel>, '; DROP TABLE requests; --"
    assert (read.created_at, read.lapses_at) == (clock(), clock() + timedelta(days=3))


async def test_a_request_for_one_indicator_is_told_as_it_is_kept(store: Store, clock: Clock) -> None:
    """It isn't read where it is written: what is returned is what somebody who reads it finds."""
    async with store.write() as uow:
        added = await add_request(
            uow,
            store,
            reason="\x00 a zero, \ud800 half a character",
            expires=(clock() + timedelta(days=7)).astimezone(timezone(timedelta(hours=5))),
            lasts=timedelta(days=7, milliseconds=600),
            warnings=(RequestWarning(code="c", text="\x00", serious=True),),
            indicators=[(Kind.DOMAIN, "evil.example", 3)],
            notes={"evil.example": [Note(code="n", text="\x00 noticed")]},
        )
        assert added == await uow.requests.summary(added.id)
    async with store.read() as uow:
        assert added == await uow.requests.summary(added.id)


async def test_how_its_items_stand_is_read_without_them(store: Store, open_store: Callable[..., Store]) -> None:
    async with store.write() as uow:
        few = await add_request(uow, store, indicators=[(Kind.DOMAIN, "one.example"), (Kind.DOMAIN, "two.example")])
        other = await add_request(uow, store)
        await uow.requests.set_items({few.items[0].id: (ItemState.APPLIED, "")})
    async with store.read() as uow:
        found = await uow.requests.without_items([few.id, other.id, 99])
        assert {number: (each.items, each.counts) for number, each in found.items()} == {
            few.id: ((), {ItemState.APPLIED: 1, ItemState.PROPOSED: 1}),
            other.id: ((), {ItemState.PROPOSED: 1}),
        }
        assert await uow.requests.counts(few.id) == found[few.id].counts
        assert await uow.requests.states(few.id) == {
            few.items[0].id: ItemState.APPLIED,
            few.items[1].id: ItemState.PROPOSED,
        }
        assert await uow.requests.without_items([]) == {}
    async with open_store(tenant_id="fabrikam").read() as uow:
        assert (await uow.requests.states(few.id), await uow.requests.without_items([few.id])) == ({}, {})


async def test_another_tenants_request_is_not_found(open_store: Callable[..., Store], clock: Clock) -> None:
    contoso, fabrikam = open_store(tenant_id="contoso"), open_store(tenant_id="fabrikam")
    async with contoso.write() as uow:
        request = await add_request(uow, contoso)
    async with fabrikam.write() as uow:
        with pytest.raises(NotFound):
            await uow.requests.get(request.id)
        assert not await uow.requests.move(request.id, expected=Status.PENDING, to=Status.APPROVED)
        await uow.requests.set_items({request.items[0].id: (ItemState.APPLIED, "")})
        assert await newest_requests(uow) == []
    async with contoso.read() as uow:
        assert await uow.requests.summary(request.id) == request


async def test_what_was_noticed_of_an_item_is_kept_with_it(store: Store) -> None:
    notes = (
        Note(code="label_stripped", text="‘From:’ was left out: it says what stands behind it."),
        Note(code="punycode", text="xn--bcher-kva.example is shown to people as ‘bücher.example’."),
    )
    async with store.write() as uow:
        indicators = [(Kind.DOMAIN, "a.example"), (Kind.DOMAIN, "xn--bcher-kva.example")]
        request = await add_request(uow, store, indicators=indicators, notes={"xn--bcher-kva.example": notes})
    async with store.read() as uow:
        whole = await uow.requests.get(request.id)
    assert [item.notes for item in whole.items] == [(), notes]
    assert [item.notes for item in request.items] == [(), notes]


async def test_items_are_updated(store: Store) -> None:
    async with store.write() as uow:
        request = await add_request(uow, store, indicators=[(Kind.DOMAIN, "a.example"), (Kind.DOMAIN, "b.example")])
        await uow.requests.set_items({request.items[1].id: (ItemState.REFUSED, "Value is a duplicate")})
        after = await uow.requests.get(request.id, lock=True)
    assert [(item.state, item.outcome) for item in after.items] == [
        (ItemState.PROPOSED, ""),
        (ItemState.REFUSED, "Value is a duplicate"),
    ]


async def test_nobody_reviews_twice(open_store: Callable[..., Store], clock: Clock) -> None:
    stores = [open_store() for _ in range(3)]
    async with stores[0].write() as uow:
        request = await add_request(uow, stores[0])

    async def click(store: Store) -> bool:
        async with store.write() as uow:
            return await uow.requests.add_review(request.id, approval("U2", clock))

    assert sorted(await asyncio.gather(*map(click, stores))) == [False, False, True]


@pytest.mark.parametrize("lock", [True, False])
async def test_of_seven_approvals_at_once_one_moves_the_request(
    open_store: Callable[..., Store], clock: Clock, lock: bool
) -> None:
    stores = [open_store() for _ in range(7)]
    async with stores[0].write() as uow:
        request = await add_request(uow, stores[0])

    async def approve(number: int) -> bool:
        async with stores[number].write() as uow:
            await uow.requests.get(request.id, lock=lock)
            assert await uow.requests.add_review(request.id, approval(f"U{number}", clock))
            moved = await uow.requests.move(request.id, expected=Status.PENDING, to=Status.APPROVED)
            if moved:
                await uow.jobs.enqueue("apply", {"request_id": request.id})
            return moved

    outcomes = await asyncio.gather(*map(approve, range(7)))
    assert sorted(outcomes) == [False] * 6 + [True]
    async with stores[0].read() as uow:
        assert len(await uow.jobs.waiting(kind="apply")) == 1
        assert len((await uow.requests.get(request.id)).reviews) == 7


async def test_pages_by_number(store: Store, clock: Clock) -> None:
    async with store.write() as uow:
        ids = [(await add_request(uow, store, requester=f"U{number % 2}")).id for number in range(5)]
        await uow.requests.move(ids[0], expected=Status.PENDING, to=Status.DENIED)
    async with store.read() as uow:
        page = uow.requests.proposal_page
        assert [request.id for request in await page(limit=2)] == [ids[4], ids[3]]
        assert [request.id for request in await page(limit=2, before_id=ids[3])] == [ids[2], ids[1]]
        assert [request.id for request in await page(requester="U0")] == [ids[4], ids[2], ids[0]]
        assert [request.id for request in await page(statuses=[Status.DENIED])] == [ids[0]]
        assert await page(statuses=[]) == []


async def test_failure_text_is_kept(store: Store) -> None:
    async with store.write() as uow:
        request = await add_request(uow, store)
        for expected, to, failure in (
            (Status.PENDING, Status.APPROVED, ""),
            (Status.APPROVED, Status.APPLYING, ""),
            (Status.APPLYING, Status.FAILED, "The list is full."),
        ):
            assert await uow.requests.move(request.id, expected=expected, to=to, failure=failure)
        assert (await uow.requests.get(request.id)).failure == "The list is full."


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.tuples(st.sampled_from(list(Status)), st.sampled_from(list(Status))), max_size=12))
async def test_a_requests_life_follows_the_transitions(store: Store, steps: list[tuple[Status, Status]]) -> None:
    async with store.write() as uow:
        request = await add_request(uow, store)
        status = Status.PENDING
        for expected, to in steps:
            if not may_follow(expected, to):
                with pytest.raises(Conflict, match="can't go from"):
                    await uow.requests.move(request.id, expected=expected, to=to)
                continue
            moved = await uow.requests.move(request.id, expected=expected, to=to)
            assert moved == (expected is status)
            status = to if moved else status
        assert (await uow.requests.get(request.id)).status is status
        assert status is Status.PENDING or any(status in follow for follow in TRANSITIONS.values())
