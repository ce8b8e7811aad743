"""Details opened: on record where something in them counts, such as Try again."""

from __future__ import annotations

from bot.domain.requests.binding import Purpose
from bot.slack.listeners.delivered import Click
from bot.slack.listeners.forms import open_view
from bot.slack.queries import details_view
from bot.workflow.requesting.bound import remember_form


async def show_details(click: Click, request_id: int, *, shown: int) -> None:
    """Open the details of a request, over the modal that was clicked in, if it was one.

    `shown` is as for `details_view`, which says what is raised.
    """
    found = await details_view(click.context, click.person, request_id, shown=shown)
    opened = await open_view(click.client, click.trigger_id, found.view, over=click.view)
    if opened and found.counts_for is not None:
        await remember_form(click.context, found.counts_for, opened, actor=click.person, purpose=Purpose.DETAILS)
