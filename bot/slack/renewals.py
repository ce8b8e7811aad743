"""What is due for renewal as lines for Slack, each with the way to the card of the request that keeps the entry."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.telling.renewal_facts import DueLine, due_line
from bot.workflow.asking.renewals import DueEntry
from bot.workflow.shared.context import Context


async def lines_linked(context: Context, entries: Sequence[DueEntry]) -> list[DueLine]:
    """The entries as lines, in their order."""
    async with context.store.read() as uow:
        links = await context.card_links.of_requests(uow, {each.number for each in entries})
    return [_line(each, links.get(each.number, "")) for each in entries]


def _line(due: DueEntry, card_url: str) -> DueLine:
    renewal, entry = due.renewal, due.entry
    return due_line(
        renewal,
        number=due.number,
        reason="" if entry is None else entry.reason,
        since=None if entry is None else entry.since,
        expires=None if entry is None else entry.expires,
        last_used=due.last_used,
        found=due.found,
        card_url=card_url,
    )
