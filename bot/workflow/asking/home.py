"""All that somebody's App Home shows: one look at the database, and none at the tenant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.domain.lists.entries import Snapshot
from bot.domain.lists.list_query import ListQuery
from bot.domain.lists.traits import ListName
from bot.domain.posture.scans import PostureScan
from bot.domain.requests.browsing import ListedEntry
from bot.domain.requests.known_entry import KnownEntry
from bot.domain.requests.people import Person, Right
from bot.store import UnitOfWork
from bot.workflow.asking.browse import look_through, with_requests
from bot.workflow.asking.overview import Overview, look, note_seen
from bot.workflow.asking.renewals import RenewalsShown, renewals_shown
from bot.workflow.shared.context import Context

#: Of so many that are due for renewal it is told, each with its buttons.
MOST_DUE = 2
#: What ends within so many days is shown.
ENDS_SOON = 7
#: Of so many entries that end soon it is looked up who asked for them.
_MOST_LOOKED_UP = 500
#: Of so many it is told: those that end first.
_MOST_TOLD = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeContent:
    """What somebody's Home shows. `lists` is None before the first snapshot."""

    overview: Overview
    renewals: RenewalsShown
    ends_soon: Sequence[ListedEntry]  #: those that end first
    lists: Snapshot | None
    scan: PostureScan | None = None  #: the last one of the posture; None before the first


async def home(context: Context, *, actor: Person, noted: bool) -> HomeContent | None:
    """What somebody's Home shows; None for somebody without any role.

    `noted`: that they were shown what others asked for is written down, as where they opened it themselves. Raises the
    person's `doubt`, where their roles aren't known.
    """
    if not actor.has(Right.SEE_REQUESTS):
        if actor.doubt is not None:
            raise actor.doubt
        return None
    async with context.store.read() as uow:
        overview = await look(uow, actor, context.rules.approvers)
        lists = await uow.snapshots.load()
        scan = await uow.posture.last_scan()
        known = [] if lists is None else await _known(uow, lists, context)
    if noted:
        await note_seen(context, actor, overview, where="home")
    renewals = await renewals_shown(context, actor=actor, limit=MOST_DUE, noted=noted)
    if lists is None:
        return HomeContent(overview=overview, renewals=renewals, ends_soon=(), lists=None, scan=scan)
    found = await look_through(context, lists, known, ListQuery(ends_within=ENDS_SOON))
    first = await with_requests(context, found.rows[:_MOST_TOLD])
    return HomeContent(
        overview=overview,
        renewals=renewals,
        ends_soon=[*first, *found.rows[_MOST_TOLD:]],
        lists=lists,
        scan=scan,
    )


async def _known(uow: UnitOfWork, lists: Snapshot, context: Context) -> list[KnownEntry]:
    """What is on record of the entries that may end soon: where the tenant keeps no ends, of all of them."""
    until = context.now() + timedelta(days=ENDS_SOON)
    known = [entry for name in ListName if not name.traits.keeps_ends for entry in await uow.known.active(name)]
    ending = [entry.value for entry in lists.entries if entry.expires is not None and entry.expires <= until]
    return known + await uow.known.active(values=ending[:_MOST_LOOKED_UP])
