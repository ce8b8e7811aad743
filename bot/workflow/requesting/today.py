"""What is otherwise today than when a proposal was made: what policy says of it, and who of its approvers still is one.

Policy's word is looked at before the transaction: ten thousand indicators take a moment, in which nobody has to wait.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TypeAlias

from bot.domain.policies.case import Assessment
from bot.domain.policies.reassessing import News, news, reassessed_event, require_permitted
from bot.domain.requests.parts import Parts
from bot.domain.requests.people import Person
from bot.domain.requests.request import ItemState
from bot.domain.requests.who_decides import Undecided, by_rules
from bot.errors import NotPermitted
from bot.store import UnitOfWork
from bot.workflow.requesting.reassess import reassess
from bot.workflow.shared.context import Context
from bot.workflow.shared.jobs import notify
from bot.workflow.shared.keeping import records
from bot.workflow.shared.listed import index_of_long

#: Who somebody is, with the roles of this moment, by their user id.
WhoIs: TypeAlias = Callable[[str], Awaitable[Person]]


async def no_longer_approvers(context: Context, request_id: int, who_is: WhoIs) -> dict[str, str]:
    """Which of those who approved before may not now, by their role and the rules, and why.

    Raises what keeps that from being known.
    """
    async with context.store.read() as uow:
        parts = await uow.requests.parts(request_id, items=1)
    kinds, gone = Undecided.of(parts).about, dict[str, str]()
    for reviewer in sorted({approval.reviewer for request in parts.open for approval in request.approvals}):
        answer = by_rules(await who_is(reviewer), kinds, context.rules.approvers)
        if answer.error is None:
            continue
        if not isinstance(answer.error, NotPermitted):
            raise answer.error
        gone[reviewer] = f"{answer.why} any more"
    return gone


async def assessed_today(context: Context, request_id: int) -> dict[int, Assessment]:
    """What policy says now of each request of a proposal that waits, by the last snapshot of the lists."""
    async with context.store.read() as uow:
        waiting = (await uow.requests.parts(request_id, items=1)).open
        if not waiting:
            return {}
        whole = [await uow.requests.get(request.id) for request in waiting]
        lists = await uow.snapshots.load()
        asked = [[item for item in each.items if item.state is not ItemState.LEFT_OUT] for each in whole]
        known = [
            await records(uow, each.list, [item.value for item in items])
            for each, items in zip(whole, asked, strict=True)
        ]
    index = await index_of_long(context, lists)
    return {
        request.id: await reassess(
            request, items, lists, context.rules, known=on_record, now=context.now(), index=index
        )
        for request, items, on_record in zip(whole, asked, known, strict=True)
    }


async def note_news(uow: UnitOfWork, parts: Parts, today: Mapping[int, Assessment], *, actor: str, at: datetime) -> str:
    """Have what is new and serious on the card, and return it. Raises Conflict if policy forbids any of it.

    Approvals of before count for no part any more, and each takes as many as the one that takes the most.
    """
    judged = [(request, today[request.id]) for request in parts.open if request.id in today]
    for request, assessment in judged:
        require_permitted(request, assessment)
    found = {request.id: news(request, assessment) for request, assessment in judged}
    texts = list(dict.fromkeys(new.text for new in found.values() if new is not None))
    if not texts:
        return ""
    needed = max(
        *(new.approvals_needed for new in found.values() if new is not None),
        *(request.approvals_needed for request in parts.open),
    )
    for request in parts.open:
        new = found.get(request.id) or News(text=" ".join(texts), warnings=request.warnings, approvals_needed=needed)
        new = replace(new, approvals_needed=needed)
        await uow.requests.set_warnings(request.id, new.warnings, needed)
        await uow.requests.void_reviews(request.id)
        await uow.audit.append_all([reassessed_event(request, new, actor=actor, at=at)])
    await notify(uow, parts.id)
    return " ".join(texts)
