"""A request to take out what nobody requested, made from the alert about it."""

from __future__ import annotations

from bot.domain.auditing.events import EventKind
from bot.domain.lists.differences import SAFE_LIST_PLACE, Held
from bot.domain.lists.entries import Entry, FilterPolicy
from bot.domain.lists.traits import Action
from bot.domain.policies.drafting import draft_removal, safe_list_off
from bot.domain.requests.binding import LONGEST_PLACE, Purpose, Unbound
from bot.domain.requests.people import Person
from bot.domain.requests.proposal import Proposal
from bot.domain.requests.request import TURNED_DOWN, Status
from bot.domain.requests.unrequested import ChangeState, UnrequestedChange, change_of
from bot.errors import Conflict
from bot.store.deliveries import ONCE
from bot.workflow.requesting.consider import consider
from bot.workflow.requesting.propose import Proposed, propose
from bot.workflow.shared.context import Context
from bot.workflow.shared.early_clicks import once_on_record
from bot.workflow.shared.owed_answers import owe
from bot.workflow.shared.rights import proposer


async def propose_removal_of_change(
    context: Context, *, actor: Person, number: int, channel: str, ts: str, delivery: str
) -> Proposed:
    """Propose to take out what an alert tells of, or to switch a safe list off, as an ordinary request that takes the
    usual approvals.

    `number` is that of the change's event; `channel` and `ts` are where it was clicked, which has to be the alert that
    was posted for its reading. What is taken out is what the log says. However often it is clicked, it makes one
    request, and another once that one was turned down. Raises NotPermitted; and Conflict for a click elsewhere, which
    is logged, and where it is gone.
    """
    who = await proposer(context, actor, delivery=delivery)
    change = await _posted_change(context, actor, number, channel, ts, delivery)
    if change.state is ChangeState.GONE:
        raise Conflict("It is gone again: the last reading of the lists doesn't show it any more.", "Nothing to do.")
    if (asked := await _asked_already(context, change)) is not None:
        return asked
    proposals = _removal(context, change)
    considered = await consider(context, actor=who, proposals=proposals)
    once = f"{ONCE}unrequested:{number}:{change.request_id or 0}"
    # What is refused today may go ahead at a later click.
    return await propose(context, considered, delivery=delivery, once="" if considered.refusals else once)


async def _asked_already(context: Context, change: UnrequestedChange) -> Proposed | None:
    """The request by which somebody asked to take it out before, unless that was turned down or failed.

    Raises Conflict where one asks to keep it.
    """
    if change.request_id is None:
        return None
    async with context.store.read() as uow:
        before = await uow.requests.summary(change.request_id)
    if before.status in {*TURNED_DOWN, Status.FAILED}:
        return None
    if change.state is ChangeState.ADOPTED:
        raise Conflict(
            f"#{before.proposal_id} asks to keep it, or keeps it by now.",
            "If it is to go all the same, type /unblock or /unallow and the value.",
        )
    return Proposed(requests=(before,))


async def _posted_change(
    context: Context, actor: Person, number: int, channel: str, ts: str, delivery: str
) -> UnrequestedChange:
    """The change with a number, where the log tells the same of it. Raises Conflict for a click elsewhere."""

    async def look() -> UnrequestedChange | None:
        async with context.store.read() as uow:
            posted = await uow.messages.find(channel, ts)
            change = await uow.unrequested.find(number)
            event = await uow.audit.find(number)
        if posted is None or change is None or event is None or not event.kind.startswith("portal."):
            return None
        if posted.purpose != Purpose.UNREQUESTED or posted.version != change.reading:
            return None
        logged = change_of(event, reading=change.reading)
        return change if (logged.before, logged.after) == (change.before, change.after) else None

    told = await once_on_record(look, is_early=lambda found: found is None)
    if told is not None:
        return told
    error = Conflict(
        "This is not the alert that Portcullis posted for this change.",
        "Use the button under the alert itself, or type /unblock or /unallow and the value.",
    )
    async with context.store.write() as uow:
        if await uow.deliveries.first_time(f"refused:{delivery}"):
            await uow.audit.append(
                EventKind.CLICK_REFUSED,
                actor=actor.user_id,
                target=f"event {number}",
                payload={
                    "wanted": "propose removal",
                    "why": Unbound.UNKNOWN_MESSAGE,
                    "channel": channel[:LONGEST_PLACE],
                    "ts": ts[:LONGEST_PLACE],
                },
                at=context.now(),
            )
            await owe(uow, error)
    raise error


def _removal(context: Context, change: UnrequestedChange) -> tuple[Proposal, ...]:
    held = change.held
    reason = f"No request asked for it: it was seen on {change.seen_at:%Y-%m-%d %H:%M} UTC (event {change.number})."
    if held.place == SAFE_LIST_PLACE:
        return (safe_list_off([FilterPolicy(identity=held.value, safe_list=True)], reason=reason),)
    entry = entry_of(held)
    if entry is None:
        raise Conflict("Portcullis can't take this out itself.", "Take it out in the Defender portal.")
    return draft_removal([entry], reason=reason, rules=context.rules, now=context.now())


def entry_of(held: Held) -> Entry | None:
    """The entry of a list that an override is; None where it is none."""
    if held.list is None or held.action not in set(Action):
        return None
    return Entry(list=held.list, action=Action(held.action), value=held.value, policy=held.within)
