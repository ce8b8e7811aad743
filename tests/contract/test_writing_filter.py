"""Writing the connection filter: adding and taking out by an edit, in both lists, beside what is there."""

from __future__ import annotations

import pytest

from bot.domain.lists.entries import policy_entries
from bot.tenant.exchange.records import read_policies
from tests.contract.service import FILTER, Service
from tests.contract.writing import LISTS, Writing, is_among

SET = f"Set-{FILTER}"
UNCHANGED = "no settings of"
EACH = pytest.mark.parametrize("name", LISTS)


def edit(**edits: list[str]) -> dict[str, object]:
    return {"@odata.type": "#Exchange.GenericHashTable", **edits}


class TestLists:
    """The IP Allow List and the IP Block List of the default policy."""

    @EACH
    def test_an_edit_adds_and_takes_out_and_leaves_the_others(self, writing: Writing, name: str) -> None:
        before = writing.listed(name)
        one, other = writing.addresses(name, 2)
        two = f"{other}/32"
        writing.edit_filter(name, Add=[one, two])
        assert writing.listed(name) == [*before, one, two]
        writing.edit_filter(name, Remove=[one])
        assert writing.listed(name) == [*before, two]
        writing.edit_filter(name, Remove=[two])
        assert writing.listed(name) == before

    @EACH
    def test_one_edit_can_do_both(self, writing: Writing, name: str) -> None:
        before = writing.listed(name)
        one, other = writing.addresses(name, 2)
        two = f"{other}/32"
        writing.edit_filter(name, Add=[one])
        writing.edit_filter(name, Add=[two], Remove=[one])
        assert writing.listed(name) == [*before, two]

    @EACH
    def test_the_bot_reads_what_was_added(self, service: Service, writing: Writing, name: str) -> None:
        address = writing.address(name)
        writing.edit_filter(name, Add=[address])
        entries = policy_entries(read_policies([service.policy()]))
        (entry,) = [entry for entry in entries if entry.value == address]
        assert f"IP{entry.action.value.capitalize()}List" == name
        assert entry.policy == service.policy()["Identity"]

    @EACH
    def test_every_form_of_entry_that_is_documented(self, writing: Writing, name: str) -> None:
        forms = [f"{writing.address(name)}/32", "198.51.100.64-198.51.100.127", "203.0.113.1/25"]
        before = writing.listed(name)
        forms = [form for form in forms if not is_among(form, before)]
        writing.edit_filter(name, Add=forms)
        assert len(writing.listed(name)) == len(before) + len(forms)
        assert all(is_among(form, writing.listed(name)) for form in forms)

    def test_adding_what_is_there_changes_nothing_and_says_so(self, writing: Writing) -> None:
        address = writing.address("IPBlockList")
        writing.edit_filter("IPBlockList", Add=[address])
        before = writing.listed("IPBlockList")
        body = writing.edit_filter("IPBlockList", Add=[address])
        assert any(UNCHANGED in warning for warning in body["@adminapi.warnings"])
        assert writing.listed("IPBlockList") == before

    def test_taking_out_what_is_not_there_changes_nothing_and_says_so(self, writing: Writing) -> None:
        before = writing.listed("IPBlockList")
        body = writing.edit_filter("IPBlockList", Remove=[writing.address("IPBlockList")])
        assert any(UNCHANGED in warning for warning in body["@adminapi.warnings"])
        assert writing.listed("IPBlockList") == before

    def test_an_edit_without_its_type_cannot_be_bound(self, service: Service, writing: Writing) -> None:
        address, before = writing.address("IPBlockList"), writing.listed("IPBlockList")
        identity = service.policy()["Identity"]
        assert service.refusal(SET, Identity=identity, IPBlockList={"Add": [address]}).status == 400
        assert writing.listed("IPBlockList") == before

    @pytest.mark.parametrize("value", ["192.0.2.0/23", "192.0.2.0-192.0.3.1", "2001:db8::/64", "not an address"])
    def test_what_is_no_entry_is_400_and_nothing_of_the_call_is_done(self, writing: Writing, value: str) -> None:
        before = writing.listed("IPBlockList")
        assert writing.refused_edit("IPBlockList", writing.address("IPBlockList"), value)
        assert writing.listed("IPBlockList") == before

    def test_an_unknown_policy_cannot_be_edited(self, service: Service, writing: Writing) -> None:
        address = writing.address("IPBlockList")
        refusal = service.refusal(SET, Identity=writing.label, IPBlockList=edit(Add=[address]))
        assert refusal.status in {400, 404}


class TestSafeList:
    """The switch, which is only ever set to what it is."""

    def test_it_takes_true_or_false_and_to_set_what_is_changes_nothing(self, service: Service) -> None:
        before = service.policy()
        body = service.run(SET, Identity=before["Identity"], EnableSafeList=before["EnableSafeList"])
        assert any(UNCHANGED in warning for warning in body["@adminapi.warnings"])
        assert service.policy()["EnableSafeList"] is before["EnableSafeList"]

    def test_it_takes_nothing_else(self, service: Service) -> None:
        before = service.policy()
        assert service.refusal(SET, Identity=before["Identity"], EnableSafeList="perhaps").status == 400
        assert service.policy()["EnableSafeList"] is before["EnableSafeList"]
