"""What a job is: its kind with the type of its payload, who does it, and what happens when it is given up."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, Self, TypeVar

from pydantic import TypeAdapter, ValidationError

from bot.domain.telling.alert_facts import AlertName
from bot.errors import PayloadUnreadable
from bot.store import Job, UnitOfWork
from bot.workflow.shared.lanes import Lane, Urgency

PayloadT = TypeVar("PayloadT")
PartsT = TypeVar("PartsT")


class KindOfJob(str, Generic[PayloadT]):
    """The name of a kind of job, as the outbox keeps it, with the type of the payload that such a job has, and the lane
    in which it waits.

    The payload is a frozen dataclass. The names of its fields are what is stored: a row that an older version queued
    has to stay readable, so a new field needs a default, and a field is never renamed.
    """

    __slots__ = ("_adapter", "lane", "payload", "urgency")

    payload: type[PayloadT]
    lane: Lane
    urgency: Urgency
    _adapter: TypeAdapter[PayloadT]

    def __new__(cls, name: str, payload: type[PayloadT], lane: Lane, urgency: Urgency = Urgency.USUAL) -> Self:
        kind = super().__new__(cls, name)
        kind.payload = payload
        kind.lane = lane
        kind.urgency = urgency
        kind._adapter = TypeAdapter(payload)
        return kind

    def as_stored(self, payload: PayloadT) -> dict[str, Any]:
        """A payload as the outbox keeps it: a JSON object."""
        stored: dict[str, Any] = self._adapter.dump_python(payload, mode="json")
        return stored

    def read(self, stored: Mapping[str, Any]) -> PayloadT:
        """The payload of a job that was taken from the outbox; what it doesn't know it leaves out.

        Raises PayloadUnreadable, which names the fields and not what stands in them: that may be anything.
        """
        try:
            return self._adapter.validate_python(stored)
        except ValidationError as error:
            problems = "; ".join(
                f"{'.'.join(str(part) for part in problem['loc']) or 'the whole'}: {problem['msg']}"
                for problem in error.errors(include_url=False, include_input=False, include_context=False)
            )
            raise PayloadUnreadable(
                f"The payload of a job {self} can't be read ({problems}).", "Run the same version everywhere."
            ) from None


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundJob:
    """A job as the worker runs it: its definition, together with the parts that it works with."""

    kind: str
    lane: Lane
    urgency: Urgency
    alerts: bool
    late: AlertName | None
    run: Callable[[Job], Awaitable[None]]
    give_up: Callable[[UnitOfWork, Job, str], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class JobDefinition(Generic[PartsT, PayloadT]):
    """All that there is to say of one kind of job. It stands beside the job's handler, once.

    `parts` below is whatever the handler works with: the workflow's context, or an object whose method it is.
    """

    kind: KindOfJob[PayloadT]

    #: Does the job: `handle(parts, job, payload)`. It may finish the job itself, in the transaction that records the
    #: outcome; it begins each transaction with `uow.jobs.hold(job)`. What it raises makes the job be tried again.
    handle: Callable[[PartsT, Job, PayloadT], Awaitable[None]]

    #: Called in the transaction that marks the job dead, with the last error's text: `give_up(parts, uow, payload,
    #: why)`. Nobody may be left waiting for what will not come.
    give_up: Callable[[PartsT, UnitOfWork, PayloadT, str], Awaitable[None]] | None = None

    #: Whether the alert channel is told when it is late, or is given up. The log has it in any case, and the audit log
    #: what was given up.
    alerts: bool = True

    #: What the alert channel is told of the request of one that is late. None: late jobs are told of by their lane.
    late: AlertName | None = None

    async def run(self, parts: PartsT, job: Job) -> None:
        """Do a job that was taken from the outbox. Raises PayloadUnreadable, and what the handler raises."""
        await self.handle(parts, job, self.kind.read(job.payload))

    async def on_given_up(self, parts: PartsT, uow: UnitOfWork, job: Job, why: str) -> None:
        """Do what has to be done when a job is given up. Raises PayloadUnreadable."""
        if self.give_up is not None:
            await self.give_up(parts, uow, self.kind.read(job.payload), why)

    def bound_to(self, parts: PartsT) -> BoundJob:
        """This job, ready to be run."""
        return BoundJob(
            kind=self.kind,
            lane=self.kind.lane,
            urgency=self.kind.urgency,
            alerts=self.alerts,
            late=self.late,
            run=partial(self.run, parts),
            give_up=partial(self.on_given_up, parts),
        )
