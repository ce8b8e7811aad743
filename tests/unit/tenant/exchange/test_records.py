"""Every odd record that the cmdlets have been seen to return, and those that must not be taken for an entry."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given

from bot.domain.indicators.reader import read as read_indicator
from bot.domain.lists.entries import Entry, FilterPolicy, Snapshot, policy_entries
from bot.domain.lists.list_index import ListIndex
from bot.domain.lists.traits import Action, ListName
from bot.errors import IncompleteAnswer
from bot.tenant.exchange.records import EntryReader, read_entries, read_policies, read_spoof
from tests.unit.tenant.exchange.wire_records import QUICK, RECORDS, item

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def test_a_record_is_read_whole() -> None:
    assert read_entries(ListName.SENDER, [item()]) == (
        Entry(
            list=ListName.SENDER,
            action=Action.BLOCK,
            value="evil.example",
            expires=datetime(2026, 2, 1, tzinfo=UTC),
            created=datetime(2026, 1, 2, 3, 4, 5, 123456, tzinfo=UTC),
            modified=datetime(2026, 1, 2, 3, 4, 5, 123456, tzinfo=UTC),
            notes="request 7",
            identity="opaque-identity",
            subtype="Tenant",
        ),
    )


def test_what_a_list_still_says_in_the_same_words_is_not_read_twice() -> None:
    reader = EntryReader()
    first, second = reader.read(ListName.SENDER, [item(), item(Value="other.example")])
    changed, same = reader.read(ListName.SENDER, [item(Notes="request 8"), item(Value="other.example")])
    assert same is second
    assert changed == replace(first, notes="request 8")
    [elsewhere] = reader.read(ListName.URL, [item()])
    assert elsewhere.list is ListName.URL


def test_a_list_is_read_page_by_page_as_if_it_came_at_once() -> None:
    pages = [[item(), item(Value="other.example")], [], [item(Action="0")], [item(Value="third.example")]]
    reader = EntryReader()
    at_once = reader.read(ListName.SENDER, [record for page in pages for record in page])
    reading = reader.begin(ListName.SENDER)
    for page in pages:
        reading.take(page)
    again = reading.end()
    assert len(again) == 3
    assert all(one is other for one, other in zip(at_once, again, strict=True))


def test_a_record_that_cannot_be_read_is_named_by_its_place_in_the_whole_list() -> None:
    reader = EntryReader()
    kept = reader.read(ListName.SENDER, [item()])
    reading = reader.begin(ListName.SENDER)
    reading.take([item(Notes="request 8"), item(Value="other.example")])
    with pytest.raises(IncompleteAnswer, match=r"Record 4 .*third\.example"):
        reading.take([item(Value="again.example"), item(Value="third.example", Action="Perhaps")])
    # Nothing of it counts: the next reading goes by the one before.
    assert reader.read(ListName.SENDER, [item()])[0] is kept[0]


def test_what_was_read_of_one_tenant_is_nothing_of_another() -> None:
    one, other = EntryReader(), EntryReader()
    [entry] = one.read(ListName.SENDER, [item()])
    [elsewhere] = other.read(ListName.SENDER, [item()])
    assert entry == elsewhere
    assert entry is not elsewhere


def test_what_a_list_has_twice_are_two_entries_however_often_it_is_read() -> None:
    reader = EntryReader()
    for _ in range(3):
        entries = reader.read(ListName.SENDER, [item(), item(), item(Value="other.example")])
        index = ListIndex(Snapshot(as_of=NOW, entries=entries))
        assert len(list(index.concerning(read_indicator(entries[0].value)))) == 2


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"Notes": True}, {"Notes": 1}),
        ({"Notes": False}, {"Notes": 0.0}),
        ({"Notes": None}, {"Notes": ""}),
        ({"Notes": 1}, {"Notes": "1"}),
        ({"ExpirationDate": None}, {"ExpirationDate": "2026-02-01T00:00:00Z"}),
        ({"ExpirationDate": {"value": "/Date(1)/"}}, {"ExpirationDate": {"value": "/Date(90000000000000)/"}}),
        ({"ObjectState": "Deleted"}, {"ObjectState": "New"}),
    ],
)
def test_what_was_read_before_is_no_reason_to_read_another_record_alike(
    one: dict[str, object], other: dict[str, object]
) -> None:
    for records in ([item(**one)], [item(**other)]), ([item(**other)], [item(**one)]):
        reader = EntryReader()
        for each in records:
            assert reader.read(ListName.SENDER, each) == read_entries(ListName.SENDER, each)


@pytest.mark.parametrize("name", [ListName.SENDER, ListName.URL, ListName.FILE, ListName.IP])
def test_the_list_is_the_one_that_was_asked_for(name: ListName) -> None:
    assert read_entries(name, [item()])[0].list is name


@pytest.mark.parametrize(
    ("spelled", "expected"),
    [
        ("2026-02-01T00:00:00.0000000Z", datetime(2026, 2, 1, tzinfo=UTC)),
        ("2026-02-01T00:00:00.0000001+00:00", datetime(2026, 2, 1, tzinfo=UTC)),
        ("2026-02-01T02:00:00+02:00", datetime(2026, 2, 1, tzinfo=UTC)),
        ("2026-02-01T00:00:00", datetime(2026, 2, 1, tzinfo=UTC)),
        ("2026-02-01", datetime(2026, 2, 1, tzinfo=UTC)),
        ("/Date(1769904000000)/", datetime(2026, 2, 1, tzinfo=UTC)),
        ("/Date(1769904000000+0100)/", datetime(2026, 2, 1, tzinfo=UTC)),
        ({"value": "/Date(1769904000000)/", "DateTime": "1 February 2026"}, datetime(2026, 2, 1, tzinfo=UTC)),
        (None, None),
        ("", None),
        ("0001-01-01T00:00:00", None),
        ("9999-12-31T23:59:59.9999999", None),
    ],
)
def test_a_date_in_every_spelling(spelled: object, expected: datetime | None) -> None:
    (entry,) = read_entries(ListName.URL, [item(ExpirationDate=spelled)])
    assert entry.expires == expected
    assert entry.expires is None or entry.expires.utcoffset() is not None


@pytest.mark.parametrize("spelled", ["soon", "3/4/2026 1:00:00 AM", 5, [], "/Date(99999999999999999)/"])
def test_an_end_that_cannot_be_read_is_not_guessed(spelled: object) -> None:
    with pytest.raises(IncompleteAnswer, match=r"Record 2 .*evil\.example.*expirationdate"):
        read_entries(ListName.URL, [item(), item(ExpirationDate=spelled)])


def test_dates_that_decide_nothing_may_be_unreadable() -> None:
    (entry,) = read_entries(ListName.URL, [item(CreatedDateTime="once", LastUsedDate="lately")])
    assert (entry.created, entry.last_used) == (None, None)


def test_dates_may_be_missing() -> None:
    (entry,) = read_entries(ListName.IP, [{"Value": "2001:db8::1", "Action": "Allow"}])
    assert entry == Entry(list=ListName.IP, action=Action.ALLOW, value="2001:db8::1")


def test_a_malformed_key_stands_for_the_one_that_was_meant() -> None:
    record = item(Action="Allow", **{"LastUsedDate(DateTime])": "2026-01-05T00:00:00.0000000Z"})
    assert read_entries(ListName.URL, [record])[0].last_used == datetime(2026, 1, 5, tzinfo=UTC)
    both = {**record, "LastUsedDate": "2026-01-06T00:00:00Z"}
    assert read_entries(ListName.URL, [both])[0].last_used == datetime(2026, 1, 6, tzinfo=UTC)


@pytest.mark.parametrize(
    ("date", "remove_after", "bounded"),
    [(None, 45, True), (None, "45", True), (None, None, False), (None, 0, False), ("2026-02-01", 45, False)],
)
def test_an_entry_is_dated_bounded_by_use_or_permanent(date: object, remove_after: object, bounded: bool) -> None:
    (entry,) = read_entries(ListName.SENDER, [item(ExpirationDate=date, RemoveAfter=remove_after)])
    assert entry.bounded_by_use is bounded


@pytest.mark.parametrize(
    "deleted", [{"Action": "0"}, {"Action": 0}, {"ObjectState": "Deleted"}, {"Action": "0", "Value": None}]
)
def test_removed_entries_are_left_out(deleted: dict[str, object]) -> None:
    assert len(read_entries(ListName.SENDER, [item(**deleted), item()])) == 1
    assert read_spoof([{"SpoofedUser": "*", "SendingInfrastructure": "fabrikam.com", **deleted}]) == ()


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (item(Action="Quarantine"), "Quarantine"),
        (item(Action=None), "neither Allow nor Block"),
        (item(Value=None), "value"),
        (item(Value="  "), "value"),
        (item(Value=["a"]), "value"),
        ({"Action": "Block"}, "value"),
        ({"Value": "evil.example"}, "action"),
        ("evil.example", "Record 2"),
        (None, "Record 2"),
        (item(Notes={"a": 1}), "notes"),
    ],
)
def test_a_record_that_cannot_be_read_is_named_and_never_dropped(record: object, reason: str) -> None:
    with pytest.raises(IncompleteAnswer, match="Record 2") as caught:
        read_entries(ListName.SENDER, [item(), record])
    assert reason in caught.value.what


@pytest.mark.parametrize("action", ["block", "BLOCK", " Block "])
def test_an_action_in_any_letter_case(action: str) -> None:
    assert read_entries(ListName.SENDER, [item(Action=action)])[0].action is Action.BLOCK


def test_values_that_are_no_text_become_text() -> None:
    assert read_entries(ListName.SENDER, [item(Value=7, Notes=8)])[0].value == "7"


@pytest.mark.parametrize("records", [None, "text", 7])
def test_what_is_no_list_of_records(records: object) -> None:
    for read in (read_policies, read_spoof, lambda data: read_entries(ListName.URL, data)):
        with pytest.raises(IncompleteAnswer, match="no list of records"):
            read(records)


@pytest.mark.parametrize("wrap", [lambda value: value, lambda value: [value], lambda value: {"value": [value]}])
def test_policies_come_as_one_object_a_list_or_an_answer(wrap: object) -> None:
    policy = {"Identity": "Default", "IsDefault": True, "IPAllowList": ["203.0.113.7"], "IPBlockList": []}
    assert callable(wrap)
    assert read_policies(wrap(policy)) == (
        FilterPolicy(identity="Default", is_default=True, allow=("203.0.113.7",), block=()),
    )


@pytest.mark.parametrize(
    ("spelled", "expected"),
    [
        ([], ()),
        (None, ()),
        ("", ()),
        ("203.0.113.7", ("203.0.113.7",)),
        ("203.0.113.7 198.51.100.0/24", ("203.0.113.7", "198.51.100.0/24")),
        ("203.0.113.7,198.51.100.1-198.51.100.9", ("203.0.113.7", "198.51.100.1-198.51.100.9")),
        ("mail relay", ("mail relay",)),
        (
            ["203.0.113.7", "no address", 7, None, True, {"a": 1}, " "],
            ("203.0.113.7", "no address", "7", "True", "{'a': 1}"),
        ),
        ({"value": ["203.0.113.7"], "Count": 1}, ("203.0.113.7",)),
        (7, ("7",)),
    ],
)
def test_an_ip_list_in_every_spelling(spelled: object, expected: tuple[str, ...]) -> None:
    (policy,) = read_policies({"Identity": "Default", "IPAllowList": spelled, "IPBlockList@data.type": "x"})
    assert (policy.allow, policy.block) == (expected, ())


@pytest.mark.parametrize(
    ("spelled", "expected"),
    [
        (True, True),
        ("True", True),
        ("$true", True),
        (1, True),
        (False, False),
        ("False", False),
        (None, False),
        ("", False),
    ],
)
def test_the_safe_list_switch_in_every_spelling(spelled: object, expected: bool) -> None:
    assert read_policies({"Identity": "Default", "EnableSafeList": spelled})[0].safe_list is expected


def test_a_switch_that_cannot_be_read_is_not_taken_for_off() -> None:
    with pytest.raises(IncompleteAnswer, match=r"\(Default\).*enablesafelist"):
        read_policies({"Name": "Default", "EnableSafeList": "perhaps"})


def test_a_policy_has_a_name_from_wherever_there_is_one() -> None:
    named = read_policies([{"Name": "One"}, {"Id": "Two"}, {"IPAllowList": []}, {"identity": "Four"}])
    assert [policy.identity for policy in named] == ["One", "Two", "unnamed policy 3", "Four"]


@pytest.mark.parametrize("record", [{}, {"foo": 1}, "Default", None, {"error": {"message": "no"}}])
def test_what_is_no_policy(record: object) -> None:
    with pytest.raises(IncompleteAnswer, match="Record 1"):
        read_policies([record])


def test_no_policies_are_no_error() -> None:
    assert read_policies([]) == ()


def test_the_entries_of_policies_name_their_policy() -> None:
    policies = (
        FilterPolicy(identity="Default", allow=("203.0.113.7", "junk"), block=("198.51.100.0/24",)),
        FilterPolicy(identity="Other", allow=("203.0.113.7",)),
    )
    entries = policy_entries(policies)
    assert [(entry.policy, entry.action, entry.value) for entry in entries] == [
        ("Default", Action.ALLOW, "203.0.113.7"),
        ("Default", Action.ALLOW, "junk"),
        ("Default", Action.BLOCK, "198.51.100.0/24"),
        ("Other", Action.ALLOW, "203.0.113.7"),
    ]
    assert all(entry.list is ListName.CONNECTION_FILTER for entry in entries)


def test_spoof_pairs() -> None:
    record = {
        "Identity": "an-id",
        "SpoofedUser": "ceo@contoso.com",
        "SendingInfrastructure": "fabrikam.com",
        "SpoofType": "External",
        "Action": "Allow",
    }
    assert read_spoof([record]) == (
        Entry(
            list=ListName.SPOOF,
            action=Action.ALLOW,
            value="ceo@contoso.com, fabrikam.com",
            identity="an-id",
            spoof_type="External",
        ),
    )
    with pytest.raises(IncompleteAnswer, match=r"ceo@contoso\.com.*sendinginfrastructure"):
        read_spoof([{**record, "SendingInfrastructure": ""}])


def test_an_endless_value_does_not_make_an_endless_error() -> None:
    with pytest.raises(IncompleteAnswer) as caught:
        read_entries(ListName.URL, [item(Value="x" * 9000, ExpirationDate="y" * 9000)])
    assert len(str(caught.value)) < 700


@QUICK
@given(RECORDS, RECORDS)
def test_a_list_is_read_as_if_it_were_the_first(before: object, records: object) -> None:
    def read(reader: EntryReader) -> object:
        try:
            return reader.read(ListName.SENDER, records)
        except IncompleteAnswer as error:
            return str(error)

    reader = EntryReader()
    with suppress(IncompleteAnswer):
        reader.read(ListName.SENDER, before)
    assert read(reader) == read(EntryReader()) == read(reader)


@QUICK
@given(RECORDS)
def test_whatever_comes_is_read_or_named(records: object) -> None:
    # What is raised other than this fails the test: no record may crash whoever reads the list.
    for read in (read_policies, read_spoof, lambda data: read_entries(ListName.SENDER, data)):
        with suppress(IncompleteAnswer):
            read(records)
