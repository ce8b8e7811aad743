"""The slash commands: read what was typed, call one workflow function, answer.

What is missing or wrong opens a form with what was given filled in; the answer to everything else goes back with the
acknowledgement, seen by the person alone.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext

from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action
from bot.domain.policies.assess import MOST_INDICATORS
from bot.domain.policies.case import Field
from bot.domain.policies.drafting import draft
from bot.domain.reading.command_text import CommandText, read_command, read_target
from bot.domain.reading.import_text import demand_fits
from bot.domain.requests.people import Person, Right
from bot.domain.requests.proposal import Proposal
from bot.domain.telling.request_facts import request_facts
from bot.errors import InvalidInput
from bot.slack.answering import explain
from bot.slack.block_kit.blocks import Message, Modal
from bot.slack.command_table import AUDIT, CHECK, COMMANDS, REQUESTS, SAFE_LIST, Command, proposal_command
from bot.slack.directory import Directory
from bot.slack.listeners.checks import demand_few
from bot.slack.listeners.drafts import UNTOLD, action_of, safe_list_proposal
from bot.slack.listeners.forms import form_for, open_view, too_many
from bot.slack.listeners.imports import is_importable, queue_import
from bot.slack.messages.help import help_message
from bot.slack.messages.import_answer import import_begun
from bot.slack.messages.proposed import proposed_message
from bot.slack.messages.safe_list import safe_list_message
from bot.slack.messages.verdict import reading_message, snapshot_message
from bot.slack.modals.form_input import FormInput
from bot.slack.modals.import_form import ImportInput
from bot.slack.modals.proposal_form import build as proposal_form
from bot.slack.queries import audit_answer, requests_answer
from bot.workflow.asking.check import ask, by_snapshot
from bot.workflow.asking.safe_list import refuse_on, switches
from bot.workflow.requesting.propose import consider, propose
from bot.workflow.shared.context import Context
from bot.workflow.shared.rights import required

#: What a command does: from who typed what, to what they see, or to the form that opens.
Handler = Callable[["Typed"], Awaitable[Message | Modal | None]]


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
    """Listen for every command of the table that is answered here."""
    handlers: dict[str, Handler] = {
        CHECK.name: _check,
        REQUESTS.name: _requests,
        AUDIT.name: _audit,
        SAFE_LIST.name: _safe_list,
    }
    for command in COMMANDS:
        handler = handlers.get(command.name)
        if handler is None and command.operation is not None:
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
        if isinstance(answer, Modal):
            await open_view(bolt.client, str(body["trigger_id"]), answer)
            return None
        return answer

    return listen


def _wants_help(text: str) -> bool:
    return text.strip().lower() in {"help", "?"}


async def _propose(typed: Typed, *, operation: Operation, action: Action | None) -> Message | Modal | None:
    """`/block`, `/unblock`, `/allow`, `/unallow`, `/extend`, `/note`."""
    context = typed.context
    # Before any form: who may not propose shouldn't fill one in.
    await required(context, typed.person, Right.PROPOSE)
    said = typed.text
    if action is None:
        action, said = read_target(typed.text)
    text = read_command(
        said, accepted_domains=context.rules.accepted_domains, takes_lifetime=operation is not Operation.ANNOTATE
    )
    given = FormInput(
        operation=operation,
        action=action,
        indicators=text.typed,
        end="" if text.lifetime is None else str(text.lifetime),
        reason=text.reason,
    )
    # Another end has no default: it is what the command is for.
    lacks_end = operation is Operation.EXTEND and text.lifetime is None
    if is_importable(operation, action) and len(text.typed.splitlines()) > MOST_INDICATORS and not lacks_end:
        return await _import(typed, given)
    if text.problems or not text.indicators or lacks_end:
        return proposal_form(operation, action, prefill=given, problems=_problems(text))
    if (surplus := too_many(text.indicators)) is not None:
        raise InvalidInput(surplus.text, surplus.remedy)
    action = await action_of(context, action, text.indicators)
    if action is None:
        command = proposal_command(operation, action).name
        raise InvalidInput(UNTOLD, f"Look with /check; to say which, write {command} block … or {command} allow ….")
    now = context.now()
    proposals = draft(
        operation, action, text.indicators, lifetime=text.lifetime, reason=text.reason, rules=context.rules, now=now
    )
    return await _considered(typed, replace(given, action=action), proposals)


async def _import(typed: Typed, given: FormInput) -> Message:
    """More than a card can show, pasted into the command: each is judged by itself, and a bad one costs nothing."""
    if given.action is None or not given.reason:
        raise InvalidInput("So many indicators need a reason as well.", "Write it behind them, or use /import.")
    wanted = ImportInput(
        operation=given.operation,
        action=given.action,
        text=demand_fits(given.indicators),
        end=given.end,
        reason=given.reason,
    )
    await queue_import(typed.context, wanted, person=typed.person, delivery=typed.delivery)
    return import_begun(len(given.indicators.splitlines()))


async def _considered(typed: Typed, given: FormInput, proposals: Sequence[Proposal]) -> Message | Modal:
    """The requests that were made; or the form for what they still lack."""
    context = typed.context
    considered = await consider(context, actor=typed.person, proposals=proposals)
    form = form_for(given, considered, now=context.now())
    if form is not None:
        return form
    proposed = await propose(context, actor=typed.person, proposals=proposals, delivery=typed.delivery)
    refusals = [refusal for one in proposed.considered for refusal in one.assessment.refusals]
    return proposed_message([request_facts(request) for request in proposed.requests], refusals=refusals)


async def _safe_list(typed: Typed) -> Message | Modal:
    """`/safelist`, `/safelist off [reason]`, `/safelist on`."""
    context = typed.context
    word, _, reason = " ".join(typed.text.split()).partition(" ")
    match word.lower():
        case "":
            found = await switches(context, actor=typed.person)
            return safe_list_message(found.policies, as_of=found.as_of, now=context.now())
        case "on":
            refusal = await refuse_on(context, actor=typed.person, delivery=typed.delivery)
            return proposed_message((), refusals=[refusal])
        case "off":
            given = FormInput(operation=Operation.SAFE_LIST_OFF, action=Action.ALLOW, reason=reason)
            return await _considered(typed, given, await safe_list_proposal(context, typed.person, reason=reason))
    raise InvalidInput(
        "That is nothing that /safelist can do.", f"Write /safelist, or /safelist {SAFE_LIST.usage_hint}."
    )


def _problems(text: CommandText) -> dict[Field, str]:
    problems: dict[Field, str] = {}
    for problem in text.problems:
        place = Field.EXPIRES if problem.about_lifetime else Field.INDICATORS
        problems.setdefault(place, f"{problem.what} {problem.remedy}".strip())
    return problems


async def _check(typed: Typed) -> Message | None:
    """`/check [now] indicators`: from the last snapshot, or, where that won't do, from the tenant by a job."""
    await required(typed.context, typed.person, Right.CHECK)
    first, *rest = typed.text.split(maxsplit=1)[:2] or [""]
    live = first.lower() == "now"
    text = read_command("".join(rest) if live else typed.text, accepted_domains=typed.context.rules.accepted_domains)
    if text.problems:
        raise InvalidInput(text.problems[0].what, text.problems[0].remedy)
    if not text.indicators:
        return help_message(CHECK)
    demand_few(text.indicators)
    why = ""
    if not live:
        found = await by_snapshot(
            typed.context, actor=typed.person, indicators=text.indicators, delivery=typed.delivery
        )
        if found.verdicts:
            return snapshot_message(found.verdicts, now=typed.context.now())
        why = found.why_not
    await ask(
        typed.context,
        actor=typed.person,
        indicators=text.indicators,
        delivery=typed.delivery,
        response_url=typed.response_url,
        channel=typed.channel,
    )
    return reading_message(why)


async def _requests(typed: Typed) -> Message:
    return await requests_answer(typed.context, typed.person, typed.text)


async def _audit(typed: Typed) -> Message:
    return await audit_answer(typed.context, typed.person, typed.text)
