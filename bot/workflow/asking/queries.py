"""Looking requests up, for those who may see them. What they read of others is itself an event."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from bot.domain.auditing.events import EventKind
from bot.domain.auditing.steps import StoryStep
from bot.domain.figures.figures import MOST_SUBJECTS, MailFigures
from bot.domain.lists.entries import Snapshot
from bot.domain.requests.binding import Purpose, ShownCard
from bot.domain.requests.known_entry import KnownEntry
from bot.domain.requests.parts import Parts
from bot.domain.requests.people import Person, Right
from bot.domain.requests.request import Request, Status
from bot.errors import Conflict, InvalidInput
from bot.store import AuditFilter, UnitOfWork
from bot.store.beside import BESIDE_NOTHING, StandsBeside
from bot.workflow.asking.noting import note_read
from bot.workflow.requesting.bound import demand_posted
from bot.workflow.shared.context import Context
from bot.workflow.shared.mail_figures import LASTS as FIGURES_LAST
from bot.workflow.shared.rights import required

#: Of a large request, so many items are looked at: those that matter most.
MOST_ITEMS = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """Everything about a proposal: of each request the first thousand items, its steps, and the snapshot it goes by."""

    parts: Parts
    steps: Sequence[StoryStep]  #: oldest first
    lists: Snapshot | None  #: None: the tenant has not been read yet
    known: Sequence[KnownEntry] = ()  #: what is on record of the entries that it is about
    waits_because: str = ""  #: why it waits, though a rule says that such blocks need nobody; empty: none is about it
    beside: StandsBeside = BESIDE_NOTHING  #: what stands beside it on its card
    subjects: tuple[str, ...] = ()  #: of such mail, any text: for an approver, and empty for everybody else


async def requests(
    context: Context,
    *,
    actor: Person,
    statuses: Collection[Status] | None = None,
    requester: str | None = None,
    before_id: int | None = None,
    limit: int,
    unreviewed_too: bool = False,
) -> list[Parts]:
    """Proposals, the newest first; also emergency blocks that nobody has reviewed, where so. Raises NotPermitted."""
    await required(context, actor, Right.SEE_REQUESTS)
    if requester != actor.user_id:
        asked = {"statuses": sorted(statuses or ()), "requester": requester, "before": before_id}
        await note_read(context, EventKind.REQUESTS_READ, actor=actor, target="requests", payload=asked)
    async with context.store.read() as uow:
        return await uow.requests.proposal_page(
            statuses=statuses,
            requester=requester,
            before_id=before_id,
            limit=limit,
            unreviewed_too=unreviewed_too,
        )


async def one_request(context: Context, *, actor: Person, request_id: int) -> Parts:
    """The proposal of a request, with the items that matter most. Raises NotPermitted and NotFound."""
    await required(context, actor, Right.SEE_REQUESTS, request_id=request_id)
    async with context.store.read() as uow:
        parts = await uow.requests.parts(request_id)
    await _note_details(context, actor, parts)
    return parts


async def details(context: Context, *, actor: Person, request_id: int) -> Details:
    """The proposal of a request with all about it: the tenant isn't asked. Raises NotPermitted and NotFound."""
    await required(context, actor, Right.SEE_REQUESTS, request_id=request_id)
    async with context.store.read() as uow:
        parts = await uow.requests.parts(request_id, items=MOST_ITEMS)
        proposed = await uow.audit.page(
            filters=AuditFilter(request_id=parts.id, kind=EventKind.REQUEST_PROPOSED, limit=1)
        )
        steps = [step for request in parts.requests for step in await uow.audit.steps(request.id)]
        found = Details(
            parts=parts,
            steps=sorted(steps, key=lambda step: step.first),
            lists=await uow.snapshots.load(),
            known=[
                entry
                for request in parts.requests
                for entry in await uow.known.active(request.list, values=[item.value for item in request.items])
            ],
            beside=await uow.beside.of(parts.id),
            subjects=await _subjects(context, uow, parts) if actor.has(Right.REVIEW) else (),
            waits_because=next((str(event.payload.get("waits_because", "")) for event in proposed), ""),
        )
    await _note_details(context, actor, parts)
    return found


async def _subjects(context: Context, uow: UnitOfWork, parts: Parts) -> tuple[str, ...]:
    """The newest subjects of mail that a request would touch, as far as they were read within the last hour."""
    figures = (await uow.beside.of(parts.id)).figures
    if figures is None:
        return ()
    indicators = [each.indicator for each in figures.of_each]
    kept = await uow.figures.known(indicators, since=context.now() - FIGURES_LAST)
    subjects = [subject for each in kept if isinstance(each.found, MailFigures) for subject in each.found.subjects]
    return tuple(dict.fromkeys(subjects))[:MOST_SUBJECTS]


async def _note_details(context: Context, actor: Person, parts: Parts) -> None:
    """That somebody looked at a request of somebody else."""
    if parts.requester != actor.user_id:
        target = f"request {parts.id}"
        await note_read(context, EventKind.REQUESTS_READ, actor=actor, target=target, payload={"request": parts.id})


async def still_standing(
    context: Context, *, actor: Person, request_id: int, shown: ShownCard, delivery: str
) -> tuple[Request, list[str]]:
    """A request, and the values of the entries that it still keeps: those that somebody may want another end for.

    `shown` is the reminder that Portcullis sent of it. What it keeps is read from the database, so that a reminder
    never gets old. Raises NotPermitted, NotFound, InvalidInput when it keeps none any more, and Conflict, after it was
    logged, for any other message.
    """
    await required(context, actor, Right.PROPOSE, request_id=request_id)
    await demand_posted(
        context, request_id, shown, purpose=Purpose.DIRECT, actor=actor, wanted="extend", delivery=delivery
    )
    async with context.store.read() as uow:
        request = await uow.requests.summary(request_id, items=MOST_ITEMS)
        kept = [entry.value for entry in await uow.known.active(request.list, request_id=request_id)]
    values = kept or [item.value for item in request.items if item.state.holds]
    if not values:
        raise InvalidInput(
            f"Nothing of #{request.proposal_id} stands any more, so there is nothing to extend.",
            "If it is needed again, ask for it anew.",
        )
    return request, values


async def demand_unchanged(context: Context, *, request_id: int, version: int) -> None:
    """Raises Conflict if a request is no longer as it was when a form for it opened, and NotFound."""
    async with context.store.read() as uow:
        request = await uow.requests.summary(request_id, items=1)
    if request.version != version:
        raise Conflict(
            f"#{request.proposal_id} has changed since this form opened, and nothing was requested.",
            "Click on the button again: the form shows what still stands.",
        )
