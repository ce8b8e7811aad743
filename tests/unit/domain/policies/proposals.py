"""Building proposals for the tests of policy, and naming what came of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from bot.domain.indicators.indicator import Indicator, Kind
from bot.domain.indicators.reader import read
from bot.domain.lists.change import Operation
from bot.domain.lists.entries import Entry, FilterPolicy, Snapshot
from bot.domain.lists.traits import Action, ListName, list_for
from bot.domain.policies.assess import assess
from bot.domain.policies.case import Assessment, Rules
from bot.domain.requests.evidence import Evidence
from bot.domain.requests.known_entry import KnownEntry
from bot.domain.requests.proposal import Proposal
from bot.domain.requests.request import RequestWarning

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
    evidence: Evidence | None = None,
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
        evidence=evidence,
    )


def tenant(
    *entries: Entry,
    policies: Iterable[str] = ("Default",),
    safe_lists: Iterable[str] = (),
    unreadable: dict[ListName, str] | None = None,
    accepted_domains: frozenset[str] = frozenset(),
) -> Snapshot:
    return Snapshot(
        as_of=NOW,
        policies=tuple(FilterPolicy(identity=name, safe_list=name in safe_lists) for name in policies),
        entries=entries,
        unreadable=unreadable or {},
        accepted_domains=accepted_domains,
    )


def entry(
    name: ListName,
    action: Action,
    value: str,
    *,
    days: float | None = None,
    by_use: bool = False,
    policy: str = "Default",
    notes: str = "Portcullis request 7",
    modified_by: str = "",
) -> Entry:
    """As Portcullis makes them, where the list keeps notes."""
    return Entry(
        list=name,
        action=action,
        value=value,
        expires=None if days is None else NOW + timedelta(days=days),
        bounded_by_use=by_use,
        notes=notes if name.traits.keeps_notes else "",
        modified_by=modified_by,
        policy=policy if name is ListName.CONNECTION_FILTER else "",
    )


def on_record(
    name: ListName, action: Action, value: str, *, days: float | None = None, request_id: int = 7, notes: str = ""
) -> KnownEntry:
    """What Portcullis knows of an entry that it made."""
    return KnownEntry(
        list=name,
        action=action,
        value=value,
        requester="U1",
        request_id=request_id,
        reason="Phishing",
        since=NOW - timedelta(days=10),
        expires=None if days is None else NOW + timedelta(days=days),
        notes=notes,
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
    (found,) = [one for one in assessment.warnings if one.code == code]
    return found
