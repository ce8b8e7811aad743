"""When somebody works: by their own clock, over midnights, weekends and changes to summer time and back."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.requests.working_hours import Quiet, WorkingHours

OFFICE = WorkingHours()
NIGHT = WorkingHours(begins=time(22), ends=time(6))
ALWAYS = WorkingHours(begins=time(0), ends=time(0), days=frozenset(range(7)))
SUNDAY_TO_THURSDAY = WorkingHours(days=frozenset({6, 0, 1, 2, 3}))
BERLIN, NEW_YORK, TOKYO = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York"), ZoneInfo("Asia/Tokyo")
HOUR = timedelta(hours=1)


def at(text: str) -> datetime:
    """A time in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("hours", "zone", "when", "works"),
    [
        (OFFICE, UTC, "2026-03-02 08:00", True),  # a Monday
        (OFFICE, UTC, "2026-03-02 07:59:59", False),
        (OFFICE, UTC, "2026-03-02 17:59:59", True),
        (OFFICE, UTC, "2026-03-02 18:00", False),
        (OFFICE, UTC, "2026-03-01 12:00", False),  # a Sunday
        (SUNDAY_TO_THURSDAY, UTC, "2026-03-01 12:00", True),
        (SUNDAY_TO_THURSDAY, UTC, "2026-03-06 12:00", False),
        (OFFICE, BERLIN, "2026-03-02 07:30", True),  # 8:30 there
        (OFFICE, BERLIN, "2026-03-27 06:30", False),  # 7:30, before summer time
        (OFFICE, BERLIN, "2026-03-30 06:30", True),  # 8:30, in it
        (OFFICE, NEW_YORK, "2026-03-02 12:30", False),  # 7:30
        (OFFICE, TOKYO, "2026-03-01 23:30", True),  # Monday 8:30, while it is Sunday in UTC
        (OFFICE, TOKYO, "2026-03-06 23:30", False),  # Saturday there
        (NIGHT, UTC, "2026-03-02 23:00", True),
        (NIGHT, UTC, "2026-03-03 05:59", True),
        (NIGHT, UTC, "2026-03-03 06:00", False),
        (NIGHT, UTC, "2026-03-07 02:00", True),  # Saturday, in the shift that began on Friday
        (NIGHT, UTC, "2026-03-02 02:00", False),  # Monday, in what would have begun on Sunday
        (ALWAYS, UTC, "2026-03-01 00:00", True),
    ],
)
def test_who_works_when(hours: WorkingHours, zone: tzinfo, when: str, works: bool) -> None:
    assert hours.covers(at(when), zone) is works


@pytest.mark.parametrize(
    ("hours", "zone", "since", "until", "worked"),
    [
        (OFFICE, UTC, "2026-03-02 09:00", "2026-03-02 11:30", 2.5),
        (OFFICE, UTC, "2026-03-02 06:00", "2026-03-02 09:00", 1),
        (OFFICE, UTC, "2026-03-02 17:00", "2026-03-03 09:00", 2),
        (OFFICE, UTC, "2026-03-06 17:00", "2026-03-09 09:00", 2),  # over a weekend
        (OFFICE, UTC, "2026-03-07 00:00", "2026-03-09 00:00", 0),
        (OFFICE, BERLIN, "2026-03-27 16:00", "2026-03-30 07:00", 2),  # 17:00 to 9:00 there, over the change
        (NIGHT, BERLIN, "2026-03-27 20:00", "2026-03-28 10:00", 8),
        (ALWAYS, BERLIN, "2026-03-28 23:00", "2026-03-29 22:00", 23),  # the short day
        (ALWAYS, BERLIN, "2026-10-24 22:00", "2026-10-25 23:00", 25),  # the long one
        (OFFICE, UTC, "2026-03-03 09:00", "2026-03-02 09:00", 0),  # a clock that was set back
    ],
)
def test_how_long_somebody_has_worked(hours: WorkingHours, zone: tzinfo, since: str, until: str, worked: float) -> None:
    assert hours.between(at(since), at(until), zone) == worked * HOUR


@pytest.mark.parametrize(
    ("hours", "wait", "worked"),
    [
        (OFFICE, HOUR, HOUR),
        (OFFICE, timedelta(days=2), 20 * HOUR),
        (OFFICE, timedelta(days=1, hours=3), 13 * HOUR),
        (NIGHT, timedelta(days=1), 8 * HOUR),
        (ALWAYS, timedelta(days=1), 24 * HOUR),
    ],
)
def test_a_day_of_waiting_is_a_working_day(hours: WorkingHours, wait: timedelta, worked: timedelta) -> None:
    assert hours.as_worked(wait) == worked


def test_do_not_disturb_ends() -> None:
    quiet = Quiet(begins=at("2026-03-02 12:00"), ends=at("2026-03-02 13:00"))
    assert [quiet.covers(at(f"2026-03-02 {when}")) for when in ("11:59", "12:00", "12:59", "13:00")] == [
        False,
        True,
        True,
        False,
    ]


_MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
_HOURS = st.builds(WorkingHours, begins=st.times(), ends=st.times(), days=st.frozensets(st.integers(0, 6), min_size=1))


@given(hours=_HOURS, first=_MOMENTS, second=_MOMENTS, third=_MOMENTS, zone=st.sampled_from([BERLIN, NEW_YORK, TOKYO]))
def test_working_time_adds_up(
    hours: WorkingHours, first: datetime, second: datetime, third: datetime, zone: tzinfo
) -> None:
    early, middle, late = sorted([first, second, third])
    whole = hours.between(early, late, zone)
    assert hours.between(early, middle, zone) + hours.between(middle, late, zone) == whole
    assert timedelta() <= whole <= late - early
