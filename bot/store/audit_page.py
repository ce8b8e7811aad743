"""A page of the audit log: which events to show, and the queries that find them by the log's indexes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ColumnElement, and_, bindparam, false, func, or_, select, true, type_coerce

from bot.domain.auditing.events import EventKind, as_target
from bot.domain.auditing.query import Subject
from bot.domain.lists.narrower import Narrower
from bot.store.audit_bounds import between_ends
from bot.store.audit_conditions import EventCondition
from bot.store.audit_naming import Naming, leaves_out, naming
from bot.store.audit_postings import (
    ALL_EVENTS,
    IndexPosting,
    Posting,
    WantedEvents,
    of_actor,
    of_actor_and_kind,
    of_kind,
    of_request,
    of_target,
    read_postings,
)
from bot.store.audit_stretches import BEYOND, Range, ranges
from bot.store.audit_tables import AuditEventRow
from bot.store.audit_within import values_within
from bot.store.databases import looked_at, padded, plan_by_values
from bot.store.scope import Scope
from bot.store.table import core
from bot.store.tables import RequestRow

_c = core(AuditEventRow).c


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFilter:
    """Which events to show. Everything given must hold; `since` is included, `until` is not."""

    actor: str | None = None
    kind: str | None = None
    kinds: frozenset[str] = frozenset()  #: one of these, or a review with one of the `decisions`; both empty: any
    decisions: frozenset[str] = frozenset()
    subjects: frozenset[Subject] = frozenset()  #: of a request of one of these sorts; empty: any
    target: str | None = None  #: what an event is about, or an item of the request that it is about
    wider: tuple[str, ...] = ()  #: other values that count as the target too: those that cover it
    narrower: Narrower | None = None  #: and those that it covers
    request_id: int | None = None
    proposal_id: int | None = None  #: of any request of a proposal, by the number of any of them
    since: datetime | None = None
    until: datetime | None = None
    before_seq: int | None = None  #: the next page: the last number of this one
    after_seq: int | None = None  #: the page before: the first number of this one; those next to it
    limit: int = 50
    #: Values that the target covers are looked for among so many events, those next to where the page begins: to find
    #: them takes a look at each of these events. None: among all.
    look_among: int | None = None
    #: Of the requests that name the target every one is looked at, and not only the newest few hundred.
    every_request: bool = False


#: The newest events of all.
ALL = AuditFilter()


async def read_page(scope: Scope, filters: AuditFilter) -> Sequence[Any]:
    """The rows that a filter lets through, newest first, as many as its limit says.

    Raises InvalidInput for an indicator that covers more values of the log than one query can name.
    """
    return (await _read(scope, filters))[0]


async def read_bounded_page(scope: Scope, filters: AuditFilter) -> tuple[Sequence[Any], int | None]:
    """The same; and of how many requests that name the target what is about them was looked for, the newest. None: of
    all."""
    rows, postings = await _read(scope, filters)
    for named in postings:
        if isinstance(named, Naming) and await leaves_out(scope, named):
            return rows, named.most
    return rows, None


async def _read(scope: Scope, filters: AuditFilter) -> tuple[Sequence[Any], Sequence[Posting]]:
    await plan_by_values(scope.connection)
    where: Sequence[Range] = await _where(scope, filters)
    parts = await _parts(scope, filters)
    where = await between_ends(scope, where, _beside(filters, parts))
    postings, among = await _postings(scope, filters, where, parts)
    wanted = WantedEvents(
        conditions=(*_conditions(scope, filters), *among),
        window=tuple(_window(filters)),
        upwards=filters.after_seq is not None,
        limit=filters.limit,
    )
    found = await read_postings(scope, postings, where, wanted)
    return (found[::-1] if wanted.upwards else found), postings


async def count_rows(scope: Scope, filters: AuditFilter) -> int:
    """How many rows a filter without a target, a request or a kind lets through, whatever its limit."""
    count = 0
    for each in await _where(scope, filters):
        conditions = [*_conditions(scope, filters), *(() if each.is_sure else _window(filters))]
        values = {name: value for condition in conditions for name, value in condition.values.items()}
        found = select(func.count()).where(
            _c.tenant_id == scope.tenant_id, _c.seq > each.after, _c.seq < each.before,
            *(condition.sql for condition in conditions),
        )  # fmt: skip
        count += int(await scope.session.scalar(found, values) or 0)
    return count


async def _where(scope: Scope, filters: AuditFilter) -> list[Range]:
    return await ranges(
        scope,
        since=filters.since,
        until=filters.until,
        after=filters.after_seq or 0,
        before=BEYOND if filters.before_seq is None else filters.before_seq,
    )


def _conditions(scope: Scope, filters: AuditFilter) -> Iterator[EventCondition]:
    """What has to hold of an event beside its time and what it is looked up by, which may be among it."""
    if filters.kinds or filters.decisions:
        yield _of_kinds(scope, filters)
    if filters.subjects:
        # Seldom asked for, and made of whatever words were typed: such a statement is made anew each time.
        yield EventCondition("", or_(*(_about(scope, subject) for subject in _in_order(filters.subjects))))
    if filters.actor is not None:
        is_theirs = looked_at(scope.dialect, _c.actor) == bindparam("actor")
        yield EventCondition("actor", is_theirs, {"actor": filters.actor})
    if filters.kind is not None:
        yield EventCondition("kind", looked_at(scope.dialect, _c.kind) == bindparam("kind"), {"kind": filters.kind})


def _window(filters: AuditFilter) -> Iterator[EventCondition]:
    """What has to hold of an event's time."""
    if filters.since is not None:
        yield EventCondition("since", _c.at >= bindparam("since"), {"since": filters.since})
    if filters.until is not None:
        yield EventCondition("until", _c.at < bindparam("until"), {"until": filters.until})


def _of_kinds(scope: Scope, filters: AuditFilter) -> EventCondition:
    said: list[ColumnElement[bool]] = []
    values: dict[str, list[str]] = {}
    kind = looked_at(scope.dialect, _c.kind)
    if filters.kinds:
        said.append(kind.in_(bindparam("kinds", expanding=True)))
        values["kinds"] = padded(sorted(filters.kinds))
    if filters.decisions:
        decision = type_coerce(_c.payload, JSON)["decision"].as_string()
        decided = decision.in_(bindparam("decisions", expanding=True))
        said.append(and_(kind == EventKind.REQUEST_REVIEWED.value, decided))
        values["decisions"] = padded(sorted(filters.decisions))
    return EventCondition("+".join(values), or_(*said), values)


async def _parts(scope: Scope, filters: AuditFilter) -> Sequence[int] | None:
    """The requests that are asked for; None: any."""
    if filters.proposal_id is None:
        return None if filters.request_id is None else [filters.request_id]
    whole = select(RequestRow.proposal_id).where(
        RequestRow.tenant_id == scope.tenant_id, RequestRow.id == filters.proposal_id
    )
    parts = select(RequestRow.id).where(
        RequestRow.tenant_id == scope.tenant_id, RequestRow.proposal_id == whole.scalar_subquery()
    )
    found = {filters.proposal_id, *await scope.session.scalars(parts)}
    return sorted(found if filters.request_id is None else found & {filters.request_id})


async def _postings(
    scope: Scope, filters: AuditFilter, where: Sequence[Range], parts: Sequence[int] | None
) -> tuple[list[Posting], tuple[EventCondition, ...]]:
    """What the events are looked up by, by the index that leaves the fewest of them; and what further must hold."""
    if filters.target is not None:
        values = [filters.target, *filters.wider]
        if filters.narrower is not None:
            values += await values_within(
                scope,
                filters.narrower,
                where=where,
                until=filters.until,
                look_among=filters.look_among,
                upwards=filters.after_seq is not None,
            )
        targets = [of_target(target) for target in dict.fromkeys(map(as_target, values))]
        of_requests = naming(values, parts, every=filters.every_request)
        whole = () if of_requests is None else (of_requests,)
        return [*targets, *whole], () if parts is None else (_of_requests(scope, parts),)
    if parts is not None:
        return [of_request(number) for number in parts], ()
    match filters.actor, _kinds(filters):
        case None, []:
            return [ALL_EVENTS], ()
        case None, several:
            return [of_kind(kind) for kind in several], ()
        case actor, []:
            return [of_actor(actor)], ()
        case actor, several:
            return [of_actor_and_kind(actor, kind) for kind in several], ()


def _kinds(filters: AuditFilter) -> list[str]:
    """The kinds of which one is asked for; none of them: any."""
    if filters.kind is not None:
        return [filters.kind]
    return sorted({*filters.kinds, *([EventKind.REQUEST_REVIEWED.value] if filters.decisions else ())})


def _beside(filters: AuditFilter, parts: Sequence[int] | None) -> list[list[IndexPosting]]:
    """What is asked for beside what the events are looked up by: in one posting of each."""
    found: list[list[IndexPosting]] = []
    if filters.target is None and parts is None:
        return found
    if filters.actor is not None:
        found.append([of_actor(filters.actor)])
    if kinds := _kinds(filters):
        found.append([of_kind(kind) for kind in kinds])
    if filters.target is not None and parts is not None:
        found.append([of_request(number) for number in parts])
    return found


def _of_requests(scope: Scope, parts: Sequence[int]) -> EventCondition:
    if not parts:
        return EventCondition("no requests", false())
    is_among = looked_at(scope.dialect, _c.request_id).in_(bindparam("parts", expanding=True))
    return EventCondition("requests", is_among, {"parts": padded(parts)})


def _in_order(subjects: frozenset[Subject]) -> list[Subject]:
    return sorted(subjects, key=lambda subject: (str(subject.operation), str(subject.action), str(subject.list)))


def _about(scope: Scope, subject: Subject) -> ColumnElement[bool]:
    """Events of the requests of a sort; and those of no request that say the same of what was refused."""
    wanted = {"operation": subject.operation, "action": subject.action, "list": subject.list}
    requests = select(RequestRow.id).where(RequestRow.tenant_id == scope.tenant_id)
    payload = type_coerce(_c.payload, JSON)
    said: list[ColumnElement[bool]] = [_c.request_id.is_(None)]
    for name, value in wanted.items():
        if value is not None:
            requests = requests.where(getattr(RequestRow, name) == value.value)
            said.append(payload[name].as_string() == value.value)
    return or_(_c.request_id.in_(requests), and_(true(), *said))
