"""How long entries last: what the service keeps, what Portcullis ends itself, and what is taken when nobody says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.lists.traits import Action, ListName

#: When a person gives no end: the service's own default for blocks. Portcullis takes it for every list, the two that
#: know no end dates included, because an entry that nobody looks at again is what it exists to prevent.
DEFAULT_DAYS = 30

#: What the operator gets for IP allows without setting anything.
DEFAULT_IP_ALLOW_DAYS = 7

#: Between a request and the call that carries it out, clocks and rounding may shift an end date by so much.
_TOLERANCE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class EndRule:
    """How long an entry may last.

    Where the service keeps no end date, or none so far ahead, Portcullis keeps it and removes the entry when it comes.
    """

    service_keeps_end: bool
    service_most_days: int | None  #: the furthest end date that the service keeps; None: it keeps none
    may_be_endless: bool
    most_days: int | None  #: the furthest end date; None: any
    default_days: int  #: when a person gives none


def end_rule(name: ListName, action: Action, *, ip_allow_max_days: int = DEFAULT_IP_ALLOW_DAYS) -> EndRule:
    """The rule for the end of an entry. `ip_allow_max_days` is the operator's limit for IP allows, IPv6 included."""
    kept = name.traits.kept_days.get(action)
    most: int | None = None
    if action is Action.ALLOW:
        # Where the service keeps no end and no IP is let in, as of spoof pairs, an allow may stay for ever.
        limits = [kept, ip_allow_max_days] if name.traits.holds_ips else [kept]
        most = min((days for days in limits if days is not None), default=None)
    return EndRule(
        service_keeps_end=kept is not None,
        service_most_days=kept,
        may_be_endless=most is None,
        most_days=most,
        default_days=DEFAULT_DAYS if most is None else most,
    )


def ended_by_portcullis(name: ListName, action: Action, *, expires: datetime | None, since: datetime) -> bool:
    """Whether Portcullis ends an entry itself, because the service keeps no end date, or none so far ahead.

    `since` is when the request was made, or approved where its length counts from then, so that the
    answer stays the same however late somebody asks.
    """
    if expires is None:
        return False
    rule = end_rule(name, action)
    if rule.service_most_days is None:
        return True
    return rule.may_be_endless and expires - since > timedelta(days=rule.service_most_days) + _TOLERANCE


def default_expiry(
    name: ListName, action: Action, *, now: datetime, ip_allow_max_days: int = DEFAULT_IP_ALLOW_DAYS
) -> datetime:
    """When an entry ends if the person who asks for it gives no end."""
    return now + timedelta(days=end_rule(name, action, ip_allow_max_days=ip_allow_max_days).default_days)


def days_on_offer(rule: EndRule, usual: Sequence[int]) -> tuple[int, ...]:
    """Those of the usual lengths, in days, that an entry may last, and the longest that it may where that is less than
    one of them.
    """
    most = rule.most_days
    if most is None:
        return tuple(usual)
    fit = {days for days in usual if days <= most}
    return tuple(sorted(fit | {most} if fit != set(usual) else fit))


def may_last_until(rule: EndRule, expires: datetime | None, *, now: datetime) -> bool:
    """Whether an entry may have an end; None: never."""
    if expires is None:
        return rule.may_be_endless
    return now < expires and (rule.most_days is None or expires <= now + timedelta(days=rule.most_days))


def is_bounded_by_use(name: ListName, action: Action) -> bool:
    """Whether an entry without an end date ends by itself, 45 days after its last use."""
    return action is Action.ALLOW and name.traits.allows_end_by_use
