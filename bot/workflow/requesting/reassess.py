"""Holding a request against policy once more, in a thread where that takes a moment, as ten thousand indicators do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from bot.domain.lists.entries import Snapshot
from bot.domain.lists.list_index import ListIndex
from bot.domain.policies import reassessing
from bot.domain.policies.case import Assessment, Rules
from bot.domain.requests.known_entry import KnownEntry
from bot.domain.requests.request import Item, Request
from bot.workflow.shared.aside import judged_aside


async def reassess(
    request: Request,
    items: Sequence[Item],
    lists: Snapshot | None,
    rules: Rules,
    *,
    known: Sequence[KnownEntry],
    now: datetime,
    index: ListIndex | None = None,
) -> Assessment:
    """What policy says today of some items of a request. `index` is that of these same lists, where there is one."""
    judging = partial(reassessing.reassess, request, items, lists, rules, known=known, now=now, index=index)
    return await judged_aside(len(items), lists, judging, is_indexed=index is not None)
