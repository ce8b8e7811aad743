"""The details: everything that the card leaves out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.auditing.events import PORTCULLIS
from bot.domain.auditing.steps import StoryStep
from bot.domain.indicators.indicator import Kind
from bot.domain.lists.change import Operation
from bot.domain.requests.question import Question
from bot.domain.requests.request import Item, ItemState, RequestWarning, Status
from bot.domain.requests.who_decides import ApproverRule
from bot.domain.telling.details_facts import DetailsFacts
from bot.domain.telling.event_facts import facts_of_step
from bot.domain.telling.request_facts import RequestFacts
from bot.domain.telling.sentence import Value
from bot.slack.block_kit.blocks import Modal
from bot.slack.modals.details import details
from tests.support import samples
from tests.support.samples import HOSTILE, facts, item, review, step
from tests.unit.slack.rendered import texts

POWERSHELL = "New-TenantAllowBlockListItems -ListType Sender -Block -Entries 'sender1.example' -Notes 'R&D'"


def opened(
    request: RequestFacts,
    *,
    powershell: str = "",
    as_of: datetime | None = None,
    steps: Sequence[StoryStep] = (),
    ends: Mapping[str, datetime | None] | None = None,
) -> Modal:
    """The modal of a request with these steps and present ends."""
    told = tuple(facts_of_step(step) for step in steps)
    return details(DetailsFacts(request=request, powershell=powershell, as_of=as_of, steps=told, ends_now=ends or {}))


def test_details_show_whom_rules_name_to_decide() -> None:
    rule = ApproverRule(name="Network <team>", approvers=("U0LEAD", "S0NETWORK"))
    told = DetailsFacts(request=facts(), deciders=(rule, replace(rule, name="Others", approvers=("U0CHIEF",))))
    assert (
        "*Who decides*\nBy the rule “Network &lt;team&gt;”: <@U0LEAD> and <!subteam^S0NETWORK>\n"
        "By the rule “Others”: <@U0CHIEF>"
    ) in texts(details(told))
    assert "Who decides" not in texts(details(DetailsFacts(request=facts())))


def test_details_show_the_mail_that_it_would_touch_and_subjects_only_where_they_are_given() -> None:
    told = DetailsFacts(
        request=facts(),
        figures=((Value("evil.example"), ": 412 messages to 38 people (400 delivered, 12 quarantined)"),),
        counted_how=("Counted over the last 10 days by message trace.",),
    )
    shown = texts(details(told))
    assert "*Mail of the last 10 days*\n`evil[.]example`: 412 messages to 38 people (400" in shown
    assert "Counted over the last 10 days by message trace." in shown
    assert "subjects" not in shown
    assert "• Your &lt;!channel&gt; invoice" in texts(details(replace(told, subjects=("Your <!channel> invoice",))))


def test_details_show_why_no_rule_approves_it() -> None:
    told = DetailsFacts(request=facts(), waits_because="evil[.]example <has> a wildcard")
    why = "No rule approves it: evil[.]example &lt;has&gt; a wildcard."
    assert why in texts(details(told))
    decided = replace(told, request=facts(status=Status.APPLIED))
    assert "No rule" not in texts(details(decided))


def test_details_show_what_was_asked_and_answered() -> None:
    question = Question(number=1, by="U0APPROVER", text="Which mail?", at=samples.NOW)
    assert "answered yet" not in texts(opened(facts()))
    assert "“Which mail?” · Not answered yet" in texts(opened(replace(facts(), asked_back=question)))


def test_details_show_items_warnings_reviews_powershell_and_steps() -> None:
    made = facts(
        warnings=[
            RequestWarning(code="a", text="Stops outbound mail."),
            RequestWarning(code="b", text="Wide.", serious=True),
        ],
        reviews=[review(comment="Fine")],
    )
    steps = [step(7), step(8, kind="item.applied", count=1_000, actor=PORTCULLIS)]
    view = opened(made, powershell=POWERSHELL, steps=steps)
    seen = texts(view)
    for part in (
        "`sender1[.]example`",
        "`sender2[.]example`",
        ":rotating_light: Wide.\n:warning: Stops outbound mail.",
        "<@U0APPROVER> approved",
        "```\nNew-TenantAllowBlockListItems -ListType Sender -Block -Entries 'sender1.example' -Notes 'R&amp;D'\n```",
        "7 · ",
        "<@U0REQUESTER> *proposed* · `sender1[.]example`",
        "8–1,007 · ",
        "Portcullis *applied* · 1,000 indicators",
    ):
        assert part in seen
    assert view.to_dict()["title"]["text"] == "Details of #42"
    assert "submit" not in view.to_dict()


def test_a_long_warning_is_shown_whole() -> None:
    text = f"{'Microsoft learns from it. ' * 60}It ends by itself."
    assert f":warning: {text}" in texts(opened(facts(warnings=[RequestWarning(code="a", text=text)])))


def test_the_powershell_says_by_which_snapshot() -> None:
    assert "*As PowerShell*\n" in texts(opened(facts(), powershell=POWERSHELL))
    assert "*As PowerShell, lists as of <!date^" in texts(opened(facts(), powershell=POWERSHELL, as_of=samples.NOW))


def test_a_small_request_without_more_has_no_empty_parts() -> None:
    seen = texts(opened(facts()))
    for label in ("Audit log", "warning", "PowerShell"):
        assert label not in seen


def test_a_thousand_items_are_all_there() -> None:
    seen = texts(opened(facts(items=1000), powershell=POWERSHELL))
    assert all(f"`sender{number}[.]example`" in seen for number in range(1, 1001))


def test_what_does_not_fit_is_counted() -> None:
    items = [item(n, value=f"{n}.{'x' * 200}.example", outcome="y" * 300, state=ItemState.REFUSED) for n in range(1000)]
    made = facts(items=items, status=Status.FAILED)
    seen = texts(opened(made, powershell="Remove-Something\n" * 20_000, steps=[step(n) for n in range(2_000)]))
    assert "the command line lists them all" in seen
    assert "more characters that don't fit here" in seen


@pytest.mark.parametrize("count", [1, 25, 1000])
@pytest.mark.parametrize("status", Status)
def test_every_size_in_every_status_fits(count: int, status: Status) -> None:
    assert opened(facts(items=count, status=status), powershell=POWERSHELL * count).to_dict()


@pytest.mark.parametrize("hostile", HOSTILE)
def test_what_people_typed_can_do_nothing(hostile: str) -> None:
    made = facts(
        reason=hostile,
        failure=hostile,
        status=Status.PARTLY_APPLIED,
        requester=hostile,
        items=[Item(id=n, kind=Kind.URL, value=hostile, state=ItemState.REFUSED, outcome=hostile) for n in range(1000)],
        warnings=[RequestWarning(code=hostile, text=hostile)] * 100,
        reviews=[review(hostile, comment=hostile)] * 100,
    )
    steps = [step(n, kind=hostile, actor=hostile, target=hostile) for n in range(1000)]
    seen = texts(opened(made, powershell=hostile * 50, steps=steps, ends={hostile: None}))
    assert "<!channel>" not in seen
    assert "\u202e" not in seen


@given(samples.any_request_facts, samples.any_text, st.lists(samples.any_step, max_size=6))
@settings(max_examples=80, deadline=None)
def test_no_request_makes_details_that_slack_refuses(
    made: RequestFacts, powershell: str, steps: list[StoryStep]
) -> None:
    assert opened(made, powershell=powershell, steps=steps).to_dict()


def test_a_large_request_counts_the_items_that_are_not_at_hand() -> None:
    made = facts(items=20, tally={ItemState.APPLIED: 9_990, ItemState.REFUSED: 10}, status=Status.PARTLY_APPLIED)
    seen = texts(opened(made))
    assert "*10,000 senders*" in seen
    assert "…and 9,980 more: the command line lists them all" in seen


def test_another_end_stands_beside_the_one_that_there_is_now() -> None:
    made = facts(operation=Operation.EXTEND)
    seen = texts(opened(made, ends={"sender1.example": samples.NOW, "sender2.example": None}))
    assert "`sender1[.]example` · ends now: <!date^1772366400^" in seen
    assert "`sender2[.]example` · ends now: never ends" in seen
    assert "*New expiry date*" in seen


@pytest.mark.parametrize("operation", [Operation.REMOVE, Operation.ANNOTATE, Operation.SAFE_LIST_OFF])
def test_what_has_no_end_says_nothing_of_one(operation: Operation) -> None:
    assert "*Until*" not in texts(opened(facts(operation=operation, expires=None)))


def test_details_say_of_each_item_how_it_was_read() -> None:
    noted = [item(number, notes={"label_stripped": "‘From:’ was left out."}) for number in range(1, 8)]
    seen = texts(opened(facts(items=noted)))
    assert "*How it was read*" in seen
    assert seen.count("‘From:’ was left out.") == 7
