"""What the playground's page asks of the tenant, and the stand-in's public face."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from bot.playground.tenant import CmdletRefused
from tests.integration.playground.tenant_wire import FILTER, ITEMS, SPOOF, Wire, hashtable, new_stand_in, served

BLOCK = {"ListType": "Sender", "Entries": ["bad.example"], "Block": True}


@pytest.fixture(scope="module")
def shared() -> Iterator[Wire]:
    with served(new_stand_in()) as wire:
        yield wire


@pytest.fixture
def wire(shared: Wire) -> Wire:
    shared.page("POST", "/reset")
    shared.forget_token()
    return shared


def test_the_environment_points_the_bot_here() -> None:
    stand_in = new_stand_in(plan="plan2")
    settings = stand_in.environment("http://127.0.0.1:8420")
    tenant = settings["PORTCULLIS_TENANT_ID"]
    assert settings["PORTCULLIS_EXCHANGE_URL"] == "http://127.0.0.1:8420/tenant/exchange"
    assert settings["PORTCULLIS_AUTHORITY_URL"] == f"http://127.0.0.1:8420/tenant/authority/{tenant}"
    assert settings["PORTCULLIS_GRAPH_URL"] == "http://127.0.0.1:8420/tenant/graph"
    assert settings["PORTCULLIS_TENANT_PLAN"] == "plan2"
    assert settings["PORTCULLIS_CLIENT_ID"]
    assert settings["PORTCULLIS_CLIENT_SECRET"]


def test_the_lists_are_as_the_cmdlets_return_them(wire: Wire) -> None:
    wire.run(f"New-{ITEMS}", **BLOCK)
    lists = wire.page("GET", "/lists")
    assert set(lists) == {"policies", "items", "spoof", "overrides", "submissions"}
    assert lists["policies"] == wire.run(f"Get-{FILTER}")["value"]
    assert set(lists["items"]) == {"Sender", "Url", "FileHash", "IP"}
    assert lists["items"]["Sender"] == wire.run(f"Get-{ITEMS}", ListType="Sender")["value"]
    assert lists["spoof"] == wire.run(f"Get-{SPOOF}")["value"] == []


def test_the_calls_are_recorded_with_how_they_went(wire: Wire) -> None:
    wire.run(f"New-{ITEMS}", **BLOCK)
    wire.post(f"New-{ITEMS}", **BLOCK)
    good, bad = wire.page("GET", "/calls")
    assert (good["cmdlet"], good["parameters"], good["status"], good["error"]) == (f"New-{ITEMS}", BLOCK, 200, "")
    assert datetime.fromisoformat(good["at"]).tzinfo is not None
    assert bad["status"] == 400
    assert bad["error"] == "Invalid value to add: bad.example - Duplicate value.."


def test_somebody_edits_past_the_bot(wire: Wire) -> None:
    told = wire.page(
        "POST",
        "/edit",
        {"cmdlet": f"Set-{FILTER}", "parameters": {"Identity": "Default", "IPAllowList": hashtable(Add=["192.0.2.1"])}},
    )
    assert told == {"ok": True, "value": None, "warnings": []}
    wire.page("POST", "/edit", {"cmdlet": f"New-{ITEMS}", "parameters": BLOCK})
    assert wire.policy()["IPAllowList"] == ["192.0.2.1"]
    record = wire.run(f"Get-{ITEMS}", ListType="Sender")["value"][0]
    assert record["ModifiedBy"] == "admin@contoso.example"
    assert [call["cmdlet"] for call in wire.page("GET", "/calls")] == [f"Get-{FILTER}", f"Get-{ITEMS}"]


def test_an_edit_is_by_whom_it_names(wire: Wire) -> None:
    edit = {"cmdlet": f"New-{ITEMS}", "parameters": BLOCK}
    wire.page("POST", "/edit", edit | {"by": "helpdesk@contoso.example"})
    assert wire.run(f"Get-{ITEMS}", ListType="Sender")["value"][0]["ModifiedBy"] == "helpdesk@contoso.example"
    [record] = wire.stand_in.audit_log.records
    assert record["userId"] == "helpdesk@contoso.example"
    assert wire.http.post("/api/tenant/edit", json=edit | {"by": ""}).status_code == 422


def test_an_edit_follows_the_same_rules(wire: Wire) -> None:
    wire.run(f"New-{ITEMS}", **BLOCK)
    answer = wire.http.post("/api/tenant/edit", json={"cmdlet": f"New-{ITEMS}", "parameters": BLOCK})
    assert answer.status_code == 400
    assert answer.json() == {"ok": False, "error": "Invalid value to add: bad.example - Duplicate value.."}
    assert wire.http.post("/api/tenant/edit", json={"cmdlet": "Get-Nothing"}).status_code == 404
    assert wire.http.post("/api/tenant/edit", json={"parameters": {}}).status_code == 422


def test_a_submission_follows_the_rules_of_values(wire: Wire) -> None:
    submission = {"list_type": "Sender", "value": "good.example"}
    record = wire.page("POST", "/submission", submission)["value"][0]
    assert (record["Action"], record["ListSubType"]) == ("Allow", "Submission")
    assert "Duplicate" in wire.http.post("/api/tenant/submission", json=submission).text
    bad = wire.http.post("/api/tenant/submission", json=submission | {"value": "not good"})
    assert bad.status_code == 400


def test_reset_leaves_an_empty_tenant_and_good_tokens(wire: Wire) -> None:
    wire.run(f"New-{ITEMS}", **BLOCK)
    wire.arm("500")
    wire.page("POST", "/roles", {"directory_role": "none"})
    wire.page("POST", "/clock", {"advance_seconds": 60})
    wire.page("POST", "/reset")
    assert wire.page("GET", "/calls") == []
    assert wire.page("GET", "/remarks") == []
    assert wire.values("Sender") == []


def test_the_clock_moves_ahead_only(wire: Wire) -> None:
    told = datetime.fromisoformat(wire.page("POST", "/clock", {"advance_seconds": 3600})["now"])
    assert (told - datetime.now(UTC)).total_seconds() == pytest.approx(3600, abs=5)
    assert wire.http.post("/api/tenant/clock", json={"advance_seconds": -1}).status_code == 422


def test_roles_that_dont_exist_are_refused(wire: Wire) -> None:
    assert wire.http.post("/api/tenant/roles", json={"directory_role": "owner"}).status_code == 422
    assert wire.page("POST", "/roles", {"directory_role": "reader"})["app_role"] is True


def test_revoked_tokens_stop_working(wire: Wire) -> None:
    wire.run("Get-AcceptedDomain")
    wire.stand_in.revoke_tokens()
    assert wire.post("Get-AcceptedDomain").status_code == 401


def test_every_change_is_told() -> None:
    told: list[str] = []
    stand_in = new_stand_in()
    with served(stand_in) as wire:
        wire.token()
        stand_in.on_change = lambda: told.append("changed")
        for act in (
            lambda: wire.run(f"New-{ITEMS}", **BLOCK),
            lambda: wire.values("Sender"),
            lambda: wire.page("POST", "/edit", {"cmdlet": f"Remove-{ITEMS}", "parameters": _named("bad.example")}),
            lambda: wire.page("POST", "/submission", {"list_type": "Sender", "value": "good.example"}),
            lambda: wire.arm("500"),
            lambda: wire.page("DELETE", "/faults"),
            lambda: wire.page("POST", "/clock", {"advance_seconds": 1}),
            lambda: wire.page("POST", "/roles", {"directory_role": "reader"}),
            lambda: wire.page("POST", "/reset"),
        ):
            told.clear()
            act()
            assert told
        told.clear()
        wire.page("GET", "/lists")
        assert not told


def test_an_edit_from_python_raises_when_it_is_refused(wire: Wire) -> None:
    wire.stand_in.edit(f"New-{ITEMS}", BLOCK)
    with pytest.raises(CmdletRefused, match="Duplicate"):
        wire.stand_in.edit(f"New-{ITEMS}", BLOCK)
    with pytest.raises(CmdletRefused, match="no cmdlet"):
        wire.stand_in.edit("Get-Nothing", {})


def _named(value: str) -> dict[str, object]:
    return {"ListType": "Sender", "Entries": [value]}


def test_mail_can_come_and_is_counted(wire: Wire) -> None:
    mail = {"sender": "a@evil.example", "status": "quarantined"}
    assert wire.page("POST", "/mail", {"mail": mail, "times": 3}) == [
        {"sender": "a@evil.example", "recipients": ["user@contoso.example"], "status": "quarantined", "count": 3}
    ]
    wire.page("POST", "/reset")
    assert wire.page("GET", "/mail") == []
