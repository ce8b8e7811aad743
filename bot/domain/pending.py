"""Other requests that are still open and touch the same values: whoever decides should know of both."""

from __future__ import annotations

from collections.abc import Iterable

from bot.domain.coverage import value_key
from bot.domain.defanging import defanged
from bot.domain.policy import Proposal
from bot.domain.requests import Request, RequestWarning

#: More than so many are told as a number.
_TOLD = 3


def pending_warnings(proposal: Proposal, open_requests: Iterable[Request]) -> tuple[RequestWarning, ...]:
    """A warning for each open request that names one of the proposal's values in the same list."""
    wanted = {value_key(proposal.list, indicator.value): indicator.value for indicator in proposal.indicators}
    warnings: list[RequestWarning] = []
    for request in open_requests:
        if request.list is not proposal.list:
            continue
        shared = [item.value for item in request.items if value_key(request.list, item.value) in wanted]
        if not shared:
            continue
        same = (request.operation, request.action) == (proposal.operation, proposal.action)
        what = "asks for the same" if same else f"asks to {request.operation} it as {request.action}"
        warnings.append(
            RequestWarning(
                code="pending_same" if same else "pending_other",
                text=f"{defanged(shared[0])}: request {request.id}, which is still open, {what}.",
                serious=not same,
            )
        )
    if len(warnings) > _TOLD:
        more = len(warnings) - _TOLD
        warnings[_TOLD:] = [RequestWarning(code="pending_more", text=f"{more} more open requests name these values.")]
    return tuple(warnings)
