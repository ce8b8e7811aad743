"""Holding a request against policy once more, in a thread: ten thousand indicators take a moment."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime

from bot.domain.lists.entries import Snapshot
from bot.domain.policies import reassessing
from bot.domain.policies.case import Assessment, Rules
from bot.domain.requests.known_entry import KnownEntry
from bot.domain.requests.request import Item, Request


async def reassess(
    request: Request,
    items: Sequence[Item],
    lists: Snapshot | None,
    rules: Rules,
    *,
    known: Sequence[KnownEntry],
    now: datetime,
) -> Assessment:
    """What policy says today of some items of a request."""
    return await asyncio.to_thread(reassessing.reassess, request, items, lists, rules, known=known, now=now)
