"""Which approvers are reminded, and when: after working time of their own, in it, and less and less often."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.auditing.events import EventKind
from bot.domain.lists.traits import ListName
from bot.domain.requests.people import Person, Role
from bot.domain.requests.reminders import (
    Reminded,
    Reminding,
    Waiting,
    is_due,
    reminded_events,
    theirs,
)
from bot.domain.requests.who_decides import About, Act, ApproverRule
from bot.domain.requests.working_hours import Quiet

ME = Person(user_id="U0ME", roles=frozenset({Role.APPROVER}))
BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)
DEFAULT = Reminding()


def waiting(number: int = 1, *, since: datetime = MONDAY + 9 * HOUR, requester: str = "U0ASKS") -> Waiting:
    return Waiting(id=number, requester=requester, since=since)


def test_only_what_somebody_may_decide_is_theirs() -> None:
    own = waiting(1, requester="U0ME")
    seen = Waiting(id=2, requester="U0ASKS", since=MONDAY, reviewers=frozenset({"U0ME"}))
    assert theirs([waiting(4), own, seen, waiting(3)], ME) == [waiting(3), waiting(4)]


def test_what_a_rule_leaves_to_others_is_not_theirs() -> None:
    networks = replace(waiting(5), about=frozenset({About(Act.BLOCK, ListName.CONNECTION_FILTER)}))
    rule = ApproverRule(name="Networks", lists=frozenset({ListName.CONNECTION_FILTER}), approvers=("S0NETWORK",))
    assert theirs([waiting(4), networks], ME, [rule]) == [waiting(4)]
    assert theirs([waiting(4), networks], replace(ME, groups=frozenset({"S0NETWORK"})), [rule]) == [
        waiting(4),
        networks,
    ]
    assert theirs([waiting(4)], Person(user_id="U0NOBODY")) == []


#: Proposed on Monday at 9: hours after that midnight, how often reminded before and when last, and whether it is due.
CASES: list[tuple[float, int, float, bool]] = [
    (9.9, 0, 0, False),
    (10, 0, 0, True),
    (13.9, 1, 10, False),
    (14, 1, 10, True),
    (23, 1, 15, False),  # 3 hours of work, and nobody works now
    (24 + 8.5, 1, 15, False),  # 3.5 hours
    (24 + 9, 1, 15, True),
    (24 + 13.9, 2, 14, False),
    (24 + 14, 2, 14, True),  # a working day later
    (3 * 24 + 13.9, 3, 24 + 14, False),
    (3 * 24 + 14, 3, 24 + 14, True),  # two
    (7 * 24 + 13.9, 4, 3 * 24 + 14, False),  # the last wait goes on, over the weekend
    (7 * 24 + 14, 4, 3 * 24 + 14, True),
    (7 * 24 + 14, 40, 3 * 24 + 14, True),
]


@pytest.mark.parametrize(("hours", "times", "last", "due"), CASES)
def test_waits_grow(hours: float, times: int, last: float, due: bool) -> None:
    reminded = {1: Reminded(times=times, last_at=MONDAY + last * HOUR)} if times else {}
    now = MONDAY + hours * HOUR
    assert is_due([waiting()], reminded, now=now, zone=UTC, reminding=DEFAULT) is due


@pytest.mark.parametrize(
    ("zone", "hour", "due"),
    [
        (UTC, 10.0, True),
        (BERLIN, 10.0, True),
        (ZoneInfo("America/New_York"), 10.0, False),  # five in the morning
        (ZoneInfo("America/New_York"), 14.0, True),  # nine, and an hour of work
        (ZoneInfo("America/New_York"), 13.5, False),
        (ZoneInfo("Asia/Tokyo"), 10.0, False),  # seven in the evening
        (ZoneInfo("Asia/Tokyo"), 24.0, True),  # nine on the next day
    ],
)
def test_it_is_their_own_working_time(zone: tzinfo, hour: float, due: bool) -> None:
    now = MONDAY + hour * HOUR
    assert is_due([waiting()], {}, now=now, zone=zone, reminding=DEFAULT) is due


def test_who_does_not_want_to_be_disturbed_is_reminded_later() -> None:
    quiet = Quiet(begins=MONDAY + 9 * HOUR, ends=MONDAY + 11 * HOUR)
    due = [
        is_due([waiting()], {}, now=MONDAY + hour * HOUR, zone=UTC, reminding=DEFAULT, quiet=quiet) for hour in (10, 11)
    ]
    assert due == [False, True]


def test_what_came_since_the_last_reminder_is_due_by_itself() -> None:
    reminded = {1: Reminded(times=3, last_at=MONDAY + 10 * HOUR)}
    new = waiting(2, since=MONDAY + 11 * HOUR)
    due = [
        is_due([waiting(), new], reminded, now=MONDAY + hour * HOUR, zone=UTC, reminding=DEFAULT) for hour in (11.9, 12)
    ]
    assert due == [False, True]


def test_with_no_waits_nobody_is_reminded() -> None:
    never = Reminding(waits=())
    assert not is_due([waiting()], {}, now=MONDAY + 10 * HOUR, zone=UTC, reminding=never)


def test_each_that_is_named_is_an_event() -> None:
    reminded = {2: Reminded(times=2, last_at=MONDAY)}
    events = reminded_events("U0ME", [waiting(1), waiting(2)], reminded, at=MONDAY)
    assert [(event.kind, event.target, event.request_id, event.payload) for event in events] == [
        (EventKind.APPROVER_REMINDED, "U0ME", 1, {"times": 1}),
        (EventKind.APPROVER_REMINDED, "U0ME", 2, {"times": 3}),
    ]


@given(
    since=st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    zone=st.sampled_from([UTC, BERLIN, ZoneInfo("America/New_York"), ZoneInfo("Asia/Kolkata")]),
    quiet_from=st.integers(0, 400),
    quiet_for=st.integers(1, 100),
)
def test_nobody_is_reminded_out_of_hours_and_each_wait_is_as_long_as_the_one_before(
    since: datetime, zone: tzinfo, quiet_from: int, quiet_for: int
) -> None:
    """Looked at each quarter of an hour, for ten days."""
    begins = since + quiet_from * HOUR
    quiet = Quiet(begins=begins, ends=begins + quiet_for * HOUR)
    reminded: dict[int, Reminded] = {}
    sent: list[datetime] = []
    for step in range(10 * 24 * 4):
        now = since + step * HOUR / 4
        if is_due([waiting(since=since)], reminded, now=now, zone=zone, reminding=DEFAULT, quiet=quiet):
            sent.append(now)
            reminded = {1: Reminded(times=len(sent), last_at=now)}
    assert sent
    assert all(DEFAULT.hours.covers(now, zone) and not quiet.covers(now) for now in sent)
    for number, (before, after) in enumerate(zip([since, *sent], sent, strict=False)):
        assert DEFAULT.hours.between(before, after, zone) >= DEFAULT.wait(number)
    waits = [DEFAULT.wait(number) for number in range(8)]
    assert waits == sorted(waits)
