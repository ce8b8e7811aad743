"""Many lines at once, from a file, a paste or the command line: judged one by one, and what is left proposed together.

A request for each list that they belong to, with the lines that were set aside beside it. What policy refuses for a
list as a whole (a reason that is missing, a list that is full) sets all lines of that list aside and costs the others
nothing.
"""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.auditing.events import EventKind
from bot.domain.importing.judging import JudgedLines, ListLines, judge_lines
from bot.domain.importing.outcomes import REQUESTED, Imported, LineOutcome
from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action, ListName, list_for, title
from bot.domain.policies.case import Refusal
from bot.domain.reading.durations import Lifetime
from bot.domain.reading.import_lines import Line, read_import_lines
from bot.domain.requests.known_entry import KnownEntry
from bot.domain.requests.people import Person, Right
from bot.domain.requests.request import Request, SetAside
from bot.workflow.requesting.consider import JudgedProposal, considered
from bot.workflow.requesting.propose import made_by, propose
from bot.workflow.shared.context import Context
from bot.workflow.shared.keeping import records
from bot.workflow.shared.listed import listed_for
from bot.workflow.shared.rights import Proposer, proposer


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOptions:
    """What somebody wants done with every line that they gave."""

    operation: Operation
    action: Action
    reason: str
    lifetime: Lifetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedImport:
    """Every line with what policy says of it, by the last snapshot of the lists.

    `parts` are those that may go ahead, `set_aside` all other lines, by number, with the list that each one is of.
    """

    wanted: ImportOptions
    lines: tuple[Line, ...]
    parts: tuple[ListLines, ...]
    set_aside: tuple[tuple[SetAside, ListName | None], ...]
    snapshot_of: datetime | None = None  #: None: the lists have never been read


async def judge_import(context: Context, *, actor: Person, wanted: ImportOptions, text: str) -> JudgedImport:
    """Read a text and judge each of its lines, for who wants to look first. Changes nothing.

    Raises NotPermitted, which nobody writes down, and InvalidDuration for an end date that has passed.
    """
    actor.require(Right.PROPOSE)
    return await _judge(context, wanted, text)


async def run_import(
    context: Context, *, actor: Person, wanted: ImportOptions, text: str, delivery: str, source: Mapping[str, object]
) -> Imported:
    """Judge the lines of a text and propose what may go ahead.

    `delivery` names the import: named again, after a crash or a redelivery, it makes no second request and gives the
    same answer. `source` says in the log where the lines came from. Raises NotPermitted, after it was logged, and
    InvalidDuration.
    """
    who = await proposer(context, actor, delivery=delivery)
    return await _propose(context, who, await _judge(context, wanted, text), delivery=delivery, source=source)


async def request_import(
    context: Context, *, actor: Person, judged: JudgedImport, delivery: str, source: Mapping[str, object]
) -> Imported:
    """Propose what somebody has looked at, as it was judged then. As `run_import` otherwise."""
    who = await proposer(context, actor, delivery=delivery)
    return await _propose(context, who, judged, delivery=delivery, source=source)


async def _judge(context: Context, wanted: ImportOptions, text: str) -> JudgedImport:
    """Every line, judged by the last snapshot. The heavy part runs in a thread."""
    async with context.store.read() as uow:
        lists = await uow.snapshots.load()
    domains = context.rules.accepted_domains | (lists.accepted_domains if lists is not None else frozenset())
    now = context.now()

    lines = await asyncio.to_thread(
        read_import_lines, text, accepted_domains=domains, listed=await listed_for(context, wanted.operation)
    )
    known = await _on_record(context, lines)

    def work() -> JudgedLines:
        return judge_lines(
            lines,
            operation=wanted.operation,
            action=wanted.action,
            lifetime=wanted.lifetime,
            reason=wanted.reason,
            rules=context.rules,
            lists=lists,
            now=now,
            known=known,
        )

    judged_lines = await asyncio.to_thread(work)
    return _judged(wanted, lines, judged_lines, snapshot_of=None if lists is None else lists.as_of)


async def _on_record(context: Context, lines: Iterable[Line]) -> list[KnownEntry]:
    """What Portcullis has on record of what the lines name: the ends that the tenant doesn't keep."""
    values: dict[ListName, set[str]] = defaultdict(set)
    for line in lines:
        if line.indicator is not None:
            values[list_for(line.indicator.kind)].add(line.indicator.value)
    async with context.store.read() as uow:
        return [entry for name, named in values.items() for entry in await records(uow, name, named)]


async def _propose(
    context: Context, who: Proposer, judged: JudgedImport, *, delivery: str, source: Mapping[str, object]
) -> Imported:
    made = await _before(context, delivery)
    if not made and judged.parts:
        proposals = [JudgedProposal(proposal=part.proposal, assessment=part.assessment) for part in judged.parts]
        proposed = await propose(
            context,
            await considered(context, actor=who, judged=proposals),
            delivery=delivery,
            lines={part.proposal.list: part.lines for part in judged.parts},
            set_aside=_beside(judged),
        )
        made = tuple(request.id for request in proposed.requests)
    imported = await _answer(context, judged, made)
    await _log(context, who, judged.wanted, imported, delivery=delivery, source=source)
    return imported


def outcomes_of(judged: JudgedImport) -> tuple[LineOutcome, ...]:
    """What would become of each line, for who only wants to know."""
    typed = _typed(judged.lines)
    aside = [_set_aside(left_out, name, judged.wanted.action) for left_out, name in judged.set_aside]
    going = [
        LineOutcome(
            line=line,
            typed=typed.get((line, value), value),
            value=value,
            list=title(part.proposal.list, part.proposal.action),
            request=None,
            code=REQUESTED,
        )
        for part in judged.parts
        for value, line in part.lines.items()
    ]
    return _in_order([*aside, *going])


def _judged(
    wanted: ImportOptions, lines: Sequence[Line], judged_lines: JudgedLines, *, snapshot_of: datetime | None
) -> JudgedImport:
    typed = _typed(lines)
    parts: list[ListLines] = []
    # A line that was read belongs to the list of its kind, also where it was set aside for all lists together.
    lists = {(line.number, line.indicator.value): list_for(line.indicator.kind) for line in lines if line.indicator}
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
                    reason=_words(first),
                ),
                name,
            )
            for value, line in part.lines.items()
        ]
    return JudgedImport(
        wanted=wanted,
        lines=tuple(lines),
        parts=tuple(parts),
        set_aside=tuple(sorted(aside, key=lambda pair: pair[0].line)),
        snapshot_of=snapshot_of,
    )


def _beside(judged: JudgedImport) -> dict[ListName, list[SetAside]]:
    """Which set-aside lines stand with which request: those of its list, and with the first one all that have none."""
    made = [part.proposal.list for part in judged.parts]
    beside: dict[ListName, list[SetAside]] = {name: [] for name in made}
    for left_out, name in judged.set_aside:
        beside[name if name is not None and name in beside else made[0]].append(left_out)
    return beside


async def _before(context: Context, delivery: str) -> tuple[int, ...]:
    """The requests that this import made before, if it came before."""
    async with context.store.read() as uow:
        return await made_by(uow, delivery)


async def _answer(context: Context, judged: JudgedImport, made: Sequence[int]) -> Imported:
    """What to tell of an import: from the requests as they are on disk, or, where none was made, from the judgement."""
    if not made:
        return Imported(outcomes=outcomes_of(judged), snapshot_of=judged.snapshot_of)
    lists = {(left_out.line, left_out.value or left_out.typed): name for left_out, name in judged.set_aside}
    typed = _typed(judged.lines)
    outcomes: list[LineOutcome] = []
    requests: list[Request] = []
    for request_id in made:
        async with context.store.read() as uow:
            whole = await uow.requests.get(request_id)
            aside = await uow.requests.set_aside(request_id)
            requests.append(await uow.requests.summary(request_id))
        outcomes += [
            _set_aside(left_out, lists.get((left_out.line, left_out.value or left_out.typed)), whole.action)
            for left_out in aside
        ]
        outcomes += [
            LineOutcome(
                line=item.line,
                typed=typed.get((item.line or 0, item.value), item.value),
                value=item.value,
                list=title(whole.list, whole.action),
                request=request_id,
                code=REQUESTED,
            )
            for item in whole.items
        ]
    return Imported(
        outcomes=_in_order(outcomes),
        requests=tuple(requests),
        snapshot_of=judged.snapshot_of,
    )


async def _log(
    context: Context,
    who: Proposer,
    wanted: ImportOptions,
    imported: Imported,
    *,
    delivery: str,
    source: Mapping[str, object],
) -> None:
    """Write down what became of the lines, once for each import."""
    counts = Counter(outcome.code for outcome in imported.outcomes)
    requests = [request.id for request in imported.requests]
    payload = {
        "operation": wanted.operation,
        "action": wanted.action,
        "reason": wanted.reason,
        "requested": counts.pop(REQUESTED, 0),
        "requests": requests,
        "set_aside": dict(sorted(counts.items())),
        "snapshot_of": imported.snapshot_of.isoformat() if imported.snapshot_of else None,
        "source": dict(source),
    }
    async with context.store.write() as uow:
        if not await uow.deliveries.first_time(f"import-read:{delivery}"):
            return
        # Whoever looks for one of the requests finds where it came from.
        for request_id in requests or (None,):
            await uow.audit.append(
                EventKind.IMPORT_READ,
                actor=who.user_id,
                target=f"{len(imported.outcomes)} lines",
                request_id=request_id,
                payload=payload,
                at=context.now(),
            )


def _typed(lines: Iterable[Line]) -> dict[tuple[int, str], str]:
    """How each value was typed, by line and value."""
    return {(line.number, line.indicator.value): line.typed for line in lines if line.indicator is not None}


def _set_aside(left_out: SetAside, name: ListName | None, action: Action) -> LineOutcome:
    return LineOutcome(
        line=left_out.line,
        typed=left_out.typed,
        value=left_out.value,
        list="" if name is None else title(name, action),
        code=left_out.code,
        why=left_out.reason,
    )


def _in_order(outcomes: Iterable[LineOutcome]) -> tuple[LineOutcome, ...]:
    return tuple(sorted(outcomes, key=lambda outcome: outcome.line or 0))


def _words(refusal: Refusal) -> str:
    return f"{refusal.text} {refusal.remedy}".strip()
