"""The connection filter's safe-list switch: where it is on, and why it is never switched on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.domain.auditing.events import EventKind
from bot.domain.lists.entries import FilterPolicy
from bot.domain.lists.traits import Action, ListName
from bot.domain.policies.case import Refusal
from bot.domain.policies.safe_list import refuse_safe_list_on
from bot.domain.requests.people import Person, Right
from bot.errors import InvalidInput
from bot.workflow.shared.context import Context
from bot.workflow.shared.rights import required


@dataclass(frozen=True, slots=True, kw_only=True)
class Switches:
    """The connection filter policies as the last snapshot has them."""

    policies: tuple[FilterPolicy, ...]
    as_of: datetime


async def switches(context: Context, *, actor: Person, right: Right = Right.CHECK) -> Switches:
    """The policies and their switches, by the last snapshot. Raises NotPermitted, and InvalidInput without one."""
    await required(context, actor, right)
    async with context.store.read() as uow:
        ages = await uow.snapshots.age()
        lists = await uow.snapshots.load()
    as_of = (ages or {}).get(ListName.CONNECTION_FILTER)
    if lists is None or as_of is None or not lists.policies:
        raise InvalidInput(
            "Whether the safe list is on is not known: the connection filter could not be read yet.",
            "Try again in a minute; `portcullis doctor` says what keeps the tenant from being read.",
        )
    return Switches(policies=lists.policies, as_of=as_of)


async def refuse_on(context: Context, *, actor: Person, delivery: str) -> Refusal:
    """Refuse to switch it on, with the baseline's reason, and log that somebody wanted it. Raises NotPermitted."""
    await required(context, actor, Right.PROPOSE)
    refusal = refuse_safe_list_on()
    async with context.store.write() as uow:
        if await uow.deliveries.first_time(delivery):
            await uow.audit.append(
                EventKind.REQUEST_REFUSED,
                actor=actor.user_id,
                target="safe list",
                payload={
                    "operation": "safe_list_on",
                    "action": Action.ALLOW,
                    "list": ListName.CONNECTION_FILTER,
                    "refusals": [refusal.code],
                },
                at=context.now(),
            )
    return refusal
