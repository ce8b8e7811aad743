"""Requests with thousands of items: summaries, progress, what was set aside, and who else names the same values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from bot.domain.indicators.indicator import Kind
from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action, ListName
from bot.domain.requests.evidence import Evidence
from bot.domain.requests.request import MOST_NAMED_ASIDE, Item, ItemState, Request, SetAside, Status
from bot.errors import NotFound
from bot.store import Store
from bot.store.tables import RequestRow
from tests.support.requests import add_request
from tests.support.requests_made import newest_requests

#: More than either database takes as parameters of one statement.
TOO_MANY = 70_000


def domains(count: int) -> list[tuple[str, str]]:
    return [(Kind.DOMAIN, f"bad{number}.example") for number in range(count)]


def shown_first(request: Request, items: int) -> tuple[Item, ...]:
    """What a summary should show, worked out from all items."""

    def rank(item: Item) -> tuple[int, int]:
        match item.state:
            case ItemState.REFUSED:
                return 0, item.id
            case ItemState.INTENDED:
                return 1, item.id
            case ItemState.REMOVED | ItemState.EXPIRED:
                return 2, item.id
            case _:
                return 3, item.id

    return tuple(sorted(request.items, key=rank)[:items])


async def test_everything_about_an_import_comes_back(store: Store) -> None:
    aside = [
        SetAside(line=7, typed="héllo\0", code="unreadable", reason="It reads as no indicator."),
        SetAside(line=3, typed="bad[.]example", value="bad.example", code="exists", reason="It is blocked already."),
    ]
    async with store.write() as uow:
        request = await add_request(
            uow,
            store,
            indicators=[(Kind.DOMAIN, "a.example", 2), (Kind.DOMAIN, "b.example")],
            set_aside=aside,
            evidence=Evidence(recipient="requester@contoso.com", file_name="message.eml"),
            operation=Operation.SUBMIT,
        )
    async with store.read() as uow:
        assert await uow.requests.summary(request.id) == request
        assert await uow.requests.get(request.id) == replace(request, tally={})
        lines = await uow.requests.set_aside(request.id)
    assert [item.line for item in request.items] == [2, None]
    assert (request.set_aside, request.named_aside) == (2, tuple(lines))
    assert request.evidence == Evidence(recipient="requester@contoso.com", file_name="message.eml")
    assert [line.line for line in lines] == [3, 7]
    assert lines[0] == aside[1]
    assert lines[1].typed == "héllo\ufffd"


@pytest.mark.parametrize(("count", "named"), [(MOST_NAMED_ASIDE, MOST_NAMED_ASIDE), (MOST_NAMED_ASIDE + 1, 0)])
async def test_what_was_set_aside_comes_with_its_request_where_it_is_little(
    store: Store, count: int, named: int
) -> None:
    aside = [SetAside(line=number, typed="?", code="unreadable", reason="?") for number in range(1, count + 1)]
    async with store.write() as uow:
        others = await add_request(uow, store)
        request = await add_request(uow, store, set_aside=aside)
        page = await newest_requests(uow, limit=10)
    assert [(each.id, len(each.named_aside)) for each in page] == [(request.id, named), (others.id, 0)]


async def test_items_keep_their_order_and_all_of_them_change(store: Store) -> None:
    async with store.write() as uow:
        request = await uow.requests.get((await add_request(uow, store, indicators=domains(3_000))).id)
        assert [item.value for item in request.items] == [value for _, value in domains(3_000)]
        states = {
            item.id: (ItemState.REFUSED, f"number {number}") if number % 3 == 0 else (ItemState.APPLIED, "")
            for number, item in enumerate(request.items)
        }
        await uow.requests.set_items(states)
        await uow.requests.set_items({})
    async with store.read() as uow:
        after = await uow.requests.get(request.id)
    assert {item.id: (item.state, item.outcome) for item in after.items} == states


async def test_progress_is_kept(store: Store, open_store: Callable[..., Store]) -> None:
    async with store.write() as uow:
        request = await add_request(uow, store, indicators=domains(3))
        await uow.requests.set_sent(request.id, 2)
    async with open_store(tenant_id="another").write() as uow:
        await uow.requests.set_sent(request.id, 3)
    async with store.read() as uow:
        summary = await uow.requests.summary(request.id)
    assert (summary.sent, summary.total) == (2, 3)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    states=st.lists(st.sampled_from(list(ItemState)), max_size=40),
    items=st.integers(min_value=0, max_value=45),
)
@example(states=[ItemState.PROPOSED] * 30, items=25)
async def test_a_summary_shows_what_matters_most(store: Store, states: list[ItemState], items: int) -> None:
    async with store.write() as uow:
        # Another request beside it, whose items must not get in between.
        other = await add_request(uow, store, indicators=domains(2))
        request = await add_request(uow, store, indicators=domains(len(states)))
        added = await uow.requests.get(request.id)
        await uow.requests.set_items(
            {item.id: (state, state.value) for item, state in zip(added.items, states, strict=True)}
        )
        whole = await uow.requests.get(request.id)
        summary = await uow.requests.summary(request.id, items=items)
        page = await newest_requests(uow, limit=2, items=items)
    assert summary.items == shown_first(whole, items)
    assert summary.counts == Counter(states)
    assert summary.total == len(states)
    assert page[0] == summary
    assert page[1].id == other.id
    assert page[1].total == 2


async def test_a_summary_of_no_request_is_not_found(store: Store, open_store: Callable[..., Store]) -> None:
    async with store.write() as uow:
        request = await add_request(uow, store, set_aside=[SetAside(line=1, typed="?", code="unreadable", reason="?")])
    async with open_store(tenant_id="another").read() as uow:
        with pytest.raises(NotFound, match=f"#{request.id}"):
            await uow.requests.summary(request.id)
        assert await uow.requests.set_aside(request.id) == []


async def test_a_page_of_more_items_than_a_union_takes_parts(store: Store) -> None:
    async with store.write() as uow:
        for _ in range(260):
            request = await add_request(uow, store, indicators=domains(3))
            await uow.requests.set_items({request.items[1].id: (ItemState.REFUSED, "no")})
        page = await newest_requests(uow, limit=300, items=2)
    assert len(page) == 260
    states = [ItemState.REFUSED, ItemState.PROPOSED]
    assert all([item.state for item in request.items] == states and request.total == 3 for request in page)


class TestNaming:
    async def test_only_requests_under_way_in_the_same_list(
        self, store: Store, open_store: Callable[..., Store]
    ) -> None:
        both = [(Kind.DOMAIN, "a.example"), (Kind.DOMAIN, "b.example"), (Kind.DOMAIN, "c.example")]
        steps = [Status.PENDING, Status.APPROVED, Status.APPLYING, Status.APPLIED]
        under_way: list[int] = []
        async with store.write() as uow:
            for reached in range(len(steps)):
                request = await add_request(uow, store, indicators=both)
                for before, after in pairwise(steps[: reached + 1]):
                    assert await uow.requests.move(request.id, expected=before, to=after)
                under_way += [request.id] if steps[reached] is not Status.APPLIED else []
            await add_request(uow, store, indicators=both, list=ListName.URL)
            removal = await add_request(
                uow, store, indicators=[(Kind.DOMAIN, "b.example")], operation=Operation.REMOVE, action=Action.ALLOW
            )
        another = open_store(tenant_id="another")
        async with another.write() as uow:
            await add_request(uow, another, indicators=both)
        async with store.read() as uow:
            found = await uow.requests.naming(ListName.SENDER, ["c.example", "b.example", "d.example"])
            left_out = await uow.requests.naming(ListName.SENDER, {"b.example"}, but=removal.id)
            assert await uow.requests.naming(ListName.SENDER, []) == []
            assert await uow.requests.naming(ListName.FILE, ["b.example"]) == []
        assert [request.id for request in found] == [*under_way, removal.id]
        assert [[item.value for item in request.items] for request in found] == [["b.example", "c.example"]] * 3 + [
            ["b.example"]
        ]
        assert [request.total for request in found] == [3, 3, 3, 1]
        assert [request.id for request in left_out] == under_way
        assert {item.value for request in left_out for item in request.items} == {"b.example"}

    async def test_more_values_than_a_statement_takes(self, store: Store) -> None:
        values = [f"bad{number}.example" for number in range(TOO_MANY)]
        async with store.write() as uow:
            request = await add_request(uow, store, indicators=[(Kind.DOMAIN, values[-1]), (Kind.DOMAIN, values[0])])
        async with store.read() as uow:
            (found,) = await uow.requests.naming(ListName.SENDER, values)
        assert found.items == request.items


async def test_evidence_of_a_newer_version_is_read(store: Store) -> None:
    async with store.write() as uow:
        request = await add_request(uow, store, evidence=Evidence(recipient="requester@contoso.com"))
        await uow.requests._scope.session.execute(
            update(RequestRow).values(evidence={"recipient": "requester@contoso.com", "unheard_of": True})
        )
        assert (await uow.requests.get(request.id)).evidence == Evidence(recipient="requester@contoso.com")


async def test_a_request_is_read_with_some_of_its_items(store: Store) -> None:
    async with store.write() as uow:
        request = await add_request(uow, store, indicators=domains(600))
        other = await add_request(uow, store, indicators=domains(3))
    async with store.read() as uow:
        some = await uow.requests.with_values(request.id, ["bad599.example", "bad1.example", "none.example"])
        assert [(item.value, item.id) for item in some.items] == [
            (item.value, item.id)
            for item in (await uow.requests.get(request.id)).items
            if item.value in {"bad1.example", "bad599.example"}
        ]
        assert (some.id, some.total) == (request.id, 600)
        none = await uow.requests.with_values(other.id, ["bad599.example"])
        assert (none.id, none.items, none.total) == (other.id, (), 3)
        assert len((await uow.requests.with_values(request.id, [value for _, value in domains(600)])).items) == 600
        with pytest.raises(NotFound):
            await uow.requests.with_values(other.id + 1, ["bad1.example"])
