"""Who is in the user groups that give roles: kept in the database, and read from Slack when that is too old.

Slack takes about twenty questions a minute (`usergroups.users.list`, tier 2) and tells of changes by events. So an
ordinary act goes by what was read within the last minute, and a decision by what is read after it: whoever was taken
out of a group before the click can't decide, whatever became of the event.

https://docs.slack.dev/apis/web-api/rate-limits and https://docs.slack.dev/reference/events/subteam_members_changed
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.telling.alert_facts import AlertName
from bot.errors import MembersUnread, SlackError, SlackUnavailable
from bot.slack.client import call
from bot.store import Store
from bot.store.awaited import at_once
from bot.store.user_groups import KeptGroup
from bot.workflow.shared.alerts import alert_of_group

_log = structlog.get_logger(__name__)

#: So old may a membership be for an ordinary act.
FRESH = timedelta(minutes=1)

#: So old may it be while Slack can't be asked. What is older gives nobody a right.
LONGEST = timedelta(minutes=10)

#: So long may somebody wait for a group who has to be answered within three seconds; in seconds, like those below.
WITHIN = 1.5

#: So long may it take for whoever has no such limit: a job, the command line.
PATIENT = 10.0

#: A reading goes on for so long, also when those who asked for it have gone: it serves the next.
_READS_WITHIN = 10.0
#: A replica that has taken a reading on and doesn't end it keeps the others waiting for so long.
_CLAIM = timedelta(seconds=3)
#: How often it is looked whether another replica has read a group.
_LOOK_EVERY = 0.05
#: Slack's longest Retry-After that counts, see `bot.slack.client.seconds`.
_LONGEST_LIMIT = 3600.0
#: When to ask again, where Slack didn't name a time.
_ASK_AGAIN = 5.0


class Memberships:
    """The members of user groups. One reading serves all who wait for it."""

    def __init__(self, client: AsyncWebClient, store: Store) -> None:
        self._client = client
        self._store = store
        self._readings: dict[str, asyncio.Task[frozenset[str]]] = {}
        #: When this process last asked, and what it was told. The clocks of others say nothing of before and after.
        self._own: dict[str, tuple[float, frozenset[str]]] = {}

    async def members(
        self, groups: Collection[str], *, since: float | None = None, within: float = WITHIN
    ) -> Mapping[str, frozenset[str] | SlackError]:
        """Who is in each of the groups; or why that can't be told, as an error to be raised where it matters.

        With `since`, a time by the clock of the running loop, what was asked after it counts. Without, a reading of
        the last minute will do, and one of the last ten while Slack can't be asked, unless Slack has told of a change
        since. MembersUnread: ask again after its `retry_after`; any other SlackError: somebody has to look after the
        group. Raises StoreError.
        """
        if not groups:
            return {}
        async with self._store.read() as uow:
            kept = await uow.user_groups.kept(groups)
        names = sorted(groups)
        now = self._store.clock()
        known = {name: self._known(name, kept.get(name, KeptGroup()), since=since, now=now) for name in names}
        if None not in known.values():
            return {name: members for name, members in known.items() if members is not None}
        await self._store.look_anew()  # Slack is asked, or another replica waited for
        wait = self._left(group.limited_until for group in kept.values() if not group.trouble)
        found = await asyncio.gather(
            *(self._found(name, kept.get(name, KeptGroup()), wait, since=since, within=within) for name in names)
        )
        return dict(zip(names, found, strict=True))

    async def changed(self, group: str) -> None:
        """Slack has told that a group has changed: it is read anew before anybody has a right by it."""
        async with self._store.write() as uow:
            await uow.user_groups.note_change(group, at=self._store.clock())

    async def _found(
        self, group: str, kept: KeptGroup, wait: float, *, since: float | None, within: float
    ) -> frozenset[str] | SlackError:
        now = self._store.clock()
        age = kept.age(now)
        if (known := self._known(group, kept, since=since, now=now)) is not None:
            return known
        if kept.trouble and self._left([kept.limited_until]):
            return _gone(group, kept.trouble)
        try:
            if wait:
                raise _limited(group, wait)
            async with asyncio.timeout(within):
                return await (self._read_once(group) if since is None else self._read_after_now(group))
        except TimeoutError:
            error: SlackError = _unread(group, "Slack takes too long to answer.", _ASK_AGAIN)
        except SlackError as failed:
            error = failed
        if since is None and age is not None and age < LONGEST and isinstance(error, MembersUnread):
            _log.info("user group as it was last read", group=group, age=age.total_seconds(), error=error.what)
            return kept.members
        _log.warning("user group could not be read", group=group, error=str(error))
        return error

    def _known(self, group: str, kept: KeptGroup, *, since: float | None, now: datetime) -> frozenset[str] | None:
        """Who is in a group where that is known without asking."""
        if since is None:
            age = kept.age(now)
            return kept.members if age is not None and age < FRESH else None
        own = self._own.get(group)
        return own[1] if own is not None and own[0] >= since else None

    def _left(self, limits: Iterable[datetime | None]) -> float:
        """The seconds until Slack may be asked again: what it limits is the method, whatever the group."""
        now = self._store.clock()
        left = [(until - now).total_seconds() for until in limits if until is not None]
        # No limit lasts an hour: a clock was set back.
        return max((seconds for seconds in left if 0 < seconds <= _LONGEST_LIMIT), default=0.0)

    async def _read_once(self, group: str) -> frozenset[str]:
        """A reading that is on its way, or one of our own; or what another replica has read meanwhile."""
        while (reading := self._running(group)) is None:
            async with self._store.read() as uow:
                kept = (await uow.user_groups.kept([group])).get(group, KeptGroup())
            now = self._store.clock()
            is_free = kept.read_until is None or kept.read_until <= now
            if is_free:
                async with self._store.write() as uow:
                    is_free = await uow.user_groups.claim(group, now=now, until=now + _CLAIM)
                    # Whoever had it may have ended in between.
                    kept = (await uow.user_groups.kept([group]))[group]
            if wait := self._left([kept.limited_until]):
                raise _gone(group, kept.trouble) if kept.trouble else _limited(group, wait)
            age = kept.age(now)
            if age is not None and age < FRESH:
                return kept.members
            if is_free:
                reading = self._running(group) or self._begin(group)
                break
            await asyncio.sleep(_LOOK_EVERY)
        return await asyncio.shield(reading)

    async def _read_after_now(self, group: str) -> frozenset[str]:
        """A reading that begins after this was called: whoever waits for the same one shares it."""
        before = self._running(group)
        if before is not None:
            await asyncio.wait([before])
        # What runs now was begun by somebody who waited as well, after the one above.
        return await asyncio.shield(self._running(group) or self._begin(group))

    def _running(self, group: str) -> asyncio.Task[frozenset[str]] | None:
        reading = self._readings.get(group)
        return None if reading is None or reading.done() else reading

    def _begin(self, group: str) -> asyncio.Task[frozenset[str]]:
        reading = asyncio.create_task(self._read_at_once(group), name=f"user group {group}")
        # Those who asked may have gone: then nobody asks for its error.
        reading.add_done_callback(lambda done: done.cancelled() or done.exception())
        self._readings[group] = reading
        return reading

    async def _read_at_once(self, group: str) -> frozenset[str]:
        with at_once():  # whoever is awaited may come to wait for a reading that was begun for somebody who isn't
            return await self._read(group)

    async def _read(self, group: str) -> frozenset[str]:
        asked_at, began = self._store.clock(), asyncio.get_running_loop().time()
        try:
            answer = await call(self._client, "usergroups.users.list", {"usergroup": group}, within=_READS_WITHIN)
            users = answer.get("users")
            if not isinstance(users, list):
                raise SlackUnavailable("Slack's answer could not be read.")
        except SlackUnavailable as error:
            raise await self._not_now(group, error) from error
        except SlackError as error:
            raise await self._not_at_all(group, error) from error
        members = frozenset(str(user) for user in users)
        async with self._store.write() as uow:
            await uow.user_groups.save(group, members, asked_at=asked_at)
        self._own[group] = (began, members)
        return members

    async def _not_now(self, group: str, error: SlackUnavailable) -> MembersUnread:
        """Slack is limiting, down or not to be understood: what is kept goes on for a while."""
        now = self._store.clock()
        async with self._store.write() as uow:
            if error.retry_after is not None:
                await uow.user_groups.note_limit(group, until=now + timedelta(seconds=error.retry_after))
            kept = (await uow.user_groups.kept([group])).get(group, KeptGroup())
            age = kept.age(now)
            if age is None or age < LONGEST:
                return _limited(group, error.retry_after) if error.retry_after else _unread(group, error.what)
            if await uow.user_groups.note_trouble(group, error.what, forget=False):
                await alert_of_group(uow, AlertName.GROUP_UNREAD, group=group, details=str(error))
        return _unread(group, error.what)

    async def _not_at_all(self, group: str, error: SlackError) -> SlackError:
        """The group is gone, or the bot may not read it: from now on nobody is in it."""
        async with self._store.write() as uow:
            if await uow.user_groups.note_trouble(group, error.what, forget=True):
                await alert_of_group(uow, AlertName.GROUP_UNREAD, group=group, details=str(error))
            # Nobody mends it within the minute: Slack takes no more than twenty questions in one, whatever the answer.
            await uow.user_groups.note_limit(group, until=self._store.clock() + FRESH)
        return _gone(group, error.what)


def _gone(group: str, why: str) -> SlackError:
    return SlackError(
        f"The user group {group} can't be read, so nobody has a right by it. {why}", "Tell whoever runs Portcullis."
    )


def _limited(group: str, left: float) -> MembersUnread:
    return _unread(group, "Slack limits how often it may be asked.", left)


def _unread(group: str, why: str, left: float = _ASK_AGAIN) -> MembersUnread:
    wait = max(1, math.ceil(left))
    return MembersUnread(
        f"Who is in the user group {group} can't be read right now. {why}",
        f"Try again in {wait} seconds.",
        retry_after=float(wait),
    )
