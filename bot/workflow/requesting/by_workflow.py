"""Blocks that a step of Slack's Workflow Builder asks for, in the name of whoever started the workflow.

Nobody can be asked anything: what isn't clear is refused with its reason, and what policy refuses of several values is
set aside with its reason, which stands on record with the request. See `bot.domain.policies.by_workflow` for who has to
approve.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.domain.indicators.defanging import defanged
from bot.domain.indicators.indicator import Indicator
from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action
from bot.domain.policies.by_workflow import BY_WORKFLOW, by_workflow
from bot.domain.policies.case import Refusal
from bot.domain.policies.import_limits import refuse_too_many
from bot.domain.reading.command_text import read_field
from bot.domain.reading.contradictions import contradiction_in
from bot.domain.reading.durations import read_lifetime
from bot.domain.reading.import_text import storable
from bot.domain.reading.line_ends import lines_of
from bot.domain.requests.people import Person
from bot.domain.requests.request import Request, SetAside
from bot.errors import Conflict, InvalidInput
from bot.store import UnitOfWork
from bot.workflow.requesting.consider import Considered, JudgedProposal
from bot.workflow.requesting.propose import made_by, propose
from bot.workflow.requesting.wanted import Wanted, consider_change
from bot.workflow.shared.context import Context
from bot.workflow.shared.own_domains import own_domains
from bot.workflow.shared.rights import Proposer, proposer

#: So many things that are wrong are told at once.
_TOLD = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedByStep:
    """What a step asks to have blocked: any texts. `run` is what Slack calls this run of the step."""

    indicators: str
    reason: str
    lasts: str  #: how long, or until when; empty: each list's own default
    run: str
    workflow: str = ""  #: what Slack calls the run of the whole workflow

    @property
    def delivery(self) -> str:
        """What names the request that comes of it: run again, it is the same."""
        return f"step:{self.run}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CameOfStep:
    """What came of a step: a proposal, and what was left out of it."""

    requests: tuple[Request, ...]
    set_aside: tuple[SetAside, ...]


async def propose_by_step(context: Context, asked: AskedByStep, *, actor: Person) -> CameOfStep:
    """Make what a step asks for one proposal that waits, in the name of `actor`, who started the workflow.

    Asked again for the same run, it changes nothing and gives the same answer. Raises InvalidInput for what can't be
    read, what policy refuses and a person who has too many open requests; NotPermitted for one who may not propose, and
    Conflict where no step may.
    """
    if (made := await made_by_step(context, asked)) is not None:
        return made
    if not context.workflow_step:
        raise Conflict("No workflow may propose here.", "Type /block, or ask whoever runs Portcullis (WORKFLOW_STEP).")
    who = await proposer(context, actor, delivery=asked.delivery)
    wanted = await _read(context, asked)
    considered, set_aside = await _considered(context, who, wanted, asked)
    proposed = await propose(
        context, considered, delivery=asked.delivery, refused_as=f"refused-by-policy:{asked.delivery}"
    )
    if not proposed.requests:
        raise _told(considered.refusals)
    return CameOfStep(requests=proposed.requests, set_aside=tuple(set_aside))


async def made_by_step(context: Context, asked: AskedByStep) -> CameOfStep | None:
    """What came of this run of the step before; None: nothing yet."""
    async with context.store.read() as uow:
        return await _made(uow, asked)


async def nothing_came(uow: UnitOfWork, asked: AskedByStep) -> CameOfStep | None:
    """None where nothing came of this run of the step, and from this commit on nothing will, by an attempt that is
    still on its way either: so Slack can be told that nothing was requested. Otherwise what came of it."""
    return None if await uow.deliveries.give_up(asked.delivery) else await _made(uow, asked)


async def _made(uow: UnitOfWork, asked: AskedByStep) -> CameOfStep | None:
    made = await made_by(uow, asked.delivery)
    if not made:
        return None
    requests = [await uow.requests.summary(request_id) for request_id in made]
    set_aside = [line for request_id in made for line in await uow.requests.set_aside(request_id)]
    return CameOfStep(requests=tuple(requests), set_aside=tuple(set_aside))


def of_workflow(considered: Considered, workflow: Mapping[str, object]) -> Considered:
    """The same as what a workflow proposes. `workflow` says which, for the log; it isn't empty."""
    judged = tuple(replace(each, assessment=by_workflow(each.assessment)) for each in considered.judged)
    return replace(considered, judged=judged, workflow=workflow)


def is_by_workflow(request: Request) -> bool:
    """Whether a workflow proposed it."""
    return any(warning.code == BY_WORKFLOW.code for warning in request.warnings)


async def _read(context: Context, asked: AskedByStep) -> Wanted:
    """What is asked for, read as a form is. Raises InvalidInput for all that a person would be asked about."""
    today, own = context.now().date(), await own_domains(context)
    # In a thread: a long text takes a moment to read.
    given = await asyncio.to_thread(
        read_field, asked.indicators, accepted_domains=own, wanted=Action.BLOCK, today=today
    )
    wrong: list[object] = [*given.problems]
    if not given.indicators and not given.problems:
        wrong.append("The step was given no indicator.")
    wrong += filter(None, [contradiction_in(asked.reason, Action.BLOCK), refuse_too_many(given.indicators)])
    if wrong:
        raise InvalidInput(_together(map(str, wrong)))
    return Wanted(
        operation=Operation.ADD,
        action=Action.BLOCK,
        indicators=given.indicators,
        lifetime=read_lifetime(asked.lasts, today=today) if asked.lasts.strip() else None,
        reason=given.reason_with(asked.reason),
    )


async def _considered(
    context: Context, who: Proposer, wanted: Wanted, asked: AskedByStep
) -> tuple[Considered, Sequence[SetAside]]:
    """What is wanted, judged; where policy refuses some of several values, the others, and these set aside."""
    workflow: dict[str, object] = {"step": asked.run, "run": asked.workflow}
    considered = await consider_change(context, actor=who, wanted=wanted)
    if not (others := frozenset(considered.unrefused)):
        return of_workflow(considered, workflow), ()
    refused = {refusal.indicator: refusal for refusal in considered.refusals if refusal.indicator}
    fewer = replace(wanted, indicators=[each for each in wanted.indicators if each.value in others])
    considered = await consider_change(context, actor=who, wanted=fewer)
    set_aside = await asyncio.to_thread(_set_aside, asked, wanted.indicators, refused)
    workflow["set_aside"] = [{"value": line.value, "code": line.code} for line in set_aside]
    first, *rest = of_workflow(considered, workflow).judged
    judged: tuple[JudgedProposal, ...] = (replace(first, set_aside=set_aside), *rest)
    return replace(considered, judged=judged, workflow=workflow), set_aside


def _set_aside(
    asked: AskedByStep, indicators: Iterable[Indicator], refused: Mapping[str, Refusal]
) -> Sequence[SetAside]:
    """The values that policy refuses, each with the line in which it stands, as far as one line holds it."""
    lines: dict[str, tuple[int, str]] = {}
    for number, line in enumerate(lines_of(asked.indicators), start=1):
        for indicator in read_field(line).indicators:
            lines.setdefault(indicator.value, (number, storable(line)))
    return [
        SetAside(
            line=lines.get(each.value, (1, ""))[0],
            typed=lines.get(each.value, (1, each.value))[1],
            value=each.value,
            code=refused[each.value].code,
            reason=_said(refused[each.value]),
        )
        for each in indicators
        if each.value in refused
    ]


def _told(refusals: Sequence[Refusal]) -> InvalidInput:
    return InvalidInput(_together(map(_said, refusals)))


def _said(refusal: Refusal) -> str:
    """A refusal that names what it is about."""
    shown = defanged(refusal.indicator) if refusal.indicator else ""
    return str(refusal) if shown in str(refusal) else f"{shown}: {refusal}"


def _together(said: Iterable[str]) -> str:
    """Everything that is wrong, each once, as far as people read it."""
    distinct = list(dict.fromkeys(said))
    more = f" And {len(distinct) - _TOLD} more." if len(distinct) > _TOLD else ""
    return " ".join(distinct[:_TOLD]) + more
