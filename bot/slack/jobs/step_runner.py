"""The jobs of a step in Slack's Workflow Builder: propose what it asks for, and tell Slack what came of it.

The step waits in Slack until it is told, and no longer: it doesn't wait for anybody's decision. It is told by the bot's
own token: the one that comes with the delivery would have to be kept, and runs out. Told twice, Slack answers that the
step isn't running any more.

Sources: https://docs.slack.dev/reference/methods/functions.completeSuccess and functions.completeError beside it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.requests.request import SetAside
from bot.errors import Conflict, InvalidInput, NotPermitted, PortcullisError, SlackError, TryLater
from bot.slack.answering import told
from bot.slack.block_kit.text import escaped, lines_that_fit
from bot.slack.client import call
from bot.slack.directory import Directory
from bot.slack.memberships import PATIENT
from bot.store import Job, UnitOfWork
from bot.workflow.requesting.by_workflow import AskedByStep, CameOfStep, made_by_step, nothing_came, propose_by_step
from bot.workflow.shared.context import Context
from bot.workflow.shared.job_definition import JobDefinition, KindOfJob
from bot.workflow.shared.jobs import enqueue
from bot.workflow.shared.lanes import Lane, Urgency

_log = structlog.get_logger(__name__)

#: So long a step waits for its card to be posted, so that it can name it.
CARD_WITHIN = timedelta(seconds=30)
_LOOKED_AT_AGAIN = 1.0

#: Slack's words for a step that isn't running any more: somebody was faster, or the workflow is over.
_OVER = frozenset({"function_execution_not_found", "execution_not_in_running_state"})

#: Slack's word for outputs that the step, as app.yaml in Slack has it, doesn't have.
_OUTPUTS_REFUSED = "parameter_validation_failed"

_LONGEST_ERROR = 1_000

#: Every error of a step says it, so that nobody wonders whether to start the workflow again.
_NOTHING = "Nothing was requested."
_LONGEST_ASIDE = 1_500


@dataclass(frozen=True, slots=True, kw_only=True)
class StepPayload:
    """What a step was run with: any texts, and who started the workflow, as Slack says."""

    user: str
    indicators: str
    reason: str
    lasts: str
    run: str
    workflow: str

    @property
    def asked(self) -> AskedByStep:
        return AskedByStep(
            indicators=self.indicators, reason=self.reason, lasts=self.lasts, run=self.run, workflow=self.workflow
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class StepEndPayload:
    """What Slack is told of a step: the proposal that came of it, by its number, or the error."""

    run: str
    proposal: int | None = None
    set_aside: str = ""  #: for people, as Slack shows texts
    error: str = ""  #: likewise


RUN_STEP = KindOfJob("step.run", StepPayload, Lane.TELLING, Urgency.FIRST)
END_STEP = KindOfJob("step.end", StepEndPayload, Lane.TELLING, Urgency.FIRST)


async def queue_step(context: Context, payload: StepPayload) -> None:
    """Put a step onto disk, for the job to run it. Delivered again, it changes nothing. Raises StoreError."""
    async with context.store.write() as uow:
        if await uow.deliveries.first_time(f"step-queued:{payload.run}"):
            await enqueue(uow, RUN_STEP, payload, person=payload.user)


async def queue_failed_step(context: Context, run: str, error: PortcullisError) -> None:
    """Have a step that can't be run told so. Delivered again, it changes nothing. Raises StoreError."""
    async with context.store.write() as uow:
        if await uow.deliveries.first_time(f"step-queued:{run}"):
            await _end(uow, StepEndPayload(run=run, error=_in_words(error)))


class StepRunner:
    """The handlers of the jobs, and what happens when one is given up."""

    def __init__(self, *, context: Context, client: AsyncWebClient, directory: Directory) -> None:
        self._context = context
        self._client = client
        self._directory = directory

    async def run(self, job: Job, payload: StepPayload) -> None:
        """Job: propose what the step asks for, with the roles that its person has now.

        What is refused is told to the step and done with. Raises MembersUnread and StoreError to be tried again.
        """
        refused: PortcullisError | None = None
        try:
            came = await self._proposed(payload)
        except (InvalidInput, NotPermitted, Conflict) as error:
            refused = error
        async with self._context.store.write() as uow:
            await uow.jobs.hold(job)
            await _end(uow, _came(payload, came) if refused is None else await _failed(uow, payload, refused))
            await uow.jobs.finish(job)

    async def _proposed(self, payload: StepPayload) -> CameOfStep:
        made = await made_by_step(self._context, payload.asked)
        if made is not None:
            return made  # by an attempt that ended before it could say so, whatever their roles are by now
        since = asyncio.get_running_loop().time()
        person = await self._directory.person(payload.user, since=since, within=PATIENT)
        return await propose_by_step(self._context, payload.asked, actor=person)

    async def give_up_run(self, uow: UnitOfWork, payload: StepPayload, why: str) -> None:
        """Called in the transaction that gives up: no workflow must wait for ever. What was proposed stands."""
        error = SlackError("The step could not be run.", why)
        await _end(uow, await _failed(uow, payload, error))

    async def end(self, job: Job, payload: StepEndPayload) -> None:
        """Job: tell Slack that a step is over, and how it went.

        Raises TryLater while the card isn't posted yet, and SlackError to be tried again.
        """
        if payload.proposal is None:
            await self._tell("functions.completeError", payload.run, error=payload.error)
            return
        outputs = await self._outputs(job, payload, payload.proposal)
        try:
            await self._tell("functions.completeSuccess", payload.run, outputs=outputs)
        except SlackError as error:
            if error.code != _OUTPUTS_REFUSED:
                raise
            _log.warning("the outputs of a step are not those of the app in Slack", code=error.code)
            await self._tell("functions.completeError", payload.run, error=_not_taken(payload.proposal))

    async def _tell(self, method: str, run: str, **said: object) -> None:
        try:
            await call(self._client, method, {"function_execution_id": run, **said})
        except SlackError as error:
            if error.code not in _OVER:
                raise
            _log.info("a step was over already", code=error.code)

    async def _outputs(self, job: Job, payload: StepEndPayload, proposal: int) -> dict[str, str]:
        """What the workflow can go on with, by the names in app.yaml. What there is none of isn't there."""
        async with self._context.store.read() as uow:
            links = await self._context.card_links.of_requests(uow, {proposal})
        if not links and self._context.store.clock() - job.created_at < CARD_WITHIN:
            raise TryLater(_LOOKED_AT_AGAIN, "The card of what a step has proposed isn't posted yet.")
        outputs = {"proposal": f"#{proposal}", "card": links.get(proposal, ""), "set_aside": payload.set_aside}
        return {name: said for name, said in outputs.items() if said}


def _came(payload: StepPayload, came: CameOfStep) -> StepEndPayload:
    proposal, set_aside = came.requests[0].proposal_id, _aside_in_words(came.set_aside)
    return StepEndPayload(run=payload.run, proposal=proposal, set_aside=set_aside)


async def _failed(uow: UnitOfWork, payload: StepPayload, error: PortcullisError) -> StepEndPayload:
    """What Slack is told where an attempt has failed: why, unless another one has proposed it all the same."""
    came = await nothing_came(uow, payload.asked)
    return StepEndPayload(run=payload.run, error=_in_words(error)) if came is None else _came(payload, came)


async def _end(uow: UnitOfWork, payload: StepEndPayload) -> None:
    await enqueue(uow, END_STEP, payload)


def _in_words(error: PortcullisError) -> str:
    """An error of a step of which nothing came, for whoever started the workflow, in a message of Slack's own."""
    what, remedy, reference = told(error, doing="step")
    reference = f"Reference: {reference}." if reference else ""
    return escaped(" ".join(filter(None, [what, remedy, _NOTHING, reference])), limit=_LONGEST_ERROR)


def _not_taken(proposal: int) -> str:
    """What is told where Slack doesn't take what came of a step: tried again, it wouldn't either."""
    return (
        f"Request #{proposal} was made and waits for approval, but Slack doesn't take the outputs of this step, so the "
        "workflow ends here. Don't start it again for the same. Whoever runs Portcullis brings the app in Slack up to "
        "date with app.yaml."
    )


def _aside_in_words(set_aside: Sequence[SetAside]) -> str:
    """What was left out, a line for each, with its reason; empty where nothing was."""
    lines = [escaped(line.reason, limit=300) for line in set_aside]
    return lines_that_fit(lines, total=len(lines), limit=_LONGEST_ASIDE) if lines else ""


STEP_JOBS = (
    JobDefinition(kind=RUN_STEP, handle=StepRunner.run, give_up=StepRunner.give_up_run),
    JobDefinition(kind=END_STEP, handle=StepRunner.end),
)
