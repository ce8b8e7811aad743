"""Help, errors, and what the proposer sees after proposing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.lists.traits import ListName
from bot.domain.policies.case import Field, Refusal
from bot.domain.requests.approval import Approval, ApprovedBy
from bot.domain.requests.request import Request, RequestWarning, Status
from bot.domain.telling.proposal_facts import proposal_facts
from bot.slack.block_kit.ids import ActionId
from bot.slack.command_table import COMMANDS, IP_ALLOW_DAYS, Command
from bot.slack.messages.error import error_message
from bot.slack.messages.help import help_message
from bot.slack.messages.proposed import proposed_message
from bot.slack.modals.error import error_modal
from tests.support import samples
from tests.support.samples import HOSTILE, NOW, any_text, ip_allow, request
from tests.unit.slack.rendered import buttons, texts


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_help_shows_usage_grammar_and_examples(command: Command) -> None:
    message = help_message(command)
    seen = texts(message)
    assert f"`{command.name} {command.usage_hint}`" in seen
    assert all(line.replace(IP_ALLOW_DAYS, "7 days") in seen for line in command.grammar)
    assert command.examples
    for typed, _ in command.examples:
        assert typed.startswith(command.name)
        assert f"`{typed}`" in seen
    assert command.usage_hint in message.text


def test_help_without_a_command_lists_them_all() -> None:
    message = help_message()
    assert all(f"`{command.name}` – {command.description}" in texts(message) for command in COMMANDS)
    assert all(command.name in message.text for command in COMMANDS)


def test_an_error_says_what_what_next_and_where_to_look() -> None:
    message = error_message("The tenant refused <it>.", "Try again later.", "a1b2")
    assert texts(message) == (
        "⚠️ The tenant refused <it>.\nTry again later.\nReference a1b2: whoever runs Portcullis finds it in the log."
    )
    assert message.text == "The tenant refused &lt;it&gt;. Try again later. Reference a1b2."


def test_an_error_without_reference_or_remedy_has_no_empty_parts() -> None:
    message = error_message("No such request.", "", "")
    assert texts(message) == "⚠️ No such request."
    assert message.text == "No such request."
    assert texts(error_message("", "", "")) == "⚠️ Something went wrong."


def test_an_error_says_whom_to_ask_where_the_operator_has_named_somebody() -> None:
    remedy = "Ask whoever runs Portcullis to let you."
    person = error_message("You may not propose changes here.", remedy, "", contact="U0OPERATOR")
    assert texts(person).endswith("Whoever runs Portcullis: <@U0OPERATOR>")
    assert "<@U0OPERATOR>" in person.text
    assert "the &lt;help&gt; desk" in texts(error_message("No.", remedy, "", contact="the <help> desk"))
    assert "U0OPERATOR" not in texts(error_message("No such request.", "", "", contact="U0OPERATOR"))


def test_an_error_names_those_who_may_do_it() -> None:
    told = error_message("Others decide on this.", "Leave it to them.", "", others=["U0LEAD", "S0NETWORK"])
    assert texts(told).endswith("Named by the rule: <@U0LEAD> and <!subteam^S0NETWORK>")
    assert told.text.endswith("Named by the rule: <@U0LEAD> and <!subteam^S0NETWORK>.")
    many = [f"U0LEAD{number}" for number in range(200)]
    assert "and 191 others" in texts(error_modal("No.", "", "", others=many))


def test_what_was_done_before_is_a_remark() -> None:
    assert texts(error_message("You approved #7 already.", "", "", is_remark=True)) == ("You approved #7 already.")


@pytest.mark.parametrize(
    ("remedy", "opens"),
    [
        ("Write it behind them, or use /import.", [ActionId.OPEN_IMPORT]),
        ("Type it: /block or /check alone opens a form.", [ActionId.OPEN_BLOCK, ActionId.OPEN_CHECK]),
        ("Look with /check.", []),
    ],
)
def test_where_an_error_names_a_form_a_button_opens_it(remedy: str, opens: list[ActionId]) -> None:
    assert list(buttons(error_message("No.", remedy, ""))) == opens


def test_stars_in_an_error_stay_stars() -> None:
    [block] = error_message("*.a.example and *.b.example can't both be meant.", "", "").to_dict()["blocks"]
    assert block["text"]["type"] == "plain_text"
    assert "*.a.example and *.b.example" in block["text"]["text"]


def test_an_error_can_stand_in_a_modal() -> None:
    view = error_modal("The request is gone.", "Look at /requests.", "a1b2")
    assert "submit" not in view.to_dict()
    assert "Look at /requests." in texts(view)


@given(any_text, any_text, any_text)
@settings(deadline=None)
def test_no_error_makes_a_message_that_slack_refuses(what: str, remedy: str, reference: str) -> None:
    assert error_message(what, remedy, reference).text
    assert error_modal(what, remedy, reference).to_dict()


REFUSAL = Refusal(
    code="own_domain",
    text="That is your own domain.",
    remedy="Leave it.",
    field=Field.INDICATORS,
    indicator="contoso.com",
)


def test_the_proposer_sees_what_was_requested_and_what_was_not() -> None:
    warned = request(warnings=[RequestWarning(code="outbound", text="Stops outbound mail.")])
    message = proposed_message(proposal_facts([warned], [REFUSAL]))
    seen = texts(message)
    for part in (
        "*#42*: Block 2 senders: `sender1[.]example`, `sender2[.]example` · Senders",
        "Until <!date^1774958400^{date_short_pretty} {time}|2026-03-31 12:00 UTC>, because: `Invoice fraud`",
        "It needs 1 approval by somebody else",
        "Nothing has been changed yet.",
        ":warning: Stops outbound mail.",
        ":x: `contoso[.]com`: That is your own domain. Leave it.",
    ):
        assert part in seen
    assert buttons(message) == {ActionId.DETAILS: "42.57", ActionId.WITHDRAW_HERE: "42.57"}
    assert "#42: Block 2 senders: `sender1[.]example`, `sender2[.]example`." in message.text
    assert "That is your own domain." in message.text


def test_the_answer_says_until_when_also_of_several_lists() -> None:
    first = request(request_id=7, lasts=timedelta(days=14), expires=NOW + timedelta(days=14))
    ips = replace(first, id=8, part_of=7, list=ListName.CONNECTION_FILTER)
    assert "Lasts 14 days from the approval, when Portcullis removes the IPs, because: " in texts(
        proposed_message(proposal_facts([first, ips]))
    )
    sooner = replace(ips, lasts=timedelta(days=7), expires=NOW + timedelta(days=7))
    each = texts(proposed_message(proposal_facts([first, sooner])))
    assert "Senders: 14 days from approval\nIPs: 7 days from approval\nBecause: " in each


def test_a_refusal_that_begins_with_its_value_says_it_once() -> None:
    text = "evil[.]example is in the blocked senders already."
    exists = Refusal(code="exists", text=text, remedy="Nothing to do.", indicator="evil.example")
    message = proposed_message(proposal_facts([], [exists]))
    assert texts(message).count("evil[.]example") == message.text.count("evil[.]example") == 1
    assert "evil[.]example` is in the blocked senders already. Nothing to do." in texts(message)


def test_what_nothing_is_wrong_with_is_named_as_well() -> None:
    message = proposed_message(proposal_facts([], [REFUSAL], unrefused=["evil.example", "*.evil.example"]), others="d1")
    assert "Not requested either" in texts(message)
    assert "`evil[.]example`\n`*[.]evil[.]example`" in texts(message)
    assert "Nothing is wrong with 2 others" in message.text
    assert buttons(message) == {ActionId.REQUEST_OTHERS: "d1"}
    assert "Request the other 2" in texts(message)


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (request(items=1), "Block `sender1[.]example`"),
        (request(items=3), "Block 3 senders: `sender1[.]example`, `sender2[.]example`, `sender3[.]example`"),
        (request(items=5), "`sender3[.]example` and 2 more"),
        (ip_allow(), "IP ALLOW `203.0.113[.]7`"),
    ],
)
def test_the_answer_names_the_first_values_defanged_to_the_eye_and_to_the_ear(made: Request, said: str) -> None:
    message = proposed_message(proposal_facts([made]))
    assert said in texts(message)
    assert said in message.text


@pytest.mark.parametrize(
    ("needed", "says"),
    [(1, "1 approval by somebody else"), (2, "2 approvals by other people"), (3, "3 approvals by other people")],
)
def test_it_says_how_many_approvals_are_needed_and_by_whom(needed: int, says: str) -> None:
    message = proposed_message(proposal_facts([request(approvals_needed=needed)]))
    assert f"It needs {says} and expires undecided" in texts(message)
    assert f"It needs {says}; nothing has been changed yet." in message.text


def test_an_ip_allow_is_called_what_it_is() -> None:
    assert "IP ALLOW `203.0.113[.]7`" in texts(proposed_message(proposal_facts([ip_allow()])))


def test_nothing_at_all_is_said_as_well() -> None:
    assert proposed_message(proposal_facts([])).text == "Nothing was requested."


@pytest.mark.parametrize("count", [1, 25, 1000])
def test_every_size_fits_and_counts_what_is_left_out(count: int) -> None:
    # As large as what is shown can be; of those that are only counted the size doesn't matter.
    made = ([request(items=count)] * 10 + [request()] * count)[:count]
    message = proposed_message(proposal_facts(made, [REFUSAL] * count))
    seen = texts(message)
    assert (f"…and {count - 6:,} more requests" in seen) == (count > 6)
    assert (f"…and {count - 10:,} more" in seen) == (count > 10)


@pytest.mark.parametrize("hostile", HOSTILE)
def test_what_people_typed_can_do_nothing(hostile: str) -> None:
    refusal = Refusal(code=hostile, text=hostile, remedy=hostile, indicator=hostile)
    made = request(warnings=[RequestWarning(code=hostile, text=hostile)] * 30)
    message = proposed_message(proposal_facts([made] * 30, [refusal] * 30))
    assert "<!channel>" not in texts(message) + message.text


any_refusal = st.builds(
    Refusal, code=any_text, text=any_text, remedy=any_text, field=st.sampled_from(Field), indicator=any_text
)


@given(st.lists(samples.any_request, max_size=8), st.lists(any_refusal, max_size=14))
@settings(max_examples=40, deadline=None)
def test_no_proposal_makes_a_message_that_slack_refuses(made: list[Request], refusals: list[Refusal]) -> None:
    assert proposed_message(proposal_facts(made, refusals)).text


NOT_COVERED = RequestWarning(code="subdomains_not_covered", text="evil[.]example doesn't cover its subdomains.")


def test_the_subdomains_are_offered_with_one_click() -> None:
    asked = request(warnings=[NOT_COVERED])
    assert buttons(proposed_message(proposal_facts([asked])))[ActionId.ADD_SUBDOMAINS] == f"{asked.id}.{asked.version}"
    assert ActionId.ADD_SUBDOMAINS not in buttons(proposed_message(proposal_facts([request()])))


def test_the_answer_says_how_what_was_typed_was_read() -> None:
    noted = [samples.item(number, notes={"label_stripped": "‘From:’ was left out."}) for number in (1, 2)]
    message = proposed_message(proposal_facts([request(items=noted)]))
    assert "*How it was read*" in texts(message)
    assert "• `sender2[.]example`: ‘From:’ was left out." in texts(message)
    assert "How it was read: `sender1[.]example`: ‘From:’ was left out. So it is with 1 more item" in message.text
    assert "How it was read" not in proposed_message(proposal_facts([request()])).text


def test_what_a_rule_approved_is_told_so_and_why_another_waits() -> None:
    approval = Approval(by=ApprovedBy.RULE, at=samples.NOW, name="Phishing", why="One sender.")
    let_through = proposed_message(proposal_facts([replace(request(status=Status.APPROVED), approval=approval)]))
    for told in (texts(let_through), let_through.text):
        assert "by the rule “Phishing”" in told
        assert "It needs" not in told
    waits = proposed_message(proposal_facts([request()], waits_because="the limit of 3 an hour leaves no room for it"))
    for told in (texts(waits), waits.text):
        assert "No rule approves it: the limit of 3 an hour leaves no room for it." in told
