"""Who is who: roles from user ids and user groups, read at the click."""

from __future__ import annotations

import asyncio
from collections.abc import Collection

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.requests.people import Person, Role
from bot.errors import SlackError, SlackUnavailable
from bot.slack.client import TRY_AGAIN, call

_log = structlog.get_logger(__name__)

#: So long may a group take, in seconds: whoever acts has to be answered within three.
WITHIN = 1.5


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

        Only groups that could add a role are read. When one can't be, the person has the roles that are certain, and
        `doubt` says why not more: refused, not guessed.
        """
        roles = {role for role, entitled in self._entitled.items() if user_id in entitled and not _is_group(user_id)}
        if Role.APPROVER in roles:
            return Person(user_id=user_id, roles=frozenset(roles))  # no other role adds a right
        wanted = {
            role: [group for group in ids if _is_group(group)]
            for role, ids in self._entitled.items()
            if role not in roles
        }
        groups = sorted({group for ids in wanted.values() for group in ids})
        readings = await asyncio.gather(*(self._members(group) for group in groups), return_exceptions=True)
        members: dict[str, frozenset[str]] = {}
        doubt: SlackError | None = None
        for group, reading in zip(groups, readings, strict=True):
            if isinstance(reading, SlackError):
                _log.warning("user group could not be read", group=group, error=str(reading))
                doubt = reading
            elif isinstance(reading, BaseException):
                raise reading
            else:
                members[group] = reading
        roles |= {role for role, ids in wanted.items() if any(user_id in members.get(group, ()) for group in ids)}
        return Person(user_id=user_id, roles=frozenset(roles), doubt=doubt)

    async def _members(self, group: str) -> frozenset[str]:
        reading = self._readings.get(group)
        if reading is None or reading.done():
            reading = asyncio.create_task(self._read(group))
            self._readings[group] = reading
        return await asyncio.shield(reading)

    async def _read(self, group: str) -> frozenset[str]:
        answer = await call(self._client, "usergroups.users.list", {"usergroup": group}, within=WITHIN)
        users = answer.get("users")
        if not isinstance(users, list):
            raise SlackUnavailable(f"Slack's answer about the user group {group} could not be read.", TRY_AGAIN)
        return frozenset(str(user) for user in users)


def _is_group(entitled: str) -> bool:
    return entitled.startswith("S")
