"""The jobs of an import's preview: what it is to show found out, and what was shown requested.

A crash or a redelivery at any point makes nothing twice: each showing is a version of its own, and the requests go by
the import's delivery. Nothing is told to Slack here: see `preview_teller`.
"""

from __future__ import annotations

import asyncio
from base64 import b64encode

import structlog

from bot.domain.importing.outcomes import Imported
from bot.domain.importing.preview import ImportPreview, PreviewState, Shown
from bot.domain.telling.import_facts import ImportFacts, import_facts
from bot.domain.telling.preview_facts import PreviewFacts, preview_facts
from bot.errors import (
    Conflict,
    InvalidInput,
    NotFound,
    NotPermitted,
    ReadingFailed,
    SlackError,
)
from bot.slack.answering import explain
from bot.slack.block_kit.blocks import Message
from bot.slack.directory import Directory
from bot.slack.memberships import PATIENT
from bot.slack.messages.import_answer import imported_message
from bot.slack.messages.import_preview import preview_dropped, preview_message, preview_over
from bot.store import Job, UnitOfWork
from bot.workflow.importing.importer import outcomes_of
from bot.workflow.importing.previews import finish, look_at, reopen, request_preview, tell_later
from bot.workflow.importing.result_files import outcome_file
from bot.workflow.requesting.propose import proposals_made_by
from bot.workflow.shared.context import Context
from bot.workflow.shared.job_definition import JobDefinition
from bot.workflow.shared.job_kinds import JobKind, MessageParts, PreviewPayload
from bot.workflow.shared.jobs import reply

_log = structlog.get_logger(__name__)


class ImportPreviews:
    """The handlers of the jobs, and what happens when one is given up."""

    def __init__(self, *, context: Context, directory: Directory) -> None:
        self._context = context
        self._directory = directory
        #: One import after the other: what the first one asks for is set aside of the next.
        self._turn = asyncio.Lock()

    async def show(self, _job: Job, payload: PreviewPayload) -> None:
        """Job: find out what a preview's message is to show: what would be requested now, or that it is over.

        Raises StoreError to be tried again.
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
        async with self._context.store.write() as uow:
            if preview.channel:
                await tell_later(uow, preview, _parts(preview_over(preview)))
            if preview.state is PreviewState.DROPPED and await uow.deliveries.first_time(
                f"import-dropped:{preview.id}"
            ):
                await reply(uow, preview_dropped(preview).to_dict(), user=preview.owner)

    async def request(self, job: Job, payload: PreviewPayload) -> None:
        """Job: request what a preview showed, and have told in its place what came of it, with a file where that is
        needed.

        What can't go ahead is told, and the preview is open again. Raises SlackUnavailable and StoreError to be tried
        again: what was requested by then is not requested twice.
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
                if await proposals_made_by(uow, preview.delivery):  # by an attempt that ended before it could tell
                    await self.give_up_requesting(uow, payload, str(error))
                else:
                    await reply(uow, explain(error, doing="import").to_dict(), user=preview.owner)
                    await reopen(uow, preview.id)
                await uow.jobs.finish(job)
            return
        facts, outcome = await asyncio.to_thread(_facts_and_file, preview, imported, shown)
        message = _parts(imported_message(facts))
        await finish(self._context, preview, PreviewState.REQUESTED, message, outcome=outcome)

    async def give_up_showing(self, uow: UnitOfWork, payload: PreviewPayload, why: str) -> None:
        """Called in the transaction that gives up: nobody must wait for an answer for ever."""
        try:
            preview = await uow.previews.get(payload.preview_id)
        except NotFound:
            return
        if preview.state not in {PreviewState.ASKED, PreviewState.REQUESTED}:  # else what comes of that is told
            what = "Your import could not be shown, and nothing was requested by it."
            await self._tell_given_up(uow, payload, what, why)

    async def give_up_requesting(self, uow: UnitOfWork, payload: PreviewPayload, why: str) -> None:
        """The same for a request: the preview is open again, unless the requests were made before."""
        try:
            preview = await uow.previews.get(payload.preview_id)
        except NotFound:
            return
        made = await proposals_made_by(uow, preview.delivery)
        if not made:
            await reopen(uow, preview.id)
            await self._tell_given_up(uow, payload, "Your import could not be requested.", why)
            return
        await uow.previews.move(preview, PreviewState.REQUESTED)
        numbers = ", ".join(f"#{number}" for number in made)
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
            await finish(self._context, preview, PreviewState.CANCELLED, _parts(explain(error, doing="import")))
            return
        may_need_nobody = bool(judged.parts) and all(
            any(rule.is_about(part.proposal) for rule in self._context.rules.need_nobody) for part in judged.parts
        )
        now = self._context.now()

        def found_out() -> PreviewFacts:
            return preview_facts(
                shown,
                judged.reading,
                judged.parts,
                outcomes_of(judged),
                judged_as_of=judged.snapshot_of,
                now=now,
                may_need_nobody=may_need_nobody,
            )

        facts = await asyncio.to_thread(found_out)
        async with self._context.store.write() as uow:
            await tell_later(uow, shown, _parts(preview_message(facts)))


def _parts(message: Message) -> MessageParts:
    return MessageParts(text=message.text, blocks=message.blocks)


def _facts_and_file(preview: ImportPreview, imported: Imported, shown: Shown) -> tuple[ImportFacts, str]:
    """What is told of an import, and the file that is given after it, in base64; empty: none."""
    values = {line.value for line in shown.lines}
    facts = import_facts(imported, name=preview.name, reason=preview.reason, shown=values)
    return facts, b64encode(outcome_file(imported.outcomes)).decode("ascii") if facts.has_file else ""


PREVIEW_JOBS = (
    JobDefinition(kind=JobKind.SHOW_PREVIEW, handle=ImportPreviews.show, give_up=ImportPreviews.give_up_showing),
    JobDefinition(
        kind=JobKind.REQUEST_PREVIEW, handle=ImportPreviews.request, give_up=ImportPreviews.give_up_requesting
    ),
)
