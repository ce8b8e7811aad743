"""The submitted form of a submission: read with suspicion, proposed at once, or by a job when it brings a file."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.policies.case import Refusal
from bot.domain.telling.proposal_facts import proposal_facts
from bot.slack.block_kit.ids import CallbackId
from bot.slack.jobs.evidence_fetcher import queue_evidence
from bot.slack.listeners.delivered import Answer, SentForm
from bot.slack.listeners.deliveries import on_form
from bot.slack.listeners.where_asked import tell_where_asked
from bot.slack.messages.proposed import proposed_message
from bot.slack.messages.submission import submission_begun
from bot.slack.modals import submission_form
from bot.slack.modals.form_input import WrongFields
from bot.slack.modals.submission_reading import read_proposals
from bot.workflow.requesting.consider import consider
from bot.workflow.requesting.propose import propose
from bot.workflow.shared.own_domains import own_domains
from bot.workflow.shared.rights import proposer


async def _submitted(sent: SentForm) -> Answer:
    context, delivery = sent.context, sent.delivery
    who = await proposer(context, sent.person, delivery=delivery)
    given = submission_form.parse(sent.view)
    try:
        proposals = read_proposals(given, rules=context.rules, now=context.now(), own=await own_domains(context))
    except WrongFields as wrong:
        return _errors(wrong.refusals)
    considered = await consider(context, actor=who, proposals=proposals)
    if given.file is None:
        proposed = await propose(context, considered, delivery=delivery, refused_as=sent.sending)
        if not proposed.refusals:
            await tell_where_asked(sent, proposed_message(proposal_facts(proposed.requests)))
        return _errors(proposed.refusals)
    # What policy refuses is told in the form, while the person still has it before them.
    if considered.refusals:
        return _errors(considered.refusals)
    await queue_evidence(context, given, actor=who, delivery=delivery)
    await tell_where_asked(sent, submission_begun())
    return {}


def _errors(refusals: Sequence[Refusal]) -> Answer:
    if not refusals:
        return {}
    return {"response_action": "errors", "errors": submission_form.errors(refusals)}


ROUTES = (on_form(CallbackId.SUBMISSION, _submitted),)
