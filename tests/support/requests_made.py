"""The requests that there are, for tests that look at all of them."""

from __future__ import annotations

from collections.abc import Collection

from bot.domain.requests.request import Request, Status
from bot.store import UnitOfWork


async def newest_requests(
    uow: UnitOfWork, *, statuses: Collection[Status] | None = None, limit: int = 20, items: int = 20
) -> list[Request]:
    """Each request of the newest proposals by itself, the newest first."""
    found = await uow.requests.proposal_page(statuses=statuses, limit=limit, items=items)
    requests = [request for parts in found for request in parts.requests]
    wanted = [request for request in requests if statuses is None or request.status in statuses]
    return sorted(wanted, key=lambda request: -request.id)[:limit]
