"""What somebody is about to decide on is held against the log first: what the database alone says is not decided on."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.requests.request import Request
from bot.errors import Conflict
from bot.workflow.shared.context import Context
from bot.workflow.shared.owed_answers import owe
from bot.workflow.shared.proving import in_words, read_proved, read_proved_items, tell_once_a_day


async def require_proved(
    context: Context, request_ids: Sequence[int], *, also_items: bool = False
) -> tuple[Request, ...]:
    """These requests with all their items, as the log proves them; `also_items`: and what they have put on the lists.

    Raises Conflict, once the alert channel is to be told, where the database says otherwise of one; and NotFound.
    """
    async with context.store.read() as uow:
        read = read_proved_items if also_items else read_proved
        proved = [await read(uow, request_id) for request_id in request_ids]
    for request, found in proved:
        if found:
            error = Conflict(
                f"The database says otherwise of #{request.proposal_id} than the log, and nothing is decided. "
                f"{in_words(found)}",
                "The alert channel was told: run `portcullis audit verify`, and find out who changed the database.",
            )
            async with context.store.write() as uow:
                await tell_once_a_day(context, uow, request, found)
                await owe(uow, error)
            raise error
    return tuple(request for request, _ in proved)
