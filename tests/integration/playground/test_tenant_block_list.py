"""The Tenant Allow/Block List's items: what may be added, how it ends, how it is found, changed and removed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from tests.integration.playground.tenant_wire import ITEMS, Wire, in_days, new_stand_in, served

NEW, GET, SET, REMOVE = (f"{verb}-{ITEMS}" for verb in ("New", "Get", "Set", "Remove"))
HASH = "ab" * 32
ONE = {"Sender": "bad.example", "Url": "bad.example/a", "FileHash": HASH, "IP": "2001:db8::1"}


@pytest.fixture(scope="module")
def shared() -> Iterator[Wire]:
    with served(new_stand_in()) as wire:
        yield wire


@pytest.fixture
def wire(shared: Wire) -> Wire:
    shared.page("POST", "/reset")
    shared.forget_token()
    return shared


def days_left(record: dict[str, str]) -> float:
    return (datetime.fromisoformat(record["ExpirationDate"]) - datetime.now(UTC)) / timedelta(days=1)


def add(wire: Wire, list_type: str = "Sender", action: str = "Block", **more: object) -> dict[str, str]:
    body = wire.run(NEW, **({"ListType": list_type, "Entries": [ONE[list_type]], action: True} | more))
    record: dict[str, str] = body["value"][0]
    return record


class TestRecord:
    def test_it_is_on_the_wire_as_recorded_from_live_tenants(self, wire: Wire) -> None:
        record = add(wire, Notes="request 17")
        assert record["Value"] == "bad.example"
        assert record["Action"] == "Block"
        assert record["Notes"] == "request 17"
        assert record["ListSubType"] == "Tenant"
        assert record["SysManaged"] is False
        assert record["SubmissionID"] == "Non-Submission"
        assert record["ObjectState"] == "New"
        assert record["ModifiedBy"] == wire.client_id
        assert record["CreatedDateTime@data.type"] == "System.DateTime"
        assert record["ExpirationDate@data.type"] == "System.DateTime"
        assert record["LastUsedDate(DateTime])"] is None
        assert record["LastUsedDate"] is None
        assert record["Error"] is None
        assert record["RemoveAfter"] is None
        assert "ListType" not in record
        assert len(record["Identity"]) > 60
        for name in ("CreatedDateTime", "LastModifiedDateTime", "ExpirationDate"):
            assert len(record[name].partition(".")[2]) == len("1234567Z")

    def test_it_is_the_same_when_read_but_for_its_state(self, wire: Wire) -> None:
        record = add(wire)
        assert wire.run(GET, ListType="Sender")["value"] == [record | {"ObjectState": "Unchanged"}]

    def test_an_expiry_that_is_not_set_has_no_sidecar(self, wire: Wire) -> None:
        bounded = add(wire, action="Allow")
        assert bounded["ExpirationDate"] is None
        assert "ExpirationDate@data.type" not in bounded
        assert bounded["RemoveAfter@data.type"] == "System.Int32"


class TestNew:
    @pytest.mark.parametrize("list_type", list(ONE))
    def test_each_list_takes_its_kind_and_no_other_has_it(self, wire: Wire, list_type: str) -> None:
        add(wire, list_type)
        assert {kind: wire.values(kind) for kind in ONE} == {
            kind: [ONE[kind]] if kind == list_type else [] for kind in ONE
        }

    def test_entries_may_be_one_string(self, wire: Wire) -> None:
        wire.run(NEW, ListType="Sender", Entries="bad.example", Block=True)
        assert wire.values("Sender") == ["bad.example"]

    @pytest.mark.parametrize("actions", [{}, {"Block": True, "Allow": True}, {"Block": False}])
    def test_it_is_either_a_block_or_an_allow(self, wire: Wire, actions: dict[str, bool]) -> None:
        text = wire.refused(NEW, ListType="Sender", Entries=["bad.example"], **actions)
        assert text == "Parameter set cannot be resolved using the specified named parameters."
        assert wire.values("Sender") == []

    def test_a_duplicate_stops_the_whole_call_with_the_documented_text(self, wire: Wire) -> None:
        add(wire)
        text = wire.refused(NEW, ListType="Sender", Entries=["new.example", "bad.example"], Block=True)
        assert text == "Invalid value to add: bad.example - Duplicate value.."
        answer = wire.post(NEW, ListType="Sender", Entries=["bad.example"], Block=True)
        assert answer.json()["error"]["details"][0]["message"] == (
            "|System.ArgumentException|Invalid value to add: bad.example - Duplicate value.."
        )
        assert wire.values("Sender") == ["bad.example"]

    @pytest.mark.parametrize(
        ("list_type", "again"),
        [
            ("Sender", "BAD.example"),
            ("Url", "Bad.example/A"),
            ("FileHash", HASH.upper()),
            ("IP", "2001:0db8:0::0001"),
            ("IP", "2001:db8::1/128"),
        ],
    )
    def test_another_spelling_is_a_duplicate(self, wire: Wire, list_type: str, again: str) -> None:
        add(wire, list_type)
        assert "Duplicate" in wire.refused(NEW, ListType=list_type, Entries=[again], Block=True)

    def test_a_value_exists_once_whichever_action_it_has(self, wire: Wire) -> None:
        add(wire)
        assert "Duplicate" in wire.refused(NEW, ListType="Sender", Entries=["bad.example"], Allow=True)

    def test_a_value_twice_in_one_call_is_a_duplicate(self, wire: Wire) -> None:
        assert "Duplicate" in wire.refused(NEW, ListType="Sender", Entries=["a.example", "a.example"], Block=True)
        assert wire.values("Sender") == []

    def test_a_syntax_error_stops_the_whole_call(self, wire: Wire) -> None:
        text = wire.refused(NEW, ListType="Sender", Entries=["good.example", "not good"], Block=True)
        assert "Invalid value to add: not good" in text
        assert wire.values("Sender") == []

    def test_output_json_lets_the_good_ones_through(self, wire: Wire) -> None:
        add(wire)
        entries = ["new.example", "bad.example", "not good"]
        body = wire.run(NEW, ListType="Sender", Entries=entries, Block=True, OutputJson=True)
        told = {item["Value"]: item["Error"] for item in json.loads(body["value"][0]["Json"])}
        assert told["new.example"] is None
        assert "Duplicate" in told["bad.example"]
        assert "Invalid value" in told["not good"]
        assert wire.values("Sender") == ["bad.example", "new.example"]

    def test_more_than_the_portals_twenty_is_remarked(self, wire: Wire) -> None:
        wire.run(NEW, ListType="Sender", Entries=[f"a{n}.example" for n in range(20)], Block=True)
        assert wire.remarks() == []
        wire.run(NEW, ListType="Sender", Entries=[f"b{n}.example" for n in range(21)], Block=True)
        assert "21 values" in wire.remarks()[0]

    def test_files_are_allowed_by_submission_only(self, wire: Wire) -> None:
        assert "submit" in wire.refused(NEW, ListType="FileHash", Entries=[HASH], Allow=True)
        wire.page("POST", "/submission", {"list_type": "FileHash", "value": HASH})
        record = wire.run(GET, ListType="FileHash")["value"][0]
        assert (record["Action"], record["ListSubType"]) == ("Allow", "Submission")
        assert days_left(record) == pytest.approx(30, abs=0.01)
        assert wire.values("FileHash", ListSubType="Submission") == [HASH]
        assert wire.values("FileHash", ListSubType="Tenant") == []

    def test_advanced_delivery_is_for_allowed_urls_and_is_listed_only_when_asked_for(self, wire: Wire) -> None:
        add(wire, "Url", "Allow", Entries=["*.bad.example"], ListSubType="AdvancedDelivery", NoExpiration=True)
        assert wire.values("Url") == []
        assert wire.values("Url", ListSubType="AdvancedDelivery") == ["*.bad.example"]
        for list_type, action in (("Url", "Block"), ("Sender", "Allow")):
            text = wire.refused(
                NEW,
                **{"ListType": list_type, "Entries": [ONE[list_type]], action: True},
                ListSubType="AdvancedDelivery",
            )
            assert "AdvancedDelivery" in text


class TestExpiry:
    @pytest.mark.parametrize("list_type", ["Sender", "Url", "FileHash"])
    def test_a_block_lasts_30_days_by_default(self, wire: Wire, list_type: str) -> None:
        assert days_left(add(wire, list_type)) == pytest.approx(30, abs=0.01)

    @pytest.mark.parametrize("action", ["Allow", "Block"])
    def test_an_ipv6_never_ends_by_default(self, wire: Wire, action: str) -> None:
        record = add(wire, "IP", action)
        assert (record["ExpirationDate"], record["RemoveAfter"]) == (None, None)

    @pytest.mark.parametrize("list_type", ["Sender", "Url"])
    def test_a_direct_allow_ends_45_days_after_last_use_by_default(self, wire: Wire, list_type: str) -> None:
        record = add(wire, list_type, "Allow")
        assert (record["ExpirationDate"], record["RemoveAfter"]) == (None, 45)

    @pytest.mark.parametrize(
        ("list_type", "action", "days"),
        [
            ("Sender", "Block", 90),
            ("Url", "Block", 90),
            ("FileHash", "Block", 90),
            ("IP", "Block", 90),
            ("IP", "Allow", 90),
            ("Sender", "Allow", 30),
            ("Url", "Allow", 30),
        ],
    )
    def test_a_date_may_be_so_far_away_and_no_further(self, wire: Wire, list_type: str, action: str, days: int) -> None:
        call = {"ListType": list_type, "Entries": [ONE[list_type]], action: True}
        assert str(days) in wire.refused(NEW, **call, ExpirationDate=in_days(days + 0.01))
        record = wire.run(NEW, **call, ExpirationDate=in_days(days - 0.01))["value"][0]
        assert days_left(record) == pytest.approx(days, abs=0.05)
        assert record["RemoveAfter"] is None

    def test_a_date_has_to_be_in_the_future(self, wire: Wire) -> None:
        text = wire.refused(NEW, ListType="Sender", Entries=["a.example"], Block=True, ExpirationDate=in_days(-1))
        assert "future" in text

    @pytest.mark.parametrize(
        ("list_type", "action", "allowed"),
        [
            ("Sender", "Block", True),
            ("Url", "Block", True),
            ("FileHash", "Block", True),
            ("IP", "Block", True),
            ("IP", "Allow", True),
            ("Sender", "Allow", False),
            ("Url", "Allow", False),
        ],
    )
    def test_who_may_never_end(self, wire: Wire, list_type: str, action: str, *, allowed: bool) -> None:
        call = {"ListType": list_type, "Entries": [ONE[list_type]], action: True, "NoExpiration": True}
        if not allowed:
            assert "NoExpiration can only be used" in wire.refused(NEW, **call)
            return
        record = wire.run(NEW, **call)["value"][0]
        assert (record["ExpirationDate"], record["RemoveAfter"]) == (None, None)

    @pytest.mark.parametrize(
        ("list_type", "action", "days"), [("Sender", "Block", 45), ("IP", "Allow", 45), ("Sender", "Allow", 30)]
    )
    def test_remove_after_is_45_and_for_direct_allows(self, wire: Wire, list_type: str, action: str, days: int) -> None:
        call = {"ListType": list_type, "Entries": [ONE[list_type]], action: True, "RemoveAfter": days}
        assert "RemoveAfter" in wire.refused(NEW, **call)
        assert add(wire, "Url", "Allow", RemoveAfter=45)["RemoveAfter"] == 45

    def test_the_end_is_said_in_one_way_only(self, wire: Wire) -> None:
        call = {"ListType": "Sender", "Entries": ["a.example"], "Block": True, "ExpirationDate": in_days(1)}
        assert "Parameter set" in wire.refused(NEW, **call, NoExpiration=True)
        assert "Parameter set" in wire.refused(NEW, **call, RemoveAfter=45)

    def test_an_ended_entry_is_listed_for_a_while_and_then_gone(self, wire: Wire) -> None:
        add(wire, ExpirationDate=in_days(1))
        wire.page("POST", "/clock", {"advance_seconds": 86400 + 1800})
        wire.forget_token()
        assert wire.values("Sender") == ["bad.example"]
        wire.page("POST", "/clock", {"advance_seconds": 1900})
        assert wire.values("Sender") == []
        add(wire)

    def test_an_unused_allow_is_gone_after_45_days(self, wire: Wire) -> None:
        add(wire, action="Allow")
        wire.page("POST", "/clock", {"advance_seconds": 44 * 86400})
        wire.forget_token()
        assert wire.values("Sender") == ["bad.example"]
        wire.page("POST", "/clock", {"advance_seconds": 86400 + 3700})
        wire.forget_token()
        assert wire.values("Sender") == []


class TestCapacity:
    def test_without_a_plan_each_list_holds_500_of_each_action(self) -> None:
        with served(new_stand_in(plan="none")) as wire:
            wire.run(NEW, ListType="Sender", Entries=[f"a{n}.example" for n in range(499)], Block=True)
            two = ["b.example", "c.example"]
            assert "500 block" in wire.refused(NEW, ListType="Sender", Entries=two, Block=True)
            assert len(wire.values("Sender")) == 499
            wire.run(NEW, ListType="Sender", Entries=two[:1], Block=True)
            assert "500 block" in wire.refused(NEW, ListType="Sender", Entries=two[1:], Block=True)
            wire.run(NEW, ListType="Sender", Entries=two[1:], Allow=True)
            wire.run(NEW, ListType="Url", Entries=two, Block=True)
            assert "500 block" in wire.refused(SET, ListType="Sender", Entries=two[1:], Block=True, NoExpiration=True)
            wire.run(REMOVE, ListType="Sender", Entries=["a0.example"])
            wire.run(SET, ListType="Sender", Entries=two[1:], Block=True, NoExpiration=True)

    @pytest.mark.parametrize(("plan", "allow", "block"), [("plan1", 1000, 1000), ("plan2", 5000, 10000)])
    def test_the_plans_hold_more(self, plan: str, allow: int, block: int) -> None:
        stand_in = new_stand_in(plan="plan2" if plan == "plan2" else "plan1")
        with served(stand_in) as wire:
            for action, most in (("Allow", allow), ("Block", block)):
                full = [f"{action}{n}.example" for n in range(most)]
                wire.run(NEW, **{"ListType": "Sender", "Entries": full, action: True})
                call = {"ListType": "Sender", "Entries": [f"more{action}.example"], action: True}
                assert str(most) in wire.refused(NEW, **call)


class TestGet:
    def test_it_needs_a_list_type(self, wire: Wire) -> None:
        assert "ListType" in wire.refused(GET)

    def test_it_filters_by_entry_action_and_end(self, wire: Wire) -> None:
        wire.run(NEW, ListType="IP", Entries=["2001:db8::1"], Block=True)
        wire.run(NEW, ListType="IP", Entries=["2001:db8::2"], Allow=True, ExpirationDate=in_days(5))
        assert wire.values("IP", Block=True) == ["2001:db8::1"]
        assert wire.values("IP", Allow=True) == ["2001:db8::2"]
        assert wire.values("IP", NoExpiration=True) == ["2001:db8::1"]
        assert wire.values("IP", Entry="2001:db8:0::2") == ["2001:db8::2"]
        assert wire.values("IP", Entry="2001:db8::2", Block=True) == []
        assert wire.values("IP", Entry="2001:db8::3") == []

    def test_an_entry_with_a_fragment_has_to_be_encoded_to_be_found(self, wire: Wire) -> None:
        value = "contoso.example/folder/#x=1"
        wire.run(NEW, ListType="Url", Entries=[value, "contoso.example/folder/"], Block=True)
        assert wire.values("Url", Entry="contoso.example/folder/%23x=1") == [value]
        assert wire.values("Url", Entry="contoso.example%2Ffolder%2F%23x%3D1") == [value]
        assert wire.values("Url", Entry=value) == ["contoso.example/folder/"]

    def test_an_encoded_sender_is_found_as_it_stands(self, wire: Wire) -> None:
        value = "a%2Bb@contoso.example"
        wire.run(NEW, ListType="Sender", Entries=[value], Block=True)
        assert wire.values("Sender", Entry=value) == [value]

    def test_an_allow_that_ends_with_its_use_isnt_permanent(self, wire: Wire) -> None:
        add(wire, action="Allow")
        assert wire.values("Sender", NoExpiration=True) == []

    def test_output_json_gives_one_text(self, wire: Wire) -> None:
        add(wire)
        (answer,) = wire.run(GET, ListType="Sender", OutputJson=True)["value"]
        assert [item["Value"] for item in json.loads(answer["Json"])] == ["bad.example"]


class TestSet:
    def test_notes_and_date_change_by_entries_or_ids(self, wire: Wire) -> None:
        record = add(wire)
        wire.page("POST", "/clock", {"advance_seconds": 5})
        changed = wire.run(SET, ListType="Sender", Entries=["bad.example"], Notes="longer")["value"][0]
        assert changed["Notes"] == "longer"
        assert changed["ExpirationDate"] == record["ExpirationDate"]
        assert changed["LastModifiedDateTime"] > record["LastModifiedDateTime"]
        assert changed["CreatedDateTime"] == record["CreatedDateTime"]
        changed = wire.run(SET, ListType="Sender", Ids=[record["Identity"]], NoExpiration=True)["value"][0]
        assert (changed["ExpirationDate"], changed["Notes"]) == (None, "longer")
        assert changed["Identity"] == record["Identity"]

    def test_the_action_changes_only_to_what_may_be(self, wire: Wire) -> None:
        add(wire, NoExpiration=True)
        assert "NoExpiration" in wire.refused(SET, ListType="Sender", Entries=["bad.example"], Allow=True)
        wire.run(SET, ListType="Sender", Entries=["bad.example"], Allow=True, RemoveAfter=45)
        assert wire.values("Sender", Allow=True) == ["bad.example"]
        add(wire, "FileHash")
        assert "submit" in wire.refused(SET, ListType="FileHash", Entries=[HASH], Allow=True)
        wire.run(NEW, ListType="Url", Entries=["*.bad.example"], Block=True)
        text = wire.refused(SET, ListType="Url", Entries=["*.bad.example"], Allow=True, RemoveAfter=45)
        assert "wildcard" in text

    def test_the_rules_of_expiry_hold(self, wire: Wire) -> None:
        add(wire)
        call = {"ListType": "Sender", "Entries": ["bad.example"]}
        assert "90" in wire.refused(SET, **call, ExpirationDate=in_days(91))
        assert "RemoveAfter" in wire.refused(SET, **call, RemoveAfter=45)
        assert "Parameter set" in wire.refused(SET, **call, NoExpiration=True, ExpirationDate=in_days(3))

    def test_an_end_has_to_be_in_the_future(self, wire: Wire) -> None:
        record = add(wire)
        text = wire.refused(SET, ListType="Sender", Entries=["bad.example"], ExpirationDate=in_days(-1))
        assert text == "ExpirationDate must be in the future."
        assert wire.run(GET, ListType="Sender")["value"][0]["ExpirationDate"] == record["ExpirationDate"]

    def test_never_is_for_blocks_and_ipv6_and_45_days_of_use_for_other_allows(self, wire: Wire) -> None:
        add(wire, action="Allow")
        call = {"ListType": "Sender", "Entries": ["bad.example"]}
        assert "NoExpiration" in wire.refused(SET, **call, NoExpiration=True)
        dated = wire.run(SET, **call, ExpirationDate=in_days(20))["value"][0]
        assert (days_left(dated) > 19, dated["RemoveAfter"]) == (True, None)
        by_use = wire.run(SET, **call, RemoveAfter=45)["value"][0]
        assert (by_use["ExpirationDate"], by_use["RemoveAfter"]) == (None, 45)
        add(wire, "IP", "Allow")
        wire.run(SET, ListType="IP", Entries=[ONE["IP"]], ExpirationDate=in_days(20))
        endless = wire.run(SET, ListType="IP", Entries=[ONE["IP"]], NoExpiration=True)["value"][0]
        assert (endless["ExpirationDate"], endless["RemoveAfter"]) == (None, None)

    def test_the_allow_that_a_submission_made_can_be_bounded_by_its_use(self, wire: Wire) -> None:
        wire.page("POST", "/submission", {"list_type": "FileHash", "value": HASH})
        (changed,) = wire.run(SET, ListType="FileHash", Entries=[HASH], RemoveAfter=45)["value"]
        assert (changed["ExpirationDate"], changed["RemoveAfter"]) == (None, 45)

    def test_the_value_itself_cannot_be_edited(self, wire: Wire) -> None:
        add(wire)
        assert "'Value'" in wire.refused(SET, ListType="Sender", Entries=["bad.example"], Value="other.example")
        assert wire.values("Sender") == ["bad.example"]

    @pytest.mark.parametrize(("cmdlet", "more"), [(SET, {"Notes": "x"}), (REMOVE, {})])
    def test_allows_and_blocks_cannot_be_mixed(self, wire: Wire, cmdlet: str, more: dict[str, str]) -> None:
        add(wire)
        wire.run(NEW, ListType="Sender", Entries=["good.example"], Allow=True)
        both = ["bad.example", "good.example"]
        assert "mixed" in wire.refused(cmdlet, ListType="Sender", Entries=both, **more)
        assert wire.values("Sender") == both

    def test_several_entries_are_changed_by_one_call(self, wire: Wire) -> None:
        wire.run(NEW, ListType="Sender", Entries=["a.example", "b.example", "c.example"], Block=True)
        wire.run(SET, ListType="Sender", Entries=["A.example", "c.example"], Notes="new", NoExpiration=True)
        notes = {record["Value"]: record["Notes"] for record in wire.run(GET, ListType="Sender")["value"]}
        assert notes == {"a.example": "new", "b.example": "", "c.example": "new"}
        assert wire.values("Sender", NoExpiration=True) == ["a.example", "c.example"]

    def test_ids_or_entries_and_never_both_or_neither(self, wire: Wire) -> None:
        record = add(wire)
        for which in ({}, {"Ids": [record["Identity"]], "Entries": ["bad.example"]}):
            assert "Parameter set" in wire.refused(SET, ListType="Sender", Notes="x", **which)

    def test_one_that_isnt_there_refuses_all(self, wire: Wire) -> None:
        add(wire)
        text = wire.refused(SET, status=404, ListType="Sender", Entries=["bad.example", "no.example"], Notes="x")
        assert "'no.example'" in text
        assert wire.run(GET, ListType="Sender")["value"][0]["Notes"] == ""

    def test_no_change_is_a_warning(self, wire: Wire) -> None:
        add(wire, Notes="same")
        body = wire.run(SET, ListType="Sender", Entries=["bad.example"], Notes="same")
        assert body["@adminapi.warnings"] == [
            "The command completed successfully but no settings of 'bad.example' have been modified."
        ]


class TestRemove:
    def test_by_entries_or_by_ids(self, wire: Wire) -> None:
        wire.run(NEW, ListType="Sender", Entries=["a.example", "b.example", "c.example"], Block=True)
        identities = {item["Value"]: item["Identity"] for item in wire.run(GET, ListType="Sender")["value"]}
        wire.run(REMOVE, ListType="Sender", Entries=["A.example"])
        wire.run(REMOVE, ListType="Sender", Ids=[identities["c.example"]])
        assert wire.values("Sender") == ["b.example"]

    def test_a_removed_entry_comes_back_as_deleted(self, wire: Wire) -> None:
        record = add(wire)
        (gone,) = wire.run(REMOVE, ListType="Sender", Entries=["bad.example"])["value"]
        assert (gone["Action"], gone["ObjectState"]) == ("0", "Deleted")
        assert gone["Identity"] == record["Identity"]
        assert wire.values("Sender") == []

    def test_what_isnt_there_refuses_the_whole_call(self, wire: Wire) -> None:
        add(wire)
        for which in ({"Entries": ["bad.example", "no.example"]}, {"Ids": ["no-such-id"]}):
            assert "couldn't be found" in wire.refused(REMOVE, status=404, ListType="Sender", **which)
        assert "couldn't be found" in wire.refused(REMOVE, status=404, ListType="Url", Entries=["bad.example"])
        assert wire.values("Sender") == ["bad.example"]

    def test_it_takes_no_what_if(self, wire: Wire) -> None:
        add(wire)
        assert "'WhatIf'" in wire.refused(REMOVE, ListType="Sender", Entries=["bad.example"], WhatIf=True)
        assert wire.values("Sender") == ["bad.example"]
