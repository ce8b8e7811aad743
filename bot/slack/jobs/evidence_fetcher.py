"""The job that fetches the message or file which the form of a submission brings along, and proposes what it is for.

A form with a file becomes a request only once the file is here and is what Microsoft takes; that is a job's, because
Slack takes its time. A crash or a redelivery at any point makes nothing twice.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action
from bot.domain.policies.case import Field, Refusal
from bot.domain.requests.evidence import Evidence
from bot.domain.requests.request import Request
from bot.domain.submissions.evidence import file_lack, with_file_seen
from bot.domain.telling.proposal_facts import proposal_facts
from bot.errors import InvalidInput, NotPermitted, SlackError, SlackUnavailable
from bot.slack import files
from bot.slack.answering import explain
from bot.slack.block_kit.blocks import Message
from bot.slack.directory import Directory
from bot.slack.memberships import PATIENT
from bot.slack.messages.proposed import proposed_message
from bot.slack.modals.form_input import FormInput, WrongFields
from bot.slack.modals.submission_form import SubmissionInput
from bot.slack.modals.submission_reading import read_proposals
from bot.store import Job, UnitOfWork
from bot.tenant.calling.graph import MOST_CONTENT
from bot.workflow.requesting.consider import consider
from bot.workflow.requesting.propose import Proposed, proposals_made_by, propose
from bot.workflow.shared.context import Context
from bot.workflow.shared.job_definition import JobDefinition, KindOfJob
from bot.workflow.shared.jobs import enqueue, reply
from bot.workflow.shared.lanes import Lane
from bot.workflow.shared.limits import Limited, recount, within_limit
from bot.workflow.shared.own_domains import own_domains
from bot.workflow.shared.rights import Proposer, proposer


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidencePayload:
    """What the form of a submission was submitted with, but for where its message is: it brings the file.

    The file is what `bot.slack.files.download` takes. The requests are named after the `delivery`.
    """

    user: str
    indicators: str
    end: str
    reason: str
    recipient: str
    file: Mapping[str, Any]
    delivery: str

    @classmethod
    def of(cls, given: SubmissionInput, *, user: str, delivery: str) -> EvidencePayload:
        """A submitted form as the payload of the job."""
        return cls(
            user=user,
            indicators=given.form.indicators,
            end=given.form.end,
            reason=given.form.reason,
            recipient=given.recipient,
            file=given.file or {},
            delivery=delivery,
        )

    def as_given(self) -> SubmissionInput:
        """The form as it was submitted."""
        return SubmissionInput(
            form=FormInput(
                operation=Operation.SUBMIT,
                action=Action.ALLOW,
                indicators=self.indicators,
                end=self.end,
                reason=self.reason,
            ),
            recipient=self.recipient,
            file=self.file,
        )

    @property
    def proposed_as(self) -> str:
        """What names the requests that it makes: an attempt after them is answered as the one that made them."""
        return f"evidence:{self.delivery}"


FETCH_EVIDENCE = KindOfJob("evidence.fetch", EvidencePayload, Lane.FETCHING)


async def queue_evidence(context: Context, given: SubmissionInput, *, actor: Proposer, delivery: str) -> None:
    """Put a submitted form with a file onto disk, for the job to fetch it. Delivered again, it changes nothing.

    Raises InvalidInput for somebody who has as many waiting as they may have open requests, which is what they become.
    """
    person, what = actor.user_id, Limited.REQUESTS
    async with (
        within_limit(context, person=person, what=what, delivery=delivery),
        context.store.write() as uow,
    ):
        if await uow.deliveries.first_time(delivery):
            count = partial(uow.jobs.count_of, person, (FETCH_EVIDENCE,))
            await recount(context, uow, count, person=person, what=what)
            payload = EvidencePayload.of(given, user=actor.user_id, delivery=delivery)
            await enqueue(uow, FETCH_EVIDENCE, payload, person=person)


class EvidenceFetcher:
    """The handler of the job, and what happens when it is given up."""

    def __init__(self, *, context: Context, client: AsyncWebClient, directory: Directory, tls: ssl.SSLContext) -> None:
        self._context = context
        self._client = client
        self._directory = directory
        self._tls = tls

    async def fetch(self, job: Job, payload: EvidencePayload) -> None:
        """Job: fetch the file, propose, keep the file with the request, and tell the person.

        What can't be used, or is refused, is told and done with. Raises SlackUnavailable and StoreError to be tried
        again.
        """
        try:
            content = await files.download(self._client, payload.file, limit=MOST_CONTENT, tls=self._tls)
            proposed = await self._propose(payload, content)
        except SlackUnavailable:
            raise
        except (InvalidInput, NotPermitted, SlackError) as error:
            async with self._context.store.write() as uow:
                await uow.jobs.hold(job)
                # By an attempt that ended before it could keep the file.
                if await proposals_made_by(uow, payload.proposed_as):
                    await self.give_up(uow, payload, str(error))
                else:
                    await reply(uow, explain(error, doing="submission").to_dict(), user=payload.user)
                await uow.jobs.finish(job)
            return
        requests = proposed.requests
        message = proposed_message(proposal_facts(requests, proposed.refusals))
        await self._tell(job, payload, message, requests, content)

    async def give_up(self, uow: UnitOfWork, payload: EvidencePayload, why: str) -> None:
        """Called in the transaction that gives up a job of this kind: nobody must wait for an answer for ever."""
        made = await proposals_made_by(uow, payload.proposed_as)
        numbers = ", ".join(f"#{number}" for number in made)
        what = (
            f"Your submission was requested ({numbers}), but its file could not be kept: withdraw it, and submit again."
            if numbers
            else "The file of your submission could not be fetched, and nothing was requested by it."
        )
        await reply(uow, explain(SlackError(what, why), doing="submission").to_dict(), user=payload.user)

    async def _propose(self, payload: EvidencePayload, content: bytes) -> Proposed:
        given = payload.as_given()
        try:
            own = await own_domains(self._context)
            proposals = read_proposals(given, rules=self._context.rules, now=self._context.now(), own=own)
        except WrongFields as wrong:
            return Proposed(refusals=wrong.refusals)
        for proposal in proposals:
            values = [indicator.value for indicator in proposal.indicators]
            lack = await asyncio.to_thread(file_lack, proposal.list, values, content, recipient=given.recipient)
            if lack is not None:
                refusal = Refusal(code="evidence", text=lack.what, remedy=lack.remedy, field=Field.EVIDENCE)
                return Proposed(refusals=(refusal,))
        # In a thread: a message of megabytes takes a moment.
        seen = [await asyncio.to_thread(with_file_seen, proposal, content) for proposal in proposals]
        person = await self._directory.person(payload.user, within=PATIENT)
        # Named after the form that was sent, so that an attempt which died after this is answered as it was.
        who = await proposer(self._context, person, delivery=payload.proposed_as)
        considered = await consider(self._context, actor=who, proposals=seen)
        return await propose(self._context, considered, delivery=payload.proposed_as)

    async def _tell(
        self, job: Job, payload: EvidencePayload, message: Message, requests: Sequence[Request], content: bytes
    ) -> None:
        async with self._context.store.write() as uow:
            await uow.jobs.hold(job)
            for request in requests:
                current = await uow.requests.summary(request.id, items=1, lock=True)
                if current.status.is_under_way:
                    await uow.attachments.put(request.id, _name(current.evidence), content)
            await reply(uow, message.to_dict(), user=payload.user)
            await uow.jobs.finish(job)


def _name(evidence: Evidence | None) -> str:
    return evidence.file_name if evidence is not None else ""


EVIDENCE_JOB = JobDefinition(kind=FETCH_EVIDENCE, handle=EvidenceFetcher.fetch, give_up=EvidenceFetcher.give_up)
