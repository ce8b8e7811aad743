"""How each kind of job is queued."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.domain.requests.binding import LONGEST_PLACE
from bot.store import UnitOfWork
from bot.workflow.shared.job_definition import KindOfJob, PayloadT
from bot.workflow.shared.job_kinds import (
    ApplyPayload,
    ConfirmPayload,
    JobKind,
    MessageParts,
    NothingPayload,
    PersonPayload,
    RepeatedPayload,
    ReplyPayload,
    RequestPayload,
    StrayPayload,
)


async def enqueue(
    uow: UnitOfWork,
    kind: KindOfJob[PayloadT],
    payload: PayloadT,
    *,
    at: datetime | None = None,
    key: str | None = None,
    person: str = "",
    sooner: bool = False,
) -> bool:
    """Queue a job, to run when this unit of work commits, or `at` a time.

    While a job with the same `key` waits, another one isn't queued, and the answer is False; with `sooner`, that one is
    brought forward. Where the job is a `person`'s, people take turns.
    """
    return await uow.jobs.enqueue(kind, kind.as_stored(payload), run_at=at, key=key, person=person, sooner=sooner)


async def enqueue_newest(
    uow: UnitOfWork, kind: KindOfJob[PayloadT], payload: PayloadT, *, key: str, at: datetime | None = None
) -> None:
    """Queue a job that stands for every one with its `key` that still waits: of those, the newest payload is done."""
    stored = kind.as_stored(payload)
    # Between the two a worker may take the one that waits: then this one waits for its end.
    while not await uow.jobs.enqueue(kind, stored, run_at=at, key=key):
        if await uow.jobs.replace(key, stored):
            return


async def notify(uow: UnitOfWork, request_id: int, *, at: datetime | None = None) -> None:
    """Have the card and the story of a request's proposal brought up to date, at once or at a time. Several calls
    before it runs are one run, at the earliest of their times.
    """
    await notify_of(uow, await uow.requests.proposal_of(request_id), at=at)


async def notify_of(uow: UnitOfWork, proposal_id: int, *, at: datetime | None = None) -> None:
    """The same of a proposal, by its own number: for who has it at hand."""
    await later(uow, JobKind.NOTIFY, proposal_id, at=at, sooner=True)


async def tell_requester_of(uow: UnitOfWork, proposal_id: int, *, at: datetime | None = None) -> None:
    """Have the requester's copy of a proposal's card brought up to date, and the requester told what they haven't been
    told."""
    await later(uow, JobKind.TELL_REQUESTER, proposal_id, at=at, sooner=True)


async def tell_below_of(uow: UnitOfWork, proposal_id: int, *, at: datetime | None = None) -> None:
    """Have it told below the card of a proposal what hasn't been told there."""
    await later(uow, JobKind.TELL_BELOW, proposal_id, at=at, sooner=True)


async def later(
    uow: UnitOfWork,
    kind: KindOfJob[RequestPayload],
    request_id: int,
    *,
    at: datetime | None = None,
    sooner: bool = False,
) -> None:
    """Have one step of a request done, once, at a time or at once; with `sooner` at the earlier of two times."""
    payload = RequestPayload(request_id=request_id)
    await enqueue(uow, kind, payload, at=at, key=f"{kind}:{request_id}", sooner=sooner)


async def apply_soon(uow: UnitOfWork, request_id: int) -> None:
    """Have an approved request brought to the tenant."""
    await enqueue(uow, JobKind.APPLY, ApplyPayload(request_id=request_id), key=f"{JobKind.APPLY}:{request_id}")


async def not_later(uow: UnitOfWork, kind: KindOfJob[RequestPayload], request_id: int) -> bool:
    """Nobody needs that step of a request any more, if it still waits for its time: whether it did."""
    return await uow.jobs.drop(f"{kind}:{request_id}")


async def not_tried_later(uow: UnitOfWork, kind: KindOfJob[RequestPayload], request_id: int) -> bool:
    """The same where no attempt of it has begun: one that has may have made a call of which nobody knows what became
    of it, and looks after that."""
    return await uow.jobs.drop(f"{kind}:{request_id}", untried=True)


async def confirm_later(uow: UnitOfWork, request_id: int, *, at: datetime, looks: int = 1) -> None:
    """Have it looked, at a time, whether what a request changed still stands: for the first time, or once more."""
    payload = ConfirmPayload(request_id=request_id, looks=looks)
    await enqueue(uow, JobKind.CONFIRM, payload, at=at, key=f"{JobKind.CONFIRM}:{request_id}")


async def read_lists_anew(uow: UnitOfWork) -> None:
    """Have the tenant's lists read into a new snapshot: they have changed, or somebody needs to know how they are."""
    await enqueue(uow, JobKind.WATCH, NothingPayload(), key=JobKind.WATCH)


async def ask_owner(uow: UnitOfWork, owner: str, *, at: datetime | None = None, after: int | None = None) -> None:
    """Have an owner asked about their entries that are due for renewal, or their message brought up to date: at once,
    or once more at a time, on behalf of the job `after`."""
    kind = JobKind.ASK_OWNER
    await _about_renewals(uow, kind, PersonPayload(user=owner, anew=after is not None), at=at, after=after)


async def count_for_owner(uow: UnitOfWork, owner: str) -> None:
    """Have the mail of an owner's entries counted, and then have them asked."""
    kind = JobKind.COUNT_FOR_OWNER
    await enqueue(uow, kind, PersonPayload(user=owner), key=f"{kind}:{owner}")


async def tell_of_renewals(uow: UnitOfWork, *, at: datetime | None = None, after: int | None = None) -> None:
    """The same for the approvers, of what is passed on to them."""
    kind = JobKind.TELL_OF_RENEWALS
    await _about_renewals(uow, kind, PersonPayload(user="", anew=after is not None), at=at, after=after)


async def _about_renewals(
    uow: UnitOfWork, kind: KindOfJob[PersonPayload], payload: PersonPayload, *, at: datetime | None, after: int | None
) -> None:
    key = f"{kind}:{payload.user}" + ("" if after is None else f":{after}")
    await enqueue(uow, kind, payload, at=at, key=key)


async def retire(uow: UnitOfWork, request_id: int, *, channel: str, ts: str) -> None:
    """Have the buttons taken off a message that isn't on record: somebody clicked on it, about a request."""
    await _retire(uow, StrayPayload(request_id=request_id, channel=channel, ts=ts))


async def retire_preview(uow: UnitOfWork, preview_id: int, *, channel: str, ts: str) -> None:
    """The same of a click about the preview of an import."""
    await _retire(uow, StrayPayload(preview_id=preview_id, channel=channel, ts=ts))


async def _retire(uow: UnitOfWork, clicked: StrayPayload) -> None:
    # A delivery names the place, and may name anything.
    payload = replace(clicked, channel=clicked.channel[:LONGEST_PLACE], ts=clicked.ts[:LONGEST_PLACE])
    await enqueue(uow, JobKind.RETIRE, payload, key=f"{JobKind.RETIRE}:{payload.channel}:{payload.ts}")


async def look_for_strays(uow: UnitOfWork, key: str, *, thread: str | None, at: datetime) -> None:
    """Have it looked, at a time, whether a message that was posted again under its `key` stands twice."""
    payload = RepeatedPayload(key=key, thread=thread)
    await enqueue(uow, JobKind.STRAYS, payload, at=at, key=f"{JobKind.STRAYS}:{key}")


async def show_again(uow: UnitOfWork, request_id: int, *, at: datetime, after: int) -> None:
    """Have the card and the copy of a request's proposal shown once more at a time, on behalf of the job `after`."""
    payload = RequestPayload(request_id=await uow.requests.proposal_of(request_id))
    await enqueue(uow, JobKind.SHOW_AGAIN, payload, at=at, key=f"{JobKind.SHOW_AGAIN}:{after}")


async def reply(
    uow: UnitOfWork,
    message: Mapping[str, Any],
    *,
    user: str,
    response_url: str = "",
    replaces: bool = False,
    only_there: bool = False,
) -> None:
    """Have one person told something that only they should see: where they asked, or by direct message.

    The message has its `text` and its `blocks`, as Slack takes them. With `replaces` it takes the place of the message
    that they clicked on, where that can be answered; with `only_there` nobody is told it elsewhere.
    """
    payload = ReplyPayload(
        message=_parts(message), user=user, response_url=response_url, replaces=replaces, only_there=only_there
    )
    await enqueue(uow, JobKind.REPLY, payload)


async def reply_in_turn(
    uow: UnitOfWork, messages: Sequence[MessageParts], *, user: str, response_url: str = ""
) -> None:
    """The same with several messages, one after the other. Without any, nothing is queued."""
    for first in messages[:1]:
        payload = ReplyPayload(message=first, user=user, response_url=response_url, then=tuple(messages[1:]))
        await enqueue(uow, JobKind.REPLY, payload)


def _parts(message: Mapping[str, Any]) -> MessageParts:
    return MessageParts(text=message["text"], blocks=tuple(message["blocks"]))
