"""What happened to a request, read from the log in steps."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, case, func, or_, select

from bot.domain.auditing.events import EventKind
from bot.domain.auditing.steps import StoryStep
from bot.store.audit_tables import AuditEventRow
from bot.store.scope import Scope

#: Of a step's events, so many are named.
MOST_TARGETS = 50

#: What people said is in the payload of these, by its name there.
_SAID = {EventKind.REQUEST_ASKED.value: "question", EventKind.REQUEST_ANSWERED.value: "answer"}
#: Each of these is a step of its own, read with its payload.
_ALONE = (EventKind.REQUEST_REVIEWED.value, *_SAID)


async def read_steps(scope: Scope, request_id: int, *, kinds: Collection[EventKind] | None = None) -> list[StoryStep]:
    """The steps of one request, oldest first: of all its events, or of some kinds. Each review, question and answer is
    a step of its own."""
    steps: list[StoryStep] = []
    first, targets = 0, list[str]()
    query = _steps_of(None if kinds is None else frozenset(kinds))
    for row in await scope.prepared(query, {"its_tenant": scope.tenant_id, "its_request": request_id}):
        if row.nth == 1:
            first, targets = row.seq, []
        if row.nth <= MOST_TARGETS:
            targets.append(row.target)
        if row.ends:
            steps.append(
                StoryStep(
                    kind=row.kind,
                    first=first,
                    last=row.seq,
                    count=row.nth,
                    actor=row.actor,
                    at=row.at,
                    targets=tuple(targets),
                    said=str((row.payload or {}).get(_SAID.get(row.kind, ""), "")),
                    decision=str((row.payload or {}).get("decision", "")),
                )
            )
    return steps


@cache
def _steps_of(kinds: frozenset[EventKind] | None) -> Select[*tuple[Any, ...]]:
    rows = AuditEventRow
    events = select(
        rows.seq,
        rows.kind,
        rows.actor,
        rows.at,
        rows.target,
        case((rows.kind.in_(_ALONE), rows.payload)).label("payload"),
        func.row_number().over(order_by=rows.seq).label("place"),
        func.lag(rows.kind).over(order_by=rows.seq).label("kind_before"),
        func.lead(rows.kind).over(order_by=rows.seq).label("kind_after"),
    ).where(rows.tenant_id == bindparam("its_tenant"), rows.request_id == bindparam("its_request"))
    if kinds is not None:
        events = events.where(rows.kind.in_(sorted(kind.value for kind in kinds)))
    near = events.cte("near")
    alone = near.c.kind.in_(_ALONE)
    begins = or_(alone, near.c.kind_before.is_(None), near.c.kind_before != near.c.kind)
    ends = or_(alone, near.c.kind_after.is_(None), near.c.kind_after != near.c.kind)
    begun_at = func.max(case((begins, near.c.place))).over(order_by=near.c.seq)
    placed = select(near, (near.c.place - begun_at + 1).label("nth"), case((ends, 1), else_=0).label("ends")).cte(
        "placed"
    )
    wanted = placed.c
    return (
        select(wanted.seq, wanted.kind, wanted.actor, wanted.at, wanted.target, wanted.payload, wanted.nth, wanted.ends)
        .where(or_(wanted.nth <= MOST_TARGETS, wanted.ends == 1))
        .order_by(wanted.seq)
    )
