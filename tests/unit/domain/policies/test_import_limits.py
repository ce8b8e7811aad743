"""How many indicators are proposed at once."""

from __future__ import annotations

import pytest

from bot.domain.indicators.reader import read
from bot.domain.policies.import_limits import MOST_BY_HAND, refuse_too_many

NAMES = [f"evil{number}.example" for number in range(MOST_BY_HAND + 1)]
ADDRESSES = [f"203.0.113.{number}" for number in range(MOST_BY_HAND)]


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ([], None),
        (NAMES[:MOST_BY_HAND], None),
        (NAMES, "101 indicators for one list"),
        (NAMES[:MOST_BY_HAND] + ADDRESSES, None),  # a request takes those of one list
        (NAMES[:MOST_BY_HAND] + NAMES[:50], None),  # the same twice counts once
        (NAMES + ADDRESSES, "101 indicators for one list"),
    ],
)
def test_a_request_takes_so_many_of_one_list(values: list[str], told: str | None) -> None:
    refusal = refuse_too_many([read(value) for value in values])
    assert (None if refusal is None else refusal.text.partition(" are ")[0]) == told
    if refusal is not None:
        assert refusal.code == "too_many"
        assert f"up to {MOST_BY_HAND} at a time" in refusal.remedy
