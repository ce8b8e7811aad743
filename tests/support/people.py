"""The people of the installation for tests, each with the one role that their name says."""

from __future__ import annotations

from bot.domain.requests.people import Person, Role
from tests.support import installation


def _person(user_id: str, *roles: Role) -> Person:
    return Person(user_id=user_id, roles=frozenset(roles))


REQUESTER = _person(installation.REQUESTER, Role.REQUESTER)
APPROVER = _person(installation.APPROVER, Role.APPROVER)
SECOND = _person(installation.SECOND, Role.APPROVER)
THIRD = _person("U0APPROVE3", Role.APPROVER)
AUDITOR = _person(installation.AUDITOR, Role.AUDITOR)
ON_CALL = _person(installation.REQUESTER, Role.REQUESTER, Role.EMERGENCY)


_EVERYBODY = {person.user_id: person for person in (REQUESTER, APPROVER, SECOND, THIRD, AUDITOR)}


async def who_is(user_id: str) -> Person:
    """Who somebody is, with the roles that they have; anybody else has none."""
    return _EVERYBODY.get(user_id, Person(user_id=user_id))
