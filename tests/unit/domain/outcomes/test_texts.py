"""How the tenant's end of an entry differs from what it was told."""

from __future__ import annotations

import pytest

from bot.domain.lists.traits import Action, ListName
from bot.domain.outcomes.texts import another_end
from tests.unit.domain.outcomes.cases import FILTER, SENDER, entry
from tests.unit.domain.requests.cases import SECOND, in_days, request

BY_USE = "ends 45 days after its last use"
AT_ANOTHER = "ends 2030-01-11 03:04 UTC"


@pytest.mark.parametrize(
    ("name", "action", "wanted", "end", "by_use", "words"),
    [
        (SENDER, Action.BLOCK, 10, 10, False, ""),
        (SENDER, Action.BLOCK, 10, 9, False, AT_ANOTHER),
        (SENDER, Action.BLOCK, 10, None, False, "without an end"),
        (SENDER, Action.BLOCK, None, None, False, ""),
        (SENDER, Action.BLOCK, None, 9, False, AT_ANOTHER),
        # Portcullis ends it: the tenant was told of no end.
        (SENDER, Action.BLOCK, 200, None, False, ""),
        (SENDER, Action.BLOCK, 200, 9, False, AT_ANOTHER),
        (FILTER, Action.BLOCK, 10, None, False, ""),
        # Allows of senders without an end last as long as they are used.
        (SENDER, Action.ALLOW, None, None, True, ""),
        (SENDER, Action.ALLOW, 10, None, True, BY_USE),
        (SENDER, Action.BLOCK, None, None, True, BY_USE),
    ],
)
def test_another_end_is_said(
    name: ListName, action: Action, wanted: float | None, end: float | None, by_use: bool, words: str
) -> None:
    asked = request(list=name, action=action, end=wanted)
    assert another_end(asked, entry(end=end, list=name, action=action, bounded_by_use=by_use)) == words


def test_a_minute_more_or_less_is_the_same_end() -> None:
    end = in_days(10)
    assert end is not None
    asked = request(list=SENDER)
    assert another_end(asked, entry(expires=end - 60 * SECOND)) == ""
    assert another_end(asked, entry(expires=end - 61 * SECOND)) != ""
