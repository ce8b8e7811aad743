"""The request that remedies a finding of the posture: made by one click, and decided like any other."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action, ListName
from bot.domain.posture.finding import Finding, Remedy
from bot.domain.reading.listed import listed_indicator
from bot.domain.requests.request import Request
from bot.store import UnitOfWork
from bot.store.deliveries import ONCE
from bot.workflow.requesting.propose import made_by
from bot.workflow.requesting.wanted import Wanted
from bot.workflow.shared.context import Context

_OPERATIONS = {
    Remedy.REMOVE: Operation.REMOVE,
    Remedy.SWITCH_OFF: Operation.SAFE_LIST_OFF,
    Remedy.END: Operation.EXTEND,
    Remedy.NOTE: Operation.ANNOTATE,
}


def wanted_for(finding: Finding) -> Wanted | None:
    """What remedies a finding, to be considered: without a lifetime an end is the list's own default. None where
    Portcullis can't change it, and for a safe list, which is no entry.
    """
    operation = _OPERATIONS.get(finding.remedy)
    if operation is None or finding.row is None:
        return None
    return Wanted(
        operation=operation,
        action=Action.ALLOW,
        indicators=[listed_indicator(finding.row.entry)],
        reason=reason_of(finding),
    )


def reason_of(finding: Finding) -> str:
    """Why, as the request says it: what is wrong, and since when that has been seen."""
    faults = ", ".join(fault.traits.words for fault in finding.faults)
    since = "" if finding.first_seen is None else f", seen since {finding.first_seen:%Y-%m-%d}"
    return f"Posture: {faults}{since}"


async def asked_for(context: Context, findings: Sequence[Finding]) -> dict[str, int]:
    """By name, the proposals under way that remedy some of a few findings."""
    async with context.store.read() as uow:
        found = {finding.name: await _by_others(uow, finding) for finding in findings}
    return {name: request.proposal_id for name, request in found.items() if request is not None}


async def asked_already(context: Context, finding: Finding) -> tuple[Request | None, str]:
    """The request under way that remedies a finding, if somebody has asked; and by which name one is made once.

    Two who click at once name the same, so that one request comes of it; once that was turned down or is done, there
    is another name.
    """
    async with context.store.read() as uow:
        number = 0
        while made := await made_by(uow, once := _once(finding, number)):
            request = await uow.requests.summary(made[0])
            if request.status.is_under_way:
                return request, once
            number = made[0]
        return await _by_others(uow, finding), once


async def _by_others(uow: UnitOfWork, finding: Finding) -> Request | None:
    """A request under way that asks for the same, whoever made it."""
    if finding.remedy is Remedy.SWITCH_OFF:
        found = await uow.requests.naming(ListName.CONNECTION_FILTER, [finding.value])
    elif finding.row is not None:
        found = await uow.requests.naming(finding.row.entry.list, [finding.row.entry.value])
    else:
        return None
    operation = _OPERATIONS.get(finding.remedy)
    return next((each for each in found if (each.operation, each.action) == (operation, Action.ALLOW)), None)


def _once(finding: Finding, number: int) -> str:
    return f"{ONCE}posture:{finding.name}:{finding.remedy.value}:{number}"
