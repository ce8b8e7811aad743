"""A request held against policy once more, at an approver's click and before anything is sent: what is new in it.

Between the proposal and now the operator may have set stricter rules, and somebody may have changed the tenant's lists.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.auditing.events import EventKind, NewEvent
from bot.domain.indicators.reader import recorded
from bot.domain.lists.entries import Snapshot
from bot.domain.lists.list_index import ListIndex
from bot.domain.outcomes.outcome import Outcomes, Step
from bot.domain.policies.assess import assess
from bot.domain.policies.case import Assessment, Refusal, Rules
from bot.domain.reading.import_text import MOST_IMPORTED
from bot.domain.requests.known_entry import KnownEntry
from bot.domain.requests.proposal import Proposal
from bot.domain.requests.request import Item, Request, RequestWarning
from bot.errors import Conflict

#: What the tenant's lists say of a value is found out by applying, which reads them anew.
LEFT_TO_APPLYING = frozenset(
    {"exists", "not_listed", "other_action", "full", "ended", "same_end", "safe_list_is_off", "no_such_policy"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What an approver has to read before a request can be approved, because its card doesn't say it yet."""

    text: str  #: for people
    warnings: tuple[RequestWarning, ...]  #: all that the request has from now on
    approvals_needed: int  #: likewise


def reassess(
    request: Request,
    items: Sequence[Item],
    lists: Snapshot | None,
    rules: Rules,
    *,
    known: Sequence[KnownEntry],
    now: datetime,
    index: ListIndex | None = None,
) -> Assessment:
    """What policy says today of some items of a request. Ten thousand take a moment: do it in a thread.

    `index` is that of these same lists, where there is one.
    """
    proposal = Proposal(
        operation=request.operation,
        action=request.action,
        list=request.list,
        indicators=tuple(recorded(item.kind, item.value, item.notes) for item in items),
        reason=request.reason,
        expires=request.ends_if_approved(now),
        lasts=request.lasts,
        acknowledged=True,  # without the tick there would be no request
        evidence=request.evidence,
    )
    return assess(proposal, lists, rules, now=now, most=MOST_IMPORTED, known=known, index=index)


def forbidden(today: Assessment, values: Iterable[str]) -> Outcomes:
    """Which of a request's values policy no longer permits: all of them where it forbids the request as a whole."""
    refusals = _refusals(today)
    if refusals and not refusals[0].indicator:
        return Outcomes.of(values, Step.FORBIDDEN, refusals[0].text)
    words: dict[str, str] = {}
    for refusal in refusals:
        words.setdefault(refusal.indicator, refusal.text)
    return Outcomes.worded(words, Step.FORBIDDEN)


def require_permitted(request: Request, today: Assessment) -> None:
    """Raises Conflict, in policy's words, if policy no longer permits a request."""
    refusals = _refusals(today)
    if refusals:
        raise Conflict(
            f"Policy no longer permits #{request.proposal_id}: {refusals[0].text}", "Deny it, or have it withdrawn."
        )


def _refusals(today: Assessment) -> list[Refusal]:
    """What an assessment forbids, but for what is left to applying: first what is wrong with the whole."""
    refusals = [refusal for refusal in today.refusals if refusal.code not in LEFT_TO_APPLYING]
    return sorted(refusals, key=lambda refusal: bool(refusal.indicator))


def news(request: Request, today: Assessment) -> News | None:
    """What is new and serious in what policy says of a request today: its warnings, and more approvals.

    A warning is new by its code or by its text: that two more blocks are overridden is news, though one was before.
    What is said today takes the place of what was said under the same code. None where there is nothing: what is new
    and not serious, or fewer approvals, change nothing then.
    """
    known = {(warning.code, warning.text) for warning in request.warnings}
    new = tuple(warning for warning in today.warnings if (warning.code, warning.text) not in known)
    texts = [warning.text for warning in new if warning.serious]
    approvals_needed = max(request.approvals_needed, today.approvals_needed)
    if approvals_needed > request.approvals_needed:
        texts.append(f"It takes {approvals_needed} different approvers now.")
    if not texts:
        return None
    replaced = {warning.code for warning in new}
    kept = [warning for warning in request.warnings if warning.code not in replaced]
    said = [warning for warning in today.warnings if warning.code in replaced]
    return News(text=" ".join(texts), warnings=(*kept, *said), approvals_needed=approvals_needed)


def reassessed_event(request: Request, new: News, *, actor: str, at: datetime) -> NewEvent:
    """What is logged when there is something to read: what it is, and whose approvals no longer count."""
    return NewEvent(
        kind=EventKind.REQUEST_REASSESSED,
        actor=actor,
        target=f"request {request.proposal_id}",
        request_id=request.id,
        payload={
            "news": new.text,
            "warnings": [warning.code for warning in new.warnings],
            "serious": [warning.text for warning in new.warnings if warning.serious],
            "approvals_needed": new.approvals_needed,
            "void": [review.reviewer for review in request.reviews],
        },
        at=at,
    )
