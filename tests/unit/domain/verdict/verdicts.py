"""Building entries and snapshots for the tests of the verdict, and asking for one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from bot.domain.indicators.indicator import Indicator, Kind
from bot.domain.lists.entries import Entry, FilterPolicy, Snapshot
from bot.domain.lists.traits import Action, ListName
from bot.domain.requests.known_entry import KnownEntry
from bot.domain.verdict.verdict import Verdict, judge

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
READ_AT = NOW - timedelta(minutes=1)


def entry(name: ListName, action: Action, value: str, *, expires: datetime | None = None, policy: str = "") -> Entry:
    return Entry(list=name, action=action, value=value, expires=expires, policy=policy)


def on_record(name: ListName, action: Action, value: str, *, number: int = 1, ends: datetime | None) -> KnownEntry:
    """What Portcullis knows of an entry that came of the request with this number."""
    return KnownEntry(
        list=name,
        action=action.value,
        value=value,
        requester="U1",
        request_id=number,
        reason="Relay",
        since=NOW,
        expires=ends,
    )


def verdict_on(
    kind: Kind,
    value: str,
    *entries: Entry,
    policies: tuple[FilterPolicy, ...] = (),
    unreadable: Mapping[ListName, str] | None = None,
    known: Sequence[KnownEntry] = (),
) -> Verdict:
    lists = Snapshot(as_of=READ_AT, entries=entries, policies=policies, unreadable=unreadable or {})
    return judge(Indicator(kind=kind, value=value), lists, now=NOW, known=known)
