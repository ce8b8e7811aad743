"""Reading what was given and judging it, line by line, by the last snapshot of the lists. Changes nothing.

What policy refuses for a list as a whole (a reason that is missing, a list that is full) sets all lines of that list
aside and costs the others nothing.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.importing.judging import JudgedLines, ListLines, judge_lines
from bot.domain.importing.preview import ShownLine
from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action, ListName, list_for
from bot.domain.reading.durations import Lifetime
from bot.domain.reading.import_lines import Line
from bot.domain.reading.import_reading import Given, ImportReading
from bot.domain.requests.known_entry import KnownEntry
from bot.domain.requests.people import Person, Right
from bot.domain.requests.request import Request, SetAside
from bot.workflow.shared.context import Context
from bot.workflow.shared.keeping import records
from bot.workflow.shared.listed import listed_for
from bot.workflow.shared.own_domains import domains_known
from bot.workflow.shared.reading_process import ReadingOrder


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOptions:
    """What somebody wants done with every line that they gave, and how it is to be read."""

    operation: Operation
    action: Action
    reason: str
    lifetime: Lifetime | None = None
    column: str = ""  #: the key of the way to read it; empty: the one that is plain
    take_ends: bool = False  #: the rows' own ends count


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedImport:
    """Every line with what policy says of it, by the last snapshot of the lists.

    `parts` are those that may go ahead, `set_aside` all other lines, by number, with the list that each one is of.
    Where `reading` has no chosen way, nothing was judged, and its question is to be answered first.
    """

    wanted: ImportOptions
    reading: ImportReading
    parts: tuple[ListLines, ...]
    set_aside: tuple[tuple[SetAside, ListName | None], ...]
    snapshot_of: datetime | None = None  #: None: the lists have never been read

    @property
    def lines(self) -> tuple[Line, ...]:
        return self.reading.lines

    @property
    def left(self) -> int:
        """How many lines may go ahead."""
        return sum(len(part.proposal.indicators) for part in self.parts)


async def judge_import(context: Context, *, actor: Person, wanted: ImportOptions, given: Given) -> JudgedImport:
    """Read what was given and judge each of its lines, for who wants to look first. Changes nothing.

    Raises NotPermitted, which nobody writes down, InvalidDuration for an end date that has passed, and InvalidInput for
    what can't be read at all.
    """
    actor.require(Right.PROPOSE)
    return await judge(context, wanted, given)


async def judge(context: Context, wanted: ImportOptions, given: Given) -> JudgedImport:
    """The same for somebody whose right is known. The heavy parts keep nothing else waiting.

    Raises ReadingFailed as well, where what was given could not be read through no fault of theirs.
    """
    async with context.store.read() as uow:
        lists = await uow.snapshots.load()
    now = context.now()

    reading = await context.reader.read(
        ReadingOrder(
            given=given,
            today=now.date(),
            accepted_domains=domains_known(context.rules, lists),
            listed=await listed_for(context, wanted.operation),
            column=wanted.column,
            take_ends=wanted.take_ends,
        )
    )
    known, still_open = await _beside(context, reading.lines)

    def work() -> JudgedImport:
        judged_lines = judge_lines(
            reading.lines,
            operation=wanted.operation,
            action=wanted.action,
            lifetime=wanted.lifetime,
            reason=wanted.reason,
            rules=context.rules,
            lists=lists,
            now=now,
            known=known,
            still_open=still_open,
        )
        return _judged(wanted, reading, judged_lines, snapshot_of=None if lists is None else lists.as_of)

    return await asyncio.to_thread(work)


async def _beside(context: Context, lines: Iterable[Line]) -> tuple[list[KnownEntry], list[Request]]:
    """What Portcullis has on record of what the lines name, the ends that the tenant doesn't keep; and the requests
    under way that name the same.
    """
    values = await asyncio.to_thread(_by_list, lines)
    async with context.store.read() as uow:
        known = [entry for name, named in values.items() for entry in await records(uow, name, named)]
        still_open = [request for name, named in values.items() for request in await uow.requests.naming(name, named)]
    return known, still_open


def _by_list(lines: Iterable[Line]) -> dict[ListName, set[str]]:
    values: dict[ListName, set[str]] = defaultdict(set)
    for line in lines:
        if line.indicator is not None:
            values[list_for(line.indicator.kind)].add(line.indicator.value)
    return values


def as_shown(judged: JudgedImport, shown: frozenset[ShownLine]) -> JudgedImport:
    """The same without the lines that were not shown to be requested: never more is requested than was shown."""
    parts: list[ListLines] = []
    aside = list(judged.set_aside)
    typed = typed_by_line(judged.lines)
    for part in judged.parts:
        name = part.proposal.list
        kept = tuple(
            indicator
            for indicator in part.proposal.indicators
            if ShownLine(list=name, value=indicator.value, end=part.end) in shown
        )
        values = {indicator.value for indicator in kept}
        aside += [(_not_shown(line, value, typed), name) for value, line in part.lines.items() if value not in values]
        if kept:
            lines = {value: line for value, line in part.lines.items() if value in values}
            parts.append(replace(part, proposal=replace(part.proposal, indicators=kept), lines=lines))
    return replace(judged, parts=tuple(parts), set_aside=tuple(sorted(aside, key=lambda pair: pair[0].line)))


def _not_shown(line: int, value: str, typed: dict[tuple[int, str], str]) -> SetAside:
    return SetAside(
        line=line,
        typed=typed.get((line, value), value),
        value=value,
        code="not_shown",
        reason="It could not be requested when you looked, and could be now. Import it again.",
    )


def _judged(
    wanted: ImportOptions, reading: ImportReading, judged_lines: JudgedLines, *, snapshot_of: datetime | None
) -> JudgedImport:
    typed = typed_by_line(reading.lines)
    parts: list[ListLines] = []
    # A line that was read belongs to the list of its kind, also where it was set aside for all lists together.
    lists = {
        (line.number, line.indicator.value): list_for(line.indicator.kind) for line in reading.lines if line.indicator
    }
    aside = [(left_out, lists.get((left_out.line, left_out.value))) for left_out in judged_lines.set_aside]
    for part in judged_lines.parts:
        name = part.proposal.list
        aside += [(left_out, name) for left_out in part.set_aside]
        if part.assessment.may_proceed:
            parts.append(part)
            continue
        first = part.assessment.refusals[0]
        aside += [
            (
                SetAside(
                    line=line,
                    typed=typed.get((line, value), value),
                    value=value,
                    code=first.code,
                    reason=str(first),
                ),
                name,
            )
            for value, line in part.lines.items()
        ]
    return JudgedImport(
        wanted=wanted,
        reading=reading,
        parts=tuple(parts),
        set_aside=tuple(sorted(aside, key=lambda pair: pair[0].line)),
        snapshot_of=snapshot_of,
    )


def typed_by_line(lines: Sequence[Line]) -> dict[tuple[int, str], str]:
    """How each value was typed, by line and value."""
    return {(line.number, line.indicator.value): line.typed for line in lines if line.indicator is not None}


def remarks_by_line(lines: Sequence[Line]) -> dict[tuple[int, str], str]:
    """What stood beside each value, by line and value; of a line that names none, by an empty value."""
    return {
        (line.number, "" if line.indicator is None else line.indicator.value): line.remark
        for line in lines
        if line.remark
    }
