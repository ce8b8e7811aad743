"""`portcullis renewals`: the entries that came back to their owners, and where each stands."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any

from bot.cli.account import note_looking
from bot.cli.audit_tenants import database_url, served_tenant
from bot.cli.failures import told
from bot.cli.sentences import printable
from bot.cli.terminal import console_for, show_rows
from bot.domain.auditing.events import iso
from bot.domain.requests.renewal import Closing, PassedOn, Renewal, RenewalState
from bot.store import Store

_STANDS: Mapping[RenewalState, str] = {
    RenewalState.ASKED: "its owner is asked",
    RenewalState.PASSED_ON: "the approvers are asked",
    RenewalState.ANSWERED: "answered",
    RenewalState.CLOSED: "closed",
}
_WHY: Mapping[PassedOn, str] = {
    PassedOn.UNANSWERED: "nobody answered",
    PassedOn.OWNER_GONE: "the owner is gone",
    PassedOn.KEEP_DENIED: "denied to be kept",
    PassedOn.CAME_TO_NOTHING: "its request came to nothing",
}
_CLOSED: Mapping[Closing, str] = {
    Closing.KEPT: "kept",
    Closing.ENDED: "gone",
    Closing.STAYS: "stays",
    Closing.CALLED_OFF: "called off",
}


def renewals(*, database: str, tenant: str, all_of_them: bool, as_json: bool) -> None:
    """Do what `portcullis renewals` is asked for."""
    states = frozenset(RenewalState) if all_of_them else frozenset(RenewalState) - {RenewalState.CLOSED}
    with told(as_json=as_json):
        found, numbers = asyncio.run(_look(database_url(database), tenant, states))
    if as_json:
        print(json.dumps([as_object(each, numbers) for each in found], indent=2))
    elif found:
        _print(found, numbers)
    else:
        print("No entry is due for renewal.")


async def _look(url: str, tenant: str, states: frozenset[RenewalState]) -> tuple[list[Renewal], Mapping[int, int]]:
    """The renewals, and by which numbers people know the requests that keep their entries, and those that answered."""
    whose = await served_tenant(url, tenant)
    if whose is None:
        return [], {}
    store = Store(url, tenant_id=whose)
    try:
        async with store.read() as uow:
            found = await uow.renewals.page(states)
            requests = {number for each in found for number in (each.request_id, each.answer_id) if number is not None}
            numbers = await uow.requests.proposal_numbers(requests)
        await note_looking(store, "renewals", {"renewals": len(found)})
        return found, numbers
    finally:
        await store.close()


def as_object(renewal: Renewal, numbers: Mapping[int, int]) -> dict[str, Any]:
    """A renewal as machines get it."""
    answer_id = renewal.answer_id
    return {
        "id": renewal.id,
        "list": renewal.list.value,
        "action": renewal.action.value,
        "value": renewal.value,
        "owner": renewal.owner,
        "request_id": renewal.request_id,
        "proposal": numbers.get(renewal.request_id),
        "state": renewal.state.value,
        "why": None if renewal.why is None else renewal.why.value,
        "answer": None if renewal.answer is None else renewal.answer.value,
        "answer_id": answer_id,
        "answer_proposal": None if answer_id is None else numbers.get(answer_id),
        "closing": None if renewal.closing is None else renewal.closing.value,
        "asked_at": iso(renewal.asked_at),
        "answer_by": iso(renewal.answer_by),
        "told_at": None if renewal.told_at is None else iso(renewal.told_at),
    }


def _print(found: list[Renewal], numbers: Mapping[int, int]) -> None:
    rows = []
    for each in found:
        by = f"{each.answer_by:%Y-%m-%d %H:%M}" if each.state.waits else ""
        cells = (str(each.id), f"{each.value} ({each.action.value})", each.owner, _stands(each, numbers), by)
        rows.append([printable(cell) for cell in cells])
    show_rows(console_for(), ("Renewal", "Entry", "Owner", "Where it stands", "Answer by (UTC)"), rows)


def _stands(renewal: Renewal, numbers: Mapping[int, int]) -> str:
    said = _STANDS[renewal.state]
    if renewal.state is RenewalState.PASSED_ON and renewal.why is not None:
        return f"{said}: {_WHY[renewal.why]}"
    if renewal.state is RenewalState.ANSWERED and renewal.answer is not None and renewal.answer_id is not None:
        return f"{said}: {renewal.answer.value}, by #{numbers.get(renewal.answer_id, renewal.answer_id)}"
    if renewal.closing is not None:
        return f"{said}: {_CLOSED[renewal.closing]}"
    return said
