"""Who ends what a request adds or extends, and how an end is spelled."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone

import pytest

from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action, ListName
from bot.domain.requests.ends import is_ours_to_end, on, until
from tests.unit.domain.requests.cases import in_days, request


@pytest.mark.parametrize(
    ("name", "action", "end", "ours"),
    [
        (ListName.CONNECTION_FILTER, Action.BLOCK, 10, True),
        (ListName.CONNECTION_FILTER, Action.ALLOW, 7, True),
        (ListName.SPOOF, Action.ALLOW, 30, True),
        (ListName.CONNECTION_FILTER, Action.BLOCK, None, False),
        (ListName.SENDER, Action.BLOCK, 10, False),
        (ListName.SENDER, Action.BLOCK, 90, False),
        (ListName.SENDER, Action.BLOCK, 91, True),
        (ListName.SENDER, Action.ALLOW, 30, False),
    ],
)
def test_portcullis_ends_what_the_service_keeps_no_end_for(
    name: ListName, action: Action, end: float | None, ours: bool
) -> None:
    for operation in Operation:
        wanted = request(list=name, action=action, end=end, operation=operation)
        gives_an_end = operation in {Operation.ADD, Operation.EXTEND}
        assert is_ours_to_end(wanted) is (ours and gives_an_end)


@pytest.fixture
def _another_time_zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine that is not set to UTC."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "Asia/Tokyo")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.usefixtures("_another_time_zone")
def test_a_moment_is_spelled_in_utc() -> None:
    east = datetime(2030, 1, 2, 5, 4, 59, tzinfo=timezone(timedelta(hours=2)))
    assert on(east) == "2030-01-02 03:04 UTC"
    assert until(east) == "until 2030-01-02 03:04 UTC"
    assert until(in_days(None)) == "without an end"
