"""The approval card: every status, every size, any text."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings

from bot.domain.indicators.indicator import Kind
from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action, ListName
from bot.domain.requests.evidence import Evidence, MessageHeld
from bot.domain.requests.request import Decision, Item, ItemState, RequestWarning, Status
from bot.domain.submissions.unnamed import UNNAMED_ALLOW
from bot.domain.telling.request_facts import RequestFacts
from bot.slack.block_kit.ids import ActionId
from bot.slack.messages.card import card, requester_message
from tests.support import samples
from tests.support.samples import HOSTILE, facts, ip_allow_facts, item, review
from tests.unit.slack.rendered import block_ids, buttons, texts

GREEN = re.compile(r":white_check_mark:|:large_green|:heavy_check_mark:|:green")


def test_a_pending_card_says_what_where_why_who_until_when_and_what_it_will_do() -> None:
    message = card(facts(warnings=[RequestWarning(code="outbound", text="Stops outbound mail as well.")]))
    seen = texts(message)
    for part in (
        "Block 2 senders · request 42",
        "`sender1[.]example`",
        "Tenant Allow/Block List, senders",
        "```Invoice fraud```",
        "<@U0REQUESTER>",
        "<!date^1774958400^{date_short_pretty} {time}|2026-03-31 12:00 UTC>",
        "bounces (550 5.7.703)",
        ":warning: Stops outbound mail as well.",
        "0 of 1 approval",
    ):
        assert part in seen


def test_the_top_level_text_holds_the_whole_point() -> None:
    spoken = card(facts(warnings=[RequestWarning(code="outbound", text="Stops outbound mail as well.")])).text
    for part in (
        "Request 42",
        "Block 2 senders",
        "sender1[.]example",
        "Invoice fraud",
        "Waits for approval",
        "1 warning",
    ):
        assert part in spoken
    assert "2026-03-31 12:00 UTC" in spoken
    assert "*" not in spoken


def header(made: RequestFacts) -> dict[str, object]:
    found: dict[str, object] = card(made).to_dict()["blocks"][0]["text"]
    return found


def test_a_single_indicator_stands_in_the_header_defanged() -> None:
    assert header(facts(items=1))["text"] == "Block sender1[.]example · request 42"
    unblock = facts(items=1, operation=Operation.REMOVE)
    assert header(unblock)["text"] == "Unblock sender1[.]example · request 42"
    assert header(ip_allow_facts())["text"] == "⚠️ IP ALLOW proposed: 203.0.113[.]7 · request 42"
    applied = ip_allow_facts(status=Status.APPLIED, reviews=[review()])
    assert header(applied)["text"] == "⚠️ IP ALLOW: 203.0.113[.]7 · request 42"
    assert "Request 42: Block `sender1[.]example`. Waits" in card(facts(items=1)).text
    assert "Request 42: IP ALLOW `203.0.113[.]7`. Waits" in card(ip_allow_facts()).text


def test_the_request_number_stands_in_the_header_however_long_the_value() -> None:
    made = facts(items=[item(value=f"{'long.' * 100}example")], request_id=10**12)
    text = str(header(made)["text"])
    assert text.endswith(f"… · request {10**12}")
    assert len(text) <= 150


def test_a_value_in_the_header_never_turns_into_an_emoji() -> None:
    made = facts(list_name=ListName.IP, items=[item(value="2001:100::", kind=Kind.IPV6)])
    assert header(made) == {"type": "plain_text", "text": "Block 2001:100:: · request 42", "emoji": False}
    allow = ip_allow_facts(list_name=ListName.IP, items=[item(value="2001:100::", kind=Kind.IPV6)])
    assert header(allow)["emoji"] is False


def test_a_pending_card_decides_and_the_requesters_copy_withdraws() -> None:
    assert buttons(card(facts())) == {ActionId.APPROVE: "42.57", ActionId.DENY: "42.57", ActionId.DETAILS: "42.57"}
    assert buttons(requester_message(facts())) == {ActionId.WITHDRAW: "42.57", ActionId.DETAILS: "42.57"}


def test_the_requesters_copy_offers_the_subdomains_that_a_block_leaves() -> None:
    asked = facts(warnings=[RequestWarning(code="subdomains_not_covered", text="It doesn't cover its subdomains.")])
    assert buttons(requester_message(asked))[ActionId.ADD_SUBDOMAINS] == "42.57"
    assert ActionId.ADD_SUBDOMAINS not in buttons(card(asked))


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.PENDING])
def test_afterwards_only_the_details_can_be_seen(status: Status) -> None:
    decided = facts(status=status, reviews=[review()])
    assert buttons(card(decided)) == {ActionId.DETAILS: "42.57"}
    assert buttons(requester_message(decided)) == {ActionId.DETAILS: "42.57"}


def test_an_ip_allow_is_unmistakable() -> None:
    message = card(ip_allow_facts())
    blocks = message.to_dict()["blocks"]
    assert blocks[0]["text"]["text"].startswith("⚠️ IP ALLOW proposed")
    assert "0 of 2 approvals" in blocks[1]["text"]["text"]
    assert ":rotating_light: Skips spam filtering" in blocks[2]["text"]["text"]
    assert "hosting company" not in blocks[2]["text"]["text"]
    assert "hosting company" in texts(message)
    assert "IP Allow List (connection filter)" in texts(message)
    assert "IP ALLOW" in message.text
    assert "Skips spam filtering" in message.text


def test_a_card_says_how_many_addresses_there_are() -> None:
    networks = [item(n, value=f"198.51.100.{n * 4}/30", kind=Kind.IPV4_NETWORK) for n in range(3)]
    made = ip_allow_facts(items=networks)
    assert header(made)["text"] == "⚠️ IP ALLOW proposed: 3 IPs (12 addresses) · request 42"
    assert "`198.51.100[.]4/30` (4 addresses)" in texts(card(made))
    single = ip_allow_facts(items=[item(n, value=f"198.51.100.{n}", kind=Kind.IPV4) for n in range(2)])
    assert header(single)["text"] == "⚠️ IP ALLOW proposed: 2 IPs · request 42"


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [(ListName.CONNECTION_FILTER, "203.0.113.7", "203.0.113[.]7"), (ListName.IP, "2001:db8::7", "2001:db8::7")],
)
@pytest.mark.parametrize(("operation", "begins"), [(Operation.ADD, "IP ALLOW"), (Operation.EXTEND, "LONGER IP ALLOW")])
def test_an_ip_allow_of_either_version_has_the_same_warning_heading(
    name: ListName, value: str, shown: str, operation: Operation, begins: str
) -> None:
    made = ip_allow_facts(list_name=name, operation=operation, items=[item(value=value, kind=Kind.IPV6)])
    assert header(made) == {
        "type": "plain_text",
        "text": f"⚠️ {begins} proposed: {shown} · request 42",
        "emoji": False,
    }


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
    assert ":white_check_mark: *Applied*: read back from the tenant. Approved by <@U0APPROVER>." in seen
    assert "What it will do" not in seen


def test_a_confirmed_card_says_so_only_when_every_item_is_confirmed() -> None:
    both = [item(1, state=ItemState.CONFIRMED), item(2, state=ItemState.CONFIRMED)]
    one = [item(1, state=ItemState.CONFIRMED), item(2, state=ItemState.ALREADY_SO)]
    assert "*Applied and confirmed*" in texts(card(facts(status=Status.APPLIED, items=both)))
    assert "*Applied and confirmed*" not in texts(card(facts(status=Status.APPLIED, items=one)))


def test_a_card_is_no_success_once_something_was_allowed_that_nobody_asked_for() -> None:
    unasked = RequestWarning(code=UNNAMED_ALLOW, text="Microsoft made an allow for evil[.]example.", serious=True)
    filed = [item(1, state=ItemState.APPLIED)]
    made = facts(
        operation=Operation.SUBMIT, action=Action.ALLOW, status=Status.APPLIED, items=filed, warnings=[unasked]
    )
    seen = texts(card(made))
    assert "white_check_mark" not in seen
    assert ":rotating_light: *Filed with Microsoft, and allowed what nobody asked for*" in seen
    assert "Read this first" in seen


@pytest.mark.parametrize("gone", [ItemState.EXPIRED, ItemState.REMOVED])
def test_a_card_is_not_green_any_more_once_something_is_gone(gone: ItemState) -> None:
    part = card(facts(status=Status.APPLIED, items=[item(1, state=ItemState.APPLIED), item(2, state=gone)]))
    assert ":wastebasket: *Applied; 1 of 2 gone again*" in texts(part)
    whole = card(facts(status=Status.APPLIED, items=[item(1, state=gone)]))
    assert "*Applied, and gone again*" in texts(whole)
    assert not GREEN.search(texts(whole))


def test_a_partly_applied_card_shows_each_item_and_the_services_words() -> None:
    items = [item(1, state=ItemState.APPLIED), item(2, state=ItemState.REFUSED, outcome="Duplicate value.")]
    seen = texts(card(facts(status=Status.PARTLY_APPLIED, reviews=[review()], items=items)))
    assert "*Partly applied*: 1 of 2" in seen
    assert ":white_check_mark: `sender1[.]example` applied" in seen
    assert ":x: `sender2[.]example` refused: Duplicate value." in seen


def test_what_was_refused_stands_first_when_not_everything_fits() -> None:
    items = [item(n, state=ItemState.APPLIED) for n in range(1, 25)]
    items.append(item(25, state=ItemState.REFUSED, outcome="Too long."))
    seen = texts(card(facts(status=Status.PARTLY_APPLIED, items=items)))
    assert "`sender25[.]example` refused: Too long." in seen
    assert "…and 15 more" in seen


def test_a_failed_card_says_what_went_wrong() -> None:
    seen = texts(card(facts(status=Status.FAILED, reviews=[review()], failure="The list is full.")))
    assert ":x: *Failed*: none of 2 senders applied." in seen
    assert "The list is full." in seen


def test_a_denied_card_names_who_denied_and_the_comment() -> None:
    denial = review("U0DENIER", decision=Decision.DENY, comment="Use a <rule>")
    seen = texts(card(facts(status=Status.DENIED, reviews=[review(), denial])))
    assert "*Denied* by <@U0DENIER>. Nothing was changed." in seen
    assert "“Use a &lt;rule&gt;”" in seen
    assert "<@U0APPROVER> approved" in seen


@pytest.mark.parametrize("count", [1, 25, 1000])
@pytest.mark.parametrize("status", Status)
def test_every_size_in_every_status_fits_and_counts_what_is_left_out(count: int, status: Status) -> None:
    made = facts(status=status, items=count, reviews=[review()])
    for message in (card(made), requester_message(made)):
        seen = texts(message)
        assert ("Block sender1[.]example" if count == 1 else f"Block {count:,} senders") in seen
        assert ("…and" in seen) == (count > 10)
        if count > 10:
            assert f"…and {count - 10:,} more" in seen


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
    assert "```fine *Approved* :white_check_mark: by &lt;@U0ADMIN&gt; ˋˋˋ https://evil.example```" in seen
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
    seen = texts(card(facts(operation=operation, action=action, list_name=name)))
    assert "*What it will do*\n" in seen
    ends = {Operation.ADD: "*Until*", Operation.SUBMIT: "*Until*", Operation.EXTEND: "*New end*"}
    for label in set(ends.values()):
        assert (label in seen) == (ends.get(operation) == label)


def test_a_request_given_up_with_an_open_outcome_says_that_it_is_unknown() -> None:
    seen = texts(
        card(facts(status=Status.FAILED, items=[item(1, state=ItemState.INTENDED), item(2, state=ItemState.REFUSED)]))
    )
    assert "it is not known what became of" in seen
    assert "none of" not in seen


LEFT_OUT = {"label_stripped": "‘From:’ was left out: it says what stands behind it."}


def test_a_card_says_how_its_items_were_read() -> None:
    seen = texts(card(facts(items=[item(1, notes=LEFT_OUT), item(2)])))
    assert "*How it was read*" in seen
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


def test_values_in_what_was_noticed_are_no_links() -> None:
    seen = texts(card(facts(items=[item(1, notes={"own_domain": "contoso.com is one of your own domains."})])))
    assert "contoso[.]com is one of your own domains." in seen
