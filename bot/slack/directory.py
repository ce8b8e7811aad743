"""Who is who: roles from user ids and user groups, read at the click."""

from __future__ import annotations

import asyncio
from collections.abc import Collection

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.people import Person, Role
from bot.errors import SlackError
from bot.slack.client import call

_log = structlog.get_logger(__name__)


class Directory:
    """Knows who has which role.

    User ids need no call. A user group is read from Slack each time somebody acts, so that whoever was taken out of it
    a second ago can't approve; people who act in the same moment share one reading (`usergroups.users.list` allows
    about twenty a minute).
    """

    def __init__(
        self,
        client: AsyncWebClient,
        *,
        requesters: Collection[str],
        approvers: Collection[str],
        auditors: Collection[str],
    ) -> None:
        self._client = client
        self._entitled = {
            Role.REQUESTER: frozenset(requesters),
            Role.APPROVER: frozenset(approvers),
            Role.AUDITOR: frozenset(auditors),
        }
        self._readings: dict[str, asyncio.Task[frozenset[str]]] = {}

    async def person(self, user_id: str) -> Person:
        """The person with the roles that they have now.

        Raises SlackError when a group can't be read and nothing else entitles the person: refused, not guessed.
        """
        direct = {role for role, ids in self._entitled.items() if user_id in ids}
        groups = sorted({one for ids in self._entitled.values() for one in ids if one.startswith("S")})
        readings = await asyncio.gather(*(self._members(group) for group in groups), return_exceptions=True)
        members: dict[str, frozenset[str]] = {}
        for group, reading in zip(groups, readings, strict=True):
            if isinstance(reading, SlackError):
                _log.warning("user group could not be read", group=group, error=str(reading))
                if not direct:
                    raise reading
            elif isinstance(reading, BaseException):
                raise reading
            else:
                members[group] = reading
        by_group = {
            role
            for role, ids in self._entitled.items()
            if any(user_id in members.get(group, frozenset()) for group in ids)
        }
        return Person(user_id=user_id, roles=frozenset(direct | by_group))

    async def _members(self, group: str) -> frozenset[str]:
        reading = self._readings.get(group)
        if reading is None or reading.done():
            reading = asyncio.create_task(self._read(group))
            self._readings[group] = reading
        return await asyncio.shield(reading)

    async def _read(self, group: str) -> frozenset[str]:
        answer = await call(self._client, "usergroups.users.list", {"usergroup": group})
        return frozenset(str(user) for user in answer.get("users") or ())
