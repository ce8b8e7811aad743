"""Every request held against its events: what somebody changed past Portcullis shows, whatever the chain says."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, select

from bot.domain.auditing.events import EventKind, Json
from bot.domain.requests.emergency import is_emergency
from bot.domain.requests.ends import is_ours_to_end
from bot.domain.requests.logged import LoggedEvents, contradictions, record_contradictions
from bot.domain.requests.logged_items import item_contradictions
from bot.domain.requests.logged_proposal import Contradiction
from bot.domain.requests.request import Request
from bot.store.audit_tables import AuditEventRow
from bot.store.audit_verification import read_logged
from bot.store.known_entries import KnownEntries
from bot.store.request_loading import load_whole
from bot.store.scope import Scope
from bot.store.tables import RequestRow

#: So many requests are looked at together. Each may have ten thousand items.
_TOGETHER = 20
#: Beyond this many findings the rest is counted but not named.
MOST_FINDINGS = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestFinding:
    """One thing that the database says otherwise of a request than the log."""

    request_id: int
    about: str
    details: str

    def as_json(self) -> dict[str, Json]:
        return {"request_id": self.request_id, "about": self.about, "details": self.details}


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestFindings:
    """The result for all requests of one tenant."""

    requests: int  #: how many there are
    findings: tuple[RequestFinding, ...] = ()
    unnamed: int = 0  #: findings beyond those named


async def verify_requests(scope: Scope) -> RequestFindings:
    """Hold each request of the tenant against the log, both as they were when this transaction began."""
    found: list[RequestFinding] = []
    count = unnamed = last = 0
    while numbers := await _page(scope, after=last):
        last, count = numbers[-1], count + len(numbers)
        logged = await read_logged(scope, numbers)
        requests = await _readable(scope, numbers)
        for number in numbers:
            request = requests.get(number)
            each = [_UNREADABLE] if request is None else await _of_one(scope, request, logged[number])
            unnamed += _add(found, number, each)
    unnamed += sum([_add(found, request_id, [_GONE]) for request_id in await _gone(scope)])
    return RequestFindings(
        requests=count, findings=tuple(sorted(found, key=lambda each: each.request_id)), unnamed=unnamed
    )


async def _of_one(scope: Scope, request: Request, logged: LoggedEvents) -> list[Contradiction]:
    found = list(contradictions(request, logged))
    if is_emergency(request):
        items = (await read_logged(scope, [request.id], of="item."))[request.id]
        found += item_contradictions(request, items)
    if is_ours_to_end(request):
        try:
            kept = await KnownEntries(scope).active(request.list, request_id=request.id)
        except _NEVER_WRITTEN:
            return [*found, _UNREADABLE_ENTRY]
        found += record_contradictions(request, kept)
    return found


async def _readable(scope: Scope, numbers: Sequence[int]) -> dict[int, Request]:
    """The requests with these numbers; without those that hold what Portcullis never wrote."""
    rows = (await scope.session.scalars(_with_numbers(scope, numbers))).all()
    try:
        return {request.id: request for request in await load_whole(scope, rows)}
    except _NEVER_WRITTEN:
        if len(numbers) == 1:
            return {}
    found: dict[int, Request] = {}
    for number in numbers:
        found |= await _readable(scope, [number])
    return found


#: What reading raises of a word that is none of ours, of a time that is none, of another shape than ours.
_NEVER_WRITTEN = (LookupError, TypeError, ValueError)
_UNREADABLE = Contradiction(
    about="unreadable", details="It holds what Portcullis never wrote: somebody changed it in the database."
)
_UNREADABLE_ENTRY = Contradiction(
    about="end", details="What is on record of the entries that it keeps can't be read: somebody changed it."
)
_GONE = Contradiction(about="missing", details="It was proposed by the log, and the database has no such request.")


def _add(found: list[RequestFinding], request_id: int, new: Iterable[Contradiction]) -> int:
    """Name as many as there is room for; how many were left unnamed."""
    unnamed = 0
    for each in new:
        if len(found) < MOST_FINDINGS:
            found.append(RequestFinding(request_id=request_id, about=each.about, details=each.details))
        else:
            unnamed += 1
    return unnamed


async def _page(scope: Scope, *, after: int) -> list[int]:
    query = (
        select(RequestRow.id)
        .where(RequestRow.tenant_id == scope.tenant_id, RequestRow.id > after)
        .order_by(RequestRow.id)
        .limit(_TOGETHER)
    )
    return list(await scope.session.scalars(query))


def _with_numbers(scope: Scope, numbers: Sequence[int]) -> Select[RequestRow]:
    return select(RequestRow).where(RequestRow.tenant_id == scope.tenant_id, RequestRow.id.in_(numbers))


async def _gone(scope: Scope) -> list[int]:
    """The numbers of requests that were proposed and are not there."""
    rows = AuditEventRow
    query = (
        select(rows.request_id)
        .where(
            rows.tenant_id == scope.tenant_id,
            rows.kind == EventKind.REQUEST_PROPOSED.value,
            rows.request_id.is_not(None),
            ~select(RequestRow.id)
            .where(RequestRow.id == rows.request_id, RequestRow.tenant_id == scope.tenant_id)
            .exists(),
        )
        .distinct()
    )
    return [int(request_id) for request_id in await scope.session.scalars(query) if request_id is not None]
