"""From what somebody typed to proposals: one for each list."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from bot.domain.lists.change import Operation
from bot.domain.lists.ends import default_expiry
from bot.domain.lists.entries import Entry, Snapshot
from bot.domain.lists.list_index import ListIndex
from bot.domain.lists.traits import Action, ListName, list_for
from bot.domain.policies.case import Rules
from bot.domain.policies.drafting import draft, entries_of, is_none_listed, which_action
from bot.domain.reading.durations import NEVER, Lifetime
from bot.domain.reading.lines import read_as_logged
from bot.domain.requests.evidence import Evidence
from bot.domain.requests.proposal import Proposal

NOW = datetime(2030, 1, 2, 3, 4, tzinfo=UTC)
RULES = Rules(ip_allow_max_days=5)


def drafted(
    *texts: str,
    operation: Operation = Operation.ADD,
    action: Action = Action.BLOCK,
    lifetime: Lifetime | None = None,
    acknowledged: bool = False,
    evidence: Evidence | None = None,
    rules: Rules = RULES,
) -> tuple[Proposal, ...]:
    return draft(
        operation,
        action,
        [read_as_logged(text) for text in texts],
        lifetime=lifetime,
        reason="Phishing wave",
        rules=rules,
        now=NOW,
        acknowledged=acknowledged,
        evidence=evidence,
    )


@pytest.mark.parametrize(
    ("lifetime", "lasts"),
    [
        (Lifetime(days=7), timedelta(days=7)),
        (None, timedelta(days=30)),  # the default
        (Lifetime(until=date(2030, 2, 1)), None),  # a day stays that day
        (NEVER, None),
    ],
)
def test_a_length_is_kept_to_be_counted_from_the_approval(lifetime: Lifetime | None, lasts: timedelta | None) -> None:
    [proposal] = drafted("evil.example", lifetime=lifetime)
    assert proposal.lasts == lasts
    assert lasts is None or proposal.expires == NOW + lasts


def test_one_proposal_for_each_list_in_the_order_of_first_mention() -> None:
    proposals = drafted("evil.example/login", "203.0.113.7", "evil.example", "other.example/x", "203.0.113.8")
    assert [(proposal.list, [each.value for each in proposal.indicators]) for proposal in proposals] == [
        (ListName.URL, ["evil.example/login", "other.example/x"]),
        (ListName.CONNECTION_FILTER, ["203.0.113.7", "203.0.113.8"]),
        (ListName.SENDER, ["evil.example"]),
    ]
    assert {(proposal.operation, proposal.action, proposal.reason) for proposal in proposals} == {
        (Operation.ADD, Action.BLOCK, "Phishing wave")
    }


def test_the_same_value_counts_once_however_it_was_spelled() -> None:
    [proposal] = drafted("evil.example", "EVIL[.]example", "evil.example.")
    assert [indicator.value for indicator in proposal.indicators] == ["evil.example"]


def test_nothing_makes_nothing() -> None:
    assert drafted() == ()


def test_without_a_lifetime_each_list_has_its_default() -> None:
    proposals = drafted("evil.example", "203.0.113.7", "2001:db8::1")
    ends = {
        proposal.list: default_expiry(proposal.list, Action.BLOCK, now=NOW, ip_allow_max_days=5)
        for proposal in proposals
    }
    assert {proposal.list: proposal.expires for proposal in proposals} == ends
    assert ends[ListName.SENDER] == NOW + timedelta(days=30)


def test_an_ip_allow_ends_when_the_operator_says() -> None:
    [proposal] = drafted("203.0.113.7", action=Action.ALLOW, acknowledged=True)
    assert proposal.expires == NOW + timedelta(days=5)
    assert proposal.acknowledged


@pytest.mark.parametrize(
    ("lifetime", "ends"),
    [
        (Lifetime(days=7), NOW + timedelta(days=7)),
        (Lifetime(until=date(2030, 1, 9)), datetime(2030, 1, 10, tzinfo=UTC)),
        (NEVER, None),
    ],
)
def test_a_lifetime_that_was_given_counts_for_every_list(lifetime: Lifetime, ends: datetime | None) -> None:
    assert [proposal.expires for proposal in drafted("evil.example", "203.0.113.7", lifetime=lifetime)] == [ends, ends]


@pytest.mark.parametrize("operation", [Operation.REMOVE, Operation.ANNOTATE])
def test_only_what_gets_an_end_has_one(operation: Operation) -> None:
    [proposal] = drafted("evil.example", operation=operation, lifetime=Lifetime(days=7))
    assert proposal.expires is None


def test_another_end_has_the_lists_default_too() -> None:
    proposals = drafted("evil.example", "203.0.113.7", operation=Operation.EXTEND)
    assert [proposal.expires for proposal in proposals] == [NOW + timedelta(days=30)] * 2
    [allow] = drafted("203.0.113.7", operation=Operation.EXTEND, action=Action.ALLOW)
    assert allow.expires == NOW + timedelta(days=5)


ALLOWS = [
    # what is to be allowed, how where submissions are the only way, how where allows may be made directly
    ("evil.example", Operation.SUBMIT, Operation.ADD),
    ("someone@evil.example", Operation.SUBMIT, Operation.ADD),
    ("evil.example/a", Operation.SUBMIT, Operation.ADD),
    ("ab" * 32, Operation.SUBMIT, Operation.SUBMIT),
    ("203.0.113.7", Operation.ADD, Operation.ADD),
    ("2001:db8::1", Operation.ADD, Operation.ADD),
    ("contoso.com, *", Operation.ADD, Operation.ADD),
]


@pytest.mark.parametrize(("text", "usual", "direct"), ALLOWS)
def test_how_an_allow_comes_about(text: str, usual: Operation, direct: Operation) -> None:
    def how(rules: Rules, operation: Operation = Operation.ADD) -> Operation:
        [proposal] = drafted(text, operation=operation, action=Action.ALLOW, rules=rules)
        return proposal.operation

    assert how(RULES) is usual
    assert how(Rules(direct_allow=True)) is direct
    for other in (Operation.REMOVE, Operation.EXTEND, Operation.ANNOTATE):
        assert how(RULES, other) is other
    [block] = drafted(text)
    assert block.operation is Operation.ADD


def test_evidence_goes_to_what_is_submitted() -> None:
    evidence = Evidence(file_name="blocked.eml")
    submitted, added = drafted("evil.example", "203.0.113.7", action=Action.ALLOW, evidence=evidence)
    assert (submitted.evidence, added.evidence) == (evidence, None)
    assert submitted.expires == NOW + timedelta(days=30)


def listed(*held: tuple[Action, str]) -> Snapshot:
    entries = tuple(
        Entry(list=list_for(read_as_logged(value).kind), action=action, value=value, policy="Default")
        for action, value in held
    )
    return Snapshot(as_of=NOW, entries=entries)


ALLOW, BLOCK = Action.ALLOW, Action.BLOCK
MANY = [f"evil{number}.example" for number in range(9)]
WHICH = [
    (["evil.example"], [(BLOCK, "evil.example")], BLOCK),
    (["evil.example"], [(ALLOW, "EVIL.example")], ALLOW),
    (["evil.example", "203.0.113.7"], [(BLOCK, "evil.example"), (BLOCK, "203.0.113.7")], BLOCK),
    (["evil.example", "203.0.113.7"], [(BLOCK, "evil.example"), (ALLOW, "203.0.113.7")], None),
    (["203.0.113.7"], [(BLOCK, "203.0.113.7"), (ALLOW, "203.0.113.7")], None),
    (["evil.example", "203.0.113.7"], [(BLOCK, "evil.example")], BLOCK),  # the other is refused by name
    (["203.0.113.7"], [(BLOCK, "203.0.113.0/24")], None),
    (["evil.example"], [], None),
    ([], [(BLOCK, "evil.example")], None),
    (
        [f"evil{number}.example" for number in range(9)],
        [(BLOCK, f"evil{number}.example") for number in range(9)],
        BLOCK,
    ),
]


@pytest.mark.parametrize("by_index", [False, True])
@pytest.mark.parametrize(("texts", "held", "action"), WHICH)
def test_which_action_is_meant(
    texts: list[str], held: list[tuple[Action, str]], action: Action | None, by_index: bool
) -> None:
    lists = listed(*held)
    index = ListIndex(lists) if by_index else None
    assert which_action([read_as_logged(text) for text in texts], lists, index=index) is action


@pytest.mark.parametrize("by_index", [False, True])
@pytest.mark.parametrize(("texts", "held", "action"), WHICH)
def test_that_nothing_is_listed_is_told_apart_from_what_cannot_be_told(
    texts: list[str], held: list[tuple[Action, str]], action: Action | None, by_index: bool
) -> None:
    indicators = [read_as_logged(text) for text in texts]
    values = {value.casefold() for _, value in held}
    expected = bool(texts) and not values & {indicator.value for indicator in indicators}
    lists = listed(*held)
    index = ListIndex(lists) if by_index else None
    assert is_none_listed(indicators, lists, index=index) is expected


@pytest.mark.parametrize(
    ("value", "spelled"),
    [
        ("evil.example", "EVIL.example"),
        ("203.0.113.0/25", "203.0.113.5/25"),
        ("2001:db8::/48", "2001:DB8:0::/48"),
        ("evil.example/a", "EVIL.example/a"),
        ("evil.example, 203.0.113.0/24", "Evil.example,203.0.113.0/24"),
    ],
)
def test_an_entry_in_another_spelling_is_found_with_an_index_and_without(value: str, spelled: str) -> None:
    indicator = read_as_logged(value)
    others = [(BLOCK, f"other{number}.example") for number in range(9)]
    lists = listed(*others)
    entry = Entry(list=list_for(indicator.kind), action=BLOCK, value=spelled)
    lists = replace(lists, entries=(*lists.entries, entry))
    for index in (None, ListIndex(lists)):
        found = entries_of([indicator], BLOCK, lists, index=index)
        assert found == (entry,)
        assert entries_of([indicator, read_as_logged("new.example")], BLOCK, lists, index=index) == ()


def test_where_a_list_was_not_read_nobody_says_that_nothing_is_listed() -> None:
    indicators = [read_as_logged("evil.example")]
    assert not is_none_listed(indicators, None)
    assert not is_none_listed(indicators, replace(listed(), unreadable={ListName.SENDER: "refused"}))
    assert is_none_listed(indicators, replace(listed(), unreadable={ListName.URL: "refused"}))


def test_which_action_is_not_known_without_the_lists() -> None:
    assert which_action([read_as_logged("evil.example")], None) is None
