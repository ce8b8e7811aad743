"""Who may do what."""

from __future__ import annotations

import pytest

from bot.domain.requests.people import Person, Right, Role
from bot.errors import NotPermitted, SlackUnavailable

#: The table of the documentation: role → what it entitles to.
ENTITLED = {
    Role.REQUESTER: {Right.PROPOSE, Right.CHECK, Right.SEE_REQUESTS},
    Role.APPROVER: {Right.PROPOSE, Right.REVIEW, Right.CHECK, Right.SEE_REQUESTS, Right.QUERY_AUDIT},
    Role.AUDITOR: {Right.CHECK, Right.SEE_REQUESTS, Right.QUERY_AUDIT},
    Role.EMERGENCY: {Right.PROPOSE, Right.CHECK, Right.SEE_REQUESTS, Right.BLOCK_AT_ONCE},
}


def person(*roles: Role) -> Person:
    return Person(user_id="U0ONE1", roles=frozenset(roles))


@pytest.mark.parametrize("right", Right)
@pytest.mark.parametrize("role", Role)
def test_each_role_entitles_to_what_the_table_says_and_no_more(role: Role, right: Right) -> None:
    assert person(role).has(right) is (right in ENTITLED[role])


@pytest.mark.parametrize("right", Right)
def test_without_a_role_there_is_no_right(right: Right) -> None:
    with pytest.raises(NotPermitted) as caught:
        person().require(right)
    assert caught.value.what.endswith(".")
    assert "whoever runs Portcullis" in caught.value.remedy


def test_roles_add_up() -> None:
    both = person(Role.REQUESTER, Role.AUDITOR)
    for right in ENTITLED[Role.REQUESTER] | ENTITLED[Role.AUDITOR]:
        both.require(right)
    with pytest.raises(NotPermitted):
        both.require(Right.REVIEW)


def test_a_doubt_is_told_instead_of_a_refusal_and_takes_nothing_away() -> None:
    doubt = SlackUnavailable("The group could not be read.", "Try again.")
    doubtful = Person(user_id="U0ONE1", roles=frozenset({Role.REQUESTER}), doubt=doubt)
    doubtful.require(Right.PROPOSE)
    with pytest.raises(SlackUnavailable) as caught:
        doubtful.require(Right.REVIEW)
    assert caught.value is doubt
