"""The posture in Slack: what is said, which buttons there are, and Slack's limits whatever the tenant holds."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.lists.differences import SAFE_LIST_PLACE
from bot.domain.lists.entries import Entry, FilterPolicy
from bot.domain.lists.traits import Action, ListName
from bot.domain.overrides.places import Place
from bot.domain.posture.baseline import posture
from bot.domain.posture.finding import Fault, Finding
from bot.domain.posture.scans import PostureScan
from bot.domain.requests.browsing import ListedEntry
from bot.domain.requests.people import Right
from bot.domain.telling.posture_facts import finding_facts, summary_facts, worse_facts
from bot.slack.block_kit.ids import ActionId
from bot.slack.messages.posture import (
    PAGE,
    PosturePageFacts,
    PosturePlace,
    posture_message,
    posture_place,
    summary_message,
    worse_message,
)
from tests.support.samples import HOSTILE, KNOWN, NOW

ENTRY = Entry(list=ListName.CONNECTION_FILTER, action=Action.ALLOW, value="203.0.113.0/24")
IP = Finding(
    place="connection_filter",
    value="203.0.113.0/24",
    faults=(Fault.IP_ALLOW, Fault.WIDE),
    row=ListedEntry(ENTRY, KNOWN, number=41),
    since={Fault.IP_ALLOW: NOW},
)
RULE = Finding(
    place=Place.MAIL_FLOW_RULES.value,
    value="Partner",
    within="spam filtering is skipped",
    detail="when it comes from 203.0.113.7",
    faults=(Fault.BYPASS,),
)
RIGHTS = frozenset({Right.CHECK, Right.PROPOSE})


def page(*findings: Finding, start: int = 0, total: int | None = None, **changes: object) -> PosturePageFacts:
    facts: dict[str, object] = {
        "baseline": posture((FilterPolicy(identity="Default", allow=("203.0.113.0/24",)),)),
        "findings": [finding_facts(finding) for finding in findings],
        "start": start,
        "total": len(findings) if total is None else total,
        "grave": len(findings),
        "unseen": ["URLs: it could not be read. HTTP 403"],
        "as_of": NOW,
    }
    return PosturePageFacts(**{**facts, **changes})  # type: ignore[arg-type]


def shown(facts: PosturePageFacts, *, rights: frozenset[Right] = RIGHTS) -> str:
    return json.dumps(posture_message(facts, rights=rights, now=NOW).to_dict(), ensure_ascii=False)


def test_a_finding_is_a_line_with_its_faults_since_when_and_its_button() -> None:
    said = shown(page(IP, RULE))
    for words in (
        "`203.0.113[.]0/24` · IP Allow List · *an IP allow, wide* · seen since",
        "asked by <@U0REQUESTER>, #41",
        "“Partner” · mail flow rule · *filtering is bypassed*: spam filtering is skipped, when it comes from",
        "Exchange admin center: Mail flow, Rules",
        "Not met: IP allow lists SHOULD NOT be created · MS.SECURITYSUITE.8.1v1 (formerly MS.EXO.12.1v1; CIS 2.1.12)",
        "Not seen: URLs: it could not be read. HTTP 403",
        "Posture: 2 findings, 2 of them grave",
    ):
        assert words in said
    assert said.count(ActionId.POSTURE_REMEDY) == 1  # Portcullis can't change a mail flow rule
    assert IP.name in said


def test_whoever_may_not_propose_has_no_button() -> None:
    assert ActionId.POSTURE_REMEDY not in shown(page(IP), rights=frozenset({Right.CHECK}))


@pytest.mark.parametrize(
    ("start", "total", "ways"),
    [
        (0, 2, []),
        (0, 9, [(ActionId.POSTURE_NEXT, f"2 {RULE.name}")]),
        (8, 10, [(ActionId.POSTURE_BACK, f"0 {IP.name}")]),
        (8, 30, [(ActionId.POSTURE_BACK, f"0 {IP.name}"), (ActionId.POSTURE_NEXT, f"10 {RULE.name}")]),
    ],
)
def test_the_ways_on(start: int, total: int, ways: list[tuple[str, str]]) -> None:
    message = posture_message(page(IP, RULE, start=start, total=total), rights=RIGHTS, now=NOW)
    buttons = [each for block in message.blocks if block["type"] == "actions" for each in block["elements"]]
    assert [(each["action_id"], each["value"]) for each in buttons] == ways
    assert all(posture_place(each["value"]) is not None for each in buttons)


@pytest.mark.parametrize("value", ["", "x", "-1", "1 x", "1 " + "g" * 16, "9" * 10, "1\n"])
def test_a_button_of_somebody_else_is_none(value: str) -> None:
    assert posture_place(value) is None
    assert posture_place("16 0123456789abcdef") == PosturePlace(start=16, finding="0123456789abcdef")


def test_nothing_found_is_said() -> None:
    said = shown(page(total=0, grave=0, unseen=[]))
    assert "Posture: No findings" in said
    assert "as far as it could be seen" in said


TEXTS = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=400))
FINDINGS = st.builds(
    Finding,
    place=st.sampled_from([*(name.value for name in ListName), *(place.value for place in Place), SAFE_LIST_PLACE]),
    value=TEXTS,
    within=TEXTS,
    detail=TEXTS,
    faults=st.sets(st.sampled_from(Fault), min_size=1).map(lambda faults: tuple(f for f in Fault if f in faults)),
    row=st.sampled_from([None, ListedEntry(ENTRY, KNOWN, number=10**12)]),
    since=st.just(dict.fromkeys(Fault, NOW)),
)


@given(st.lists(FINDINGS, max_size=PAGE), st.integers(0, 15_000), st.lists(TEXTS, max_size=8), TEXTS)
def test_a_page_is_within_slacks_limits(findings: list[Finding], start: int, unseen: list[str], policy: str) -> None:
    policies = (FilterPolicy(identity=policy, allow=("203.0.113.7",), safe_list=True),)
    facts = page(*findings, start=start, total=start + 15_000, unseen=unseen, baseline=posture(policies))
    posture_message(facts, rights=RIGHTS, now=NOW)  # it raises InvalidBlocks where Slack would refuse it


def scan(*gravest: Finding, counts: dict[str, int] | None = None, **changes: object) -> PostureScan:
    given: dict[str, object] = {
        "number": 7,
        "at": NOW,
        "as_of": NOW,
        "counts": counts or {},
        "findings": 3,
        "grave": 1,
        "added": 0,
        "gone": 0,
        "gravest": gravest,
        "worse": gravest,
        "worse_count": len(gravest),
    }
    return PostureScan(**{**given, **changes})  # type: ignore[arg-type]


@given(st.lists(FINDINGS, min_size=1, max_size=5), st.lists(TEXTS, max_size=8))
def test_what_the_alert_channel_is_told_is_within_slacks_limits(findings: list[Finding], unseen: list[str]) -> None:
    after = scan(*findings, counts=dict.fromkeys(Fault, 15_000), unseen=tuple(unseen), worse_count=15_000)
    summary_message(summary_facts(after, scan()))
    worse_message(worse_facts(after))


def test_the_summary_says_what_is_worse_what_is_better_and_the_gravest() -> None:
    before = scan(counts={"ip_allow": 1, "no_end": 4}, findings=5, at=NOW - timedelta(days=7))
    after = scan(IP, counts={"ip_allow": 2, "no_end": 1}, findings=3)
    said = json.dumps(summary_message(summary_facts(after, before)).to_dict(), ensure_ascii=False)
    for words in (
        "*The posture this week*: 3 findings, 1 of them grave, 2 fewer than a week ago.",
        "*Worse:* 1 more × an IP allow",
        "*Better:* 3 fewer × no expiry date",
        "203.0.113[.]0/24",
        ActionId.OPEN_POSTURE,
    ):
        assert words in said


def test_a_summary_that_comes_after_others_were_missed_says_since_when() -> None:
    before = scan(findings=5, at=NOW - timedelta(days=21))
    said = json.dumps(summary_message(summary_facts(scan(IP), before)).to_dict(), ensure_ascii=False)
    assert "2 fewer than on <!date" in said
    assert "week ago" not in said


@pytest.mark.parametrize(
    ("unseen_before", "unseen_now", "said", "not_said"),
    [
        ((), ("Mail flow rules: no answer.",), "Worse", "Better"),
        (("Mail flow rules: no answer.",), (), "Better", "Worse"),
    ],
)
def test_what_is_only_not_seen_is_no_better_and_what_is_only_seen_again_no_worse(
    unseen_before: tuple[str, ...], unseen_now: tuple[str, ...], said: str, not_said: str
) -> None:
    before = scan(counts={"bypass": 2}, unseen=unseen_before, at=NOW - timedelta(days=7))
    after = scan(IP, counts={"ip_allow": 1}, unseen=unseen_now, findings=1)
    text = summary_message(summary_facts(after, before)).text
    assert f"{said}:" in text
    assert f"{not_said}:" not in text
    assert "week ago" not in text


def test_the_first_summary_compares_nothing() -> None:
    said = summary_message(summary_facts(scan(IP, counts={"ip_allow": 1}), None)).text
    assert "week ago" not in said
    assert "Worse" not in said


def test_the_alert_names_what_is_new_and_how_many_more() -> None:
    said = worse_message(worse_facts(scan(IP, worse_count=7))).text
    assert "7 grave findings that nobody was told of" in said
    assert "…and 6 more" in said
