"""When somebody works, by their own time zone: working days and hours, and what Slack says of their do-not-disturb.

Hours that end before they begin go over midnight, and belong to the day on which they begin. Times go in and out
aware; the zone says what o'clock they are for the person, with summer time and without.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

_DAY = timedelta(days=1)
#: Nothing waits for so long: what lies before isn't counted, so that no clock that was set wrong costs much.
_LONGEST = timedelta(days=400)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkingHours:
    """From when to when people work, and on which days: Monday is 0. The same time twice is the whole day."""

    begins: time = time(8)
    ends: time = time(18)
    days: frozenset[int] = frozenset(range(5))

    @property
    def length(self) -> timedelta:
        """How long a working day is, by the clock."""
        on_any_day = date(2000, 1, 1)
        begins, ends = (datetime.combine(on_any_day, at, UTC) for at in (self.begins, self.ends))
        return ends - begins if begins < ends else ends + _DAY - begins

    def covers(self, at: datetime, zone: tzinfo) -> bool:
        """Whether somebody in a time zone works at a time."""
        today = at.astimezone(zone).date()
        return any(begins <= at < ends for begins, ends in self._shifts(today - _DAY, today, zone))

    def between(self, since: datetime, until: datetime, zone: tzinfo) -> timedelta:
        """How much of the time between two moments somebody in a time zone works."""
        since = max(since, until - _LONGEST)
        first, last = (moment.astimezone(zone).date() for moment in (since, until))
        shifts = self._shifts(first - _DAY, last, zone)
        parts = (min(ends, until) - max(begins, since) for begins, ends in shifts)
        return sum((part for part in parts if part > timedelta()), timedelta())

    def as_worked(self, wait: timedelta) -> timedelta:
        """A wait in working time: its days are working days, what is over is hours of one."""
        return wait.days * self.length + (wait - wait.days * _DAY)

    def _shifts(self, first: date, last: date, zone: tzinfo) -> Iterator[tuple[datetime, datetime]]:
        """The working hours that begin on these days, in UTC."""
        day = first
        while day <= last:
            if day.weekday() in self.days:
                end_day = day if self.begins < self.ends else day + _DAY
                begins, ends = datetime.combine(day, self.begins, zone), datetime.combine(end_day, self.ends, zone)
                yield begins.astimezone(UTC), ends.astimezone(UTC)
            day += _DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class Quiet:
    """While Slack keeps its notifications from somebody: do-not-disturb, as it is set or comes round."""

    begins: datetime
    ends: datetime

    def covers(self, at: datetime) -> bool:
        return self.begins <= at < self.ends
