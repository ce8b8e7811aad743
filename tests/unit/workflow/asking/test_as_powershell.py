"""A change as PowerShell: the policy, the spellings and the own domains are those of the snapshot."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.domain.lists.change import Change, Operation
from bot.domain.lists.entries import Entry, FilterPolicy, Snapshot
from bot.domain.lists.traits import Action, ListName
from bot.workflow.asking.as_powershell import by_snapshot
from tests.support.samples import NOW

POLICIES = (
    FilterPolicy(identity="Branch", block=("203.0.113.5/25", "203.0.113.9/25")),
    FilterPolicy(identity="Head office", is_default=True, block=("203.0.113.0/25",), allow=("198.51.100.7",)),
)
SPOOF = Change(
    operation=Operation.ADD, action=Action.BLOCK, list=ListName.SPOOF, values=("contoso.com, 203.0.113.0/24",)
)


def lists(*entries: Entry, policies: tuple[FilterPolicy, ...] = (), own: frozenset[str] = frozenset()) -> Snapshot:
    return Snapshot(as_of=NOW, policies=policies, entries=entries, accepted_domains=own)


def connection_filter(operation: Operation, *values: str) -> Change:
    return Change(operation=operation, action=Action.BLOCK, list=ListName.CONNECTION_FILTER, values=values)


@pytest.mark.parametrize(
    ("snapshot", "named", "spoof_type"),
    [
        (lists(own=frozenset({"contoso.com"})), frozenset(), "Internal"),
        (lists(own=frozenset({"fabrikam.com"})), frozenset({"contoso.com"}), "External"),
        (lists(), frozenset({"contoso.com"}), "Internal"),
        (None, frozenset({"contoso.com"}), "Internal"),
        (None, frozenset(), "External"),
    ],
)
def test_the_tenants_own_domains_are_those_of_the_snapshot(
    snapshot: Snapshot | None, named: frozenset[str], spoof_type: str
) -> None:
    assert f"-SpoofType {spoof_type}" in by_snapshot(SPOOF, snapshot, accepted_domains=named)


def test_an_addition_names_the_default_policy_of_the_snapshot() -> None:
    change = connection_filter(Operation.ADD, "203.0.113.9")
    known = by_snapshot(change, lists(policies=POLICIES), accepted_domains=())
    assert "-Identity 'Head office'" in known
    assert "Branch" not in known
    for snapshot in (None, lists()):
        assert "-Identity Default" in by_snapshot(change, snapshot, accepted_domains=())


def test_a_removal_names_each_policy_that_holds_the_value_in_its_spelling() -> None:
    change = connection_filter(Operation.REMOVE, "203.0.113.0/25", "203.0.113.77")
    branch, head, unseen = by_snapshot(change, lists(policies=POLICIES), accepted_domains=()).split("\n\n")
    assert "-Identity Branch" in branch
    assert "'203.0.113.5/25',\n        '203.0.113.9/25'" in branch
    assert "-Identity 'Head office'" in head
    assert "@('203.0.113.0/25')" in head
    assert "-Identity 'Head office'" in unseen
    assert "@('203.0.113.77')" in unseen


def test_a_removal_from_the_block_list_is_spelled_as_the_tenant_does() -> None:
    change = Change(
        operation=Operation.REMOVE,
        action=Action.BLOCK,
        list=ListName.SENDER,
        values=("evil.example", "other.example", "third.example"),
    )
    snapshot = lists(
        Entry(list=ListName.SENDER, action=Action.BLOCK, value="EVIL.Example"),
        Entry(list=ListName.SENDER, action=Action.ALLOW, value="Other.Example"),
        Entry(list=ListName.URL, action=Action.BLOCK, value="Third.Example"),
    )
    shown = by_snapshot(change, snapshot, accepted_domains=())
    assert "'EVIL.Example'" in shown
    assert "'other.example'" in shown
    assert "'third.example'" in shown


def test_what_is_added_is_sent_as_it_was_read() -> None:
    change = Change(operation=Operation.ADD, action=Action.BLOCK, list=ListName.SENDER, values=("evil.example",))
    snapshot = lists(Entry(list=ListName.SENDER, action=Action.BLOCK, value="EVIL.Example"))
    assert "'evil.example'" in by_snapshot(change, snapshot, accepted_domains=())


ENDS = datetime(2026, 4, 1, 12, 0, tzinfo=UTC)


def test_an_edit_names_the_entries_as_the_tenant_spells_them() -> None:
    snapshot = lists(
        Entry(list=ListName.URL, action=Action.BLOCK, value="EVIL.Example/A"),
        Entry(list=ListName.URL, action=Action.ALLOW, value="Other.Example"),
    )
    asked = Change(
        operation=Operation.EXTEND,
        action=Action.BLOCK,
        list=ListName.URL,
        values=("evil.example/A", "other.example"),
        expires=ENDS,
        notes="why",
    )
    extended = by_snapshot(asked, snapshot, accepted_domains=())
    assert extended.startswith("Set-TenantAllowBlockListItems")
    assert "'EVIL.Example/A'" in extended
    assert "'other.example'" in extended
    assert "-ExpirationDate '2026-04-01T12:00:00Z'" in extended
    assert "-Notes" not in extended
    annotated = by_snapshot(replace(asked, operation=Operation.ANNOTATE), snapshot, accepted_domains=())
    assert "-Notes why" in annotated
    assert "-ExpirationDate" not in annotated


@pytest.mark.parametrize("snapshot", [None, lists(policies=POLICIES)])
@pytest.mark.parametrize("operation", [Operation.EXTEND, Operation.ANNOTATE])
@pytest.mark.parametrize("name", [ListName.CONNECTION_FILTER, ListName.SPOOF])
def test_what_only_the_own_record_keeps_is_a_comment(
    name: ListName, operation: Operation, snapshot: Snapshot | None
) -> None:
    value = "contoso.com, 203.0.113.0/24" if name is ListName.SPOOF else "203.0.113.0/25"
    asked = Change(operation=operation, action=Action.BLOCK, list=name, values=(value,), expires=ENDS, notes="why")
    shown = by_snapshot(asked, snapshot, accepted_domains=())
    assert shown.startswith("# Nothing to run")
    assert "\n" not in shown


def test_safe_lists_are_switched_off_by_a_cmdlet_for_each_policy_as_it_is_named() -> None:
    asked = Change(
        operation=Operation.SAFE_LIST_OFF,
        action=Action.ALLOW,
        list=ListName.CONNECTION_FILTER,
        values=("head office", "Gone"),
    )
    snapshot = lists(policies=(replace(POLICIES[1], safe_list=True), POLICIES[0]))
    assert by_snapshot(asked, snapshot, accepted_domains=()) == (
        "Set-HostedConnectionFilterPolicy -Identity 'Head office' -EnableSafeList $false\n\n"
        "Set-HostedConnectionFilterPolicy -Identity Gone -EnableSafeList $false"
    )
    for without in (None, lists()):
        assert "-Identity 'head office' -EnableSafeList $false" in by_snapshot(asked, without, accepted_domains=())


@pytest.mark.parametrize("snapshot", [None, lists(policies=POLICIES)])
def test_a_submission_is_no_cmdlet(snapshot: Snapshot | None) -> None:
    asked = Change(operation=Operation.SUBMIT, action=Action.ALLOW, list=ListName.URL, values=("good.example",))
    assert by_snapshot(asked, snapshot, accepted_domains=()).startswith("# Nothing to run")
