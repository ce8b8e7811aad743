"""The tenant's client against the strict stand-in: every list, certificate sign-in, faults on demand."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from bot.domain.lists.change import Change, Operation
from bot.domain.lists.traits import Action, ListName
from bot.errors import (
    IncompleteAnswer,
    OutcomeUnknown,
    PermissionMissing,
    SignInFailed,
    TenantError,
    Throttled,
    ValueRefused,
)
from bot.playground.tenant.faults import Fault, FaultKind
from bot.playground.tenant.tenant import Roles
from bot.tenant.access import TenantAccess
from bot.tenant.diagnosing.diagnosis import diagnose
from tests.integration.tenant.conftest import Stage
from tests.integration.tenant.scripted import CLIENT_ID, TENANT_ID
from tests.integration.tenant.signing_in.test_access_tokens import certificate_pem, key_pem, make_certificate

VALUES = {
    ListName.CONNECTION_FILTER: ("203.0.113.7", "198.51.100.0/24", "192.0.2.1-192.0.2.9"),
    ListName.SENDER: ("evil.example", "*.evil.example", "a%2Bb@evil.example"),
    ListName.URL: ("evil.example/*", "~worse.example"),
    ListName.FILE: ("ab" * 32,),
    ListName.IP: ("2001:db8::1", "2001:db8:1::/48"),
    ListName.SPOOF: ("contoso.example, fabrikam.com",),
}


def change(operation: Operation, name: ListName, *values: str, action: Action = Action.BLOCK) -> Change:
    ends = (
        None
        if name in {ListName.CONNECTION_FILTER, ListName.SPOOF}
        else datetime.now(UTC).replace(microsecond=0) + timedelta(days=30)
    )
    return Change(operation=operation, action=action, list=name, values=values, expires=ends, notes="request 7")


@pytest.mark.parametrize("name", list(ListName))
async def test_a_value_goes_in_and_out_of_every_list(stage: Stage, name: ListName) -> None:
    values = VALUES[name]
    for operation in (Operation.ADD, Operation.REMOVE):
        asked = change(operation, name, *values)
        await stage.tenant.apply(asked)
        assert await stage.state(asked) == dict.fromkeys(values, True)
        entries = await stage.tenant.read_list(name)
        assert len(entries) == (len(values) if operation is Operation.ADD else 0)
        for entry in entries:
            if asked.expires is not None:
                assert entry.notes == "request 7"
                assert entry.expires == asked.expires
    assert stage.standin.remarks() == []


async def test_what_somebody_else_added_stays(stage: Stage) -> None:
    stage.standin.edit(
        "Set-HostedConnectionFilterPolicy",
        {"Identity": "Default", "IPBlockList": {"@odata.type": "#Exchange.GenericHashTable", "Add": ["192.0.2.77"]}},
    )
    asked = change(Operation.ADD, ListName.CONNECTION_FILTER, "203.0.113.7")
    await stage.tenant.apply(asked)
    lists = await stage.tenant.read_lists()
    assert set(lists.policies[0].block) == {"192.0.2.77", "203.0.113.7"}
    assert lists.unreadable == {}
    assert lists.accepted_domains == {"contoso.example"}


async def test_a_duplicate_is_refused_with_the_services_words(stage: Stage) -> None:
    asked = change(Operation.ADD, ListName.SENDER, "evil.example")
    await stage.tenant.apply(asked)
    with pytest.raises(ValueRefused, match="Duplicate value") as caught:
        await stage.tenant.apply(change(Operation.ADD, ListName.SENDER, "new.example", "evil.example"))
    assert "evil.example" in caught.value.service_text
    assert len(await stage.tenant.read_list(ListName.SENDER)) == 1


@pytest.mark.parametrize("kind", ["drop_after", "504_after"])
async def test_a_write_whose_answer_was_lost_is_found_by_reading_back(stage: Stage, kind: FaultKind) -> None:
    asked = change(Operation.ADD, ListName.URL, "evil.example/*")
    stage.standin.arm(Fault(kind=kind, cmdlet="New-TenantAllowBlockListItems"))
    with pytest.raises(OutcomeUnknown):
        await stage.tenant.apply(asked)
    assert await stage.state(asked) == {"evil.example/*": True}
    assert [call["cmdlet"] for call in stage.standin.calls()].count("New-TenantAllowBlockListItems") == 1


@pytest.mark.parametrize("kind", ["drop_before", "500", "503", "ok_but_nothing_happens"])
async def test_a_write_that_came_to_nothing_is_found_by_reading_back(stage: Stage, kind: FaultKind) -> None:
    asked = change(Operation.ADD, ListName.URL, "evil.example/*")
    stage.standin.arm(Fault(kind=kind, cmdlet="New-TenantAllowBlockListItems"))
    if kind == "ok_but_nothing_happens":
        await stage.tenant.apply(asked)
    else:
        with pytest.raises(OutcomeUnknown):
            await stage.tenant.apply(asked)
    assert await stage.state(asked) == {"evil.example/*": False}


async def test_a_write_that_shows_late(stage: Stage) -> None:
    asked = change(Operation.ADD, ListName.SENDER, "evil.example")
    stage.standin.arm(Fault(kind="lag", cmdlet="New-TenantAllowBlockListItems", times=3))
    await stage.tenant.apply(asked)
    assert await stage.state(asked, waits=(1,)) == {"evil.example": False}
    assert await stage.state(asked) == {"evil.example": True}


@pytest.mark.parametrize("kind", ["401", "408", "429", "429_text", "500", "503", "504", "drop_before", "drop_after"])
async def test_a_read_gets_over_what_passes(stage: Stage, kind: FaultKind) -> None:
    await stage.tenant.apply(change(Operation.ADD, ListName.SENDER, "evil.example"))
    stage.standin.arm(Fault(kind=kind, cmdlet="Get-TenantAllowBlockListItems", retry_after=0))
    (entry,) = await stage.tenant.read_list(ListName.SENDER)
    assert entry.value == "evil.example"


@pytest.mark.parametrize(
    ("kind", "error"),
    [("403", PermissionMissing), ("403_nul", PermissionMissing), ("404", ValueRefused), ("truncate_page", TenantError)],
)
async def test_a_read_is_never_taken_for_less_than_it_is(
    stage: Stage, kind: FaultKind, error: type[TenantError]
) -> None:
    stage.standin.arm(Fault(kind=kind, cmdlet="Get-TenantAllowBlockListItems", times=10))
    with pytest.raises(error):
        await stage.tenant.read_list(ListName.SENDER)


async def test_a_long_wait_is_left_to_the_job(stage: Stage) -> None:
    stage.standin.arm(Fault(kind="429", cmdlet="Get-TenantAllowBlockListItems", retry_after=120))
    with pytest.raises(Throttled) as caught:
        await stage.tenant.read_list(ListName.SENDER)
    assert caught.value.retry_after == 120


async def test_a_list_over_several_pages(stage: Stage) -> None:
    for action, network, count in (("Block", "2001:db8:1", 1000), ("Allow", "2001:db8:2", 10)):
        entries = [f"{network}::{number:x}" for number in range(count)]
        stage.standin.edit("New-TenantAllowBlockListItems", {"ListType": "IP", "Entries": entries, action: True})
    assert len(await stage.tenant.read_list(ListName.IP)) == 1010
    stage.standin.arm(Fault(kind="expired_page", cmdlet="Get-TenantAllowBlockListItems"))
    with pytest.raises(IncompleteAnswer):
        await stage.tenant.read_list(ListName.IP)


async def test_revoked_tokens_are_replaced(stage: Stage) -> None:
    await stage.tenant.read_list(ListName.SENDER)
    stage.standin.revoke_tokens()
    assert (await stage.tenant.read_lists()).unreadable == {}


async def test_roles(stage: Stage) -> None:
    stage.standin.set_roles(Roles(directory_role="reader"))
    await stage.tenant.read_list(ListName.SENDER)
    with pytest.raises(PermissionMissing):
        await stage.tenant.apply(change(Operation.ADD, ListName.SENDER, "evil.example"))
    stage.standin.set_roles(Roles(directory_role="none", nul_bodies=True))
    assert set((await stage.tenant.read_lists()).unreadable) == set(ListName)
    stage.standin.set_roles(Roles(app_role=False))
    with pytest.raises(SignInFailed):
        await stage.tenant.read_lists()


async def test_a_certificate_signs_in(stage: Stage) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    certificate = certificate_pem(make_certificate(key))
    settings = TenantAccess(
        tenant_id=TENANT_ID,
        client_id=CLIENT_ID,
        certificate=key_pem(key) + certificate,
        exchange_url=stage.settings.exchange_url,
        authority_url=stage.settings.authority_url,
    )
    refused = await diagnose(settings)
    assert [finding.check for finding in refused if not finding.ok] == ["token"]

    stage.standin.register_certificate(certificate)
    assert all(finding.ok for finding in await diagnose(settings))


@pytest.mark.parametrize("name", [ListName.SENDER, ListName.URL, ListName.FILE, ListName.IP])
async def test_an_entry_gets_another_end_and_other_notes(stage: Stage, name: ListName) -> None:
    values = VALUES[name]
    added = change(Operation.ADD, name, *values)
    await stage.tenant.apply(added)
    for expires in (added.expires + timedelta(days=20), added.expires - timedelta(days=20), None):  # type: ignore[operator]
        asked = replace(added, operation=Operation.EXTEND, expires=expires, notes="not for the tenant")
        assert await stage.state(asked, waits=()) == dict.fromkeys(values, False)
        await stage.tenant.apply(asked)
        assert await stage.state(asked, waits=()) == dict.fromkeys(values, True)
        assert {entry.notes for entry in await stage.tenant.read_list(name)} == {"request 7"}
    asked = replace(added, operation=Operation.ANNOTATE, notes="why (Portcullis request 8)")
    assert await stage.state(asked, waits=()) == dict.fromkeys(values, False)
    await stage.tenant.apply(asked)
    assert await stage.state(asked, waits=()) == dict.fromkeys(values, True)
    # The notes alone were changed, and each operation was one call.
    assert {entry.expires for entry in await stage.tenant.read_list(name)} == {None}
    assert [call["cmdlet"] for call in stage.standin.calls()].count("Set-TenantAllowBlockListItems") == 4
    assert stage.standin.remarks() == []


async def test_an_allow_without_an_end_lasts_as_long_as_it_is_used(stage: Stage) -> None:
    asked = change(Operation.ADD, ListName.SENDER, "good.example", action=Action.ALLOW)
    asked = replace(asked, expires=datetime.now(UTC) + timedelta(days=20))
    await stage.tenant.apply(asked)
    asked = replace(asked, operation=Operation.EXTEND, expires=None)
    await stage.tenant.apply(asked)
    assert await stage.state(asked, waits=()) == {"good.example": True}
    (entry,) = await stage.tenant.read_list(ListName.SENDER)
    assert entry.bounded_by_use


async def test_safe_lists_are_switched_off(stage: Stage) -> None:
    stage.standin.edit("New-HostedConnectionFilterPolicy", {"Name": "Head office; Exit", "EnableSafeList": True})
    stage.standin.edit("Set-HostedConnectionFilterPolicy", {"Identity": "Default", "EnableSafeList": True})
    asked = Change(
        operation=Operation.SAFE_LIST_OFF,
        action=Action.ALLOW,
        list=ListName.CONNECTION_FILTER,
        values=("Default", "Head office; Exit"),
    )
    assert await stage.state(asked, waits=()) == dict.fromkeys(asked.values, False)
    await stage.tenant.apply(asked)
    assert await stage.state(asked, waits=()) == dict.fromkeys(asked.values, True)
    assert not any(policy.safe_list for policy in (await stage.tenant.read_lists()).policies)


@pytest.mark.parametrize("kind", ["ok_but_nothing_happens", "drop_before"])
async def test_an_edit_that_came_to_nothing_is_found_by_reading_back(stage: Stage, kind: FaultKind) -> None:
    await stage.tenant.apply(change(Operation.ADD, ListName.SENDER, "evil.example"))
    asked = replace(change(Operation.EXTEND, ListName.SENDER, "evil.example"), expires=None)
    stage.standin.arm(Fault(kind=kind, cmdlet="Set-TenantAllowBlockListItems"))
    with suppress(OutcomeUnknown):
        await stage.tenant.apply(asked)
    assert await stage.state(asked) == {"evil.example": False}


async def test_several_spoof_pairs_are_removed_by_one_call(stage: Stage) -> None:
    values = tuple(f"host{number}.example, 203.0.113.0/24" for number in range(5))
    for value in values:
        await stage.tenant.apply(change(Operation.ADD, ListName.SPOOF, value))
    asked = change(Operation.REMOVE, ListName.SPOOF, *values)
    await stage.tenant.apply(asked)
    assert await stage.state(asked) == dict.fromkeys(values, True)
    assert [call["cmdlet"] for call in stage.standin.calls()].count("Remove-TenantAllowBlockListSpoofItems") == 1


async def test_an_ended_entry_that_is_still_listed_is_no_entry(stage: Stage) -> None:
    asked = change(Operation.ADD, ListName.SENDER, "evil.example")
    await stage.tenant.apply(asked)
    (entry,) = await stage.tenant.read_list(ListName.SENDER)
    reading = await stage.tenant.read_for(asked)
    assert entry.expires is not None
    assert reading.state(asked, now=entry.expires - timedelta(seconds=1)) == {"evil.example": True}
    assert reading.state(asked, now=entry.expires) == {"evil.example": False}
    stage.standin.advance(timedelta(days=30, minutes=1))
    assert len(await stage.tenant.read_list(ListName.SENDER)) == 1
