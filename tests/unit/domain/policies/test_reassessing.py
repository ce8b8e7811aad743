"""A request held against policy once more: what is forbidden by now, and what is new and has to be read."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.indicators.indicator import Kind
from bot.domain.lists.change import Operation
from bot.domain.lists.entries import Entry, Snapshot
from bot.domain.lists.traits import Action, ListName
from bot.domain.outcomes.outcome import Step
from bot.domain.policies.assess import MOST_INDICATORS
from bot.domain.policies.case import Assessment, IpAllow, Refusal, Rules
from bot.domain.policies.reassessing import (
    LEFT_TO_APPLYING,
    forbidden,
    news,
    reassess,
    require_permitted,
)
from bot.domain.requests.evidence import Evidence
from bot.domain.requests.request import Item, Request, RequestWarning
from bot.errors import Conflict
from tests.unit.domain.requests.cases import DAY, NOW, item, record, request

HARMLESS = RequestWarning(code="harmless", text="Good to know.")
SERIOUS = RequestWarning(code="serious", text="Read this first.", serious=True)
GRAVE = RequestWarning(code="grave", text="And this.", serious=True)
ALREADY = RequestWarning(code="on_the_card", text="You have read this.", serious=True)
#: Of the same kind as what the card says, and more than that.
MORE = replace(ALREADY, text="You have read this, but not that.")


def today(*warnings: RequestWarning, needed: int = 1, refusals: tuple[Refusal, ...] = ()) -> Assessment:
    return Assessment(warnings=warnings, approvals_needed=needed, refusals=refusals)


def refusal(code: str, text: str, indicator: str = "") -> Refusal:
    return Refusal(code=code, text=text, remedy="", indicator=indicator)


@pytest.mark.parametrize(
    ("assessment", "text", "codes", "needed"),
    [
        (today(ALREADY, SERIOUS), "Read this first.", ["on_the_card", "serious"], 2),
        (today(SERIOUS, GRAVE), "Read this first. And this.", ["on_the_card", "serious", "grave"], 2),
        # What isn't serious comes along, but is no news by itself.
        (today(HARMLESS, SERIOUS), "Read this first.", ["on_the_card", "harmless", "serious"], 2),
        # More of what the card warns of already, in place of what it said.
        (today(SERIOUS, MORE), "Read this first. You have read this, but not that.", ["serious", "on_the_card"], 2),
        (today(needed=3), "It takes 3 different approvers now.", ["on_the_card"], 3),
        (
            today(SERIOUS, HARMLESS, needed=3),
            "Read this first. It takes 3 different approvers now.",
            ["on_the_card", "serious", "harmless"],
            3,
        ),
    ],
)
def test_what_is_new_and_serious_has_to_be_read(
    assessment: Assessment, text: str, codes: list[str], needed: int
) -> None:
    found = news(request(warnings=(ALREADY,), approvals_needed=2), assessment)
    assert found is not None
    assert (found.text, found.approvals_needed) == (text, needed)
    assert [warning.code for warning in found.warnings] == codes


@pytest.mark.parametrize(
    "assessment",
    [
        today(),
        today(ALREADY),
        today(replace(ALREADY, text="The same, and not serious any more.", serious=False)),
        today(HARMLESS),
        today(needed=1),  # fewer approvals than it was proposed with
        today(needed=2),
    ],
)
def test_what_the_card_says_already_or_is_not_serious_is_no_news(assessment: Assessment) -> None:
    assert news(request(warnings=(ALREADY,), approvals_needed=2), assessment) is None


WHOLE, VALUE = refusal("forbidden", "Not any more."), refusal("bad", "Not this one.", "203.0.113.7")


@pytest.mark.parametrize(
    ("refusals", "expected", "words"),
    [
        ((), {}, ""),
        ((WHOLE,), {"203.0.113.7": "Not any more.", "203.0.113.8": "Not any more."}, "Not any more."),
        ((VALUE,), {"203.0.113.7": "Not this one."}, "Not this one."),
        # What is wrong with all of it is said first, and of several reasons the first.
        ((VALUE, WHOLE), {"203.0.113.7": "Not any more.", "203.0.113.8": "Not any more."}, "Not any more."),
        (
            (VALUE, refusal("worse", "Nor for this.", "203.0.113.7"), refusal("other", "Nor this.", "203.0.113.8")),
            {"203.0.113.7": "Not this one.", "203.0.113.8": "Nor this."},
            "Not this one.",
        ),
        (
            (WHOLE, refusal("later", "And so.")),
            {"203.0.113.7": "Not any more.", "203.0.113.8": "Not any more."},
            "Not any more.",
        ),
        (
            tuple(refusal(code, "Found out later.", indicator) for code in LEFT_TO_APPLYING for indicator in ("", "x")),
            {},
            "",
        ),
    ],
)
def test_what_policy_forbids_by_now(refusals: tuple[Refusal, ...], expected: dict[str, str], words: str) -> None:
    assessment = today(refusals=refusals)
    outcomes = forbidden(assessment, ["203.0.113.7", "203.0.113.8"])
    assert outcomes.words_at(Step.FORBIDDEN) == dict(outcomes.words_at(*Step)) == expected
    if not words:
        require_permitted(request(7), assessment)
        return
    with pytest.raises(Conflict) as caught:
        require_permitted(request(7), assessment)
    assert caught.value.what == f"Policy no longer permits #7: {words}"
    assert caught.value.remedy == "Deny it, or have it withdrawn."


ALLOW = request(7, item("203.0.113.7"), item("203.0.113.8", number=2), action=Action.ALLOW, end=6)


def lists(*entries: Entry) -> Snapshot:
    return Snapshot(as_of=NOW, entries=entries)


def codes(wanted: Request, rules: Rules, snapshot: Snapshot | None = None) -> set[str]:
    found = reassess(wanted, wanted.items, snapshot, rules, known=(), now=NOW)
    return {refusal.code for refusal in found.refusals}


@pytest.mark.parametrize(("ip_allow", "needed"), [(IpAllow.WARN, 1), (IpAllow.TWO_PERSON, 2)])
def test_an_allow_takes_as_many_approvals_as_the_rules_say_today(ip_allow: IpAllow, needed: int) -> None:
    found = reassess(ALLOW, ALLOW.items, lists(), Rules(ip_allow=ip_allow), known=(), now=NOW)
    assert (found.refusals, found.approvals_needed) == ((), needed)


def test_it_was_acknowledged_when_it_was_proposed() -> None:
    assert codes(ALLOW, Rules(ip_allow=IpAllow.TWO_PERSON)) == set()


def test_each_part_of_the_request_is_held_against_policy() -> None:
    rules = Rules(ip_allow=IpAllow.DENY)
    assert codes(ALLOW, rules)
    assert not codes(replace(ALLOW, action=Action.BLOCK), rules)
    assert codes(replace(ALLOW, expires=NOW + 90 * DAY), Rules())
    assert codes(replace(ALLOW, reason=""), Rules())
    there = Entry(list=ListName.CONNECTION_FILTER, action=Action.ALLOW, value="203.0.113.8")
    assert codes(ALLOW, Rules(), lists(there)) == {"exists"}
    assert not codes(replace(ALLOW, items=ALLOW.items[:1]), Rules(), lists(there))


def test_what_a_submission_hands_over_counts() -> None:
    wanted = request(7, Item(id=1, kind=Kind.DOMAIN, value="contoso.com"), operation=Operation.SUBMIT)
    wanted = replace(wanted, action=Action.ALLOW, list=ListName.SENDER)
    handing_over = replace(wanted, evidence=Evidence(recipient="someone@fabrikam.com", message_url="https://x.example"))
    assert codes(wanted, Rules(submissions=True)) == {"evidence_missing"}
    assert codes(handing_over, Rules(submissions=True)) == set()


def test_what_is_on_record_counts() -> None:
    """Notes on an entry of the connection filter are kept only where Portcullis knows it."""
    noting = replace(ALLOW, operation=Operation.ANNOTATE, items=ALLOW.items[:1], expires=None)
    there = lists(Entry(list=ListName.CONNECTION_FILTER, action=Action.ALLOW, value="203.0.113.7"))
    known = [record(3, action=Action.ALLOW)]
    for on_record, refused in (([], True), (known, False)):
        found = reassess(noting, noting.items, there, Rules(), known=on_record, now=NOW)
        assert bool(found.refusals) is refused


def test_an_import_is_reassessed_whole() -> None:
    items = tuple(Item(id=n, kind=Kind.DOMAIN, value=f"bad{n}.example") for n in range(MOST_INDICATORS + 1))
    assert not codes(request(7, *items, list=ListName.SENDER), Rules())
