"""The shortcuts: forms out of Slack's own menus; from a message, a form to choose what of it is meant."""

from __future__ import annotations

import asyncio

from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action
from bot.domain.reading.free_text import indicators_in
from bot.domain.requests.people import Right
from bot.errors import InvalidInput
from bot.slack.block_kit.blocks import Modal
from bot.slack.block_kit.ids import CallbackId, ShortcutId
from bot.slack.listeners.checking import answer_in_place
from bot.slack.listeners.delivered import Answer, ChosenShortcut, SentForm
from bot.slack.listeners.deliveries import on_form, on_shortcut
from bot.slack.listeners.forms import emergency_days, offers_emergency
from bot.slack.message_text import text_of
from bot.slack.modals import check_form, choose_form, form_fields, proposal_form
from bot.slack.modals.form_input import FormInput
from bot.workflow.shared.own_domains import own_domains
from bot.workflow.shared.rights import proposer, required

#: The first field of the form: there is one whenever the form opens.
_FIRST = f"{form_fields.OFFERS}0"


async def _block(chosen: ChosenShortcut) -> Modal:
    await proposer(chosen.context, chosen.person, delivery=chosen.delivery)
    offered = offers_emergency(chosen.person, Operation.ADD, Action.BLOCK)
    given = FormInput(
        operation=Operation.ADD,
        action=Action.BLOCK,
        emergency=offered,
        emergency_days=emergency_days(chosen.context, offered),
    )
    return proposal_form.build(Operation.ADD, Action.BLOCK, prefill=given)


async def _check(chosen: ChosenShortcut) -> Modal:
    await required(chosen.context, chosen.person, Right.CHECK, delivery=chosen.delivery)
    return check_form.build()


async def _message(chosen: ChosenShortcut) -> Modal:
    context = chosen.context
    await required(context, chosen.person, Right.CHECK, delivery=chosen.delivery)
    text = text_of(chosen.message)
    # In a thread: a long message has hundreds of words to read.
    found = await asyncio.to_thread(indicators_in, text, accepted_domains=await own_domains(context))
    if not found.found:
        own = " Its only domains are your own." if found.own else ""
        looked_at = "this message" if found.is_whole else "what was read of this long message"
        raise InvalidInput(
            f"Nothing in {looked_at} reads as an IP address, a domain, a mail address, a URL or a SHA-256.{own}",
            "If there is something, type it: /block or /check alone opens a form.",
        )
    return choose_form.build(found, rights=chosen.person.rights)


async def _submitted(sent: SentForm) -> Answer:
    choice = choose_form.parse(sent.view)
    if not choice.lines:
        return {"response_action": "errors", "errors": {_FIRST: "Tick at least one."}}
    lines = "\n".join(choice.lines)
    if choice.what == choose_form.CHECK:
        return await answer_in_place(sent, lines, field=_FIRST)
    # Before the next form: who may not propose shouldn't fill one in.
    await proposer(sent.context, sent.person, delivery=sent.delivery)
    operation, action, _ = choose_form.CHOICES[choice.what]
    offered = offers_emergency(sent.person, operation, action)
    given = FormInput(
        operation=operation,
        action=action,
        indicators=lines,
        emergency=offered,
        emergency_days=emergency_days(sent.context, offered),
    )
    return {"response_action": "update", "view": proposal_form.build(operation, action, prefill=given).to_dict()}


ROUTES = (
    on_shortcut(ShortcutId.BLOCK, _block),
    on_shortcut(ShortcutId.CHECK, _check),
    on_shortcut(ShortcutId.MESSAGE, _message),
    on_form(CallbackId.CHOOSE, _submitted),
)
