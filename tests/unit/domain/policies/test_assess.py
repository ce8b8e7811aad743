"""The frame of policy: what a caller must not send, reasons and ends, and what holds for whatever can be proposed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.domain.indicators.indicator import Indicator, Kind
from bot.domain.lists.change import Operation
from bot.domain.lists.entries import Entry
from bot.domain.lists.traits import Action, ListName, list_for
from bot.domain.policies.assess import MOST_INDICATORS, assess
from bot.domain.policies.case import Field, IpAllow, Rules
from bot.domain.reading.import_text import MOST_IMPORTED
from bot.domain.reading.lines import read_as_logged
from bot.domain.requests.proposal import Proposal
from bot.domain.requests.request import GRAVE_SPOOF_ALLOWS
from bot.errors import InvalidIndicator
from tests.unit.domain.policies.proposals import assessed, propose, refusals, warning, warnings
from tests.unit.domain.tenant_lists import NOW, on_record, tenant

ALLOW, BLOCK = Action.ALLOW, Action.BLOCK


def test_a_plain_block_goes_ahead_with_one_approval() -> None:
    assessment = assessed(propose(BLOCK, "evil.example", days=30))
    assert assessment.may_proceed
    assert assessment.approvals_needed == 1
    assert not assessment.needs_acknowledgement
    assert assessment.latest_expiry is None


def test_what_a_caller_must_not_send() -> None:
    good = propose(BLOCK, "evil.example")
    indicator = good.indicators[0]
    many = tuple(Indicator(kind=Kind.DOMAIN, value=f"evil{number}.example") for number in range(MOST_INDICATORS + 1))
    wrong = [
        replace(good, indicators=()),
        replace(good, indicators=(indicator, indicator)),
        replace(good, indicators=many),
        replace(good, indicators=(indicator, Indicator(kind=Kind.IPV4, value="203.0.113.7"))),
        replace(good, list=ListName.URL),
        # operations that there are not for the list, or not for what it is about
        replace(good, operation=Operation.SUBMIT),
        replace(propose(ALLOW, "203.0.113.7"), operation=Operation.SUBMIT),
        replace(propose(BLOCK, "203.0.113.7"), operation=Operation.SAFE_LIST_OFF),
        replace(propose(BLOCK, "203.0.113.7"), indicators=(Indicator(kind=Kind.FILTER_POLICY, value="Default"),)),
    ]
    for proposal in wrong:
        with pytest.raises(ValueError, match=r"proposal|list"):
            assessed(proposal)
    assert assessed(replace(good, indicators=many[:-1])).may_proceed
    imported = assess(replace(good, indicators=many), tenant(), Rules(), now=NOW, most=MOST_IMPORTED)
    assert imported.may_proceed


REASONS = [
    (BLOCK, "evil.example", "", "reason_missing"),
    (BLOCK, "evil.example", "  \n ", "reason_missing"),
    (BLOCK, "evil.example", "...", "reason_missing"),
    (BLOCK, "evil.example", "\u200b\u200b\u200b\u200b", "reason_missing"),
    (BLOCK, "evil.example", "\U0001f608\U0001f608\U0001f608", "reason_missing"),
    (BLOCK, "evil.example", "ab", "reason_too_short"),
    (BLOCK, "evil.example", "abc", None),
    (BLOCK, "evil.example", "x" * 500, None),
    (BLOCK, "evil.example", "x" * 501, "reason_too_long"),
    (ALLOW, "203.0.113.7", "", "reason_missing"),
    (ALLOW, "203.0.113.7", "relay here", None),
    (ALLOW, "203.0.113.7", "Partner relay, ticket 4711", None),
    (ALLOW, "203.0.113.7", "Почта филиала в Риге", None),
    (ALLOW, "contoso.com, *", "abc", None),
]


@pytest.mark.parametrize(("action", "text", "reason", "code"), REASONS)
def test_reasons(action: Action, text: str, reason: str, code: str | None) -> None:
    assessment = assessed(propose(action, text, reason=reason))
    assert refusals(assessment) == ({code} if code else set())
    assert all(refusal.field is Field.REASON for refusal in assessment.refusals)


@pytest.mark.parametrize(
    ("action", "text", "reason", "told"),
    [
        (ALLOW, "203.0.113.7", "please allow this ip asap", True),
        (ALLOW, "203.0.113.7", "aaaaaaaaaaaaaa", True),
        (ALLOW, "203.0.113.7", "1234567890 12345", True),
        (ALLOW, "2001:db8::1", "test", True),
        (ALLOW, "203.0.113.7", "relay here", False),
        (ALLOW, "203.0.113.7", "Почта филиала в Риге", False),
        (BLOCK, "203.0.113.7", "test", False),
    ],
)
def test_a_reason_that_says_little_is_for_the_approvers_to_judge(
    action: Action, text: str, reason: str, told: bool
) -> None:
    assessment = assessed(propose(action, text, reason=reason))
    assert not refusals(assessment)
    assert ("reason_says_little" in warnings(assessment)) == told


ENDS = [
    (BLOCK, "evil.example", 90, None),
    (BLOCK, "evil.example", 900, None),
    (BLOCK, "evil.example", None, None),
    (BLOCK, "evil.example", 0, "end_passed"),
    (BLOCK, "evil.example", -1, "end_passed"),
    (BLOCK, "https://evil.example/a", 91, None),
    (BLOCK, "ab" * 32, 91, None),
    (BLOCK, "2001:db8::1", 91, None),
    (BLOCK, "2001:db8::1", None, None),
    (BLOCK, "203.0.113.7", 900, None),
    (BLOCK, "203.0.113.7", None, None),
    (BLOCK, "contoso.com, *", 900, None),
    (ALLOW, "203.0.113.7", 7, None),
    (ALLOW, "203.0.113.7", 7.01, "end_too_late"),
    (ALLOW, "203.0.113.7", None, "end_required"),
    (ALLOW, "2001:db8::1", 8, "end_too_late"),
    (ALLOW, "2001:db8::1", None, "end_required"),
    (ALLOW, "contoso.com, *", 8, "end_too_late"),
    (ALLOW, "contoso.com, *", None, "end_required"),
    (ALLOW, "contoso.com, 203.0.113.0/24", None, None),
]


@pytest.mark.parametrize(("action", "text", "days", "code"), ENDS)
def test_ends(action: Action, text: str, days: float | None, code: str | None) -> None:
    assessment = assessed(propose(action, text, days=days))
    assert refusals(assessment) == ({code} if code else set())
    assert all(refusal.field is Field.EXPIRES for refusal in assessment.refusals)


def test_an_entry_that_never_ends_gets_a_mild_warning() -> None:
    assert not warning(assessed(propose(BLOCK, "evil.example", days=None)), "never_ends").serious
    assert "never_ends" not in warnings(assessed(propose(BLOCK, "evil.example", days=30)))


def test_who_keeps_the_end_is_said_where_the_service_does_not() -> None:
    assert "end_kept_by_portcullis" in warnings(assessed(propose(BLOCK, "203.0.113.7")))
    assert "end_kept_by_portcullis" in warnings(assessed(propose(BLOCK, "contoso.com, *")))
    assert "end_kept_by_portcullis" not in warnings(assessed(propose(BLOCK, "evil.example")))


@pytest.mark.parametrize("text", ["evil.example", "https://evil.example/a", "ab" * 32, "2001:db8::1"])
def test_an_end_beyond_what_the_service_keeps_is_kept_by_portcullis(text: str) -> None:
    assert "end_beyond_service" not in warnings(assessed(propose(BLOCK, text, days=90)))
    said = warning(assessed(propose(BLOCK, text, days=91)), "end_beyond_service").text
    assert "at most 90 days" in said
    assert "in the tenant without an end" in said


def test_a_tenant_that_was_not_read_is_a_warning() -> None:
    proposal = propose(BLOCK, "evil.example")
    unknown = assess(proposal, None, Rules(), now=NOW)
    assert unknown.may_proceed
    assert "lists_unread" in warnings(unknown)
    partly = assessed(proposal, tenant(unreadable={ListName.SENDER: "HTTP 403"}))
    assert "HTTP 403" in warning(partly, "list_unread").text
    assert "domains and addresses" in warning(partly, "list_unread").text
    other = assessed(proposal, tenant(unreadable={ListName.FILE: "HTTP 403"}))
    assert warnings(other).isdisjoint({"list_unread", "lists_unread"})


def test_serious_warnings_come_first() -> None:
    assessment = assessed(propose(ALLOW, "203.0.113.0/24"))
    seriousness = [warning.serious for warning in assessment.warnings]
    assert seriousness == sorted(seriousness, reverse=True)
    assert set(seriousness) == {True, False}


def test_each_refusal_names_its_indicator() -> None:
    assessment = assessed(propose(BLOCK, "gmail.com", "evil.example", "outlook.com"))
    assert [(refusal.code, refusal.indicator) for refusal in assessment.refusals] == [
        ("public_provider", "gmail.com"),
        ("public_provider", "outlook.com"),
    ]


def test_many_warnings_of_one_kind_are_cut_to_a_few_and_a_count() -> None:
    def texts(count: int) -> list[str]:
        assessment = assessed(propose(BLOCK, *(f"203.0.113.{number}" for number in range(count))))
        return [warning.text for warning in assessment.warnings if warning.code == "documentation"]

    assert len(texts(3)) == 3
    assert ["203.0.113[.]3" in text for text in texts(4)] == [False, False, False, True]
    assert texts(100)[3:] == ["The same holds for 97 more of them."]


def test_texts_are_defanged() -> None:
    assessment = assessed(propose(BLOCK, "gmail.com"))
    assert "gmail[.]com" in assessment.refusals[0].text
    assert "gmail.com" not in assessment.refusals[0].text


PIECES = [
    "evil",
    "203.0.113.7",
    "/24",
    "2001:db8::",
    "@",
    ".",
    "*.",
    "~",
    "/a",
    "com",
    ", ",
    "-",
    "xn--",
    "gmail",
    "%2B",
]
TYPED = st.one_of(
    st.text(max_size=30),
    st.lists(st.sampled_from(PIECES), min_size=1, max_size=6).map("".join),
    st.ip_addresses().map(str),
    st.tuples(st.ip_addresses(v=4), st.integers(24, 32)).map(lambda pair: f"{pair[0]}/{pair[1]}"),
    st.tuples(st.ip_addresses(v=6), st.integers(1, 128)).map(lambda pair: f"{pair[0]}/{pair[1]}"),
    st.emails(),
    st.sampled_from(["evil.example", "a@contoso.com", "https://evil.example/a", "ab" * 32, "contoso.com, *"]),
)


def readable(text: str) -> Indicator | None:
    try:
        return read_as_logged(text)
    except InvalidIndicator:
        return None


@given(
    indicator=TYPED.map(readable).filter(lambda found: found is not None),
    action=st.sampled_from(list(Action)),
    operation=st.sampled_from(list(Operation)),
    reason=st.text(max_size=40),
    days=st.one_of(st.none(), st.integers(-5, 120)),
    acknowledged=st.booleans(),
    values=st.lists(st.text(max_size=20), max_size=3),
    mode=st.sampled_from(list(IpAllow)),
)
def test_whatever_can_be_read_can_be_assessed(
    indicator: Indicator,
    action: Action,
    operation: Operation,
    reason: str,
    days: int | None,
    acknowledged: bool,
    values: list[str],
    mode: IpAllow,
) -> None:
    name = list_for(indicator.kind)
    assume(operation is not Operation.SAFE_LIST_OFF)  # is about a policy, which nobody types
    assume(operation is not Operation.SUBMIT or (action is ALLOW and name.traits.takes_submissions))
    proposal = Proposal(
        operation=operation,
        action=action,
        list=name,
        indicators=(indicator,),
        reason=reason,
        expires=None if days is None else NOW + timedelta(days=days),
        acknowledged=acknowledged,
    )
    known = [on_record(name, each, value) for value in values for each in Action] if acknowledged else None
    entries = tuple(Entry(list=name, action=each, value=value) for value in values for each in Action)
    assessment = assess(proposal, tenant(*entries), Rules(ip_allow=mode), now=NOW, known=known)
    for refusal in assessment.refusals:
        assert refusal.code
        assert refusal.text
        assert refusal.remedy
    ends = operation in {Operation.ADD, Operation.EXTEND}
    is_ip_allow = ends and action is ALLOW and name in {ListName.CONNECTION_FILTER, ListName.IP}
    codes = {warning.code for warning in assessment.warnings}
    lets_strangers_in = is_ip_allow or (ends and action is ALLOW and bool(codes & GRAVE_SPOOF_ALLOWS))
    assert assessment.needs_acknowledgement is lets_strangers_in
    if lets_strangers_in and assessment.may_proceed:
        assert mode is not IpAllow.DENY or not is_ip_allow
        assert assessment.approvals_needed == (1 if mode is IpAllow.WARN else 2)
        assert acknowledged
        assert days is not None
        assert 0 < days <= 7
        assert len(reason.strip()) >= 3
        assert any(warning.serious for warning in assessment.warnings)
    if operation in {Operation.ADD, Operation.SUBMIT} and action is ALLOW and name.traits.takes_submissions:
        assert not assessment.may_proceed
