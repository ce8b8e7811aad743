"""A real store and the stand-in for Slack, with the jobs between them and a clock that the test moves; no tenant."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from bot.domain.policies.case import Rules
from bot.domain.requests.request import Request
from bot.jobs import Handler
from bot.playground.server import Playground
from bot.playground.slack.conversations import Message
from bot.playground.slack.faults import Fault
from bot.store import Store
from bot.workflow.shared.context import Context
from tests.integration.databases import Clock
from tests.support.installation import REQUESTER, installed_workspace
from tests.support.jobs import Jobs
from tests.support.requests_made import newest_requests
from tests.support.stand_ins import SameClock, unreached_tenant

StageT = TypeVar("StageT", bound="SlackStage")


@dataclass
class SlackStage:
    """What a test does there, and looks at."""

    playground: Playground
    context: Context
    jobs: Jobs
    clock: Clock

    async def run(self) -> None:
        """Everything that is due now, to the end."""
        await self.jobs.worker.run_due()

    async def run_until_idle(self) -> None:
        """The same, moving the clock on to what waits, for ten minutes at most."""
        ends = self.clock().timestamp() + 600
        while True:
            await self.run()
            async with self.context.store.read() as uow:
                waiting = [job for job in await uow.jobs.waiting() if job.run_at.timestamp() <= ends]
            if not waiting:
                return
            self.clock.now = max(self.clock.now, waiting[0].run_at)

    async def later(self, seconds: float) -> None:
        """Everything that is due so much later."""
        self.clock.advance(seconds=seconds)
        await self.run()

    async def requests(self) -> list[Request]:
        """All requests, oldest first."""
        async with self.context.store.read() as uow:
            return (await newest_requests(uow))[::-1]

    def given_file(self, content: bytes, name: str, *, who: str = REQUESTER) -> dict[str, Any]:
        """A file that somebody put into a form, as the form then names it."""
        state = self.playground.slack.state
        whole = state.file_as_slack(state.files.keep(name=name, content=content, user=who, at=0))
        return {key: whole[key] for key in ("id", "name", "size", "url_private_download")}

    def messages(self, channel: str) -> list[Message]:
        """What was said in a channel."""
        conversation = self.playground.slack.state.conversations.find(channel)
        return [] if conversation is None else conversation.messages

    def direct(self, who: str = REQUESTER) -> list[Message]:
        """What somebody was told by direct message."""
        return self.messages(f"D{who[1:]}")

    def fault(self, method: str, error: str, *, times: int = 1) -> None:
        self.playground.slack.state.faults.add(method, Fault(error=error, times=times, retry_after=0))


@asynccontextmanager
async def open_stage(
    kind: type[StageT],
    store: Store,
    clock: Clock,
    *,
    rules: Rules,
    instead: Mapping[str, Handler],
    max_attempts: int,
) -> AsyncIterator[StageT]:
    """A stage of some kind, with the bot's jobs, but for those that the test does `instead`."""
    async with Playground(port=0, workspace=installed_workspace(), clock=SameClock(clock)) as playground:
        context = Context(store=store, tenant=unreached_tenant(), rules=rules, now=clock)
        jobs = Jobs(context, playground, instead=instead, max_attempts=max_attempts)
        yield kind(playground=playground, context=context, jobs=jobs, clock=clock)
        await context.tenant.close()
