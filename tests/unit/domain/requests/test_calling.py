"""Who is called to decide on a request, and when the others are."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.domain.auditing.events import EventKind
from bot.domain.requests.calling import Calling, called_events, to_call
from bot.domain.requests.parts import Parts
from bot.domain.requests.request import Request, Status
from bot.domain.requests.who_decides import Act, ApproverRule
from tests.support.samples import NOW, request, review

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ASKED = request().requester
REVIEWED = review().reviewer
OTHER, GROUP = "U0SOMEBODY", "S0GROUP"


def one_list(waits: Request) -> Parts:
    return Parts(requests=(waits,))


def by_rule(*approvers: str) -> ApproverRule:
    return ApproverRule(name="Some", acts=frozenset({Act.BLOCK}), approvers=approvers)


@pytest.mark.parametrize(
    ("rules", "called"),
    [
        ([], (GROUP, OTHER)),
        ([by_rule()], (GROUP, OTHER)),  # it only raises how many it takes
        ([by_rule(OTHER, "S0NETWORK")], (OTHER,)),
        ([by_rule("S0NETWORK", ASKED)], ("S0NETWORK",)),  # none of the named may be named by it
        ([by_rule(GROUP, OTHER), by_rule(GROUP)], (GROUP,)),
        ([ApproverRule(name="Allows", acts=frozenset({Act.ALLOW}), approvers=("S0NETWORK",))], (GROUP, OTHER)),
    ],
)
def test_where_a_rule_says_who_decides_those_are_called(rules: list[ApproverRule], called: tuple[str, ...]) -> None:
    assert to_call([GROUP, OTHER], one_list(request()), rules) == called
    assert to_call([], one_list(request()), rules) == (), "where nobody is to be called, no rule calls anybody"


@pytest.mark.parametrize(
    ("named", "called"),
    [
        ([], ()),
        ([GROUP, OTHER], (GROUP, OTHER)),
        ([GROUP, ASKED], (GROUP,)),  # nobody decides on their own
        ([ASKED], ()),
        ([REVIEWED, OTHER], (OTHER,)),  # has decided already
    ],
)
def test_who_is_called(named: list[str], called: tuple[str, ...]) -> None:
    assert to_call(named, one_list(request(approvals_needed=2, reviews=[review()]))) == called


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.PENDING])
def test_nobody_is_called_to_what_is_decided(status: Status) -> None:
    assert to_call([GROUP, OTHER], one_list(request(status=status))) == ()


@pytest.mark.parametrize(
    ("time", "before", "when"),
    [
        (7 * DAY, None, 6 * DAY),
        (4 * DAY, None, 3 * DAY),
        (2 * DAY, None, 36 * HOUR),
        (4 * HOUR, None, 3 * HOUR),
        (7 * DAY, 2 * HOUR, 7 * DAY - 2 * HOUR),
        (HOUR, 2 * HOUR, 0 * HOUR),  # never before it was proposed
    ],
)
def test_when_the_others_are_called(time: timedelta, before: timedelta | None, when: timedelta) -> None:
    assert Calling(second_before=before).second_at(NOW, NOW + time) == NOW + when


def test_each_who_is_called_is_an_event() -> None:
    waits = request(approvals_needed=2, reviews=[review()])
    events = called_events(EventKind.APPROVERS_CALLED, waits, [GROUP, OTHER], at=NOW)
    assert [(event.target, event.request_id, event.payload) for event in events] == [
        (name, waits.id, {"approvals_missing": 1}) for name in (GROUP, OTHER)
    ]
