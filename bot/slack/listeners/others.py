"""What came of a proposal, with the button that requests the others where some of it was refused."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from slack_sdk.models.blocks import Block

from bot.domain.policies.listed import NOT_LISTED
from bot.domain.reading.lines import line_of
from bot.domain.telling.proposal_facts import proposal_facts
from bot.slack.block_kit.blocks import Message
from bot.slack.block_kit.ids import ActionId
from bot.slack.listeners.delivered import Click
from bot.slack.listeners.deliveries import on_click
from bot.slack.listeners.forms import form_for, open_view
from bot.slack.listeners.where_asked import asked_at
from bot.slack.messages.not_listed import not_listed_blocks
from bot.slack.messages.proposed import proposed_message
from bot.slack.modals.form_input import FormInput
from bot.workflow.requesting.consider import Considered
from bot.workflow.requesting.others import keep_others, made_as, others_of
from bot.workflow.requesting.propose import propose
from bot.workflow.requesting.wanted import Wanted, consider_change
from bot.workflow.shared.context import Context
from bot.workflow.shared.rights import proposer


async def requested(
    context: Context, considered: Considered, wanted: Wanted, *, delivery: str, once: str = ""
) -> Message:
    """Propose what was considered, and say what came of it. `once` is as for `propose`, which says what is raised."""
    proposed = await propose(context, considered, delivery=delivery, once=once)
    if not proposed.refusals:
        return proposed_message(proposal_facts(proposed.requests, waits_because=proposed.waits_because))
    others = await keep_others(context, considered, wanted, delivery=delivery)
    facts = proposal_facts(proposed.requests, proposed.refusals, unrefused=considered.unrefused)
    return proposed_message(facts, others=others, ways_on=_not_listed(considered, now=context.now()))


def _not_listed(considered: Considered, *, now: datetime) -> Sequence[Block]:
    """What can be done about what an entry's change was refused for because there is no entry; nothing for all else."""
    missing = {refusal.indicator for refusal in considered.refusals if refusal.code == NOT_LISTED}
    lines = [
        line_of(indicator)
        for judged in considered.judged
        if judged.proposal.operation.edits
        for indicator in judged.proposal.indicators
        if indicator.value in missing
    ]
    if not lines or considered.as_of is None:
        return ()
    return not_listed_blocks(lines, as_of=considered.as_of, now=now, action=considered.judged[0].proposal.action)


async def _others(click: Click) -> Message | None:
    context, name = click.context, click.value
    who = await proposer(context, click.person, delivery=click.delivery)
    wanted = await others_of(context, actor=who, name=name)
    considered = await consider_change(context, actor=who, wanted=wanted)
    given = FormInput(
        operation=wanted.operation,
        action=wanted.action,
        indicators="\n".join(map(line_of, wanted.indicators)),
        end="" if wanted.lifetime is None else str(wanted.lifetime),
        reason=wanted.reason,
    )
    if (form := form_for(given, considered, now=context.now())) is not None:
        await open_view(click.client, click.trigger_id, asked_at(form, click.asked_at))
        return None
    return await requested(context, considered, wanted, delivery=click.delivery, once=made_as(name))


ROUTES = (on_click(ActionId.REQUEST_OTHERS, _others),)
