"""How long a lease is: short, so that a replica's work is soon taken over, and long enough to be renewed in time."""

from __future__ import annotations

import pytest

from bot.jobs.lease import LeaseLength


@pytest.mark.parametrize(
    ("took", "seconds"),
    [
        ([], 6),
        ([0.01, 0.5, 0.9], 6),
        ([2.0], 12),
        ([2.0, 3.0], 18),
        ([100.0], 30),  # a peer waits no longer than that for what a replica was doing that died
    ],
)
def test_a_lease_is_longer_where_giving_and_renewing_take_long(took: list[float], seconds: float) -> None:
    length = LeaseLength(6.0)
    for each in took:
        length.note(each)
    assert length.seconds == pytest.approx(seconds)


def test_a_lease_that_could_not_be_kept_is_not_given_as_short_again_at_once() -> None:
    length = LeaseLength(6.0)
    length.note_lost(length.seconds)
    length.note(0.1)
    assert 11 < length.seconds <= 12
    for _ in range(20):
        length.note(0.1)
    assert length.seconds == pytest.approx(6)


def test_what_is_long_from_the_start_is_not_made_shorter() -> None:
    length = LeaseLength(60.0)
    length.note(100.0)
    assert length.seconds == pytest.approx(60)
