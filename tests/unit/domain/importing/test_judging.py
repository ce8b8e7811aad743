"""Judging an import: what becomes a proposal for which list, and what is set aside, each line with its reason."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.importing.judging import JudgedLines, judge_lines
from bot.domain.indicators.indicator import Indicator, Kind
from bot.domain.lists.change import Operation
from bot.domain.lists.entries import Entry, Snapshot
from bot.domain.lists.traits import Action, ListName, Plan
from bot.domain.policies.assess import MOST_INDICATORS
from bot.domain.policies.case import Rules
from bot.domain.reading.durations import NEVER, Lifetime, expires_at
from bot.domain.reading.import_lines import Line, read_plain_lines
from bot.domain.reading.import_text import MOST_IMPORTED
from bot.domain.requests.known_entry import KnownEntry
from bot.domain.requests.request import Item, Request, SetAside, Status
from tests.unit.domain.policies.proposals import GOOD_REASON, OWN
from tests.unit.domain.tenant_lists import NOW, entry, on_record, tenant

ALLOW, BLOCK = Action.ALLOW, Action.BLOCK
CF, SENDER, URL = ListName.CONNECTION_FILTER, ListName.SENDER, ListName.URL
HASH = "ab" * 32


def judged(
    text: str,
    *entries: Entry,
    operation: Operation = Operation.ADD,
    action: Action = BLOCK,
    lifetime: Lifetime | None = None,
    reason: str = GOOD_REASON,
    rules: Rules | None = None,
    lists: Snapshot | None = None,
    known: list[KnownEntry] | None = None,
) -> JudgedLines:
    return judge_lines(
        read_plain_lines(text),
        operation=operation,
        action=action,
        lifetime=lifetime,
        reason=reason,
        rules=rules or Rules(accepted_domains=OWN),
        lists=lists or tenant(*entries),
        now=NOW,
        known=known,
    )


def codes(set_aside: tuple[SetAside, ...]) -> list[tuple[int, str]]:
    return [(left_out.line, left_out.code) for left_out in set_aside]


def test_a_part_for_each_list_with_the_line_of_each_value() -> None:
    result = judged(f"evil.example\n203.0.113.7\n# comment\nhttps://bad.example/a\n{HASH}\nworse.example")
    assert [(part.proposal.list, dict(part.lines)) for part in result.parts] == [
        (SENDER, {"evil.example": 1, "worse.example": 6}),
        (CF, {"203.0.113.7": 2}),
        (URL, {"bad.example/a": 4}),
        (ListName.FILE, {HASH: 5}),
    ]
    assert result.set_aside == ()
    for part in result.parts:
        assert [indicator.value for indicator in part.proposal.indicators] == list(part.lines)
        assert part.assessment.may_proceed
        assert part.proposal.reason == GOOD_REASON
        assert part.proposal.expires == NOW + timedelta(days=30)


SET_ASIDE = [
    # what is imported to be blocked, an entry, the code that line 2 is set aside with, a word of its reason
    ("EVIL[.]example", None, "duplicate", "line 1"),
    ("bad.example", entry(SENDER, BLOCK, "bad.example", days=3), "exists", "/extend"),
    ("www.bad.example", entry(SENDER, BLOCK, "*.bad.example"), "covered", "*[.]bad[.]example"),
    ("bad.example", entry(SENDER, ALLOW, "bad.example"), "other_action", "/unallow"),
    ("gmail.com", None, "public_provider", "all its users"),
    ("fabrikam.com", None, "own_domain", "your own"),
]


@pytest.mark.parametrize(("text", "held", "code", "word"), SET_ASIDE)
def test_one_line_never_costs_the_others(text: str, held: Entry | None, code: str, word: str) -> None:
    result = judged(f"evil.example\n{text}\nworse.example", *([held] if held else []))
    (part,) = result.parts
    assert dict(part.lines) == {"evil.example": 1, "worse.example": 3}
    (aside,) = part.set_aside
    assert (aside.line, aside.typed, aside.code) == (2, text, code)
    assert aside.value
    assert word in aside.reason
    assert part.assessment.may_proceed
    assert result.set_aside == ()


@pytest.mark.parametrize(
    ("action", "kept", "codes_found"),
    [(BLOCK, {"evil.example": 1}, [(2, "row_allows")]), (ALLOW, {"bad.example": 2}, [(1, "row_blocks")])],
)
def test_a_row_that_says_the_opposite_is_set_aside(
    action: Action, kept: dict[str, int], codes_found: list[tuple[int, str]]
) -> None:
    plain = read_plain_lines("evil.example\nbad.example")
    lines = [replace(plain[0], says=BLOCK), replace(plain[1], says=ALLOW)]
    result = judge_lines(
        lines,
        operation=Operation.REMOVE,
        action=action,
        lifetime=None,
        reason=GOOD_REASON,
        rules=Rules(accepted_domains=OWN),
        lists=tenant(entry(SENDER, BLOCK, "evil.example"), entry(SENDER, ALLOW, "bad.example")),
        now=NOW,
    )
    [part] = result.parts
    assert dict(part.lines) == kept
    assert codes(part.set_aside) == codes_found


def test_a_line_that_can_not_be_read_belongs_to_no_list() -> None:
    result = judged("evil.example\nno idea\n300.1.1.1")
    assert codes(result.set_aside) == [(2, "unreadable"), (3, "unreadable")]
    assert [left_out.typed for left_out in result.set_aside] == ["no idea", "300.1.1.1"]
    assert all(left_out.reason and not left_out.value for left_out in result.set_aside)
    assert result.parts[0].set_aside == ()


def test_a_list_of_which_nothing_is_left_has_no_part() -> None:
    result = judged("evil.example\nevil.example\n203.0.113.7\n", entry(SENDER, BLOCK, "evil.example"))
    assert [part.proposal.list for part in result.parts] == [CF]
    assert codes(result.set_aside) == [(1, "exists"), (2, "duplicate")]
    assert judged("").parts == ()


@pytest.mark.parametrize(("operation", "hint"), [(Operation.REMOVE, "/unallow"), (Operation.EXTEND, "the word allow")])
def test_of_what_exists_only_the_listed_are_taken(operation: Operation, hint: str) -> None:
    held = [entry(SENDER, BLOCK, "evil.example", days=3), entry(SENDER, ALLOW, "bad.example", days=3)]
    result = judged("evil.example\nbad.example\nworse.example", *held, operation=operation)
    (part,) = result.parts
    assert list(part.lines) == ["evil.example"]
    assert codes(part.set_aside) == [(2, "not_listed"), (3, "not_listed")]
    assert hint in part.set_aside[0].reason
    assert part.assessment.may_proceed


def test_what_covers_an_entry_does_not_keep_it_from_being_removed() -> None:
    held = [entry(CF, BLOCK, "203.0.113.7"), entry(CF, BLOCK, "203.0.113.0/24")]
    (part,) = judged("203.0.113.7", *held, operation=Operation.REMOVE).parts
    assert part.set_aside == ()
    assert any(warning.code == "still_covered" for warning in part.assessment.warnings)


def test_an_entry_that_has_that_end_already_is_set_aside() -> None:
    held = [entry(CF, BLOCK, "203.0.113.7"), entry(CF, BLOCK, "203.0.113.8")]
    known = [on_record(CF, BLOCK, "203.0.113.7", days=60), on_record(CF, BLOCK, "203.0.113.8", days=5)]
    (part,) = judged(
        "203.0.113.7\n203.0.113.8",
        *held,
        operation=Operation.EXTEND,
        lifetime=Lifetime(days=60),
        known=known,
    ).parts
    assert (list(part.lines), codes(part.set_aside)) == (["203.0.113.8"], [(1, "same_end")])


def whole(part_of: JudgedLines) -> set[str]:
    (part,) = part_of.parts
    return {refusal.code for refusal in part.assessment.refusals}


def test_what_concerns_the_whole_stays_a_refusal() -> None:
    assert whole(judged("evil.example", reason="")) == {"reason_missing"}
    full = [entry(SENDER, BLOCK, f"host{number}.example") for number in range(499)]
    assert whole(judged("evil.example\nbad.example", *full)) == {"full"}


def test_what_is_set_aside_takes_no_room() -> None:
    held = [entry(SENDER, BLOCK, f"host{number}.example") for number in range(499)]
    (part,) = judged("evil.example\nhost1.example\nhost2.example\ngmail.com", *held).parts
    assert part.assessment.may_proceed


def test_nor_is_anybody_warned_of_it() -> None:
    text = "203.0.113.0/24\n198.51.100.7"
    (part,) = judged(text, entry(CF, BLOCK, "203.0.113.0/24")).parts
    assert not [warning for warning in part.assessment.warnings if warning.code == "wide_network"]


@pytest.mark.parametrize("operation", [Operation.ADD, Operation.EXTEND])
@pytest.mark.parametrize("value", ["203.0.113.7", "2001:db8:1::1"])
def test_ip_allows_are_not_imported(operation: Operation, value: str) -> None:
    name = CF if "." in value else ListName.IP
    held = [entry(name, ALLOW, value, days=1)] if operation is Operation.EXTEND else []
    assert whole(judged(value, *held, operation=operation, action=ALLOW)) == {"ip_allow_in_bulk"}


def test_nor_are_submissions() -> None:
    rules = Rules(submissions=True)
    assert whole(judged("https://evil.example/a", action=ALLOW, rules=rules)) == {"submission_in_bulk"}


def test_an_ip_allow_may_be_removed_in_bulk() -> None:
    (part,) = judged("203.0.113.7", entry(CF, ALLOW, "203.0.113.7"), operation=Operation.REMOVE, action=ALLOW).parts
    assert part.assessment.may_proceed


def test_a_lifetime_counts_for_all() -> None:
    result = judged("evil.example\n203.0.113.7", lifetime=NEVER)
    assert [part.proposal.expires for part in result.parts] == [None, None]


def test_more_than_by_hand_and_no_more_than_one_import_takes() -> None:
    lines = [
        Line(number=number, typed="x", indicator=Indicator(kind=Kind.DOMAIN, value=f"evil{number}.example"))
        for number in range(1, MOST_IMPORTED + 3)
    ]
    result = judge_lines(
        lines,
        operation=Operation.ADD,
        action=BLOCK,
        lifetime=None,
        reason=GOOD_REASON,
        rules=Rules(plan=Plan.PLAN2),
        lists=tenant(),
        now=NOW,
    )
    (part,) = result.parts
    assert len(part.proposal.indicators) == MOST_IMPORTED > MOST_INDICATORS
    assert codes(part.set_aside) == [(MOST_IMPORTED + 1, "too_many"), (MOST_IMPORTED + 2, "too_many")]
    assert part.assessment.may_proceed


def test_without_the_lists_nothing_is_set_aside_for_them() -> None:
    result = judge_lines(
        read_plain_lines("evil.example\ngmail.com"),
        operation=Operation.ADD,
        action=BLOCK,
        lifetime=None,
        reason=GOOD_REASON,
        rules=Rules(),
        lists=None,
        now=NOW,
    )
    (part,) = result.parts
    assert codes(part.set_aside) == [(2, "public_provider")]
    assert any(warning.code == "lists_unread" for warning in part.assessment.warnings)


ONE_PLACE = [
    (URL, "docs.example/forms/x{}", "https://docs.example/forms/{}"),
    (SENDER, "other{}@mail.example", "user{}@mail.example"),
    (ListName.IP, "2001:db8:0:{:x}::/64", "2001:db8:1:{:x}::/64"),
]


@pytest.mark.parametrize(("name", "held", "typed"), ONE_PLACE)
def test_thousands_at_one_place_are_sifted_in_an_instant(name: ListName, held: str, typed: str) -> None:
    entries = [entry(name, BLOCK, held.format(number)) for number in range(8_000)]
    wide = entry(name, BLOCK, {URL: "other.example", SENDER: "*.other.example"}.get(name, "2001:db8::/47"))
    lines = read_plain_lines("\n".join(typed.format(number) for number in range(2_000)))
    begun = time.process_time()
    result = judge_lines(
        lines,
        operation=Operation.REMOVE,
        action=ALLOW,
        lifetime=None,
        reason=GOOD_REASON,
        rules=Rules(plan=Plan.PLAN2),
        lists=tenant(*entries, wide),
        now=NOW,
    )
    spent = time.process_time() - begun
    assert Counter(left_out.code for left_out in result.set_aside) == {"not_listed": 2_000}
    assert spent < 4, "measured at 0.3 s; with a look at every entry there it is minutes"


TYPED = st.sampled_from(
    [
        "evil.example",
        "EVIL.example",
        "bad.example",
        "www.bad.example",
        "gmail.com",
        "203.0.113.7",
        "203.0.113.7/32",
        "10.0.0.1",
        "2001:db8::1",
        "https://evil.example/a",
        HASH,
        "contoso.com, *",
        "no idea",
        "evil.example bad.example",
    ]
)
HELD = st.builds(
    entry,
    st.sampled_from([SENDER, CF]),
    st.sampled_from(list(Action)),
    st.sampled_from(["evil.example", "*.bad.example", "203.0.113.0/24", "203.0.113.7"]),
)


@given(
    typed=st.lists(TYPED, max_size=20),
    held=st.lists(HELD, max_size=4),
    operation=st.sampled_from([Operation.ADD, Operation.REMOVE, Operation.EXTEND]),
    action=st.sampled_from(list(Action)),
)
def test_every_line_is_in_one_place(typed: list[str], held: list[Entry], operation: Operation, action: Action) -> None:
    lines = read_plain_lines("\n".join(typed))
    result = judged("\n".join(typed), *held, operation=operation, action=action)
    told = Counter((left_out.line, left_out.value) for left_out in result.set_aside)
    for part in result.parts:
        told.update((left_out.line, left_out.value) for left_out in part.set_aside)
        told.update((number, value) for value, number in part.lines.items())
        assert part.proposal.indicators
        assert set(part.lines) == {indicator.value for indicator in part.proposal.indicators}
        assert not any(refusal.indicator for refusal in part.assessment.refusals)
    assert told == Counter((line.number, line.indicator.value if line.indicator else "") for line in lines)


def open_request(*values: str, request_id: int = 12, **changes: Any) -> Request:  # noqa: ANN401 - a request's fields
    """A request under way to block senders, with the items that matter."""
    return Request(
        **{
            "id": request_id,
            "tenant_id": "",
            "operation": Operation.ADD,
            "action": BLOCK,
            "list": SENDER,
            "reason": GOOD_REASON,
            "expires": None,
            "requester": "U1",
            "status": Status.PENDING,
            "approvals_needed": 1,
            "created_at": NOW,
            "lapses_at": NOW,
            "items": tuple(Item(id=n, kind=Kind.DOMAIN, value=value) for n, value in enumerate(values)),
            **changes,
        }
    )


@pytest.mark.parametrize(
    ("still_open", "aside"),
    [
        ([], []),
        ([open_request("evil.example")], [(1, "pending")]),
        ([open_request("evil.example", status=Status.APPLYING)], [(1, "pending")]),
        ([open_request("other.example")], []),
        ([open_request("evil.example", operation=Operation.REMOVE)], []),
        ([open_request("evil.example", action=ALLOW, operation=Operation.SUBMIT)], []),
        ([open_request("evil.example", list=URL)], []),
        (
            [open_request("evil.example"), open_request("worse.example", request_id=13)],
            [(1, "pending"), (2, "pending")],
        ),
    ],
)
def test_what_an_open_request_asks_for_is_not_asked_for_again(
    still_open: list[Request], aside: list[tuple[int, str]]
) -> None:
    result = judge_lines(
        read_plain_lines("evil.example\nworse.example"),
        operation=Operation.ADD,
        action=BLOCK,
        lifetime=None,
        reason=GOOD_REASON,
        rules=Rules(accepted_domains=OWN),
        lists=tenant(),
        now=NOW,
        still_open=still_open,
    )
    found = [*result.set_aside, *(line for part in result.parts for line in part.set_aside)]
    assert codes(tuple(found)) == aside
    assert all(line.reason == "#12, which is still open, names it already." for line in found[:1])


def test_a_value_with_two_ends_has_that_of_its_first_line() -> None:
    day = (NOW + timedelta(days=5)).date()
    lines = [
        replace(line, end=end)
        for line, end in zip(read_plain_lines("evil.example\nevil.example"), [day, None], strict=True)
    ]
    result = judge_lines(
        lines,
        operation=Operation.ADD,
        action=BLOCK,
        lifetime=None,
        reason=GOOD_REASON,
        rules=Rules(accepted_domains=OWN),
        lists=tenant(),
        now=NOW,
    )
    [part] = result.parts
    assert (part.end, part.proposal.expires) == (day, expires_at(Lifetime(until=day), NOW))
    assert [line.reason for line in part.set_aside] == ["It is the same as line 1, which has another expiry date."]


def test_a_removal_has_no_end_whatever_the_rows_say() -> None:
    day = (NOW + timedelta(days=5)).date()
    lines = [replace(line, end=day) for line in read_plain_lines("evil.example")]
    result = judge_lines(
        lines,
        operation=Operation.REMOVE,
        action=BLOCK,
        lifetime=None,
        reason=GOOD_REASON,
        rules=Rules(accepted_domains=OWN),
        lists=tenant(entry(SENDER, BLOCK, "evil.example")),
        now=NOW,
    )
    [part] = result.parts
    assert (part.end, part.proposal.expires) == (None, None)
