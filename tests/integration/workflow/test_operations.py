"""Every operation on every list, from the request to the tenant, to what Portcullis keeps, and to the end of it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.domain.lists.change import Operation
from bot.domain.lists.entries import has_ended
from bot.domain.lists.traits import Action, ListName
from bot.domain.outcomes import confirmation, findings
from bot.domain.policies.drafting import safe_list_off
from bot.domain.requests.ends import on
from bot.domain.requests.request import ItemState, Request, Status
from bot.playground.tenant.faults import FaultKind
from bot.workflow.shared.job_kinds import JobKind
from tests.integration.workflow.conftest import Stage

FILTER = "Set-HostedConnectionFilterPolicy"
NEW, SET = "New-TenantAllowBlockListItems", "Set-TenantAllowBlockListItems"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)

sqlite_only = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)

#: One value of every list: list, value, list type on the wire.
VALUES = {
    ListName.SENDER: "evil.example",
    ListName.URL: "evil.example/login",
    ListName.FILE: "a" * 64,
    ListName.IP: "2001:db8:1::/48",
    ListName.SPOOF: "fabrikam.com, 192.0.2.0/24",
    ListName.CONNECTION_FILTER: "203.0.113.7",
}
TYPES = {ListName.SENDER: "Sender", ListName.URL: "Url", ListName.FILE: "FileHash", ListName.IP: "IP"}
BARE = {ListName.SPOOF, ListName.CONNECTION_FILTER}


async def held(stage: Stage, name: ListName, action: Action = Action.BLOCK) -> bool:
    """Whether the tenant has the list's value now, and it has not ended."""
    reading = await stage.context.tenant.read_lists([name])
    return any(
        entry.value == VALUES[name] and entry.action is action and not has_ended(entry, stage.clock())
        for entry in reading.entries
    )


def record(stage: Stage, name: ListName) -> dict[str, object]:
    """The tenant's own record of the list's value."""
    items = stage.standin.lists()["items"]
    assert isinstance(items, dict)
    [found] = [item for item in items[TYPES[name]] if item["Value"] == VALUES[name]]
    return dict(found)


def sent(stage: Stage) -> int:
    """How many writing calls reached the tenant."""
    return sum(not str(call["cmdlet"]).startswith("Get-") for call in stage.standin.calls())


async def applied(stage: Stage, request: Request) -> Request:
    await stage.run_until_idle(longest=HOUR)
    request = await stage.request(request)
    assert request.status is Status.APPLIED, request
    assert {item.state for item in request.items} == {ItemState.CONFIRMED}
    return request


@pytest.mark.parametrize("name", ListName)
async def test_an_entry_is_made_extended_annotated_and_removed(stage: Stage, name: ListName) -> None:
    value = VALUES[name]
    added = await applied(stage, await stage.want(Operation.ADD, value, end="10d"))
    extended = await applied(stage, await stage.want(Operation.EXTEND, value, end="20d"))
    assert await held(stage, name)
    [known] = await stage.known(name)
    assert (known.request_id, known.expires) == (extended.id, extended.expires)
    assert f"by #{extended.id}" in (await stage.item(added)).outcome

    noted = await applied(stage, await stage.want(Operation.ANNOTATE, value, reason="Asked for by the help desk"))
    [known] = await stage.known(name)
    assert (known.request_id, known.notes) == (extended.id, "Asked for by the help desk")
    if name not in BARE:
        assert extended.expires is not None
        assert record(stage, name)["Notes"] == f"Asked for by the help desk (Portcullis request {noted.id})"
        assert str(record(stage, name)["ExpirationDate"])[:16] == extended.expires.isoformat()[:16]

    await applied(stage, await stage.want(Operation.REMOVE, value))
    assert not await held(stage, name)
    assert await stage.known(name) == []
    assert (await stage.item(extended)).state is ItemState.REMOVED


@sqlite_only
@pytest.mark.parametrize("operation", [Operation.EXTEND, Operation.ANNOTATE])
@pytest.mark.parametrize("name", ListName)
async def test_what_is_not_listed_is_refused_and_nothing_is_sent(
    stage: Stage, name: ListName, operation: Operation
) -> None:
    await applied(stage, await stage.want(Operation.ADD, VALUES[name], end="10d"))
    request = await stage.want(operation, VALUES[name], end="20d" if operation is Operation.EXTEND else None)
    removing = await stage.want(Operation.REMOVE, VALUES[name])
    async with stage.context.store.write() as uow:
        for job in await uow.jobs.claim("by hand", stage.clock(), 30, 50):
            later = job.kind == JobKind.APPLY and job.payload["request_id"] == request.id
            await uow.jobs.retry(job, stage.clock() + (HOUR if later else timedelta()), "", counts=False)
    await stage.run()
    assert (await stage.request(removing)).status is Status.APPLIED
    before = sent(stage)
    stage.clock.advance(hours=1)
    await stage.run()
    request = await stage.request(request)
    assert (request.status, request.items[0].outcome) == (Status.FAILED, findings.NOT_LISTED)
    assert sent(stage) == before
    assert await stage.known(name) == []


@pytest.mark.parametrize("end", ["2d", "60d", "200d"])
async def test_a_hand_made_entry_is_taken_into_keeping(stage: Stage, end: str) -> None:
    stage.standin.edit(NEW, {"ListType": "Sender", "Entries": ["evil.example"], "Block": True, "NoExpiration": True})
    stage.standin.edit(FILTER, {"Identity": "Default", "IPBlockList": ["203.0.113.7"]})
    listed = [ListName.SENDER, ListName.CONNECTION_FILTER]
    for name in listed:
        request = await applied(stage, await stage.want(Operation.EXTEND, VALUES[name], end=end))
        [known] = await stage.known(name)
        assert (known.request_id, known.expires) == (request.id, request.expires)
    # Beyond what the service keeps, it is told of no end.
    assert (record(stage, ListName.SENDER)["ExpirationDate"] is None) == (end == "200d")
    await stage.run_until_idle(longest=201 * DAY)
    assert not [name for name in listed if await held(stage, name)]


async def test_an_extension_can_shorten(stage: Stage) -> None:
    added = await applied(stage, await stage.want(Operation.ADD, "203.0.113.7", end="60d"))
    await applied(stage, await stage.want(Operation.EXTEND, "203.0.113.7", end="3d"))
    await stage.run_until_idle(longest=4 * DAY)
    assert not await held(stage, ListName.CONNECTION_FILTER)
    await stage.run_until_idle(longest=60 * DAY)
    assert (await stage.item(added)).state is ItemState.CONFIRMED
    assert await stage.waiting() == []


@sqlite_only
async def test_an_entry_that_has_ended_is_not_extended(stage: Stage) -> None:
    await applied(stage, await stage.want(Operation.ADD, "evil.example", end="2d"))
    request = await stage.want(Operation.EXTEND, "evil.example", end="9d")
    stage.clock.advance(days=2)
    await stage.run()
    assert (await stage.item(request)).outcome == findings.ENDED_ALREADY


@sqlite_only
async def test_notes_of_what_nobody_knows_go_to_the_tenant_or_nowhere(stage: Stage) -> None:
    stage.standin.edit(NEW, {"ListType": "Sender", "Entries": ["evil.example"], "Block": True, "NoExpiration": True})
    await applied(stage, await stage.want(Operation.ANNOTATE, "evil.example", reason="Seen in spring"))
    assert str(record(stage, ListName.SENDER)["Notes"]).startswith("Seen in spring")
    await applied(stage, await stage.want(Operation.ADD, "203.0.113.7", end="10d"))
    request = await stage.want(Operation.ANNOTATE, "203.0.113.7", reason="Seen in spring")
    async with stage.context.store.write() as uow:
        # Nobody's any more since it was asked: its record has ended.
        await uow.known.end_all(await uow.known.active(ListName.CONNECTION_FILTER), stage.clock(), "found missing")
    await stage.run()
    assert (await stage.item(request)).state is ItemState.REFUSED
    assert "keeps no notes" in (await stage.item(request)).outcome
    assert await stage.known(ListName.SENDER) == await stage.known(ListName.CONNECTION_FILTER) == []


async def test_a_safe_list_is_switched_off(stage: Stage) -> None:
    stage.standin.edit(FILTER, {"Identity": "Default", "EnableSafeList": True})
    lists = await stage.context.tenant.read_lists()
    await stage.snapshot()
    request = await stage.granted([safe_list_off(lists.policies, reason="The baseline says so")])
    await applied(stage, request)
    assert not any(policy.safe_list for policy in (await stage.context.tenant.read_lists()).policies)
    assert await stage.known(ListName.CONNECTION_FILTER) == []


@sqlite_only
async def test_a_safe_list_that_is_switched_on_again_is_found_by_the_confirmation(stage: Stage) -> None:
    stage.standin.edit(FILTER, {"Identity": "Default", "EnableSafeList": True})
    lists = await stage.context.tenant.read_lists()
    await stage.snapshot()
    request = await stage.granted([safe_list_off(lists.policies, reason="The baseline says so")])
    await stage.run()
    stage.standin.edit(FILTER, {"Identity": "Default", "EnableSafeList": True})
    await stage.run_until_idle(longest=HOUR)
    item = await stage.item(request)
    assert (item.state, item.outcome) == (ItemState.REMOVED, confirmation.CHANGED_BACK)


@sqlite_only
@pytest.mark.parametrize("operation", [Operation.EXTEND, Operation.ANNOTATE])
async def test_an_edit_that_was_overtaken_is_not_said_to_be_changed_back(stage: Stage, operation: Operation) -> None:
    await applied(stage, await stage.want(Operation.ADD, "evil.example", end="10d"))
    ends = ("20d", "30d") if operation is Operation.EXTEND else (None, None)
    first = await stage.want(operation, "evil.example", end=ends[0], reason="First words")
    await stage.run()
    second = await stage.want(operation, "evil.example", end=ends[1], reason="Other words")
    await stage.run_until_idle(longest=DAY)
    assert (await stage.item(first)).state is ItemState.APPLIED
    assert (await stage.item(second)).state is ItemState.CONFIRMED
    assert "item.missing" not in await stage.kinds(first)


@sqlite_only
@pytest.mark.parametrize("operation", [Operation.EXTEND, Operation.ANNOTATE])
@pytest.mark.parametrize("fault", ["drop_after", "504_after", "lag", "ok_but_nothing_happens"])
async def test_an_edit_with_a_lost_answer_is_settled_by_reading(
    stage: Stage, operation: Operation, fault: FaultKind
) -> None:
    await applied(stage, await stage.want(Operation.ADD, "evil.example", end="10d"))
    request = await stage.want(operation, "evil.example", end="20d" if operation is Operation.EXTEND else None)
    stage.fault(fault, SET, times=6 if fault == "lag" else 1)
    request = await applied(stage, request)
    [known] = await stage.known(ListName.SENDER)
    assert known.request_id == request.id or operation is Operation.ANNOTATE


@sqlite_only
async def test_an_extension_that_nobody_ever_saw_leaves_the_keeper(stage: Stage) -> None:
    added = await applied(stage, await stage.want(Operation.ADD, "evil.example", end="10d"))
    request = await stage.want(Operation.EXTEND, "evil.example", end="20d")
    stage.fault("ok_but_nothing_happens", SET, times=99)
    await stage.run_until_idle(longest=DAY)
    assert (await stage.item(request)).state is ItemState.INTENDED
    assert [known.request_id for known in await stage.known(ListName.SENDER)] == [added.id]


@sqlite_only
async def test_an_end_that_the_tenant_made_of_it_is_told(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    request = await stage.want(Operation.ADD, "evil.example", end="20d")
    send = type(stage.context.tenant).apply
    shorter = stage.clock() + 9 * DAY

    async def cut(tenant: object, *args: object, **options: object) -> None:
        await send(tenant, *args, **options)  # type: ignore[arg-type]
        end = shorter.strftime("%Y-%m-%dT%H:%M:%SZ")
        stage.standin.edit(SET, {"ListType": "Sender", "Entries": ["evil.example"], "ExpirationDate": end})

    monkeypatch.setattr(type(stage.context.tenant), "apply", cut)
    await stage.run()
    item = await stage.item(request)
    assert (item.state, item.outcome) == (ItemState.APPLIED, f"made, but in the tenant it ends {on(shorter)}")


@sqlite_only
async def test_an_ended_entry_of_either_action_makes_way(stage: Stage) -> None:
    end = (stage.clock() + DAY).strftime("%Y-%m-%dT%H:%M:%SZ")
    for value, action in (("evil.example", "Block"), ("worse.example", "Allow")):
        stage.standin.edit(NEW, {"ListType": "Sender", "Entries": [value], action: True, "ExpirationDate": end})
    stage.clock.advance(days=1, seconds=60)
    request = await stage.want(Operation.ADD, "evil.example", "worse.example", end="20d")
    await applied(stage, request)


@sqlite_only
@pytest.mark.parametrize("end", ["30d", "200d"])
async def test_an_endless_entry_of_somebody_else_is_not_said_to_end(stage: Stage, end: str) -> None:
    """Made by hand between the approval and the call: nobody ends it, and the item says so."""
    request = await stage.want(Operation.ADD, "bad.example", end=end)
    stage.standin.edit(NEW, {"ListType": "Sender", "Entries": ["bad.example"], "Block": True, "NoExpiration": True})
    await stage.run()
    item = await stage.item(request)
    assert item.state is ItemState.ALREADY_SO
    assert "without an end" in item.outcome
    assert await stage.known(ListName.SENDER) == []


@sqlite_only
async def test_an_entry_with_another_end_that_settles_a_lost_answer_is_told(stage: Stage) -> None:
    request = await stage.want(Operation.ADD, "bad.example", end="30d")
    stage.fault("504", NEW, times=99)
    await stage.run()
    assert (await stage.item(request)).state is ItemState.INTENDED
    stage.standin.disarm()
    stage.standin.edit(NEW, {"ListType": "Sender", "Entries": ["bad.example"], "Block": True, "NoExpiration": True})
    await stage.run_until_idle(longest=timedelta(minutes=10))
    assert "settled by reading the list" in (words := (await stage.item(request)).outcome)
    assert "without an end" in words


@sqlite_only
@pytest.mark.parametrize(("before", "after"), [("200d", "300d"), ("200d", "never"), ("never", "200d")])
async def test_an_end_that_only_portcullis_keeps_is_said_to_have_changed(stage: Stage, before: str, after: str) -> None:
    """The tenant has the entry without an end before and afterwards; what changes is when Portcullis takes it out."""
    await applied(stage, await stage.want(Operation.ADD, "evil.example", end=before))
    request = await applied(stage, await stage.want(Operation.EXTEND, "evil.example", end=after))
    assert (await stage.item(request)).outcome == ""
    assert "item.applied" in (kinds := await stage.kinds(request))
    assert "item.already_so" not in kinds
    [known] = await stage.known(ListName.SENDER)
    assert (known.request_id, known.expires) == (request.id, request.expires)
