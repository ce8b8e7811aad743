"""Which record of the tenant's audit log tells of a change, as a table: its value, cmdlet and time, and a person."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.lists.differences import SAFE_LIST_PLACE, Happening, Held
from bot.domain.requests.attributing import ASKED_AFTER, AdminRecord, ask_at, who_did
from bot.domain.requests.unrequested import UnrequestedChange

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
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
    ],
)
def test_which_record_tells_of_a_change(held: Held, record: AdminRecord, tells: bool) -> None:
    assert who_did(added(held), [record], own=(BOT,)) == (record if tells else None)


def test_of_several_the_last_counts() -> None:
    last = replace(RECORD, at=NOW - MINUTE, user="second@contoso.example")
    assert who_did(added(SENDER), [last, RECORD]) == last


def test_it_is_asked_with_growing_waits_for_two_days() -> None:
    times = [ask_at(added(SENDER), number) for number in range(len(ASKED_AFTER))]
    assert times[0] == NOW
    assert times == sorted(times)
    assert times[-1] >= NOW + timedelta(days=2)
    assert ask_at(added(SENDER), len(ASKED_AFTER)) is None
