"""Who is who: roles from user ids and user groups, as they are now."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import replace

from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.requests.people import Person, Role
from bot.domain.requests.who_decides import groups_of
from bot.errors import MembersUnread, NotPermitted, SlackError
from bot.slack.memberships import PATIENT, WITHIN, Memberships
from bot.store import Store


class Directory:
    """Knows who has which role.

    User ids need no call. The members of a user group are read from Slack, see `bot.slack.memberships`: after the click
    for a decision, within the last minute for everything else.
    """

    def __init__(
        self,
        client: AsyncWebClient,
        *,
        store: Store,
        requesters: Collection[str],
        approvers: Collection[str],
        auditors: Collection[str],
        decide_by_rules: Collection[str] = (),
        propose_by_rules: Collection[str] = (),
        emergency: Collection[str] = (),
    ) -> None:
        """`decide_by_rules` and `propose_by_rules` are whom rules name, as approvers and as requesters."""
        self._entitled = {
            Role.REQUESTER: frozenset(requesters),
            Role.APPROVER: frozenset(approvers),
            Role.AUDITOR: frozenset(auditors),
            Role.EMERGENCY: frozenset(emergency),
        }
        self._deciding = groups_of(decide_by_rules)
        self._proposing = groups_of(propose_by_rules)
        named = groups_of(name for names in self._entitled.values() for name in names)
        self._groups = named | self._deciding | self._proposing
        self._memberships = Memberships(client, store)

    async def person(
        self, user_id: str, *, since: float | None = None, within: float = WITHIN, visitor: str = ""
    ) -> Person:
        """The person with the roles that they have now; for a decision, which was made at `since`, after it.

        `since` is by the clock of the running loop. Only groups that could add a right are read, for `within` seconds
        from then, or from now. When one can't be, the person has the roles that are certain, and `doubt` says why not
        more: refused, not guessed. A MembersUnread passes by itself.
        Of the groups that rules name, those that they are in are told too; for a decision, those whose members decide.
        `visitor` is who acts from another workspace: they have the roles that are given to their id, and none by a
        group, which is of this workspace. Raises StoreError.
        """
        roles = {role for role, entitled in self._entitled.items() if user_id in entitled and not _is_group(user_id)}
        ends = (asyncio.get_running_loop().time() if since is None else since) + within
        if user_id == visitor:
            doubt = None if Role.APPROVER in roles else _visits()
            return Person(user_id=user_id, roles=frozenset(roles), doubt=doubt)
        doubts: list[SlackError] = []
        if Role.APPROVER not in roles:
            roles, doubts = await self._by_groups(user_id, roles, (Role.APPROVER,), since=since, ends=ends)
        if others := [role for role in self._adding(roles) if role is not Role.APPROVER]:
            roles, more = await self._by_groups(user_id, roles, others, since=since, ends=ends)
            doubts += more
        # The one that passes goes first: who tries again then hears of the other.
        doubts.sort(key=lambda error: not isinstance(error, MembersUnread))
        person = Person(user_id=user_id, roles=frozenset(roles), doubt=doubts[0] if doubts else None)
        return await self._with_groups(person, since=since, ends=ends)

    async def _with_groups(self, person: Person, *, since: float | None, ends: float) -> Person:
        """The same person, with the groups of rules that they are in. Who has no role can do nothing by any of them."""
        wanted = self._deciding if since is not None else self._deciding | self._proposing
        if not wanted or not person.roles:
            return person
        left = max(0.0, ends - asyncio.get_running_loop().time())
        return _in_groups(person, await self._memberships.members(wanted, since=since, within=left))

    def _adding(self, roles: Collection[Role]) -> list[Role]:
        """The other roles that somebody with these could have by a group, and that would add a right."""
        adding = [role for role in Role if role not in roles]
        if Role.APPROVER in roles:  # who has every right but that of an emergency
            adding = [role for role in adding if role is Role.EMERGENCY]
        return [role for role in adding if any(map(_is_group, self._entitled[role]))]

    async def _by_groups(
        self, user_id: str, roles: set[Role], wanted: Collection[Role], *, since: float | None, ends: float
    ) -> tuple[set[Role], list[SlackError]]:
        """The roles with those of `wanted` that the person has by a group, and why some can't be told."""
        groups = {role: {name for name in self._entitled[role] if _is_group(name)} for role in wanted}
        left = max(0.0, ends - asyncio.get_running_loop().time())
        found = await self._memberships.members(set().union(*groups.values()), since=since, within=left)
        members = {group: people for group, people in found.items() if isinstance(people, frozenset)}
        doubts = [error for error in found.values() if isinstance(error, SlackError)]
        added = {role for role, names in groups.items() if any(user_id in members.get(name, ()) for name in names)}
        return roles | added, doubts

    async def approvers(self) -> Mapping[str, Person]:
        """All approvers of now, by their ids, as far as their groups can be read. Raises StoreError."""
        named = self._entitled[Role.APPROVER]
        groups = {name for name in named if _is_group(name)}
        found = await self._memberships.members(groups | self._deciding, within=PATIENT)
        members = [people for group, people in found.items() if group in groups and isinstance(people, frozenset)]
        by_rules = {group: people for group, people in found.items() if group in self._deciding}
        return {
            user: _in_groups(Person(user_id=user, roles=frozenset({Role.APPROVER})), by_rules)
            for user in frozenset(named - groups).union(*members)
        }

    async def prepare(self) -> None:
        """Read the groups before anybody acts, so that nobody has to wait for it. What can't be read is in the log.

        Raises StoreError.
        """
        await self._memberships.members(self._groups, within=PATIENT)

    async def group_changed(self, group: str) -> None:
        """Slack has told of a change in a user group: if it gives a role, it is read anew. Raises StoreError."""
        if group in self._groups:
            await self._memberships.changed(group)


def _is_group(entitled: str) -> bool:
    return entitled.startswith("S")


def _in_groups(person: Person, found: Mapping[str, frozenset[str] | SlackError]) -> Person:
    """The same person, with those of the groups that were looked at that they are in, and those that are unread."""
    return replace(
        person,
        groups=frozenset(
            group for group, people in found.items() if isinstance(people, frozenset) and person.user_id in people
        ),
        unread={group: error for group, error in found.items() if isinstance(error, SlackError)},
    )


def _visits() -> NotPermitted:
    return NotPermitted(
        "You act from another workspace than the one that Portcullis serves, so you have no role here.",
        "Act from that workspace, or ask whoever runs Portcullis to name your member ID among those who have one.",
    )
