"""Scans: what is new and what is gone, since when, and when the weekly summary is due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.posture.finding import Fault, Finding
from bot.domain.posture.scans import (
    Changes,
    KeptFault,
    PostureScan,
    WeeklyAt,
    changes,
    compared,
    counted,
    grave,
    is_due,
    key_of,
    summary_due,
    with_since,
)
from tests.support.samples import NOW

IP = Finding(place="connection_filter", value="203.0.113.7", faults=(Fault.IP_ALLOW, Fault.NO_END))
SENDER = Finding(place="sender", value="fabrikam.example", faults=(Fault.NO_NOTE,))
SEEN = {"connection_filter", "sender"}


def kept(*findings: Finding, since: datetime = NOW) -> dict[tuple[str, str], KeptFault]:
    return {
        key_of(finding, fault): KeptFault(place=finding.place, since=since, is_told=True)
        for finding in findings
        for fault in finding.faults
    }


def scan(**fields: object) -> PostureScan:
    given: dict[str, object] = {
        "number": 1,
        "at": NOW,
        "as_of": NOW,
        "counts": {},
        "findings": 0,
        "grave": 0,
        "added": 0,
        "gone": 0,
    }
    return PostureScan(**{**given, **fields})  # type: ignore[arg-type]


def test_what_is_new_and_what_is_gone() -> None:
    found = changes([IP], kept(SENDER), seen=SEEN)
    assert set(found.added) == {key_of(IP, Fault.IP_ALLOW), key_of(IP, Fault.NO_END)}
    assert found.gone == {key_of(SENDER, Fault.NO_NOTE)}
    assert not changes([IP, SENDER], kept(IP, SENDER), seen=SEEN).any


def test_what_could_not_be_seen_is_not_gone() -> None:
    assert not changes([], kept(SENDER), seen={"connection_filter"}).any


def test_since_when_is_of_each_fault_and_of_none_that_is_not_kept() -> None:
    ip = with_since(IP, {key_of(IP, Fault.NO_END): KeptFault(place=IP.place, since=NOW, is_told=True)})
    assert ip.since == {Fault.NO_END: NOW}
    assert ip.first_seen is None


SOME = st.lists(st.sampled_from([IP, SENDER]), unique_by=lambda finding: finding.name)


@given(SOME, SOME)
def test_what_is_kept_after_a_scan_is_what_is_there(before: list[Finding], after: list[Finding]) -> None:
    was = kept(*before)
    found = changes(after, was, seen=SEEN)
    assert (was.keys() - found.gone) | found.added.keys() == kept(*after).keys()


def test_findings_are_counted_by_fault() -> None:
    assert counted([IP, SENDER]) == {"ip_allow": 1, "no_end": 1, "no_note": 1}
    assert grave([IP, SENDER]) == 1


def test_more_and_fewer_of_each_fault() -> None:
    before, after = scan(counts={"ip_allow": 2, "no_end": 5}), scan(counts={"ip_allow": 3, "no_note": 1})
    assert compared(before, after) == ({Fault.IP_ALLOW: 1, Fault.NO_NOTE: 1}, {Fault.NO_END: 5})
    assert compared(None, after) == ({Fault.IP_ALLOW: 3, Fault.NO_NOTE: 1}, {})


def test_a_look_is_a_scan_where_something_changed_or_a_day_is_over() -> None:
    quiet, changed = Changes(), Changes(gone=frozenset({("name", "ip_allow")}))
    assert is_due(quiet, None, now=NOW)
    assert is_due(changed, scan(), now=NOW)
    assert not is_due(quiet, scan(), now=NOW + timedelta(hours=23))
    assert is_due(quiet, scan(), now=NOW + timedelta(hours=24))


#: A Monday.
MONDAY = datetime(2026, 11, 30, 8, tzinfo=UTC)
WEEKLY = WeeklyAt(day=0, hour=8)


@pytest.mark.parametrize(
    ("now", "due"),
    [
        (MONDAY, MONDAY),
        (MONDAY - timedelta(seconds=1), MONDAY - timedelta(days=7)),
        (MONDAY + timedelta(days=6, hours=23), MONDAY),
    ],
)
def test_the_last_time_that_was_due(now: datetime, due: datetime) -> None:
    assert WEEKLY.last_due(now) == due


@given(st.datetimes(timezones=st.just(UTC)), st.integers(0, 6), st.integers(0, 23))
def test_it_is_within_a_week_and_at_the_hour(now: datetime, day: int, hour: int) -> None:
    if now < datetime(1, 1, 9, tzinfo=UTC):
        return
    due = WeeklyAt(day=day, hour=hour).last_due(now)
    assert due <= now < due + timedelta(days=7)
    assert (due.weekday(), due.hour) == (day, hour)


def test_a_summary_is_due_once_for_each_week_and_not_before_there_is_a_week() -> None:
    later = MONDAY + timedelta(hours=2)
    first = MONDAY - timedelta(days=3)
    due = summary_due(WEEKLY, first_scan=first, last_summary=None, now=later)
    assert due == MONDAY
    assert summary_due(WEEKLY, first_scan=first, last_summary=due, now=later) is None
    assert summary_due(WEEKLY, first_scan=first, last_summary=due, now=later + timedelta(days=7)) is not None
    assert summary_due(WEEKLY, first_scan=MONDAY + timedelta(hours=1), last_summary=None, now=later) is None
    assert summary_due(WEEKLY, first_scan=None, last_summary=None, now=later) is None
    assert summary_due(None, first_scan=first, last_summary=None, now=later) is None
