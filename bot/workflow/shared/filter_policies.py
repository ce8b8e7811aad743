"""The connection filter policies as the last snapshot of the lists has them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.domain.lists.entries import FilterPolicy
from bot.domain.lists.traits import ListName
from bot.errors import InvalidInput
from bot.workflow.shared.context import Context


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterPolicies:
    """All of them, each with its safe-list switch, and when they were read."""

    policies: tuple[FilterPolicy, ...]
    as_of: datetime


async def filter_policies(context: Context) -> FilterPolicies:
    """The policies and their switches. Raises InvalidInput when the connection filter has not been read yet."""
    async with context.store.read() as uow:
        ages = await uow.snapshots.age()
        lists = await uow.snapshots.load()
    as_of = (ages or {}).get(ListName.CONNECTION_FILTER)
    if lists is None or as_of is None or not lists.policies:
        raise InvalidInput(
            "Whether the safe list is on is not known: the connection filter could not be read yet.",
            "Try again in a minute; `portcullis doctor` says what keeps the tenant from being read.",
        )
    return FilterPolicies(policies=lists.policies, as_of=as_of)
