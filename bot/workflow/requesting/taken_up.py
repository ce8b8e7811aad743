"""A change that nobody requested, taken up: a request asks to keep it, or to take it out, however it was made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bot.domain.lists.change import Operation
from bot.domain.lists.comparison import comparable
from bot.domain.lists.differences import SAFE_LIST_PLACE
from bot.domain.requests.request import Request
from bot.domain.requests.unrequested import ChangeState
from bot.store import UnitOfWork
from bot.store.request_rows import NewRequest

#: What becomes of a change by a request that is about the same entry.
_STATES: Mapping[Operation, ChangeState] = {
    Operation.EXTEND: ChangeState.ADOPTED,
    Operation.REMOVE: ChangeState.REMOVAL_PROPOSED,
    Operation.SAFE_LIST_OFF: ChangeState.REMOVAL_PROPOSED,
}


async def note_taken_up(uow: UnitOfWork, requests: Iterable[tuple[Request, NewRequest]]) -> None:
    """Write down which unrequested changes some requests are about that were just made: their alerts show it.

    Each comes as it was written down: as a summary it has the first of its items only.
    """
    for request, new in requests:
        state = _STATES.get(request.operation)
        if state is None:
            continue
        place = SAFE_LIST_PLACE if request.operation is Operation.SAFE_LIST_OFF else request.list.value
        stood = await uow.unrequested.open_in([place])
        keys = {comparable(request.list, value) for value in new.values} if stood else set()
        taken = [
            each
            for each in stood
            if each.after is not None
            and each.held.action == request.action.value
            and comparable(request.list, each.held.value) in keys
        ]
        await uow.unrequested.set_state([each.number for each in taken], state, request_id=request.id)
