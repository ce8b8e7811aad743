"""What every step of the workflow works with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.domain.policy import Rules
from bot.store import Store
from bot.tenant.tenant import Tenant


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """The store, the tenant, and what the operator has set."""

    store: Store
    tenant: Tenant
    rules: Rules
    lapse_after: timedelta = timedelta(days=7)
    confirm_after: timedelta = timedelta(minutes=5)
    now: Callable[[], datetime] = utc_now
