"""Propose again: the form of a proposal, filled in with what somebody asked for and didn't get."""

from __future__ import annotations

from collections.abc import Iterable

from bot.domain.lists.change import Operation
from bot.domain.lists.entries import Entry
from bot.domain.reading.lines import line_of
from bot.domain.reading.listed import listed_indicator
from bot.domain.requests.asked_again import end_to_ask_again, values_to_ask_again
from bot.domain.requests.request import Request
from bot.slack.block_kit.ids import ActionId
from bot.slack.listeners.delivered import Click
from bot.slack.listeners.deliveries import on_click
from bot.slack.listeners.forms import open_view
from bot.slack.modals import proposal_form
from bot.slack.modals.form_input import FormInput
from bot.workflow.requesting.again import to_ask_again


def lines_naming(request: Request, values: Iterable[str]) -> str:
    """Values of a request as lines that read as just these entries: a URL that is a bare host would be read as a
    sender, a pair as two."""
    entries = (Entry(list=request.list, action=request.action, value=value) for value in values)
    return "\n".join(line_of(listed_indicator(entry)) for entry in entries)


async def _propose_again(click: Click) -> None:
    context = click.context
    requests = await to_ask_again(context, actor=click.person, request_id=click.request_id, delivery=click.delivery)
    request = requests[0]
    # What Microsoft was to be shown is gone with the request: the form of an allow asks for it once more.
    operation = Operation.ADD if request.operation is Operation.SUBMIT else request.operation
    is_of_policies = operation is Operation.SAFE_LIST_OFF
    lines = [] if is_of_policies else [lines_naming(each, values_to_ask_again(each)) for each in requests]
    given = FormInput(
        operation=operation,
        action=request.action,
        indicators="\n".join(lines),
        end=end_to_ask_again(request, now=context.now()),
        reason=request.reason,
    )
    await open_view(click.client, click.trigger_id, proposal_form.build(operation, request.action, prefill=given))


ROUTES = (on_click(ActionId.PROPOSE_AGAIN, _propose_again),)
