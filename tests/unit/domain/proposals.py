"""Building proposals for the tests of policy, and naming what came of them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from bot.domain.indicators import Indicator, Kind, read
from bot.domain.lists import Action, Entry, FilterPolicy, ListName, TenantLists, list_for
from bot.domain.policy import Assessment, Proposal, Rules, assess
from bot.domain.requests import Operation, RequestWarning

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
GOOD_REASON = "Scanner of the branch office, ticket 4711"
OWN = frozenset({"fabrikam.com"})


def indicators_from(texts: Iterable[str], kind: Kind | None = None) -> tuple[Indicator, ...]:
    """Read as people type them; with `kind`, a bare domain can be a URL."""
    return tuple(read(text) if kind is None else Indicator(kind=kind, value=text) for text in texts)


def propose(
    action: Action,
    *texts: str,
    operation: Operation = Operation.ADD,
    kind: Kind | None = None,
    days: float | None = 5,
    reason: str = GOOD_REASON,
    acknowledged: bool = True,
) -> Proposal:
    indicators = indicators_from(texts, kind)
    return Proposal(
        operation=operation,
        action=action,
        list=list_for(indicators[0].kind),
        indicators=indicators,
        reason=reason,
        expires=None if days is None else NOW + timedelta(days=days),
        acknowledged=acknowledged,
    )


def tenant(
    *entries: Entry,
    policies: Iterable[str] = ("Default",),
    unreadable: dict[ListName, str] | None = None,
    accepted_domains: frozenset[str] = frozenset(),
) -> TenantLists:
    return TenantLists(
        as_of=NOW,
        policies=tuple(FilterPolicy(identity=name) for name in policies),
        entries=entries,
        unreadable=unreadable or {},
        accepted_domains=accepted_domains,
    )


def entry(name: ListName, action: Action, value: str, *, days: float | None = None, policy: str = "Default") -> Entry:
    return Entry(
        list=name,
        action=action,
        value=value,
        expires=None if days is None else NOW + timedelta(days=days),
        policy=policy if name is ListName.CONNECTION_FILTER else "",
    )


def assessed(proposal: Proposal, lists: TenantLists | None = None, rules: Rules | None = None) -> Assessment:
    """Assessed against an empty tenant unless another is given."""
    return assess(proposal, lists if lists is not None else tenant(), rules or Rules(accepted_domains=OWN), now=NOW)


def refusals(assessment: Assessment) -> set[str]:
    return {refusal.code for refusal in assessment.refusals}


def warnings(assessment: Assessment) -> set[str]:
    return {warning.code for warning in assessment.warnings}


def warning(assessment: Assessment, code: str) -> RequestWarning:
    (found,) = [one for one in assessment.warnings if one.code == code]
    return found
