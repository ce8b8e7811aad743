"""What an alert says of changes that nobody requested: what lets most through first, and what can be done about it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.domain.auditing.events import clean_text, compose
from bot.domain.lists.differences import SAFE_LIST_PLACE, Difference, Happening, Held
from bot.domain.requests.request import Status
from bot.domain.requests.unrequested import (
    ChangeState,
    UnrequestedChange,
    as_record,
    change_event,
    change_of,
    of_record,
)
from bot.domain.telling.unrequested_facts import MOST_SHOWN, headline, unrequested_facts
from bot.slack.messages.unrequested import unrequested_message
from tests.support.samples import HOSTILE, NOW, request
from tests.unit.domain.telling.plain_text import in_words

IP = Held(place="connection_filter", value="203.0.113.7", within="Default", action="allow")
SENDER = Held(place="sender", value="evil.example", action="allow", bounded_by_use=True)
BLOCK = replace(SENDER, action="block", bounded_by_use=False, expires=NOW)
RULE = Held(
    place="mail_flow_rules", value="Partner", within="spam filtering is skipped", action="allow", more={"when": ""}
)
TRUSTED = Held(place="anti_spam_policies", value="evil.example", within="Default (allowed domains)", action="allow")
SWITCH = Held(place=SAFE_LIST_PLACE, value="Default", within="Default", action="allow")


def change(number: int, before: Held | None, after: Held | None, **more: object) -> UnrequestedChange:
    what = Happening.ADDED if before is None else Happening.REMOVED if after is None else Happening.CHANGED
    made = UnrequestedChange(
        number=number,
        reading=1,
        what=what,
        before=before,
        after=after,
        fields=("end",) if what is Happening.CHANGED else (),
        seen_at=NOW,
        since=NOW - timedelta(minutes=15),
        made_by=(),
    )
    return replace(made, **more)


@pytest.mark.parametrize(
    ("since", "when"),
    [
        (NOW - timedelta(minutes=15), "done between 2026-03-01 11:45 and 2026-03-01 12:00."),
        (NOW, "done 2026-03-01 12:00."),
    ],
)
def test_an_alert_says_between_which_readings_it_was_done_unless_it_was_within_a_minute(
    since: datetime, when: str
) -> None:
    facts = unrequested_facts([change(1, None, IP, since=since)], {}, {})
    assert in_words(facts.when) == f"No request asked for this. It was {when}"


def test_an_alert_names_the_list_that_was_changed() -> None:
    [told] = unrequested_facts([change(1, None, IP)], {}, {}).changes
    assert "203.0.113.7 · IP Allow List (connection filter), never ends" in in_words(told.sentence)


@pytest.mark.parametrize(
    ("of", "words", "is_loud", "bypasses"),
    [
        (change(1, None, IP), "IP allow added", True, True),
        (change(1, None, SENDER), "allow added", True, True),
        (change(1, None, BLOCK), "block added", False, False),
        (change(1, BLOCK, None), "block removed", False, False),
        (change(1, IP, None), "IP allow removed", False, False),
        (change(1, replace(SENDER, expires=NOW), SENDER), "allow changed", True, True),
        (change(1, replace(SENDER, note="x"), SENDER, fields=("note",)), "allow changed", False, False),
        (change(1, None, SWITCH), "safe list switched on", True, True),
        (change(1, None, RULE), "mail flow rule added", True, True),
        (change(1, RULE, replace(RULE, more={"when": "x"}), fields=("when",)), "mail flow rule changed", True, True),
        (change(1, RULE, None), "mail flow rule removed", False, False),
        (change(1, None, replace(RULE, action="block")), "mail flow rule added", False, False),
        (change(1, None, TRUSTED), "allowed sender added", True, True),
        (change(1, SWITCH, None), "safe list switched off", False, False),
        (change(1, None, replace(SENDER, origin="Submission")), "allow added by way of a submission", True, True),
        (
            change(1, None, replace(SENDER, origin="AdvancedDelivery")),
            "allow added by way of advanced delivery",
            True,
            True,
        ),
    ],
)
def test_what_is_said_and_how_loud(of: UnrequestedChange, words: str, is_loud: bool, bypasses: bool) -> None:
    assert headline(of) == words
    facts = unrequested_facts([of], {}, {})
    assert facts.is_loud is is_loud
    assert bool(facts.changes[0].bypasses) is bypasses


def test_blocks_alarm_where_the_operator_wants_it() -> None:
    assert unrequested_facts([change(1, None, BLOCK)], {}, {}, loud_blocks=True).is_loud


def test_what_lets_most_through_comes_first() -> None:
    facts = unrequested_facts([change(1, None, BLOCK), change(2, None, SENDER), change(3, None, IP)], {}, {})
    assert [each.number for each in facts.changes] == [3, 2, 1]


def test_of_many_there_are_counts() -> None:
    changes = [change(number, None, BLOCK) for number in range(1, MOST_SHOWN + 1)]
    assert len(unrequested_facts(changes, {}, {}).changes) == MOST_SHOWN
    facts = unrequested_facts([*changes, change(99, None, IP)], {}, {})
    assert (facts.changes, facts.counts, facts.total) == ((), ("1 × IP allow added", "10 × block added"), 11)
    assert facts.is_loud


@pytest.mark.parametrize(
    ("state", "status", "may_act"),
    [
        (ChangeState.TOLD, None, True),
        (ChangeState.GONE, None, False),
        (ChangeState.ADOPTED, Status.PENDING, False),
        (ChangeState.REMOVAL_PROPOSED, Status.APPLIED, False),
        (ChangeState.REMOVAL_PROPOSED, Status.DENIED, True),  # it is still there
        (ChangeState.ADOPTED, Status.LAPSED, True),
        (ChangeState.GONE, Status.APPLIED, False),
    ],
)
def test_what_can_be_done_until_it_is_settled(state: ChangeState, status: Status | None, may_act: bool) -> None:
    asked = {} if status is None else {42: request(status=status)}
    [told] = unrequested_facts([change(1, None, IP, state=state, request_id=42 if asked else None)], asked, {}).changes
    assert (told.may_adopt, told.may_remove) == (may_act, may_act)
    assert bool(told.now) is (state is ChangeState.GONE or bool(asked))


def test_who_made_an_entry_is_named_as_people_know_it() -> None:
    [told] = unrequested_facts([change(1, BLOCK, None, made_by=(12,))], {}, {12: 11}).changes
    assert "made by #11" in in_words(told.sentence)


@pytest.mark.parametrize("text", HOSTILE)
def test_whatever_somebody_wrote_is_shown_as_text(text: str) -> None:
    text = clean_text(text)  # as the database gives it
    held = replace(SENDER, value=text, note=text, within=text)
    message = unrequested_message(unrequested_facts([change(1, None, held)], {}, {}))
    for shown in [message.text, *(str(block) for block in message.blocks if block["type"] != "actions")]:
        assert "<!channel" not in shown
        assert "<!here" not in shown
        assert "<@U000>" not in shown


@pytest.mark.parametrize(
    "held", [IP, SENDER, BLOCK, SWITCH, replace(SENDER, note="a", more={"x": "y"}, submission="s")]
)
def test_the_log_says_all_of_a_change(held: Held) -> None:
    assert of_record(as_record(held)) == held
    of = change(7, None, held, reading=7, made_by=(3,))
    difference = Difference(what=of.what, before=of.before, after=of.after)
    new = change_event(difference, made_by=of.made_by, since=of.since, seen_at=of.seen_at, at=NOW)
    logged = compose(seq=7, tenant_id="tenant", at=NOW, kind=new.kind, actor=new.actor, payload=new.payload)
    assert change_of(logged, reading=7) == of


def test_a_rule_is_told_with_what_it_does_and_can_be_changed_in_the_tenant_only() -> None:
    [told] = unrequested_facts([change(1, None, RULE)], {}, {}).changes
    assert in_words(told.sentence) == ("Mail flow rule added: Partner · mail flow rules, spam filtering is skipped.")
    assert (told.may_adopt, told.may_remove) == (False, False)


@pytest.mark.parametrize(
    ("held", "is_said"),
    [(IP, True), (SWITCH, True), (RULE, False), (replace(SENDER, origin="Submission"), False)],
)
def test_that_the_log_was_asked_in_vain_is_said_of_what_it_was_asked_about(held: Held, is_said: bool) -> None:
    for is_unnamed in (True, False):
        told = unrequested_facts([change(1, None, held, is_unnamed=is_unnamed)], {}, {})
        words = in_words(told.changes[0].sentence)
        assert ("audit log doesn't say who it was" in words) is (is_unnamed and is_said)
