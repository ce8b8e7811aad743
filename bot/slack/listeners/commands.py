"""The slash commands: read what was typed, call one workflow function, answer.

What is missing or wrong opens a form with what was given filled in; the answer to everything else goes back with the
acknowledgement, seen by the person alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action
from bot.domain.policies.assess import MOST_INDICATORS
from bot.domain.policies.case import Field
from bot.domain.policies.import_limits import refuse_too_many
from bot.domain.reading.command_text import CommandText, read_command
from bot.domain.reading.command_words import read_target
from bot.domain.reading.emergency_word import read_emergency
from bot.domain.reading.import_text import demand_fits
from bot.domain.reading.typed_marks import first_word
from bot.domain.telling.audit_exports import wanted_format
from bot.domain.telling.proposal_facts import proposal_facts
from bot.domain.telling.safe_list_facts import safe_list_facts
from bot.errors import ActionUntold, InvalidInput, NothingListed
from bot.slack.block_kit.blocks import Message, Modal
from bot.slack.command_table import (
    ALLOW,
    AUDIT,
    BLOCK,
    EXTEND,
    NOTE,
    REQUESTS,
    SAFE_LIST,
    UNALLOW,
    UNBLOCK,
    Command,
)
from bot.slack.jobs.import_reader import queue_import
from bot.slack.listeners.delivered import Typed
from bot.slack.listeners.deliveries import Handler, on_command
from bot.slack.listeners.emergencies import blocked_at_once
from bot.slack.listeners.forms import asked_of, emergency_days, form_for, offers_emergency
from bot.slack.listeners.imports import is_importable
from bot.slack.listeners.others import requested
from bot.slack.messages.import_answer import import_begun
from bot.slack.messages.not_listed import not_listed_message
from bot.slack.messages.proposed import proposed_message
from bot.slack.messages.safe_list import safe_list_message
from bot.slack.modals.form_input import FormInput
from bot.slack.modals.import_form import ImportInput, holds
from bot.slack.modals.import_form import build as import_form
from bot.slack.modals.proposal_form import build as proposal_form
from bot.slack.queries import audit_answer, audit_export, requests_answer
from bot.workflow.asking.safe_list import refuse_on, switches
from bot.workflow.requesting.propose import propose
from bot.workflow.requesting.wanted import Wanted, consider_change, consider_safe_list_off
from bot.workflow.shared.listed import listed_for
from bot.workflow.shared.own_domains import own_domains
from bot.workflow.shared.rights import Proposer, proposer

#: No form opens for so many that how long could be chosen in it.
_TYPE_HOW_LONG = "Type how long behind the indicators, such as 30d or 2030-12-31."


async def _propose(typed: Typed, *, operation: Operation, action: Action | None) -> Message | Modal | None:
    """`/block`, `/unblock`, `/allow`, `/unallow`, `/extend`, `/note`."""
    context = typed.context
    # Before any form: who may not propose shouldn't fill one in.
    who = await proposer(context, typed.person, delivery=typed.delivery)
    said = typed.text
    if action is None:
        action, said = read_target(typed.text)
    text = read_command(
        said,
        today=context.now().date(),
        accepted_domains=await own_domains(context),
        takes_lifetime=operation.gives_an_end,
        listed=await listed_for(context, operation),
        wanted=action if operation is Operation.ADD else None,
    )
    given = FormInput(
        operation=operation,
        action=action,
        indicators=text.typed,
        end="" if text.lifetime is None else str(text.lifetime),
        reason=text.reason,
        emergency=(offered := offers_emergency(typed.person, operation, action)),
        emergency_days=emergency_days(context, offered),
    )
    # Another end has no default: it is what the command is for.
    lacks_end = operation is Operation.EXTEND and text.lifetime is None
    if is_importable(operation, action) and len(text.typed.splitlines()) > MOST_INDICATORS and not lacks_end:
        return await _import(typed, who, given, text)
    asked = asked_of(text, may_be_emergency=given.emergency is not None)
    if asked or not text.indicators or lacks_end:
        return proposal_form(operation, action, prefill=given, problems=asked, offers=text.offers)
    if (surplus := refuse_too_many(text.indicators)) is not None:
        raise InvalidInput(surplus.text, surplus.remedy)
    wanted = Wanted(
        operation=operation, action=action, indicators=text.indicators, lifetime=text.lifetime, reason=text.reason
    )
    try:
        considered = await consider_change(context, actor=who, wanted=wanted)
    except NothingListed as error:
        return not_listed_message(error.values, error.lines, as_of=error.as_of, now=context.now())
    except ActionUntold as error:
        # The form asks: it has a field for just this.
        problems = {Field.INDICATORS: f"{error.what} Choose below: blocks or allows."}
        return proposal_form(operation, action, prefill=given, problems=problems)
    # What was left open is known by now: the form, if there is one, shows it.
    filled = replace(given, action=considered.judged[0].proposal.action)
    if (form := form_for(filled, considered, now=context.now())) is not None:
        return form
    return await requested(context, considered, wanted, delivery=typed.delivery)


async def _block(typed: Typed) -> Message | Modal | None:
    """`/block`, and `/block emergency`."""
    said = read_emergency(typed.text, today=typed.context.now().date())
    if said.is_emergency:
        return await blocked_at_once(typed.saying(said.text))
    return await _propose(typed, operation=Operation.ADD, action=Action.BLOCK)


def _doubt(given: FormInput, text: CommandText) -> InvalidInput | None:
    """What has to be asked of so many: why, until when, or about what stands in the reason; None: nothing."""
    doubt = next(
        (problem for problem in text.problems if problem.about_lifetime or problem.about_reason or problem.is_unread),
        None,
    )
    if doubt is not None:
        remedy = _TYPE_HOW_LONG if doubt.about_lifetime else doubt.remedy
        return InvalidInput(doubt.what, f"{remedy} Then type the command again, or use /import.")
    if given.action is None or not given.reason:
        return InvalidInput("So many indicators need a reason as well.", "Write it behind them, or use /import.")
    return None


async def _import(typed: Typed, who: Proposer, given: FormInput, text: CommandText) -> Message | Modal:
    """More than a card can show, pasted into the command: each is judged by itself, and a bad one costs nothing.

    What has to be asked is asked in the form, where it holds so many. Raises InvalidInput where it doesn't.
    """
    doubt = _doubt(given, text)
    is_unread = any(problem.is_unread for problem in text.problems)
    if doubt is not None and (is_unread or given.action is None or not holds(given.indicators, given.reason)):
        raise doubt
    if given.action is None:
        raise InvalidInput("Whether blocks or allows are meant isn't said.", "Say it in front, or use /import.")
    wanted = ImportInput(
        operation=given.operation,
        action=given.action,
        text=demand_fits(given.indicators),
        end=given.end,
        reason=given.reason,
    )
    if doubt is not None:
        return import_form(wanted, problem=doubt.what)
    await queue_import(typed.context, wanted, actor=who, delivery=typed.delivery)
    return import_begun(len(given.indicators.splitlines()))


async def _safe_list(typed: Typed) -> Message | Modal:
    """`/safelist`, `/safelist off [reason]`, `/safelist on`."""
    context = typed.context
    word, rest = first_word(typed.text)
    reason = " ".join(rest.split())
    match word:
        case "":
            found = await switches(context, actor=typed.person)
            return safe_list_message(safe_list_facts(found.policies, as_of=found.as_of), now=context.now())
        case "on":
            refusal = await refuse_on(context, actor=typed.person, delivery=typed.delivery)
            return proposed_message(proposal_facts((), [refusal]))
        case "off":
            given = FormInput(operation=Operation.SAFE_LIST_OFF, action=Action.ALLOW, reason=reason)
            who = await proposer(context, typed.person, delivery=typed.delivery)
            considered = await consider_safe_list_off(context, actor=who, reason=reason)
            if (form := form_for(given, considered, now=context.now())) is not None:
                return form
            proposed = await propose(context, considered, delivery=typed.delivery)
            return proposed_message(proposal_facts(proposed.requests, proposed.refusals))
        case _:
            raise InvalidInput("/safelist can't do that.", f"Use: /safelist, or /safelist {SAFE_LIST.usage_hint}.")


async def _requests(typed: Typed) -> Message:
    return await requests_answer(typed.context, typed.person, typed.text)


async def _audit(typed: Typed) -> Message:
    form, text = wanted_format(typed.text)
    if form is not None:
        return await audit_export(typed.context, typed.person, text, form=form, delivery=typed.delivery)
    return await audit_answer(typed.context, typed.person, text)


#: What each command does.
HANDLERS: Mapping[Command, Handler] = {
    **{
        command: partial(_propose, operation=command.operation, action=command.action)
        for command in (UNBLOCK, ALLOW, UNALLOW, EXTEND, NOTE)
        if command.operation is not None
    },
    BLOCK: _block,
    SAFE_LIST: _safe_list,
    REQUESTS: _requests,
    AUDIT: _audit,
}

ROUTES = tuple(on_command(command, handle) for command, handle in HANDLERS.items())
