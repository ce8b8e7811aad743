"""Whose the addresses of an IP allow are, where DNS says it only after the proposal: logged, and shown on its card.

It decides nothing: no version of a request depends on it, and a decision waits for none of it. What DNS said in time is
a warning of the request itself, and isn't told twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from bot.domain.auditing.events import PORTCULLIS, EventKind
from bot.domain.indicators.indicator import Kind
from bot.domain.lists.change import is_ip_allow
from bot.domain.policies.known_sharers import SHARED_BY
from bot.domain.requests.parts import Parts
from bot.domain.requests.request import ItemState, Request
from bot.domain.senders.as_json import owners_out
from bot.domain.senders.owner import AddressOwner, shared_warning
from bot.errors import TryLater
from bot.store import Job, UnitOfWork
from bot.workflow.shared.context import Context
from bot.workflow.shared.job_definition import JobDefinition
from bot.workflow.shared.job_kinds import JobKind, RequestPayload
from bot.workflow.shared.jobs import later, notify

#: So many addresses of a proposal are asked about.
MOST_ASKED = 10
#: While answers are missing it is asked again for so long since the proposal, so many seconds apart: what was found is
#: gone by for a minute.
_ASKED_FOR = timedelta(minutes=10)
_AGAIN = 65.0

_SINGLE = frozenset({Kind.IPV4, Kind.IPV6})


async def ask_later(uow: UnitOfWork, context: Context, request: Request) -> None:
    """Have DNS asked whose the addresses of an IP allow are, where Portcullis is to look. `request` is any of its.

    When it is proposed, and again when an approver leaves some of it out while others are still to decide.
    """
    if context.who_is is not None and is_ip_allow(request.operation, request.action, request.list):
        await later(uow, JobKind.FIND_OWNERS, request.proposal_id)


async def find_owners(context: Context, job: Job, payload: RequestPayload) -> None:
    """Job: find out whose the addresses of an IP allow that waits are, log it, and have its card show it.

    Raises TryLater while answers of DNS are missing, for ten minutes at most.
    """
    async with context.store.read() as uow:
        parts = await uow.requests.parts(payload.request_id, items=MOST_ASKED)
    if not parts.is_open or context.who_is is None:
        return
    asked = _addresses(parts)
    found = [await context.who_is.find_out(address) for address in asked]
    told = _told(found, parts)
    async with context.store.write() as uow:
        await uow.jobs.hold(job)
        now = await uow.requests.parts(parts.id, items=MOST_ASKED, lock=True)
        beside = await uow.beside.of(parts.id)
        if now.is_open and _addresses(now) == asked and told != beside.owners:
            await uow.audit.append(
                EventKind.OWNERS_SHOWN,
                actor=PORTCULLIS,
                target=f"request {parts.id}",
                request_id=parts.id,
                payload=owners_out(told),
                at=context.now(),
            )
            await notify(uow, parts.id)
    if not all(owner.is_complete for owner in found) and context.now() - parts.lead.created_at < _ASKED_FOR:
        raise TryLater(_AGAIN, "DNS has not said whose all of the addresses are.")


def _addresses(parts: Parts) -> list[str]:
    """The addresses that are asked about, without those that an approver left out."""
    items = (item for request in parts.open if _is_asked_of(request) for item in request.items)
    return [item.value for item in items if item.kind in _SINGLE and item.state is not ItemState.LEFT_OUT][:MOST_ASKED]


def _is_asked_of(request: Request) -> bool:
    return is_ip_allow(request.operation, request.action, request.list)


def _told(found: Sequence[AddressOwner], parts: Parts) -> tuple[AddressOwner, ...]:
    """What of it is worth a line that no warning of the request has."""
    warned = {warning.text for request in parts.open for warning in request.warnings if warning.code == SHARED_BY}
    new = (replace(owner, shared_by=()) if shared_warning(owner) in warned else owner for owner in found)
    return tuple(owner for owner in new if owner.is_told)


FIND_OWNERS_JOB = JobDefinition(kind=JobKind.FIND_OWNERS, handle=find_owners, alerts=False)
