"""What would come of an import, as facts: how it was read, what would be requested, and what is set aside."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from bot.domain.importing.judging import ListLines
from bot.domain.importing.outcomes import REQUESTED, LineOutcome
from bot.domain.importing.preview import ImportPreview
from bot.domain.reading.import_choices import Choice
from bot.domain.reading.import_reading import WHOLE_LINES, ImportReading
from bot.domain.requests.request import Item, Request, Status
from bot.domain.telling.counting import plural
from bot.domain.telling.import_facts import SetAsideFacts, set_aside_facts
from bot.domain.telling.request_facts import RequestFacts, request_facts
from bot.domain.telling.request_status import approvals_by_others

_COUNTED_AGAIN = " A line that names several indicators counts once for each of them."
#: So many values of a part are at hand, for those that are named.
_VALUES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceFacts:
    """One way to read what was given."""

    position: int  #: among all, from 0
    title: str  #: `column Sender`; any text
    counted: str  #: `97 of 100 rows`
    first: tuple[str, ...]  #: the first values
    is_chosen: bool
    is_column: bool = True  #: else each line is taken as a whole


@dataclass(frozen=True, slots=True, kw_only=True)
class EndsFacts:
    """A column whose dates can be the entries' ends."""

    title: str  #: any text
    dated: int
    first: date
    last: date
    unread: int  #: how many lines have something else there, which can't be told as an end
    are_taken: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NotedFacts:
    """So many lines that were read in one way that is worth knowing."""

    count: int
    value: str  #: of the first of them
    text: str  #: what is worth knowing of the first; values in it are not defanged


@dataclass(frozen=True, slots=True, kw_only=True)
class RemarkFacts:
    """What stood beside lines that would be requested. It is no part of any entry."""

    text: str  #: any text
    count: int  #: beside so many lines
    value: str  #: of the first of them; any text


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewFacts:
    """What would come of an import, if its person says so. Nothing is requested yet."""

    id: int
    version: int
    name: str  #: of the file, any text; empty for a text
    what: str  #: `a table`
    outcome: str  #: `97 of 100 lines would be requested; 3 are set aside.`
    question: str  #: what has to be answered first; empty where it is plain how it is to be read
    choices: tuple[ChoiceFacts, ...]
    parts: tuple[RequestFacts, ...]  #: of the request that it would become, for each list and end; without a number yet
    needs: str  #: how many approvals that would need: `1 approval by somebody else`, and that a rule may spare it
    left: int  #: how many lines would be requested
    noted: tuple[NotedFacts, ...]  #: what was changed on the way, but for what a warning tells; the most frequent first
    told: tuple[str, ...]  #: what is worth knowing of the whole; any text
    remarks: tuple[RemarkFacts, ...]  #: what stood beside the lines that would be requested, the most frequent first
    set_aside: tuple[SetAsideFacts, ...]
    ends: EndsFacts | None
    judged_as_of: datetime | None  #: of the lists that the lines were judged by; None: they have never been read
    reason: str  #: any text

    @property
    def chosen(self) -> ChoiceFacts | None:
        return next((choice for choice in self.choices if choice.is_chosen), None)


def preview_facts(
    preview: ImportPreview,
    reading: ImportReading,
    parts: Iterable[ListLines],
    outcomes: Iterable[LineOutcome],
    *,
    judged_as_of: datetime | None,
    now: datetime,
    may_need_nobody: bool = False,
) -> PreviewFacts:
    """What would come of an import, as it was read and judged. `may_need_nobody`: a rule may let it through."""
    parts, outcomes = tuple(parts), tuple(outcomes)
    told = tuple(request_facts(_as_request(part, preview, now)) for part in parts)
    aside = set_aside_facts(outcomes)
    left = sum(part.total for part in told)
    total = left + sum(reason.count for reason in aside)
    is_more = reading.chosen is not None and total > reading.chosen.total
    return PreviewFacts(
        id=preview.id,
        version=preview.version,
        name=preview.name,
        what=reading.what,
        outcome=outcome_words(left, total - left) + (_COUNTED_AGAIN if is_more else ""),
        question=reading.question if reading.chosen is None else "",
        choices=choice_facts(reading),
        parts=told,
        needs=approvals_by_others(max((part.assessment.approvals_needed for part in parts), default=1))
        + (", unless a rule lets it through" if may_need_nobody else ""),
        left=left,
        noted=noted_facts(parts),
        told=reading.told,
        remarks=remark_facts(outcomes),
        set_aside=aside,
        ends=ends_facts(reading, are_taken=preview.takes_ends),
        judged_as_of=judged_as_of,
        reason=preview.reason,
    )


def remark_facts(outcomes: Iterable[LineOutcome]) -> tuple[RemarkFacts, ...]:
    """What stood beside the lines that would be requested, each text once, the most frequent first."""
    found: dict[str, RemarkFacts] = {}
    for told in outcomes:
        if told.remark and told.code == REQUESTED:
            before = found.get(told.remark)
            found[told.remark] = (
                replace(before, count=before.count + 1)
                if before is not None
                else RemarkFacts(text=told.remark, count=1, value=told.value or told.typed)
            )
    return tuple(sorted(found.values(), key=lambda remark: -remark.count))


def outcome_words(left: int, set_aside: int) -> str:
    """`97 of 100 lines would be requested; 3 are set aside.`"""
    total = left + set_aside
    if not total:
        return "Nothing in it was to be read."
    if not left:
        return f"None of {plural(total, 'line')} can be requested."
    aside = f"; {set_aside:,} {'is' if set_aside == 1 else 'are'} set aside" if set_aside else ""
    return f"{left:,} of {plural(total, 'line')} would be requested{aside}."


def choice_facts(reading: ImportReading) -> tuple[ChoiceFacts, ...]:
    """The ways to read what was given, in their order."""
    return tuple(
        ChoiceFacts(
            position=position,
            title=choice.title,
            counted=counted_of(choice),
            first=choice.first,
            is_chosen=reading.chosen is not None and choice.key == reading.chosen.key,
            is_column=choice.key != WHOLE_LINES,
        )
        for position, choice in enumerate(reading.choices)
    )


def counted_of(choice: Choice) -> str:
    """How many lines a way to read gives: `97 of 100 lines`."""
    return f"{choice.read:,} of {plural(choice.total, 'line')}"


def ends_facts(reading: ImportReading, *, are_taken: bool) -> EndsFacts | None:
    """The column whose dates can be the entries' ends; None when there is none."""
    ends = reading.ends
    if ends is None:
        return None
    return EndsFacts(
        title=ends.title, dated=ends.dated, first=ends.first, last=ends.last, unread=ends.unread, are_taken=are_taken
    )


def noted_facts(parts: Iterable[ListLines]) -> tuple[NotedFacts, ...]:
    """What was changed on the way to the values that would be requested, by kind, the most frequent first."""
    found: dict[str, NotedFacts] = {}
    for part in parts:
        warned = {warning.code for warning in part.assessment.warnings}
        for indicator in part.proposal.indicators:
            for note in indicator.notes:
                if note.code not in warned:
                    before = found.get(note.code)
                    found[note.code] = (
                        replace(before, count=before.count + 1)
                        if before is not None
                        else NotedFacts(count=1, value=indicator.value, text=note.text)
                    )
    return tuple(sorted(found.values(), key=lambda noted: -noted.count))


def _as_request(part: ListLines, preview: ImportPreview, now: datetime) -> Request:
    """The request that a part would become: what is said of one is said of it in the same words."""
    proposal, values = part.proposal, part.proposal.indicators
    items = tuple(
        Item(id=number, kind=indicator.kind, value=indicator.value) for number, indicator in enumerate(values[:_VALUES])
    )
    return Request(
        id=0,
        tenant_id="",
        operation=proposal.operation,
        action=proposal.action,
        list=proposal.list,
        reason=proposal.reason,
        expires=proposal.expires,
        lasts=proposal.lasts,
        requester=preview.owner,
        status=Status.PENDING,
        approvals_needed=part.assessment.approvals_needed,
        created_at=now,
        lapses_at=now + timedelta(days=7),
        warnings=part.assessment.warnings,
        items=items,
        tally={items[0].state: len(values)} if items else {},
    )
