"""What came of an import, as facts: what was requested, and what was set aside for which reasons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.domain.importing.outcomes import REQUESTED, Imported, reasons
from bot.domain.telling.counting import plural
from bot.domain.telling.request_facts import RequestFacts, request_facts

#: What each code of a set-aside line means in few words; one that isn't here is told by its first line's own words.
_WORDS: Mapping[str, str] = {
    "unreadable": "can't be read as an indicator",
    "duplicate": "given twice",
    "exists": "on the list already",
    "covered": "covered by an entry already",
    "other_action": "listed, but for the other action",
    "not_listed": "not on the list",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAsideFacts:
    """So many lines that were set aside for one reason."""

    count: int
    why: str  #: any text


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportFacts:
    """What came of an import."""

    name: str  #: of the file, any text; empty for a text
    lines: int  #: how many there were in it
    requested: int  #: how many of them are part of a request
    outcome: str  #: `3 of 6 lines requested, 3 set aside.`
    requests: tuple[RequestFacts, ...]
    set_aside: tuple[SetAsideFacts, ...]  #: the most frequent reason first
    judged_as_of: datetime | None  #: of the lists that the lines were judged by; None: they have never been read
    reason: str  #: why somebody wants it all; any text


def import_facts(imported: Imported, *, name: str, reason: str) -> ImportFacts:
    """What came of an import. `name` is the file's, empty for a text; `reason` is the one for all lines."""
    lines = len(imported.outcomes)
    requested = sum(outcome.code == REQUESTED for outcome in imported.outcomes)
    if not lines:
        words = "nothing in it was to be read. Nothing was requested."
    elif not imported.requests:
        words = f"none of {plural(lines, 'line')} could be requested. Nothing was changed."
    else:
        words = f"{requested:,} of {plural(lines, 'line')} requested, {lines - requested:,} set aside."
    return ImportFacts(
        name=name,
        lines=lines,
        requested=requested,
        outcome=words,
        requests=tuple(request_facts(request) for request in imported.requests),
        set_aside=tuple(
            SetAsideFacts(count=count, why=_WORDS.get(code) or said.strip() or code)
            for code, count, said in reasons(imported.outcomes)
        ),
        judged_as_of=imported.snapshot_of,
        reason=reason,
    )
