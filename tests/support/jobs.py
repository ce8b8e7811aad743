"""The jobs as the bot runs them, between the stand-ins: the real registry, on a worker whose dead jobs are kept."""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from importlib import import_module

import bot.slack
import bot.workflow
from bot.jobs import Handler, Lookout, Worker
from bot.playground.server import Playground
from bot.slack.app import FINISHERS
from bot.slack.directory import Directory
from bot.slack.jobs.registry import slack_jobs
from bot.store import Job, UnitOfWork
from bot.tls import outside_context
from bot.workflow.jobs import JobRegistry
from bot.workflow.shared.context import Context
from bot.workflow.shared.job_definition import JobDefinition, KindOfJob
from bot.workflow.shared.job_kinds import JobKind
from tests.support.stand_ins import client_of, directory_of


def registry_of(
    context: Context,
    playground: Playground,
    directory: Directory | None = None,
    *,
    approval_channel: str = "",
    alert_channel: str = "",
) -> JobRegistry:
    """All jobs, with their ends in the stand-in for Slack; its own two channels, unless others are set."""
    client = client_of(playground)
    return JobRegistry(
        context,
        slack_jobs(
            context=context,
            client=client,
            directory=directory or directory_of(playground, client, context.store),
            finishers=FINISHERS,
            tls=outside_context(),
            approval_channel=approval_channel or playground.workspace.approval_channel,
            alert_channel=alert_channel or playground.workspace.alert_channel,
        ),
    )


class Jobs:
    """The jobs of a context on a worker, but for those that a test does `instead`."""

    def __init__(
        self,
        context: Context,
        playground: Playground,
        *,
        instead: Mapping[str, Handler] | None = None,
        max_attempts: int = 20,
        approval_channel: str = "",
        alert_channel: str = "",
    ) -> None:
        self.directory = directory_of(playground, client_of(playground), context.store)
        self.registry = registry_of(
            context, playground, self.directory, approval_channel=approval_channel, alert_channel=alert_channel
        )
        self.dead: list[Job] = []  #: those that were given up
        self.worker = Worker(
            context.store,
            {**self.registry.handlers, **(instead or {})},
            name="test",
            lanes=self.registry.lanes,
            on_dead=self.give_up,
            max_attempts=max_attempts,
        )
        self.lookout = Lookout(context.store, self.registry.lanes, self.registry.tell_late)

    async def do(self, job: Job) -> None:
        """Do a job that a test took from the outbox, outside the worker. Raises what its handler raises."""
        await self.registry.handlers[job.kind](job)

    async def give_up(self, uow: UnitOfWork, job: Job, error: str) -> None:
        """What happens beside it when a job is marked dead."""
        self.dead.append(job)
        await self.registry.give_up(uow, job, error)


async def nothing(job: Job) -> None:
    """Instead of a job that a test isn't about."""


def declared_kinds() -> set[str]:
    """The name of every kind of job that is declared anywhere in the house."""
    modules = [
        import_module(module.name)
        for room in (bot.workflow, bot.slack)
        for module in pkgutil.walk_packages(room.__path__, f"{room.__name__}.")
    ]
    declared = [*vars(JobKind).values(), *(value for module in modules for value in vars(module).values())]
    kinds = {str(value) for value in declared if isinstance(value, KindOfJob)}
    return kinds | {str(value.kind) for value in declared if isinstance(value, JobDefinition)}
