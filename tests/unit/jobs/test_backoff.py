"""How long a failed job waits."""

from __future__ import annotations

import pytest

from bot.jobs.backoff import Backoff


@pytest.mark.parametrize(("failures", "seconds"), [(1, 2), (2, 4), (3, 8), (8, 256), (9, 300), (10_000, 300)])
def test_doubles_up_to_the_longest(failures: int, seconds: float) -> None:
    assert Backoff(chance=lambda: 1.0)(failures) == seconds
    assert Backoff(chance=lambda: 0.0)(failures) == seconds / 2


def test_jobs_that_failed_together_come_back_apart() -> None:
    backoff = Backoff()
    assert len({backoff(5) for _ in range(50)}) > 1
