"""Spoof pairs: which pairs there may be, how many, and how they are changed and removed."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest

from tests.integration.playground.tenant_wire import SPOOF, Wire, new_stand_in, served

NEW, GET, SET, REMOVE = (f"{verb}-{SPOOF}" for verb in ("New", "Get", "Set", "Remove"))


@pytest.fixture(scope="module")
def shared() -> Iterator[Wire]:
    with served(new_stand_in()) as wire:
        yield wire


@pytest.fixture
def wire(shared: Wire) -> Wire:
    shared.page("POST", "/reset")
    return shared


def pair(user: str = "user@contoso.example", infrastructure: str = "fabrikam.example") -> dict[str, object]:
    return {
        "Identity": "Default",
        "Action": "Block",
        "SpoofedUser": user,
        "SendingInfrastructure": infrastructure,
        "SpoofType": "External",
    }


def test_a_pair_has_five_fields_and_no_more(wire: Wire) -> None:
    record = wire.run(NEW, **pair())["value"][0]
    assert uuid.UUID(record.pop("Identity"))
    assert record == {
        "SpoofedUser": "user@contoso.example",
        "SendingInfrastructure": "fabrikam.example",
        "SpoofType": "External",
        "Action": "Block",
    }


@pytest.mark.parametrize("name", ["Identity", "Action", "SpoofedUser", "SendingInfrastructure", "SpoofType"])
def test_everything_has_to_be_said(wire: Wire, name: str) -> None:
    call = pair()
    del call[name]
    assert name in wire.refused(NEW, **call)


@pytest.mark.parametrize(
    ("user", "infrastructure"),
    [
        ("user@contoso.example", "fabrikam.example"),
        ("contoso.example", "192.0.2.0/24"),
        ("contoso.example", "192.0.2.7/24"),
        ("*", "fabrikam.example"),
        ("contoso.example", "*"),
    ],
)
def test_pairs_that_are_taken(wire: Wire, user: str, infrastructure: str) -> None:
    wire.run(NEW, **pair(user, infrastructure))
    assert [(pair["SpoofedUser"], pair["SendingInfrastructure"]) for pair in wire.run(GET)["value"]] == [
        (user, infrastructure)
    ]


@pytest.mark.parametrize(
    ("user", "infrastructure"),
    [
        ("*", "*"),
        ("contoso", "fabrikam.example"),
        ("*.contoso.example", "fabrikam.example"),
        ("contoso.example", "192.0.2.0/25"),
        ("contoso.example", "192.0.2.1"),
        ("contoso.example", "2001:db8::/24"),
        ("contoso.example", "user@fabrikam.example"),
        ("contoso.example", ""),
    ],
)
def test_pairs_that_are_not(wire: Wire, user: str, infrastructure: str) -> None:
    assert "Invalid value to add" in wire.refused(NEW, **pair(user, infrastructure))
    assert wire.run(GET)["value"] == []


def test_the_same_pair_twice_is_a_duplicate_and_half_of_it_is_not(wire: Wire) -> None:
    wire.run(NEW, **pair())
    assert "Duplicate value" in wire.refused(NEW, **pair("USER@contoso.example"))
    wire.run(NEW, **pair(infrastructure="other.example"))
    assert len(wire.run(GET)["value"]) == 2


def test_there_are_at_most_1024(wire: Wire) -> None:
    for n in range(1024):
        wire.stand_in.edit(NEW, pair(f"a{n}.example"))
    assert "1024" in wire.refused(NEW, **pair("more.example"))


def test_get_filters_and_takes_a_domains_identity(wire: Wire) -> None:
    wire.run(NEW, **pair())
    wire.run(NEW, **(pair("other.example") | {"Action": "Allow", "SpoofType": "Internal"}))
    assert [pair["SpoofedUser"] for pair in wire.run(GET, Action="Allow")["value"]] == ["other.example"]
    assert [pair["Action"] for pair in wire.run(GET, SpoofType="External")["value"]] == ["Block"]
    assert len(wire.run(GET, Identity="contoso.example\\Default")["value"]) == 2
    wire.refused(GET, status=404, Identity="Other")


def test_set_changes_the_action_by_id(wire: Wire) -> None:
    identity = wire.run(NEW, **pair())["value"][0]["Identity"]
    assert "value" not in wire.run(SET, Identity="Default", Action="Allow", Ids=[identity])
    assert [pair["Action"] for pair in wire.run(GET)["value"]] == ["Allow"]
    again = wire.run(SET, Identity="Default", Action="Allow", Ids=[identity])
    assert "no settings of" in again["@adminapi.warnings"][0]
    wire.refused(SET, status=404, Identity="Default", Action="Allow", Ids=[str(uuid.uuid4())])


def test_remove_is_by_id_and_all_or_nothing(wire: Wire) -> None:
    identity = wire.run(NEW, **pair())["value"][0]["Identity"]
    wire.refused(REMOVE, status=404, Identity="Default", Ids=[identity, str(uuid.uuid4())])
    assert len(wire.run(GET)["value"]) == 1
    assert "value" not in wire.run(REMOVE, Identity="contoso.example\\Default", Ids=[identity])
    assert wire.run(GET)["value"] == []
