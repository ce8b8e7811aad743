"""What time it is: the one place that asks the machine.

Whatever depends on the time takes a `Clock`, or the time itself, so that a test can say what time it is. The domain
takes the time only.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeAlias

#: Gives the time: aware, in UTC.
Clock: TypeAlias = Callable[[], datetime]


def utc_now() -> datetime:
    """The machine's time: the `Clock` of whoever is given no other."""
    return datetime.now(UTC)
