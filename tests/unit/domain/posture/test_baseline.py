"""The baseline: every policy counts, and every entry, whatever it is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.lists.entries import FilterPolicy
from bot.domain.overrides.override import Condition, ConditionKind, Does, Override, PlaceReading, Sight
from bot.domain.overrides.places import Place
from bot.domain.posture.baseline import PostureOutcome, posture
from bot.errors import IncompleteAnswer

CLEAN = FilterPolicy(identity="Default", is_default=True, block=("203.0.113.7",))
ALLOWING = FilterPolicy(identity="Second", allow=("203.0.113.7", "not an ip"))
SAFE = FilterPolicy(identity="Third", safe_list=True)


@pytest.mark.parametrize(
    ("policies", "allow_list", "safe_list"),
    [
        ((CLEAN,), PostureOutcome.PASS, PostureOutcome.PASS),
        ((CLEAN, ALLOWING), PostureOutcome.FAIL, PostureOutcome.PASS),
        ((CLEAN, SAFE), PostureOutcome.PASS, PostureOutcome.FAIL),
        ((ALLOWING, SAFE), PostureOutcome.FAIL, PostureOutcome.FAIL),
        ((FilterPolicy(identity="Default", allow=("",)),), PostureOutcome.FAIL, PostureOutcome.PASS),
    ],
)
def test_results(policies: tuple[FilterPolicy, ...], allow_list: PostureOutcome, safe_list: PostureOutcome) -> None:
    assert [result.result for result in posture(policies)] == [allow_list, safe_list]


def test_no_policy_at_all_has_not_passed() -> None:
    with pytest.raises(IncompleteAnswer, match="no connection filter policy"):
        posture(())


def test_both_names_of_each_rule_are_given() -> None:
    assert [(result.id, result.former_id, result.also) for result in posture((CLEAN,))] == [
        ("MS.SECURITYSUITE.8.1v1", "MS.EXO.12.1v1", ("CIS 2.1.12",)),
        ("MS.SECURITYSUITE.8.2v1", "MS.EXO.12.2v1", ("CIS 2.1.13",)),
    ]


def test_a_failure_names_the_policies_and_the_entries() -> None:
    allow_list, safe_list = posture((CLEAN, ALLOWING, SAFE))
    assert allow_list.policies == ("Second",)
    assert [(entry.value, entry.policy) for entry in allow_list.entries] == [
        ("203.0.113.7", "Second"),
        ("not an ip", "Second"),
    ]
    assert "2 entries in the IP Allow List of policy Second" in allow_list.details
    assert safe_list.policies == ("Third",)
    assert safe_list.entries == ()


DOMAINS = Override(
    place=Place.ANTI_SPAM,
    name="Default",
    does=Does.LETS_THROUGH,
    how="spam filtering is skipped",
    detail="allowed domains",
    conditions=(Condition(kind=ConditionKind.DOMAIN, values=("fabrikam.example",)),),
)
ADDRESSES = replace(
    DOMAINS, detail="allowed senders", conditions=(Condition(kind=ConditionKind.ADDRESS, values=("a@b.example",)),)
)


@pytest.mark.parametrize(
    ("reading", "results"),
    [
        (PlaceReading(place=Place.ANTI_SPAM), [PostureOutcome.PASS]),
        (PlaceReading(place=Place.ANTI_SPAM, overrides=(ADDRESSES,)), [PostureOutcome.PASS]),
        (PlaceReading(place=Place.ANTI_SPAM, overrides=(DOMAINS,)), [PostureOutcome.FAIL]),
        (PlaceReading(place=Place.ANTI_SPAM, overrides=(DOMAINS,), unread=1), [PostureOutcome.FAIL]),
        (PlaceReading(place=Place.ANTI_SPAM, unread=1), []),
        (PlaceReading(place=Place.ANTI_SPAM, sight=Sight.NO_RIGHT), []),
        (PlaceReading(place=Place.MAIL_FLOW_RULES), []),
    ],
)
def test_allowed_domains_are_judged_where_the_anti_spam_policies_were_read(
    reading: PlaceReading, results: list[PostureOutcome]
) -> None:
    judged = posture((CLEAN,), (reading,))[2:]
    assert [result.result for result in judged] == results
    assert all(result.id == "CIS 2.1.14" for result in judged)
