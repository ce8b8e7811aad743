"""Writing the Tenant Allow/Block List's items: add, duplicate, edit, remove, and when an entry may end."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.lists.traits import Action, ListName
from bot.tenant.exchange.records import read_entries
from tests.contract.service import ITEMS, LIST_OF_TYPE, LIST_TYPES, Record, Service
from tests.contract.writing import Writing, in_days

NEW, SET, REMOVE = (f"{verb}-{ITEMS}" for verb in ("New", "Set", "Remove"))
EVERY_LIST = pytest.mark.parametrize("list_type", LIST_TYPES)


def entry(service: Service, list_type: str, value: str) -> Record:
    found = service.entry(list_type, value)
    assert found is not None, f"{value} isn't listed"
    return found


def end(record: Record) -> datetime | None:
    """The end date, which carries seven fraction digits."""
    text = record["ExpirationDate"]
    if text is None:
        return None
    moment = datetime.fromisoformat(re.sub(r"\.(\d{6})\d+", r".\1", text))
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def is_in_days(record: Record, days: float) -> bool:
    moment = end(record)
    return moment is not None and abs(moment - datetime.now(UTC) - timedelta(days=days)) < timedelta(minutes=5)


class TestAdding:
    """New-TenantAllowBlockListItems."""

    @EVERY_LIST
    def test_an_entry_is_listed_as_it_was_asked_for(self, service: Service, writing: Writing, list_type: str) -> None:
        value = writing.value(list_type)
        writing.add(list_type, value)
        record = entry(service, list_type, value)
        assert record["Action"] == "Block"
        assert record["Notes"] == writing.label
        assert record["ListSubType"] == "Tenant"
        assert is_in_days(record, 1)
        assert record["Identity"]
        (read,) = read_entries(LIST_OF_TYPE[list_type], [record])
        assert (read.action, read.notes, read.bounded_by_use) == (Action.BLOCK, writing.label, False)

    @EVERY_LIST
    def test_a_duplicate_is_400_and_named(self, writing: Writing, list_type: str) -> None:
        value = writing.value(list_type)
        writing.add(list_type, value)
        words = writing.refused(list_type, value, Block=True, ExpirationDate=in_days(1))
        assert "duplicate" in words.lower()
        assert value.lower() in words.lower()

    @pytest.mark.parametrize("list_type", ["Sender", "IP"])
    def test_a_value_exists_once_whichever_action_it_has(self, writing: Writing, list_type: str) -> None:
        value = writing.value(list_type)
        writing.add(list_type, value)
        words = writing.refused(list_type, value, Allow=True, ExpirationDate=in_days(1))
        assert "duplicate" in words.lower()

    @EVERY_LIST
    def test_one_duplicate_stops_the_whole_call(self, service: Service, writing: Writing, list_type: str) -> None:
        old, new = (writing.value(list_type, name) for name in ("old", "new"))
        writing.add(list_type, old)
        writing.refused(list_type, new, old, Block=True, ExpirationDate=in_days(1))
        assert service.entry(list_type, new) is None

    def test_a_value_twice_in_one_call_is_refused(self, writing: Writing) -> None:
        value = writing.value("Sender")
        writing.refused("Sender", value, value, Block=True, ExpirationDate=in_days(1))

    @pytest.mark.parametrize(
        ("list_type", "value"),
        [("Sender", "no {} domain"), ("Url", "https://{}.example.com"), ("FileHash", "{}"), ("IP", "192.0.2.1")],
    )
    def test_a_value_of_the_wrong_kind_is_400(self, writing: Writing, list_type: str, value: str) -> None:
        writing.refused(list_type, value.format(writing.label), Block=True, ExpirationDate=in_days(1))

    def test_it_is_either_a_block_or_an_allow(self, writing: Writing) -> None:
        value = writing.value("Sender")
        writing.refused("Sender", value, Allow=True, Block=True, ExpirationDate=in_days(1))

    def test_twenty_values_go_into_one_call(self, service: Service, writing: Writing) -> None:
        values = [writing.value("IP", f"number {number}") for number in range(20)]
        writing.add("IP", *values)
        listed = {record["Value"] for record in service.read(f"Get-{ITEMS}", ListType="IP")}
        assert set(values) <= listed


class TestForms:
    """Values whose form the pages hardly speak of: taken, listed as given, and removed as listed."""

    def odd(self, writing: Writing, form: str) -> tuple[str, str]:
        forms = {
            "a top-level domain as a sender": ("Sender", f"*.{writing.letters}"),
            "a fragment": ("Url", f"{writing.label}.example.com/folder/#x=1"),
            "an IPv6 host": ("Url", f"[{writing.ipv6}]/{writing.label}"),
        }
        list_type, value = forms[form]
        return list_type, writing.odd(list_type, value)

    @pytest.mark.parametrize("form", ["a top-level domain as a sender", "a fragment", "an IPv6 host"])
    def test_it_is_listed_as_it_was_given_and_removed_by_just_that(
        self, service: Service, writing: Writing, form: str
    ) -> None:
        list_type, value = self.odd(writing, form)
        writing.add(list_type, value)
        assert entry(service, list_type, value)["Value"].lower() == value.lower()
        service.run(REMOVE, ListType=list_type, Entries=[value])
        service.eventually(lambda: service.entry(list_type, value) is None, value)

    def test_a_fragment_is_found_by_its_entry_when_it_is_encoded(self, service: Service, writing: Writing) -> None:
        list_type, value = self.odd(writing, "a fragment")
        writing.add(list_type, value)
        found = service.read(f"Get-{ITEMS}", ListType=list_type, Entry=value.replace("#", "%23"))
        assert [record["Value"] for record in found] == [value]

    @pytest.mark.parametrize(
        "value",
        [
            *("{}", "*.{}.*", "*.{}", "*{}.example.com", "{}.example.com*", "{}.example.com/a*", "{}.example.com:443"),
            *("a*b.{}.example.com", "a~b.{}.example.com", "{}.example.com/**", "{}.example.com/*/*"),
        ],
    )
    def test_a_url_that_the_page_calls_invalid_is_400(self, writing: Writing, value: str) -> None:
        of_this_run = writing.odd("Url", value.format(writing.label))
        writing.refused("Url", of_this_run, Block=True, ExpirationDate=in_days(1))


class TestEnds:
    """How long an entry may last."""

    @pytest.mark.parametrize("list_type", ["Sender", "Url", "FileHash"])
    def test_a_block_ends_after_30_days_by_default(self, service: Service, writing: Writing, list_type: str) -> None:
        value = writing.value(list_type)
        writing.add(list_type, value, end=False)
        assert is_in_days(entry(service, list_type, value), 30)

    @EVERY_LIST
    def test_a_block_may_never_end(self, service: Service, writing: Writing, list_type: str) -> None:
        value = writing.value(list_type)
        writing.add(list_type, value, NoExpiration=True)
        record = entry(service, list_type, value)
        assert (end(record), record.get("RemoveAfter")) == (None, None)

    def test_an_allow_of_an_ipv6_address_may_never_end(self, service: Service, writing: Writing) -> None:
        value = writing.value("IP")
        writing.add("IP", value, action="Allow", NoExpiration=True)
        assert end(entry(service, "IP", value)) is None

    @pytest.mark.parametrize("list_type", ["Sender", "Url"])
    def test_a_direct_allow_may_not_be_endless(self, writing: Writing, list_type: str) -> None:
        writing.refused(list_type, writing.value(list_type), Allow=True, NoExpiration=True)

    @pytest.mark.parametrize("list_type", ["Sender", "Url"])
    def test_a_direct_allow_ends_45_days_after_its_last_use(
        self, service: Service, writing: Writing, list_type: str
    ) -> None:
        value = writing.value(list_type)
        writing.add(list_type, value, action="Allow", RemoveAfter=45)
        record = entry(service, list_type, value)
        assert (end(record), record["RemoveAfter"]) == (None, 45)
        (read,) = read_entries(LIST_OF_TYPE[list_type], [record])
        assert read.bounded_by_use

    @pytest.mark.parametrize(
        "ends",
        [
            {"ExpirationDate": in_days(-1)},
            {"ExpirationDate": in_days(91)},
            {"ExpirationDate": in_days(1), "NoExpiration": True},
            {"RemoveAfter": 45},
        ],
        ids=["past", "beyond 90 days", "two ends", "by use"],
    )
    def test_ends_that_a_block_may_not_have(self, writing: Writing, ends: dict[str, object]) -> None:
        writing.refused("Sender", writing.value("Sender"), Block=True, **ends)

    @pytest.mark.parametrize(
        "ends",
        [{"ExpirationDate": in_days(-1)}, {"ExpirationDate": in_days(31)}, {"RemoveAfter": 30}],
        ids=["past", "beyond 30 days", "another number of days"],
    )
    def test_ends_that_a_direct_allow_may_not_have(self, writing: Writing, ends: dict[str, object]) -> None:
        writing.refused("Sender", writing.value("Sender"), Allow=True, **ends)


class TestEditing:
    """Set-TenantAllowBlockListItems, by value, without saying which action the entry has."""

    @EVERY_LIST
    def test_another_end_leaves_the_notes_as_they_are(self, service: Service, writing: Writing, list_type: str) -> None:
        value = writing.value(list_type)
        writing.add(list_type, value)
        service.run(SET, ListType=list_type, Entries=[value], ExpirationDate=in_days(7))
        service.eventually(lambda: is_in_days(entry(service, list_type, value), 7), "the end in 7 days")
        service.run(SET, ListType=list_type, Entries=[value], NoExpiration=True)
        service.eventually(lambda: end(entry(service, list_type, value)) is None, "no end")
        service.run(SET, ListType=list_type, Entries=[value], ExpirationDate=in_days(1))
        service.eventually(lambda: is_in_days(entry(service, list_type, value), 1), "the end in a day")
        assert entry(service, list_type, value)["Notes"] == writing.label

    @EVERY_LIST
    def test_other_notes_leave_the_end_as_it_is(self, service: Service, writing: Writing, list_type: str) -> None:
        value = writing.value(list_type)
        writing.add(list_type, value)
        before = entry(service, list_type, value)
        notes = f"{writing.label}: 'other' notes (Portcullis request 1)"
        service.run(SET, ListType=list_type, Entries=[value], Notes=notes)
        service.eventually(lambda: entry(service, list_type, value)["Notes"] == notes, "the notes")
        after = entry(service, list_type, value)
        assert {name: after[name] for name in ("Identity", "Value", "Action", "ExpirationDate")} == {
            name: before[name] for name in ("Identity", "Value", "Action", "ExpirationDate")
        }

    def test_an_allow_gets_another_end(self, service: Service, writing: Writing) -> None:
        value = writing.value("Sender")
        writing.add("Sender", value, action="Allow", RemoveAfter=45)
        service.run(SET, ListType="Sender", Entries=[value], ExpirationDate=in_days(1))
        service.eventually(lambda: is_in_days(entry(service, "Sender", value), 1), "the end in a day")
        assert entry(service, "Sender", value).get("RemoveAfter") in {None, 0}
        service.run(SET, ListType="Sender", Entries=[value], RemoveAfter=45)
        service.eventually(lambda: entry(service, "Sender", value).get("RemoveAfter") == 45, "45 days after its use")

    def test_several_entries_are_edited_by_one_call(self, service: Service, writing: Writing) -> None:
        values = [writing.value("Sender", name) for name in ("one", "two")]
        writing.add("Sender", *values)
        service.run(SET, ListType="Sender", Entries=values, ExpirationDate=in_days(7))
        for value in values:
            service.eventually(lambda value=value: is_in_days(entry(service, "Sender", value), 7), value)

    @pytest.mark.parametrize(
        "edit",
        [{"ExpirationDate": in_days(-1)}, {"ExpirationDate": in_days(91)}, {"RemoveAfter": 45}, {"Value": "b.example"}],
        ids=["past", "beyond 90 days", "by use", "the value itself"],
    )
    def test_what_a_block_may_not_become(self, service: Service, writing: Writing, edit: dict[str, object]) -> None:
        value = writing.value("Sender")
        writing.add("Sender", value)
        before = entry(service, "Sender", value)
        assert service.refusal(SET, ListType="Sender", Entries=[value], **edit).status == 400
        assert entry(service, "Sender", value) == before

    @EVERY_LIST
    def test_what_is_not_there_cannot_be_edited(self, service: Service, writing: Writing, list_type: str) -> None:
        there, gone = (writing.value(list_type, name) for name in ("there", "gone"))
        writing.add(list_type, there)
        refusal = service.refusal(SET, ListType=list_type, Entries=[there, gone], Notes="never seen")
        assert refusal.status in {400, 404}
        assert entry(service, list_type, there)["Notes"] == writing.label


class TestRemoving:
    """Remove-TenantAllowBlockListItems."""

    @EVERY_LIST
    def test_a_removed_entry_is_listed_no_more(self, service: Service, writing: Writing, list_type: str) -> None:
        values = [writing.value(list_type, name) for name in ("one", "two")]
        writing.add(list_type, *values)
        body = service.run(REMOVE, ListType=list_type, Entries=[values[0]])
        # Whatever comes back of a removal is marked as gone, so that it is never taken for an entry.
        assert read_entries(LIST_OF_TYPE[list_type], body.get("value") or []) == ()
        service.eventually(lambda: service.entry(list_type, values[0]) is None, "the removal")
        assert service.entry(list_type, values[1]) is not None

    @EVERY_LIST
    def test_what_is_not_there_cannot_be_removed(self, service: Service, writing: Writing, list_type: str) -> None:
        there, gone = (writing.value(list_type, name) for name in ("there", "gone"))
        writing.add(list_type, there)
        assert service.refusal(REMOVE, ListType=list_type, Entries=[there, gone]).status in {400, 404}
        assert service.entry(list_type, there) is not None

    def test_a_removed_value_can_be_added_again(self, service: Service, writing: Writing) -> None:
        value = writing.value("Url")
        for _ in range(2):
            writing.add("Url", value)
            service.run(REMOVE, ListType="Url", Entries=[value])
            service.eventually(lambda: service.entry("Url", value) is None, "the removal")

    def test_the_bot_reads_every_list_that_is_written_here(self) -> None:
        assert set(LIST_OF_TYPE.values()) == {ListName.SENDER, ListName.URL, ListName.FILE, ListName.IP}
