"""What is due for renewal, as people read it: what each line says, that it fits, that nothing typed works in it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.figures.figures import MailFigures, MailSource
from bot.domain.lists.traits import Action, ListName
from bot.domain.requests.renewal import Answer, PassedOn, Renewal, RenewalState
from bot.domain.requests.renewing import MOST_NAMED
from bot.domain.telling.renewal_facts import DueLine, RenewalFacts, answered_line, due_line, summary
from bot.slack.block_kit.ids import ActionId
from bot.slack.messages.renewal import carried_by, newer_renewal, renewal_message, renewal_rows, renewals_page
from tests.support.samples import HOSTILE, NOW, any_text
from tests.unit.slack.rendered import texts

ASKED = Renewal(
    id=3,
    version=2,
    list=ListName.SENDER,
    action=Action.ALLOW,
    value="fabrikam.example",
    request_id=7,
    owner="U0REQUEST1",
    asked_at=NOW,
    answer_by=NOW + timedelta(days=14),
)


def line(
    number: int = 3, *, value: str = "fabrikam.example", reason: str = "Partner", action: Action = Action.ALLOW
) -> DueLine:
    renewal = replace(ASKED, id=number, value=value, action=action)
    return due_line(renewal, number=7, reason=reason, since=NOW - timedelta(days=100))


def facts(*lines: DueLine, total: int | None = None, **otherwise: object) -> RenewalFacts:
    shown = RenewalFacts(
        lines=lines, total=len(lines) if total is None else total, answered=(), answer_by=NOW, for_approvers=False
    )
    return replace(shown, **otherwise)  # type: ignore[arg-type]  # any of its fields


def carried(message: object, action: ActionId) -> list[str]:
    blocks = message.blocks  # type: ignore[attr-defined]  # a message
    return [
        element["value"]
        for block in blocks
        for element in block.get("elements", [])
        if element.get("action_id") == action
    ]


def test_a_line_says_whose_it_is_since_when_and_until_when_and_why() -> None:
    seen = texts(renewal_message(facts(line())))
    assert "*One of your entries is due for renewal: keep it, or let it end?*" in seen
    assert "`fabrikam[.]example` · allow · Tenant Allow/Block List, senders" in seen
    assert "asked for by <@U0REQUEST1>, kept since <!date" in seen
    assert ", without an end · #7" in seen
    assert "“Partner”" in seen
    assert "after that the approvers are asked" in seen
    assert "takes the usual approvals" in seen


def test_what_is_known_of_its_use_stands_there() -> None:
    mail = MailFigures(
        source=MailSource.TRACE, messages=412, people=38, delivered=412, junk=0, quarantined=0, stopped=0
    )
    used = due_line(
        ASKED,
        number=7,
        last_used=NOW,
        found=mail,
        expires=NOW + timedelta(days=200),
    )
    seen = texts(renewal_message(facts(used)))
    assert "Last used <!date" in seen
    assert "In the 10 days before <!date" in seen, "it is read weeks later, too"
    assert ": 412 messages to 38 people" in seen
    assert ", ends <!date" in seen


@pytest.mark.parametrize("why", PassedOn)
def test_the_approvers_read_why_they_are_asked(why: PassedOn) -> None:
    passed_on = due_line(replace(ASKED, state=RenewalState.PASSED_ON, why=why), number=7)
    seen = texts(renewal_message(facts(passed_on, for_approvers=True)))
    assert "1 entry due for renewal, and nobody answers for it" in seen
    assert seen.count("<@U0REQUEST1>") == 2


def test_the_buttons_carry_what_stands_there_in_its_version() -> None:
    message = renewal_message(facts(line(3), line(4)))
    assert carried(message, ActionId.RENEWAL_KEEP) == ["3.2", "4.2", "3.2 4.2"]
    assert carried(message, ActionId.RENEWAL_END) == ["3.2", "4.2", "3.2 4.2"]
    alone = renewal_message(facts(line(3), line(4, action=Action.BLOCK)))
    assert carried(alone, ActionId.RENEWAL_END) == ["3.2", "4.2"], "an allow and a block are answered apart"


def test_what_is_answered_stands_below_without_a_button() -> None:
    answered = (
        answered_line(replace(ASKED, answer=Answer.KEEP), number=9),
        answered_line(replace(ASKED, answer=Answer.END), number=10),
    )
    message = renewal_message(facts(answered=answered))
    assert "`fabrikam[.]example`: to be kept, by #9" in texts(message)
    assert "`fabrikam[.]example`: to end, by #10" in texts(message)
    assert carried(message, ActionId.RENEWAL_END) == []


def test_more_than_a_message_shows_is_counted() -> None:
    lines = [line(number) for number in range(MOST_NAMED)]
    assert "10 of 1,000: the next ones follow as these are answered." in texts(
        renewal_message(facts(*lines, total=1_000))
    )
    rows = renewal_rows(lines[:2], title="Due", total=1_000)
    assert len(rows) == 6
    assert renewal_rows([], title="Due", total=0) == []


@given(any_text, any_text)
@settings(max_examples=40, deadline=None)
def test_whatever_was_typed_it_fits(value: str, reason: str) -> None:
    lines = [line(number, value=value or "x", reason=reason) for number in range(MOST_NAMED)]
    renewal_message(facts(*lines, total=12))
    renewals_page(mine=lines[:5], all_mine=9, passed_on=lines[5:], all_passed_on=5)


@pytest.mark.parametrize("text", HOSTILE)
def test_what_was_typed_is_harmless(text: str) -> None:
    assert "<!channel>" not in texts(renewal_message(facts(line(value=text or "x", reason=text))))


@given(st.dictionaries(st.integers(0, 10**15 - 1), st.integers(0, 10**9 - 1), min_size=1, max_size=20))
def test_what_a_button_carries_is_read_back(named: dict[int, int]) -> None:
    assert carried_by(" ".join(f"{number}.{version}" for number, version in named.items())) == named


@given(st.text(max_size=40))
def test_anything_else_is_nothing(text: str) -> None:
    assert all(number >= 0 for number in carried_by(text))


def test_what_waits_in_a_sentence() -> None:
    assert summary(0, 0) == ""
    assert summary(1, 0) == "1 entry of yours is due for renewal."
    assert summary(2, 3) == "2 entries of yours are due for renewal. Nobody answers for 3 entries due for renewal."
    assert "newer" in newer_renewal().text
