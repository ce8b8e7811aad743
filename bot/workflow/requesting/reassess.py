"""Holding a request against policy once more: at the click of an approver, and before anything is sent."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.indicators.indicator import Kind
from bot.domain.indicators.reader import read_as
from bot.domain.lists.entries import Snapshot
from bot.domain.policies.assess import assess
from bot.domain.policies.case import Assessment, Refusal, Rules
from bot.domain.reading.import_text import MOST_IMPORTED
from bot.domain.requests.known_entry import KnownEntry
from bot.domain.requests.proposal import Proposal
from bot.domain.requests.request import Item, Request

#: What the tenant's lists say of a value is settled by applying, which reads them anew.
SETTLED_BY_APPLYING = frozenset(
    {"exists", "not_listed", "other_action", "full", "ended", "same_end", "safe_list_is_off", "no_such_policy"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedNow:
    """What policy no longer permits of a request, in policy's words."""

    whole: Refusal | None = None  #: the request as it is
    values: Mapping[str, str] = field(default_factory=dict)  #: single values


async def reassess(
    request: Request,
    items: Sequence[Item],
    lists: Snapshot | None,
    rules: Rules,
    *,
    known: Sequence[KnownEntry],
    now: datetime,
) -> Assessment:
    """What policy says today of some items of a request, in a thread: ten thousand take a moment."""
    return await asyncio.to_thread(_assess, request, items, lists, rules, known, now)


def refused_now(assessment: Assessment) -> RefusedNow:
    """What an assessment forbids, but for what applying itself settles."""
    refusals = [refusal for refusal in assessment.refusals if refusal.code not in SETTLED_BY_APPLYING]
    whole = next((refusal for refusal in refusals if not refusal.indicator), None)
    values: dict[str, str] = {}
    for refusal in refusals:
        if refusal.indicator:
            values.setdefault(refusal.indicator, refusal.text)
    return RefusedNow(whole=whole, values=values)


def _assess(
    request: Request,
    items: Sequence[Item],
    lists: Snapshot | None,
    rules: Rules,
    known: Sequence[KnownEntry],
    now: datetime,
) -> Assessment:
    proposal = Proposal(
        operation=request.operation,
        action=request.action,
        list=request.list,
        indicators=tuple(read_as(Kind(item.kind), item.value) for item in items),
        reason=request.reason,
        expires=request.expires,
        acknowledged=True,  # without the tick there would be no request
        evidence=request.evidence,
    )
    return assess(proposal, lists, rules, now=now, most=MOST_IMPORTED, known=known)
