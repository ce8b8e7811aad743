"""The invariants notice what should not be: each of these has one thing that is wrong."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from bot.domain.auditing.events import EventKind
from bot.domain.auditing.steps import StoryStep
from bot.domain.indicators.indicator import Kind
from bot.domain.lists.change import Operation
from bot.domain.requests.binding import Purpose
from bot.domain.requests.request import Item, ItemState, Status
from bot.playground.slack.conversations import Message
from bot.slack.jobs.preview_teller import OUTCOME_TITLE
from bot.store import PostedMessage
from tests.chaos.approvals import Breach
from tests.chaos.found import Found, Shown
from tests.chaos.hands import Act
from tests.chaos.invariants import breaches
from tests.support.installation import ALERTS, APPROVALS, APPROVER, REQUESTER, SECOND
from tests.support.samples import NOW, event, ip_allow, review
from tests.support.samples import request as requested

NOTHING = Found(
    requests=(),
    stories={},
    events=(),
    posted={},
    waiting=(),
    dead=(),
    log_trouble=(),
    shown=(),
    private=(),
    listed=Counter(),
    added=Counter(),
)
ENTRY = ("Sender", "Block", "evil.example")


def shown(channel: str, name: str, *, file: str = "") -> Shown:
    files = [{"title": file}] if file else []
    return Shown(channel=channel, message=Message(ts="1.0", user="U0BOT", text="", files=files), name=name)


@pytest.mark.parametrize(
    ("found", "kind"),
    [
        (replace(NOTHING, listed=Counter([ENTRY])), "an entry is in effect and not approved"),
        (replace(NOTHING, added=Counter([ENTRY])), "an entry was added twice"),
        (replace(NOTHING, log_trouble=["row 3"]), "the log doesn't prove the state"),
        (replace(NOTHING, shown=[shown(ALERTS, "ip-allow-1")] * 2), "an alert was told twice"),
        (replace(NOTHING, shown=[shown("D0", "import-preview-1")] * 2), "an import's preview stands twice"),
        (replace(NOTHING, shown=[shown("D0", "", file="Result of #1")]), "a result file isn't logged once"),
        (
            replace(NOTHING, shown=[shown("D0", "import-preview-1"), *[shown("D0", "", file=OUTCOME_TITLE)] * 2]),
            "an import's file was posted twice",
        ),
    ],
)
def test_what_should_not_be_is_noticed(found: Found, kind: str) -> None:
    assert [breach.kind for breach in breaches(found, [])] == [kind]


@pytest.mark.parametrize(
    ("what", "said", "carried", "kind"),
    [
        ("block", "#7: Block evil[.]example.", "", "a request was acknowledged and isn't there"),
        ("approve", "", "7.12", "a click was acknowledged on a request that isn't there"),
    ],
)
@pytest.mark.parametrize("problem", [None, "operation_timeout"])
def test_what_was_acknowledged_has_to_be_there(
    what: str, said: str, carried: str, kind: str, problem: str | None
) -> None:
    act = Act(
        what=what,
        who=REQUESTER,
        about="evil.example",
        since="1.0",
        problem=problem,
        delivery="Dv1",
        carried=carried,
        said=said,
    )
    assert [breach.kind for breach in breaches(NOTHING, [act])] == ([] if problem else [kind])


BLOCK = requested(items=[Item(id=1, kind=Kind.DOMAIN, value="evil.example", state=ItemState.CONFIRMED)])
REMOVAL = replace(BLOCK, id=99, part_of=None, operation=Operation.REMOVE)

#: What is told of the block's entry, and of the removal's, one after the other; how often the tenant was made to add
#: it; whether it is listed; and what is wrong with that.
ENTRIES = {
    "applied": (["applied"], 1, 1, []),
    "found by the confirmation": (["confirmed"], 1, 1, []),
    "applied and confirmed": (["applied", "confirmed"], 1, 1, []),
    "there already": (["already_so", "confirmed"], 0, 1, []),
    "there already, and sent all the same": (["already_so"], 1, 1, ["an entry was added twice"]),
    "sent twice": (["applied", "confirmed"], 2, 1, ["an entry was added twice"]),
    "taken out": (["applied", "removal removed", "removal applied"], 1, 0, []),
    "taken out while it was being added": (["removal removed", "removal applied"], 1, 0, []),
    "taken out while it was being added, and sent again": (
        ["removal removed", "removal applied"],
        2,
        0,
        ["an entry was added twice"],
    ),
    "taken out, and confirmed to be gone": (["applied", "removal applied", "removal confirmed"], 1, 0, []),
    "expired": (["applied", "expired"], 1, 0, []),
    "expired, and still there": (["applied", "expired"], 1, 1, ["an entry is in effect and not approved"]),
    "applied, and not there": (["applied"], 1, 0, ["an entry is not in effect"]),
}


@pytest.mark.parametrize(("told", "added", "listed", "kinds"), ENTRIES.values(), ids=ENTRIES.keys())
def test_each_entry_is_there_as_the_log_says_and_was_added_once(
    told: list[str], added: int, listed: int, kinds: list[str]
) -> None:
    events = []
    for words in told:
        who, _, what = words.rpartition(" ")
        # That an entry was taken out is told of the request that had it added.
        request = REMOVAL if who and what != "removed" else BLOCK
        events.append(event(kind=EventKind(f"item.{what}"), target="evil.example", request_id=request.id))
    found = replace(
        NOTHING,
        requests=[replace(request, status=Status.APPLIED) for request in (BLOCK, REMOVAL)],
        stories={request.id: () for request in (BLOCK, REMOVAL)},
        posted={request.id: () for request in (BLOCK, REMOVAL)},
        events=events,
        listed=Counter({ENTRY: listed}),
        added=Counter({ENTRY: added}),
    )
    assert [breach.kind for breach in breaches(found, []) if "entry" in breach.kind] == kinds


def test_an_entry_that_was_taken_out_before_and_is_found_by_a_later_confirmation_is_due() -> None:
    later = replace(BLOCK, id=100, part_of=None)
    found = replace(
        NOTHING,
        requests=[replace(request, status=Status.APPLIED) for request in (BLOCK, later)],
        stories={request.id: () for request in (BLOCK, later)},
        posted={request.id: () for request in (BLOCK, later)},
        events=[
            event(kind=EventKind.ITEM_APPLIED, target="evil.example", request_id=BLOCK.id),
            event(kind=EventKind.ITEM_REMOVED, target="evil.example", request_id=BLOCK.id),
            event(kind=EventKind.ITEM_CONFIRMED, target="evil.example", request_id=later.id),
        ],
        listed=Counter([ENTRY]),
        added=Counter({ENTRY: 2}),
    )
    assert [breach.kind for breach in breaches(found, []) if "entry" in breach.kind] == []


OVERTAKEN = "not sent: #99, which was approved later, takes it out"


@pytest.mark.parametrize(
    ("is_later", "outcome", "kinds"),
    [
        (True, OVERTAKEN, []),
        (False, OVERTAKEN, ["an approved request failed"]),
        (True, "the service is busy", ["an approved request failed"]),  # before anybody approved the other one
    ],
)
def test_only_what_another_decision_overtook_may_fail(is_later: bool, outcome: str, kinds: list[str]) -> None:
    items = tuple(replace(item, state=ItemState.REFUSED, outcome=outcome) for item in BLOCK.items)
    approved = replace(BLOCK, items=items, status=Status.FAILED, failure=outcome)
    removal = replace(REMOVAL, status=Status.APPLIED)
    in_order = (approved, removal) if is_later else (removal, approved)
    found = replace(
        NOTHING,
        requests=[approved, removal],
        events=[
            event(seq, kind=EventKind.REQUEST_APPROVED, request_id=request.id)
            for seq, request in enumerate(in_order, start=1)
        ],
        stories={request.id: () for request in (approved, removal)},
        posted={request.id: () for request in (approved, removal)},
    )
    assert [breach.kind for breach in breaches(found, []) if "failed" in breach.kind] == kinds


_REVIEWS = [
    StoryStep(kind=EventKind.REQUEST_REVIEWED, first=2, last=2, count=1, actor=SECOND, at=NOW, targets=()),
    StoryStep(kind=EventKind.REQUEST_REVIEWED, first=3, last=3, count=1, actor=APPROVER, at=NOW, targets=()),
    StoryStep(kind=EventKind.REQUEST_APPLIED, first=6, last=6, count=1, actor="portcullis", at=NOW, targets=()),
]


def told(*messages: tuple[str, str, int, tuple[int, ...]]) -> list[Breach]:
    """What is wrong with what was told of a request by two approvals: messages below its card, with the time stamp,
    the name and the count of the steps of what is seen, and the numbers that are on record."""
    request = ip_allow(
        status=Status.APPLIED,
        reviews=[review(SECOND), review(APPROVER)],
    )
    seen = [
        Shown(
            channel=APPROVALS,
            name=name,
            message=Message(
                ts=ts, user="U0BOT", text="", thread_ts="0.9", blocks=[{"type": "section"} for _ in range(steps)]
            ),
        )
        for ts, name, steps, _ in messages
    ]
    posted = [
        PostedMessage(
            id=number,
            request_id=request.id,
            purpose=Purpose.THREAD,
            channel=APPROVALS,
            ts=ts,
            version=numbers[0],
            joined=numbers[1:],
            posted_at=NOW,
        )
        for number, (ts, _, _, numbers) in enumerate(messages)
        if numbers
    ]
    found = replace(
        NOTHING, requests=[request], stories={request.id: _REVIEWS}, posted={request.id: posted}, shown=seen
    )
    return [breach for breach in breaches(found, []) if breach.kind.startswith("a step below")]


def test_the_first_of_two_approvals_is_told_while_the_other_is_waited_for_and_not_due_later() -> None:
    assert told(("1.1", "reviewed-42", 1, (2,)), ("1.2", "concluded-42", 1, (6,))) == []


@pytest.mark.parametrize(
    ("messages", "kinds"),
    [
        ([("1.1", "reviewed-42", 1, (2,))], ["was not told"]),
        ([("1.1", "reviewed-42", 2, (2, 6)), ("1.2", "concluded-42", 1, (6,))], ["was told twice"]),
        ([("1.1", "reviewed-42", 1, ()), ("1.2", "concluded-42", 1, (6,))], ["was told twice"]),
        ([("1.1", "concluded-42", 2, (6,))], ["is not what is on record"]),
    ],
)
def test_a_step_that_is_told_twice_or_not_is_noticed(
    messages: list[tuple[str, str, int, tuple[int, ...]]], kinds: list[str]
) -> None:
    assert [breach.kind for breach in told(*messages)] == [f"a step below the card {kind}" for kind in kinds]


def test_where_nothing_is_nothing_is_wrong() -> None:
    assert [*breaches(NOTHING, [])] == []
