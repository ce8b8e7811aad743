"""What came of an import, as facts: what was requested, and what was set aside for which reasons."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.importing.outcomes import REQUESTED, Imported, LineOutcome, reasons
from bot.domain.outcomes.follow_ups import FEW
from bot.domain.requests.parts import by_proposal
from bot.domain.telling.counting import plural
from bot.domain.telling.parts_facts import parts_facts
from bot.domain.telling.request_facts import RequestFacts

#: What each code of a set-aside line means in few words; one that isn't here is told by its first line's own words.
_WORDS: Mapping[str, str] = {
    "duplicate": "given twice",
    "exists": "on the list already",
    "covered": "covered by an entry already",
    "other_action": "listed, but for the other action",
    "not_listed": "not on the list",
    "not_shown": "could not be requested when you looked, and could be now",
}
#: What each code means where its first line's own words, which go with it, say more.
_BEGINNINGS: Mapping[str, str] = {
    "unreadable": "can't be read as an indicator",
    "pending": "named by a request that is still open",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAsideFacts:
    """So many lines that were set aside for one reason."""

    count: int
    why: str  #: any text
    lines: tuple[int, ...] = ()  #: the numbers of the first few


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportFacts:
    """What came of an import."""

    name: str  #: of the file, any text; empty for a text
    lines: int  #: how many there were in it
    requested: int  #: how many of them are part of a request
    outcome: str  #: `3 of 6 lines requested, 3 set aside.`
    requests: tuple[RequestFacts, ...]
    waits_because: str  #: why they wait, though a rule says that such blocks need nobody; empty: none is about it
    set_aside: tuple[SetAsideFacts, ...]  #: the most frequent reason first
    since: tuple[SetAsideFacts, ...]  #: those among them that were shown as lines that would be requested
    judged_as_of: datetime | None  #: of the lists that the lines were judged by; None: they have never been read
    reason: str  #: why somebody wants it all; any text

    @property
    def has_file(self) -> bool:
        """Whether a file says what became of each line: where the message can't."""
        return bool(self.set_aside) or self.lines > FEW


def import_facts(imported: Imported, *, name: str, reason: str, shown: Collection[str] = ()) -> ImportFacts:
    """What came of an import. `name` is the file's, empty for a text; `reason` is the one for all lines.

    `shown` are the values that somebody saw would be requested.
    """
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
        requests=tuple(parts_facts(parts) for parts in by_proposal(imported.requests)),
        waits_because=imported.waits_because,
        set_aside=set_aside_facts(imported.outcomes),
        since=set_aside_facts(_since(imported.outcomes, shown)),
        judged_as_of=imported.snapshot_of,
        reason=reason,
    )


def set_aside_facts(outcomes: Iterable[LineOutcome]) -> tuple[SetAsideFacts, ...]:
    """The lines that were set aside, by reason, the most frequent first."""
    return tuple(
        SetAsideFacts(count=reason.count, why=_why(reason.code, reason.words), lines=reason.lines)
        for reason in reasons(outcomes)
    )


def _why(code: str, words: str) -> str:
    if (beginning := _BEGINNINGS.get(code)) is not None:
        return f"{beginning} ({words.strip()})" if words.strip() else beginning
    return _WORDS.get(code) or words.strip() or code


def _since(outcomes: Sequence[LineOutcome], shown: Collection[str]) -> list[LineOutcome]:
    """What was set aside although it was shown, and no other line with the same value was requested."""
    if not shown:
        return []
    requested = {outcome.value for outcome in outcomes if outcome.code == REQUESTED}
    return [
        outcome
        for outcome in outcomes
        if outcome.code not in {REQUESTED, "duplicate"} and outcome.value in shown and outcome.value not in requested
    ]
