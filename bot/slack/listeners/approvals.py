"""The form in which somebody approves what lets strangers in, after reading all of it: sent, it decides."""

from __future__ import annotations

from bot.domain.requests.request import Decision
from bot.slack.block_kit.ids import CallbackId
from bot.slack.listeners.deliveries import Answer, SentForm, on_form
from bot.slack.modals import approval_form
from bot.workflow.requesting.review import review


async def _submitted(sent: SentForm) -> Answer:
    request_id, shown = approval_form.parse(sent.view)
    await review(
        sent.context,
        actor=sent.person,
        request_id=request_id,
        decision=Decision.APPROVE,
        shown=shown,
        who_is=sent.who_is,
        delivery=sent.delivery,
    )
    return {}


ROUTES = (on_form(CallbackId.APPROVAL, _submitted, decides=True),)
