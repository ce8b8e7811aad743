"""Imports and their answers between a real store and the stand-in for Slack: the jobs run, nobody waits for a bot."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from bot.domain.auditing.events import Event, EventKind
from bot.domain.importing.preview import ImportPreview
from bot.domain.lists.change import Operation
from bot.domain.lists.entries import Entry, Snapshot
from bot.domain.lists.traits import Action, ListName, Plan
from bot.domain.policies.case import Rules
from bot.playground.slack.conversations import Message
from bot.slack.jobs.import_reader import READ_IMPORT, ImportPayload
from bot.store import AuditFilter, Store
from bot.workflow.importing.previews import PreviewClick, ask_for
from bot.workflow.shared.job_kinds import JobKind
from bot.workflow.shared.jobs import enqueue
from tests.integration.databases import Clock
from tests.integration.slack.stage import SlackStage, open_stage
from tests.support.installation import REQUESTER
from tests.support.jobs import nothing


def entry(value: str, name: ListName = ListName.SENDER, action: Action = Action.BLOCK) -> Entry:
    return Entry(list=name, action=action, value=value, expires=None, notes="", identity=value)


def snapshot(at: datetime, *entries: Entry) -> Snapshot:
    return Snapshot(as_of=at, entries=entries, policies=(), accepted_domains=frozenset({"contoso.com"}))


class ImportStage(SlackStage):
    """A stage for imports."""

    async def give(
        self,
        text: str = "",
        *,
        content: bytes | None = None,
        name: str = "evil.csv",
        who: str = REQUESTER,
        what: tuple[Operation, Action] = (Operation.ADD, Action.BLOCK),
        end: str = "30d",
        reason: str = "Phishing wave",
        delivery: str = "",
    ) -> str:
        """Queue an import, as the form does; its delivery."""
        file = self.given_file(content, name, who=who) if content is not None else None
        delivery = delivery or f"import:{secrets.token_hex(8)}"
        operation, action = what
        async with self.context.store.write() as uow:
            await enqueue(
                uow,
                READ_IMPORT,
                ImportPayload(
                    user=who,
                    operation=operation,
                    action=action,
                    end=end,
                    reason=reason,
                    text=text,
                    file=file,
                    delivery=delivery,
                ),
                key=f"{READ_IMPORT}:{delivery}",
            )
        return delivery

    async def preview(self, *, who: str = REQUESTER, place: int = -1) -> ImportPreview:
        """One of somebody's open previews, as it is now: the newest, if no other is named."""
        async with self.context.store.read() as uow:
            return (await uow.previews.open_of(who))[place]

    async def click(
        self,
        act: Callable[..., Awaitable[None]],
        *,
        on: ImportPreview | None = None,
        who: str = REQUESTER,
        delivery: str = "",
        **chosen: Any,  # noqa: ANN401 - what the act takes
    ) -> None:
        """Click under a preview, as its listener does: under the newest of who clicks, if no other is named."""
        preview = on or await self.preview(who=who)
        click = PreviewClick(
            preview_id=preview.id,
            version=preview.version,
            delivery=delivery or secrets.token_hex(8),
            channel=preview.channel,
            ts=preview.ts,
        )
        await act(self.context, click, actor=await self.jobs.directory.person(who), **chosen)

    async def brought_in(self, text: str = "", **options: Any) -> str:  # noqa: ANN401 - give's
        """Give an import, look at its preview, and have it requested; its delivery. All jobs have run."""
        delivery = await self.give(text, **options)
        await self.run_until_idle()
        await self.click(ask_for)
        await self.run_until_idle()
        return delivery

    async def events(self, kind: EventKind) -> list[Event]:
        async with self.context.store.read() as uow:
            return (await uow.audit.page(filters=AuditFilter(kind=kind, limit=100)))[::-1]

    def told(self, who: str = REQUESTER) -> list[Message]:
        """What somebody was told, but for the copies of their requests."""
        return [message for message in self.direct(who) if "Waits for approval" not in message.text]

    def files(self, channel: str) -> list[str]:
        """What the files in a conversation hold, oldest first."""
        found = [file for message in self.messages(channel) for file in message.files]
        kept = [self.playground.slack.state.files.find(file["id"]) for file in found]
        return [(file.content or b"").decode("utf-8-sig") for file in kept if file is not None]

    def broken(self) -> list[dict[str, Any]]:
        """The rules of Slack that were broken."""
        report: list[dict[str, Any]] = self.playground.slack.state.ledger.report()["violations"]
        return report


@asynccontextmanager
async def open_import_stage(store: Store, clock: Clock, *, max_attempts: int = 20) -> AsyncIterator[ImportStage]:
    """A stage where the snapshot of the lists is the test's own."""
    instead = {JobKind.WATCH: nothing}
    async with open_stage(
        ImportStage, store, clock, rules=Rules(plan=Plan.PLAN2), instead=instead, max_attempts=max_attempts
    ) as stage:
        yield stage
