"""/check: typed, asked in its form, and asked again by the button below an answer."""

from __future__ import annotations

from bot.domain.indicators.typed_text import quoted
from bot.domain.reading.command_text import CommandText, read_command
from bot.domain.reading.command_tokens import looks_like_attempt
from bot.domain.reading.mailbox_words import read_mailbox
from bot.domain.reading.typed_marks import first_word
from bot.domain.requests.people import Person, Right
from bot.domain.telling.verdict_facts import check_facts
from bot.errors import InvalidInput
from bot.slack.block_kit.blocks import Message, Modal
from bot.slack.block_kit.ids import ActionId, CallbackId
from bot.slack.command_table import CHECK, Command
from bot.slack.listeners.checks import carried, demand_few
from bot.slack.listeners.delivered import Answer, Click, SentForm, Typed
from bot.slack.listeners.deliveries import Handler, on_click, on_command, on_form
from bot.slack.listeners.where_asked import place_in
from bot.slack.messages.verdict import reading_message, snapshot_message
from bot.slack.modals import check_form, form_fields
from bot.workflow.asking.check import Checked, by_snapshot, check, on_record
from bot.workflow.asking.mail import ask_for_mail
from bot.workflow.asking.mailbox import ask_about_mailbox
from bot.workflow.shared.context import Context
from bot.workflow.shared.listed import listed_and_own, listed_entries
from bot.workflow.shared.rights import required

_IN_FULL = "Write what is to be checked in full, and leave other words out."


async def _typed(typed: Typed) -> Message | Modal | None:
    """`/check [now] indicators [for mailbox]`: by the last snapshot, or, where that won't do, from the tenant by a job.

    What wasn't read is asked about in the form, with all that was typed in it. A mailbox is looked into by a job.
    """
    context = typed.context
    word, rest = first_word(typed.text)
    live = word == "now"
    named = read_mailbox(rest if live else typed.text)
    said = named.text
    text = await _read(context, said)
    if named.mailbox:
        _demand_sound(text)
        return await _of_mailbox(
            context,
            typed.person,
            text,
            mailbox=named.mailbox,
            delivery=typed.delivery,
            response_url=typed.response_url,
        )
    if not text.indicators and not text.problems:
        await required(context, typed.person, Right.CHECK)
        return check_form.build(said)
    try:
        _demand_sound(text)
    except InvalidInput as wrong:
        lines = "\n".join(filter(None, [text.typed, text.reason])) or said
        if not check_form.holds(lines):
            raise
        await required(context, typed.person, Right.CHECK)
        return check_form.build(lines, problem=str(wrong))
    checked = await check(
        context,
        actor=typed.person,
        indicators=text.indicators,
        delivery=typed.delivery,
        response_url=typed.response_url,
        live=live,
    )
    return await answered(context, typed.person, checked)


async def _submitted(sent: SentForm) -> Answer:
    """The form: its answer stands in its place. What the tenant has to be asked for follows
    where it was asked for, or by direct message."""
    return await answer_in_place(sent, check_form.parse(sent.view), field=form_fields.INDICATORS)


async def answer_in_place(sent: SentForm, lines: str, *, field: str) -> Answer:
    """Check what was given in a form, and answer in its place, or at the field where nothing was read.

    Raises NotPermitted.
    """
    context = sent.context
    await required(context, sent.person, Right.CHECK)
    try:
        named = read_mailbox(lines)
        text = await _read(context, named.text)
        if not text.indicators and not text.problems:
            raise InvalidInput("Nothing was read here that can be checked.", "Write an indicator on each line.")
        _demand_sound(text)
        if named.mailbox:
            answer = await _of_mailbox(
                context,
                sent.person,
                text,
                mailbox=named.mailbox,
                delivery=sent.delivery,
                response_url=place_in(sent.view),
            )
            return _in_place(answer)
    except InvalidInput as wrong:
        return {"response_action": "errors", "errors": {field: " ".join(str(wrong).split())}}
    checked = await check(
        context, actor=sent.person, indicators=text.indicators, delivery=sent.delivery, response_url=place_in(sent.view)
    )
    return _in_place(await answered(context, sent.person, checked))


def _in_place(answer: Message) -> Answer:
    return {"response_action": "update", "view": Modal.showing(answer, title="Check").to_dict()}


async def _of_mailbox(
    context: Context, person: Person, text: CommandText, *, mailbox: str, delivery: str, response_url: str
) -> Message:
    """Have the mailbox looked into; that the answer follows."""
    await ask_about_mailbox(
        context,
        actor=person,
        indicators=text.indicators,
        mailbox=mailbox,
        delivery=delivery,
        response_url=response_url,
    )
    return reading_message("")


async def _now(click: Click) -> Message | None:
    checked = await check(
        click.context,
        actor=click.person,
        indicators=carried(click.value, await listed_entries(click.context)),
        delivery=click.delivery,
        response_url=click.response_url,
        live=True,
    )
    if not checked.verdicts:
        return None  # a job asks the tenant, and answers
    return await answered(click.context, click.person, checked)


async def _mail(click: Click) -> Message | None:
    indicators = carried(click.value, await listed_entries(click.context))
    waits = await ask_for_mail(
        click.context,
        actor=click.person,
        indicators=indicators,
        delivery=click.delivery,
        response_url=click.response_url,
    )
    # What isn't known yet is counted by a job, which fills it in.
    return None if waits else await answered(click.context, click.person, await by_snapshot(click.context, indicators))


async def _read(context: Context, text: str) -> CommandText:
    listed, own = await listed_and_own(context)
    return read_command(
        text,
        today=context.now().date(),
        accepted_domains=own,
        takes_lifetime=False,
        takes_reason=False,
        listed=listed,
    )


def _demand_sound(text: CommandText) -> None:
    """Raises InvalidInput where something of what was asked about wasn't read.

    A check has no reason: any other word may be what somebody wants to know of, and an answer that is silent about it
    would be taken for one about all that was typed.
    """
    if text.problems:
        *others, last = text.problems
        raise InvalidInput("\n".join([*map(str, others), last.what]), last.remedy)
    if not text.indicators or any(map(looks_like_attempt, text.reason.split())):
        raise InvalidInput(f"{quoted(text.reason)} wasn't read.", "Write the indicators first, one after the other.")
    if text.reason:
        raise InvalidInput(f"{quoted(text.reason)} wasn't read.", _IN_FULL)
    demand_few(text.indicators)


async def answered(context: Context, person: Person, checked: Checked) -> Message:
    """The answer of the last snapshot, or that the tenant is being read."""
    if not checked.verdicts:
        return reading_message(checked.why_not)
    facts = check_facts(checked.verdicts, await on_record(context, checked))
    may_propose = person.has(Right.PROPOSE)
    return snapshot_message(facts, now=context.now(), beside=checked.beside, may_propose=may_propose)


HANDLERS: dict[Command, Handler] = {CHECK: _typed}

ROUTES = (
    on_command(CHECK, _typed),
    on_form(CallbackId.CHECK, _submitted),
    on_click(ActionId.CHECK_NOW, _now, only_looks=True),
    on_click(ActionId.CHECK_MAIL, _mail, in_place=True, only_looks=True),
)
