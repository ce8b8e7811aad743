"""Emergency blocks: what comes of one that was typed, and the buttons and the form in which it is reviewed."""

from __future__ import annotations

from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action
from bot.domain.policies.import_limits import refuse_too_many
from bot.domain.reading.command_text import read_command
from bot.domain.reading.durations import Lifetime
from bot.domain.reading.emergency_word import without_because
from bot.domain.requests.binding import Purpose, ShownCard
from bot.domain.requests.parts import Parts
from bot.domain.requests.request import Decision
from bot.domain.telling.parts_facts import parts_facts
from bot.domain.telling.proposal_facts import proposal_facts
from bot.errors import InvalidInput
from bot.slack.block_kit.blocks import Message, Modal
from bot.slack.block_kit.ids import ActionId, CallbackId
from bot.slack.listeners.delivered import Answer, Click, SentForm, Typed
from bot.slack.listeners.deliveries import on_click, on_form
from bot.slack.listeners.forms import asked_of, form_for, open_view
from bot.slack.messages.proposed import proposed_message
from bot.slack.modals import emergency_form, proposal_form
from bot.slack.modals.form_input import FormInput
from bot.workflow.requesting.bound import remember_form
from bot.workflow.requesting.emergency import as_emergency, block_at_once, may_block_at_once
from bot.workflow.requesting.emergency_review import review_emergency, to_review
from bot.workflow.requesting.wanted import Wanted, consider_change
from bot.workflow.shared.own_domains import own_domains
from bot.workflow.shared.rights import Proposer

#: What lies below, if anything does, shows it as it was.
_CLOSED: Answer = {"response_action": "clear"}


async def blocked_at_once(typed: Typed) -> Message | Modal:
    """What comes of an emergency block that was typed, without that word: it is applied, refused, or there is something
    to be asked. The roles are those of now. Raises NotPermitted."""
    context = typed.context
    person = await typed.who_decides(typed.person.user_id)
    await may_block_at_once(context, person, delivery=typed.delivery)
    text = read_command(
        typed.text,
        today=context.now().date(),
        accepted_domains=await own_domains(context),
        wanted=Action.BLOCK,
    )
    lifetime = text.lifetime or Lifetime(days=context.emergencies.days)
    given = FormInput(
        operation=Operation.ADD,
        action=Action.BLOCK,
        indicators=text.typed,
        end=str(lifetime),
        reason=without_because(text.reason),
        emergency=True,
        emergency_days=context.emergencies.most_days,
    )
    if (asked := asked_of(text)) or not text.indicators:
        return proposal_form.build(Operation.ADD, Action.BLOCK, prefill=given, problems=asked, offers=text.offers)
    if (surplus := refuse_too_many(text.indicators)) is not None:
        raise InvalidInput(surplus.text, surplus.remedy)
    wanted = Wanted(
        operation=Operation.ADD,
        action=Action.BLOCK,
        indicators=text.indicators,
        lifetime=lifetime,
        reason=given.reason,
    )
    considered = await consider_change(context, actor=Proposer(person), wanted=wanted)
    if (form := form_for(given, as_emergency(context, considered), now=context.now())) is not None:
        return form
    blocked = await block_at_once(context, considered, delivery=typed.delivery)
    return proposed_message(proposal_facts(blocked.requests, blocked.refusals))


async def open_review(click: Click) -> None:
    """Open the form in which an emergency block is reviewed elsewhere than on its card."""
    parts = await to_review(click.context, actor=click.person, request_id=click.request_id, delivery=click.delivery)
    await _open(click, parts, shown=ShownCard(channel="", ts="", version=parts.version))


async def _keep(click: Click) -> None:
    await review_emergency(
        click.context,
        actor=click.person,
        request_id=click.request_id,
        decision=Decision.APPROVE,
        shown=click.shown,
        delivery=click.delivery,
    )


async def _take_out(click: Click) -> None:
    parts = await review_emergency(
        click.context,
        actor=click.person,
        request_id=click.request_id,
        decision=Decision.DENY,
        shown=click.shown,
        delivery=click.delivery,
        decides=False,
    )
    await _open(click, parts, shown=click.shown)


async def _open(click: Click, parts: Parts, *, shown: ShownCard) -> None:
    """Open the form of a review, and put it on record."""
    form = emergency_form.build(parts_facts(parts), shown=shown)
    if opened := await open_view(click.client, click.trigger_id, form, over=click.view):
        await remember_form(click.context, parts.lead, opened, actor=click.person, purpose=Purpose.EMERGENCY_FORM)


async def _reviewed(sent: SentForm) -> Answer:
    request_id, shown, decision, why = emergency_form.parse(sent.view)
    if decision is Decision.DENY and not why:
        return {"response_action": "errors", "errors": {emergency_form.REASON: emergency_form.NO_REASON}}
    await review_emergency(
        sent.context,
        actor=sent.person,
        request_id=request_id,
        decision=decision,
        shown=shown,
        delivery=sent.delivery,
        comment=why,
    )
    return _CLOSED


ROUTES = (
    on_click(ActionId.KEEP, _keep, decides=True),
    on_click(ActionId.TAKE_OUT, _take_out),  # the form decides
    on_form(CallbackId.EMERGENCY_REVIEW, _reviewed, decides=True),
)
