"""What is told of requests, with the way to each request's card."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.domain.telling.overview_facts import OverviewFacts
from bot.domain.telling.request_facts import RequestFacts
from bot.workflow.shared.context import Context


async def requests_linked(context: Context, told: Sequence[RequestFacts]) -> list[RequestFacts]:
    """The same requests, each with where its card is read."""
    async with context.store.read() as uow:
        links = await context.card_links.of_requests(uow, {facts.id for facts in told})
    return [replace(facts, card_url=links.get(facts.id, "")) for facts in told]


async def overview_linked(context: Context, told: OverviewFacts) -> OverviewFacts:
    """The same overview, likewise."""
    linked = await requests_linked(context, [*told.for_me, *told.mine])
    return replace(told, for_me=tuple(linked[: len(told.for_me)]), mine=tuple(linked[len(told.for_me) :]))
