"""The slash commands: read what was typed, call one workflow function, answer.

What is missing or wrong opens a form with what was given filled in; the answer to everything else goes back with the
acknowledgement, seen by the person alone.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext

from bot.domain.command_text import CommandText, read_command
from bot.domain.drafting import draft
from bot.domain.lists import Action
from bot.domain.people import Person, Right
from bot.domain.policy import Field
from bot.domain.requests import Operation
from bot.errors import InvalidInput
from bot.slack.answering import explain
from bot.slack.blocks import Message, View
from bot.slack.commands import AUDIT, CHECK, COMMANDS, REQUESTS, Command
from bot.slack.directory import Directory
from bot.slack.listeners.forms import form_for, open_view, too_many
from bot.slack.queries import audit_answer, requests_answer
from bot.slack.views.form_input import FormInput
from bot.slack.views.help import help_message
from bot.slack.views.proposal_form import build as proposal_form
from bot.slack.views.proposed import proposed_message
from bot.workflow.access import required
from bot.workflow.check import ask
from bot.workflow.context import Context
from bot.workflow.propose import consider, propose

#: So many indicators are judged in one answer.
MOST_CHECKED = 5

#: What a command does: from who typed what, to what they see, or to the form that opens.
Handler = Callable[["Typed"], Awaitable[Message | View | None]]


class Typed:
    """One slash command as it came in."""

    def __init__(self, *, context: Context, person: Person, body: Mapping[str, Any], delivery: str) -> None:
        self.context = context
        self.person = person
        self.delivery = delivery
        self.text = str(body.get("text") or "")
        self.channel = str(body.get("channel_id") or "")
        self.response_url = str(body.get("response_url") or "")


def register(app: AsyncApp, context: Context) -> None:
    """Listen for every command of the table."""
    handlers: dict[str, Handler] = {CHECK.name: _check, REQUESTS.name: _requests, AUDIT.name: _audit}
    for command in COMMANDS:
        handler = handlers.get(command.name)
        if handler is None and command.operation is not None and command.action is not None:
            handler = partial(_propose, operation=command.operation, action=command.action)
        if handler is not None:
            app.command(command.name)(_listener(context, command, handler))


def _listener(context: Context, command: Command, handler: Handler) -> Callable[..., Awaitable[None]]:
    async def listen(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        try:
            answer = await _answer(context, body)
        except Exception as error:  # noqa: BLE001 — the edge: whatever it is, the person is told and the log has it
            answer = explain(error, doing=command.name)
        if isinstance(answer, Message):
            await ack(response_type="ephemeral", **answer.to_dict())
        else:
            await ack()

    async def _answer(bolt: AsyncBoltContext, body: dict[str, Any]) -> Message | None:
        if _wants_help(str(body.get("text") or "")):
            return help_message(command)
        directory: Directory = bolt["directory"]
        person = await directory.person(str(body["user_id"]))
        answer = await handler(Typed(context=context, person=person, body=body, delivery=bolt["delivery"]))
        if isinstance(answer, View):
            await open_view(bolt.client, str(body["trigger_id"]), answer)
            return None
        return answer

    return listen


def _wants_help(text: str) -> bool:
    return text.strip().lower() in {"help", "?"}


async def _propose(typed: Typed, *, operation: Operation, action: Action) -> Message | View | None:
    """`/block`, `/unblock`, `/allow`, `/unallow`."""
    context = typed.context
    # Before any form: who may not propose shouldn't fill one in.
    await required(context, typed.person, Right.PROPOSE)
    text = read_command(typed.text, accepted_domains=context.rules.accepted_domains)
    given = FormInput(
        operation=operation,
        action=action,
        indicators=text.typed,
        end="" if text.lifetime is None else str(text.lifetime),
        reason=text.reason,
    )
    if text.problems or not text.indicators:
        return proposal_form(operation, action, prefill=given, problems=_problems(text))
    if (surplus := too_many(text.indicators)) is not None:
        raise InvalidInput(surplus.text, surplus.remedy)
    now = context.now()
    proposals = draft(
        operation, action, text.indicators, lifetime=text.lifetime, reason=text.reason, rules=context.rules, now=now
    )
    considered = await consider(context, actor=typed.person, proposals=proposals)
    form = form_for(given, considered, now=now)
    if form is not None:
        return form
    proposed = await propose(context, actor=typed.person, proposals=proposals, delivery=typed.delivery)
    refusals = [refusal for one in proposed.considered for refusal in one.assessment.refusals]
    return proposed_message(proposed.requests, refusals=refusals)


def _problems(text: CommandText) -> dict[Field, str]:
    problems: dict[Field, str] = {}
    for problem in text.problems:
        place = Field.EXPIRES if problem.about_lifetime else Field.INDICATORS
        problems.setdefault(place, f"{problem.what} {problem.remedy}".strip())
    return problems


async def _check(typed: Typed) -> Message | None:
    await required(typed.context, typed.person, Right.CHECK)
    text = read_command(typed.text, accepted_domains=typed.context.rules.accepted_domains)
    if text.problems:
        raise InvalidInput(text.problems[0].what, text.problems[0].remedy)
    if not text.indicators:
        return help_message(CHECK)
    if len(text.indicators) > MOST_CHECKED:
        raise InvalidInput(
            f"{len(text.indicators)} indicators are more than can be checked at once.", f"Check up to {MOST_CHECKED}."
        )
    await ask(
        typed.context,
        actor=typed.person,
        indicators=text.indicators,
        delivery=typed.delivery,
        response_url=typed.response_url,
        channel=typed.channel,
    )
    return None


async def _requests(typed: Typed) -> Message:
    return await requests_answer(typed.context, typed.person, typed.text)


async def _audit(typed: Typed) -> Message:
    return await audit_answer(typed.context, typed.person, typed.text)
