"""Every operation in its own words, on the card and in the story; and requests too large to be shown whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.indicators.indicator import Kind
from bot.domain.lists.change import Operation
from bot.domain.lists.entries import FilterPolicy
from bot.domain.lists.traits import Action, ListName
from bot.domain.policies.subdomains import NOT_COVERED
from bot.domain.requests.binding import ShownCard
from bot.domain.requests.request import Item, ItemState, Request, RequestWarning, SetAside, Status
from bot.domain.telling import outcome_steps
from bot.domain.telling.alert_facts import AlertName, alert_facts
from bot.domain.telling.details_facts import DetailsFacts
from bot.domain.telling.event_facts import event_facts
from bot.domain.telling.proposal_facts import proposal_facts
from bot.domain.telling.request_facts import request_facts
from bot.domain.telling.safe_list_facts import safe_list_facts
from bot.slack.block_kit.ids import ActionId
from bot.slack.messages.alert import alert_message
from bot.slack.messages.card import card
from bot.slack.messages.event_line import event_line
from bot.slack.messages.proposed import proposed_message
from bot.slack.messages.request_buttons import subdomains_button
from bot.slack.messages.request_list import request_list
from bot.slack.messages.safe_list import safe_list_message
from bot.slack.modals import approval_form
from bot.slack.modals.details import details
from tests.support.samples import HOSTILE, NOW, event, facts, ip_allow, item, request, review
from tests.unit.slack.rendered import buttons, texts, told

BLOCK, ALLOW = Action.BLOCK, Action.ALLOW
POLICY = Item(id=1, kind=Kind.FILTER_POLICY, value="Default")


def header(made: Request) -> str:
    text: str = card(request_facts(made)).to_dict()["blocks"][0]["text"]["text"]
    return text.split("\n", maxsplit=1)[0]


@pytest.mark.parametrize(
    ("made", "title", "effect"),
    [
        (
            request(operation=Operation.EXTEND, items=1),
            "*New expiry date for the block of `sender1[.]example`* · #42",
            "a new expiry date, later or earlier",
        ),
        (
            request(operation=Operation.EXTEND, action=ALLOW, items=2),
            "*New expiry date for the allow of 2 senders* · #42",
            "goes on allowing",
        ),
        (
            request(operation=Operation.ANNOTATE, items=1, expires=None),
            "*New note on the block of `sender1[.]example`* · #42",
            "Replaces the notes",
        ),
        (
            request(
                operation=Operation.SAFE_LIST_OFF,
                action=ALLOW,
                list_name=ListName.CONNECTION_FILTER,
                items=[POLICY],
                expires=None,
            ),
            "*Safe list off in `Default`* · #42",
            "no longer skips spam filtering",
        ),
        (
            request(operation=Operation.SUBMIT, action=ALLOW, items=1),
            "*Submit `sender1[.]example` to Microsoft, to be let through* · #42",
            "Microsoft decides what comes of it",
        ),
    ],
)
def test_a_card_says_what_it_is_about(made: Request, title: str, effect: str) -> None:
    assert header(made) == title
    assert effect in texts(details(DetailsFacts(request=request_facts(made))))
    assert buttons(card(request_facts(made)))[ActionId.APPROVE] == "42.57"
    change = title.strip("*").split(" ", 1)[0]
    shown = request_facts(made)
    for message in (proposed_message(proposal_facts([made])), request_list([shown]), told(outcome_steps.yours, made)):
        assert change in texts(message)


def test_several_policies_are_called_policies() -> None:
    made = request(
        operation=Operation.SAFE_LIST_OFF,
        action=ALLOW,
        list_name=ListName.CONNECTION_FILTER,
        items=[POLICY, Item(id=2, kind=Kind.FILTER_POLICY, value="Head office")],
    )
    assert header(made) == "*Safe list off in 2 policies* · #42"
    assert "Safe list · " in texts(card(request_facts(made)))


def test_a_note_is_shown_as_the_note_that_it_will_be() -> None:
    made = request(operation=Operation.ANNOTATE, reason="Invoice fraud, case 4711")
    assert "The new note: `Invoice fraud, case 4711`" in texts(card(request_facts(made)))
    assert "The new note: `Invoice fraud, case 4711`" in texts(proposed_message(proposal_facts([made])))


@pytest.mark.parametrize(
    ("name", "days", "ours"),
    [
        (ListName.CONNECTION_FILTER, 7, True),
        (ListName.SPOOF, 7, True),
        (ListName.SENDER, 30, False),
        (ListName.SENDER, 90, False),
        (ListName.SENDER, 120, True),
        (ListName.SENDER, None, False),
    ],
)
def test_the_details_say_who_sees_to_the_end(name: ListName, days: int | None, ours: bool) -> None:
    made = request(list_name=name, expires=None if days is None else NOW + timedelta(days=days))
    assert ("when Portcullis removes it" in texts(details(DetailsFacts(request=request_facts(made))))) == ours
    ended = told(outcome_steps.ended, made, made.items)
    assert ("removed by Portcullis" in texts(ended)) == ours


def test_a_longer_ip_allow_is_as_unmistakable_as_the_allow_itself() -> None:
    made = ip_allow(operation=Operation.EXTEND)
    assert header(made) == "*:warning: KEEP IP ALLOW proposed: `203.0.113[.]7`* · #42"
    form = approval_form.build(request_facts(made), shown=ShownCard(channel="C1", ts="1.1", version=57))
    assert "will go on skipping spam filtering" in str(form.payload)
    assert "*KEEP IP ALLOW proposed*" in texts(alert_message(alert_facts(AlertName.IP_ALLOW_PROPOSED, made, [])))


LARGE: Mapping[ItemState, int] = {ItemState.APPLIED: 9_000, ItemState.REFUSED: 990, ItemState.INTENDED: 10}


def large(**changes: object) -> Request:
    refused = [item(number, state=ItemState.REFUSED, outcome="No.") for number in range(1, 21)]
    values: dict[str, object] = {"items": refused, "tally": LARGE, "reviews": [review()]}
    return request(**{**values, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (Status.PENDING, "Block 10,000 senders"),
        (Status.PARTLY_APPLIED, "*Blocked 9,000 of 10,000:*"),
        (Status.FAILED, "It is not known what became of 10 senders"),
    ],
)
def test_a_large_request_is_counted_by_all_its_items(status: Status, sentence: str) -> None:
    seen = texts(card(request_facts(large(status=status))))
    assert sentence in seen
    assert ("…and 9,990 more" if status is Status.PENDING else "…and 990 more") in seen


def test_the_story_of_a_large_request_counts_what_is_not_as_asked() -> None:
    seen = texts(told(outcome_steps.yours, large(status=Status.PARTLY_APPLIED)))
    assert "`sender1[.]example` refused: No." in seen
    assert "…and 990 more" in seen
    gone = [item(1, state=ItemState.REMOVED)]
    assert "*No longer in effect*: 700 senders" in texts(
        told(outcome_steps.gone_again, large(items=gone), gone, count=700)
    )


@pytest.mark.parametrize(
    ("status", "total", "sent", "words"),
    [
        (Status.APPLYING, 10_000, 1_240, "1,240 of 10,000 sent"),
        (Status.APPLYING, 10_000, 0, "0 of 10,000 sent"),
        (Status.APPLYING, 20, 10, None),
        (Status.APPROVED, 10_000, 0, None),
        (Status.APPLIED, 10_000, 10_000, None),
    ],
)
def test_progress_is_told_while_a_large_request_is_being_applied(
    status: Status, total: int, sent: int, words: str | None
) -> None:
    made = request(status=status, sent=sent, tally={ItemState.INTENDED: total}, reviews=[review()])
    for message in (card(request_facts(made)), request_list([request_facts(made)])):
        assert (f"of {total:,} sent" in texts(message)) == (words is not None)
        assert words is None or words in texts(message)


@pytest.mark.parametrize(
    ("count", "words"),
    [(0, ""), (1, "1 line of what was given was set aside"), (12, "12 lines of what was given were")],
)
def test_lines_that_were_set_aside_are_told(count: int, words: str) -> None:
    message = card(facts(set_aside=count))
    assert words in texts(message)
    assert words in message.text
    assert ("set aside" in texts(message)) == (count > 0)


def test_where_they_are_few_they_are_named_and_details_say_why() -> None:
    aside = [
        SetAside(line=2, typed="contoso.example", value="contoso.example", code="own_domain", reason="It is your own."),
        SetAside(line=4, typed="see <that> mail", code="unreadable", reason="Nothing to list."),
    ]
    made = facts(named_aside=aside)
    said = "2 lines of what was given were set aside: `contoso[.]example`, `see &lt;that&gt; mail`."
    message = card(made)
    assert said in texts(message)
    assert said in message.text
    opened = texts(details(DetailsFacts(request=made)))
    assert "*Set aside*\n• `contoso[.]example`: It is your own.\n• `see &lt;that&gt; mail`: Nothing to list." in opened
    assert "2 lines of what was given were set aside. Once" in opened, "there they are named already"


def test_a_reminder_says_what_ends_and_when_and_offers_another_end() -> None:
    made = request(status=Status.APPLIED, items=[item(state=ItemState.CONFIRMED)])
    message = told(outcome_steps.reminder, made)
    assert "*Ends soon*: `sender1[.]example` of #42" in texts(message)
    assert "ends <!date^1774958400^" in texts(message)
    assert buttons(message) == {ActionId.EXTEND: "42.57", ActionId.DETAILS: "42.57"}
    assert "Ends soon" in message.text
    several = told(outcome_steps.reminder, replace(made, tally={ItemState.CONFIRMED: 10_000}))
    assert "10,000 senders of #42" in texts(several)
    assert "If they are still needed" in texts(several)


@pytest.mark.parametrize("hostile", HOSTILE)
def test_no_text_makes_a_reminder_that_slack_refuses(hostile: str) -> None:
    for count in (1, 30):
        items = [item(n, value=hostile, state=ItemState.APPLIED) for n in range(count)]
        message = told(outcome_steps.reminder, request(items=items, requester=hostile, reason=hostile))
        assert "<!channel>" not in texts(message) + message.text


@pytest.mark.parametrize(
    ("operation", "words"),
    [
        (Operation.ADD, "*proposed*"),
        (Operation.REMOVE, "*proposed to remove*"),
        (Operation.EXTEND, "*proposed a new expiry date*"),
        (Operation.ANNOTATE, "*proposed a new note*"),
        (Operation.SAFE_LIST_OFF, "*proposed to switch the safe list off*"),
        (Operation.SUBMIT, "*proposed a submission*"),
    ],
)
def test_the_log_says_what_was_proposed(operation: Operation, words: str) -> None:
    assert words in event_line(event_facts(event(payload={"operation": operation})))


@pytest.mark.parametrize(
    ("policies", "words"),
    [
        ([FilterPolicy(identity="Default", is_default=True)], "off everywhere"),
        (
            [FilterPolicy(identity="Default", is_default=True), FilterPolicy(identity="Lab", safe_list=True)],
            "on in 1 of 2 policies",
        ),
    ],
)
def test_the_safe_list_is_shown_by_policy_with_its_age(policies: list[FilterPolicy], words: str) -> None:
    message = safe_list_message(safe_list_facts(policies, as_of=NOW), now=NOW + timedelta(minutes=3))
    assert words in texts(message)
    assert words in message.text
    assert "(3 minutes ago)" in texts(message)
    assert "`Default`: off, the default policy" in texts(message)
    assert ("/safelist off" in texts(message)) == any(policy.safe_list for policy in policies)


@pytest.mark.parametrize("hostile", HOSTILE)
def test_any_number_of_policies_of_any_name_fit(hostile: str) -> None:
    many = [FilterPolicy(identity=f"{hostile}{number}", safe_list=number % 2 == 0) for number in range(500)]
    message = safe_list_message(safe_list_facts(many, as_of=NOW), now=NOW)
    assert "<!channel>" not in texts(message) + message.text


@pytest.mark.parametrize(
    ("values", "label"),
    [
        (["a.example"], "Block its subdomains too"),
        (["a.example", "b.example"], "Block their subdomains too"),
        (["a.example", "bad@evil.example"], "Block the domain's subdomains too"),
        (["a.example", "b.example", "bad@evil.example"], "Block the domains' subdomains too"),
    ],
)
def test_the_button_for_subdomains_speaks_of_the_domains_alone(values: list[str], label: str) -> None:
    kinds = [Kind.ADDRESS if "@" in value else Kind.DOMAIN for value in values]
    items = [item(n, value=value, kind=kind) for n, (value, kind) in enumerate(zip(values, kinds, strict=True), 1)]
    warned = [RequestWarning(code=NOT_COVERED, text="It doesn't cover its subdomains.")]
    made = request_facts(request(items=items, warnings=warned))
    assert subdomains_button(made).to_dict()["text"]["text"] == label
