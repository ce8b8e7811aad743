"""Which entries of the tenant's lists came of a submission.

That an entry's submission id is the id which Graph gave is not documented, so an entry is also known by what Graph says
it made, and by its origin and time with the note of the filing, or with its value.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from bot.domain.lists.comparison import same_value
from bot.domain.lists.entries import Entry
from bot.domain.lists.traits import Action, ListName
from bot.domain.requests.noted import is_reference_to
from bot.domain.submissions.submission import EntryMade

#: How much earlier than our record of the filing an entry may be dated: two clocks.
_CLOCKS = timedelta(minutes=5)
_BY_SUBMISSION = "submission"


def entries_of(
    entries: Iterable[Entry],
    *,
    reference: str,
    since: datetime,
    note: str = "",
    values: Sequence[tuple[ListName, str]],
    made: Sequence[EntryMade] = (),
) -> tuple[Entry, ...]:
    """The allow entries that came of the submission with this reference, filed at `since` with this `note`.

    `values` are what the submission was for, `made` what Graph says came of it.
    """
    identities = {listed.identity for listed in made if listed.succeeded and listed.identity}
    wanted = [*values, *((listed.list, listed.value) for listed in made if listed.list is not None)]
    return tuple(
        entry
        for entry in entries
        if entry.action is Action.ALLOW
        and (
            entry.submission_id.lower() == reference.lower()
            or entry.identity in identities
            or (
                _came_after(entry, since)
                and ((note and is_reference_to(entry.notes, note)) or _is_one_of(entry, wanted))
            )
        )
    )


def _came_after(entry: Entry, since: datetime) -> bool:
    return entry.subtype.lower() == _BY_SUBMISSION and entry.created is not None and entry.created >= since - _CLOCKS


def _is_one_of(entry: Entry, wanted: Sequence[tuple[ListName, str]]) -> bool:
    return any(name is entry.list and same_value(name, entry.value, value) for name, value in wanted)
