"""From the form of a submission to its request: read it, and fetch the message or file that it brings along.

A form with a file becomes a request only once the file is here and is what Microsoft takes; that is a job's, because
Slack takes its time. A crash or a redelivery at any point makes nothing twice.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.indicators.indicator import Indicator
from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action, list_for, title
from bot.domain.policies.case import Field, Refusal
from bot.domain.policies.drafting import draft
from bot.domain.reading.command_text import read_lines
from bot.domain.reading.durations import read_lifetime
from bot.domain.requests.evidence import Evidence
from bot.domain.requests.proposal import Proposal
from bot.domain.requests.request import Request
from bot.domain.submissions.evidence import Lack, file_lack, message_url_lack, recipient_lack
from bot.domain.submissions.texts import steps_by_hand
from bot.domain.telling.proposal_facts import proposal_facts
from bot.errors import InvalidDuration, InvalidInput, NotPermitted, SlackError, SlackUnavailable
from bot.slack import files
from bot.slack.answering import explain
from bot.slack.block_kit.blocks import Message
from bot.slack.directory import Directory
from bot.slack.messages.proposed import proposed_message
from bot.slack.modals.form_input import FormInput
from bot.slack.modals.submission_form import SubmissionInput
from bot.store import Job, UnitOfWork
from bot.tenant.calling.graph import MOST_CONTENT
from bot.workflow.requesting.consider import consider
from bot.workflow.requesting.propose import Proposed, made_by, propose
from bot.workflow.shared.context import Context
from bot.workflow.shared.job_definition import JobDefinition, KindOfJob
from bot.workflow.shared.jobs import reply
from bot.workflow.shared.rights import proposer


class WrongFields(Exception):
    """What was submitted can't be used; refusals say where."""

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        super().__init__()
        self.refusals = tuple(refusals)


def read_proposals(context: Context, given: SubmissionInput) -> tuple[Proposal, ...]:
    """What a submitted form proposes, with its evidence. Raises WrongFields.

    One request for one list: a message that is handed over twice within minutes is refused by Microsoft, and once is
    enough for all that blocked it.
    """
    now = context.now()
    form = given.form
    refusals: list[Refusal] = []
    indicators, problems = read_lines(form.indicators, accepted_domains=context.rules.accepted_domains)
    refusals += [Refusal(code="unreadable", text=problem.what, remedy=problem.remedy) for problem in problems]
    refusals += _list_refusals(indicators)
    refusals += _evidence_refusals(given)
    if not indicators and not problems:
        refusals.append(Refusal(code="empty", text="No indicator was given.", remedy="Write at least one."))
    try:
        lifetime = read_lifetime(form.end, today=now.date()) if form.end else None
        if refusals:
            raise WrongFields(refusals)
        return draft(
            Operation.SUBMIT,
            Action.ALLOW,
            indicators,
            lifetime=lifetime,
            reason=form.reason.strip(),
            rules=context.rules,
            now=now,
            evidence=given.evidence() if _has_evidence(given) else None,
        )
    except InvalidDuration as error:
        refusals.append(Refusal(code="end", text=error.what, remedy=error.remedy, field=Field.EXPIRES))
        raise WrongFields(refusals) from None


def _has_evidence(given: SubmissionInput) -> bool:
    return given.file is not None or bool(given.message_url)


def _list_refusals(indicators: Sequence[Indicator]) -> list[Refusal]:
    lists = list(dict.fromkeys(list_for(indicator.kind) for indicator in indicators))
    others = [name for name in lists if not steps_by_hand(name)]
    if others:
        return [
            Refusal(
                code="not_submitted",
                text=f"Nothing is submitted for the {title(others[0])}.",
                remedy="Allow IPs and spoof pairs with /allow.",
            )
        ]
    if len(lists) > 1:
        return [
            Refusal(
                code="several_lists",
                text="Domains and addresses, URLs, and files are submitted one sort after the other.",
                remedy="Begin with what the message was blocked for: its submission allows all that blocked it.",
            )
        ]
    return []


def _evidence_refusals(given: SubmissionInput) -> list[Refusal]:
    lacks: list[Lack | None] = []
    if given.message_url and given.file is not None:
        lacks.append(Lack(what="Give the message in one way.", remedy="Either a file, or its address."))
    if given.message_url:
        lacks.append(message_url_lack(given.message_url))
    is_mail_file = str((given.file or {}).get("name") or "").lower().endswith(".eml")
    if (given.message_url or is_mail_file) and not given.recipient:
        lacks.append(Lack(what="A message needs its recipient.", remedy="Say who was to get it."))
    if given.recipient:
        lacks.append(recipient_lack(given.recipient))
    if given.file is not None and int(given.file.get("size") or 0) > MOST_CONTENT:
        lacks.append(
            Lack(
                what=f"The file is larger than {MOST_CONTENT / 1_000_000:.1f} MB, which Microsoft Graph doesn't take.",
                remedy="Submit it by hand, as below.",
            )
        )
    return [
        Refusal(code="evidence", text=lack.what, remedy=lack.remedy, field=Field.EVIDENCE)
        for lack in lacks
        if lack is not None
    ]


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


FETCH_EVIDENCE = KindOfJob("evidence.fetch", EvidencePayload)


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
            await self._tell(job, payload, explain(error, doing="submission"), (), b"")
            return
        requests = proposed.requests
        message = proposed_message(proposal_facts(requests, proposed.refusals))
        await self._tell(job, payload, message, requests, content)

    async def give_up(self, uow: UnitOfWork, payload: EvidencePayload, why: str) -> None:
        """Called in the transaction that gives up a job of this kind: nobody must wait for an answer for ever."""
        made = await made_by(uow, payload.proposed_as)
        numbers = ", ".join(str(request_id) for request_id in made)
        what = (
            f"Your submission was requested (request {numbers}), but its file could not be kept: withdraw it, and "
            "submit again."
            if numbers
            else "The file of your submission could not be fetched, and nothing was requested by it."
        )
        await reply(uow, explain(SlackError(what, why), doing="submission").to_dict(), user=payload.user)

    async def _propose(self, payload: EvidencePayload, content: bytes) -> Proposed:
        given = payload.as_given()
        try:
            proposals = read_proposals(self._context, given)
        except WrongFields as wrong:
            return Proposed(refusals=wrong.refusals)
        for proposal in proposals:
            values = [indicator.value for indicator in proposal.indicators]
            lack = file_lack(proposal.list, values, content, recipient=given.recipient)
            if lack is not None:
                refusal = Refusal(code="evidence", text=lack.what, remedy=lack.remedy, field=Field.EVIDENCE)
                return Proposed(refusals=(refusal,))
        person = await self._directory.person(payload.user)
        # Named after the form that was sent, so that an attempt which died after this is answered as it was.
        who = await proposer(self._context, person, delivery=payload.proposed_as)
        considered = await consider(self._context, actor=who, proposals=proposals)
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
