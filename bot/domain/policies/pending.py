"""Other requests that are still open and touch the same values: whoever decides should know of both."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bot.domain.indicators.defanging import defanged
from bot.domain.lists.change import Operation
from bot.domain.lists.coverage import value_key
from bot.domain.requests.proposal import Proposal
from bot.domain.requests.request import Request, RequestWarning

#: More than so many are told as a number.
_TOLD = 3

#: What another request asks for, behind the word "asks".
_ASKED: Mapping[Operation, str] = {
    Operation.ADD: "to add it as {action}",
    Operation.REMOVE: "to remove it as {action}",
    Operation.EXTEND: "to give its {action} entry another expiry date",
    Operation.ANNOTATE: "to give its {action} entry another note",
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
        same = (request.operation, request.action) == (proposal.operation, proposal.action)
        what = "for the same" if same else _ASKED[request.operation].format(action=request.action)
        warnings.append(
            RequestWarning(
                code="pending_same" if same else "pending_other",
                text=f"{defanged(shared)}: request {request.id}, which is still open, asks {what}.",
                serious=not same and Operation.ANNOTATE not in {request.operation, proposal.operation},
            )
        )
    if len(warnings) > _TOLD:
        more = len(warnings) - _TOLD
        warnings[_TOLD:] = [RequestWarning(code="pending_more", text=f"{more} more open requests name these values.")]
    return tuple(warnings)
