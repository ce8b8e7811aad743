"""The alerts."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.auditing.events import EventKind
from bot.domain.indicators.indicator import Kind
from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action, ListName
from bot.domain.requests.request import ItemState, Request, Status
from bot.domain.telling.alert_facts import AlertName, alert_facts
from bot.slack.block_kit.blocks import Message
from bot.slack.block_kit.ids import ActionId
from bot.slack.messages.alert import alert_message, card_refused
from tests.support import samples
from tests.support.samples import HOSTILE, ip_allow, item, request, review, step
from tests.unit.slack.rendered import buttons, texts

#: What there is an alarm for, and a job that was given up.
ALERTS = [
    AlertName.IP_ALLOW_PROPOSED,
    AlertName.REQUEST_FAILED,
    AlertName.ENTRY_MISSING,
    AlertName.REQUEST_DELAYED,
    AlertName.LOG_CONTRADICTED,
    "request.apply",
]


def alerted(what: str, made: Request | None, *, details: str = "", reference: str = "job-7") -> Message:
    missing = [] if made is None else [shown.value for shown in made.items]
    happened = [step(kind=EventKind.ITEM_MISSING, count=max(1, len(missing)), targets=missing)]
    return alert_message(alert_facts(what, made, happened, details=details, reference=reference))


def test_an_ip_allow_alert_says_who_what_why_and_that_nothing_was_changed() -> None:
    message = alerted(AlertName.IP_ALLOW_PROPOSED, ip_allow(reason="Scanner"))
    seen = texts(message)
    for part in (
        "*IP ALLOW proposed* by <@U0REQUESTER>",
        "`203.0.113[.]7`",
        "```Scanner```",
        "0 of 2 approvals",
        "nothing",
    ):
        assert part in seen
    assert "IP ALLOW proposed" in message.text
    assert "Why: Scanner" in message.text
    assert buttons(message) == {ActionId.DETAILS: "42.57"}
    several = ip_allow(items=[item(1, value="203.0.113.7"), item(2, value="203.0.113.8")])
    assert "2 IPs" in texts(alerted(AlertName.IP_ALLOW_PROPOSED, several))
    assert "`203.0.113[.]8`" in texts(alerted(AlertName.IP_ALLOW_PROPOSED, several))


def test_an_alert_of_an_ipv6_allow_says_so_as_well() -> None:
    ipv6 = [item(1, value="2001:db8::7", kind=Kind.IPV6)]
    message = alerted(AlertName.IP_ALLOW_PROPOSED, ip_allow(list_name=ListName.IP, items=ipv6))
    assert "*IP ALLOW proposed* by <@U0REQUESTER>: `2001:db8::7`" in texts(message)


def test_a_job_that_was_given_up_says_what_to_do_and_where_to_look() -> None:
    message = alerted("request.apply", request(), details="The tenant refused the token.")
    for part in (
        "request.apply for #42",
        "The tenant refused the token.",
        "`portcullis doctor` checks",
        "job-7",
    ):
        assert part in texts(message)
        assert part in message.text
    assert buttons(message) == {ActionId.DETAILS: "42.57"}
    assert buttons(alerted("", None, reference="")) == {}


def test_what_is_gone_again_is_counted_and_named() -> None:
    gone = [item(number, state=ItemState.REMOVED) for number in range(1, 21)]
    large = request(status=Status.APPLIED, items=gone, tally={ItemState.REMOVED: 500})
    message = alerted(AlertName.ENTRY_MISSING, large)
    assert ":rotating_light: *No longer in effect*: 20 senders of #42" in texts(message)
    assert ":wastebasket: `sender1[.]example` no longer in effect" in texts(message)
    assert "sender1[.]example" in message.text
    assert buttons(message) == {ActionId.DETAILS: "42.57"}


def test_a_request_that_failed_leaves_the_why_to_its_card() -> None:
    items = [item(1, state=ItemState.APPLIED), item(2, state=ItemState.REFUSED, outcome="Duplicate value.")]
    message = alerted(AlertName.REQUEST_FAILED, request(status=Status.PARTLY_APPLIED, items=items, reviews=[review()]))
    assert ":x: *#42* by <@U0REQUESTER>, Block 2 senders. *Partly applied*: 1 of 2." in texts(message)
    assert "Its card says why." in texts(message)
    assert "Duplicate value" not in texts(message) + message.text


def test_what_is_held_up_says_why_and_that_it_is_tried_again() -> None:
    message = alerted(AlertName.REQUEST_DELAYED, request(), details="No <answer>.")
    assert texts(message).startswith(
        ":rotating_light: *#42* is approved, but could not be applied yet. Portcullis keeps trying.\nNo &lt;answer&gt;."
    )
    assert buttons(message) == {ActionId.DETAILS: "42.57"}


@pytest.mark.parametrize("value", ["evil.example", *HOSTILE])
def test_an_allow_that_nobody_asked_for_has_a_button_with_its_events_number(value: str) -> None:
    payload = {"list": "sender", "value": value, "expires": None}
    told = samples.event(417, kind=EventKind.SUBMISSION_UNNAMED, target=value, request_id=42, payload=payload)
    made = request(operation=Operation.SUBMIT, action=Action.ALLOW, status=Status.APPLIED)
    message = alert_message(alert_facts(AlertName.UNNAMED_ALLOW, made, [], event=told))
    assert ":rotating_light: *Allowed, and nobody asked for it*" in texts(message)
    assert buttons(message)[ActionId.PROPOSE_REMOVAL] == "42.417"
    assert set(buttons(message)) == {ActionId.PROPOSE_REMOVAL, ActionId.DETAILS}
    assert not any(harm in texts(message) + message.text for harm in ("<!channel>", "<https:", "\u202e"))


def test_a_card_that_slack_does_not_take_is_told_where_it_is_seen() -> None:
    message = alert_message(card_refused(request(), code="not_in_channel"))
    assert "Slack refuses the card of *#42*, so nobody can decide on it." in texts(message)
    assert "not_in_channel" in message.text
    assert "Invite the bot to the channel: type /invite" in message.text
    assert "*" not in message.text


def test_a_card_that_is_posted_after_all_is_told_where_it_was_missed() -> None:
    message = alert_message(card_refused(request(), code="not_in_channel", posted=True))
    assert "Now: The card is posted. Waits for approval" in message.text
    assert "Invite the bot" not in message.text


def test_a_code_that_nobody_knows_is_told_with_where_to_look() -> None:
    assert "Look this code up" in alert_message(card_refused(request(), code="code_of_next_year")).text


@pytest.mark.parametrize("what", ALERTS)
@pytest.mark.parametrize("count", [1, 25, 1000])
def test_every_alert_fits_at_every_size(what: str, count: int) -> None:
    items = [item(n, state=ItemState.REFUSED, outcome="No.") for n in range(count)]
    assert alerted(what, request(status=Status.FAILED, items=items)).text


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize("what", ALERTS)
def test_what_people_typed_can_do_nothing(what: str, hostile: str) -> None:
    items = [item(n, value=hostile, state=ItemState.REFUSED, outcome=hostile) for n in range(30)]
    made = request(status=Status.FAILED, reason=hostile, failure=hostile, requester=hostile, items=items)
    for message in (
        alerted(what, made, details=hostile, reference=hostile),
        alerted(hostile, None, details=hostile, reference=hostile),
        alert_message(card_refused(made, code=hostile)),
    ):
        assert "<!channel>" not in texts(message) + message.text
        assert "\u202e" not in texts(message) + message.text


@given(samples.any_request, samples.any_text, st.sampled_from(ALERTS))
@settings(max_examples=80, deadline=None)
def test_no_request_makes_an_alert_that_slack_refuses(made: Request, said: str, what: str) -> None:
    assert alerted(what, made, details=said, reference=said).text
