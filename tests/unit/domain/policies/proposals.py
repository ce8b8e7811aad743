"""Building proposals for the tests of policy, and naming what came of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bot.domain.indicators.indicator import Indicator, Kind
from bot.domain.lists.change import Operation
from bot.domain.lists.entries import Snapshot
from bot.domain.lists.traits import Action, list_for
from bot.domain.policies.assess import assess
from bot.domain.policies.case import Assessment, Rules
from bot.domain.reading.lines import read_as_logged
from bot.domain.requests.evidence import Evidence
from bot.domain.requests.known_entry import KnownEntry
from bot.domain.requests.proposal import Proposal
from bot.domain.requests.request import RequestWarning
from tests.unit.domain.tenant_lists import NOW, in_days, tenant

GOOD_REASON = "Scanner of the branch office, ticket 4711"
OWN = frozenset({"fabrikam.com"})


def indicators_from(texts: Iterable[str], kind: Kind | None = None) -> tuple[Indicator, ...]:
    """Read as people type them; with `kind`, a bare domain can be a URL."""
    return tuple(read_as_logged(text) if kind is None else Indicator(kind=kind, value=text) for text in texts)


def propose(
    action: Action,
    *texts: str,
    operation: Operation = Operation.ADD,
    kind: Kind | None = None,
    days: float | None = 5,
    reason: str = GOOD_REASON,
    acknowledged: bool = True,
    evidence: Evidence | None = None,
) -> Proposal:
    indicators = indicators_from(texts, kind)
    return Proposal(
        operation=operation,
        action=action,
        list=list_for(indicators[0].kind),
        indicators=indicators,
        reason=reason,
        expires=in_days(days),
        acknowledged=acknowledged,
        evidence=evidence,
    )


def assessed(
    proposal: Proposal,
    lists: Snapshot | None = None,
    rules: Rules | None = None,
    *,
    known: Sequence[KnownEntry] | None = None,
) -> Assessment:
    """Assessed against an empty tenant unless another is given."""
    snapshot = lists if lists is not None else tenant()
    return assess(proposal, snapshot, rules or Rules(accepted_domains=OWN), now=NOW, known=known)


def refusals(assessment: Assessment) -> set[str]:
    return {refusal.code for refusal in assessment.refusals}


def warnings(assessment: Assessment) -> set[str]:
    return {warning.code for warning in assessment.warnings}


def warning(assessment: Assessment, code: str) -> RequestWarning:
    (found,) = [warning for warning in assessment.warnings if warning.code == code]
    return found
