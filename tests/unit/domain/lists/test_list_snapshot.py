"""What a reading says of a change: the list is the only proof there is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.lists.change import Change, Operation
from bot.domain.lists.entries import Entry, FilterPolicy, Snapshot, policy_entries
from bot.domain.lists.list_snapshot import SAFE_LIST, ListSnapshot, list_alone, safe_lists_on, with_list
from bot.domain.lists.traits import Action, ListName

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
ENDS = NOW + timedelta(days=30)
BLOCK, ALLOW = Action.BLOCK, Action.ALLOW


def entry(
    value: str = "Bad.example", name: ListName = ListName.SENDER, action: Action = BLOCK, **more: object
) -> Entry:
    return Entry(list=name, action=action, value=value, **more)  # type: ignore[arg-type]


def reading(*entries: Entry, name: ListName = ListName.SENDER) -> ListSnapshot:
    return ListSnapshot(list=name, as_of=NOW, entries=entries)


def is_so(operation: Operation, *entries: Entry, value: str = "bad.example", **more: object) -> bool:
    name = entries[0].list if entries else ListName.SENDER
    change = Change(operation=operation, action=more.pop("action", BLOCK), list=name, values=(value,), **more)  # type: ignore[arg-type]
    state = reading(*entries, name=name).state(change, now=NOW)
    assert list(state) == [value]
    return state[value]


@pytest.mark.parametrize(
    ("name", "held", "asked"),
    [
        (ListName.SENDER, "Bad.Example", "bad.example"),
        (ListName.SENDER, "a%2Bb@bad.example", "a%2bB@bad.example"),
        (ListName.URL, "Bad.example/A", "bad.example/A"),
        (ListName.FILE, "AB" * 32, "ab" * 32),
        (ListName.IP, "2001:0DB8:0::1/128", "2001:db8::1"),
        (ListName.CONNECTION_FILTER, "203.0.113.5/25", "203.0.113.0/25"),
        (ListName.SPOOF, "CEO@Contoso.com,  203.0.113.0/24", "ceo@contoso.com, 203.0.113.9/24"),
    ],
)
def test_a_value_is_found_however_it_is_spelled(name: ListName, held: str, asked: str) -> None:
    kept = entry(held, name)
    found = reading(entry("other.example", name), kept, name=name)
    assert found.holds(asked, BLOCK) is kept
    assert found.held(asked, BLOCK) == (kept,)
    assert found.holds(asked, ALLOW) is None


def test_what_is_covered_is_not_what_is_listed() -> None:
    found = reading(entry("203.0.113.0/24", ListName.CONNECTION_FILTER), name=ListName.CONNECTION_FILTER)
    assert found.holds("203.0.113.7", BLOCK) is None


def test_several_policies_can_hold_a_value() -> None:
    one, two = (entry("203.0.113.7", ListName.CONNECTION_FILTER, policy=policy) for policy in ("Default", "Branch"))
    found = reading(one, two, name=ListName.CONNECTION_FILTER)
    assert found.held("203.0.113.7", BLOCK) == (one, two)
    assert found.holds("203.0.113.7", BLOCK) is one


def test_an_entry_that_has_ended_counts_only_when_no_time_is_given() -> None:
    ended, lasting = entry(expires=NOW), entry("BAD.example", expires=NOW + timedelta(seconds=1))
    assert reading(ended).holds("bad.example", BLOCK) is ended
    assert reading(ended).holds("bad.example", BLOCK, now=NOW) is None
    assert reading(ended, lasting).holds("bad.example", BLOCK, now=NOW) is lasting


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ((), False),
        ((entry(),), True),
        ((entry(expires=ENDS),), True),
        ((entry(expires=NOW),), False),
        ((entry(expires=NOW), entry()), True),
        ((entry(action=ALLOW),), False),
    ],
)
def test_an_addition_is_made_when_it_is_there_and_has_not_ended(entries: tuple[Entry, ...], expected: bool) -> None:
    assert is_so(Operation.ADD, *entries) is expected


@pytest.mark.parametrize(
    ("entries", "expected"),
    [((), True), ((entry(),), False), ((entry(expires=NOW),), False), ((entry(action=ALLOW),), True)],
)
def test_a_removal_is_made_when_it_is_not_there(entries: tuple[Entry, ...], expected: bool) -> None:
    assert is_so(Operation.REMOVE, *entries) is expected


@pytest.mark.parametrize(
    ("held", "asked", "expected"),
    [
        (entry(expires=ENDS), ENDS, True),
        (entry(expires=ENDS + timedelta(minutes=1)), ENDS, True),
        (entry(expires=ENDS - timedelta(minutes=1)), ENDS, True),
        (entry(expires=ENDS + timedelta(minutes=1, microseconds=1)), ENDS, False),
        (entry(), ENDS, False),
        (entry(), None, True),
        (entry(expires=ENDS), None, False),
        (entry(bounded_by_use=True), None, False),
        (entry(action=ALLOW), ENDS, False),
    ],
)
def test_another_end_is_made_when_the_entry_has_it(held: Entry, asked: datetime | None, expected: bool) -> None:
    assert is_so(Operation.EXTEND, held, expires=asked) is expected


@pytest.mark.parametrize("name", [ListName.SENDER, ListName.URL, ListName.FILE])
def test_an_allow_without_an_end_is_bounded_by_its_use(name: ListName) -> None:
    bounded = entry("ab" * 32, name, ALLOW, bounded_by_use=True)
    assert is_so(Operation.EXTEND, bounded, value="ab" * 32, action=ALLOW)
    assert not is_so(Operation.EXTEND, entry("ab" * 32, name, ALLOW), value="ab" * 32, action=ALLOW)
    ipv6 = entry("2001:db8::1", ListName.IP, ALLOW)
    assert is_so(Operation.EXTEND, ipv6, value="2001:db8::1", action=ALLOW)


@pytest.mark.parametrize(
    ("notes", "expected"),
    [
        ("why it is  so\n", True),
        ("why it is so", True),
        ("Why it is so", False),
        ("why it is so, still", False),
        ("", False),
    ],
)
def test_other_notes_are_made_when_the_entry_has_them(notes: str, expected: bool) -> None:
    assert is_so(Operation.ANNOTATE, entry(notes=notes), notes="why it is so") is expected


@pytest.mark.parametrize(
    ("notes", "expected"),
    [("why (request 1, part 2)", True), ("why  (request 2)", True), ("why (request 3)", False), ("", False)],
)
def test_other_notes_are_made_as_well_where_an_earlier_version_wrote_them(notes: str, expected: bool) -> None:
    asked = {"notes": "why (request 1, part 2)", "earlier_notes": "why (request 2)"}
    assert is_so(Operation.ANNOTATE, entry(notes=notes), **asked) is expected


@pytest.mark.parametrize("operation", [Operation.EXTEND, Operation.ANNOTATE])
@pytest.mark.parametrize("name", [ListName.CONNECTION_FILTER, ListName.SPOOF])
def test_where_the_tenant_keeps_no_such_thing_being_there_is_enough(operation: Operation, name: ListName) -> None:
    value = "a.example, 203.0.113.0/24" if name is ListName.SPOOF else "203.0.113.7"
    assert is_so(operation, entry(value, name), value=value, expires=ENDS, notes="new")
    assert not is_so(operation, entry(value, name, ALLOW), value=value, expires=ENDS, notes="new")


def test_a_safe_list_is_off_when_no_entry_stands_for_it() -> None:
    policies = (FilterPolicy(identity="Default", safe_list=True), FilterPolicy(identity="Branch"))
    (on,) = safe_lists_on(policies)
    assert (on.value, on.policy, on.subtype, on.action) == ("Default", "Default", SAFE_LIST, ALLOW)
    assert not is_so(Operation.SAFE_LIST_OFF, on, value="default", action=ALLOW)
    assert is_so(Operation.SAFE_LIST_OFF, on, value="Branch", action=ALLOW)


def test_a_submission_is_not_for_a_list_to_tell() -> None:
    with pytest.raises(ValueError, match="submission"):
        is_so(Operation.SUBMIT, entry())


POLICIES = (
    FilterPolicy(identity="Default", is_default=True, block=("203.0.113.7",), safe_list=True),
    FilterPolicy(identity="Other", allow=("203.0.113.8",)),
)


@pytest.mark.parametrize(
    "held",
    [policy_entries(POLICIES), policy_entries(POLICIES[:1]), safe_lists_on(POLICIES)],
    ids=["all", "for an addition", "for the safe list"],
)
def test_alone_the_connection_filter_has_what_every_policy_holds(held: tuple[Entry, ...]) -> None:
    """A reading may have been made for less of it than that."""
    found = ListSnapshot(list=ListName.CONNECTION_FILTER, as_of=NOW, policies=POLICIES, entries=held)
    assert list_alone(found) == Snapshot(as_of=NOW, policies=POLICIES, entries=policy_entries(POLICIES))


def test_alone_another_list_has_its_entries() -> None:
    assert list_alone(reading(entry())) == Snapshot(as_of=NOW, entries=(entry(),))


@pytest.mark.parametrize("name", ListName)
def test_a_list_takes_the_place_of_what_a_snapshot_had_of_it(name: ListName) -> None:
    before = Snapshot(
        as_of=NOW - timedelta(minutes=5),
        policies=(FilterPolicy(identity="Old"),),
        entries=tuple(entry("old.example", other) for other in ListName),
        unreadable=dict.fromkeys(ListName, "The service didn't answer."),
        accepted_domains=frozenset({"contoso.com"}),
    )
    is_filter = name is ListName.CONNECTION_FILTER
    now = policy_entries(POLICIES) if is_filter else (entry("new.example", name),)
    after = with_list(before, ListSnapshot(list=name, as_of=NOW, policies=POLICIES if is_filter else (), entries=now))
    assert [held for held in after.entries if held.list is name] == list(now)
    assert {held.list: held.value for held in after.entries if held.list is not name} == {
        other: "old.example" for other in ListName if other is not name
    }
    assert after.policies == (POLICIES if is_filter else before.policies)
    assert set(after.unreadable) == set(ListName) - {name}
    assert (after.as_of, after.accepted_domains) == (before.as_of, before.accepted_domains)
