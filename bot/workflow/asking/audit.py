"""Looking things up in the audit log, for those who may. That somebody read it, and for what, is itself an event."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.domain.auditing.events import Event, EventKind
from bot.domain.auditing.query import AuditQuery
from bot.domain.auditing.query_reading import nobody_called, read_query
from bot.domain.lists.narrower import narrower_than
from bot.domain.lists.wider import wider_values
from bot.domain.requests.people import Person, Right
from bot.errors import InvalidInput, NotFound
from bot.store import AuditFilter, UnitOfWork
from bot.store.people import Names
from bot.workflow.asking.noting import note_read
from bot.workflow.shared.context import Context
from bot.workflow.shared.listed import listed_entries
from bot.workflow.shared.rights import required

#: Values that lie within an indicator are looked for among so many events at once: of a million, on a busy machine, it
#: took up to nine seconds. A file of the log (`audit_export`) has them all.
LOOKED_AMONG = 100_000

#: Of a query as it was typed, so much is logged.
_QUERY_LOGGED = 200

#: Of several people with a name, so many are told apart.
_NAMED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditPage:
    """Some events that answer a query, the newest first, and whether there are others on either side."""

    query: AuditQuery
    events: Sequence[Event]
    has_newer: bool
    has_older: bool
    #: What lies within the indicator was looked for among so many events, next to where the page begins; None: all.
    looked_among: int | None = None
    #: What is about requests that name the indicator was looked for in so many of them, the newest; None: in all.
    requests_among: int | None = None
    #: By which number people know the requests of the events: that of its proposal, by request.
    numbers: Mapping[int, int] = field(default_factory=dict)


async def audit(
    context: Context,
    *,
    actor: Person,
    text: str,
    before: int | None = None,
    after: int | None = None,
    limit: int,
) -> AuditPage:
    """A page of what a text asks for: the newest events, or those next `before` or `after` an event's number.

    Raises NotPermitted, and InvalidInput for what isn't understood, and for a request or a person that isn't there.
    """
    await required(context, actor, Right.QUERY_AUDIT)
    query = await query_of(context, actor=actor, text=text, now=context.now())
    async with context.store.read() as uow:
        filters = replace(filters_of(query), before_seq=before, after_seq=after, limit=limit + 1)
        head = await uow.audit.head()
        is_long = filters.narrower is not None and head is not None and head.seq > LOOKED_AMONG
        filters = replace(filters, look_among=LOOKED_AMONG if is_long else None)
        events, requests_among = await uow.audit.bounded_page(filters=filters)
        if not events and query.request_id is not None:
            await demand_there(uow, query.request_id)
        about = {event.request_id for event in events} | {query.request_id}
        numbers = await uow.requests.proposal_numbers({number for number in about if number is not None})
    if query.request_id is not None:
        query = replace(query, request_id=numbers.get(query.request_id, query.request_id))
    more = len(events) > limit
    shown = events[1:] if more and after is not None else events[:limit]
    asked = {"query": " ".join(text.split())[:_QUERY_LOGGED], "events": len(shown)}
    await note_read(context, EventKind.AUDIT_READ, actor=actor, target="audit log", payload=asked)
    return AuditPage(
        query=query,
        events=shown,
        has_newer=more if after is not None else before is not None,
        has_older=more if after is None else True,
        looked_among=filters.look_among,
        requests_among=requests_among,
        numbers=numbers,
    )


async def query_of(context: Context, *, actor: Person, text: str, now: datetime) -> AuditQuery:
    """What a text asks, with the id of whom it names: by handle, or by a name that their profile shows.

    Raises InvalidInput where something isn't understood, nobody is known by the name, or several people are.
    """
    async with context.store.read() as uow:
        known = await uow.people.known()
    names = frozenset[str]().union(*(each.keys for each in known.values()))
    query = read_query(text, now=now, me=actor.user_id, listed=await listed_entries(context), names=names)
    return _with_person(query, known) if query.name else query


def _with_person(query: AuditQuery, known: Mapping[str, Names]) -> AuditQuery:
    found = sorted(user_id for user_id, each in known.items() if query.name in each.keys)
    if not found:
        raise nobody_called(query.name)
    if len(found) == 1:
        return replace(query, name="", actor=found[0])
    told = "; ".join(f"{known[user_id].shown} (@{known[user_id].handle}): {user_id}" for user_id in found[:_NAMED])
    more = f"; and {len(found) - _NAMED:,} more" if len(found) > _NAMED else ""
    raise InvalidInput(
        f"{len(found):,} people are called @{query.name}.", f"Write the member ID of whom you mean. {told}{more}."
    )


def filters_of(query: AuditQuery) -> AuditFilter:
    """What a query asks of the log, without the page. An indicator finds what covers it, and what it covers."""
    indicator = query.indicator
    return AuditFilter(
        actor=query.actor,
        kinds=query.kinds,
        decisions=query.decisions,
        subjects=query.subjects,
        target=None if indicator is None else indicator.value,
        wider=() if indicator is None else wider_values(indicator),
        narrower=None if indicator is None else narrower_than(indicator),
        proposal_id=query.request_id,
        since=query.since,
        until=query.until,
    )


async def demand_there(uow: UnitOfWork, request_id: int) -> None:
    """Raises InvalidInput: "no events" would be true of a request that doesn't exist, and misleading."""
    try:
        await uow.requests.summary(request_id, items=1)
    except NotFound as error:
        raise InvalidInput(error.what, error.remedy) from None
