"""Portcullis on another day: `python -m tests.support.ahead SECONDS SLACK ARGUMENT…` runs `portcullis ARGUMENT…` with
its clock that far ahead, before a Slack that is `limited`, or `unlimited` in how often it takes a call.

Only what Portcullis decides by is moved: its jobs, its requests, what it asks the tenant for. Signatures, tokens and
timeouts go by the machine's own time. What people do may take the database, and Slack to say who they are, as long as a
machine under load needs: that they are answered in time has tests of its own.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from importlib import import_module

from bot.budgets import Rate
from bot.clock import utc_now
from bot.slack import pace
from bot.slack.listeners import deliveries, failures, steps, together
from bot.store.unit_of_work import Store
from bot.tenant.exchange.tenant import Tenant
from bot.workflow.shared.context import Context

#: Whose clock is moved: what makes each, and the argument that is its clock when it is given no other.
_CLOCKS: tuple[tuple[Callable[..., None], str], ...] = (
    (Store.__init__, "clock"),
    (Context.__init__, "now"),
    (Tenant.__init__, "now"),
)


def main() -> None:
    """Move the clocks, then be `portcullis`."""
    by, limited = timedelta(seconds=float(sys.argv.pop(1))), sys.argv.pop(1) == "limited"

    def ahead() -> datetime:
        return utc_now() + by

    for maker, argument in _CLOCKS:
        assert maker.__kwdefaults__[argument] is utc_now
        maker.__kwdefaults__[argument] = ahead
    deliveries.ANSWERED_WITHIN = failures.ANSWERED_WITHIN = steps.ANSWERED_WITHIN = 60.0
    if not limited:
        # Who is in a group is read after a click, and where that takes long a decision is kept for later.
        deliveries.WITHIN = together.WITHIN = 60.0
        # To keep to Slack's rates before a stand-in that has none is time spent waiting, and shows nothing.
        pace.RATES = dict.fromkeys(pace.RATES, Rate(per_second=10_000, burst=10_000))
    import_module("bot.cli").main()


if __name__ == "__main__":
    main()
