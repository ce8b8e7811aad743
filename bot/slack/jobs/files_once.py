"""A file for people, shown once: sent, remembered, shown. What an attempt that died had shown is found out about."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import SlackError, SlackUnanswered
from bot.slack import files
from bot.slack.jobs.posting import demand_over
from bot.store import Job, UnitOfWork
from bot.workflow.shared.context import Context


@dataclass(frozen=True, slots=True, kw_only=True)
class FileForPeople:
    """A file with what is said beside it; `comment` is mrkdwn, already escaped."""

    name: str
    content: bytes
    title: str
    comment: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sent:
    """A file, as far as it was sent."""

    file: str = ""
    shared: bool = False
    at: str = ""  #: when it was sent, as ISO 8601 text; older rows don't say

    def as_json(self) -> dict[str, Any]:
        return {"file": self.file, "shared": self.shared, "at": self.at}


#: Called in the transaction that remembers that people see a file.
Noted = Callable[[UnitOfWork], Awaitable[None]]


class FilesOnce:
    """Shows each file once, by a key that says what it is."""

    def __init__(self, *, context: Context, client: AsyncWebClient) -> None:
        self._context = context
        self._client = client

    async def show(self, key: str, file: FileForPeople, *, channel: str, job: Job, noted: Noted | None = None) -> None:
        """Show a file in a channel, unless that was done before.

        Raises SlackError and what stands under it in the tree, TryLater while nobody knows whether it is shown, and
        LeaseLost where this process stood still and another does the `job` by now.
        """
        sent = await self._sent(key)
        if sent.shared:
            return
        if sent.file and await files.is_shared(self._client, sent.file):
            await self._remember(key, _Sent(file=sent.file, shared=True), job, noted)
            return
        if sent.at:
            demand_over(self._context, datetime.fromisoformat(sent.at))
        file_id = await files.send(self._client, name=file.name, content=file.content)
        await self._remember(key, _Sent(file=file_id, at=self._context.store.clock().isoformat()), job)
        try:
            await files.share(
                self._client, file_id, channel=channel, thread_ts=None, title=file.title, comment=file.comment
            )
        except SlackUnanswered:
            raise
        except SlackError:
            await self._remember(key, _Sent(), job)  # refused: nothing is to be found out about it
            raise
        await self._remember(key, _Sent(file=file_id, shared=True), job, noted)

    async def _sent(self, key: str) -> _Sent:
        async with self._context.store.read() as uow:
            answer: Mapping[str, Any] | None = await uow.deliveries.answered(key)
        return _Sent(**answer) if answer else _Sent()

    async def _remember(self, key: str, sent: _Sent, job: Job, noted: Noted | None = None) -> None:
        async with self._context.store.write() as uow:
            await uow.jobs.hold(job)
            await uow.deliveries.first_time(key)
            await uow.deliveries.answer(key, sent.as_json())
            if noted is not None:
                await noted(uow)
