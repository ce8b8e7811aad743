"""The jobs of an import's preview: its message brought up to date, and what was shown requested.

A crash or a redelivery at any point makes nothing twice: each showing is a version of its own, the requests go by the
import's delivery, and which file was posted is remembered beside it.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.importing.outcomes import Imported
from bot.domain.importing.preview import ImportPreview, PreviewState, Shown
from bot.domain.telling.import_facts import ImportFacts, import_facts
from bot.domain.telling.preview_facts import preview_facts
from bot.errors import (
    Conflict,
    DestinationGone,
    InvalidInput,
    MessageGone,
    NotFound,
    NotPermitted,
    ReadingFailed,
    SlackError,
    SlackUnavailable,
)
from bot.slack.answering import explain
from bot.slack.block_kit.blocks import Message
from bot.slack.directory import Directory
from bot.slack.jobs import post_keys
from bot.slack.jobs.files_once import FileForPeople, FilesOnce
from bot.slack.jobs.poster import Poster
from bot.slack.memberships import PATIENT
from bot.slack.messages.import_answer import imported_message
from bot.slack.messages.import_preview import preview_dropped, preview_message, preview_over
from bot.slack.pace import Importance
from bot.store import Job, UnitOfWork
from bot.workflow.importing.importer import outcomes_of
from bot.workflow.importing.previews import finish, look_at, reopen, request_preview
from bot.workflow.importing.result_files import outcome_file
from bot.workflow.requesting.propose import made_by
from bot.workflow.shared.context import Context
from bot.workflow.shared.job_definition import JobDefinition
from bot.workflow.shared.jobs import JobKind, PreviewPayload, alert_given_up, reply

_log = structlog.get_logger(__name__)

_OUTCOME_NAME = "import-outcome.csv"


class ImportPreviews:
    """The handlers of the jobs, and what happens when one is given up."""

    def __init__(self, *, context: Context, client: AsyncWebClient, poster: Poster, directory: Directory) -> None:
        self._context = context
        self._files = FilesOnce(context=context, client=client)
        self._poster = poster
        self._directory = directory
        #: One import after the other: what the first one asks for is set aside of the next.
        self._turn = asyncio.Lock()

    async def show(self, _job: Job, payload: PreviewPayload) -> None:
        """Job: bring a preview's message up to date: what would be requested now, or that it is over.

        Raises SlackUnavailable and StoreError to be tried again, and TryLater while Slack takes no more.
        """
        preview = await self._find(payload)
        if preview is None or preview.state in {PreviewState.ASKED, PreviewState.REQUESTED}:
            return
        if preview.state is PreviewState.OPEN:
            try:
                await self._show_open(preview)
            except Conflict:
                return  # whoever changed it has queued this job again
            return
        if preview.channel:
            await self._post(preview, preview_over(preview))
        if preview.state is PreviewState.DROPPED:
            async with self._context.store.write() as uow:
                if await uow.deliveries.first_time(f"import-dropped:{preview.id}"):
                    await reply(uow, preview_dropped(preview).to_dict(), user=preview.owner)

    async def request(self, _job: Job, payload: PreviewPayload) -> None:
        """Job: request what a preview showed, and tell in its place what came of it, with a file where that is needed.

        What can't go ahead is told, and the preview is open again. Raises SlackUnavailable, StoreError and TryLater
        likewise: what was requested by then is not requested twice.
        """
        preview = await self._find(payload)
        if preview is None or preview.state is not PreviewState.ASKED:
            return
        try:
            actor = await self._directory.person(preview.owner, since=asyncio.get_running_loop().time(), within=PATIENT)
            async with self._turn:
                imported, shown = await request_preview(self._context, preview, actor=actor)
        except (InvalidInput, NotPermitted, ReadingFailed) as error:
            async with self._context.store.write() as uow:
                await reply(uow, explain(error, doing="import").to_dict(), user=preview.owner)
                await reopen(uow, preview.id)
            return
        facts = _facts(preview, imported, shown)
        await self._tell(preview, facts, imported)
        await finish(self._context, preview, PreviewState.REQUESTED)

    async def give_up_showing(self, uow: UnitOfWork, payload: PreviewPayload, why: str) -> None:
        """Called in the transaction that gives up: nobody must wait for an answer for ever."""
        await self._tell_given_up(uow, payload, "Your import could not be shown, and nothing was requested by it.", why)

    async def give_up_requesting(self, uow: UnitOfWork, payload: PreviewPayload, why: str) -> None:
        """The same for a request: the preview is open again, unless the requests were made before."""
        try:
            preview = await uow.previews.get(payload.preview_id)
        except NotFound:
            return
        made = await made_by(uow, preview.delivery)
        if not made:
            await reopen(uow, preview.id)
            await self._tell_given_up(uow, payload, "Your import could not be requested.", why)
            return
        await uow.previews.move(preview, PreviewState.REQUESTED)
        numbers = ", ".join(f"#{request_id}" for request_id in made)
        what = f"Your import was requested ({numbers}), but what became of each line could not be told."
        await self._tell_given_up(uow, payload, what, why)

    async def _tell_given_up(self, uow: UnitOfWork, payload: PreviewPayload, what: str, why: str) -> None:
        try:
            owner = (await uow.previews.get(payload.preview_id)).owner
        except NotFound:
            return
        await reply(uow, explain(SlackError(what, why), doing="import").to_dict(), user=owner)

    async def _find(self, payload: PreviewPayload) -> ImportPreview | None:
        async with self._context.store.read() as uow:
            try:
                return await uow.previews.get(payload.preview_id)
            except NotFound:
                return None

    async def _show_open(self, preview: ImportPreview) -> None:
        try:
            shown, judged = await look_at(self._context, preview)
        except (InvalidInput, ReadingFailed) as error:
            # It can't be read at all, by no column: there is nothing to go on with.
            await finish(self._context, preview, PreviewState.CANCELLED)
            await self._post(preview, explain(error, doing="import"))
            return
        facts = preview_facts(
            shown,
            judged.reading,
            judged.parts,
            outcomes_of(judged),
            judged_as_of=judged.snapshot_of,
            now=self._context.now(),
        )
        await self._post(shown, preview_message(facts))

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

    async def _tell(self, preview: ImportPreview, facts: ImportFacts, imported: Imported) -> None:
        """The message, then the file beside it: each once, whatever happened before."""
        told = await self._post(preview, imported_message(facts))
        if not facts.has_file or not told.channel:
            return
        try:
            await self._give_file(told, imported)
        except SlackUnavailable:
            raise
        except SlackError as error:
            # They have the message, and trying again gives them no file until the operator acts.
            async with self._context.store.write() as uow:
                await alert_given_up(uow, JobKind.REQUEST_PREVIEW, details=str(error))

    async def _give_file(self, preview: ImportPreview, imported: Imported) -> None:
        words = "What became of each line"
        file = FileForPeople(
            name=_OUTCOME_NAME,
            content=outcome_file(imported.outcomes),
            title=words,
            comment=f"{words} of your import.",
        )
        await self._files.show(f"import-told:{preview.delivery}", file, channel=preview.channel)


def _facts(preview: ImportPreview, imported: Imported, shown: Shown) -> ImportFacts:
    return import_facts(imported, name=preview.name, reason=preview.reason, shown={line.value for line in shown.lines})


PREVIEW_JOBS = (
    JobDefinition(kind=JobKind.SHOW_PREVIEW, handle=ImportPreviews.show, give_up=ImportPreviews.give_up_showing),
    JobDefinition(
        kind=JobKind.REQUEST_PREVIEW, handle=ImportPreviews.request, give_up=ImportPreviews.give_up_requesting
    ),
)
