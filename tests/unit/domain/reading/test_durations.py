"""How long an entry is to last: what is read, what is refused, and when it ends."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.reading.durations import MAX_DAYS, NEVER, Lifetime, expires_at, looks_like_duration, read_lifetime
from bot.errors import InvalidDuration

TODAY = date(2026, 3, 1)


@pytest.mark.parametrize(
    ("typed", "lifetime"),
    [
        ("1d", Lifetime(days=1)),
        ("30d", Lifetime(days=30)),
        ("90D", Lifetime(days=90)),
        ("30 days", Lifetime(days=30)),
        ("1day", Lifetime(days=1)),
        ("2w", Lifetime(days=14)),
        ("3weeks", Lifetime(days=21)),
        ("24h", Lifetime(days=1)),
        ("48 hours", Lifetime(days=2)),
        ("3650d", Lifetime(days=3650)),
        ("never", NEVER),
        ("“Never”,", NEVER),
        (" 7d. ", Lifetime(days=7)),
        ("2026-12-31", Lifetime(until=date(2026, 12, 31))),
        ("2026-3-1", Lifetime(until=date(2026, 3, 1))),
        ("until 2026-12-31", Lifetime(until=date(2026, 12, 31))),
        ("31.12.2026", Lifetime(until=date(2026, 12, 31))),
        ("12/31/2026", Lifetime(until=date(2026, 12, 31))),
        ("31 Dec 2026", Lifetime(until=date(2026, 12, 31))),
        ("2026-12-31T10:00:00Z", Lifetime(until=date(2026, 12, 31))),
        ("3 months", Lifetime(until=date(2026, 6, 1))),
        ("a year", Lifetime(until=date(2027, 3, 1))),
        ("2 Wochen", Lifetime(days=14)),
        ("for 30 days", Lifetime(days=30)),
        ("forever", NEVER),
        ("no expiry", NEVER),
    ],
)
def test_reads(typed: str, lifetime: Lifetime) -> None:
    assert read_lifetime(typed, today=TODAY) == lifetime
    assert looks_like_duration(typed)


@pytest.mark.parametrize(
    ("typed", "what"),
    [
        ("", "No length of time was typed"),
        ("soon", "is no length of time"),
        ("30", "is no length of time"),
        ("d", "is no length of time"),
        ("-1d", "is no length of time"),
        ("１d", "is no length of time"),
        ("0d", "no time at all"),
        ("0h", "no time at all"),
        ("3651d", "more than 3650 days"),
        ("999999999w", "more than 3650 days"),
        ("25h", "isn't a whole number of days"),
        ("30m", "isn't counted in days"),
        ("1m", "minutes or months"),
        ("5 min", "minutes are too short"),
        ("0mo", "no time at all"),
        ("11y", "more than 3650 days"),
        ("9999999y", "more than 3650 days"),
        ("03/04/2027", "can be 2027-03-04 or 2027-04-03"),
        ("until Friday", "is no length of time"),
        ("2026-02-30", "no date of the calendar"),
        ("30/30/2027", "no date of the calendar"),
        ("0000-01-01", "no date of the calendar"),
        ("2026-02-28", "in the past"),
        ("2999-01-01", "more than 3650 days away"),
    ],
)
def test_refuses(typed: str, what: str) -> None:
    with pytest.raises(InvalidDuration) as caught:
        read_lifetime(typed, today=TODAY)
    assert what in caught.value.what
    assert caught.value.remedy


@pytest.mark.parametrize("typed", ["0d", "2020-01-01", "1y", "25h"])
def test_an_unsound_duration_still_looks_like_one(typed: str) -> None:
    assert looks_like_duration(typed)


@pytest.mark.parametrize(
    "typed", ["", "30", "d", "nevermore", "evil.example", "203.0.113.7", "24/7", "2026-01", "7days7"]
)
def test_other_words_do_not(typed: str) -> None:
    assert not looks_like_duration(typed)


@pytest.mark.parametrize(
    ("lifetime", "ends"),
    [
        (Lifetime(days=1), datetime(2026, 3, 2, 22, 30, tzinfo=UTC)),
        (Lifetime(until=date(2026, 3, 1)), datetime(2026, 3, 2, tzinfo=UTC)),
        (Lifetime(until=date(2026, 12, 31)), datetime(2027, 1, 1, tzinfo=UTC)),
        (NEVER, None),
    ],
)
def test_when_it_ends(lifetime: Lifetime, ends: datetime | None) -> None:
    now = datetime(2026, 3, 2, 0, 30, tzinfo=timezone(timedelta(hours=2)))
    assert expires_at(lifetime, now) == ends


def test_a_time_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        expires_at(NEVER, datetime(2026, 3, 1))  # noqa: DTZ001


def test_a_lifetime_has_days_or_an_end_date() -> None:
    with pytest.raises(ValueError, match="not both"):
        Lifetime(days=1, until=TODAY)


@given(st.one_of(st.text(max_size=40), st.from_regex(r"[0-9]{1,12} ?[a-z]{0,7}|[0-9]{1,5}-[0-9]{1,3}-[0-9]{1,3}")))
def test_whatever_is_typed_it_is_read_or_refused(text: str) -> None:
    try:
        lifetime = read_lifetime(text, today=TODAY)
    except InvalidDuration:
        return
    assert lifetime.is_never or expires_at(lifetime, datetime(2026, 3, 1, tzinfo=UTC)) is not None


@pytest.mark.parametrize(
    ("today", "typed", "until"),
    [
        (date(2026, 1, 31), "1 month", date(2026, 2, 28)),
        (date(2028, 1, 31), "1 month", date(2028, 2, 29)),
        (date(2028, 2, 29), "1 year", date(2029, 2, 28)),
        (date(2026, 12, 15), "2 months", date(2027, 2, 15)),
        (date(2026, 3, 31), "6mo", date(2026, 9, 30)),
    ],
)
def test_months_and_years_go_by_the_calendar(today: date, typed: str, until: date) -> None:
    assert read_lifetime(typed, today=today) == Lifetime(until=until)


@given(st.dates(TODAY, TODAY + timedelta(days=MAX_DAYS)))
def test_a_last_day_reads_as_itself_in_every_way_that_says_which_it_is(until: date) -> None:
    lifetime = Lifetime(until=until)
    for written in (str(lifetime), f"{until:%Y/%m/%d}", f"{until:%d %b %Y}", f"{until:%B %d, %Y}", f"until {until}"):
        assert read_lifetime(written, today=TODAY) == lifetime


@given(st.one_of(st.integers(1, MAX_DAYS).map(lambda days: Lifetime(days=days)), st.just(NEVER)))
def test_a_lifetime_reads_as_itself(lifetime: Lifetime) -> None:
    assert read_lifetime(str(lifetime), today=TODAY) == lifetime
