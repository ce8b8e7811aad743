"""The answer to /portcullis alone: what waits, what is one's own, and the forms that one's roles open."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from bot.domain.requests.parts import Parts, by_proposal
from bot.domain.requests.people import Person, Right, Role
from bot.domain.telling.overview_facts import OverviewFacts, overview_facts
from bot.slack.messages.overview import no_role_message, overview_message
from tests.support.samples import HOSTILE, any_text, request
from tests.unit.slack.rendered import buttons, texts


def each(count: int) -> list[Parts]:
    """So many proposals of one list."""
    return by_proposal([request()] * count)


@pytest.mark.parametrize(
    ("for_me", "mine", "said"),
    [
        (0, 0, "Nothing waits for you, and nothing of yours is under way."),
        (1, 0, "1 request waits for you."),
        (2, 1, "2 requests wait for you. 1 of yours is under way."),
        (0, 3, "3 of yours are under way."),
    ],
)
def test_its_first_line_counts(for_me: int, mine: int, said: str) -> None:
    facts = overview_facts(each(for_me), each(mine))
    assert facts.summary == said
    message = overview_message(facts, rights=Right)
    assert texts(message).startswith(f"*{said}*")
    assert message.text.startswith(said)


def test_where_not_all_were_counted_it_says_so() -> None:
    assert overview_facts(each(1), [], more_for_me=True).summary == "At least 1 request waits for you."
    assert overview_facts([], each(20), more_mine=True).summary == "At least 20 of yours are under way."
    told = overview_facts(each(7), each(20), more_for_me=True, more_mine=True)
    seen = texts(overview_message(told, rights=Right))
    assert "…and at least 2 more: `/requests`" in seen
    assert "…and at least 15 more: `/requests mine`" in seen


def test_where_none_of_those_looked_through_is_ones_own_to_decide_nothing_is_said_of_older_ones() -> None:
    said = "None of the newest that wait is yours to decide; /requests shows older ones too."
    assert overview_facts([], [], more_for_me=True).summary == said


@pytest.mark.parametrize(
    ("role", "forms"),
    [
        (Role.REQUESTER, {"open_block", "open_unblock", "open_allow", "open_check", "open_import"}),
        (Role.APPROVER, {"open_block", "open_unblock", "open_allow", "open_check", "open_import"}),
        (Role.AUDITOR, {"open_check"}),
    ],
)
def test_only_the_forms_that_a_role_opens_are_offered(role: Role, forms: set[str]) -> None:
    rights = Person(user_id="U0PERSON01", roles=frozenset({role})).rights
    assert set(buttons(overview_message(overview_facts([], []), rights=rights))) == forms


def test_what_waits_is_decided_from_there_and_ones_own_is_looked_at() -> None:
    theirs, own = by_proposal([request(request_id=7)]), by_proposal([request(request_id=8)])
    made = buttons(overview_message(overview_facts(theirs, own), rights=Right))
    assert made["request_decide"].startswith("7.")
    assert made["request_details"].startswith("8.")


def test_what_is_not_shown_is_counted() -> None:
    seen = texts(overview_message(overview_facts(each(7), each(20)), rights=Right))
    assert "…and 2 more: `/requests`" in seen
    assert "…and 15 more: `/requests mine`" in seen


@given(any_text)
@settings(max_examples=30, deadline=None)
def test_whatever_was_typed_it_fits_and_breaks_nothing(text: str) -> None:
    made = [request(reason=text)] * 50
    overview_message(overview_facts(by_proposal(made), by_proposal(made)), rights=Right)


@pytest.mark.parametrize("text", HOSTILE)
def test_what_was_typed_is_harmless(text: str) -> None:
    seen = texts(overview_message(OverviewFacts(**_facts(text)), rights=Right))
    assert "<!channel>" not in seen


def _facts(text: str) -> dict[str, object]:
    made = overview_facts(by_proposal([request(reason=text)]), [])
    return {"for_me": made.for_me, "more_for_me": False, "mine": ()}


def test_who_has_no_role_is_told_what_to_give_to_whom() -> None:
    message = no_role_message("U0VISITOR1")
    assert "`U0VISITOR1`" in texts(message)
    assert "whoever runs it" in message.text
