"""The submitted form of a submission: read with suspicion, proposed at once, or by a job when it brings a file."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.policies.case import Refusal
from bot.slack.block_kit.ids import CallbackId
from bot.slack.jobs.evidence_fetcher import FETCH_EVIDENCE, EvidencePayload, WrongFields, read_proposals
from bot.slack.listeners.deliveries import Answer, Submitted, on_form
from bot.slack.modals import submission_form
from bot.workflow.requesting.propose import consider, propose
from bot.workflow.shared.jobs import enqueue


async def _submitted(sent: Submitted) -> Answer:
    context, person, delivery = sent.context, sent.person, sent.delivery
    given = submission_form.parse(sent.view)
    try:
        proposals = read_proposals(context, given)
    except WrongFields as wrong:
        return _errors(wrong.refusals)
    if given.file is None:
        proposed = await propose(context, actor=person, proposals=proposals, delivery=delivery)
        return _errors([refusal for one in proposed.considered for refusal in one.assessment.refusals])
    # What policy refuses is told in the form, while the person still has it before them.
    considered = await consider(context, actor=person, proposals=proposals)
    refusals = [refusal for one in considered for refusal in one.assessment.refusals]
    if refusals:
        return _errors(refusals)
    async with context.store.write() as uow:
        if await uow.deliveries.first_time(delivery):
            payload = EvidencePayload.of(given, user=person.user_id, delivery=delivery)
            await enqueue(uow, FETCH_EVIDENCE, payload)
    return {}


def _errors(refusals: Sequence[Refusal]) -> Answer:
    if not refusals:
        return {}
    return {"response_action": "errors", "errors": submission_form.errors(refusals)}


ROUTES = (on_form(CallbackId.SUBMISSION, _submitted),)
