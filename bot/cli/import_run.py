"""The content of a file, judged and requested in somebody's name; for `portcullis propose`."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
import socket
from dataclasses import replace
from pathlib import Path

from bot import settings as env
from bot.bootstrap import build_client, build_context, build_directory
from bot.cli.account import account, note_looking
from bot.domain.importing.outcomes import Imported
from bot.domain.reading.import_reading import Given
from bot.domain.requests.people import Person
from bot.slack.memberships import PATIENT
from bot.workflow.importing.importer import request_import
from bot.workflow.importing.judge import ImportOptions, JudgedImport, judge_import
from bot.workflow.shared.context import Context
from bot.workflow.shared.rights import proposer


class ImportRun:
    """The same content, looked at and then requested, each in an event loop of its own.

    `file` is a path or `-`. With `writes`, that somebody has no right to propose is logged.
    """

    def __init__(self, *, settings: env.Settings, requester: str, content: bytes, file: str, writes: bool) -> None:
        self._settings = settings
        self._requester = requester
        self._writes = writes
        self._is_noted = False
        self._delivery = f"cli:{secrets.token_hex(16)}"
        self._given = Given(content=content, name="" if file == "-" else Path(file).name)

    async def look(self, wanted: ImportOptions) -> JudgedImport:
        """What would come of it. Requests nothing. The first that judges lines is an event: it shows entries."""
        context = build_context(self._settings)
        try:
            person = await self._person(context)
            if self._writes:
                await proposer(context, person, delivery=self._delivery)
            judged = await judge_import(context, actor=person, wanted=wanted, given=self._given)
            if judged.reading.chosen is not None and not self._is_noted:
                looked = {"as": self._requester, "operation": wanted.operation.value, "action": wanted.action.value}
                await note_looking(context.store, "propose", {**looked, **self._file()})
                self._is_noted = True
            return judged
        finally:
            await _close(context)

    async def request(self, judged: JudgedImport) -> Imported:
        """Request what was looked at, as it was judged then."""
        context = build_context(self._settings)
        # Whoever is at this machine names the requester: what is asked for here always takes somebody's approval.
        context = replace(context, rules=replace(context.rules, need_nobody=()))
        source = {"by": "command line", "os_user": account(), "host": socket.gethostname(), **self._file()}
        try:
            return await request_import(
                context,
                actor=await self._person(context),
                judged=judged,
                delivery=self._delivery,
                source=source,
            )
        finally:
            await _close(context)

    def _file(self) -> dict[str, str]:
        content = self._given.content
        digest = hashlib.sha256(content if isinstance(content, bytes) else content.encode()).hexdigest()
        return {"file": self._given.name or "stdin", "sha256": digest}

    async def _person(self, context: Context) -> Person:
        """Who this is in Slack, with the roles of this moment."""
        slack = self._settings.slack
        directory = build_directory(slack, build_client(slack), context.store, rules=self._settings.policy.rules)
        return await directory.person(self._requester, since=asyncio.get_running_loop().time(), within=PATIENT)


async def _close(context: Context) -> None:
    await context.store.close()
    await context.tenant.close()
    if context.submissions is not None:
        await context.submissions.close()
    if context.tracing is not None:
        await context.tracing.close()
