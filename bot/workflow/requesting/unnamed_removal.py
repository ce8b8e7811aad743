"""A request to take out an allow that came of a submission and that nobody asked for, made from the alert about it."""

from __future__ import annotations

from bot.domain.auditing.events import Event, EventKind
from bot.domain.lists.entries import Entry
from bot.domain.lists.traits import Action, ListName
from bot.domain.policies.drafting import draft_removal
from bot.domain.reading.lines import line_of
from bot.domain.reading.listed import listed_indicator
from bot.domain.requests.binding import Purpose, ShownCard
from bot.domain.requests.people import Person
from bot.errors import Conflict
from bot.store.deliveries import ONCE
from bot.workflow.requesting.bound import demand_posted
from bot.workflow.requesting.consider import consider
from bot.workflow.requesting.propose import Proposed, made_by, propose
from bot.workflow.shared.context import Context
from bot.workflow.shared.rights import proposer


async def propose_removal(
    context: Context, *, actor: Person, request_id: int, shown: ShownCard, delivery: str
) -> Proposed:
    """Propose to remove the entry that an alert tells of, as an ordinary request that takes the usual approvals.

    `shown` is the alert that was clicked: it has to be the one that was posted for what came of this request, and its
    version is the number of the event that it tells of. However often and by whoever it is clicked, it makes one
    request; all get the same answer. Raises NotPermitted, NotFound, Conflict for a click elsewhere, which is logged,
    and Conflict once the request that was made is decided.
    """
    who = await proposer(context, actor, delivery=delivery)
    await demand_posted(
        context,
        request_id,
        shown,
        purpose=Purpose.UNNAMED_ALLOW,
        actor=actor,
        wanted="propose removal",
        delivery=delivery,
    )
    once = f"{ONCE}unnamed_allow:{shown.version}"  # an alert stands in its channel for good
    async with context.store.read() as uow:
        posted = await uow.messages.find(shown.channel, shown.ts)
        told = await uow.audit.find(shown.version)
        made = await made_by(uow, once)
        before = [await uow.requests.summary(number) for number in made]
        submission = await uow.requests.proposal_of(request_id)
    is_of_it = posted is not None and posted.version == shown.version
    if not is_of_it or told is None or told.kind != EventKind.SUBMISSION_UNNAMED:
        raise Conflict(
            "This is not the alert that Portcullis posted for this entry.",
            "Use the button under the alert itself, or type /unallow and the value.",
        )
    entry = _entry(told)
    if before and before[0].status.is_over:
        raise Conflict(
            f"#{before[0].proposal_id} asked to remove it, and is decided: {before[0].status.replace('_', ' ')}.",
            f"Look with /check. If it is still allowed, type /unallow {line_of(listed_indicator(entry))}",
        )
    if before:
        return Proposed(requests=tuple(before))
    proposals = draft_removal(
        [entry],
        reason=f"Nobody asked for this allow: it came of the submission of #{submission}.",
        rules=context.rules,
        now=context.now(),
    )
    considered = await consider(context, actor=who, proposals=proposals)
    # What is refused today may go ahead at a later click.
    return await propose(context, considered, delivery=delivery if considered.refusals else once)


def _entry(told: Event) -> Entry:
    """The entry that an event tells of."""
    return Entry(list=ListName(str(told.payload["list"])), action=Action.ALLOW, value=str(told.payload["value"]))
