"""Asking back: an approver's question to the requester, and the requester's answer."""

from __future__ import annotations

from bot.domain.telling.parts_facts import parts_facts
from bot.slack.block_kit.ids import ActionId, CallbackId
from bot.slack.listeners.delivered import Answer, Click, SentForm
from bot.slack.listeners.deliveries import on_click, on_form
from bot.slack.listeners.forms import open_view
from bot.slack.modals import question_form
from bot.workflow.requesting import asking_back


async def _ask(click: Click) -> None:
    parts = await asking_back.before_asking(
        click.context, actor=click.person, request_id=click.request_id, delivery=click.delivery
    )
    form = question_form.ask(parts_facts(parts))
    await open_view(click.client, click.trigger_id, form, over=click.view)


async def _asked(sent: SentForm) -> Answer:
    carried, text = question_form.parse(sent.view)
    await asking_back.ask(
        sent.context, actor=sent.person, request_id=carried.request_id, text=text, delivery=sent.delivery
    )
    # The details behind it don't show it.
    return {"response_action": "clear"}


async def _answer(click: Click) -> None:
    parts, question = await asking_back.to_answer(
        click.context, actor=click.person, request_id=click.request_id, delivery=click.delivery
    )
    await open_view(click.client, click.trigger_id, question_form.answer(parts_facts(parts), question))


async def _answered(sent: SentForm) -> Answer:
    carried, text = question_form.parse(sent.view)
    await asking_back.answer(
        sent.context,
        actor=sent.person,
        request_id=carried.request_id,
        number=carried.version,
        text=text,
        delivery=sent.delivery,
    )
    return {}


ROUTES = (
    on_click(ActionId.ASK, _ask),
    on_click(ActionId.ANSWER, _answer),
    on_form(CallbackId.QUESTION, _asked),
    on_form(CallbackId.ANSWER, _answered),
)
