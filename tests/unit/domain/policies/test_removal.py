"""Removals: the entry has to be there, and people are told what happens then."""

from __future__ import annotations

import pytest

from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action, ListName
from bot.domain.policies.assess import assess
from bot.domain.policies.case import Rules
from tests.unit.domain.policies.proposals import assessed, propose, refusals, warning, warnings
from tests.unit.domain.tenant_lists import NOW, entry, tenant

ALLOW, BLOCK = Action.ALLOW, Action.BLOCK
CF, SENDER = ListName.CONNECTION_FILTER, ListName.SENDER
REMOVE = Operation.REMOVE

LISTED = [
    (CF, ALLOW, "203.0.113.7", "filtering_resumes"),
    (CF, BLOCK, "203.0.113.7", "mail_accepted_again"),
    (SENDER, ALLOW, "evil.example", "filtering_resumes"),
    (SENDER, BLOCK, "evil.example", "mail_accepted_again"),
    (ListName.URL, ALLOW, "evil.example/a", "filtering_resumes"),
    (ListName.URL, BLOCK, "evil.example/a", "mail_accepted_again"),
    (ListName.FILE, ALLOW, "ab" * 32, "filtering_resumes"),
    (ListName.FILE, BLOCK, "ab" * 32, "mail_accepted_again"),
    (ListName.IP, ALLOW, "2001:db8::1", "filtering_resumes"),
    (ListName.IP, BLOCK, "2001:db8::1", "mail_accepted_again"),
    (ListName.SPOOF, ALLOW, "evil.example, *", "filtering_resumes"),
    (ListName.SPOOF, BLOCK, "evil.example, *", "mail_accepted_again"),
]


@pytest.mark.parametrize(("name", "action", "value", "code"), LISTED)
def test_what_is_listed_can_be_removed(name: ListName, action: Action, value: str, code: str) -> None:
    assessment = assessed(propose(action, value, operation=REMOVE, days=None), tenant(entry(name, action, value)))
    assert assessment.may_proceed
    assert assessment.approvals_needed == 1
    assert not assessment.needs_acknowledgement
    assert warnings(assessment) == {code}


def test_an_allow_is_removed_by_one_even_where_ip_allows_take_two() -> None:
    lists = tenant(entry(CF, ALLOW, "203.0.113.7"))
    assert assessed(propose(ALLOW, "203.0.113.7", operation=REMOVE), lists).approvals_needed == 1


NOT_LISTED = [
    ([], "/check"),
    ([(CF, BLOCK, "203.0.113.7")], "/unblock"),
    ([(CF, ALLOW, "203.0.113.0/24")], "203.0.113[.]0/24"),
    ([(CF, ALLOW, "203.0.113.8")], "/check"),
]


@pytest.mark.parametrize(("entries", "hint"), NOT_LISTED)
def test_what_is_not_listed_is_refused_with_a_hint(entries: list[tuple[ListName, Action, str]], hint: str) -> None:
    assessment = assessed(
        propose(ALLOW, "203.0.113.7", operation=REMOVE), tenant(*(entry(*listed) for listed in entries))
    )
    (refusal,) = assessment.refusals
    assert (refusal.code, refusal.indicator) == ("not_listed", "203.0.113.7")
    assert hint in refusal.remedy


def test_another_spelling_of_the_entry_is_the_entry() -> None:
    lists = tenant(entry(CF, BLOCK, "203.0.113.77/25"))
    assert assessed(propose(BLOCK, "203.0.113.0/25", operation=REMOVE), lists).may_proceed


def test_an_entry_whose_end_has_passed_can_still_be_removed() -> None:
    lists = tenant(entry(SENDER, BLOCK, "evil.example", days=-1))
    assert assessed(propose(BLOCK, "evil.example", operation=REMOVE), lists).may_proceed


def test_what_stays_covered_is_a_serious_warning() -> None:
    lists = tenant(entry(CF, BLOCK, "203.0.113.7"), entry(CF, BLOCK, "203.0.113.0/24"))
    said = warning(assessed(propose(BLOCK, "203.0.113.7", operation=REMOVE), lists), "still_covered")
    assert said.serious
    assert "203.0.113[.]0/24" in said.text


def test_without_the_list_nothing_is_refused() -> None:
    proposal = propose(BLOCK, "evil.example", operation=REMOVE)
    unknown = assess(proposal, None, Rules(), now=NOW)
    assert unknown.may_proceed
    assert "lists_unread" in warnings(unknown)
    unread = assessed(proposal, tenant(unreadable={SENDER: "HTTP 503"}))
    assert unread.may_proceed
    assert "list_unread" in warnings(unread)


def test_a_removal_needs_a_reason_and_no_end() -> None:
    lists = tenant(entry(SENDER, BLOCK, "evil.example"))
    assert refusals(assessed(propose(BLOCK, "evil.example", operation=REMOVE, reason=""), lists)) == {"reason_missing"}
    assert assessed(propose(BLOCK, "evil.example", operation=REMOVE, days=-5), lists).may_proceed
