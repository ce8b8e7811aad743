"""Another note for an entry: the reason is what it will say."""

from __future__ import annotations

import pytest

from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action, ListName
from bot.domain.policies.assess import assess
from bot.domain.policies.case import Rules
from tests.unit.domain.policies.proposals import assessed, propose, refusals, warning, warnings
from tests.unit.domain.tenant_lists import NOW, entry, on_record, tenant

ALLOW, BLOCK = Action.ALLOW, Action.BLOCK
CF, SENDER, SPOOF = ListName.CONNECTION_FILTER, ListName.SENDER, ListName.SPOOF
ANNOTATE = Operation.ANNOTATE

LISTED = [
    (SENDER, BLOCK, "evil.example", False),
    (SENDER, ALLOW, "evil.example", False),
    (ListName.URL, ALLOW, "evil.example/a", False),
    (ListName.FILE, BLOCK, "ab" * 32, False),
    (ListName.IP, ALLOW, "2001:db8::1", False),
    (CF, BLOCK, "203.0.113.7", True),
    (CF, ALLOW, "203.0.113.7", True),
    (SPOOF, BLOCK, "evil.example, *", True),
]


@pytest.mark.parametrize(("name", "action", "value", "ours"), LISTED)
def test_what_is_listed_can_be_given_a_note(name: ListName, action: Action, value: str, ours: bool) -> None:
    proposal = propose(action, value, operation=ANNOTATE, days=None, acknowledged=False)
    assessment = assessed(proposal, tenant(entry(name, action, value, notes="")))
    assert assessment.may_proceed
    assert assessment.approvals_needed == 1
    assert not assessment.needs_acknowledgement
    assert warnings(assessment) == ({"note_kept_by_portcullis"} if ours else set())


@pytest.mark.parametrize(
    ("entries", "hint"),
    [([], "/check"), ([(SENDER, ALLOW, "evil.example")], "the word allow"), ([(SENDER, BLOCK, "*.example")], "given")],
)
def test_what_is_not_listed_is_refused(entries: list[tuple[ListName, Action, str]], hint: str) -> None:
    lists = tenant(*(entry(*listed) for listed in entries))
    (refusal,) = assessed(propose(BLOCK, "evil.example", operation=ANNOTATE), lists).refusals
    assert (refusal.code, refusal.indicator) == ("not_listed", "evil.example")
    assert hint in refusal.remedy


@pytest.mark.parametrize(
    ("note", "code"),
    [("", "reason_missing"), ("ab", "reason_too_short"), ("x" * 500, None), ("x" * 501, "reason_too_long")],
)
def test_how_long_a_note_may_be(note: str, code: str | None) -> None:
    lists = tenant(entry(SENDER, BLOCK, "evil.example"))
    assessment = assessed(propose(BLOCK, "evil.example", operation=ANNOTATE, reason=note), lists)
    assert refusals(assessment) == ({code} if code else set())


def test_the_note_that_goes_is_shown() -> None:
    proposal = propose(BLOCK, "evil.example", operation=ANNOTATE)
    said = warning(assessed(proposal, tenant(entry(SENDER, BLOCK, "evil.example", notes="May wave"))), "note_replaced")
    assert "May wave" in said.text
    assert not said.serious


def test_so_is_one_that_portcullis_keeps() -> None:
    proposal, lists = propose(BLOCK, "203.0.113.7", operation=ANNOTATE), tenant(entry(CF, BLOCK, "203.0.113.7"))
    known = [on_record(CF, BLOCK, "203.0.113.7", notes="May wave")]
    assert "May wave" in warning(assessed(proposal, lists, known=known), "note_replaced").text


def test_a_note_needs_something_that_it_can_be_written_on() -> None:
    proposal, lists = propose(BLOCK, "203.0.113.7", operation=ANNOTATE), tenant(entry(CF, BLOCK, "203.0.113.7"))
    (refusal,) = assessed(proposal, lists, known=[]).refusals
    assert (refusal.code, refusal.indicator) == ("note_has_no_place", "203.0.113.7")
    assert "/extend" in refusal.remedy
    assert assessed(proposal, lists).may_proceed  # nobody has looked at what Portcullis has on record


def test_without_the_list_nothing_is_refused() -> None:
    assert assess(propose(BLOCK, "evil.example", operation=ANNOTATE), None, Rules(), now=NOW).may_proceed
