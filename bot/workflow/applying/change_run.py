"""One change to the tenant, from what is still to do to what the tenant, read back, holds.

Nothing here believes an answer: whether a call said yes, no or nothing at all, each value's outcome is what the list
says afterwards. That makes it safe to run again after a crash at any point.
"""

from __future__ import annotations

from dataclasses import replace

from bot.aside import aside
from bot.domain.lists.change import Change, Operation
from bot.domain.lists.list_snapshot import ListSnapshot
from bot.domain.outcomes.findings import ended_entries, is_unknown, read_back
from bot.domain.outcomes.outcome import Outcomes, Step
from bot.errors import PermissionMissing, SignInFailed
from bot.workflow.applying.chunks import send_in_chunks
from bot.workflow.applying.sending import Sending


async def remove_ended_entries(sending: Sending) -> None:
    """Remove the entries whose end has passed, where they would make what is to be added a duplicate.

    Whether that came off shows when the addition is sent. Raises TenantError.
    """
    ended = await aside(_size(sending.reading, sending.change), ended_entries, sending.reading, sending.change)
    for action, values in ended.items():
        removal = replace(
            sending.change, operation=Operation.REMOVE, action=action, values=values, expires=None, notes=""
        )
        await apply_change(
            Sending(
                tenant=sending.tenant,
                change=removal,
                reading=sending.reading,
                now=sending.now,
                reference=sending.reference,
            )
        )


async def apply_change(sending: Sending) -> Outcomes:
    """Send a change and find out what became of each of its values: done, unseen, refused; or missing still, where
    `sending.before` left it out.

    Raises TenantError when the outcome can't be known now (try again later, by reading first) or when the service
    took nothing of it for a passing reason.
    """
    sent, unanswered = await send_in_chunks(sending)
    back = await _read_back(sending, sent)
    if back is None:
        return sent
    size = _size(back, sending.change)
    outcomes = await aside(size, read_back, sent, back, sending.change, now=sending.now())
    if unanswered is not None and is_unknown(sent, outcomes):
        raise unanswered
    return outcomes


def _size(reading: ListSnapshot, change: Change) -> int:
    return len(reading.entries) + len(change.values)


async def _read_back(sending: Sending, sent: Outcomes) -> ListSnapshot | None:
    """The list after all was sent. None where nothing was taken, and nothing can be read."""
    if taken := sent.at(Step.TAKEN, Step.UNANSWERED):
        # Once: whoever waits for what doesn't show yet gives its place back meanwhile.
        return await sending.tenant.read_back(replace(sending.change, values=taken), waits=())
    if not (refused := sent.at(Step.REFUSED)):
        return None
    try:
        return await sending.tenant.read_for(replace(sending.change, values=refused))
    except (SignInFailed, PermissionMissing):
        return None
