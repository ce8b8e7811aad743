"""Several proposals approved together: the button that opens the form with all of them, and the form."""

from __future__ import annotations

from bot.domain.telling.parts_facts import parts_facts
from bot.slack.block_kit.ids import ActionId, CallbackId
from bot.slack.listeners.delivered import Answer, Click, SentForm
from bot.slack.listeners.deliveries import on_click, on_form
from bot.slack.listeners.forms import open_view
from bot.slack.modals import together_form
from bot.workflow.asking.waiting_together import waiting_together
from bot.workflow.requesting.together import (
    MOST_TOGETHER,
    Ticked,
    approve_together,
    remember_together,
)


async def _open(click: Click) -> None:
    found = await waiting_together(click.context, actor=click.person, delivery=click.delivery)
    form = together_form.build(
        [parts_facts(parts) for parts in found.together],
        apart=[parts_facts(parts) for parts in found.apart],
        later=[parts_facts(parts) for parts in found.later],
    )
    if opened := await open_view(click.client, click.trigger_id, form, over=click.view):
        await remember_together(click.context, found.together, opened, actor=click.person)


async def _approved(sent: SentForm) -> Answer:
    form, ticked = together_form.parse(sent.view)
    if not ticked:
        errors = {together_form.first_box(sent.view): together_form.NOTHING_TICKED}
        return {"response_action": "errors", "errors": errors}
    await approve_together(
        sent.context,
        [Ticked(request_id=each.request_id, version=each.version) for each in ticked[:MOST_TOGETHER]],
        form=form,
        actor=sent.person,
        who_is=sent.who_is,
        delivery=sent.delivery,
    )
    return {"response_action": "clear"}


ROUTES = (
    on_click(ActionId.DECIDE_SEVERAL, _open, only_looks=True),  # the form decides
    on_form(CallbackId.TOGETHER, _approved, decides=True),
)
