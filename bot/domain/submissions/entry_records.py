"""What is on record of the entries that came of a submission: who asked for them, until when, and which are gone.

They become known entries like any other, so that a check names who asked. Their lists end them, whatever the request
says. A later request may have given one another end, and keeps it then; an earlier one's record is taken over. Notes
stay with the entry.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.lists.comparison import comparable
from bot.domain.lists.entries import Entry, Snapshot
from bot.domain.lists.traits import Action
from bot.domain.requests.known_entry import KnownEntry
from bot.domain.requests.request import Request


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryChanges:
    """What becomes of the records, now that the lists were read."""

    kept: tuple[KnownEntry, ...]  #: to be recorded, unless another's with a later end came meanwhile
    expired: tuple[KnownEntry, ...]  #: the request's own, which are gone as they should be
    missing: tuple[KnownEntry, ...]  #: the request's own, which are gone before their end

    @property
    def gone(self) -> tuple[KnownEntry, ...]:
        """Those that are no longer listed."""
        return (*self.expired, *self.missing)


def entry_changes(
    request: Request,
    entries: Iterable[Entry],
    reading: Snapshot,
    *,
    own: Sequence[KnownEntry],
    on_record: Sequence[KnownEntry],
    now: datetime,
) -> EntryChanges:
    """What becomes of the records of a request's entries.

    `entries` came of its submissions and are listed in `reading`; `own` is on record for the request, and `on_record`
    for anybody with the values of the `entries`, locked. Of a list that could not be read nothing is gone.
    """
    there = {(entry.list, comparable(entry.list, entry.value)): entry for entry in entries}
    known = {
        (record.list, comparable(record.list, record.value)): record
        for record in on_record
        if record.action is Action.ALLOW
    }
    gone = [
        record
        for record in own
        if record.list not in reading.unreadable and (record.list, comparable(record.list, record.value)) not in there
    ]
    return EntryChanges(
        kept=tuple(
            _own_record(request, entry, known.get(key), now)
            for key, entry in there.items()
            if key not in known or known[key].request_id <= request.id
        ),
        expired=tuple(record for record in gone if has_passed(record.expires, now)),
        missing=tuple(record for record in gone if not has_passed(record.expires, now)),
    )


def has_passed(end: datetime | None, now: datetime) -> bool:
    """Whether an end has come; None: there is none."""
    return end is not None and end <= now


def _own_record(request: Request, entry: Entry, before: KnownEntry | None, now: datetime) -> KnownEntry:
    return KnownEntry(
        list=entry.list,
        action=entry.action,
        value=entry.value,
        requester=request.requester,
        request_id=request.id,
        reason=request.reason,
        since=entry.created or now,
        expires=entry.expires,
        notes=before.notes if before is not None else "",
    )
