"""One click blocks the subdomains too: another request takes the place of the pending one, in one commit."""

from __future__ import annotations

import asyncio

import pytest

from bot.domain.lists.traits import Action
from bot.domain.requests.request import ItemState, Request, Status
from bot.errors import Conflict, NotFound, NotPermitted
from bot.store import AuditFilter
from bot.workflow.requesting.propose import Proposed
from bot.workflow.requesting.widen import add_subdomains
from tests.integration.workflow.conftest import Stage
from tests.support.deciding import decide_on, shown
from tests.support.people import APPROVER, REQUESTER
from tests.support.requests_made import newest_requests

sqlite_only = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


async def widened(stage: Stage, request: Request, *, delivery: str = "a click") -> Proposed:
    return await add_subdomains(
        stage.context, actor=REQUESTER, request_id=request.id, version=request.version, delivery=delivery
    )


async def logged(stage: Stage, request: Request) -> list[tuple[str, object]]:
    async with stage.context.store.read() as uow:
        events = await uow.audit.page(filters=AuditFilter(request_id=request.id, limit=20))
    return [(event.kind, event.payload.get("reason")) for event in reversed(events)]


async def test_the_new_request_has_both_and_the_old_one_is_withdrawn(stage: Stage) -> None:
    await stage.snapshot()
    before = await stage.propose("evil.example", "other.example")

    proposed = await widened(stage, before)

    [after] = proposed.requests
    assert [item.value for item in (await stage.request(after)).items] == [
        "evil.example",
        "*.evil.example",
        "other.example",
        "*.other.example",
    ]
    assert (after.reason, after.expires, after.requester) == (before.reason, before.expires, before.requester)
    assert after.status is Status.PENDING
    codes = {warning.code for warning in after.warnings}
    assert "replaces" in codes
    assert not codes & {"subdomains_not_covered", "domain_itself_unsure", "pending_same"}
    assert (await stage.request(before)).status is Status.WITHDRAWN
    assert await logged(stage, before) == [
        ("request.proposed", before.reason),
        ("request.withdrawn", f"replaced by #{after.id}"),
    ]
    assert [kind for kind, _ in await logged(stage, after)] == ["request.proposed"]


@sqlite_only
async def test_what_an_approver_left_out_is_not_asked_for_again(stage: Stage) -> None:
    before = await stage.propose("evil.example", "good.example")
    good = await stage.item_of(before, "good.example")
    async with stage.context.store.write() as uow:
        await uow.requests.set_items({good.id: (ItemState.LEFT_OUT, "")})
    [after] = (await widened(stage, await stage.request(before))).requests
    assert [item.value for item in (await stage.request(after)).items] == ["evil.example", "*.evil.example"]


async def test_a_click_on_the_old_card_counts_no_more(stage: Stage) -> None:
    before = await stage.propose("evil.example")
    old = await shown(stage.context, before.id)
    [after] = (await widened(stage, before)).requests
    with pytest.raises(Conflict, match="withdrawn already"):
        await decide_on(stage.context, before, seen=old)
    assert (await stage.request(after)).reviews == ()


async def test_the_same_delivery_gives_the_same_answer_and_another_click_is_told(stage: Stage) -> None:
    before = await stage.propose("evil.example")
    [first] = (await widened(stage, before)).requests
    [again] = (await widened(stage, before)).requests
    assert first.id == again.id
    with pytest.raises(Conflict, match="isn't open any more"):
        await widened(stage, before, delivery="a second click")
    async with stage.context.store.read() as uow:
        assert len(await newest_requests(uow, limit=10)) == 2


async def test_of_two_clicks_at_once_one_counts(stage: Stage) -> None:
    before = await stage.propose("evil.example")
    came = await asyncio.gather(
        *(widened(stage, before, delivery=f"click {number}") for number in range(2)), return_exceptions=True
    )
    assert sum(isinstance(each, Proposed) for each in came) == 1
    assert sum(isinstance(each, Conflict) for each in came) == 1
    async with stage.context.store.read() as uow:
        requests = await newest_requests(uow, limit=10)
    assert sorted(request.status for request in requests) == [Status.PENDING, Status.WITHDRAWN]


@sqlite_only
async def test_only_its_requester_may(stage: Stage) -> None:
    before = await stage.propose("evil.example")
    with pytest.raises(NotPermitted):
        await add_subdomains(
            stage.context, actor=APPROVER, request_id=before.id, version=before.version, delivery="a click"
        )
    with pytest.raises(NotFound):
        await add_subdomains(
            stage.context, actor=REQUESTER, request_id=before.id + 9, version=before.version, delivery="another"
        )
    assert (await stage.request(before)).status is Status.PENDING


@sqlite_only
@pytest.mark.parametrize("value", ["*.evil.example", "someone@evil.example", "203.0.113.7"])
async def test_where_nothing_is_left_out_there_is_nothing_to_add(stage: Stage, value: str) -> None:
    before = await stage.propose(value)
    with pytest.raises(Conflict, match="no domain whose subdomains"):
        await widened(stage, before)
    assert (await stage.request(before)).status is Status.PENDING


@sqlite_only
async def test_where_policy_refuses_both_the_old_one_stays(stage: Stage) -> None:
    before = await stage.propose("evil.example")
    new = {"ListType": "Sender", "Entries": ["*.evil.example"], Action.ALLOW.value.title(): True}
    stage.standin.edit("New-TenantAllowBlockListItems", {**new, "RemoveAfter": 45})
    await stage.snapshot()

    proposed = await widened(stage, before)

    assert proposed.requests == ()
    assert [refusal.code for refusal in proposed.refusals] == ["other_action"]
    assert (await stage.request(before)).status is Status.PENDING
