"""The job that hands a part of the audit log to whoever asked for it, as a file in a direct message."""

from __future__ import annotations

import asyncio
from functools import partial

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.telling.audit_exports import Format
from bot.domain.telling.audit_facts import looked_for
from bot.domain.telling.counting import plural
from bot.errors import DestinationGone, InvalidInput, NotPermitted, SlackError
from bot.slack.answering import explain
from bot.slack.directory import Directory
from bot.slack.jobs.files_once import FileForPeople, FilesOnce
from bot.slack.jobs.poster import Poster
from bot.slack.memberships import PATIENT
from bot.slack.messages.audit_page import export_message
from bot.store import Job, UnitOfWork
from bot.workflow.asking.audit_export import make_export, note_exported
from bot.workflow.shared.context import Context
from bot.workflow.shared.job_definition import JobDefinition
from bot.workflow.shared.job_kinds import ExportPayload, JobKind
from bot.workflow.shared.jobs import reply

_log = structlog.get_logger(__name__)


class AuditExporter:
    """The handler of the job."""

    def __init__(self, *, context: Context, client: AsyncWebClient, poster: Poster, directory: Directory) -> None:
        self._context = context
        self._poster = poster
        self._directory = directory
        self._files = FilesOnce(context=context, client=client)

    async def hand_out(self, job: Job, payload: ExportPayload) -> None:
        """Job: make the file and show it to whoever asked, if they still may read the log.

        Raises SlackError to be tried again; what was shown by then isn't shown twice.
        """
        try:
            since = asyncio.get_running_loop().time()
            actor = await self._directory.person(payload.user, since=since, within=PATIENT)
            made = await make_export(self._context, payload, actor=actor)
        except (InvalidInput, NotPermitted) as error:
            async with self._context.store.write() as uow:
                await uow.jobs.finish(job)
                await reply(uow, explain(error, doing="export").to_dict(), user=payload.user)
            return
        form = Format(payload.format)
        told = f"{plural(made.events, 'event')} as {form.label}"
        message = export_message(told, looked_for=looked_for(made.query))
        try:
            place = await self._poster.post(payload.user, message, key=f"export:{job.id}", job=job, is_awaited=True)
        except DestinationGone as error:
            _log.warning("somebody can't be handed the audit log", user=payload.user, error=str(error))
            return
        if place is None:
            return
        file = FileForPeople(
            name=f"audit-log.{form.extension}", content=made.content, title="Audit log", comment=f"{told}."
        )
        noted = partial(note_exported, payload=payload, events=made.events, at=self._context.now())
        await self._files.show(f"export-shown:{job.id}", file, channel=place.channel, job=job, noted=noted)

    async def give_up(self, uow: UnitOfWork, payload: ExportPayload, why: str) -> None:
        """Called in the transaction that gives up: nobody must wait for a file for ever."""
        error = SlackError("The file of the audit log could not be handed out.", why)
        await reply(uow, explain(error, doing="export").to_dict(), user=payload.user)


EXPORT_JOB = JobDefinition(kind=JobKind.EXPORT_AUDIT, handle=AuditExporter.hand_out, give_up=AuditExporter.give_up)
