"""Odd records: reads show them as they were placed, and nothing else knows of them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integration.playground.tenant_wire import FILTER, ITEMS, SPOOF, Wire, new_stand_in, served

ODD = {"Value": "odd\x00\u202e", "Action": "Block", "LastUsedDate(DateTime])": 7, "X@data.type": None}


@pytest.fixture(scope="module")
def shared() -> Iterator[Wire]:
    with served(new_stand_in()) as wire:
        yield wire


@pytest.fixture
def wire(shared: Wire) -> Wire:
    shared.page("POST", "/reset")
    return shared


def test_they_stand_beside_what_is_held_in_the_list_that_was_named(wire: Wire) -> None:
    wire.run(f"New-{ITEMS}", ListType="Sender", Entries=["bad.example"], Block=True)
    wire.page("POST", "/oddities", {"cmdlet": f"Get-{ITEMS}", "list_type": "Sender", "records": [ODD]})
    held, odd = wire.run(f"Get-{ITEMS}", ListType="Sender")["value"]
    assert held["Value"] == "bad.example"
    assert odd == ODD
    assert wire.values("Url") == []


def test_they_can_take_the_place_of_what_is_held(wire: Wire) -> None:
    policies = [{"Name": "A", "IPAllowList": None}, {"Name": "B", "IPAllowList": "203.0.113.7"}]
    wire.page("POST", "/oddities", {"cmdlet": f"Get-{FILTER}", "records": policies, "instead": True})
    assert wire.run(f"Get-{FILTER}")["value"] == policies


def test_no_cmdlet_finds_them(wire: Wire) -> None:
    wire.page("POST", "/oddities", {"cmdlet": f"Get-{ITEMS}", "records": [{"Value": "odd.example", "Action": "Block"}]})
    assert wire.values("Sender") == ["odd.example"]
    wire.refused(f"Remove-{ITEMS}", status=404, ListType="Sender", Entries=["odd.example"])


def test_many_of_them_come_in_pages(wire: Wire) -> None:
    records = [{"Identity": str(number)} for number in range(5)]
    wire.page("POST", "/oddities", {"cmdlet": f"Get-{SPOOF}", "records": records})
    body = wire.post(f"Get-{SPOOF}", page_size=2).json()
    assert body["value"] == records[:2]
    assert "@odata.nextLink" in body


def test_a_reset_takes_them_away(wire: Wire) -> None:
    wire.page("POST", "/oddities", {"cmdlet": f"Get-{SPOOF}", "records": [{}]})
    assert wire.run(f"Get-{SPOOF}")["value"] == [{}]
    wire.page("POST", "/reset")
    assert wire.run(f"Get-{SPOOF}")["value"] == []


@pytest.mark.parametrize(
    "order", [{"cmdlet": f"New-{ITEMS}", "records": []}, {"cmdlet": f"Get-{ITEMS}", "records": ["text"]}, {}]
)
def test_an_order_that_isnt_understood_is_refused(wire: Wire, order: object) -> None:
    assert wire.http.post("/api/tenant/oddities", json=order).status_code == 422
