"""Odd records, all the way: read, looked up, judged and written as commands and PowerShell, or named in an error."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from bot.domain.indicators.indicator import Indicator, Kind
from bot.domain.indicators.reader import read
from bot.domain.lists.change import Change, Operation, reaches_tenant
from bot.domain.lists.entries import Entry, FilterPolicy, Snapshot, policy_entries
from bot.domain.lists.list_snapshot import ListSnapshot, safe_lists_on
from bot.domain.lists.traits import Action, ListName
from bot.domain.verdict.verdict import judge
from bot.errors import IncompleteAnswer
from bot.tenant.exchange.change_parts import cmdlets_to_send
from bot.tenant.exchange.cmdlets import on_the_wire
from bot.tenant.exchange.records import read_entries, read_policies, read_spoof
from bot.workflow.asking.as_powershell import by_snapshot
from tests.unit.tenant.exchange.odd_records import HASH, ODD, UNREADABLE, Odd

NOW = datetime(2026, 3, 1, tzinfo=UTC)

#: One of each kind that people type, and each on a list of its own.
INDICATORS: tuple[Indicator, ...] = (
    *map(
        read,
        (
            "203.0.113.7",
            "203.0.113.0/24",
            "2001:db8::1",
            "bad.example",
            "someone@bad.example",
            "https://bad.example/a",
            HASH,
        ),
    ),
    Indicator(kind=Kind.SPOOF_PAIR, value="a.example, 203.0.113.0/24"),
)


def names(odd: Odd) -> str:
    return odd.name


def entries_of(odd: Odd) -> tuple[tuple[FilterPolicy, ...], tuple[Entry, ...]]:
    if odd.list is ListName.CONNECTION_FILTER:
        policies = read_policies(odd.records)
        return policies, policy_entries(policies)
    if odd.list is ListName.SPOOF:
        return (), read_spoof(odd.records)
    return (), read_entries(odd.list, odd.records)


@pytest.mark.parametrize("odd", ODD, ids=names)
def test_it_is_read_whole(odd: Odd) -> None:
    _, entries = entries_of(odd)
    assert len(entries) == odd.entries
    assert all(entry.value for entry in entries)


@pytest.mark.parametrize("odd", ODD, ids=names)
def test_it_is_judged(odd: Odd) -> None:
    policies, entries = entries_of(odd)
    lists = Snapshot(as_of=NOW, policies=policies, entries=entries)
    for indicator in INDICATORS:
        verdict = judge(indicator, lists, now=NOW)
        assert verdict.because
        assert {match.entry for match in verdict.matches} <= set(entries)


@pytest.mark.parametrize("odd", ODD, ids=names)
def test_every_change_to_it_can_be_looked_up_sent_and_shown(odd: Odd) -> None:
    policies, entries = entries_of(odd)
    for operation in Operation:
        if operation is Operation.SUBMIT or (operation is Operation.SAFE_LIST_OFF and not policies):
            continue
        listed = safe_lists_on(policies) if operation is Operation.SAFE_LIST_OFF else entries
        reading = ListSnapshot(list=odd.list, as_of=NOW, policies=policies, entries=listed)
        for entry in listed:
            asked = Change(
                operation=operation, action=entry.action, list=odd.list, values=(entry.value,), expires=NOW, notes="n"
            )
            assert set(reading.state(asked, now=NOW)) == {entry.value}
            assert reading.holds(entry.value, entry.action) in listed
            if odd.list is ListName.SPOOF and not entry.identity and operation is Operation.REMOVE:
                with pytest.raises(IncompleteAnswer, match="no id"):
                    cmdlets_to_send(asked, reading)
                continue
            sent = cmdlets_to_send(asked, reading)
            assert bool(sent) is reaches_tenant(asked)
            json.dumps([{name: on_the_wire(value) for name, value in cmdlet.parameters.items()} for cmdlet in sent])
            shown = by_snapshot(asked, Snapshot(as_of=NOW, policies=policies, entries=entries), accepted_domains=())
            assert shown
            # Nothing that came from the tenant may break out of its line or hide a part of it.
            assert not {"\x00", "\u202e"} & set(shown)
            assert "; Remove-Item x; " not in shown.replace("''; Remove-Item x; ''", "")


@pytest.mark.parametrize("odd", ODD, ids=names)
def test_what_is_not_there_is_not_found_among_it(odd: Odd) -> None:
    policies, entries = entries_of(odd)
    reading = ListSnapshot(list=odd.list, as_of=NOW, policies=policies, entries=entries)
    for action in Action:
        assert reading.holds("elsewhere.example", action) is None
        assert reading.held("", action) == ()


@pytest.mark.parametrize("odd", UNREADABLE, ids=names)
def test_what_cannot_be_read_is_named(odd: Odd) -> None:
    with pytest.raises(IncompleteAnswer, match=rf"Record {len(odd.records)} of the list") as caught:
        entries_of(odd)
    assert "portal" in caught.value.remedy


@pytest.mark.parametrize(
    ("given", "read_as"),
    [
        (None, ""),
        ("", ""),
        ("Non-Submission", ""),
        ("00000000-0000-0000-0000-000000000000", ""),
        ("0d3f1c9e-0000-4000-8000-000000000001", "0d3f1c9e-0000-4000-8000-000000000001"),
    ],
)
def test_the_submission_that_an_entry_came_of(given: object, read_as: str) -> None:
    (entry,) = read_entries(ListName.URL, [{"Value": "a.example", "Action": "Allow", "SubmissionID": given}])
    assert entry.submission_id == read_as
