"""A renewal answered: by any request that asks to keep its entry, or to take it out, however that was made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from bot.domain.auditing.events import EventKind, NewEvent
from bot.domain.lists.change import Operation
from bot.domain.requests.renewal import Answer, RenewalState
from bot.domain.requests.renewing import renewal_event
from bot.domain.requests.request import Request
from bot.store import UnitOfWork
from bot.store.request_rows import NewRequest
from bot.workflow.shared.jobs import ask_owner, tell_of_renewals
from bot.workflow.shared.renewals import renewals_about

_ANSWERS: Mapping[Operation, Answer] = {Operation.EXTEND: Answer.KEEP, Operation.REMOVE: Answer.END}


async def note_answered(uow: UnitOfWork, requests: Iterable[tuple[Request, NewRequest]], *, at: datetime) -> None:
    """Write down which renewals some requests answer that were just made, each with what was written down of it.
    Whoever was asked sees it.

    Whoever makes such a request answers: it takes its approvals, and what comes of it decides.
    """
    events: list[NewEvent] = []
    owners: set[str] = set()
    were_passed_on = False
    for request, new in requests:
        answer = _ANSWERS.get(request.operation)
        if answer is None:
            continue
        found = await renewals_about(uow, request.list, request.action, new.values, lock=True)
        # A request that waits has answered the others: this one is about the same entries, and its card says so.
        answered = [each for each in found if each.state.waits]
        await uow.renewals.answer_all(answered, answer, answer_id=request.id)
        kind, actor, by = EventKind.RENEWAL_ANSWERED, request.requester, request.proposal_id
        events += [renewal_event(kind, each, actor=actor, at=at, answer=answer, by=by) for each in answered]
        owners |= {each.owner for each in answered}
        were_passed_on |= any(each.state is RenewalState.PASSED_ON for each in answered)
    await uow.audit.append_all(events)
    for owner in sorted(owners):
        await ask_owner(uow, owner)
    if were_passed_on:
        await tell_of_renewals(uow)
