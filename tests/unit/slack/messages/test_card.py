"""The approval card: every status, every size, any text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings

from bot.domain.indicators.indicator import Indicator, Kind, Note, NoteCode
from bot.domain.indicators.reader import read
from bot.domain.lists.change import Operation
from bot.domain.lists.entries import Snapshot
from bot.domain.lists.traits import Action, ListName
from bot.domain.policies.assess import assess
from bot.domain.policies.by_workflow import BY_WORKFLOW
from bot.domain.policies.case import Rules
from bot.domain.requests.approval import Approval, ApprovedBy
from bot.domain.requests.evidence import Evidence, MessageHeld
from bot.domain.requests.parts import Parts
from bot.domain.requests.proposal import Proposal
from bot.domain.requests.question import Question
from bot.domain.requests.request import Decision, Item, ItemState, RequestWarning, Review, SetAside, Status
from bot.domain.submissions.unnamed import UNNAMED_ALLOW
from bot.domain.telling.details_facts import DetailsFacts
from bot.domain.telling.parts_facts import parts_facts
from bot.domain.telling.request_facts import RequestFacts, request_facts
from bot.domain.telling.sentence import Value
from bot.slack.block_kit.blocks import Message
from bot.slack.block_kit.ids import ActionId
from bot.slack.block_kit.text import indicator as shown_value
from bot.slack.messages.card import card, requester_message
from bot.slack.messages.lines import item_lines
from bot.slack.modals.details import details
from tests.support import samples
from tests.support.samples import HOSTILE, NOW, facts, ip_allow_facts, item, review
from tests.unit.slack.rendered import block_ids, buttons, texts

GREEN = re.compile(r":white_check_mark:|:large_green|:heavy_check_mark:|:green")


def test_a_length_counts_from_the_approval() -> None:
    """While it waits nobody knows the day; once it is decided everybody does."""
    lasts = timedelta(days=30)
    pending = card(facts(lasts=lasts))
    assert "30 days from approval" in texts(pending)
    assert "Lasts 30 days from the approval." in pending.text
    assert "2026-03-31" not in texts(pending) + pending.text
    extended = card(facts(operation=Operation.EXTEND, lasts=timedelta(days=1)))
    assert "new expiry date 1 day from approval" in texts(extended)
    assert "2026-03-31" in texts(card(facts(status=Status.APPLIED, lasts=lasts)))


def test_while_it_waits_it_says_what_was_left_out() -> None:
    """The second approver decides on what the first one has left of it."""
    items = [item(1), item(2, state=ItemState.LEFT_OUT), item(3)]
    pending = card(facts(items=items, approvals_needed=2, reviews=[review()]))
    assert "Left out: `sender2[.]example`" in texts(pending)
    assert "Left out: `sender2[.]example`." in pending.text
    many = [item(n, state=ItemState.LEFT_OUT) for n in range(1, 14)]
    assert "…and 3 more: see Details" in texts(card(facts(items=[*many, item(14)])))
    unseen = card(replace(facts(items=items), items=()))
    assert "Left out: 1 line, see Details" in texts(unseen)
    assert "Left out" not in texts(card(facts(items=[item(1), item(2)])))


def test_what_was_left_out_of_several_lists_stands_there_once() -> None:
    left, url = ItemState.LEFT_OUT, item(3, value="evil.example/login")
    senders = samples.request(request_id=7, items=[item(1), item(2, state=left)])
    urls = samples.request(request_id=8, items=[replace(url, state=left)], list_name=ListName.URL)
    parts = Parts(requests=(replace(senders, id=7), replace(urls, id=8, part_of=7)))
    seen = texts(card(parts_facts(parts)))
    assert "*Senders:* `sender1[.]example`" in seen
    assert "*URLs:*" not in seen, "nothing is left of it"
    assert "Left out: `sender2[.]example`, `evil[.]example/login`" in seen
    assert (seen.count("sender2"), seen.count("/login")) == (1, 1)
    assert "more: see Details" not in seen


@pytest.mark.parametrize("state", [ItemState.APPLIED, ItemState.CONFIRMED, ItemState.EXPIRED, ItemState.REMOVED])
def test_what_was_left_out_is_never_told_as_done(state: ItemState) -> None:
    of = facts(items=[item(1, state=ItemState.LEFT_OUT), item(2, state=state)], status=Status.APPLIED)
    for message in (card(of), requester_message(of)):
        assert "*Blocked* `sender2[.]example` to" in texts(message)
        assert "Left out: `sender1[.]example`." in message.text
    assert "`sender1[.]example` left out" in texts(card(of))
    partly = facts(
        items=[item(1, state=ItemState.LEFT_OUT), item(2, state=state), item(3, state=ItemState.REFUSED)],
        status=Status.PARTLY_APPLIED,
    )
    assert "*Blocked 1 of 2:* `sender2[.]example`, `sender3[.]example`" in texts(card(partly))


def test_all_that_people_can_say_of_it_fits_on_a_card_that_waits() -> None:
    """Each of `&` is five characters in Slack's own spelling."""
    said = "&" * 500
    note = Note(code="odd", text=said)
    states = (ItemState.PROPOSED, ItemState.LEFT_OUT)
    long = "a" * 60 + "." + "b" * 60
    items = [replace(item(n, value=f"{long}.{n}.example", state=states[n % 2]), notes=(note,)) for n in range(40)]
    reviews = [review(reviewer=f"U0APPROVE{n}", comment=said) for n in range(5)]
    asked = Question(number=1, by="U0APPROVE1", text=said, at=NOW, answer=said, answered_at=NOW)
    of = replace(facts(items=items, approvals_needed=9, reviews=reviews), asked_back=asked, set_aside=7)
    seen = texts(card(of))
    for part in ("How it was read", "Left out", "Asked by", "Answered", "were set aside"):
        assert part in seen


def test_a_pending_card_says_what_who_why_where_and_until_when() -> None:
    message = card(facts(warnings=[RequestWarning(code="shared_host", text="Very many people use it.")]))
    seen = texts(message)
    for part in (
        "*Block 2 senders* · #42",
        "`sender1[.]example`, `sender2[.]example`",
        "<@U0REQUESTER>: `Invoice fraud`",
        "Senders, mail to them bounces too · 30 days, to <!date^1774958400^{date_short_pretty}|2026-03-31> · ",
        ":warning: Very many people use it.",
        "0 of 1 approval, expires undecided <!date^1772625600^{date_short_pretty}|2026-03-04>",
    ):
        assert part in seen


#: One of each, as policy warns of it.
_BLOCK = Proposal(
    operation=Operation.ADD,
    action=Action.BLOCK,
    list=ListName.SENDER,
    indicators=(Indicator(kind=Kind.DOMAIN, value="evil.example"),),
    reason="Phishing wave",
    expires=samples.NOW + timedelta(days=30),
)
_IP_ALLOW = replace(
    _BLOCK,
    action=Action.ALLOW,
    list=ListName.CONNECTION_FILTER,
    indicators=(Indicator(kind=Kind.IPV4, value="203.0.113.7"),),
    reason="Mail from the scanner at the head office is quarantined",
    expires=samples.NOW + timedelta(days=7),
    acknowledged=True,
)


def told(proposal: Proposal, **changes: object) -> RequestFacts:
    """What a card is made of for a proposal, with the warnings that policy has for it."""
    found = assess(proposal, Snapshot(as_of=samples.NOW), Rules(), now=samples.NOW)
    items = [item(value=given.value, kind=given.kind) for given in proposal.indicators]
    return facts(
        **{
            "action": proposal.action,
            "list_name": proposal.list,
            "items": items,
            "reason": proposal.reason,
            "expires": proposal.expires,
            "approvals_needed": found.approvals_needed,
            "warnings": found.warnings,
            **changes,
        }
    )


def words(message: Message) -> int:
    """How many words are seen, the buttons among them; a day is three of them, and a sign none."""
    shown = re.sub(r"<!date[^>]*>", "29 Dec 2026", re.sub(r"(?<!\S):[a-z_]+:", "", texts(message)))
    return sum(any(letter.isalnum() for letter in word) for word in shown.split())


def test_a_card_is_short() -> None:
    assert words(card(told(_BLOCK))) <= 45
    assert words(card(told(_IP_ALLOW))) <= 90
    done = [item(value="evil.example", state=ItemState.APPLIED)]
    assert words(card(told(_BLOCK, status=Status.APPLIED, reviews=[review()], items=done))) <= 25
    assert words(card(told(_BLOCK, status=Status.DENIED, reviews=[review(decision=Decision.DENY)]))) <= 25
    assert words(requester_message(told(_BLOCK))) <= 25


def test_mail_figures_add_a_line_of_fifteen_words_at_most_while_it_waits() -> None:
    line = ("Last 10 days: over 15,000 messages to 1,038 people, 17 filtered; 3 sent to it",)
    for proposal, most in ((_BLOCK, 60), (_IP_ALLOW, 105)):
        shown = card(replace(told(proposal), figures=line))
        assert words(shown) <= most
        assert line[0] in texts(shown)
        assert line[0] in shown.text
    assert line[0] not in texts(card(replace(told(_BLOCK, status=Status.DENIED), figures=line)))


def test_the_largest_of_several_is_no_link_in_the_figures() -> None:
    line = ("Last 10 days: 3 messages, all of ", Value("evil.example"))
    assert "all of `evil[.]example`" in texts(card(replace(told(_BLOCK), figures=line)))


def test_what_is_true_of_every_such_change_stands_in_the_details_alone() -> None:
    assert ":warning:" not in texts(card(told(_BLOCK)))
    allow = told(_IP_ALLOW)
    seen = texts(card(allow))
    assert "skips spam filtering, SPF, DKIM and DMARC" in seen
    assert "The security baseline (CISA SCuBA) advises against it." in seen
    assert "administer this address" not in seen
    everything = texts(details(DetailsFacts(request=allow)))
    assert "administer this address" in everything
    assert "550 5.7.703" in texts(details(DetailsFacts(request=told(_BLOCK))))


def test_a_card_has_one_clock_the_readers() -> None:
    warned = RequestWarning(code="ends_sooner", text="It ends on 2026-03-31 12:00 UTC now, or 2026-99-99 99:99 UTC.")
    assert (
        "It ends on <!date^1774958400^{date_short_pretty} {time}|2026-03-31 12:00 UTC> now, or 2026-99-99 99:99 UTC."
        in texts(card(facts(warnings=[warned])))
    )


def test_the_end_that_a_later_request_gave_is_shown_by_the_same_clock_and_read_aloud_as_it_is() -> None:
    said = "given another end (until 2026-03-31 12:00 UTC) by #2"
    [line] = item_lines(facts(items=[item(1, state=ItemState.CONFIRMED, outcome=said)]).items, marked=True)
    assert "(until <!date^1774958400^{date_short_pretty} {time}|2026-03-31 12:00 UTC>) by #2" in line
    [aloud] = item_lines(facts(items=[item(1, state=ItemState.CONFIRMED, outcome=said)]).items, marked=False)
    assert said in aloud


def test_what_is_unusual_about_a_case_stands_on_its_card() -> None:
    wide = (Indicator(kind=Kind.IPV4_NETWORK, value="198.51.100.0/24"),)
    seen = texts(card(told(replace(_BLOCK, list=ListName.CONNECTION_FILTER, indicators=wide))))
    assert ":rotating_light: 198.51.100[.]0/24 blocks 256 addresses" in seen
    assert "nothing is quarantined" not in seen


def test_the_top_level_text_holds_the_whole_point() -> None:
    spoken = card(facts(warnings=[RequestWarning(code="outbound", text="Stops outbound mail as well.")])).text
    for part in (
        "#42",
        "Block 2 senders",
        "sender1[.]example",
        "Invoice fraud",
        "Waits for approval",
        "1 warning",
    ):
        assert part in spoken
    assert "2026-03-31 12:00 UTC" in spoken
    assert "*" not in spoken


def first_line(made: RequestFacts) -> str:
    found: str = card(made).to_dict()["blocks"][0]["text"]["text"]
    return found.split("\n", maxsplit=1)[0]


def test_a_single_indicator_stands_in_the_first_line_defanged() -> None:
    assert first_line(facts(items=1)) == "*Block `sender1[.]example`* · #42"
    unblock = facts(items=1, operation=Operation.REMOVE)
    assert first_line(unblock) == "*Unblock `sender1[.]example`* · #42"
    assert first_line(ip_allow_facts()) == "*:warning: IP ALLOW proposed: `203.0.113[.]7`* · #42"
    made = [item(value="203.0.113.7", kind=Kind.IPV4, state=ItemState.APPLIED)]
    applied = ip_allow_facts(status=Status.APPLIED, reviews=[review()], items=made)
    assert first_line(applied).startswith(":white_check_mark: IP ALLOW: *Allowed* `203.0.113[.]7` to ")
    assert "#42: Block `sender1[.]example`. Waits" in card(facts(items=1)).text
    assert "#42: IP ALLOW `203.0.113[.]7`. Waits" in card(ip_allow_facts()).text


def test_the_request_number_stands_in_the_first_line_however_long_the_value() -> None:
    made = facts(items=[item(value=f"{'long.' * 100}example")], request_id=10**12)
    assert first_line(made).endswith(f"…`* · #{10**12}")


def test_a_pending_card_decides_and_the_requesters_copy_withdraws() -> None:
    always = {ActionId.APPROVE: "42.57", ActionId.DENY: "42.57", ActionId.DETAILS: "42.57"}
    assert buttons(card(facts(items=1))) == always
    for count in (2, 101):  # with boxes, and by name
        assert buttons(card(facts(items=count))) == {**always, ActionId.APPROVE_SOME: "42.57"}
    assert buttons(card(ip_allow_facts(items=[item(1), item(2)]))) == always, "Approve opens the form already"
    assert buttons(requester_message(facts())) == {ActionId.WITHDRAW: "42.57", ActionId.DETAILS: "42.57"}


def test_the_requesters_copy_offers_the_subdomains_that_a_block_leaves() -> None:
    asked = facts(warnings=[RequestWarning(code="subdomains_not_covered", text="It doesn't cover its subdomains.")])
    assert buttons(requester_message(asked))[ActionId.ADD_SUBDOMAINS] == "42.57"
    assert ActionId.ADD_SUBDOMAINS not in buttons(card(asked))


def test_whoever_started_a_workflow_reads_that_it_asks_in_their_name_and_what_it_left_out() -> None:
    own = SetAside(line=2, typed="contoso.example", value="contoso.example", code="own_domain", reason="Your own.")
    by_workflow = facts(warnings=[BY_WORKFLOW], named_aside=[own])
    said = "1 line of what was given was set aside: `contoso[.]example`."
    assert f"A workflow that you started proposed this. {said}" in texts(requester_message(by_workflow))
    assert said in texts(card(by_workflow))
    assert "that you started" not in texts(card(by_workflow))
    assert "workflow" not in texts(requester_message(facts(set_aside=1)))


#: Or still may: there is nothing to propose again.
_CAME_OFF = (Status.APPROVED, Status.APPLYING, Status.APPLIED)


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.PENDING])
def test_afterwards_it_can_be_asked_or_tried_again_and_nothing_decided(status: Status) -> None:
    decided = facts(status=status, reviews=[review()])
    again = {ActionId.TRY_AGAIN: "42.57"} if status.may_improve else {}
    assert buttons(card(decided)) == {**again, ActionId.DETAILS: "42.57"}
    theirs = {} if status in _CAME_OFF else {ActionId.PROPOSE_AGAIN: "42.57"}
    assert buttons(requester_message(decided)) == {**again, **theirs, ActionId.DETAILS: "42.57"}


def test_an_ip_allow_is_unmistakable() -> None:
    message = card(ip_allow_facts())
    seen = texts(message)
    assert first_line(ip_allow_facts()).startswith("*:warning: IP ALLOW proposed")
    assert "IP Allow List · 30 days" in seen
    assert "0 of 2 approvals" in seen
    assert ":rotating_light: Mail from there skips spam filtering" in seen
    assert ":warning: The address belongs to a hosting company." in seen
    assert "IP ALLOW" in message.text
    assert "skips spam filtering" in message.text


def test_a_card_says_how_many_addresses_there_are() -> None:
    networks = [item(n, value=f"198.51.100.{n * 4}/30", kind=Kind.IPV4_NETWORK) for n in range(3)]
    made = ip_allow_facts(items=networks)
    assert first_line(made) == "*:warning: IP ALLOW proposed: 3 IPs (12 addresses)* · #42"
    assert "`198.51.100[.]4/30` (4 addresses)" in texts(card(made))
    single = ip_allow_facts(items=[item(n, value=f"198.51.100.{n}", kind=Kind.IPV4) for n in range(2)])
    assert first_line(single) == "*:warning: IP ALLOW proposed: 2 IPs* · #42"


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [(ListName.CONNECTION_FILTER, "203.0.113.7", "203.0.113[.]7"), (ListName.IP, "2001:db8::7", "2001:db8::7")],
)
@pytest.mark.parametrize(("operation", "begins"), [(Operation.ADD, "IP ALLOW"), (Operation.EXTEND, "KEEP IP ALLOW")])
def test_an_ip_allow_of_either_version_has_the_same_warning_heading(
    name: ListName, value: str, shown: str, operation: Operation, begins: str
) -> None:
    made = ip_allow_facts(list_name=name, operation=operation, items=[item(value=value, kind=Kind.IPV6)])
    assert first_line(made) == f"*:warning: {begins} proposed: `{shown}`* · #42"


@pytest.mark.parametrize("status", [Status.PENDING, Status.APPROVED, Status.APPLYING])
@pytest.mark.parametrize("state", ItemState)
def test_nothing_is_green_before_the_tenant_has_answered(status: Status, state: ItemState) -> None:
    made = facts(status=status, reviews=[review()], items=[item(state=state)])
    assert not GREEN.search(texts(card(made)))
    assert "*Applied" not in texts(card(made))


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.APPLIED])
def test_no_other_status_is_green(status: Status) -> None:
    seen = texts(card(facts(status=status, reviews=[review()])))
    assert not GREEN.search(seen)


def test_an_applied_card_is_green_and_says_what_it_stands_on() -> None:
    made = facts(status=Status.APPLIED, reviews=[review()], items=[item(state=ItemState.APPLIED)])
    seen = texts(card(made))
    assert ":white_check_mark: *Blocked* `sender1[.]example` to <!date" in seen
    assert "<@U0REQUESTER> → <@U0APPROVER> · `Invoice fraud` · #42" in seen


def test_a_confirmed_card_says_so_only_when_every_item_is_confirmed() -> None:
    both = [item(1, state=ItemState.CONFIRMED), item(2, state=ItemState.CONFIRMED)]
    one = [item(1, state=ItemState.CONFIRMED), item(2, state=ItemState.ALREADY_SO)]
    assert ", confirmed\n" in texts(card(facts(status=Status.APPLIED, items=both)))
    assert ", confirmed\n" not in texts(card(facts(status=Status.APPLIED, items=one)))


def test_a_card_is_no_success_once_something_was_allowed_that_nobody_asked_for() -> None:
    unasked = RequestWarning(code=UNNAMED_ALLOW, text="Microsoft made an allow for evil[.]example.", serious=True)
    filed = [item(1, state=ItemState.APPLIED)]
    made = facts(
        operation=Operation.SUBMIT, action=Action.ALLOW, status=Status.APPLIED, items=filed, warnings=[unasked]
    )
    seen = texts(card(made))
    assert "white_check_mark" not in seen
    assert ":rotating_light: *Submitted* `sender1[.]example` to Microsoft" in seen
    assert "and Microsoft allowed what nobody asked for" in seen
    assert ":rotating_light: Microsoft made an allow for evil[.]example." in seen


@pytest.mark.parametrize(
    ("gone", "said"), [(ItemState.EXPIRED, ", has ended\n"), (ItemState.REMOVED, ", no longer in effect\n")]
)
def test_a_card_is_not_green_any_more_once_something_is_gone(gone: ItemState, said: str) -> None:
    part = card(facts(status=Status.APPLIED, items=[item(1, state=ItemState.APPLIED), item(2, state=gone)]))
    assert ":wastebasket: *Blocked*" in texts(part)
    assert ", 1 of 2 no longer in effect\n" in texts(part)
    whole = card(facts(status=Status.APPLIED, items=[item(1, state=gone)]))
    assert said in texts(whole)
    assert not GREEN.search(texts(whole))


def test_a_partly_applied_card_shows_each_item_and_the_services_words() -> None:
    items = [item(1, state=ItemState.APPLIED), item(2, state=ItemState.REFUSED, outcome="Duplicate value.")]
    seen = texts(card(facts(status=Status.PARTLY_APPLIED, reviews=[review()], items=items)))
    assert ":warning: *Blocked 1 of 2:* `sender1[.]example`, `sender2[.]example` to" in seen
    assert ":x: `sender2[.]example` refused: Duplicate value." in seen


def test_what_was_refused_stands_first_when_not_everything_fits() -> None:
    items = [item(n, state=ItemState.ALREADY_SO, outcome="It was listed.") for n in range(1, 25)]
    items.append(item(25, state=ItemState.REFUSED, outcome="Too long."))
    seen = texts(card(facts(status=Status.PARTLY_APPLIED, items=items)))
    assert "`sender25[.]example` refused: Too long." in seen
    assert "…and 15 more" in seen


def test_a_failed_card_says_what_went_wrong() -> None:
    seen = texts(card(facts(status=Status.FAILED, reviews=[review()], failure="The list is full.")))
    assert ":x: *Failed*: Block 2 senders: `sender1[.]example`, `sender2[.]example`" in seen
    assert "The list is full." in seen


def test_why_all_of_it_failed_is_said_once() -> None:
    why = "Portcullis lacks a role in the tenant."
    items = [replace(item(number, state=ItemState.REFUSED), outcome=why) for number in (1, 2)]
    shown = texts(card(facts(status=Status.FAILED, items=items, failure=why)))
    assert shown.count(why) == 1
    assert all(f"{shown_value(each.value)} refused" in shown for each in items)


def test_by_what_all_of_it_is_gone_is_said_once() -> None:
    items = [replace(item(1, state=ItemState.REMOVED), outcome="by #7")]
    shown = texts(card(facts(status=Status.APPLIED, items=items, reviews=[review()])))
    assert "no longer in effect: by #7\n" in shown
    assert shown.count("no longer in effect") == shown.count(shown_value(items[0].value)) == 1


def test_what_was_asked_and_answered_stands_on_the_card_in_one_line() -> None:
    question = Question(number=1, by="U0APPROVER", text="Which <mail>?", at=NOW)
    waits = replace(facts(), asked_back=question)
    assert "Asked by <@U0APPROVER>: “Which &lt;mail&gt;?” · Not answered yet" in texts(card(waits))
    answered = replace(facts(), asked_back=replace(question, answer="Monday's", answered_at=NOW))
    assert "Asked by <@U0APPROVER>: “Which &lt;mail&gt;?” · Answered: “Monday's”" in texts(card(answered))


def test_a_denied_card_names_who_denied_and_the_comment() -> None:
    denial = review("U0DENIER", decision=Decision.DENY, comment="Use a <rule>")
    seen = texts(card(facts(status=Status.DENIED, reviews=[review(), denial])))
    assert "*Denied*: Block 2 senders" in seen
    assert "<@U0REQUESTER> → <@U0DENIER> · " in seen
    assert "“Use a &lt;rule&gt;”" in seen


@pytest.mark.parametrize("count", [1, 25, 1000])
@pytest.mark.parametrize("status", Status)
def test_every_size_in_every_status_fits_and_counts_what_is_left_out(count: int, status: Status) -> None:
    made = facts(status=status, items=[item(n, state=ItemState.APPLIED) for n in range(count)], reviews=[review()])
    for message in (card(made), requester_message(made)):
        seen = texts(message)
        if count == 1:
            assert "`sender0[.]example`" in seen
        else:
            assert any(
                told in seen for told in (f"{count:,} senders", f"and {count - 3:,} more", f"and {count - 1:,} more")
            )
    assert (f"and {count - 10:,} more" in texts(card(made))) == (count > 10 and status is Status.PENDING)


def test_all_that_can_be_told_beside_a_request_that_waits_fits_at_its_longest() -> None:
    """How it was read, what was left out, four comments and what was set aside, each as long as it can be."""
    left_out = [replace(item(n, state=ItemState.LEFT_OUT), value="x" * 96) for n in range(6)]
    noted = [replace(item(n), value="x" * 100, notes=(Note(code="odd", text="n" * 123),)) for n in range(6, 9)]
    made = facts(
        items=[*left_out, *noted],
        approvals_needed=5,
        reviews=[replace(review(comment="c" * 145), reviewer=f"U{n}APPROVER0") for n in range(4)],
        named_aside=[SetAside(line=n, typed="t" * 58, value="", code="no_indicator", reason="?") for n in range(10)],
    )
    seen = texts(card(made))
    for told in ("How it was read", "Left out: ", "c" * 145, "10 lines of what was given were set aside"):
        assert told in seen


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize("status", Status)
def test_what_people_typed_can_do_nothing(hostile: str, status: Status) -> None:
    made = facts(
        status=status,
        reason=hostile,
        failure=hostile,
        items=[Item(id=n, kind=Kind.URL, value=hostile, state=ItemState.REFUSED, outcome=hostile) for n in range(1000)],
        warnings=[RequestWarning(code=hostile, text=hostile, serious=n % 2 == 0) for n in range(30)],
        reviews=[review(comment=hostile, reviewer=hostile) for _ in range(30)],
        requester=hostile,
    )
    seen = texts(card(made)) + card(made).text
    assert "<!channel>" not in seen
    assert "<!here" not in seen
    assert "<https:" not in seen
    assert "\u202e" not in seen


@pytest.mark.parametrize("hostile", HOSTILE)
def test_what_stands_in_a_message_can_do_nothing(hostile: str) -> None:
    held = MessageHeld(
        senders=(hostile,),
        written_from=hostile,
        return_path=hostile,
        subject=hostile,
        date=hostile,
        message_id=hostile,
        links=(hostile,),
    )
    evidence = Evidence(recipient=hostile, file_name=hostile, sha256=hostile, message=held)
    made = card(facts(operation=Operation.SUBMIT, action=Action.ALLOW, evidence=evidence))
    seen = texts(made) + made.text
    assert not any(harm in seen for harm in ("<!channel>", "<!here", "<https:", "<@U0ADMIN>", "\u202e"))


def test_a_card_shows_what_goes_to_microsoft_and_reads_aloud_whom_it_is_from() -> None:
    held = MessageHeld(senders=("a@evil.example",), subject="*Approved* :white_check_mark: https://evil.example")
    evidence = Evidence(recipient="user@contoso.example", file_name="a.eml", sha256="ab" * 32, size=90, message=held)
    made = card(facts(operation=Operation.SUBMIT, action=Action.ALLOW, evidence=evidence))
    seen = texts(made)
    assert "*What goes to Microsoft*" in seen
    assert "*From:* `a@evil[.]example`" in seen
    assert "*Subject:* `*Approved* :white_check_mark: hxxps://evil[.]example`" in seen
    assert f"*SHA-256:* `{'ab' * 32}`" in seen
    assert "From: `a@evil[.]example`." in made.text


def test_a_reason_is_set_apart_and_formats_nothing() -> None:
    seen = texts(card(facts(reason="fine\n*Approved* :white_check_mark: by <@U0ADMIN> ``` https://evil.example")))
    assert "`fine *Approved* :white_check_mark: by &lt;@U0ADMIN&gt; ˋˋˋ https://evil.example`" in seen
    assert "hxxps://evil.example" in card(facts(reason="https://evil.example")).text


@given(samples.any_request_facts)
@settings(max_examples=100, deadline=None)
def test_no_request_makes_a_card_that_slack_refuses(made: RequestFacts) -> None:
    for message in (card(made), requester_message(made)):
        assert message.text


def test_block_ids_are_unique_and_change_with_the_content_only() -> None:
    before, after = facts(), facts(reviews=[review()])
    ids = block_ids(card(before))
    assert len(set(ids)) == len(ids)
    assert ids == block_ids(card(before))
    assert not set(ids) & set(block_ids(card(after)))
    assert not set(ids) & set(block_ids(requester_message(before)))


@pytest.mark.parametrize("operation", Operation)
@pytest.mark.parametrize("action", Action)
@pytest.mark.parametrize("name", ListName)
def test_every_change_to_every_list_has_its_words(operation: Operation, action: Action, name: ListName) -> None:
    made = facts(operation=operation, action=action, list_name=name)
    seen = texts(card(made))
    assert made.short_place in seen
    ends = {Operation.ADD: "30 days, to ", Operation.SUBMIT: "30 days, to ", Operation.EXTEND: "new expiry date "}
    for label in set(ends.values()):
        assert (label in seen) == (ends.get(operation) == label)
    done = facts(operation=operation, action=action, list_name=name, status=Status.APPLIED, items=1)
    assert first_line(done).startswith(":white_check_mark: ")


def test_a_request_given_up_with_an_open_outcome_says_that_it_is_unknown() -> None:
    seen = texts(
        card(facts(status=Status.FAILED, items=[item(1, state=ItemState.INTENDED), item(2, state=ItemState.REFUSED)]))
    )
    assert "It is not known what became of" in seen
    assert "none of" not in seen


LEFT_OUT = {"label_stripped": "‘From:’ was left out: it says what stands behind it."}


def test_a_card_says_how_its_items_were_read() -> None:
    seen = texts(card(facts(items=[item(1, notes=LEFT_OUT), item(2)])))
    assert "How it was read:" in seen
    assert "• `sender1[.]example`: ‘From:’ was left out: it says what stands behind it." in seen
    assert "• `sender2[.]example`:" not in seen
    assert "How it was read" not in texts(card(facts()))


def test_a_card_names_a_few_and_counts_the_others() -> None:
    seen = texts(card(facts(items=[item(number, notes=LEFT_OUT) for number in range(1, 8)])))
    assert seen.count("‘From:’ was left out") == 3
    assert "…and 4 more: see Details" in seen


def test_what_a_warning_says_is_not_said_twice() -> None:
    noted = {"punycode": "xn--bcher-kva.example is shown to people as ‘bücher.example’.", **LEFT_OUT}
    warned = RequestWarning(code="punycode", text="It is shown as bücher[.]example.")
    seen = texts(card(facts(items=[item(1, notes=noted)], warnings=[warned])))
    assert "is shown to people as" not in seen
    assert "‘From:’ was left out" in seen


def test_that_a_scheme_was_left_out_is_nothing_to_decide_by() -> None:
    scheme = {"scheme_stripped": "https:// was left out: an entry has no scheme."}
    made = facts(items=[item(1, notes=scheme)])
    assert "How it was read" not in texts(card(made))
    assert "https:// was left out" in texts(details(DetailsFacts(request=made)))


@pytest.mark.parametrize("operation", [Operation.EXTEND, Operation.REMOVE])
def test_that_an_address_is_of_a_special_range_is_nothing_that_was_read(operation: Operation) -> None:
    """As of an IP allow that somebody keeps with a click: nothing was typed there."""
    kept = Item(id=1, kind=Kind.IPV4, value="203.0.113.7", notes=read("203.0.113.7").notes)
    assert [note.code for note in kept.notes] == [NoteCode.DOCUMENTATION]
    made = facts(operation=operation, action=Action.ALLOW, list_name=ListName.CONNECTION_FILTER, items=[kept])
    assert "How it was read" not in texts(card(made)) + texts(details(DetailsFacts(request=made)))
    odd = replace(kept, notes=read("IP: 203.0.113.7").notes)
    made = facts(operation=operation, action=Action.ALLOW, list_name=ListName.CONNECTION_FILTER, items=[odd])
    assert "‘IP:’ was left out" in texts(card(made))
    assert "for examples" not in texts(card(made))


def test_values_in_what_was_noticed_are_no_links() -> None:
    seen = texts(card(facts(items=[item(1, notes={"own_domain": "contoso.com is one of your own domains."})])))
    assert "contoso[.]com is one of your own domains." in seen


def test_in_the_requesters_line_the_number_leads_to_the_card_where_that_is_known() -> None:
    url = "https://workspace.example/archives/C0APPROVALS/p1700000000000100"
    for made in (facts(), facts(status=Status.APPLIED)):
        assert f" · <{url}|#42>" in texts(requester_message(replace(made, card_url=url)))
        assert " · #42" in texts(requester_message(made))


@pytest.mark.parametrize(
    ("status", "state", "reviews", "first", "named"),
    [
        (Status.APPLYING, ItemState.INTENDED, (), "to be reviewed", [ActionId.DETAILS]),
        (
            Status.APPLIED,
            ItemState.APPLIED,
            (),
            "to be reviewed",
            [ActionId.DETAILS, ActionId.KEEP, ActionId.TAKE_OUT],
        ),
        (Status.APPLIED, ItemState.APPLIED, (review(),), "kept by <@U0APPROVER>", [ActionId.DETAILS]),
        (
            Status.APPLIED,
            ItemState.REMOVED,
            (review(decision=Decision.DENY, comment="Not malicious"),),
            "taken out by <@U0APPROVER>",
            [ActionId.DETAILS],
        ),
        (Status.APPLIED, ItemState.EXPIRED, (), "", [ActionId.DETAILS]),
    ],
)
def test_an_emergency_block_says_so_first_and_is_reviewed_on_its_card(
    status: Status, state: ItemState, reviews: Sequence[Review], first: str, named: list[str]
) -> None:
    approval = Approval(by=ApprovedBy.EMERGENCY, at=NOW)
    made = replace(samples.request(status=status, items=[item(1, state=state)], reviews=reviews), approval=approval)
    message = card(request_facts(made), called=["U0APPROVER"] if first == "to be reviewed" else [])
    line = message.to_dict()["blocks"][0]["text"]["text"].splitlines()[0]
    expected = f":rotating_light: *Emergency block, applied at once by <@U0REQUESTER>{', ' if first else ''}{first}*"
    assert line == expected
    assert list(buttons(message)) == named
    assert message.text.startswith("Emergency block, applied at once by <@U0REQUESTER>. #")
    told = {"to be reviewed": "not reviewed yet"}.get(first, first)
    assert message.text.count(told or "reviewed") == (1 if told else 0), "read aloud, it is said once"
    assert words(message) <= 45


@pytest.mark.parametrize(
    ("status", "says"), [(Status.FAILED, "asked for by"), (Status.PARTLY_APPLIED, "partly applied by")]
)
def test_an_emergency_block_that_failed_was_not_applied_at_once(status: Status, says: str) -> None:
    items = [item(1, state=ItemState.REFUSED, outcome="No."), item(2, state=ItemState.APPLIED)]
    made = samples.request(status=status, items=items if status is Status.PARTLY_APPLIED else items[:1])
    made = replace(made, approval=Approval(by=ApprovedBy.EMERGENCY, at=NOW))
    message = card(request_facts(made))
    assert f"*Emergency block, {says} <@U0REQUESTER>" in texts(message)
    assert "applied at once" not in texts(message) + message.text
