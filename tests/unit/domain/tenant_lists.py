"""What the tenant's lists hold, and what is on record of it, for tables of cases. Ends are in days from now."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from bot.domain.lists.entries import Entry, FilterPolicy, Snapshot
from bot.domain.lists.traits import Action, ListName
from bot.domain.requests.known_entry import KnownEntry

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def in_days(days: float | None) -> datetime | None:
    """So many days from now; None: never."""
    return None if days is None else NOW + timedelta(days=days)


def tenant(
    *entries: Entry,
    policies: Iterable[str] = ("Default",),
    safe_lists: Iterable[str] = (),
    unreadable: dict[ListName, str] | None = None,
    accepted_domains: frozenset[str] = frozenset(),
) -> Snapshot:
    """The lists as they were read just now: these entries and no others, and policies of these names."""
    return Snapshot(
        as_of=NOW,
        policies=tuple(FilterPolicy(identity=name, safe_list=name in safe_lists) for name in policies),
        entries=entries,
        unreadable=unreadable or {},
        accepted_domains=accepted_domains,
    )


def entry(
    name: ListName,
    action: Action,
    value: str,
    *,
    days: float | None = None,
    by_use: bool = False,
    policy: str = "Default",
    notes: str = "Portcullis request 7",
    modified_by: str = "",
) -> Entry:
    """As Portcullis makes them, where the list keeps notes."""
    return Entry(
        list=name,
        action=action,
        value=value,
        expires=in_days(days),
        bounded_by_use=by_use,
        notes=notes if name.traits.keeps_notes else "",
        modified_by=modified_by,
        policy=policy if name is ListName.CONNECTION_FILTER else "",
    )


def on_record(
    name: ListName, action: Action, value: str, *, days: float | None = None, request_id: int = 7, notes: str = ""
) -> KnownEntry:
    """What Portcullis knows of an entry that it made."""
    return KnownEntry(
        list=name,
        action=action,
        value=value,
        requester="U1",
        request_id=request_id,
        reason="Phishing",
        since=NOW - timedelta(days=10),
        expires=in_days(days),
        notes=notes,
    )
