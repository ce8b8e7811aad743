"""From what was judged to requests: one for each list and end, with the lines that were set aside beside them."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from bot.domain.auditing.events import EventKind
from bot.domain.importing.outcomes import REQUESTED, Imported, LineOutcome
from bot.domain.lists.traits import Action, ListName, title
from bot.domain.requests.people import Person
from bot.domain.requests.request import Request, SetAside
from bot.workflow.importing.judge import JudgedImport, remarks_by_line, typed_by_line
from bot.workflow.requesting.consider import JudgedProposal, considered
from bot.workflow.requesting.propose import made_by, made_waits_because, propose
from bot.workflow.shared.context import Context
from bot.workflow.shared.rights import Proposer, proposer


async def request_import(
    context: Context, *, actor: Person, judged: JudgedImport, delivery: str, source: Mapping[str, object]
) -> Imported:
    """Propose what may go ahead of what was judged.

    `delivery` names the import: named again, after a crash or a redelivery, it makes no second request and gives the
    same answer. `source` says in the log where the lines came from. Raises NotPermitted, after it was logged.
    """
    who = await proposer(context, actor, delivery=delivery)
    return await _propose(context, who, judged, delivery=delivery, source=source)


async def _propose(
    context: Context, who: Proposer, judged: JudgedImport, *, delivery: str, source: Mapping[str, object]
) -> Imported:
    made = await _before(context, delivery)
    if not made and judged.parts:
        proposals = [
            JudgedProposal(proposal=part.proposal, assessment=part.assessment, lines=part.lines, set_aside=beside)
            for part, beside in zip(judged.parts, _beside(judged), strict=True)
        ]
        proposed = await propose(context, await considered(context, actor=who, judged=proposals), delivery=delivery)
        made = tuple(request.id for request in proposed.requests)
    imported = await _answer(context, judged, made, delivery)
    await _log(context, who, judged, imported, delivery=delivery, source=source)
    return imported


def outcomes_of(judged: JudgedImport) -> tuple[LineOutcome, ...]:
    """What would become of each line, for who only wants to know."""
    typed, remarks = typed_by_line(judged.lines), remarks_by_line(judged.lines)
    aside = [_set_aside(left_out, name, judged.wanted.action, remarks) for left_out, name in judged.set_aside]
    going = [
        LineOutcome(
            line=line,
            typed=typed.get((line, value), value),
            value=value,
            list=title(part.proposal.list, part.proposal.action),
            request=None,
            code=REQUESTED,
            remark=remarks.get((line, value), ""),
        )
        for part in judged.parts
        for value, line in part.lines.items()
    ]
    return _in_order([*aside, *going])


def _beside(judged: JudgedImport) -> list[list[SetAside]]:
    """Which set-aside lines stand with which part: those of its list with the first part of it, and with the first
    part of all those that belong to none.
    """
    first: dict[ListName, int] = {}
    for place, part in enumerate(judged.parts):
        first.setdefault(part.proposal.list, place)
    beside: list[list[SetAside]] = [[] for _ in judged.parts]
    for left_out, name in judged.set_aside:
        beside[first.get(name, 0) if name is not None else 0].append(left_out)
    return beside


async def _before(context: Context, delivery: str) -> tuple[int, ...]:
    """The requests that this import made before, if it came before."""
    async with context.store.read() as uow:
        return await made_by(uow, delivery)


async def _answer(context: Context, judged: JudgedImport, made: Sequence[int], delivery: str) -> Imported:
    """What to tell of an import: from the requests as they are on disk, or, where none was made, from the judgement."""
    if not made:
        outcomes = await asyncio.to_thread(outcomes_of, judged)
        return Imported(outcomes=outcomes, snapshot_of=judged.snapshot_of)
    found: list[tuple[Request, Sequence[SetAside]]] = []
    requests: list[Request] = []
    for request_id in made:
        async with context.store.read() as uow:
            found.append((await uow.requests.get(request_id), await uow.requests.set_aside(request_id)))
            requests.append(await uow.requests.summary(request_id))
    async with context.store.read() as uow:
        because = await made_waits_because(uow, delivery)
    return Imported(
        outcomes=await asyncio.to_thread(_outcomes_on_disk, judged, found),
        requests=tuple(requests),
        waits_because=because,
        snapshot_of=judged.snapshot_of,
    )


def _outcomes_on_disk(
    judged: JudgedImport, found: Iterable[tuple[Request, Sequence[SetAside]]]
) -> tuple[LineOutcome, ...]:
    """What became of each line, by the requests with all their items and the lines beside them."""
    lists = {(left_out.line, left_out.value or left_out.typed): name for left_out, name in judged.set_aside}
    typed, remarks = typed_by_line(judged.lines), remarks_by_line(judged.lines)
    outcomes: list[LineOutcome] = []
    for whole, aside in found:
        outcomes += [
            _set_aside(left_out, lists.get((left_out.line, left_out.value or left_out.typed)), whole.action, remarks)
            for left_out in aside
        ]
        outcomes += [
            LineOutcome(
                line=item.line,
                typed=typed.get((item.line or 0, item.value), item.value),
                value=item.value,
                list=title(whole.list, whole.action),
                request=whole.id,
                proposal=whole.proposal_id,
                code=REQUESTED,
                remark=remarks.get((item.line or 0, item.value), ""),
            )
            for item in whole.items
        ]
    return _in_order(outcomes)


async def _log(
    context: Context,
    who: Proposer,
    judged: JudgedImport,
    imported: Imported,
    *,
    delivery: str,
    source: Mapping[str, object],
) -> None:
    """Write down what became of the lines, once for each import."""
    counts = Counter(outcome.code for outcome in imported.outcomes)
    requests = [request.id for request in imported.requests]
    wanted, reading = judged.wanted, judged.reading
    payload = {
        "read_as": reading.what,
        "column": reading.chosen.key if reading.chosen is not None else "",
        "ends_from": reading.ends.key if wanted.take_ends and reading.ends is not None else "",
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


def _set_aside(
    left_out: SetAside, name: ListName | None, action: Action, remarks: Mapping[tuple[int, str], str]
) -> LineOutcome:
    return LineOutcome(
        line=left_out.line,
        typed=left_out.typed,
        value=left_out.value,
        list="" if name is None else title(name, action),
        code=left_out.code,
        why=left_out.reason,
        remark=remarks.get((left_out.line, left_out.value), ""),
    )


def _in_order(outcomes: Iterable[LineOutcome]) -> tuple[LineOutcome, ...]:
    return tuple(sorted(outcomes, key=lambda outcome: outcome.line or 0))
