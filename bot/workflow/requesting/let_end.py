"""What whoever is asked answers with a button: an entry is let end, or the form opens in which it is kept.

Either makes an ordinary request, which takes the usual approvals. A button names its renewals in the versions that were
shown: what has changed since then is said, and nothing is done.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.domain.indicators.defanging import defanged
from bot.domain.lists.entries import Entry
from bot.domain.policies.drafting import draft_removal
from bot.domain.requests.known_entry import KnownEntry
from bot.domain.requests.people import Person, Right
from bot.domain.requests.renewal import Renewal, RenewalState
from bot.errors import Conflict, NotPermitted
from bot.store import UnitOfWork
from bot.store.deliveries import ONCE
from bot.workflow.requesting.consider import consider
from bot.workflow.requesting.propose import Proposed, made_by, propose
from bot.workflow.shared.context import Context
from bot.workflow.shared.renewals import entries_of
from bot.workflow.shared.rights import log_refused, proposer

_LOOK = "Look with /requests renewals at what waits now."

#: What a button names: renewals by their numbers, each in the version that was shown.
Shown = Mapping[int, int]


async def let_end(context: Context, *, actor: Person, shown: Shown, delivery: str) -> Proposed:
    """Propose to take out the entries of some renewals, which are of one action, as an ordinary request.

    However often it is clicked, it makes one request. Raises NotPermitted, also for somebody who isn't asked, which is
    logged; and Conflict where one of them isn't as it was shown: it was answered, or the entry is gone or kept by
    another request.
    """
    who = await proposer(context, actor, delivery=delivery)
    async with context.store.read() as uow:
        made = await made_by(uow, delivery)
        before = tuple([await uow.requests.summary(number) for number in made])
    if before:
        return Proposed(requests=before)
    renewals = await _asked(context, actor, shown, delivery)
    asked = min(each.asked_at for each in renewals)
    whose = "Its owner lets it" if len(renewals) == 1 else "Their owners let them"
    by_owner = all(each.owner == actor.user_id for each in renewals)
    reason = f"{whose if by_owner else 'Nobody needs it any more: let it'} end; it was due for renewal."
    proposals = draft_removal(
        [Entry(list=each.list, action=each.action, value=each.value) for each in renewals],
        reason=f"{reason} (Asked on {asked:%Y-%m-%d}.)",
        rules=context.rules,
        now=context.now(),
    )
    considered = await consider(context, actor=who, proposals=proposals)
    once = f"{ONCE}renewal:{','.join(map(str, renewals))}"
    # What is refused today may go ahead at a later click.
    return await propose(context, considered, delivery=delivery, once="" if considered.refusals else once)


async def to_keep(context: Context, *, actor: Person, shown: Shown, delivery: str) -> list[tuple[Renewal, KnownEntry]]:
    """The renewals that somebody is about to fill in the form for, each with its entry. Changes nothing.

    All are of one action. Raises what `let_end` raises.
    """
    await proposer(context, actor, delivery=delivery)
    renewals = await _asked(context, actor, shown, delivery)
    async with context.store.read() as uow:
        entries = await entries_of(uow, renewals)
    return [(each, entries[each.id]) for each in renewals if each.id in entries]


async def demand_asked(context: Context, *, shown: Shown, delivery: str) -> None:
    """Raises Conflict if a renewal is no longer as it was when a form for it opened; not for what this very delivery
    has answered."""
    async with context.store.read() as uow:
        if await made_by(uow, delivery):
            return
        found = await uow.renewals.find(shown)
        await _demand_same(uow, found, shown)


async def _asked(context: Context, actor: Person, shown: Shown, delivery: str) -> Sequence[Renewal]:
    """The renewals that a button names. Raises NotPermitted and Conflict."""
    async with context.store.read() as uow:
        found = await uow.renewals.find(shown)
        # Who isn't asked is told that before anything about the entries.
        stranger = next((each for each in found.values() if not _may_answer(actor, each)), None)
        if stranger is None:
            await _demand_same(uow, found, shown)
    if stranger is not None:
        error = NotPermitted(
            "Only whoever asked for an entry answers for it, and the approvers where nobody does.",
            "To have it taken out or kept all the same, type /unallow, /unblock or /extend and the value.",
        )
        await log_refused(
            context,
            actor,
            Right.PROPOSE,
            error=error,
            request_id=stranger.request_id,
            why="not the owner",
            delivery=delivery,
        )
        raise error
    renewals = [found[number] for number in sorted(shown)]
    if len({each.action for each in renewals}) > 1:
        raise Conflict("Allows and blocks are answered apart.", _LOOK)
    return renewals


def _may_answer(actor: Person, renewal: Renewal) -> bool:
    if actor.user_id == renewal.owner:
        return True
    return renewal.state is not RenewalState.ASKED and actor.has(Right.REVIEW)


async def _demand_same(uow: UnitOfWork, found: Mapping[int, Renewal], shown: Shown) -> None:
    """Raises Conflict unless all renewals are as they were shown, and their entries as they were asked about."""
    entries = await entries_of(uow, list(found.values()))
    for number, version in shown.items():
        renewal = found.get(number)
        if renewal is None:
            raise Conflict("This is not known to Portcullis any more.", _LOOK)
        await _demand_one(uow, renewal, entries.get(number), version)


async def _demand_one(uow: UnitOfWork, renewal: Renewal, entry: KnownEntry | None, version: int) -> None:
    named = defanged(renewal.value)
    if entry is None:
        raise Conflict(f"{named} is gone by now, and nothing was requested.", "Nothing to do.")
    if entry.request_id != renewal.request_id:
        number = await uow.requests.proposal_of(entry.request_id)
        raise Conflict(f"#{number} keeps {named} by now, and nothing was requested.", "Nothing to do.")
    if renewal.state is RenewalState.ANSWERED and renewal.answer_id is not None:
        number = await uow.requests.proposal_of(renewal.answer_id)
        raise Conflict(f"{named} is answered already, by #{number}; nothing more was requested.", "See its card.")
    if not renewal.state.waits or renewal.version != version:
        raise Conflict(f"{named} isn't as it was shown to you any more, and nothing was requested.", _LOOK)
