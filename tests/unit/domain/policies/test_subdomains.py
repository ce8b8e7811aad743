"""A block of a domain leaves its subdomains: said wherever it isn't so by something else, with both to be had."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.indicators.indicator import Kind
from bot.domain.lists.change import Operation
from bot.domain.lists.entries import Entry
from bot.domain.lists.traits import Action, ListName
from bot.domain.policies.subdomains import NOT_COVERED, offers_subdomains, with_subdomains
from bot.domain.requests.request import Item, ItemState, Request, RequestWarning, Status
from tests.unit.domain.policies.proposals import assessed, propose, warning, warnings
from tests.unit.domain.requests.cases import request
from tests.unit.domain.tenant_lists import entry, tenant

SENDER, BLOCK, ALLOW = ListName.SENDER, Action.BLOCK, Action.ALLOW
UNSURE = "domain_itself_unsure"

#: What is proposed, what is listed, and what is said of subdomains.
WARNED: list[tuple[list[str], list[Entry], set[str]]] = [
    (["evil.example"], [], {NOT_COVERED}),
    (["sub.evil.example"], [], {NOT_COVERED}),
    (["*.evil.example"], [], {UNSURE}),
    (["evil.example", "*.evil.example"], [], set()),
    (["evil.example", "*.other.example"], [], {NOT_COVERED, UNSURE}),
    (["evil.example"], [entry(SENDER, BLOCK, "*.evil.example")], set()),
    (["evil.example"], [entry(SENDER, BLOCK, "*.Evil.Example")], set()),
    (["evil.example"], [entry(SENDER, BLOCK, "*.evil.example", days=-1)], {NOT_COVERED}),
    (["evil.example"], [entry(SENDER, ALLOW, "*.evil.example")], {NOT_COVERED}),
    (["*.evil.example"], [entry(SENDER, BLOCK, "evil.example")], set()),
    (["evil.example"], [entry(SENDER, BLOCK, "*.other.example")], {NOT_COVERED}),
    (["someone@evil.example"], [], set()),
    (["*.co.uk"], [], set()),
    (["https://evil.example"], [], set()),
    (["evil.example", *(f"number{number}.example" for number in range(9))], [], {NOT_COVERED}),
]


@pytest.mark.parametrize(("texts", "listed", "codes"), WARNED)
def test_what_is_left_out_is_said(texts: list[str], listed: list[Entry], codes: set[str]) -> None:
    assert warnings(assessed(propose(BLOCK, *texts), tenant(*listed))) & {NOT_COVERED, UNSURE} == codes


def test_it_says_what_to_block_as_well() -> None:
    said = warning(assessed(propose(BLOCK, "evil.example")), NOT_COVERED)
    assert said.text == "evil[.]example doesn't cover its subdomains: for those, block *[.]evil[.]example as well."
    assert not said.serious


def asked(*values: str, codes: tuple[str, ...] = (NOT_COVERED,)) -> Request:
    items = tuple(
        Item(id=number, kind=Kind.ADDRESS if "@" in value else Kind.DOMAIN, value=value)
        for number, value in enumerate(values, 1)
    )
    return replace(
        request(),
        operation=Operation.ADD,
        action=BLOCK,
        list=SENDER,
        status=Status.PENDING,
        items=items,
        warnings=tuple(RequestWarning(code=code, text="…") for code in codes),
    )


IMPORTED = replace(asked("evil.example"), items=(Item(id=1, kind=Kind.DOMAIN, value="evil.example", line=4),))
OFFERED: list[tuple[Request, bool]] = [
    (asked("evil.example"), True),
    (asked("evil.example", codes=("stops_outbound",)), False),
    (replace(asked("evil.example"), status=Status.APPROVED), False),
    (replace(asked("evil.example"), status=Status.WITHDRAWN), False),
    (asked(*(f"number{number}.example" for number in range(50))), True),
    (asked(*(f"number{number}.example" for number in range(51))), False),
    (replace(asked("evil.example"), set_aside=1), False),
    (IMPORTED, False),
]


@pytest.mark.parametrize(("made", "offered"), OFFERED)
def test_they_are_offered_while_the_request_is_pending_and_small(made: Request, offered: bool) -> None:
    assert offers_subdomains(made) is offered


BOTH = [
    (["evil.example"], ["evil.example", "*.evil.example"]),
    (["a.example", "b.example"], ["a.example", "*.a.example", "b.example", "*.b.example"]),
    (["a.example", "*.a.example"], ["a.example", "*.a.example"]),
    (["*.a.example"], ["*.a.example"]),
    (["someone@a.example", "b.example"], ["someone@a.example", "b.example", "*.b.example"]),
]


@pytest.mark.parametrize(("values", "both"), BOTH)
def test_each_domain_is_followed_by_its_subdomains(values: list[str], both: list[str]) -> None:
    assert [indicator.value for indicator in with_subdomains(asked(*values))] == both


def test_what_an_approver_left_out_is_not_asked_for_again() -> None:
    whole = asked("evil.example", "good.example")
    evil, good = whole.items
    left = replace(whole, items=(evil, replace(good, state=ItemState.LEFT_OUT)))
    assert [indicator.value for indicator in with_subdomains(left)] == ["evil.example", "*.evil.example"]
    assert offers_subdomains(whole) is offers_subdomains(left)
    nothing = replace(whole, items=tuple(replace(item, state=ItemState.LEFT_OUT) for item in whole.items))
    assert not offers_subdomains(nothing)
