"""The jobs that tell somebody of their import: its message brought up to date, then the file beside it.

Each message shows one version of the preview; of those that wait, only the newest is told. A crash or a redelivery at
any point posts nothing twice.
"""

from __future__ import annotations

from base64 import b64decode
from dataclasses import replace
from typing import Any

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.importing.preview import ImportPreview, PreviewState
from bot.errors import DestinationGone, MessageGone, NotFound, SlackError, SlackUnavailable
from bot.slack.answering import explain
from bot.slack.block_kit.blocks import Message
from bot.slack.jobs import post_keys
from bot.slack.jobs.doubted_updates import SHOWN_AGAIN_AFTER, may_be_undone
from bot.slack.jobs.files_once import FileForPeople, FilesOnce
from bot.slack.jobs.poster import Poster
from bot.slack.pace import Importance
from bot.store import Job, UnitOfWork
from bot.workflow.importing.previews import show_later, tell_later
from bot.workflow.requesting.propose import proposals_made_by
from bot.workflow.shared.alerts import alert_given_up
from bot.workflow.shared.context import Context
from bot.workflow.shared.job_definition import JobDefinition
from bot.workflow.shared.job_kinds import JobKind, OutcomePayload, TellPreviewPayload
from bot.workflow.shared.jobs import enqueue, reply

_log = structlog.get_logger(__name__)

#: What the file is called that says what became of each line.
OUTCOME_TITLE = "What became of each line"

_OUTCOME_NAME = "import-outcome.csv"


class PreviewTeller:
    """The handlers of the jobs, and what happens when one is given up."""

    def __init__(self, *, context: Context, client: AsyncWebClient, poster: Poster) -> None:
        self._context = context
        self._poster = poster
        self._files = FilesOnce(context=context, client=client)

    async def tell(self, job: Job, payload: TellPreviewPayload) -> None:
        """Job: put the message of a preview's version in the place of the one before, and have the file given.

        Where an update of before may take effect after this one, it is told once more. Raises SlackUnavailable and
        StoreError to be tried again, and TryLater while Slack takes no more.
        """
        preview = await self._find(payload.preview_id)
        if preview is None:
            return
        if preview.version != payload.version:
            # Another message is told in its place, or will be. What an attempt of before did may come after it.
            if may_be_undone(job):
                async with self._context.store.write() as uow:
                    await uow.deliveries.first_time(doubt_of(preview))
                    await uow.deliveries.answer(doubt_of(preview), DOUBTED)
            return
        if payload.again:
            async with self._context.store.write() as uow:
                await uow.jobs.hold(job)
                await tell_later(uow, preview, payload.message)
                await uow.jobs.finish(job)
            return
        message = Message(text=payload.message.text, blocks=payload.message.blocks)
        told = await self._post(preview, message)
        async with self._context.store.write() as uow:
            await uow.jobs.hold(job)
            now = await uow.previews.get(preview.id)
            if now.version != payload.version and now.state not in {PreviewState.ASKED, PreviewState.REQUESTED}:
                await show_later(uow, now)  # it may have changed before anybody knew where its message stands
            elif may_be_undone(job) or await uow.deliveries.answered(doubt_of(preview)) == DOUBTED:
                await uow.deliveries.answer(doubt_of(preview), _SETTLED)
                again = replace(payload, outcome="", again=True)
                at = self._context.store.clock() + SHOWN_AGAIN_AFTER
                await enqueue(uow, JobKind.TELL_PREVIEW, again, at=at, key=f"{JobKind.SHOW_AGAIN}:{job.id}")
            if payload.outcome and told.channel:
                given = OutcomePayload(preview_id=preview.id, outcome=payload.outcome)
                await enqueue(uow, JobKind.GIVE_OUTCOME, given, key=f"{JobKind.GIVE_OUTCOME}:{preview.id}")
            await uow.jobs.finish(job)

    async def give_outcome(self, job: Job, payload: OutcomePayload) -> None:
        """Job: give the file with what became of each line. Raises SlackUnavailable, StoreError and TryLater
        likewise."""
        preview = await self._find(payload.preview_id)
        if preview is None or not preview.channel:
            return
        file = FileForPeople(
            name=_OUTCOME_NAME,
            content=b64decode(payload.outcome),
            title=OUTCOME_TITLE,
            comment=f"{OUTCOME_TITLE} of your import.",
        )
        try:
            await self._files.show(f"import-told:{preview.delivery}", file, channel=preview.channel, job=job)
        except SlackUnavailable:
            raise
        except SlackError as error:
            # They have the message, and trying again gives them no file until the operator acts.
            async with self._context.store.write() as uow:
                await alert_given_up(uow, JobKind.GIVE_OUTCOME, details=str(error))
                await uow.jobs.finish(job)

    async def give_up(self, uow: UnitOfWork, payload: TellPreviewPayload | OutcomePayload, why: str) -> None:
        """Called in the transaction that gives up: nobody must wait for an answer for ever."""
        try:
            preview = await uow.previews.get(payload.preview_id)
        except NotFound:
            return
        if preview.state is PreviewState.ASKED:
            return  # it is being requested: what comes of that is told
        what = "Your import could not be shown, and nothing was requested by it."
        if made := await proposals_made_by(uow, preview.delivery):
            numbers = ", ".join(f"#{number}" for number in made)
            what = f"Your import was requested ({numbers}), but what became of each line could not be told."
        await reply(uow, explain(SlackError(what, why), doing="import").to_dict(), user=preview.owner)

    async def _find(self, preview_id: int) -> ImportPreview | None:
        async with self._context.store.read() as uow:
            try:
                return await uow.previews.get(preview_id)
            except NotFound:
                return None

    async def _post(self, preview: ImportPreview, message: Message) -> ImportPreview:
        """The message in place of the one before, or a new one; the preview, with where it stands.

        Who can't be reached any more is told nothing, and the log has it.
        """

        async def record(uow: UnitOfWork, channel: str, ts: str) -> None:
            await uow.previews.posted(preview.id, channel=channel, ts=ts)

        try:
            if preview.ts and await self._update(preview, message):
                return preview
            standing = await self._poster.post(
                preview.owner,
                message,
                key=post_keys.of_preview(preview.id),
                importance=Importance.DECISION,
                record=record,
                is_awaited=True,
            )
        except DestinationGone as error:
            _log.warning("somebody can't be told of their import", user=preview.owner, error=str(error))
            return replace(preview, channel="", ts="")
        if standing is None:
            _log.warning("the message about an import was deleted again, and stays so", user=preview.owner)
            return replace(preview, channel="", ts="")
        async with self._context.store.read() as uow:
            return await uow.previews.get(preview.id)

    async def _update(self, preview: ImportPreview, message: Message) -> bool:
        """Whether the message could be put in place of the one before: it may have been deleted."""
        try:
            await self._poster.update(preview.channel, preview.ts, message, importance=Importance.DECISION)
        except MessageGone:
            async with self._context.store.write() as uow:
                await uow.posts.lost(preview.channel, preview.ts)
            return False
        return True


#: Kept of a preview of whose older messages one may come late.
DOUBTED = {"doubted": True}
_SETTLED = {"doubted": False}  # by the message that is told once more


def doubt_of(preview: ImportPreview) -> str:
    """The key under which it is kept."""
    return f"import-doubted:{preview.id}"


TELLER_JOBS: tuple[JobDefinition[PreviewTeller, Any], ...] = (
    JobDefinition(kind=JobKind.TELL_PREVIEW, handle=PreviewTeller.tell, give_up=PreviewTeller.give_up),
    JobDefinition(kind=JobKind.GIVE_OUTCOME, handle=PreviewTeller.give_outcome, give_up=PreviewTeller.give_up),
)
