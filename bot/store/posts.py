"""What is posted to Slack, written down before the call: a message whose answer was lost is found, and not repeated.

A row is known by its key, which says what is posted (`card:12:C0APPROVALS`). The message carries the row's token, made
by chance: two installations in one channel never take each other's messages for their own.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, and_, bindparam, delete, func, or_, select, update

from bot.store.databases import prepared_insert_or_ignore
from bot.store.scope import Scope, short_key
from bot.store.slack_tables import PostRow
from bot.store.table import core


@dataclass(frozen=True, slots=True, kw_only=True)
class PostIntent:
    """One message that is to stand in Slack once."""

    key: str
    token: str  #: what the message carries
    begun_at: datetime  #: when it was first called for
    calls: int  #: how many calls of unknown outcome there were, the one that is under way included
    #: While an outcome isn't known: whoever doesn't find the message then may be sure that it isn't there.
    sure_at: datetime | None
    posted_at: datetime | None
    #: Where it stands; empty where only its reader knows. Until then, where it was called for last.
    channel: str
    ts: str
    lost: int  #: how often it was found to be gone

    @property
    def is_posted(self) -> bool:
        """Whether it is known to stand."""
        return self.posted_at is not None

    @property
    def is_in_doubt(self) -> bool:
        """Whether it may stand, and nobody knows."""
        return self.posted_at is None and self.sure_at is not None


_table = core(PostRow)
_is = and_(_table.c.tenant_id == bindparam("its_tenant"), _table.c.key == bindparam("its_key"))
_FIND = select(_table).where(_is)
_POSTED = (
    update(_table)
    .where(_is)
    .values(posted_at=bindparam("now"), sure_at=None, channel=bindparam("where"), ts=bindparam("its_ts"))
)


class Posts:
    """The posts of one tenant, within one unit of work."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def find(self, key: str) -> PostIntent | None:
        """What is known of a post; None where it was never called for."""
        row = (await self._scope.prepared(_FIND, self._named(key))).first()
        return None if row is None else _intent(row)

    async def call(
        self, key: str, *, sure_at: datetime, seen: PostIntent | None, is_absent: bool = False, to: str = ""
    ) -> PostIntent | None:
        """Write down that a call is about to be made, whose outcome can be told by looking from `sure_at` on. `to` is
        the channel or person that it names.

        `seen` is what the caller has found of it before. None, and nothing is written, where it isn't so any more:
        somebody else has called for it meanwhile. With `is_absent` the calls of before surely came to nothing.
        """
        if seen is None:
            new = PostIntent(
                key=short_key(key),
                token=_new_token(),
                begun_at=self._scope.clock(),
                calls=1,
                sure_at=sure_at,
                posted_at=None,
                channel=to,
                ts="",
                lost=0,
            )
            added = await self._scope.prepared(
                prepared_insert_or_ignore(self._scope.dialect.name, _table),
                {"tenant_id": self._scope.tenant_id, **asdict(new)},
            )
            return new if added.rowcount else None
        as_seen = and_(
            self._is(key), PostRow.token == seen.token, PostRow.calls == seen.calls, PostRow.posted_at.is_(None)
        )
        calls = 1 if is_absent else PostRow.calls + 1
        changed = await self._scope.changed(
            update(PostRow).where(as_seen).values(calls=calls, sure_at=sure_at, channel=to)
        )
        return await self.find(key) if changed else None

    async def unanswered(self, key: str, *, sure_at: datetime) -> None:
        """The call is over without an answer: looking tells its outcome from `sure_at` on."""
        await self._change(and_(self._is(key), PostRow.posted_at.is_(None)), sure_at=sure_at)

    async def not_sent(self, key: str) -> None:
        """The call was refused: nothing stands by it."""
        await self._change(and_(self._is(key), PostRow.posted_at.is_(None)), calls=PostRow.calls - 1, sure_at=None)

    async def posted(self, key: str, *, channel: str, ts: str) -> None:
        """It stands; `channel` and `ts` are empty where nobody but its reader can know where."""
        stands = {"now": self._scope.clock(), "where": channel, "its_ts": ts}
        await self._scope.prepared(_POSTED, {**self._named(key), **stands})

    async def lost(self, channel: str, ts: str) -> None:
        """What stood there was found to be gone. Its next post is a message of its own, with another token."""
        await self._change(
            and_(self._mine(), PostRow.channel == channel, PostRow.ts == ts, PostRow.posted_at.is_not(None)),
            lost=PostRow.lost + 1,
            token=_new_token(),
            calls=0,
            posted_at=None,
            channel="",
            ts="",
        )

    async def in_doubt(self, beginnings: Collection[str]) -> list[PostIntent]:
        """The messages that may stand in Slack and aren't on record, whose keys begin in one of some ways."""
        wanted: dict[str, Any] = {"its_tenant": self._scope.tenant_id}
        for place, beginning in enumerate(beginnings):
            wanted |= {f"length{place}": len(beginning), f"beginning{place}": beginning}
        rows = await self._scope.prepared(_in_doubt(len(beginnings)), wanted) if beginnings else ()
        return sorted((_intent(row) for row in rows), key=lambda intent: intent.key)

    async def forget(self, before: datetime) -> int:
        """Delete those that were called for before a time: nothing asks for them any more. How many."""
        return await self._scope.changed(delete(PostRow).where(self._mine(), PostRow.begun_at < before))

    async def _change(self, which: ColumnElement[bool], **values: object) -> None:
        await self._scope.changed(update(PostRow).where(which).values(**values))

    def _named(self, key: str) -> dict[str, Any]:
        return {"its_tenant": self._scope.tenant_id, "its_key": short_key(key)}

    def _is(self, key: str) -> ColumnElement[bool]:
        return and_(self._mine(), PostRow.key == short_key(key))

    def _mine(self) -> ColumnElement[bool]:
        return and_(PostRow.tenant_id == self._scope.tenant_id)


@cache
def _in_doubt(beginnings: int) -> Select[*tuple[Any, ...]]:
    """What is in doubt and has one of so many beginnings: by the index of those in doubt, which are few."""
    begins = [
        func.substr(_table.c.key, 1, bindparam(f"length{place}", type_=Integer)) == bindparam(f"beginning{place}")
        for place in range(beginnings)
    ]
    is_in_doubt = and_(_table.c.posted_at.is_(None), _table.c.sure_at.is_not(None))
    return select(_table).where(_table.c.tenant_id == bindparam("its_tenant"), is_in_doubt, or_(*begins))


def _new_token() -> str:
    return secrets.token_urlsafe(12)


def _intent(row: Any) -> PostIntent:  # noqa: ANN401 - a row of the table, mapped or not
    return PostIntent(
        key=row.key,
        token=row.token,
        begun_at=row.begun_at,
        calls=row.calls,
        sure_at=row.sure_at,
        posted_at=row.posted_at,
        channel=row.channel,
        ts=row.ts,
        lost=row.lost,
    )
