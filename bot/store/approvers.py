"""What waits for a decision, who was reminded of it and how often, and what Slack says of when people work."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, or_, select

from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action, ListName
from bot.domain.requests.reminders import Reminded, Waiting
from bot.domain.requests.request import Status
from bot.domain.requests.who_decides import About, about
from bot.store.databases import insert_or_update
from bot.store.emergencies import awaits_review
from bot.store.scope import Scope
from bot.store.slack_tables import ApproverRow, ReminderMessageRow, ReminderRow
from bot.store.tables import RequestRow, ReviewRow


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownPerson:
    """What Slack said of a person: their time zone by name and by its distance from UTC, in seconds."""

    zone: str  #: empty: not known
    utc_offset: int
    read_at: datetime
    is_gone: bool = False  #: deactivated, or unknown to Slack


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderMessage:
    """The last reminder that somebody got: the how manieth, where it stands, and the proposals that it names."""

    number: int
    channel: str  #: empty: nobody knows where it stands
    ts: str
    shown: tuple[int, ...]


class Approvers:
    """The approvers of one tenant, within one unit of work."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def waiting(self, *, limit: int) -> list[Waiting]:
        """The proposals that wait for a decision, and the emergency blocks that wait for a review, the oldest first."""
        rows = RequestRow
        # Those that wait of one proposal have the same reviews.
        query = (
            select(rows.proposal_id, rows.requester, func.min(rows.created_at), func.min(rows.id))
            .where(
                rows.tenant_id == self._scope.tenant_id,
                or_(rows.status == Status.PENDING.value, awaits_review(self._scope)),
            )
            .group_by(rows.proposal_id, rows.requester)
            .order_by(rows.proposal_id)
            .limit(limit)
        )
        found = (await self._scope.session.execute(query)).all()
        kinds: dict[int, set[About]] = defaultdict(set)
        parts = select(rows.proposal_id, rows.operation, rows.action, rows.list).where(
            rows.tenant_id == self._scope.tenant_id,
            or_(rows.status == Status.PENDING.value, awaits_review(self._scope)),
            rows.proposal_id.in_([number for number, *_ in found]),
        )
        for number, operation, action, name in await self._scope.session.execute(parts):
            kinds[number].add(about(Operation(operation), Action(action), ListName(name)))
        reviewers: dict[int, set[str]] = defaultdict(set)
        reviews = select(ReviewRow.request_id, ReviewRow.reviewer).where(
            ReviewRow.tenant_id == self._scope.tenant_id, ReviewRow.request_id.in_([lead for *_, lead in found])
        )
        for request_id, reviewer in await self._scope.session.execute(reviews):
            reviewers[request_id].add(reviewer)
        return [
            Waiting(
                id=number,
                requester=requester,
                since=since,
                reviewers=frozenset(reviewers[lead]),
                about=frozenset(kinds[number]),
            )
            for number, requester, since, lead in found
        ]

    async def reminded(self, people: Collection[str]) -> Mapping[str, Mapping[int, Reminded]]:
        """How often each of these people was reminded of each proposal, and when last."""
        query = select(ReminderRow).where(
            ReminderRow.tenant_id == self._scope.tenant_id, ReminderRow.user_id.in_(sorted(people))
        )
        found: dict[str, dict[int, Reminded]] = {person: {} for person in people}
        for row in await self._scope.session.scalars(query):
            found[row.user_id][row.proposal_id] = Reminded(times=row.times, last_at=row.last_at)
        return found

    async def messages(self) -> Mapping[str, ReminderMessage]:
        """The last reminder of each person."""
        rows = await self._scope.session.scalars(
            select(ReminderMessageRow).where(ReminderMessageRow.tenant_id == self._scope.tenant_id)
        )
        return {
            row.user_id: ReminderMessage(
                number=row.number, channel=row.channel, ts=row.ts, shown=tuple(int(each) for each in row.shown)
            )
            for row in rows
        }

    async def note_message(self, person: str, message: ReminderMessage) -> None:
        """Somebody's last reminder is this one, or shows this from now on."""
        values = {
            "tenant_id": self._scope.tenant_id,
            "user_id": person,
            "number": message.number,
            "channel": message.channel,
            "ts": message.ts,
            "shown": list(message.shown),
        }
        await self._put(ReminderMessageRow, values, key=("tenant_id", "user_id"))

    async def note_reminded(
        self, person: str, proposals: Sequence[int], before: Mapping[int, Reminded], *, at: datetime
    ) -> None:
        """Somebody was reminded of these proposals; `before` is how often they had been."""
        for proposal_id in proposals:
            values = {
                "tenant_id": self._scope.tenant_id,
                "user_id": person,
                "proposal_id": proposal_id,
                "times": before[proposal_id].times + 1 if proposal_id in before else 1,
                "last_at": at,
            }
            await self._put(ReminderRow, values, key=("tenant_id", "user_id", "proposal_id"))

    async def forget_others(self, proposals: Collection[int]) -> None:
        """Forget the reminders of all proposals but these."""
        await self._scope.changed(
            delete(ReminderRow).where(
                ReminderRow.tenant_id == self._scope.tenant_id, ReminderRow.proposal_id.not_in(sorted(proposals))
            )
        )

    async def people(self, people: Collection[str]) -> Mapping[str, KnownPerson]:
        """What is known of these people; who was never read has no key."""
        rows = await self._scope.session.scalars(
            select(ApproverRow).where(
                ApproverRow.tenant_id == self._scope.tenant_id, ApproverRow.user_id.in_(sorted(people))
            )
        )
        return {
            row.user_id: KnownPerson(zone=row.zone, utc_offset=row.utc_offset, read_at=row.read_at, is_gone=row.is_gone)
            for row in rows
        }

    async def save_person(self, person: str, known: KnownPerson) -> None:
        """Keep what Slack said of somebody."""
        values = {
            "tenant_id": self._scope.tenant_id,
            "user_id": person,
            "zone": known.zone,
            "utc_offset": known.utc_offset,
            "read_at": known.read_at,
            "is_gone": known.is_gone,
        }
        await self._put(ApproverRow, values, key=("tenant_id", "user_id"))

    async def _put(
        self,
        table: type[ApproverRow | ReminderRow | ReminderMessageRow],
        values: Mapping[str, object],
        *,
        key: tuple[str, ...],
    ) -> None:
        update = tuple(name for name in values if name not in key)
        await self._scope.changed(insert_or_update(self._scope.dialect, table, dict(values), key=key, update=update))
