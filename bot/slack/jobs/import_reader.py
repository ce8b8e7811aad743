"""The job that reads an import: fetches the file, has every line judged, and tells the person what came of it.

A crash or a redelivery at any point makes nothing twice: the requests go by the delivery's key, and which message and
which file were posted is remembered beside it.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.importing.outcomes import Imported
from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action
from bot.domain.reading.durations import read_lifetime
from bot.domain.reading.import_text import MOST_BYTES, decode, demand_fits
from bot.domain.telling.import_facts import import_facts
from bot.errors import DestinationGone, InvalidInput, NotPermitted, SlackError, SlackUnavailable
from bot.slack import files
from bot.slack.answering import explain
from bot.slack.block_kit.blocks import Message
from bot.slack.client import NO_UNFURL, call
from bot.slack.directory import Directory
from bot.slack.messages.import_answer import imported_message
from bot.slack.modals.import_form import ImportInput
from bot.store import Job, UnitOfWork
from bot.workflow.importing.importer import ImportOptions, run_import
from bot.workflow.importing.result_files import outcome_file
from bot.workflow.requesting.propose import made_by
from bot.workflow.shared.context import Context
from bot.workflow.shared.job_definition import JobDefinition, KindOfJob
from bot.workflow.shared.jobs import alert_given_up, enqueue, reply
from bot.workflow.shared.rights import Proposer

__all__ = ["IMPORT_JOB", "MOST_BYTES", "READ_IMPORT", "ImportPayload", "ImportReader", "queue_import"]

_log = structlog.get_logger(__name__)

_OUTCOME_NAME = "import-outcome.csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """How far the person has been told: where the message stands, and which file was sent."""

    channel: str = ""
    file: str = ""
    shared: bool = False

    def as_json(self) -> dict[str, Any]:
        return {"channel": self.channel, "file": self.file, "shared": self.shared}


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportPayload:
    """What the form of an import was submitted with, before anything of it was read.

    Either `text` or `file` is there; the file is what `bot.slack.files.download` takes. `end` is as it was written, or
    empty. The requests are named after the `delivery`.
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


READ_IMPORT = KindOfJob("import.read", ImportPayload)


async def queue_import(context: Context, given: ImportInput, *, actor: Proposer, delivery: str) -> None:
    """Put an import onto disk, for the job to read. Delivered again, it changes nothing."""
    async with context.store.write() as uow:
        if await uow.deliveries.first_time(delivery):
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
            )


class ImportReader:
    """The handler of the job, and what happens when it is given up."""

    def __init__(self, *, context: Context, client: AsyncWebClient, directory: Directory, tls: ssl.SSLContext) -> None:
        self._context = context
        self._client = client
        self._directory = directory
        self._tls = tls

    async def read(self, _job: Job, payload: ImportPayload) -> None:
        """Job: read what was given, propose what may go ahead, and tell the person.

        What can't be used, or is refused, is told and done with. Raises SlackUnavailable and StoreError to be tried
        again.
        """
        try:
            imported = await self._bring_in(payload)
        except SlackUnavailable:
            raise
        except (InvalidInput, NotPermitted, SlackError) as error:
            await self._tell(payload, explain(error, doing="import"), None)
            return
        answer = imported_message(import_facts(imported, name=payload.file_name, reason=payload.reason))
        await self._tell(payload, answer, imported)

    async def give_up(self, uow: UnitOfWork, payload: ImportPayload, why: str) -> None:
        """Called in the transaction that gives up a job of this kind: nobody must wait for an answer for ever."""
        made = await made_by(uow, payload.delivery)
        numbers = ", ".join(str(request_id) for request_id in made)
        what = (
            f"Your import was requested (request {numbers}), but what became of each line could not be told."
            if numbers
            else "Your import could not be read, and nothing was requested by it."
        )
        await reply(uow, explain(SlackError(what, why), doing="import").to_dict(), user=payload.user)

    async def _bring_in(self, given: ImportPayload) -> Imported:
        person = await self._directory.person(given.user)
        text = await self._text(given)
        wanted = ImportOptions(
            operation=given.operation,
            action=given.action,
            reason=given.reason,
            lifetime=read_lifetime(given.end, today=self._context.now().date()) if given.end else None,
        )
        source = {"by": "slack", "file": given.file_name} if given.file_name else {"by": "slack"}
        return await run_import(
            self._context, actor=person, wanted=wanted, text=text, delivery=given.delivery, source=source
        )

    async def _text(self, given: ImportPayload) -> str:
        if not given.file:
            return demand_fits(given.text)
        return decode(await files.download(self._client, given.file, limit=MOST_BYTES, tls=self._tls))

    async def _tell(self, given: ImportPayload, message: Message, imported: Imported | None) -> None:
        """The message, then the file beside it: each once, whatever happened before."""
        key = f"import-told:{given.delivery}"
        told = await self._told(key)
        try:
            if not told.channel:
                posted = await call(
                    self._client, "chat.postMessage", {"channel": given.user, **message.to_dict(), **NO_UNFURL}
                )
                told = await self._remember(key, _Told(channel=str(posted["channel"])))
            if imported is not None and imported.outcomes and not told.shared:
                await self._give_file(key, told, imported)
        except DestinationGone as error:
            _log.warning("somebody can't be told of their import", user=given.user, error=str(error))
        except SlackUnavailable:
            raise
        except SlackError as error:
            if not told.channel:
                raise
            # They have the message, and trying again gives them no file until the operator acts.
            async with self._context.store.write() as uow:
                await alert_given_up(uow, READ_IMPORT, details=str(error))

    async def _give_file(self, key: str, told: _Told, imported: Imported) -> None:
        """Sent, remembered, shown: what an attempt that died had shown is found out about, and not shown twice."""
        file = told.file
        if file and await files.is_shared(self._client, file):
            await self._remember(key, _Told(channel=told.channel, file=file, shared=True))
            return
        file = await files.send(self._client, name=_OUTCOME_NAME, content=outcome_file(imported.outcomes))
        await self._remember(key, _Told(channel=told.channel, file=file))
        await files.share(
            self._client,
            file,
            channel=told.channel,
            thread_ts=None,
            title="What became of each line",
            comment="What became of each line of your import.",
        )
        await self._remember(key, _Told(channel=told.channel, file=file, shared=True))

    async def _told(self, key: str) -> _Told:
        async with self._context.store.read() as uow:
            answer = await uow.deliveries.answered(key)
        return _Told(**answer) if answer else _Told()

    async def _remember(self, key: str, told: _Told) -> _Told:
        async with self._context.store.write() as uow:
            await uow.deliveries.first_time(key)
            await uow.deliveries.answer(key, told.as_json())
        return told


IMPORT_JOB = JobDefinition(kind=READ_IMPORT, handle=ImportReader.read, give_up=ImportReader.give_up)
