"""The submitted form of a submission: read with suspicion, proposed at once, or by a job when it brings a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext

from bot.domain.policies.case import Refusal
from bot.slack.answering import instead_of_form
from bot.slack.directory import Directory
from bot.slack.jobs.evidence_fetcher import WrongFields, as_payload, read_proposals
from bot.slack.modals import submission_form
from bot.workflow.requesting.propose import consider, propose
from bot.workflow.shared.context import Context
from bot.workflow.shared.jobs import JobKind

#: What a listener answers to a submission: nothing (the form closes), or Slack's `response_action`.
Answer = dict[str, Any]


def register(app: AsyncApp, context: Context) -> None:
    """Listen for the form."""
    workflow = context  # bolt's own context goes by that name below

    @app.view(submission_form.CALLBACK_ID)
    async def submitted(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        try:
            answer = await _take(workflow, context, body)
        except Exception as error:  # noqa: BLE001 — the edge: whatever it is, the person is told and the log has it
            answer = instead_of_form(error, doing="submission")
        await ack(**answer)


async def _take(workflow: Context, bolt: AsyncBoltContext, body: Mapping[str, Any]) -> Answer:
    given = submission_form.parse(body["view"])
    directory: Directory = bolt["directory"]
    person = await directory.person(str(body["user"]["id"]))
    delivery: str = bolt["delivery"]
    try:
        proposals = read_proposals(workflow, given)
    except WrongFields as wrong:
        return _errors(wrong.refusals)
    if given.file is None:
        proposed = await propose(workflow, actor=person, proposals=proposals, delivery=delivery)
        return _errors([refusal for one in proposed.considered for refusal in one.assessment.refusals])
    # What policy refuses is told in the form, while the person still has it before them.
    considered = await consider(workflow, actor=person, proposals=proposals)
    refusals = [refusal for one in considered for refusal in one.assessment.refusals]
    if refusals:
        return _errors(refusals)
    async with workflow.store.write() as uow:
        if await uow.deliveries.first_time(delivery):
            await uow.jobs.enqueue(JobKind.EVIDENCE, as_payload(given, user=person.user_id, delivery=delivery))
    return {}


def _errors(refusals: Sequence[Refusal]) -> Answer:
    if not refusals:
        return {}
    return {"response_action": "errors", "errors": submission_form.errors(refusals)}
