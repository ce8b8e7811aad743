"""What is known of a reference or of a request: its events, deliveries and jobs, and what came of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from bot.domain.auditing.events import Event
from bot.domain.requests.request import Request
from bot.errors import NotFound
from bot.store import AuditFilter, Job, UnitOfWork
from bot.store.references import SeenDelivery

#: So many events are shown of a reference, and of each proposal. A large request has thousands of one kind.
MOST_EVENTS = 500

#: So many proposals are gone into that one delivery was about.
_MOST_PROPOSALS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """What is known. `references` names, by an event's number, what it came of."""

    requests: Sequence[Request] = ()
    events: Sequence[Event] = ()
    references: Mapping[int, str] = field(default_factory=dict)
    deliveries: Sequence[SeenDelivery] = ()
    jobs: Sequence[Job] = ()  #: those that aren't done, or were given up
    is_cut: bool = False  #: whether there are more events

    @property
    def is_empty(self) -> bool:
        """Whether the database knows nothing of it."""
        return not (self.requests or self.events or self.deliveries or self.jobs)

    def all_references(self, asked: str) -> frozenset[str]:
        """Every reference that all this goes by, the one that was asked for among them."""
        return frozenset({*self.references.values(), *(job.reference for job in self.jobs), asked} - {""})


async def trace_reference(uow: UnitOfWork, reference: str) -> Trace:
    """What came of a delivery or a job, with all that became of the requests that it was about."""
    own = await uow.references.events(reference, limit=MOST_EVENTS)
    ids = {event.request_id for event in own if event.request_id is not None}
    return await _of(uow, own, ids, asked=reference)


async def trace_request(uow: UnitOfWork, request_id: int) -> Trace:
    """What became of a proposal, by the number of any of its requests. Nothing where there is no such request."""
    return await _of(uow, [], {request_id}, asked="")


async def trace_job(uow: UnitOfWork, job_id: int) -> Trace:
    """What a job came of that isn't done, or was given up. Nothing where there is no such job."""
    job = await uow.jobs.get(job_id)
    if job is None:
        return Trace()
    request_id = job.payload.get("request_id")
    own = await uow.references.events(job.reference, limit=MOST_EVENTS) if job.reference else []
    ids = {event.request_id for event in own if event.request_id is not None}
    ids |= {request_id} if isinstance(request_id, int) else set()
    found = await _of(uow, own, ids, asked=job.reference)
    jobs = {each.id: each for each in (*found.jobs, job)}
    return Trace(
        requests=found.requests,
        events=found.events,
        references=found.references,
        deliveries=found.deliveries,
        jobs=[jobs[number] for number in sorted(jobs)],
        is_cut=found.is_cut,
    )


async def _of(uow: UnitOfWork, own: Sequence[Event], request_ids: Collection[int], *, asked: str) -> Trace:
    events = {event.seq: event for event in own}
    requests: list[Request] = []
    is_cut = len(own) >= MOST_EVENTS
    proposals = sorted(set((await uow.requests.proposal_numbers(request_ids)).values()))
    for proposal in proposals[:_MOST_PROPOSALS]:
        try:
            requests += (await uow.requests.parts(proposal)).requests
        except NotFound:
            continue  # somebody took its rows out of the database; its events say so
        found = await uow.audit.page(filters=AuditFilter(proposal_id=proposal, limit=MOST_EVENTS))
        is_cut = is_cut or len(found) >= MOST_EVENTS
        events |= {event.seq: event for event in found}
    references = await uow.references.of_events(events)
    whole = {*references.values(), asked} - {""}
    return Trace(
        requests=requests,
        events=[events[seq] for seq in sorted(events)],
        references=references,
        deliveries=await uow.references.deliveries(whole),
        jobs=await uow.references.jobs(whole),
        is_cut=is_cut or len(proposals) > _MOST_PROPOSALS,
    )
