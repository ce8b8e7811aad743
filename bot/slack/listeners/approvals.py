"""The forms in which approvers decide: after reading all of what lets strangers in, and saying why they deny."""

from __future__ import annotations

from collections.abc import Mapping

from bot.domain.requests.request import Decision, Item
from bot.slack.block_kit.ids import CallbackId
from bot.slack.listeners.delivered import Answer, SentForm
from bot.slack.listeners.deliveries import on_form
from bot.slack.modals import approval_form, denial_form
from bot.workflow.requesting.named_out import find_named_out
from bot.workflow.requesting.review import review

#: What lies below, if anything does, shows the request as it was.
_CLOSED: Answer = {"response_action": "clear"}


async def _approved(sent: SentForm) -> Answer:
    request_id, shown = approval_form.parse(sent.view)
    out: Mapping[int, tuple[Item, ...]] = {}
    kept = approval_form.kept(sent.view)
    if kept is not None and not kept:
        return {"response_action": "errors", "errors": {approval_form.FIRST_BOXES: approval_form.NOTHING_LEFT}}
    if names := approval_form.named(sent.view):
        out, problem = await find_named_out(
            sent.context, actor=sent.person, request_id=request_id, text=names, delivery=sent.delivery
        )
        if problem:
            return {"response_action": "errors", "errors": {approval_form.NAMES: problem}}
    await review(
        sent.context,
        actor=sent.person,
        request_id=request_id,
        decision=Decision.APPROVE,
        shown=shown,
        who_is=sent.who_is,
        delivery=sent.delivery,
        kept=kept,
        out=out,
    )
    return _CLOSED


async def _denied(sent: SentForm) -> Answer:
    request_id, shown, why = denial_form.parse(sent.view)
    if not why:
        return {"response_action": "errors", "errors": {denial_form.COMMENT: denial_form.NO_REASON}}
    await review(
        sent.context,
        actor=sent.person,
        request_id=request_id,
        decision=Decision.DENY,
        shown=shown,
        who_is=sent.who_is,
        delivery=sent.delivery,
        comment=why,
    )
    return _CLOSED


ROUTES = (
    on_form(CallbackId.APPROVAL, _approved, decides=True),
    on_form(CallbackId.DENIAL, _denied, decides=True),
)
