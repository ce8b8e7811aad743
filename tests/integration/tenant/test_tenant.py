"""The tenant as the workflow uses it: lists read at once, changes sent and read back, and the doctor's look at it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from bot.domain.lists.change import Change, Operation
from bot.domain.lists.entries import FilterPolicy
from bot.domain.lists.traits import Action, ListName
from bot.errors import (
    IncompleteAnswer,
    OutcomeUnknown,
    PermissionMissing,
    SignInFailed,
    TenantUnavailable,
    Throttled,
    ValueRefused,
)
from bot.tenant.access import TenantAccess
from bot.tenant.exchange.tenant import DOMAINS_REMEMBERED, READ_BACK_WAITS, Tenant
from tests.integration.tenant.scripted import Received, Scripted, page, refusal

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
GET_POLICIES = "Get-HostedConnectionFilterPolicy"
SET_POLICY = "Set-HostedConnectionFilterPolicy"
GET_ITEMS = "Get-TenantAllowBlockListItems"
GET_SPOOF = "Get-TenantAllowBlockListSpoofItems"
POLICY = {"Identity": "Default", "IsDefault": True, "IPAllowList": ["203.0.113.7"], "IPBlockList": []}
Waits = list[float]


@pytest.fixture
def waits() -> Waits:
    return []


@pytest.fixture
async def tenant(settings: TenantAccess, waits: Waits) -> AsyncIterator[Tenant]:
    async def wait(seconds: float) -> None:
        waits.append(seconds)

    built = Tenant(settings, wait=wait, now=lambda: NOW)
    yield built
    await built.close()


def items(**of_type: Iterable[dict[str, Any]]) -> Callable[[Received], Response]:
    """A script for the items' cmdlet: records by list type."""
    return lambda received: page(*of_type.get(received.parameters["ListType"], ()))


def block(value: str, **more: object) -> dict[str, Any]:
    return {"Value": value, "Action": "Block", **more}


def change(operation: Operation, action: Action, name: ListName, *values: str, **more: object) -> Change:
    return Change(operation=operation, action=action, list=name, values=values, **more)  # type: ignore[arg-type]


def fill(service: Scripted) -> None:
    service.by_cmdlet |= {
        GET_POLICIES: lambda _: page(POLICY),
        GET_ITEMS: items(Sender=[block("evil.example")], IP=[block("2001:db8::1")]),
        GET_SPOOF: lambda _: page(
            {"Identity": "id", "SpoofedUser": "*", "SendingInfrastructure": "fabrikam.com", "Action": "Block"}
        ),
        "Get-AcceptedDomain": lambda _: page({"DomainName": "Contoso.com"}, {"DomainName": ""}, {"Name": "x"}),
    }


async def test_all_lists_are_read_with_one_token(service: Scripted, tenant: Tenant) -> None:
    fill(service)
    lists = await tenant.read_lists()

    assert lists.as_of == NOW
    assert lists.policies == (FilterPolicy(identity="Default", is_default=True, allow=("203.0.113.7",)),)
    assert [(entry.list, entry.value) for entry in lists.entries] == [
        (ListName.CONNECTION_FILTER, "203.0.113.7"),
        (ListName.SENDER, "evil.example"),
        (ListName.IP, "2001:db8::1"),
        (ListName.SPOOF, "*, fabrikam.com"),
    ]
    assert lists.accepted_domains == {"contoso.com"}
    assert lists.unreadable == {}
    assert len(service.issued) == 1
    asked = sorted(received.parameters.get("ListType", "") for received in service.received)
    assert asked == ["", "", "", "FileHash", "IP", "Sender", "Url"]


async def test_only_the_lists_that_are_named_are_read(service: Scripted, tenant: Tenant) -> None:
    fill(service)
    lists = await tenant.read_lists({ListName.SENDER, ListName.CONNECTION_FILTER})
    assert {entry.list for entry in lists.entries} == {ListName.SENDER, ListName.CONNECTION_FILTER}
    assert {received.cmdlet for received in service.received} == {GET_POLICIES, GET_ITEMS}


async def test_the_lists_are_read_at_the_same_time(service: Scripted, tenant: Tenant) -> None:
    everybody = asyncio.Barrier(4)

    class Meeting(Response):
        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            async with asyncio.timeout(5):
                await everybody.wait()
            await JSONResponse({"value": []})(scope, receive, send)

    service.by_cmdlet[GET_ITEMS] = lambda _: Meeting()
    lists = await tenant.read_lists({ListName.SENDER, ListName.URL, ListName.FILE, ListName.IP})
    assert lists.unreadable == {}


async def test_a_list_that_cannot_be_read_does_not_hide_the_others(service: Scripted, tenant: Tenant) -> None:
    fill(service)
    service.by_cmdlet[GET_POLICIES] = lambda _: page({"Identity": "Default", "EnableSafeList": "perhaps"})
    service.by_cmdlet[GET_SPOOF] = lambda _: refusal(403, "No.")
    service.by_cmdlet["Get-AcceptedDomain"] = lambda _: refusal(403, "No.")

    lists = await tenant.read_lists()

    assert set(lists.unreadable) == {ListName.CONNECTION_FILTER, ListName.SPOOF}
    assert "enablesafelist" in lists.unreadable[ListName.CONNECTION_FILTER]
    assert "Security Reader" in lists.unreadable[ListName.SPOOF]
    assert {entry.list for entry in lists.entries} == {ListName.SENDER, ListName.IP}
    assert lists.accepted_domains == frozenset()


async def test_when_no_list_can_be_read_each_says_why(service: Scripted, tenant: Tenant) -> None:
    for cmdlet in (GET_POLICIES, GET_ITEMS, GET_SPOOF, "Get-AcceptedDomain"):
        service.by_cmdlet[cmdlet] = lambda _: Response(status_code=503)
    lists = await tenant.read_lists()
    assert set(lists.unreadable) == set(ListName)
    assert lists.entries == ()


async def test_a_failed_sign_in_is_raised(service: Scripted, tenant: Tenant) -> None:
    for cmdlet in (GET_POLICIES, GET_ITEMS, GET_SPOOF, "Get-AcceptedDomain"):
        service.by_cmdlet[cmdlet] = lambda _: Response(status_code=401)
    with pytest.raises(SignInFailed):
        await tenant.read_lists()


@pytest.mark.parametrize("status", [403, 400, 404])
async def test_accepted_domains_that_are_out_of_reach_are_none(service: Scripted, tenant: Tenant, status: int) -> None:
    service.queue.append(refusal(status, "The term isn't recognized."))
    assert await tenant.accepted_domains() == frozenset()


async def test_accepted_domains_that_were_read_once_are_not_forgotten(service: Scripted, tenant: Tenant) -> None:
    service.queue += [page({"DomainName": "contoso.com"}), refusal(403, "No.")]
    assert await tenant.accepted_domains() == {"contoso.com"}
    fill(service)
    service.by_cmdlet["Get-AcceptedDomain"] = lambda _: refusal(403, "No.")
    assert (await tenant.read_lists()).accepted_domains == {"contoso.com"}


async def test_accepted_domains_are_remembered_for_a_while(service: Scripted, settings: TenantAccess) -> None:
    now = NOW
    tenant = Tenant(settings, now=lambda: now)
    service.by_cmdlet["Get-AcceptedDomain"] = lambda _: Response(status_code=503)
    with pytest.raises(TenantUnavailable):
        await tenant.accepted_domains()
    fill(service)
    service.received.clear()
    assert await tenant.accepted_domains() == {"contoso.com"}
    now += DOMAINS_REMEMBERED - timedelta(seconds=1)
    assert await tenant.accepted_domains() == {"contoso.com"}
    assert len(service.received) == 1
    now += timedelta(seconds=1)
    assert await tenant.accepted_domains() == {"contoso.com"}
    assert len(service.received) == 2
    # A reading of all lists asks anew, and makes do with those of last time.
    service.by_cmdlet["Get-AcceptedDomain"] = lambda _: page({"DomainName": "fabrikam.com"})
    assert (await tenant.read_lists()).accepted_domains == {"fabrikam.com"}
    service.by_cmdlet["Get-AcceptedDomain"] = lambda _: Response(status_code=503)
    assert (await tenant.read_lists()).accepted_domains == {"fabrikam.com"}
    await tenant.close()


async def test_an_ip_is_added_to_the_default_policy_by_an_edit(service: Scripted, tenant: Tenant) -> None:
    fill(service)
    await tenant.apply(
        change(Operation.ADD, Action.ALLOW, ListName.CONNECTION_FILTER, "192.0.2.9"), reference="request 1"
    )
    assert service.received[-1].cmdlet == SET_POLICY
    assert service.received[-1].parameters == {
        "Identity": "Default",
        "IPAllowList": {"@odata.type": "#Exchange.GenericHashTable", "Add": ["192.0.2.9"]},
    }


async def test_an_item_is_added_by_one_call(service: Scripted, tenant: Tenant) -> None:
    ends = NOW + timedelta(days=30)
    await tenant.apply(
        change(
            Operation.ADD, Action.BLOCK, ListName.URL, "evil.example/*", "b.example", expires=ends, notes="request 2"
        )
    )
    (received,) = service.received
    assert received.cmdlet == "New-TenantAllowBlockListItems"
    assert received.parameters == {
        "ListType": "Url",
        "Entries": ["evil.example/*", "b.example"],
        "Block": True,
        "ExpirationDate": "2026-03-31T12:00:00Z",
        "Notes": "request 2",
    }


async def test_an_item_is_removed_in_the_lists_own_spelling(service: Scripted, tenant: Tenant) -> None:
    service.by_cmdlet[GET_ITEMS] = items(IP=[block("2001:DB8:0::1")])
    await tenant.apply(change(Operation.REMOVE, Action.BLOCK, ListName.IP, "2001:db8::1"))
    assert service.received[-1].cmdlet == "Remove-TenantAllowBlockListItems"
    assert service.received[-1].parameters == {"ListType": "IP", "Entries": ["2001:DB8:0::1"]}


@pytest.mark.parametrize("name", [ListName.CONNECTION_FILTER, ListName.SENDER, ListName.SPOOF])
async def test_a_removal_of_what_is_not_there_sends_nothing(service: Scripted, tenant: Tenant, name: ListName) -> None:
    service.by_cmdlet[GET_POLICIES] = lambda _: page(POLICY)
    value = "contoso.com, *" if name is ListName.SPOOF else "192.0.2.99"
    await tenant.apply(change(Operation.REMOVE, Action.BLOCK, name, value))
    assert all(received.cmdlet.startswith("Get-") for received in service.received)


async def test_a_spoof_pair_is_added_and_removed(service: Scripted, tenant: Tenant) -> None:
    fill(service)
    await tenant.apply(change(Operation.ADD, Action.ALLOW, ListName.SPOOF, "ceo@contoso.com, fabrikam.com"))
    assert service.received[-1].parameters == {
        "Identity": "Default",
        "Action": "Allow",
        "SpoofedUser": "ceo@contoso.com",
        "SendingInfrastructure": "fabrikam.com",
        "SpoofType": "Internal",
    }
    await tenant.apply(change(Operation.REMOVE, Action.BLOCK, ListName.SPOOF, "*, fabrikam.com"))
    assert service.received[-1].parameters == {"Identity": "Default", "Ids": ["id"]}


async def test_with_a_reading_nothing_is_read(service: Scripted, tenant: Tenant) -> None:
    fill(service)
    for asked in (
        change(Operation.ADD, Action.BLOCK, ListName.CONNECTION_FILTER, "192.0.2.9"),
        change(Operation.REMOVE, Action.ALLOW, ListName.CONNECTION_FILTER, "203.0.113.7"),
        change(Operation.ADD, Action.BLOCK, ListName.SPOOF, "contoso.com, *"),
        change(Operation.REMOVE, Action.BLOCK, ListName.SPOOF, "*, fabrikam.com"),
        change(Operation.ADD, Action.BLOCK, ListName.SENDER, "new.example"),
        change(Operation.EXTEND, Action.BLOCK, ListName.SENDER, "evil.example"),
        change(Operation.ANNOTATE, Action.BLOCK, ListName.SENDER, "evil.example", notes="new"),
        change(Operation.REMOVE, Action.BLOCK, ListName.SENDER, "evil.example"),
    ):
        reading = await tenant.read_for(asked)
        before = len(service.received)
        await tenant.apply(asked, reading=reading)
        (received,) = service.received[before:]
        assert not received.cmdlet.startswith("Get-")


async def test_a_reading_of_another_list_is_the_callers_mistake(service: Scripted, tenant: Tenant) -> None:
    reading = await tenant.read_for(change(Operation.REMOVE, Action.BLOCK, ListName.URL, "evil.example"))
    with pytest.raises(ValueError, match="says nothing of sender"):
        await tenant.apply(change(Operation.REMOVE, Action.BLOCK, ListName.SENDER, "evil.example"), reading=reading)


@pytest.mark.parametrize(
    ("operation", "name"),
    [
        (Operation.EXTEND, ListName.CONNECTION_FILTER),
        (Operation.ANNOTATE, ListName.SPOOF),
        (Operation.SUBMIT, ListName.URL),
    ],
)
async def test_what_never_reaches_the_tenant_is_not_sent(
    service: Scripted, tenant: Tenant, operation: Operation, name: ListName
) -> None:
    with pytest.raises(ValueError, match="never reaches the tenant"):
        await tenant.apply(change(operation, Action.ALLOW, name, "192.0.2.9"))
    assert service.received == []


async def test_safe_lists_are_switched_off_by_a_call_for_each_policy(service: Scripted, tenant: Tenant) -> None:
    policies = [
        {**POLICY, "EnableSafeList": True},
        {**POLICY, "Identity": "Branch", "IsDefault": False, "EnableSafeList": True},
        {**POLICY, "Identity": "Other", "IsDefault": False, "EnableSafeList": False},
    ]
    service.by_cmdlet[GET_POLICIES] = lambda _: page(*policies)
    asked = change(
        Operation.SAFE_LIST_OFF, Action.ALLOW, ListName.CONNECTION_FILTER, "Default", "branch", "Other", "Gone"
    )
    reading = await tenant.read_for(asked)
    assert [(entry.value, entry.policy, entry.subtype) for entry in reading.entries] == [
        ("Default", "Default", "SafeList"),
        ("Branch", "Branch", "SafeList"),
    ]
    assert reading.state(asked, now=NOW) == {"Default": False, "branch": False, "Other": True, "Gone": True}
    await tenant.apply(asked, reading=reading)
    assert [(received.cmdlet, received.parameters) for received in service.received[1:]] == [
        (SET_POLICY, {"Identity": "Default", "EnableSafeList": False}),
        (SET_POLICY, {"Identity": "Branch", "EnableSafeList": False}),
    ]
    # The wire has a JSON false, not a text and not a switch that is left out.
    assert all(received.parameters["EnableSafeList"] is False for received in service.received[1:])


@pytest.mark.parametrize(
    ("name", "values"),
    [
        (ListName.SENDER, ()),
        (ListName.SENDER, tuple(f"h{number}.example" for number in range(21))),
        (ListName.SPOOF, ("a.example, *", "b.example, *")),
    ],
)
async def test_more_than_one_call_holds_is_the_callers_mistake(
    service: Scripted, tenant: Tenant, name: ListName, values: tuple[str, ...]
) -> None:
    with pytest.raises(ValueError, match="one change of"):
        await tenant.apply(change(Operation.ADD, Action.BLOCK, name, *values))
    assert service.received == []


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (refusal(400, "Invalid value to add: evil.example - Duplicate value.."), ValueRefused),
        (refusal(403, "No."), PermissionMissing),
        (refusal(500, "Oh."), OutcomeUnknown),
        (Response(status_code=429, headers={"Retry-After": "60"}), Throttled),
    ],
)
async def test_a_failed_change_is_raised(
    service: Scripted, tenant: Tenant, answer: Response, kind: type[Exception]
) -> None:
    service.queue.append(answer)
    with pytest.raises(kind):
        await tenant.apply(change(Operation.ADD, Action.BLOCK, ListName.SENDER, "evil.example"))


async def test_a_removal_that_stopped_half_way_has_an_unknown_outcome(service: Scripted, tenant: Tenant) -> None:
    service.by_cmdlet[GET_POLICIES] = lambda _: page(POLICY, {**POLICY, "Identity": "Other", "IsDefault": False})
    service.queue += [page(warnings=("done",)), refusal(403, "Not this one.")]
    with pytest.raises(OutcomeUnknown, match="A part of the change was made") as caught:
        await tenant.apply(change(Operation.REMOVE, Action.ALLOW, ListName.CONNECTION_FILTER, "203.0.113.7"))
    assert caught.value.service_text == "Not this one."
    assert [received.parameters["Identity"] for received in service.received[1:]] == ["Default", "Other"]


async def test_a_write_that_shows_late_is_waited_for(service: Scripted, tenant: Tenant, waits: Waits) -> None:
    service.queue += [
        page(),
        refusal(404, "Not yet."),
        page(block("one.example")),
        page(block("One.example"), block("two.example")),
    ]
    asked = change(Operation.ADD, Action.BLOCK, ListName.SENDER, "one.example", "two.example")
    assert (await tenant.read_back(asked)).state(asked, now=NOW) == {"one.example": True, "two.example": True}
    assert waits == [1.0, 2.0, 4.0]


async def test_what_never_shows_is_told_value_by_value(service: Scripted, tenant: Tenant, waits: Waits) -> None:
    service.by_cmdlet[GET_ITEMS] = items(
        Sender=[
            block("one.example"),
            {"Value": "two.example", "Action": "Allow"},
            block("three.example", ExpirationDate="2026-03-01T11:00:00Z"),
        ]
    )
    asked = change(Operation.ADD, Action.BLOCK, ListName.SENDER, "one.example", "two.example", "three.example")
    assert (await tenant.read_back(asked)).state(asked, now=NOW) == {
        "one.example": True,
        "two.example": False,
        "three.example": False,
    }
    assert waits == list(READ_BACK_WAITS)


async def test_a_removal_is_waited_for_until_it_is_gone(service: Scripted, tenant: Tenant, waits: Waits) -> None:
    ended = block("one.example", ExpirationDate="2026-02-01T00:00:00Z")
    service.queue += [page(ended), page(block("one.example", Action="0", ObjectState="Deleted"))]
    asked = change(Operation.REMOVE, Action.BLOCK, ListName.SENDER, "one.example")
    assert (await tenant.read_back(asked)).state(asked, now=NOW) == {"one.example": True}
    assert waits == [1.0]


async def test_a_read_back_that_cannot_read_says_so(service: Scripted, tenant: Tenant, waits: Waits) -> None:
    asked = change(Operation.ADD, Action.BLOCK, ListName.SENDER, "one.example")
    service.by_cmdlet[GET_ITEMS] = lambda _: JSONResponse({})
    with pytest.raises(IncompleteAnswer):
        await tenant.read_back(asked, waits=(0.5,))
    assert waits == [0.5]
    service.by_cmdlet[GET_ITEMS] = lambda _: refusal(403, "No.")
    with pytest.raises(PermissionMissing):
        await tenant.read_back(asked)
    assert waits == [0.5]
