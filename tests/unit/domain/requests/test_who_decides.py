"""Who may decide on what by the rules, and how many it takes: tables of cases."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action, ListName
from bot.domain.requests.people import Person, Role
from bot.domain.requests.who_decides import (
    About,
    Act,
    ApproverRule,
    Undecided,
    about,
    approvals_by_rules,
    by_rules,
    may_decide,
    too_few,
)
from bot.errors import LeftToOthers, MembersUnread, NotPermitted

IPS, SENDERS = About(Act.BLOCK, ListName.CONNECTION_FILTER), About(Act.BLOCK, ListName.SENDER)
ALLOW_IP = About(Act.ALLOW, ListName.CONNECTION_FILTER)

NETWORK = ApproverRule(name="Network", lists=frozenset({ListName.CONNECTION_FILTER}), approvers=("S0NETWORK", "U0LEAD"))
ALLOWS = ApproverRule(name="Allows", acts=frozenset({Act.ALLOW}), approvers=("U0LEAD", "U0CHIEF"), approvals=3)
TWO = ApproverRule(name="Two", lists=frozenset({ListName.SENDER}), approvals=2)


def approver(user: str = "U0ONE", *groups: str) -> Person:
    return Person(user_id=user, roles=frozenset({Role.APPROVER}), groups=frozenset(groups))


@pytest.mark.parametrize(
    ("operation", "action", "act"),
    [
        (Operation.ADD, Action.BLOCK, Act.BLOCK),
        (Operation.ADD, Action.ALLOW, Act.ALLOW),
        (Operation.REMOVE, Action.BLOCK, Act.UNBLOCK),
        (Operation.REMOVE, Action.ALLOW, Act.END_ALLOW),
        (Operation.EXTEND, Action.ALLOW, Act.EXTEND),
        (Operation.ANNOTATE, Action.BLOCK, Act.NOTE),
        (Operation.SAFE_LIST_OFF, Action.ALLOW, Act.SAFE_LIST_OFF),
        (Operation.SUBMIT, Action.ALLOW, Act.SUBMIT),
    ],
)
def test_each_change_is_called_as_its_command(operation: Operation, action: Action, act: Act) -> None:
    assert about(operation, action, ListName.SENDER) == About(act, ListName.SENDER)


@pytest.mark.parametrize(
    ("person", "changes", "rules", "rule"),
    [
        (approver(), [IPS], [], None),
        (approver(), [SENDERS], [NETWORK, ALLOWS], None),  # no rule is about it
        (approver(), [SENDERS], [TWO], None),  # it says how many, and not who
        (approver(), [IPS], [NETWORK], "Network"),
        (approver("U0LEAD"), [IPS], [NETWORK], None),
        (approver("U0ONE", "S0NETWORK"), [IPS], [NETWORK], None),
        # Every rule about it has to name them.
        (approver("U0ONE", "S0NETWORK"), [ALLOW_IP], [NETWORK, ALLOWS], "Allows"),
        (approver("U0LEAD"), [ALLOW_IP], [NETWORK, ALLOWS], None),
        (approver("U0CHIEF"), [ALLOW_IP], [NETWORK, ALLOWS], "Network"),
        # A proposal over several lists is decided by who may decide each.
        (approver(), [SENDERS, IPS], [NETWORK], "Network"),
        (approver("U0LEAD"), [SENDERS, IPS], [NETWORK], None),
    ],
)
def test_who_may_decide_by_the_rules(
    person: Person, changes: list[About], rules: list[ApproverRule], rule: str | None
) -> None:
    answer = by_rules(person, changes, rules)
    assert (answer.may, answer.rule) == (rule is None, rule or "")
    assert answer.why
    if rule is not None:
        assert isinstance(answer.error, LeftToOthers)
        assert answer.error.others == {"Network": NETWORK, "Allows": ALLOWS}[rule].approvers


def test_a_rule_makes_nobody_an_approver() -> None:
    named = Person(user_id="U0LEAD", roles=frozenset({Role.REQUESTER}), groups=frozenset({"S0NETWORK"}))
    assert isinstance(by_rules(named, [IPS], [NETWORK]).error, NotPermitted)


def test_where_a_group_is_unread_that_is_the_error_and_only_where_it_matters() -> None:
    unread = MembersUnread("Nobody knows who is in it.", retry_after=5.0)
    person = Person(user_id="U0ONE", roles=frozenset({Role.APPROVER}), unread={"S0NETWORK": unread})
    assert by_rules(person, [IPS], [NETWORK]).error is unread
    assert by_rules(person, [SENDERS], [NETWORK]).may
    lead = Person(user_id="U0LEAD", roles=frozenset({Role.APPROVER}), unread={"S0NETWORK": unread})
    assert by_rules(lead, [IPS], [NETWORK]).may


@pytest.mark.parametrize(
    ("requester", "reviewers", "may"),
    [("U0ASKS", [], True), ("U0ONE", [], False), ("U0ASKS", ["U0ONE"], False), ("U0ASKS", ["U0OTHER"], True)],
)
def test_nobody_decides_on_their_own_nor_twice(requester: str, reviewers: list[str], may: bool) -> None:
    waits = Undecided(about=frozenset({SENDERS}), requester=requester, reviewers=frozenset(reviewers))
    assert may_decide(approver(), waits, [NETWORK]).may is may


@pytest.mark.parametrize(
    ("changes", "needed"), [({IPS}, 1), ({SENDERS}, 2), ({IPS, SENDERS}, 2), ({ALLOW_IP, SENDERS}, 3)]
)
def test_how_many_it_takes_is_the_most_that_any_rule_says(changes: set[About], needed: int) -> None:
    assert approvals_by_rules(changes, [NETWORK, ALLOWS, TWO]) == needed


ONLY_LEAD = ApproverRule(
    name="Lead", acts=frozenset({Act.NOTE}), lists=frozenset({ListName.URL}), approvers=("U0LEAD",)
)


@pytest.mark.parametrize(
    ("rules", "approvers", "found"),
    [
        ([], ["U0ONE"], []),
        ([ONLY_LEAD], ["U0ONE", "U0LEAD"], []),
        ([ONLY_LEAD], ["U0ONE"], [(0, 1)]),
        ([ONLY_LEAD], ["U0ONE", "S0APPROVERS"], []),  # nobody knows here who is in it
        ([ONLY_LEAD, replace(ONLY_LEAD, name="Two", approvers=(), approvals=2)], ["U0ONE", "U0LEAD"], [(1, 2)]),
        ([ONLY_LEAD, replace(ONLY_LEAD, name="Other", approvers=("U0ONE",))], ["U0ONE", "U0LEAD"], [(0, 1)]),
    ],
)
def test_what_too_few_could_ever_approve_is_found(
    rules: list[ApproverRule], approvers: list[str], found: list[tuple[int, int]]
) -> None:
    assert [(each.can, each.needed) for each in too_few(rules, approvers)] == found
