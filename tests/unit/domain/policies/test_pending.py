"""Whoever proposes or decides hears of the other open requests for the same value."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.indicators.reader import read
from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action, ListName, list_for
from bot.domain.policies.pending import pending_warnings
from bot.domain.requests.proposal import Proposal
from bot.domain.requests.request import Item, Request
from tests.support import samples


def proposal(value: str, *, action: Action = Action.BLOCK, operation: Operation = Operation.ADD) -> Proposal:
    indicator = read(value)
    return Proposal(
        operation=operation,
        action=action,
        list=list_for(indicator.kind),
        indicators=(indicator,),
        reason="Phishing",
        expires=samples.NOW + timedelta(days=30),
    )


def pending(value: str, number: int = 7, *, action: Action = Action.BLOCK) -> Request:
    indicator = read(value)
    return samples.request(
        request_id=number,
        action=action,
        list_name=list_for(indicator.kind),
        items=[Item(id=1, kind=indicator.kind, value=indicator.value)],
    )


@pytest.mark.parametrize(
    ("wanted", "open_request", "codes"),
    [
        (proposal("evil.example"), pending("evil.example"), ["pending_same"]),
        (proposal("203.0.113.7"), pending("203.0.113.7/32"), ["pending_same"]),
        (proposal("203.0.113.7", action=Action.ALLOW), pending("203.0.113.7"), ["pending_other"]),
        (proposal("evil.example", operation=Operation.REMOVE), pending("evil.example"), ["pending_other"]),
        (proposal("evil.example", operation=Operation.EXTEND), pending("evil.example"), ["pending_other"]),
        (proposal("evil.example"), pending("other.example"), []),
        (proposal("https://evil.example/"), pending("evil.example"), []),
    ],
)
def test_an_open_request_for_the_same_value_is_told(wanted: Proposal, open_request: Request, codes: list[str]) -> None:
    warnings = pending_warnings(wanted, [open_request])
    assert [warning.code for warning in warnings] == codes
    assert all("#7" in warning.text for warning in warnings)
    assert all(warning.serious == (warning.code == "pending_other") for warning in warnings)


ASKED = [
    (Operation.ADD, "asks to block it"),
    (Operation.REMOVE, "asks to remove its block"),
    (Operation.EXTEND, "asks to give its block entry a new expiry date"),
    (Operation.SUBMIT, "asks to submit it to Microsoft"),
]


@pytest.mark.parametrize(("operation", "words"), ASKED)
def test_what_the_other_request_asks_for_is_said(operation: Operation, words: str) -> None:
    other = replace(pending("evil.example"), operation=operation)
    (warning,) = pending_warnings(proposal("evil.example", action=Action.ALLOW), [other])
    assert words in warning.text
    assert warning.serious


@pytest.mark.parametrize(("days", "code"), [(0, "pending_same"), (0.5, "pending_same"), (60, "pending_other")])
def test_another_expiry_date_is_not_the_same(days: float, code: str) -> None:
    open_request = pending("evil.example")
    assert open_request.expires is not None
    wanted = replace(proposal("evil.example"), expires=open_request.expires + timedelta(days=days))
    (warning,) = pending_warnings(wanted, [open_request])
    assert warning.code == code
    assert not warning.serious
    assert ("with another expiry date" in warning.text) == (code == "pending_other")


def test_a_note_contradicts_nothing() -> None:
    note = replace(pending("evil.example"), operation=Operation.ANNOTATE)
    (warning,) = pending_warnings(proposal("evil.example"), [note])
    assert "a new note" in warning.text
    assert not warning.serious
    (warning,) = pending_warnings(proposal("evil.example", operation=Operation.ANNOTATE), [pending("evil.example")])
    assert not warning.serious


def test_many_are_counted() -> None:
    warnings = pending_warnings(proposal("evil.example"), [pending("evil.example", number) for number in range(1, 10)])
    assert [warning.code for warning in warnings] == ["pending_same"] * 3 + ["pending_more"]
    assert warnings[-1].text.startswith("6 more")
    assert pending("evil.example").list is ListName.SENDER
