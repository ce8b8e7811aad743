"""What a request keeps in the tenant: which request an entry is for, until when, and what follows from that later.

An entry has one keeper. Where several requests name the same value, the one with the later end keeps it, so that none
takes away what another still wants.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from bot.domain.audit import PORTCULLIS, EventKind
from bot.domain.lists import Action, Entry, end_rule
from bot.domain.requests import ItemState, Operation, Request, Status
from bot.domain.verdict import KnownEntry
from bot.store import UnitOfWork
from bot.tenant.comparison import same_value
from bot.workflow.context import Context
from bot.workflow.kinds import JobKind, later, notify

#: The service cuts what it is given to the second; anything beyond is another end date.
_SAME_END = timedelta(minutes=1)

#: States of an item that was not made, as far as is known.
_NOT_MADE = frozenset({ItemState.PROPOSED, ItemState.INTENDED, ItemState.REFUSED})


def is_ours_to_end(request: Request) -> bool:
    """Whether Portcullis keeps the end of what a request adds: its list carries no end dates in the tenant."""
    return request.operation is Operation.ADD and not end_rule(request.list, request.action).service_keeps_end


def of_same_entry(known: Sequence[KnownEntry], request: Request, value: str) -> list[KnownEntry]:
    """What is known of the entry with this value in the request's list, in whichever spelling."""
    return [
        entry
        for entry in known
        if entry.list is request.list and entry.action == request.action and same_value(entry.list, entry.value, value)
    ]


async def takes_over(uow: UnitOfWork, request: Request, value: str) -> bool:
    """Whether a request keeps an entry that was there before it.

    An allow always: it must end. A block only if a request of ours made it: ending somebody else's block would let mail
    in that they wanted out.
    """
    if not is_ours_to_end(request):
        return False
    return request.action is Action.ALLOW or bool(of_same_entry(await uow.known.active(request.list), request, value))


async def keep(
    uow: UnitOfWork, request: Request, value: str, *, at: datetime, missing_at: datetime | None = None
) -> KnownEntry | None:
    """Keep an entry for the request that added it, until its end. Returns another request's that keeps it longer.

    With `missing_at`, the list, read then, did not hold the value: what was known before that had ended.
    """
    others = [
        entry
        for entry in of_same_entry(await uow.known.active(request.list), request, value)
        if entry.request_id != request.id
    ]
    alive = [entry for entry in others if missing_at is None or entry.since >= missing_at]
    longer = next((entry for entry in alive if _lasts_as_long(entry, request)), None)
    if longer is not None:
        return longer
    for entry in others:
        how = f"kept on, {_until(request.expires)}, by request {request.id}" if entry in alive else "found missing"
        await uow.known.end(entry.list, entry.action, entry.value, at, how, request_id=entry.request_id)
        if entry in alive:
            before = await uow.requests.get(entry.request_id)
            items = [item for item in before.items if same_value(entry.list, item.value, entry.value)]
            await uow.requests.set_items({item.id: (item.state, how) for item in items})
            await notify(uow, before.id)
    await uow.known.put(
        KnownEntry(
            list=request.list,
            action=request.action,
            value=value,
            requester=request.requester,
            request_id=request.id,
            reason=request.reason,
            since=at,
            expires=request.expires,
        )
    )
    return None


async def let_go(uow: UnitOfWork, request: Request, value: str, *, at: datetime) -> None:
    """After a removal: the request that added the entry must neither confirm it nor end it any more."""
    for entry in of_same_entry(await uow.known.active(request.list), request, value):
        adding = await uow.requests.get(entry.request_id)
        how = f"by request {request.id}"
        await uow.requests.set_items(
            {item.id: (ItemState.REMOVED, how) for item in adding.items if same_value(request.list, item.value, value)}
        )
        await uow.known.end(entry.list, entry.action, entry.value, at, how, request_id=adding.id)
        await uow.audit.append(
            EventKind.ITEM_REMOVED,
            actor=PORTCULLIS,
            target=entry.value,
            request_id=adding.id,
            payload={"action": request.action, "list": request.list, "outcome": how},
            at=at,
        )
        await notify(uow, adding.id)


def there_already(request: Request, entry: Entry | None, longer: KnownEntry | None, *, taken_over: bool) -> str:
    """What to say of a value that was as asked before anything was sent. `longer` is who keeps it instead."""
    if longer is not None:
        return f"there already, {_until(longer.expires)}, by request {longer.request_id}"
    words = "it was like this before"
    if is_ours_to_end(request) and not taken_over:
        words = f"{words}, by somebody else: Portcullis leaves it there, without an end"
    elif is_ours_to_end(request) and request.expires is not None:
        words = f"{words}; Portcullis takes it out {_on(request.expires)}"
    elif request.operation is Operation.ADD and entry is not None and not is_ours_to_end(request):
        words = _another_end(request, entry) or words
    return words


def _another_end(request: Request, entry: Entry) -> str:
    """What to say where the service ends an entry at another time than was asked; empty where it doesn't."""
    if entry.bounded_by_use:
        return "" if request.expires is None else "there already, but ends 45 days after its last use"
    if entry.expires is None:
        return "" if request.expires is None else "there already, but without an end"
    if request.expires is not None and abs(entry.expires - request.expires) <= _SAME_END:
        return ""
    return f"there already, but ends {_on(entry.expires)}"


async def see_to_it(context: Context, uow: UnitOfWork, request: Request) -> None:
    """Queue what follows once something was sent for a request: the confirmation, and the end where Portcullis has it.

    Whether it came through or nobody knows makes no difference: an entry that shows late has to end as well.
    """
    states = {item.state for item in request.items}
    if states <= {ItemState.REFUSED, ItemState.PROPOSED}:
        return
    await later(uow, JobKind.CONFIRM, request.id, at=context.now() + context.confirm_after)
    if is_ours_to_end(request) and request.expires is not None:
        await later(uow, JobKind.EXPIRE, request.id, at=request.expires)


def result(request: Request) -> tuple[Status, EventKind]:
    """What a request came to, by its items: one of which nothing is known counts as not made."""
    not_made = sum(item.state in _NOT_MADE for item in request.items)
    if not_made == 0:
        return Status.APPLIED, EventKind.REQUEST_APPLIED
    if not_made < len(request.items):
        return Status.PARTLY_APPLIED, EventKind.REQUEST_PARTLY_APPLIED
    return Status.FAILED, EventKind.REQUEST_FAILED


def failure(request: Request) -> str:
    """Why not all of a request came through, for people."""
    words = {item.outcome for item in request.items if item.state in _NOT_MADE}
    return "; ".join(sorted(filter(None, words)))[:1000]


def counts(request: Request) -> dict[str, int]:
    """How many items of a request are in each state."""
    counted: dict[str, int] = {}
    for item in request.items:
        counted[item.state] = counted.get(item.state, 0) + 1
    return counted


async def put_right(uow: UnitOfWork, request_id: int, *, at: datetime) -> None:
    """Move a request on that was said to have failed, when what was sent for it turned up after all."""
    request = await uow.requests.get(request_id)
    if request.status not in {Status.FAILED, Status.PARTLY_APPLIED}:
        return
    status, kind = result(request)
    if status in {request.status, Status.FAILED}:
        return
    if await uow.requests.move(request_id, expected=request.status, to=status, failure=failure(request)):
        await uow.audit.append(
            kind,
            actor=PORTCULLIS,
            target=f"request {request_id}",
            request_id=request_id,
            payload={**counts(request), "late": True},
            at=at,
        )


def _lasts_as_long(entry: KnownEntry, request: Request) -> bool:
    return entry.expires is None or (request.expires is not None and entry.expires >= request.expires)


def _until(end: datetime | None) -> str:
    return "without an end" if end is None else f"until {_on(end)}"


def _on(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
