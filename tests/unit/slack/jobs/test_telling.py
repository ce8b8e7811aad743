"""Who is told of which step: once for each, and with portions of one round taken together."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain.auditing.events import PORTCULLIS, EventKind
from bot.domain.auditing.steps import Step
from bot.domain.requests.request import Item, ItemState, Status
from bot.slack.jobs.telling import alert_message, direct_messages, thread_lines
from tests.support.samples import NOW, request


def step(kind: EventKind, first: int, count: int = 1, *, at: datetime = NOW, targets: tuple[str, ...] = ()) -> Step:
    return Step(kind=kind, first=first, last=first + count - 1, count=count, actor=PORTCULLIS, at=at, targets=targets)


def items(count: int, state: ItemState) -> list[Item]:
    return [Item(id=n, kind="domain", value=f"h{n}.example", state=state) for n in range(1, count + 1)]


def test_what_is_written_down_in_portions_is_told_once() -> None:
    """10,000 items are confirmed in tens of transactions, each with some that are missing."""
    large = replace(
        request(status=Status.APPLIED, items=items(20, ItemState.REMOVED)),
        tally={ItemState.CONFIRMED: 9_980, ItemState.REMOVED: 20},
    )
    portions = [
        one
        for first in range(1, 1_001, 100)
        for one in (
            step(EventKind.ITEM_CONFIRMED, first, 98),
            step(EventKind.ITEM_MISSING, first + 98, 2, targets=(f"h{first}.example", f"h{first + 1}.example")),
        )
    ]
    told = thread_lines(large, portions)
    assert [one.seq for one in told] == [1, 99]
    assert "20 senders" in told[1].message.text
    [direct] = direct_messages(large, portions)
    assert direct.seq == 99


def test_what_happens_another_day_is_told_again() -> None:
    gone = request(status=Status.APPLIED, items=items(2, ItemState.REMOVED))
    days = [
        step(EventKind.ITEM_MISSING, 1, targets=("h1.example",)),
        step(EventKind.ITEM_EXPIRED, 2, targets=("h1.example",)),
        step(EventKind.ITEM_MISSING, 3, at=NOW + timedelta(days=1), targets=("h2.example",)),
    ]
    assert [one.seq for one in thread_lines(gone, days)] == [1, 2, 3]


def test_news_of_a_submission_is_owed_whenever_there_is_more() -> None:
    filed = request(status=Status.APPLIED, items=items(1, ItemState.APPLIED))
    first = direct_messages(filed, [step(EventKind.SUBMISSION_RESULT, 5)])
    then = direct_messages(filed, [step(EventKind.SUBMISSION_RESULT, 5, 2)])
    assert [one.seq for one in first] == [5]
    assert [one.seq for one in then] == [6]


def test_a_reminder_goes_to_the_requester_alone() -> None:
    ending = request(status=Status.APPLIED, items=items(3, ItemState.CONFIRMED))
    reminded = [step(EventKind.REQUEST_REMINDED, 9)]
    assert [one.seq for one in direct_messages(ending, reminded)] == [9]
    assert "Ends soon" in direct_messages(ending, reminded)[0].message.text
    assert thread_lines(ending, reminded) == []


def test_an_alert_of_many_missing_names_some_and_counts_all() -> None:
    large = replace(request(status=Status.APPLIED, items=items(20, ItemState.REMOVED)), tally={ItemState.REMOVED: 500})
    steps = [step(EventKind.ITEM_MISSING, 1, 500, targets=tuple(f"h{n}.example" for n in range(1, 51)))]
    text = alert_message("entry_missing", large, steps, "", reference="job-1").text
    assert "500 senders" in text
    assert "h1[.]example" in text
