"""Messages that Portcullis posted, as (channel, ts), so that every copy can be updated in place."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, exists, false, or_, select, update
from sqlalchemy.orm import aliased

from bot.domain.auditing.events import EventKind
from bot.domain.requests.binding import Purpose
from bot.domain.requests.request import Status
from bot.store.audit_tables import AuditEventRow
from bot.store.beside import NOTHING, ShownBeside
from bot.store.databases import prepared_insert_or_ignore
from bot.store.emergencies import awaits_review
from bot.store.posts import Posts
from bot.store.scope import Scope
from bot.store.slack_tables import MessageRow
from bot.store.table import core
from bot.store.tables import RequestRow


@dataclass(frozen=True, slots=True, kw_only=True)
class PostedMessage:
    """One posted message.

    Of a card and of its copy, `version` is that of the request which it shows, or 0 where that isn't known; of a step
    of the story it is the number of the event that it tells, and `joined` are those of the steps that it tells beside
    it.
    """

    id: int
    request_id: int | None
    purpose: str  #: a `Purpose`, or what another version wrote
    channel: str
    ts: str
    version: int
    posted_at: datetime
    joined: tuple[int, ...] = ()
    beside: ShownBeside = NOTHING  #: what it shows beside its request, which decides nothing
    is_outdated: bool = False  #: whether it is to be rendered anew, whatever it shows


_table = core(MessageRow)
_of_tenant = _table.c.tenant_id == bindparam("its_tenant")
_OF_REQUEST = select(_table).where(_of_tenant, _table.c.request_id == bindparam("its_request")).order_by(_table.c.id)
_OF_PURPOSE = _OF_REQUEST.where(_table.c.purpose == bindparam("its_purpose"))
_FIND = select(_table).where(
    _of_tenant, _table.c.channel == bindparam("its_channel"), _table.c.ts == bindparam("its_ts")
)
_rows = core(RequestRow)
_CARDS = (
    select(_table, _rows.c.id.label("shown_by"))
    .join(_rows, (_table.c.tenant_id == _rows.c.tenant_id) & (_table.c.request_id == _rows.c.proposal_id))
    .where(
        _rows.c.tenant_id == bindparam("its_tenant"),
        _rows.c.id.in_(bindparam("ids", expanding=True)),
        _table.c.purpose == Purpose.CARD.value,
    )
    .order_by(_table.c.id)
)
_its_own = _of_tenant & (_table.c.id == bindparam("its_id"))
_MARK = update(_table).where(_its_own, _table.c.version < bindparam("shown")).values(version=bindparam("shown"))
_MARK_RENDERED = (
    update(_table)
    .where(_its_own, _table.c.version <= bindparam("shown"))
    .values(version=bindparam("shown"), is_outdated=false())
)


class Messages:
    """The messages of one tenant, within one unit of work."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def put(
        self,
        *,
        purpose: str,
        channel: str,
        ts: str,
        request_id: int | None = None,
        version: int = 0,
        joined: Sequence[int] = (),
        beside: ShownBeside = NOTHING,
    ) -> None:
        """Remember a posted message. The same (channel, ts) once more changes nothing: what is there stays."""
        await self._scope.prepared(
            prepared_insert_or_ignore(self._scope.dialect.name, _table),
            {
                "tenant_id": self._scope.tenant_id,
                "request_id": request_id,
                "purpose": purpose,
                "channel": channel,
                "ts": ts,
                "version": version,
                "joined": list(joined) or None,
                "figures": beside.figures,
                "owners": beside.owners,
                "posted_at": self._scope.clock(),
            },
        )

    async def of_request(self, request_id: int, purpose: str | None = None) -> list[PostedMessage]:
        """The messages about a request, oldest first."""
        asked = {"its_tenant": self._scope.tenant_id, "its_request": request_id}
        if purpose is None:
            return [_message(row) for row in await self._scope.prepared(_OF_REQUEST, asked)]
        return [_message(row) for row in await self._scope.prepared(_OF_PURPOSE, {**asked, "its_purpose": purpose})]

    async def cards(self, request_ids: Collection[int]) -> dict[int, PostedMessage]:
        """The card of each request's proposal, by the request's number: the one that counts, where it is on record."""
        asked = {"its_tenant": self._scope.tenant_id, "ids": sorted(request_ids)}
        return {row.shown_by: _message(row) for row in await self._scope.prepared(_CARDS, asked)}

    async def direct_channel(self, user: str) -> str:
        """Where somebody's direct messages with Portcullis stand (`D…`); empty where none is on record."""
        found = await self._scope.session.scalar(
            select(MessageRow.channel)
            .join(RequestRow, RequestRow.id == MessageRow.request_id)
            .where(
                MessageRow.tenant_id == self._scope.tenant_id,
                RequestRow.requester == user,
                MessageRow.purpose.in_([Purpose.COPY, Purpose.DIRECT, Purpose.SETTLED]),
                MessageRow.channel.startswith("D"),
            )
            .order_by(MessageRow.id.desc())
            .limit(1)
        )
        return found or ""

    async def find(self, channel: str, ts: str) -> PostedMessage | None:
        where = {"its_tenant": self._scope.tenant_id, "its_channel": channel, "its_ts": ts}
        row = (await self._scope.prepared(_FIND, where)).first()
        return None if row is None else _message(row)

    async def of_event(self, purpose: str, version: int) -> PostedMessage | None:
        """The message of a purpose that is about no request, and tells of the event with this number."""
        row = await self._scope.session.scalar(
            select(MessageRow).where(
                MessageRow.tenant_id == self._scope.tenant_id,
                MessageRow.request_id.is_(None),
                MessageRow.purpose == purpose,
                MessageRow.version == version,
            )
        )
        return None if row is None else _message(row)

    async def mark(self, message_id: int, *, version: int, was_outdated: bool = False) -> bool:
        """Record that a message was rendered and shows `version`; False where it shows that or a newer one already.

        Where it `was_outdated` when it was read for that, it no longer is. What came to be outdated since then stays
        so: it was rendered of what was before.
        """
        statement = _MARK_RENDERED if was_outdated else _MARK
        asked = {"its_tenant": self._scope.tenant_id, "its_id": message_id, "shown": version}
        return (await self._scope.prepared(statement, asked)).rowcount == 1

    async def mark_beside(self, message_id: int, beside: ShownBeside) -> None:
        """Record what a card shows beside its request now. What is decided there doesn't depend on it."""
        for column, event in ((MessageRow.figures, beside.figures), (MessageRow.owners, beside.owners)):
            if not event:
                continue  # no event is earlier than the first
            await self._scope.changed(
                update(MessageRow)
                .where(MessageRow.tenant_id == self._scope.tenant_id, MessageRow.id == message_id, column < event)
                .values({column: event})
            )

    async def become(self, message_id: int, purpose: str) -> None:
        """A message is something else from now on, such as a lost card: `purpose` is what.

        What it was may be posted anew.
        """
        await self._free(message_id)
        await self._scope.changed(
            update(MessageRow)
            .where(MessageRow.tenant_id == self._scope.tenant_id, MessageRow.id == message_id)
            .values(purpose=purpose)
        )

    async def move(self, message_id: int, *, channel: str, version: int) -> None:
        """A message stands in a channel with another id from now on, and shows `version`, or 0 where that isn't known.

        Nothing is changed where another message is on record there. Where it stood before, another may be posted.
        """
        known = await self._scope.session.scalar(
            select(MessageRow).where(MessageRow.tenant_id == self._scope.tenant_id, MessageRow.id == message_id)
        )
        if known is None or await self.find(channel, known.ts) not in {None, _message(known)}:
            return
        await self._free(message_id)
        await self._scope.changed(
            update(MessageRow)
            .where(MessageRow.id == message_id)
            .values(channel=channel, version=version, is_outdated=False)
        )

    async def open_without_card(self, channel: str, *, purpose: str, limit: int) -> list[int]:
        """The numbers of the proposals that wait for a decision or a review and have no message of a purpose in a
        channel, the newest first."""
        has_one = exists().where(
            MessageRow.tenant_id == RequestRow.tenant_id,
            MessageRow.request_id == RequestRow.proposal_id,
            MessageRow.purpose == purpose,
            MessageRow.channel == channel,
        )
        found = await self._scope.session.scalars(
            select(RequestRow.proposal_id)
            .where(
                RequestRow.tenant_id == self._scope.tenant_id,
                or_(RequestRow.status == Status.PENDING.value, awaits_review(self._scope)),
                ~has_one,
            )
            .distinct()
            .order_by(RequestRow.proposal_id.desc())
            .limit(limit)
        )
        return list(found)

    async def refused_cards_of_all(self) -> list[tuple[int, str]]:
        """The proposals of any tenant that wait for a decision and whose card Slack takes none of: the number, and what
        Slack said last, with what to do about it."""
        refused, after = aliased(AuditEventRow), aliased(AuditEventRow)
        about_the_card = (EventKind.CARD_REFUSED.value, EventKind.CARD_POSTED.value)
        came_after = exists().where(
            after.tenant_id == refused.tenant_id,
            after.request_id == refused.request_id,
            after.kind.in_(about_the_card),
            after.seq > refused.seq,
        )
        rows = await self._scope.session.execute(
            select(RequestRow.proposal_id, refused.payload)
            .join(refused, (refused.tenant_id == RequestRow.tenant_id) & (refused.request_id == RequestRow.proposal_id))
            .where(RequestRow.status == Status.PENDING.value, refused.kind == EventKind.CARD_REFUSED.value, ~came_after)
            .order_by(RequestRow.proposal_id)
        )
        # Once for each, however many of its requests wait.
        return list({number: str(payload.get("error", "")) for number, payload in rows}.items())

    async def outdate(self, request_id: int, purpose: str) -> None:
        """Have a request's messages of one purpose rendered anew, whichever version they show.

        What they show goes on to count: a click names the version that was before somebody's eyes, which is held
        against this record and against the request.
        """
        await self._scope.changed(
            update(MessageRow)
            .where(
                MessageRow.tenant_id == self._scope.tenant_id,
                MessageRow.request_id == request_id,
                MessageRow.purpose == purpose,
            )
            .values(is_outdated=True)
        )

    async def forget_old(self, purpose: str, *, before: datetime) -> int:
        """Delete what is on record of messages of one purpose that were posted before a time; how many."""
        return await self._scope.changed(
            delete(MessageRow).where(
                MessageRow.tenant_id == self._scope.tenant_id,
                MessageRow.purpose == purpose,
                MessageRow.posted_at < before,
            )
        )

    async def forget(self, message_id: int) -> None:
        """The message is gone from Slack, or can't be changed there: another may be posted in its place."""
        await self._free(message_id)
        await self._scope.changed(
            delete(MessageRow).where(MessageRow.tenant_id == self._scope.tenant_id, MessageRow.id == message_id)
        )

    async def _free(self, message_id: int) -> None:
        """Let another message be posted in the place of one."""
        row = await self._scope.session.get(MessageRow, message_id)
        if row is not None and row.tenant_id == self._scope.tenant_id:
            await Posts(self._scope).lost(row.channel, row.ts)


def _message(row: Any) -> PostedMessage:  # noqa: ANN401 - a row of the table, mapped or not
    return PostedMessage(
        id=row.id,
        request_id=row.request_id,
        purpose=row.purpose,
        channel=row.channel,
        ts=row.ts,
        version=row.version,
        posted_at=row.posted_at,
        joined=tuple(int(number) for number in row.joined or ()),
        beside=ShownBeside(figures=row.figures, owners=row.owners),
        is_outdated=row.is_outdated,
    )
