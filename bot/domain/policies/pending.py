"""Other requests that are still open and touch the same values: whoever decides should know of both."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta

from bot.domain.indicators.defanging import defanged
from bot.domain.lists.change import Operation
from bot.domain.lists.coverage import value_key
from bot.domain.requests.proposal import Proposal
from bot.domain.requests.request import Request, RequestWarning

#: More than so many are told as a number.
_TOLD = 3

#: What another request asks for, behind the word "asks".
_ASKED: Mapping[Operation, str] = {
    Operation.ADD: "to {action} it",
    Operation.REMOVE: "to remove its {action}",
    Operation.EXTEND: "to give its {action} entry a new expiry date",
    Operation.ANNOTATE: "to give its {action} entry a new note",
    Operation.SAFE_LIST_OFF: "to switch its safe list off",
    Operation.SUBMIT: "to submit it to Microsoft, so that it is allowed",
}


def pending_warnings(proposal: Proposal, open_requests: Iterable[Request]) -> tuple[RequestWarning, ...]:
    """A warning for each open request that names one of the proposal's values in the same list."""
    wanted = {value_key(proposal.list, indicator.value) for indicator in proposal.indicators}
    warnings: list[RequestWarning] = []
    for request in open_requests:
        if request.list is not proposal.list:
            continue
        shared = next((item.value for item in request.items if value_key(request.list, item.value) in wanted), None)
        if shared is None:
            continue
        alike = (request.operation, request.action) == (proposal.operation, proposal.action)
        same = alike and _asks_for_the_same(request, proposal)
        what = "for the same" if same else _ASKED[request.operation].format(action=request.action)
        if alike and request.operation is Operation.ADD and not same:
            what += ", with another expiry date"
        warnings.append(
            RequestWarning(
                code="pending_same" if same else "pending_other",
                text=f"{defanged(shared)}: #{request.proposal_id}, which is still open, asks {what}.",
                serious=not alike and Operation.ANNOTATE not in {request.operation, proposal.operation},
            )
        )
    if len(warnings) > _TOLD:
        more = len(warnings) - _TOLD
        warnings[_TOLD:] = [RequestWarning(code="pending_more", text=f"{more} more open requests name these values.")]
    return tuple(warnings)


def _asks_for_the_same(request: Request, proposal: Proposal) -> bool:
    """Whether two of one kind also agree in what they would write: another end or a new note isn't the same."""
    if request.operation is Operation.ANNOTATE:
        return request.reason.strip() == proposal.reason.strip()
    if request.operation not in {Operation.ADD, Operation.EXTEND}:
        return True
    if request.expires is None or proposal.expires is None:
        return request.expires == proposal.expires
    return abs(request.expires - proposal.expires) < _ALIKE


#: Ends so close to each other are meant to be the same: `30d`, typed twice within a day.
_ALIKE = timedelta(days=1)
