"""The buttons: read who clicks and what the request is now, call one workflow function, and leave the rest to jobs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext

from bot.domain.lists.change import Operation
from bot.domain.requests.people import Person
from bot.domain.requests.request import Decision
from bot.errors import InvalidInput
from bot.slack.answering import explain
from bot.slack.block_kit.blocks import Message
from bot.slack.directory import Directory
from bot.slack.listeners.checks import carried
from bot.slack.listeners.forms import open_view
from bot.slack.listeners.replies import reply
from bot.slack.messages import audit_page, card, request_list, story, verdict
from bot.slack.modals import proposal_form
from bot.slack.modals.form_input import FormInput
from bot.slack.queries import details_view, older_audit, older_requests
from bot.workflow.asking.check import ask
from bot.workflow.asking.queries import still_standing
from bot.workflow.requesting.adopt import COPY, adopt
from bot.workflow.requesting.close import withdraw
from bot.workflow.requesting.review import review
from bot.workflow.shared.context import Context

#: What a click does, and what, if anything, the person alone is told.
Handler = Callable[["Click"], Awaitable[Message | None]]


class Click:
    """One click as it came in."""

    def __init__(self, *, context: Context, bolt: AsyncBoltContext, body: Mapping[str, Any], person: Person) -> None:
        self.context = context
        self.person = person
        self.client = bolt.client
        self.delivery: str = bolt["delivery"]
        self.trigger_id = str(body.get("trigger_id") or "")
        #: What the button carried: hostile, like everything from outside.
        self.value = str(body["actions"][0].get("value") or "")
        container = body.get("container")
        place: Mapping[str, Any] = container if isinstance(container, Mapping) else {}
        self.channel = str(place.get("channel_id") or "")
        self.message = str(place.get("message_ts") or "")
        self.response_url = str(body.get("response_url") or "")

    @property
    def request_id(self) -> int:
        """Raises InvalidInput for anything but a number."""
        if not self.value.isascii() or not self.value.isdigit() or len(self.value) > 15:
            raise InvalidInput("This button carries no request's number.", "Use the buttons on a card of Portcullis.")
        return int(self.value)


def register(app: AsyncApp, context: Context) -> None:
    """Listen for every button."""
    handlers: dict[str, Handler] = {
        card.APPROVE: _approve,
        card.DENY: _deny,
        card.WITHDRAW: _withdraw,
        card.DETAILS: _details,
        request_list.OLDER: _older_requests,
        audit_page.OLDER: _older_audit,
        verdict.CHECK_NOW: _check_now,
        story.EXTEND: _extend,
    }
    for action_id, handler in handlers.items():
        app.action(action_id)(_listener(context, action_id, handler))


def _listener(workflow: Context, action_id: str, handler: Handler) -> Callable[..., Awaitable[None]]:
    async def listen(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        try:
            answer = await clicked(context, body)
        except Exception as error:  # noqa: BLE001 — the edge: whatever it is, the person is told and the log has it
            answer = explain(error, doing=action_id)
        if answer is not None:
            await reply(workflow, body, answer, delivery=context["delivery"])
        await ack()

    async def clicked(bolt: AsyncBoltContext, body: dict[str, Any]) -> Message | None:
        directory: Directory = bolt["directory"]
        person = await directory.person(str(body["user"]["id"]))
        return await handler(Click(context=workflow, bolt=bolt, body=body, person=person))

    return listen


async def _approve(click: Click) -> None:
    await _review(click, Decision.APPROVE)


async def _deny(click: Click) -> None:
    await _review(click, Decision.DENY)


async def _review(click: Click, decision: Decision) -> None:
    await adopt(click.context, click.request_id, channel=click.channel, ts=click.message)
    await review(
        click.context, actor=click.person, request_id=click.request_id, decision=decision, delivery=click.delivery
    )


async def _withdraw(click: Click) -> None:
    await adopt(click.context, click.request_id, channel=click.channel, ts=click.message, purpose=COPY)
    await withdraw(click.context, actor=click.person, request_id=click.request_id, delivery=click.delivery)


async def _details(click: Click) -> None:
    view = await details_view(click.context, click.person, click.request_id)
    await open_view(click.client, click.trigger_id, view)


async def _check_now(click: Click) -> None:
    await ask(
        click.context,
        actor=click.person,
        indicators=carried(click.value),
        delivery=click.delivery,
        response_url=click.response_url,
        channel=click.channel,
    )


async def _extend(click: Click) -> None:
    request, standing = await still_standing(click.context, actor=click.person, request_id=click.request_id)
    given = FormInput(operation=Operation.EXTEND, action=request.action, indicators="\n".join(standing))
    await open_view(
        click.client, click.trigger_id, proposal_form.build(Operation.EXTEND, request.action, prefill=given)
    )


async def _older_requests(click: Click) -> Message:
    return await older_requests(click.context, click.person, click.value)


async def _older_audit(click: Click) -> Message:
    return await older_audit(click.context, click.person, click.value)
