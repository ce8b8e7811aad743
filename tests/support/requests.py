"""Requests as tests need them, already in the store."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from bot.domain.indicators.indicator import Kind
from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action, ListName
from bot.domain.requests.request import Request
from bot.store import Store, UnitOfWork
from bot.store.request_rows import NewRequest


async def add_request(uow: UnitOfWork, store: Store, **changes: Any) -> Request:  # noqa: ANN401 - any field
    """A pending request to block one domain, but for `changes`."""
    now = store.clock()
    when: dict[str, Any] = {"lapses_at": now + timedelta(days=3), "at": now, "proposal_id": None}
    fields: dict[str, Any] = {
        "operation": Operation.ADD,
        "action": Action.BLOCK,
        "list": ListName.SENDER,
        "reason": "sends malware",
        "expires": None,
        "requester": "UREQUESTER",
        "approvals_needed": 1,
        "indicators": [(Kind.DOMAIN, "evil.example")],
    }
    when |= {name: changes.pop(name) for name in when.keys() & changes.keys()}
    return await uow.requests.add(NewRequest(**(fields | changes)), **when)
