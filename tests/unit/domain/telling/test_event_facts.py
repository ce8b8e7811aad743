"""What is told of an event of the audit log, and of many as one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.auditing.events import PORTCULLIS, EventKind, Json
from bot.domain.lists.change import Operation
from bot.domain.requests.people import Right
from bot.domain.telling.event_facts import WORDS, event_facts, facts_of_step
from bot.domain.telling.sentence import Who
from tests.support.samples import NOW, event, step
from tests.unit.domain.telling.plain_text import in_words


def test_every_kind_of_event_has_its_words() -> None:
    assert set(WORDS) == set(EventKind)


@pytest.mark.parametrize(
    ("kind", "payload", "did"),
    [
        (EventKind.REQUEST_PROPOSED, {}, "proposed"),
        (EventKind.REQUEST_PROPOSED, {"operation": Operation.ADD}, "proposed"),
        (EventKind.REQUEST_PROPOSED, {"operation": Operation.REMOVE}, "proposed to remove"),
        (EventKind.REQUEST_PROPOSED, {"operation": Operation.EXTEND}, "proposed a new expiry date"),
        (EventKind.REQUEST_PROPOSED, {"operation": Operation.ANNOTATE}, "proposed a new note"),
        (EventKind.REQUEST_PROPOSED, {"operation": Operation.SAFE_LIST_OFF}, "proposed to switch the safe list off"),
        (EventKind.REQUEST_PROPOSED, {"operation": Operation.SUBMIT}, "proposed a submission"),
        (EventKind.REQUEST_REVIEWED, {"decision": "approve"}, "voted to approve"),
        (EventKind.REQUEST_REVIEWED, {"decision": "deny"}, "voted to deny"),
        (EventKind.REQUEST_REVIEWED, {"decision": ["x"]}, "reviewed"),
        (EventKind.REQUEST_APPROVED, {"decision": "deny"}, "gave the deciding approval"),
        ("request.reopened", {}, "request.reopened"),
        (" ", {}, "did something"),
    ],
)
def test_an_event_says_what_was_done(kind: str, payload: dict[str, Json], did: str) -> None:
    assert event_facts(event(kind=kind, payload=payload)).did == did


def test_an_event_says_who_when_and_about_what() -> None:
    told = event_facts(event(1_234))
    assert (told.numbers, told.at, told.who, told.request_id) == ("1,234", NOW, Who("U0REQUESTER"), 42)
    assert in_words(told.about) == "sender1.example"
    assert event_facts(event(actor=PORTCULLIS)).who == "Portcullis"


@pytest.mark.parametrize(
    ("approval", "said"),
    [
        ({"by": "rule", "name": "Phishing", "why": "the operator's rule"}, "Phishing: the operator's rule"),
        ({"by": "emergency", "name": "", "why": ""}, ""),
        (
            {"by": "emergency_review", "name": "6", "why": "emergency block #6 was taken out after review"},
            "emergency block #6 was taken out after review",
        ),
        ({"by": ["x"], "why": "why"}, "why"),
        ("x", ""),
    ],
)
def test_what_was_approved_without_a_review_says_by_what(approval: Json, said: str) -> None:
    told = event_facts(event(kind=EventKind.REQUEST_APPROVED, payload={"approval": approval}))
    assert (told.did, told.said) == ("approved without a review", said)


@pytest.mark.parametrize(
    ("target", "request_id", "about"),
    [
        ("sender1.example", None, "sender1.example"),
        ("request 42", 42, ""),
        ("request 42", 41, "request 42"),
        ("", 42, ""),
    ],
)
def test_a_request_that_an_event_is_about_is_named_once(target: str, request_id: int | None, about: str) -> None:
    assert in_words(event_facts(event(target=target, request_id=request_id)).about) == about


@pytest.mark.parametrize(
    ("kind", "target", "about"),
    [
        (EventKind.ACCESS_REFUSED, "query_audit", "to query the audit log"),
        (EventKind.ACCESS_REFUSED, "propose", "to propose"),
        (EventKind.ACCESS_REFUSED, "a right of another version", "a right of another version"),
        (EventKind.POSTURE_READ, "posture", ""),
        (EventKind.POSTURE_SCANNED, "posture", ""),
        (EventKind.LISTS_READ, "lists", ""),
        (EventKind.AUDIT_READ, "audit log", ""),
        (EventKind.AUDIT_READ, "audit list", "audit list"),
        (EventKind.REQUESTS_READ, "requests", ""),
        (EventKind.REQUESTS_READ, "request 7", "request 7"),
        (EventKind.REQUEST_PROPOSED, "2 connection_filter indicators", "2 indicators of the connection filter"),
        (
            EventKind.REQUEST_LEFT_OUT,
            "12 ip indicators",
            "12 indicators of the Tenant Allow/Block List for IPv6 addresses",
        ),
        (EventKind.REQUEST_PROPOSED, "2 other indicators", "2 other indicators"),
    ],
)
def test_what_an_event_is_about_is_said_once_and_in_words(kind: str, target: str, about: str) -> None:
    assert in_words(event_facts(event(kind=kind, target=target, request_id=None)).about) == about


def test_every_right_that_somebody_can_be_refused_has_words() -> None:
    for right in Right:
        assert in_words(event_facts(event(kind=EventKind.ACCESS_REFUSED, target=right)).about) != right


@pytest.mark.parametrize("target", ["request 42", "request 40"])
def test_an_event_of_a_part_has_the_number_of_the_whole(target: str) -> None:
    told = event_facts(event(target=target, request_id=42), number=40)
    assert (told.request_id, in_words(told.about)) == (40, "")


@pytest.mark.parametrize(
    ("payload", "said"),
    [
        ({}, ""),
        ({"reason": "Fraud", "outcome": "Duplicate value."}, "Duplicate value."),
        ({"reason": "Fraud", "comment": "No.", "failure": "Full."}, "Full."),
        ({"reason": "Fraud", "comment": " "}, "Fraud"),
        ({"outcome": 7, "reason": "Fraud"}, "Fraud"),
        ({"count": "many"}, ""),
    ],
)
def test_the_most_telling_text_of_the_payload_is_told(payload: dict[str, Json], said: str) -> None:
    assert event_facts(event(payload=payload)).said == said


@pytest.mark.parametrize(
    ("first", "count", "numbers", "about"),
    [(7, 1, "7", "sender1.example"), (8, 1_000, "8–1,007", "1,000 indicators")],
)
def test_many_events_of_one_kind_are_told_as_one(first: int, count: int, numbers: str, about: str) -> None:
    told = facts_of_step(step(first, kind=EventKind.ITEM_APPLIED, count=count, actor=PORTCULLIS))
    assert (told.numbers, told.did, told.who, in_words(told.about)) == (numbers, "applied", "Portcullis", about)
    assert (told.request_id, told.said) == (None, "")


@pytest.mark.parametrize(
    ("decision", "did"), [("approve", "voted to approve"), ("deny", "voted to deny"), ("", "reviewed")]
)
def test_a_review_says_in_the_details_what_it_says_in_the_log(decision: str, did: str) -> None:
    reviewed = step(7, kind=EventKind.REQUEST_REVIEWED, target="request 43")
    told = facts_of_step(replace(reviewed, decision=decision))
    assert (told.did, in_words(told.about)) == (did, ""), "the number of a part is nobody's word for it"
