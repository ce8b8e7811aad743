"""Several proposals approved together: the button that opens the form with all of them, and the form.

What takes longer than the form may is kept as a job, which does all of it once more: what was approved before stays so.
"""

from __future__ import annotations

from functools import partial

from bot.domain.telling.parts_facts import parts_facts
from bot.errors import Conflict, PortcullisError, StoreError
from bot.slack.answering import explain
from bot.slack.beside import told_beside
from bot.slack.block_kit import elements
from bot.slack.block_kit.blocks import Message
from bot.slack.block_kit.ids import ActionId, CallbackId
from bot.slack.listeners.delivered import Answer, Click, SentForm, Unfinished
from bot.slack.listeners.deliveries import on_click, on_form
from bot.slack.listeners.forms import open_view
from bot.slack.modals import together_form
from bot.workflow.asking.waiting_together import waiting_together
from bot.workflow.requesting.together import (
    DECIDE_ELSEWHERE,
    MOST_TOGETHER,
    Ticked,
    Together,
    approve_together,
    remember_together,
)

#: What isn't approved after so many seconds is done by a job: the acknowledgement is due within three.
WITHIN = 1.5


async def _open(click: Click) -> None:
    found = await waiting_together(click.context, actor=click.person, delivery=click.delivery)
    form = together_form.build(
        [told_beside(parts_facts(parts), found.beside[parts.id]) for parts in found.together],
        apart=[parts_facts(parts) for parts in found.apart],
        later=[parts_facts(parts) for parts in found.later],
    )
    if opened := await open_view(click.client, click.trigger_id, form, over=click.view):
        await remember_together(click.context, found.together, opened, actor=click.person, beside=found.beside)


async def _approved(sent: SentForm) -> Answer | Unfinished:
    _, ticked = together_form.parse(sent.view)
    if not ticked:
        errors = {together_form.first_box(sent.view): together_form.NOTHING_TICKED}
        return {"response_action": "errors", "errors": errors}
    came_to = await _approve(sent, within=WITHIN)
    if came_to.left:
        return Unfinished(otherwise=partial(_not_kept, came_to))
    if came_to.refused:
        raise _refused(came_to)
    return {"response_action": "clear"}


async def _approved_later(sent: SentForm) -> Message:
    came_to = await _approve(sent, within=None)
    if came_to.refused:
        return explain(_refused(came_to), doing=CallbackId.TOGETHER)
    return Message.build(name="approved-together", text=came_to.said, blocks=[elements.section(came_to.said)])


async def _approve(sent: SentForm, *, within: float | None) -> Together:
    form, ticked = together_form.parse(sent.view)
    return await approve_together(
        sent.context,
        [Ticked(request_id=each.request_id, version=each.version) for each in ticked[:MOST_TOGETHER]],
        form=form,
        actor=sent.person,
        who_is=sent.who_is,
        delivery=sent.delivery,
        within=within,
    )


def _not_kept(came_to: Together, error: StoreError) -> PortcullisError:
    """What is told where some are left and can't be kept: what came of each, or that nothing did, as of any click."""
    return error if came_to.nothing_was_done else _refused(came_to.given_up(error))


def _refused(came_to: Together) -> Conflict:
    return Conflict(came_to.said, DECIDE_ELSEWHERE)


ROUTES = (
    on_click(ActionId.DECIDE_SEVERAL, _open, only_looks=True),  # the form decides
    on_form(CallbackId.TOGETHER, _approved, decides=True, later=_approved_later),
)
