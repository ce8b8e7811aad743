"""The connection filter's safe-list switch: where it is on, and why it is never switched on."""

from __future__ import annotations

from bot.domain.auditing.events import EventKind
from bot.domain.lists.traits import Action, ListName
from bot.domain.policies.case import Refusal
from bot.domain.policies.safe_list import refuse_safe_list_on
from bot.domain.requests.people import Person, Right
from bot.workflow.shared.context import Context
from bot.workflow.shared.filter_policies import FilterPolicies, filter_policies
from bot.workflow.shared.rights import required


async def switches(context: Context, *, actor: Person) -> FilterPolicies:
    """The policies and their switches, by the last snapshot. Raises NotPermitted, and InvalidInput without one."""
    await required(context, actor, Right.CHECK)
    return await filter_policies(context)


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
