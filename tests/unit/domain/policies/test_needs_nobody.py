"""Which blocks a rule lets through, and what never goes without approval, whatever a rule says."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.indicators.indicator import Indicator, Kind
from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action, ListName
from bot.domain.policies.case import Assessment
from bot.domain.policies.needs_nobody import needs_nobody
from bot.domain.requests.approval import NobodyRule
from bot.domain.requests.people import Person, Role
from bot.domain.requests.proposal import Proposal
from bot.errors import MembersUnread
from tests.unit.domain.policies.proposals import assessed, propose
from tests.unit.domain.tenant_lists import NOW, tenant

ANY = NobodyRule(
    name="Any", lists=frozenset(ListName), requesters=("S0SOC",), per_hour=100, most=100, addresses=128,
    longest=timedelta(days=365),
)  # fmt: skip
NARROW = NobodyRule(name="Narrow", lists=frozenset({ListName.SENDER}), requesters=("U0ONE",), per_hour=5, most=2)
SOC = Person(user_id="U0SOC", roles=frozenset({Role.REQUESTER}), groups=frozenset({"S0SOC"}))
BLOCK, ALLOW = Action.BLOCK, Action.ALLOW


def let_through(
    *proposals: Proposal,
    rules: tuple[NobodyRule, ...] = (ANY,),
    person: Person = SOC,
    knows_own_domains: bool = True,
    is_read: bool = True,
    assessment: Assessment | None = None,
) -> tuple[list[str], str]:
    """The rules that let each part through, and why not."""
    decided = needs_nobody(
        person,
        [(proposal, assessment or assessed(proposal)) for proposal in proposals],
        rules,
        lists=tenant() if is_read else None,
        knows_own_domains=knows_own_domains,
        now=NOW,
    )
    return [through.rule.name for through in decided.through], decided.why_not


@pytest.mark.parametrize(
    "texts", [["evil.example"], ["user@evil.example"], ["203.0.113.7"], ["203.0.113.0/28"], ["http://evil.example/a"]]
)
def test_an_ordinary_block_goes_through(texts: list[str]) -> None:
    proposal = propose(BLOCK, *texts)
    sound = replace(assessed(proposal), warnings=())  # documentation addresses are odd by nature
    assert let_through(proposal, assessment=sound) == (["Any"], "")


@pytest.mark.parametrize(
    ("proposal", "why"),
    [
        (propose(ALLOW, "203.0.113.7"), ""),
        (propose(ALLOW, "evil.example"), ""),
        (propose(BLOCK, "evil.example", operation=Operation.REMOVE), ""),
        (propose(ALLOW, "evil.example", operation=Operation.REMOVE), ""),
        (propose(BLOCK, "evil.example", operation=Operation.EXTEND), ""),
        (propose(BLOCK, "evil.example", operation=Operation.ANNOTATE), ""),
        (propose(BLOCK, "*.evil.example"), "*[.]evil[.]example has a wildcard"),
        (propose(BLOCK, "evil.example/*", kind=Kind.URL), "evil[.]example/* has a wildcard"),
        (propose(BLOCK, "203.0.113.0/24"), "there is a warning: 203.0.113[.]0/24 blocks 256 addresses"),
        (propose(BLOCK, "github.io"), "there is a warning: "),
        (propose(BLOCK, "fabrikam.com/login", kind=Kind.URL), "there is a warning: "),
    ],
)
def test_what_never_goes_without_approval(proposal: Proposal, why: str) -> None:
    names, said = let_through(proposal)
    assert names == []
    assert said.startswith(why)
    assert bool(said) is bool(why)


@pytest.mark.parametrize(
    ("value", "kind"), [("203.0.113.0/24", Kind.IPV4_NETWORK), ("2001:db8::/64", Kind.IPV6_NETWORK)]
)
def test_a_wide_network_takes_approval_even_if_policy_said_nothing(value: str, kind: Kind) -> None:
    assert let_through(propose(BLOCK, value, kind=kind), assessment=Assessment())[0] == []


def test_one_s_own_domain_takes_approval_even_if_policy_said_nothing() -> None:
    own = Indicator(
        kind=Kind.DOMAIN, value="mail.fabrikam.com", notes=propose(BLOCK, "evil.example").indicators[0].notes
    )
    proposal = replace(propose(BLOCK, "evil.example"), indicators=(own,))
    assert let_through(proposal)[0] == [], "policy refuses it"


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"knows_own_domains": False}, "have not been read yet"),
        ({"is_read": False}, "have not been read yet"),
        ({"assessment": Assessment(approvals_needed=2)}, "more than one approval"),
        ({"person": replace(SOC, groups=frozenset())}, ""),  # whom no rule names is told of none
        ({"person": replace(SOC, groups=frozenset(), unread={"S0SOC": MembersUnread("No.", retry_after=5.0)})}, ""),
        ({"rules": ()}, ""),
    ],
)
def test_where_something_is_not_known_or_not_theirs_it_waits(changes: dict[str, object], named: str) -> None:
    names, said = let_through(propose(BLOCK, "evil.example"), **changes)  # type: ignore[arg-type]
    assert names == []
    assert named in said
    assert bool(said) is bool(named)


@pytest.mark.parametrize(
    ("texts", "days", "why"),
    [
        (["a.example", "b.example"], 30, ""),
        (["a.example", "b.example", "c.example"], 30, "it has 3 indicators, and the rule takes 2 at once"),
        (["a.example"], 31, "it lasts longer than the 30 days that the rule takes"),
        (["a.example"], None, "it lasts longer than the 30 days that the rule takes"),
    ],
)
def test_the_bounds_of_a_rule(texts: list[str], days: float | None, why: str) -> None:
    person = Person(user_id="U0ONE", roles=frozenset({Role.REQUESTER}))
    names, said = let_through(propose(BLOCK, *texts, days=days), rules=(NARROW,), person=person)
    assert (names, said) == (["Narrow"] if not why else [], why)


def test_a_network_has_no_more_addresses_than_the_rule_says() -> None:
    rule = replace(ANY, addresses=16)
    for text, goes in (("203.0.113.0/28", True), ("203.0.113.0/27", False)):
        proposal = propose(BLOCK, text)
        assert bool(let_through(proposal, rules=(rule,), assessment=Assessment())[0]) is goes


def test_the_first_rule_that_lets_it_through_counts_and_a_proposal_goes_as_a_whole() -> None:
    person = replace(SOC, user_id="U0ONE")
    few, many = propose(BLOCK, "a.example"), propose(BLOCK, "a.example", "b.example", "c.example")
    assert let_through(few, rules=(NARROW, ANY), person=person)[0] == ["Narrow"]
    assert let_through(many, rules=(NARROW, ANY), person=person)[0] == ["Any"]
    url = propose(BLOCK, "http://evil.example/a")
    assert let_through(few, url, rules=(NARROW, ANY), person=person)[0] == ["Narrow", "Any"]
    why = "none that names you is about URLs, and it is decided as a whole"
    for rules in ((NARROW,), (NARROW, replace(ANY, lists=frozenset({ListName.URL}), requesters=("U0OTHER",)))):
        assert let_through(few, url, rules=rules, person=person) == ([], why)
        assert let_through(url, few, rules=rules, person=person) == ([], why)
        assert let_through(few, url, rules=rules, person=replace(person, user_id="U0THIRD", groups=frozenset())) == (
            [],
            "",
        )
