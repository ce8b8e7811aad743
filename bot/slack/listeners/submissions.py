"""The submitted form of a submission: read with suspicion, proposed at once, or by a job when it brings a file."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.policies.case import Refusal
from bot.slack.block_kit.ids import CallbackId
from bot.slack.jobs.evidence_fetcher import FETCH_EVIDENCE, EvidencePayload, WrongFields, read_proposals
from bot.slack.listeners.deliveries import Answer, SentForm, on_form
from bot.slack.modals import submission_form
from bot.workflow.requesting.consider import consider
from bot.workflow.requesting.propose import propose
from bot.workflow.shared.jobs import enqueue
from bot.workflow.shared.rights import proposer


async def _submitted(sent: SentForm) -> Answer:
    context, delivery = sent.context, sent.delivery
    who = await proposer(context, sent.person, delivery=delivery)
    given = submission_form.parse(sent.view)
    try:
        proposals = read_proposals(context, given)
    except WrongFields as wrong:
        return _errors(wrong.refusals)
    considered = await consider(context, actor=who, proposals=proposals)
    if given.file is None:
        return _errors((await propose(context, considered, delivery=delivery)).refusals)
    # What policy refuses is told in the form, while the person still has it before them.
    if considered.refusals:
        return _errors(considered.refusals)
    async with context.store.write() as uow:
        if await uow.deliveries.first_time(delivery):
            payload = EvidencePayload.of(given, user=who.user_id, delivery=delivery)
            await enqueue(uow, FETCH_EVIDENCE, payload)
    return {}


def _errors(refusals: Sequence[Refusal]) -> Answer:
    if not refusals:
        return {}
    return {"response_action": "errors", "errors": submission_form.errors(refusals)}


ROUTES = (on_form(CallbackId.SUBMISSION, _submitted),)
