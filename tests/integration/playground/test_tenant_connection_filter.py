"""The connection filter: editing against replacing, what an entry may be, and the shape of a policy."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integration.playground.tenant_wire import FILTER, Wire, hashtable, new_stand_in, served

GET, SET = f"Get-{FILTER}", f"Set-{FILTER}"


@pytest.fixture(scope="module")
def shared() -> Iterator[Wire]:
    with served(new_stand_in()) as wire:
        yield wire


@pytest.fixture
def wire(shared: Wire) -> Wire:
    shared.page("POST", "/reset")
    shared.forget_token()
    return shared


def test_a_new_tenant_has_one_empty_policy(wire: Wire) -> None:
    policies = wire.run(GET)["value"]
    assert [policy["Name"] for policy in policies] == ["Default"]
    assert policies[0]["IPAllowList"] == []
    assert policies[0]["IPBlockList"] == []
    assert policies[0]["EnableSafeList"] is False


def test_a_policy_has_every_documented_field(wire: Wire) -> None:
    assert {
        *("AdminDisplayName", "IsDefault", "IPAllowList", "IPBlockList", "EnableSafeList"),
        *("DirectoryBasedEdgeBlockMode", "Identity", "Id", "IsValid", "ExchangeVersion", "Name"),
        *("DistinguishedName", "WhenChanged", "WhenCreated", "WhenChangedUTC", "WhenCreatedUTC"),
        *("ExchangeObjectId", "OrganizationId", "Guid", "ObjectState"),
    } <= set(wire.policy())


def test_a_hashtable_edits_and_leaves_the_rest(wire: Wire) -> None:
    wire.run(SET, Identity="Default", IPBlockList=hashtable(Add=["192.0.2.1", "192.0.2.2"]))
    body = wire.run(SET, Identity="Default", IPBlockList=hashtable(Add="192.0.2.3", Remove=["192.0.2.1"]))
    assert "value" not in body
    assert wire.policy()["IPBlockList"] == ["192.0.2.2", "192.0.2.3"]
    assert wire.policy()["IPAllowList"] == []
    assert wire.remarks() == []


def test_a_list_replaces_and_is_remarked(wire: Wire) -> None:
    wire.run(SET, Identity="Default", IPAllowList=["192.0.2.1"])
    assert wire.remarks() == []
    wire.run(SET, Identity="Default", IPAllowList=["192.0.2.2"])
    assert wire.policy()["IPAllowList"] == ["192.0.2.2"]
    assert "IPAllowList was replaced as a whole" in wire.remarks()[0]


@pytest.mark.parametrize("nothing", [[], None])
def test_an_empty_list_and_null_empty_it(wire: Wire, nothing: object) -> None:
    wire.run(SET, Identity="Default", IPAllowList=hashtable(Add=["192.0.2.1"]))
    wire.run(SET, Identity="Default", IPAllowList=nothing)
    assert wire.policy()["IPAllowList"] == []


def test_a_value_that_exists_is_silently_the_same(wire: Wire) -> None:
    wire.run(SET, Identity="Default", IPBlockList=hashtable(Add=["192.0.2.1"]))
    wire.run(SET, Identity="Default", IPBlockList=hashtable(Add=["192.0.2.1", "192.0.2.2"]))
    assert wire.policy()["IPBlockList"] == ["192.0.2.1", "192.0.2.2"]


@pytest.mark.parametrize("edit", [hashtable(Add=["192.0.2.1"]), hashtable(Remove=["192.0.2.9"]), ["192.0.2.1"]])
def test_no_change_is_a_warning_and_leaves_the_date(wire: Wire, edit: object) -> None:
    wire.run(SET, Identity="Default", IPBlockList=hashtable(Add=["192.0.2.1"]))
    before = wire.policy()["WhenChanged"]
    wire.page("POST", "/clock", {"advance_seconds": 60})
    warnings = wire.run(SET, Identity="Default", IPBlockList=edit)["@adminapi.warnings"]
    assert warnings == ["The command completed successfully but no settings of 'Default' have been modified."]
    assert wire.policy()["WhenChanged"] == before


def test_a_change_moves_the_date(wire: Wire) -> None:
    before = wire.policy()
    wire.page("POST", "/clock", {"advance_seconds": 60})
    wire.run(SET, Identity="Default", EnableSafeList=True)
    after = wire.policy()
    assert after["EnableSafeList"] is True
    assert after["WhenChangedUTC"] > before["WhenChangedUTC"]
    assert after["WhenCreatedUTC"] == before["WhenCreatedUTC"]


@pytest.mark.parametrize(
    "value",
    [
        *("192.0.2.7", "192.0.2.0/24", "192.0.2.129/25", "192.0.2.7/32"),
        *("192.0.2.0-192.0.2.255", "192.0.2.200-192.0.3.10", "192.0.2.5-192.0.2.5"),
    ],
)
def test_good_values_are_kept_as_typed(wire: Wire, value: str) -> None:
    wire.run(SET, Identity="Default", IPBlockList=hashtable(Add=[value]))
    assert wire.policy()["IPBlockList"] == [value]


@pytest.mark.parametrize(
    "value",
    [
        *("192.0.2.0/23", "192.0.2.0/33", "192.0.2.0/", "192.0.2.0/x", "192.0.2.256", "192.0.2", "", " 192.0.2.1"),
        *("192.0.2.0-192.0.3.0", "192.0.2.9-192.0.2.1", "192.0.2.0-192.0.2", "192.0.2.0-", "192.0.2.01"),
        *("2001:db8::1", "2001:db8::/64", "a.example", "junk"),
    ],
)
def test_bad_values_refuse_the_whole_call(wire: Wire, value: str) -> None:
    text = wire.refused(SET, Identity="Default", IPBlockList=hashtable(Add=["192.0.2.1", value]))
    assert f"'{value}'" in text
    assert wire.policy()["IPBlockList"] == []


def test_each_list_holds_1273_entries(wire: Wire) -> None:
    full = [f"192.0.{n // 256}.{n % 256}" for n in range(1273)]
    wire.run(SET, Identity="Default", IPAllowList=full, IPBlockList=full)
    text = wire.refused(SET, Identity="Default", IPBlockList=hashtable(Add=["198.51.100.1"]))
    assert "1273" in text
    wire.run(SET, Identity="Default", IPBlockList=hashtable(Add=["198.51.100.1"], Remove=[full[0]]))
    assert len(wire.policy()["IPBlockList"]) == 1273


def test_an_unknown_identity_gets_every_policy_and_cant_be_set(wire: Wire) -> None:
    wire.page("POST", "/edit", {"cmdlet": f"New-{FILTER}", "parameters": {"Name": "Second"}})
    assert [policy["Name"] for policy in wire.run(GET, Identity="Nobody")["value"]] == ["Default", "Second"]
    assert [policy["Name"] for policy in wire.run(GET, Identity="second")["value"]] == ["Second"]
    assert "'Nobody'" in wire.refused(SET, status=404, Identity="Nobody", EnableSafeList=True)
    wire.refused(f"New-{FILTER}", Name="SECOND")


def test_what_if_changes_nothing(wire: Wire) -> None:
    wire.run(SET, Identity="Default", EnableSafeList=True, WhatIf=True)
    wire.run(f"New-{FILTER}", Name="Second", WhatIf=True)
    assert [policy["EnableSafeList"] for policy in wire.run(GET)["value"]] == [False]
