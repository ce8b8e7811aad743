"""Is it allowed? Asked in Slack, answered from the tenant as it is now."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.audit import EventKind
from bot.domain.indicators import Indicator
from bot.domain.people import Person, Right
from bot.domain.verdict import Verdict, judge
from bot.workflow.access import required
from bot.workflow.context import Context
from bot.workflow.kinds import JobKind


async def ask(
    context: Context, *, actor: Person, indicators: Sequence[Indicator], delivery: str, response_url: str, channel: str
) -> None:
    """Have somebody told what the lists say of some indicators. The answer is a job's: the tenant takes its time.

    Raises NotPermitted.
    """
    await required(context, actor, Right.CHECK)
    async with context.store.write() as uow:
        if not await uow.deliveries.first_time(delivery):
            return
        for indicator in indicators:
            await uow.audit.append(
                EventKind.CHECK_ASKED,
                actor=actor.user_id,
                target=indicator.value,
                payload={"kind": indicator.kind},
                at=context.now(),
            )
        await uow.jobs.enqueue(
            JobKind.CHECK,
            {
                "indicators": [indicator.value for indicator in indicators],
                "user": actor.user_id,
                "channel": channel,
                "response_url": response_url,
            },
        )


async def answer(context: Context, indicators: Sequence[Indicator]) -> list[Verdict]:
    """The verdicts, from the tenant as it is now. Raises TenantError when it can't be read at all."""
    lists = await context.tenant.read_lists()
    reading = await context.store.prepare(lists)
    async with context.store.write() as uow:
        await uow.snapshots.save(reading)
        known = await uow.known.active()
    return [judge(indicator, lists, now=context.now(), known=known) for indicator in indicators]
