"""The posture for whoever asks: by the last snapshot of the lists, with nothing asked of the tenant."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.domain.auditing.events import EventKind
from bot.domain.posture.finding import Finding
from bot.domain.requests.people import Person, Right
from bot.errors import InvalidInput
from bot.workflow.asking.browse import requests_of
from bot.workflow.asking.noting import note_read
from bot.workflow.shared.context import Context
from bot.workflow.shared.found_posture import FoundPosture, demand_posture, since_of
from bot.workflow.shared.rights import required


@dataclass(frozen=True, slots=True, kw_only=True)
class PosturePage:
    """A page of the findings, the gravest first, each with since when and who asked for it."""

    posture: FoundPosture
    start: int  #: so many findings stand before this page
    findings: tuple[Finding, ...]


async def posture_page(
    context: Context, *, actor: Person, start: int, size: int, after: str = "", before: str = ""
) -> PosturePage:
    """The page behind the finding with the name `after`, or in front of `before`; where there is none such any more,
    from the position `start` on. That somebody looked is logged.

    Raises NotPermitted, and InvalidInput before the first snapshot.
    """
    await required(context, actor, Right.CHECK)
    await note_read(context, EventKind.POSTURE_READ, actor=actor, target="posture", payload={"from": start})
    found = await demand_posture(context)
    start = await asyncio.to_thread(_start, found.findings, start, size, after, before)
    shown = found.findings[start : start + size]
    return PosturePage(
        posture=found, start=start, findings=await with_requests(context, await since_of(context, shown))
    )


async def finding_called(context: Context, name: str) -> Finding:
    """The finding that a button names, with since when. Raises InvalidInput where there is none any more."""
    found = await demand_posture(context)
    finding = await asyncio.to_thread(lambda: next((each for each in found.findings if each.name == name), None))
    if finding is None:
        raise InvalidInput(
            "This finding isn't there any more, as the lists were last read.",
            "Look at the posture again with /posture.",
        )
    return (await since_of(context, (finding,)))[0]


async def with_requests(context: Context, findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """A few findings, each with the number of the request that its entry came of, as people know it."""
    async with context.store.read() as uow:
        rows = iter(await requests_of(uow, [each.row for each in findings if each.row is not None]))
        return tuple(each if each.row is None else replace(each, row=next(rows)) for each in findings)


def _start(findings: Sequence[Finding], start: int, size: int, after: str, before: str) -> int:
    """Where the page begins, among the findings as they are now."""
    if after or before:
        named = after or before
        at = next((place for place, each in enumerate(findings) if each.name == named), None)
        if at is not None:
            start = at + 1 if after else max(0, at - size)
    return start if start < len(findings) else 0
