"""Which record of the tenant's audit log tells of a change, as a table: its value, cmdlet and time, and a person."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.lists.differences import ORDER, SAFE_LIST_PLACE, Happening, Held
from bot.domain.lists.traits import ListName
from bot.domain.overrides.places import Place
from bot.domain.requests.attributing import ASKED_AFTER, AdminLog, AdminRecord, _named_in, ask_at, operations
from bot.domain.requests.unrequested import UnrequestedChange

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
GUID = "0f0e0d0c-0000-4000-8000-000000000001"
BOT = "6f1c1a5e-0000-4000-8000-000000000001"

SENDER = Held(place="sender", value="evil.example", action="allow")
IP = Held(place="connection_filter", value="203.0.113.0/25", within="Default", action="allow")
SWITCH = Held(place=SAFE_LIST_PLACE, value="Default", within="Default", action="allow")
PAIR = Held(place="spoof", value="*@evil.example, mail.example", action="allow")


def added(held: Held) -> UnrequestedChange:
    return UnrequestedChange(
        number=1,
        reading=1,
        what=Happening.ADDED,
        before=None,
        after=held,
        fields=(),
        since=NOW - 15 * MINUTE,
        seen_at=NOW,
        made_by=(),
    )


RECORD = AdminRecord(
    id="r",
    at=NOW - 3 * MINUTE,
    operation="New-TenantAllowBlockListItems",
    user="admin@contoso.example",
    parameters={"ListType": "Sender", "Entries": "other.example,EVIL.example"},
)
FILTER = replace(
    RECORD, operation="Set-HostedConnectionFilterPolicy", parameters={"IPAllowList": "Add=203.0.113.9/25;Remove="}
)


@pytest.mark.parametrize(
    ("held", "record", "tells"),
    [
        (SENDER, RECORD, True),
        (SENDER, replace(RECORD, parameters={"Entries": "notevil.example"}), False),
        (SENDER, replace(RECORD, operation="Remove-TenantAllowBlockListItems"), False),
        (SENDER, replace(RECORD, at=NOW - 21 * MINUTE), False),
        (SENDER, replace(RECORD, at=NOW + 4 * MINUTE), True),  # clocks differ
        (SENDER, replace(RECORD, at=NOW + 6 * MINUTE), False),
        # An application, which may be our own.
        (SENDER, replace(RECORD, user=BOT), False),
        (SENDER, replace(RECORD, user="NT AUTHORITY\\SYSTEM (w3wp)"), False),
        (SENDER, replace(RECORD, texts=f'{{"AppId": "{BOT.upper()}"}}'), False),
        (IP, FILTER, True),  # the same network in another spelling
        (IP, replace(FILTER, parameters={"IPAllowList": "198.51.100.0/25"}), False),
        (SWITCH, replace(FILTER, parameters={"EnableSafeList": "True"}), True),
        (SWITCH, FILTER, False),
        (
            PAIR,
            replace(
                RECORD,
                operation="New-TenantAllowBlockListSpoofItems",
                parameters={"SpoofedUser": "*@evil.example", "SendingInfrastructure": "mail.example"},
            ),
            True,
        ),
        (replace(SENDER, place="mail_flow_rule"), RECORD, False),
        # Of several values, also where they are addresses.
        (
            replace(SENDER, value="info@evil.example"),
            replace(RECORD, parameters={"Entries": "a@other.example,Info@evil.example"}),
            True,
        ),
        (
            replace(SENDER, value="info@evil.example"),
            replace(RECORD, parameters={"Entries": "@{Add=info@evil.example}"}),
            True,
        ),
        (replace(SENDER, value="evil.example"), replace(RECORD, parameters={"Entries": "info@evil.example"}), False),
    ],
)
def test_which_record_tells_of_a_change(held: Held, record: AdminRecord, tells: bool) -> None:
    assert AdminLog([record], own=(BOT,)).who_did(added(held)) == (record if tells else None)


def test_of_several_the_last_counts() -> None:
    last = replace(RECORD, at=NOW - MINUTE, user="second@contoso.example")
    assert AdminLog([last, RECORD]).who_did(added(SENDER)) == last


def test_it_is_asked_with_growing_waits_for_two_days() -> None:
    times = [ask_at(added(SENDER), number) for number in range(len(ASKED_AFTER))]
    assert times[0] == NOW
    assert times == sorted(times)
    assert times[-1] >= NOW + timedelta(days=2)
    assert ask_at(added(SENDER), len(ASKED_AFTER)) is None


RULE = Held(place="mail_flow_rules", value="Partner", action="allow", names=("Partner", GUID))
ALLOWED = Held(
    place="anti_spam_policies",
    value="evil.example",
    within="Default (allowed domains)",
    action="allow",
    names=("Default", GUID),
)
SET_RULE = replace(RECORD, operation="Set-TransportRule", parameters={"Identity": "partner", "SetSCL": "-1"})
SET_POLICY = replace(
    RECORD,
    operation="set-hostedcontentfilterpolicy",
    parameters={"Identity": "Default", "AllowedSenderDomains": "other.example;evil.example"},
)


@pytest.mark.parametrize(
    ("what", "held", "record", "tells"),
    [
        (Happening.CHANGED, RULE, SET_RULE, True),
        (Happening.CHANGED, RULE, replace(SET_RULE, parameters={"Identity": GUID.upper()}), True),
        (Happening.CHANGED, RULE, replace(SET_RULE, parameters={}, object="contoso.example\\Partner"), True),
        (Happening.CHANGED, replace(RULE, names=("A/B",)), replace(SET_RULE, parameters={}, object="a/b"), True),
        (Happening.ADDED, RULE, replace(SET_RULE, operation="New-TransportRule", parameters={"Name": "Partner"}), True),
        (Happening.ADDED, RULE, replace(SET_RULE, operation="Enable-TransportRule"), True),
        (Happening.REMOVED, RULE, replace(SET_RULE, operation="Disable-TransportRule"), True),
        (Happening.CHANGED, RULE, replace(SET_RULE, operation="Set-InboundConnector"), False),
        (Happening.CHANGED, RULE, replace(SET_RULE, parameters={"Identity": "Partners"}), False),
        (Happening.CHANGED, RULE, replace(SET_RULE, parameters={"SenderDomainIs": "Partner"}), False),
        (Happening.CHANGED, RULE, replace(SET_RULE, user=BOT), False),
        (Happening.CHANGED, replace(RULE, names=()), SET_RULE, False),  # what an older version wrote down
        (Happening.CHANGED, replace(RULE, names=("",)), replace(SET_RULE, parameters={}), False),
        # A policy's senders are told by what sets them.
        (Happening.ADDED, ALLOWED, SET_POLICY, True),
        (Happening.ADDED, ALLOWED, replace(SET_POLICY, parameters={"Identity": "Default"}), False),
        (
            Happening.ADDED,
            ALLOWED,
            replace(SET_POLICY, parameters={"Identity": "Default", "AllowedSenderDomains": "other.example"}),
            False,
        ),
        # Whoever sets a list without a value takes it out.
        (
            Happening.REMOVED,
            ALLOWED,
            replace(SET_POLICY, parameters={"Identity": "Default", "AllowedSenderDomains": "other.example"}),
            True,
        ),
        (
            Happening.REMOVED,
            ALLOWED,
            replace(SET_POLICY, parameters={"Identity": "Default", "BlockedSenderDomains": "evil.example"}),
            False,
        ),
        (Happening.ADDED, ALLOWED, replace(SET_POLICY, operation="New-HostedContentFilterPolicy"), True),
        (Happening.ADDED, ALLOWED, replace(SET_POLICY, operation="Enable-HostedContentFilterRule"), True),
    ],
)
def test_which_record_tells_of_a_change_beside_the_lists(
    what: Happening, held: Held, record: AdminRecord, tells: bool
) -> None:
    change = replace(added(held), what=what)
    assert AdminLog([record], own=(BOT,)).who_did(change) == (record if tells else None)


def test_whoever_sets_a_priority_changed_the_order() -> None:
    moved = replace(added(RULE), what=Happening.CHANGED, fields=(ORDER,))
    other = replace(SET_RULE, parameters={"Identity": "Ban", "Priority": "0"})
    assert AdminLog([other, replace(SET_RULE, at=NOW)]).who_did(moved) == other


def test_every_place_has_cmdlets_and_what_has_no_name_has_none() -> None:
    for place in Place:
        assert f"Set-{PLACE_NOUNS[place]}" in operations(added(replace(RULE, place=place.value)))
    assert operations(added(replace(RULE, names=()))) == frozenset()
    assert operations(added(replace(RULE, place="elsewhere"))) == frozenset()


PLACE_NOUNS = {
    Place.ADVANCED_DELIVERY: "ExoPhishSimOverrideRule",
    Place.MAIL_FLOW_RULES: "TransportRule",
    Place.CONNECTORS: "InboundConnector",
    Place.ANTI_SPAM: "HostedContentFilterPolicy",
    Place.ANTI_PHISHING: "AntiPhishPolicy",
}


def test_a_list_that_was_emptied_is_held_against_as_many_records_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody's script took out a full list, one entry at a time: all against all would be a quarter of a million."""
    numbers = range(500)
    held = [Held(place="sender", value=f"a{number}.example", action="block") for number in numbers]
    gone = [replace(added(each), what=Happening.REMOVED, before=each, after=None) for each in held]
    record = replace(RECORD, operation="Remove-TenantAllowBlockListItems")
    records = [replace(record, id=str(number), parameters={"Entries": f"A{number}.example"}) for number in numbers]
    looked_through: list[AdminRecord] = []

    def named_in(name: ListName, looked_at: AdminRecord) -> frozenset[object]:
        looked_through.append(looked_at)
        return _named_in(name, looked_at)

    monkeypatch.setattr("bot.domain.requests.attributing._named_in", named_in)
    log = AdminLog(records, own=(BOT,))
    assert [log.who_did(change) for change in gone] == records
    assert len(looked_through) == len(records)
