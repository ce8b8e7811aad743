"""What is told of a proposal, and of the safe list's switches."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.lists.entries import FilterPolicy
from bot.domain.policies.case import Field, Refusal
from bot.domain.telling.proposal_facts import proposal_facts
from bot.domain.telling.safe_list_facts import safe_list_facts
from tests.support.samples import NOW, ip_allow, request
from tests.unit.domain.telling.plain_text import in_words


def test_a_proposal_is_told_by_its_requests_and_its_refusals() -> None:
    refusal = Refusal(code="own_domain", text="That is your own.", remedy="Leave it.", indicator="contoso.example")
    told = proposal_facts([request(items=1), ip_allow()], [refusal])
    assert [in_words(made.named_headline) for made in told.requests] == [
        "Block sender1.example",
        "IP ALLOW 203.0.113.7",
    ]
    assert [made.needs for made in told.requests] == ["1 approval by somebody else", "2 approvals by other people"]
    assert told.refusals == (refusal,)
    assert proposal_facts([]).refusals == ()


def test_what_is_wrong_with_a_value_comes_before_what_a_form_asks_for() -> None:
    exists = Refusal(code="exists", text="It is listed already.", remedy="Nothing to do.", indicator="evil.example")
    late = Refusal(code="end_too_late", text="That is too late.", remedy="Sooner.", field=Field.EXPIRES)
    missing = Refusal(code="reason_missing", text="A reason is required.", remedy="Say who.", field=Field.REASON)
    assert proposal_facts([], [missing, late, exists]).refusals == (exists, late)
    assert proposal_facts([], [missing, late]).refusals == (missing, late)


def test_no_tick_is_asked_for_where_a_value_is_refused_and_there_is_no_box() -> None:
    exists = Refusal(code="exists", text="It is listed already.", remedy="Nothing to do.", indicator="192.0.2.0/24")
    tick = Refusal(code="not_acknowledged", text="No tick.", remedy="Tick it.", field=Field.ACKNOWLEDGED)
    of_same, of_other = replace(tick, indicator="192.0.2.0/24"), replace(tick, indicator="evil.example, *")
    assert proposal_facts([], [tick, exists]).refusals == (exists,)
    assert proposal_facts([], [of_same, of_other, exists]).refusals == (exists, of_other)
    assert proposal_facts([], [tick]).refusals == (tick,)


@pytest.mark.parametrize(
    ("switches", "headline"),
    [
        ({"Default": False}, "The safe list is off everywhere"),
        ({"Default": False, "Lab": True}, "The safe list is on in 1 of 2 policies"),
        ({"Default": True}, "The safe list is on in 1 of 1 policy"),
    ],
)
def test_the_safe_list_is_told_by_policy_those_in_which_it_is_on_first(
    switches: dict[str, bool], headline: str
) -> None:
    told = safe_list_facts([FilterPolicy(identity=name, safe_list=on) for name, on in switches.items()], as_of=NOW)
    assert told.headline == headline
    assert told.is_on == any(switches.values())
    assert [policy.safe_list for policy in told.policies] == sorted(switches.values(), reverse=True)
