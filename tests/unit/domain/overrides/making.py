"""Making overrides in tests."""

from __future__ import annotations

from bot.domain.overrides.override import Condition, ConditionKind, Does, Override
from bot.domain.overrides.places import Place


def override(
    *conditions: Condition,
    place: Place = Place.MAIL_FLOW_RULES,
    name: str = "Partner",
    does: Does = Does.LETS_THROUGH,
    how: str = "spam filtering is skipped",
    exceptions: tuple[Condition, ...] = (),
    when: tuple[str, ...] = (),
    unless: tuple[str, ...] = (),
    is_partial: bool = False,
) -> Override:
    return Override(
        place=place,
        name=name,
        does=does,
        how=how,
        conditions=conditions,
        exceptions=exceptions,
        when=when,
        unless=unless,
        is_partial=is_partial,
    )


def domains(*values: str) -> Condition:
    return Condition(kind=ConditionKind.DOMAIN, values=values)


def addresses(*values: str) -> Condition:
    return Condition(kind=ConditionKind.ADDRESS, values=values)


def words(*values: str) -> Condition:
    return Condition(kind=ConditionKind.WORDS, values=values)


def patterns(*values: str) -> Condition:
    return Condition(kind=ConditionKind.PATTERN, values=values)


def ips(*values: str) -> Condition:
    return Condition(kind=ConditionKind.IP, values=values)
