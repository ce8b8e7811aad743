"""When an entry that is listed ends now, as far as the tenant or Portcullis keeps that."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.lists.coverage import value_key
from bot.domain.lists.entries import Entry
from bot.domain.policies.case import Case
from bot.domain.requests.known_entry import KnownEntry
from bot.domain.requests.noted import requests_named

#: The service cuts what it is given to the second; anything beyond is another end.
SAME_END = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class CurrentEnd:
    """When an entry ends: at a date, or, without one, never. With `by_use`, some time after its last use."""

    at: datetime | None = None
    by_use: bool = False

    def is_at(self, expires: datetime | None) -> bool:
        """Whether another end would be the same one."""
        if self.by_use:
            return False
        if self.at is None or expires is None:
            return self.at is expires
        return abs(self.at - expires) < SAME_END

    def is_later_than(self, expires: datetime | None) -> bool:
        """Whether an entry that ends at `expires` instead would end sooner."""
        if self.by_use or expires is None:
            return False
        return self.at is None or self.at > expires


def current_end(case: Case, entry: Entry) -> CurrentEnd | None:
    """The end of an entry, or None when nobody has looked at what Portcullis keeps of it, and the tenant keeps none."""
    if entry.expires is not None or entry.bounded_by_use:
        return CurrentEnd(entry.expires, by_use=entry.expires is None)
    record = record_of(case, entry)
    if record is not None:
        return CurrentEnd(record.expires)
    if case.known is None and not entry.list.traits.keeps_ends:
        return None
    return CurrentEnd()


def record_of(case: Case, entry: Entry) -> KnownEntry | None:
    """What Portcullis has on record of an entry of the proposal's list."""
    return case.records.get((entry.action, value_key(entry.list, entry.value)))


def is_made_by_hand(case: Case, entry: Entry) -> bool:
    """Whether an entry is certain not to have come through Portcullis."""
    if record_of(case, entry) is not None or requests_named(entry.notes):
        return False
    return case.known is not None or entry.list.traits.keeps_ends
