"""The job that takes an import in: fetches the file, and keeps it with the preview that its person will see."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action
from bot.domain.reading.import_reading import Given
from bot.domain.reading.import_text import MOST_BYTES
from bot.errors import InvalidInput, NotPermitted, SlackError, SlackUnavailable
from bot.slack import files
from bot.slack.answering import explain
from bot.slack.directory import Directory
from bot.slack.memberships import PATIENT
from bot.slack.modals.import_form import ImportInput
from bot.store import Job, UnitOfWork
from bot.workflow.importing.previews import IMPORT_KINDS, open_preview
from bot.workflow.shared.context import Context
from bot.workflow.shared.job_definition import JobDefinition, KindOfJob
from bot.workflow.shared.jobs import enqueue, reply
from bot.workflow.shared.lanes import Lane
from bot.workflow.shared.limits import Limited, recount, within_limit
from bot.workflow.shared.rights import Proposer, proposer

__all__ = ["IMPORT_JOB", "MOST_BYTES", "READ_IMPORT", "ImportPayload", "ImportReader", "queue_import"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportPayload:
    """What the form of an import was submitted with, before anything of it was read.

    Either `text` or `file` is there; the file is what `bot.slack.files.download` takes. `end` is as it was written, or
    empty. The preview and its requests are named after the `delivery`.
    """

    user: str
    operation: Operation
    action: Action
    end: str
    reason: str
    text: str
    file: Mapping[str, Any] | None
    delivery: str

    @property
    def file_name(self) -> str:
        return str((self.file or {}).get("name") or "")


READ_IMPORT = KindOfJob("import.read", ImportPayload, Lane.FETCHING)


async def queue_import(context: Context, given: ImportInput, *, actor: Proposer, delivery: str) -> None:
    """Put an import onto disk, for the job to read. Delivered again, it changes nothing.

    Raises InvalidInput for somebody who has too many waiting.
    """
    person, kinds = actor.user_id, (READ_IMPORT, *IMPORT_KINDS)
    async with (
        within_limit(context, person=person, what=Limited.IMPORTS, delivery=delivery),
        context.store.write() as uow,
    ):
        if await uow.deliveries.first_time(delivery):
            await recount(context, uow, partial(uow.jobs.count_of, person, kinds), person=person, what=Limited.IMPORTS)
            await enqueue(
                uow,
                READ_IMPORT,
                ImportPayload(
                    user=actor.user_id,
                    operation=given.operation,
                    action=given.action,
                    end=given.end if given.operation.gives_an_end else "",
                    reason=given.reason.strip(),
                    text=given.text,
                    file=given.file,
                    delivery=f"import:{delivery}",
                ),
                key=f"{READ_IMPORT}:{delivery}",
                person=actor.user_id,
            )


class ImportReader:
    """The handler of the job, and what happens when it is given up."""

    def __init__(self, *, context: Context, client: AsyncWebClient, directory: Directory, tls: ssl.SSLContext) -> None:
        self._context = context
        self._client = client
        self._directory = directory
        self._tls = tls

    async def read(self, job: Job, payload: ImportPayload) -> None:
        """Job: keep what was given, and have its preview shown.

        What can't be had, or is refused, is told and done with. Raises SlackUnavailable and StoreError to be tried
        again.
        """
        async with self._context.store.read() as uow:
            if await uow.previews.made_of(payload.delivery) is not None:
                return  # by an attempt that ended before it could say so: it is shown, whatever is found now
        try:
            given = await self._given(payload)
        except SlackUnavailable:
            raise
        except (InvalidInput, NotPermitted, SlackError) as error:
            async with self._context.store.write() as uow:
                if await uow.deliveries.first_time(f"import-refused:{payload.delivery}"):
                    await reply(uow, explain(error, doing="import").to_dict(), user=payload.user)
                await uow.jobs.finish(job)
            return
        await open_preview(
            self._context,
            given,
            owner=payload.user,
            operation=payload.operation,
            action=payload.action,
            end=payload.end,
            reason=payload.reason,
            delivery=payload.delivery,
        )

    async def give_up(self, uow: UnitOfWork, payload: ImportPayload, why: str) -> None:
        """Called in the transaction that gives up a job of this kind: nobody must wait for an answer for ever. Where an
        attempt has opened its preview, that answers."""
        if await uow.previews.made_of(payload.delivery) is not None:
            return
        what = "Your import could not be read, and nothing was requested by it."
        await reply(uow, explain(SlackError(what, why), doing="import").to_dict(), user=payload.user)

    async def _given(self, payload: ImportPayload) -> Given:
        await self._demand_right(payload)
        if not payload.file:
            return Given(content=payload.text)
        content = await files.download(self._client, payload.file, limit=MOST_BYTES, tls=self._tls)
        # Minutes may have passed since the form, and as many on the way from Slack.
        await self._demand_right(payload)
        return Given(content=content, name=payload.file_name)

    async def _demand_right(self, payload: ImportPayload) -> None:
        """Raises NotPermitted, after it was logged, unless they may propose by the roles that they have now."""
        person = await self._directory.person(payload.user, within=PATIENT)
        await proposer(self._context, person, delivery=payload.delivery)


IMPORT_JOB = JobDefinition(kind=READ_IMPORT, handle=ImportReader.read, give_up=ImportReader.give_up)
