"""From what somebody typed to proposals: one for each list that the indicators belong to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.domain.durations import Lifetime, expires_at
from bot.domain.indicators import Indicator
from bot.domain.lists import Action, ListName, default_expiry, list_for
from bot.domain.policy import Proposal, Rules
from bot.domain.requests import Operation


def draft(
    operation: Operation,
    action: Action,
    indicators: Sequence[Indicator],
    *,
    lifetime: Lifetime | None,
    reason: str,
    rules: Rules,
    now: datetime,
    acknowledged: bool = False,
) -> tuple[Proposal, ...]:
    """A proposal for each list, in the order in which the lists were first named; the same value twice counts once.

    Without a lifetime each list gets its own default. A removal never has an end. Raises InvalidDuration for an end
    date that has passed.
    """
    by_list: dict[ListName, dict[str, Indicator]] = {}
    for indicator in indicators:
        by_list.setdefault(list_for(indicator.kind), {}).setdefault(indicator.value, indicator)
    return tuple(
        Proposal(
            operation=operation,
            action=action,
            list=name,
            indicators=tuple(members.values()),
            reason=reason,
            expires=_expiry(operation, action, name, lifetime, rules, now),
            acknowledged=acknowledged,
        )
        for name, members in by_list.items()
    )


def _expiry(
    operation: Operation, action: Action, name: ListName, lifetime: Lifetime | None, rules: Rules, now: datetime
) -> datetime | None:
    if operation is Operation.REMOVE:
        return None
    if lifetime is not None:
        return expires_at(lifetime, now)
    return default_expiry(name, action, now=now, ip_allow_max_days=rules.ip_allow_max_days)
