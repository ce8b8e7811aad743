"""Who is in the user groups that give roles, as Slack last said, and which replica is asking Slack now."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, bindparam, delete, or_, select, update

from bot.store.databases import insert_or_update, prepared_insert_or_ignore
from bot.store.scope import Scope
from bot.store.slack_tables import UserGroupRow
from bot.store.table import core

_CLOCKS_DIFFER = timedelta(minutes=1)

_groups = core(UserGroupRow)
#: Asked with each delivery.
_KEPT = select(_groups).where(
    _groups.c.tenant_id == bindparam("tenant_id"), _groups.c.group.in_(bindparam("groups", expanding=True))
)


_is = (_groups.c.tenant_id == bindparam("its_tenant"), _groups.c.group == bindparam("its_group"))
#: Run for each decision.
_CLAIM = (
    update(_groups)
    .where(*_is, or_(_groups.c.read_until.is_(None), _groups.c.read_until <= bindparam("now")))
    .values(read_until=bindparam("new_until"))
)
_SAVE = (
    update(_groups)
    .where(*_is)
    .values(
        members=bindparam("new_members"),
        read_at=bindparam("asked_at"),
        read_until=None,
        limited_until=None,
        trouble="",
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptGroup:
    """A user group as it was last read. With `read_at` None it never was, or what was read doesn't count any more."""

    members: frozenset[str] = frozenset()
    read_at: datetime | None = None  #: when Slack was asked
    changed_at: datetime | None = None  #: when Slack last told of a change
    read_until: datetime | None = None  #: up to this time somebody is asking Slack
    limited_until: datetime | None = None  #: before this time Slack isn't asked
    trouble: str = ""  #: why it can't be read, once the alert channel was told

    def age(self, now: datetime) -> timedelta | None:
        """How long ago Slack was asked. None: what is kept doesn't count, because Slack has told of a change since."""
        if self.read_at is None or (self.changed_at is not None and self.changed_at >= self.read_at):
            return None
        # Replicas' clocks differ by seconds; one that was set back by more must not make an old reading new.
        return None if self.read_at > now + _CLOCKS_DIFFER else max(now - self.read_at, timedelta())


class UserGroups:
    """The user groups of one tenant's workspace, within one unit of work."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def kept(self, groups: Collection[str]) -> Mapping[str, KeptGroup]:
        """What is kept of these groups; one that was never seen has no key."""
        rows = await self._scope.prepared(_KEPT, {"tenant_id": self._scope.tenant_id, "groups": list(groups)})
        return {
            row.group: KeptGroup(
                members=frozenset(str(member) for member in row.members),
                read_at=row.read_at,
                changed_at=row.changed_at,
                read_until=row.read_until,
                limited_until=row.limited_until,
                trouble=row.trouble,
            )
            for row in rows
        }

    async def claim(self, group: str, *, now: datetime, until: datetime) -> bool:
        """Take the reading of a group on, up to a time. False: somebody else has, and `save` will tell."""
        await self._make(group)
        claimed = {"its_tenant": self._scope.tenant_id, "its_group": group, "now": now, "new_until": until}
        return (await self._scope.prepared(_CLAIM, claimed)).rowcount == 1

    async def save(self, group: str, members: Collection[str], *, asked_at: datetime) -> None:
        """Keep what Slack said of a group, and when it was asked."""
        await self._make(group)
        said = {"new_members": sorted(members), "asked_at": asked_at}
        await self._scope.prepared(_SAVE, {"its_tenant": self._scope.tenant_id, "its_group": group, **said})

    async def note_change(self, group: str, *, at: datetime) -> None:
        """Slack has told that a group has changed: what was read before that time doesn't count any more."""
        await self._scope.changed(
            insert_or_update(
                self._scope.dialect,
                UserGroupRow,
                self._new(group) | {"changed_at": at},
                key=("tenant_id", "group"),
                update=("changed_at",),
            )
        )

    async def note_limit(self, group: str, *, until: datetime) -> None:
        """Slack isn't to be asked before this time."""
        await self._make(group)
        await self._change(group, {"limited_until": until, "read_until": None})

    async def note_trouble(self, group: str, why: str, *, forget: bool) -> bool:
        """Write down that a group can't be read; with `forget`, nobody is in it from now on.

        False: it was in this trouble before, and whoever looks after it has been told.
        """
        await self._make(group)
        gone: dict[str, Any] = {"members": [], "read_at": None} if forget else {}
        await self._change(group, {"read_until": None, **gone})
        return await self._change(group, {"trouble": why}, UserGroupRow.trouble == "") == 1

    async def forget_others(self, groups: Collection[str]) -> int:
        """Delete what is kept of all groups but these; of how many."""
        return await self._scope.changed(
            delete(UserGroupRow).where(
                UserGroupRow.tenant_id == self._scope.tenant_id, UserGroupRow.group.not_in(sorted(groups))
            )
        )

    def _new(self, group: str) -> dict[str, Any]:
        return {"tenant_id": self._scope.tenant_id, "group": group, "members": [], "trouble": ""}

    async def _make(self, group: str) -> None:
        await self._scope.prepared(prepared_insert_or_ignore(self._scope.dialect.name, _groups), self._new(group))

    async def _change(self, group: str, values: Mapping[str, Any], *conditions: ColumnElement[bool]) -> int:
        return await self._scope.changed(
            update(UserGroupRow)
            .where(UserGroupRow.tenant_id == self._scope.tenant_id, UserGroupRow.group == group, *conditions)
            .values(**values)
        )
