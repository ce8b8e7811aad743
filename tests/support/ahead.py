"""Portcullis on another day: `python -m tests.support.ahead FILE SLACK ARGUMENT…` runs `portcullis ARGUMENT…` with its
clock ahead by what stands in a file, before a Slack that is `limited`, or `unlimited` in how often it takes a call.

What stands there is a `Lead`, which its owner may let grow while Portcullis runs: what is due by then is done a second
later. Only what Portcullis decides by is moved: its jobs, its requests, what it asks the tenant for. Signatures, tokens
and timeouts go by the machine's own time. What people do may take the database, and Slack to say who they are, as long
as a machine under load needs: that they are answered in time has tests of its own.
"""

from __future__ import annotations

import mmap
import os
import struct
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from importlib import import_module
from pathlib import Path
from types import ModuleType

from bot.budgets import Rate
from bot.clock import utc_now
from bot.jobs import schedule
from bot.slack import client, pace, reach
from bot.slack.jobs import posting
from bot.slack.jobs.posting import Posting
from bot.slack.listeners import deliveries, failures, steps, together
from bot.store.unit_of_work import Store
from bot.tenant.access import Patience
from bot.tenant.exchange.tenant import Tenant
from bot.workflow.asking.check import SILENT_AFTER
from bot.workflow.shared.context import Context

#: Whose clock is moved: what makes each, and the argument that is its clock when it is given no other.
_CLOCKS: tuple[tuple[Callable[..., None], str], ...] = (
    (Store.__init__, "clock"),
    (Context.__init__, "now"),
    (Tenant.__init__, "now"),
)

#: Set in its environment to so many seconds, Slack is waited for no longer where it doesn't answer, and the tenant so
#: much longer than until it counts as silent.
PATIENCE = "TEST_PATIENCE"

_SECONDS = struct.Struct("=d")


class Lead:
    """How far ahead a clock is, in a file that two processes have in memory at once."""

    def __init__(self, file: Path) -> None:
        if not file.exists():
            file.write_bytes(_SECONDS.pack(0.0))
        with file.open("r+b") as opened:
            self._shared = mmap.mmap(opened.fileno(), _SECONDS.size)

    @property
    def by(self) -> timedelta:
        return timedelta(seconds=_SECONDS.unpack_from(self._shared)[0])

    def grow(self, by: timedelta) -> None:
        """Let so much time pass at once."""
        _SECONDS.pack_into(self._shared, 0, (self.by + by).total_seconds())

    def now(self) -> datetime:
        """The time by the clock that is ahead."""
        return utc_now() + self.by


def _be_impatient(seconds: float) -> None:
    _have("PATIENCE", seconds, client, reach)
    given = _defaults(Posting.__init__)
    assert given["answered_within"] == posting.ANSWERED_WITHIN
    given["answered_within"] = seconds
    _have("ANSWERED_WITHIN", seconds, posting)
    # A tenant counts as silent once a reading has been under way for so long.
    _defaults(Patience.__init__)["read"] = SILENT_AFTER.total_seconds() + seconds


def _have(name: str, value: object, *modules: ModuleType) -> None:
    """Have some modules go by another value than the one that they have by a name."""
    for module in modules:
        assert name in vars(module), module
        vars(module)[name] = value


def _defaults(maker: Callable[..., None]) -> dict[str, object]:
    """What the arguments are that a maker is not given."""
    found: dict[str, object] | None = maker.__kwdefaults__
    assert found is not None, maker
    return found


def main() -> None:
    """Move the clocks, then be `portcullis`."""
    lead, limited = Lead(Path(sys.argv.pop(1))), sys.argv.pop(1) == "limited"
    for maker, argument in _CLOCKS:
        assert _defaults(maker)[argument] is utc_now
        _defaults(maker)[argument] = lead.now
    _have("_LONGEST_WAIT", 1.0, schedule)
    if PATIENCE in os.environ:
        _be_impatient(float(os.environ[PATIENCE]))
    _have("ANSWERED_WITHIN", 60.0, deliveries, failures, steps)
    if not limited:
        # Who is in a group is read after a click, and where that takes long a decision is kept for later.
        _have("WITHIN", 60.0, deliveries, together)
        # To keep to Slack's rates before a stand-in that has none is time spent waiting, and shows nothing.
        pace.RATES = dict.fromkeys(pace.RATES, Rate(per_second=10_000, burst=10_000))
    import_module("bot.cli").main()
