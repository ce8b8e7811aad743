"""When somebody works, as far as Slack says: their time zone, kept in the database, and their do-not-disturb of now.

Without the scopes for it (`users:read`, `dnd:read`) working hours are those of UTC, and nobody's do-not-disturb is
known; the doctor says so.

https://docs.slack.dev/reference/methods/users.info and https://docs.slack.dev/reference/methods/dnd.info
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.requests.working_hours import Quiet
from bot.errors import DestinationGone, SlackError, SlackUnavailable
from bot.slack.client import call
from bot.slack.names import names_in
from bot.slack.pace import QUIET, WHO, Importance, SlackPace
from bot.store.approvers import KnownPerson
from bot.store.people import Names
from bot.workflow.shared.context import Context

_log = structlog.get_logger(__name__)

#: What was read of a person is read anew after so long: people move, and summer time begins.
READ_ANEW_AFTER = timedelta(days=1)

#: No time zone is further from UTC, in seconds.
_FURTHEST = 15 * 3600
_ZONE = re.compile(r"[A-Za-z0-9_+-]{1,40}(/[A-Za-z0-9_+-]{1,40}){0,2}")
_LAST_TIME = 2**31


def zone_of(known: KnownPerson) -> tzinfo:
    """The time zone of a person: by its name, else by its distance from UTC, else UTC."""
    if _ZONE.fullmatch(known.zone):
        try:
            return ZoneInfo(known.zone)
        except (ZoneInfoNotFoundError, OSError, ValueError):
            pass  # this machine doesn't know it
    return timezone(timedelta(seconds=known.utc_offset)) if known.utc_offset else UTC


def is_fresh(known: KnownPerson | None, *, now: datetime) -> bool:
    """Whether what is kept of a person still counts."""
    return known is not None and abs(now - known.read_at) < READ_ANEW_AFTER


class WhenPeopleWork:
    """Asks Slack, as often as it may be asked."""

    def __init__(self, *, context: Context, client: AsyncWebClient) -> None:
        self._context = context
        self._client = client
        self._pace = SlackPace(context.budgets, clock=lambda: context.store.clock().timestamp())

    async def person(self, user: str) -> KnownPerson:
        """What is known of somebody, read anew where that is too old.

        Raises SlackUnavailable and TryLater to be tried again, and StoreError.
        """
        now = self._context.now()
        async with self._context.store.read() as uow:
            kept = (await uow.approvers.people([user])).get(user)
        if kept is not None and is_fresh(kept, now=now):
            return kept
        known, names = await self._read(user, now)
        async with self._context.store.write() as uow:
            await uow.approvers.save_person(user, known)
            # The audit log is read by it.
            await uow.people.describe(user, names)
        return known

    async def quiet(self, user: str) -> Quiet | None:
        """While somebody doesn't want to be disturbed, now or next; None where they do, or Slack doesn't say.

        Raises SlackUnavailable and TryLater to be tried again.
        """
        try:
            answer = await self._ask(QUIET, user)
        except SlackUnavailable:
            raise
        except SlackError as error:
            _log.info("do-not-disturb can't be read", person=user, error=str(error))
            return None
        begins, ends = _time(answer.get("next_dnd_start_ts")), _time(answer.get("next_dnd_end_ts"))
        if answer.get("dnd_enabled") is not True or begins is None or ends is None:
            return None
        return Quiet(begins=begins, ends=ends)

    async def _read(self, user: str, now: datetime) -> tuple[KnownPerson, Names]:
        """What Slack says of somebody, and what they are called; empty where it doesn't say."""
        try:
            answer = await self._ask(WHO, user)
        except SlackUnavailable:
            raise
        except DestinationGone:
            return KnownPerson(zone="", utc_offset=0, read_at=now, is_gone=True), Names(handle="")
        except SlackError as error:
            _log.warning("a time zone can't be read, and is taken for UTC", person=user, error=str(error))
            return KnownPerson(zone="", utc_offset=0, read_at=now), Names(handle="")
        found = answer.get("user")
        person: Mapping[str, Any] = found if isinstance(found, Mapping) else {}
        zone, offset = person.get("tz"), person.get("tz_offset")
        known = KnownPerson(
            zone=zone if isinstance(zone, str) and _ZONE.fullmatch(zone) else "",
            utc_offset=offset if isinstance(offset, int) and abs(offset) <= _FURTHEST else 0,
            read_at=now,
            is_gone=person.get("deleted") is True,
        )
        return known, names_in(person)

    async def _ask(self, method: str, user: str) -> Mapping[str, Any]:
        async with self._pace.turn(method, user, Importance.CONFIRMATION, need=user):
            return await call(self._client, method, {"user": user})


def _time(value: object) -> datetime | None:
    return datetime.fromtimestamp(value, UTC) if isinstance(value, int) and 0 < value < _LAST_TIME else None
