"""The buttons: read who clicks and what the request is now, call one workflow function, and leave the rest to jobs."""

from __future__ import annotations

from dataclasses import replace

from bot.domain.lists.change import Operation
from bot.domain.requests.binding import Purpose, ShownCard
from bot.domain.requests.emergency import any_awaits_review
from bot.domain.requests.leaving_out import can_be_named_from
from bot.domain.requests.parts import Parts
from bot.domain.requests.request import Decision
from bot.domain.telling.parts_facts import parts_facts
from bot.domain.telling.proposal_facts import proposal_facts
from bot.domain.telling.request_facts import request_facts
from bot.errors import SlackError
from bot.slack.beside import told_beside
from bot.slack.block_kit.blocks import Message
from bot.slack.block_kit.ids import ActionId, Carried
from bot.slack.client import call
from bot.slack.listeners.again import lines_naming
from bot.slack.listeners.delivered import Click
from bot.slack.listeners.deliveries import on_click
from bot.slack.listeners.emergencies import open_review
from bot.slack.listeners.forms import open_view
from bot.slack.listeners.showing import show_details
from bot.slack.messages.card import posted_again, withdrawn_message
from bot.slack.messages.not_opened import approval_not_opened
from bot.slack.messages.proposed import proposed_message
from bot.slack.modals import approval_form, denial_form, proposal_form
from bot.slack.modals.form_input import FormInput
from bot.slack.queries import exported_page, newer_audit, older_audit, older_requests
from bot.store.beside import StandsBeside
from bot.workflow.asking.queries import still_standing
from bot.workflow.requesting.bound import remember_form
from bot.workflow.requesting.close import withdraw, withdraw_answered
from bot.workflow.requesting.post_again import post_again
from bot.workflow.requesting.review import before_denying, read_first, read_to_decide, review
from bot.workflow.requesting.trying_again import try_again
from bot.workflow.requesting.unnamed_removal import propose_removal
from bot.workflow.requesting.unrequested_removal import propose_removal_of_change
from bot.workflow.requesting.widen import add_subdomains

#: So long may Slack take to say where a message is, in seconds: the answer can do without.
_LINKS_WITHIN = 3.0


async def _approve(click: Click) -> Message | None:
    to_read = await read_first(
        click.context, actor=click.person, request_id=click.request_id, shown=click.shown, delivery=click.delivery
    )
    if to_read is None:
        await review(
            click.context,
            actor=click.person,
            request_id=click.request_id,
            decision=Decision.APPROVE,
            shown=click.shown,
            who_is=click.who_is,
            delivery=click.delivery,
        )
        return None
    return await _open_approval(click, to_read)


async def _approve_some(click: Click) -> Message | None:
    to_read = await read_first(
        click.context,
        actor=click.person,
        request_id=click.request_id,
        shown=click.shown,
        delivery=click.delivery,
        chooses=True,
    )
    return None if to_read is None else await _open_approval(click, to_read)


async def _open_approval(click: Click, to_read: Parts) -> Message | None:
    if click.is_late:
        return approval_not_opened(to_read.id, card_url=await _link_to(click))
    await _open_all_of_it(click, to_read, shown=click.shown)
    return None


async def _decide(click: Click) -> None:
    async with click.context.store.read() as uow:
        parts = await uow.requests.parts(click.request_id, items=1)
    if any_awaits_review(parts):
        await open_review(click)
        return
    to_read = await read_to_decide(
        click.context, actor=click.person, request_id=click.request_id, delivery=click.delivery
    )
    await _open_all_of_it(click, to_read, shown=ShownCard(channel="", ts="", version=to_read.version))


async def _open_all_of_it(click: Click, to_read: Parts, *, shown: ShownCard) -> None:
    """Open the form in which somebody decides with all of it before them, and put it on record."""
    beside = await _beside(click, to_read)
    form = approval_form.build(
        told_beside(parts_facts(to_read), beside),
        shown=shown,
        choices=approval_form.choices_of(to_read),
        by_name=can_be_named_from(to_read),
    )
    if opened := await open_view(click.client, click.trigger_id, form, over=click.view):
        await remember_form(click.context, to_read.lead, opened, actor=click.person, beside=beside.events)


async def _beside(click: Click, parts: Parts) -> StandsBeside:
    async with click.context.store.read() as uow:
        return await uow.beside.of(parts.id)


async def _link_to(click: Click) -> str:
    """Where the message under a click is read; empty where Slack doesn't say."""
    place = {"channel": click.channel, "message_ts": click.message}
    try:
        answer = await call(click.client, "chat.getPermalink", place, within=_LINKS_WITHIN)
    except SlackError:
        return ""
    return str(answer.get("permalink") or "")


async def _deny(click: Click) -> None:
    parts = await before_denying(
        click.context, actor=click.person, request_id=click.request_id, shown=click.shown, delivery=click.delivery
    )
    # Clicked in the form that shows all of it, which is bound by now, the form that asks why stands by itself.
    shown = replace(click.shown, form="")
    form = denial_form.build(parts_facts(parts), shown=shown, reasons=click.context.denial_reasons)
    if opened := await open_view(click.client, click.trigger_id, form, over=click.view):
        await remember_form(click.context, parts.lead, opened, actor=click.person, purpose=Purpose.DENY_FORM)


async def _withdraw(click: Click) -> None:
    await withdraw(
        click.context, actor=click.person, request_id=click.request_id, shown=click.shown, delivery=click.delivery
    )


async def _try_again(click: Click) -> None:
    shown = replace(click.shown, form_is=Purpose.DETAILS) if click.view else click.shown
    await try_again(
        click.context, actor=click.person, request_id=click.request_id, shown=shown, delivery=click.delivery
    )
    if click.view:
        await show_details(click, click.request_id, shown=0)  # how it stands now


async def _withdraw_here(click: Click) -> Message | None:
    parts = await withdraw_answered(
        click.context,
        actor=click.person,
        request_id=click.request_id,
        version=click.shown.version,
        delivery=click.delivery,
    )
    # A Home has no message to replace: it is brought up to date by itself.
    return withdrawn_message(parts_facts(parts)) if click.message else None


async def _details(click: Click) -> None:
    await show_details(click, click.request_id, shown=click.shown.version)


async def _post_again(click: Click) -> Message:
    request = await post_again(click.context, actor=click.person, request_id=click.request_id, delivery=click.delivery)
    return posted_again(request_facts(request))


async def _extend(click: Click) -> None:
    request, standing = await still_standing(
        click.context, actor=click.person, request_id=click.request_id, shown=click.shown, delivery=click.delivery
    )
    given = FormInput(
        operation=Operation.EXTEND,
        action=request.action,
        indicators=lines_naming(request, standing),
        about=Carried(request_id=request.id, version=request.version),
    )
    await open_view(
        click.client, click.trigger_id, proposal_form.build(Operation.EXTEND, request.action, prefill=given)
    )


async def _add_subdomains(click: Click) -> Message:
    proposed = await add_subdomains(
        click.context,
        actor=click.person,
        request_id=click.request_id,
        version=click.shown.version,
        delivery=click.delivery,
    )
    facts = proposal_facts(proposed.requests, proposed.refusals, waits_because=proposed.waits_because)
    return proposed_message(facts)


async def _propose_removal(click: Click) -> Message:
    proposed = await propose_removal(
        click.context,
        actor=click.person,
        request_id=click.request_id,
        shown=click.shown,
        delivery=click.delivery,
    )
    return proposed_message(proposal_facts(proposed.requests, proposed.refusals))


async def _remove_change(click: Click) -> Message:
    proposed = await propose_removal_of_change(
        click.context,
        actor=click.person,
        number=click.request_id,
        channel=click.channel,
        ts=click.message,
        delivery=click.delivery,
    )
    return proposed_message(proposal_facts(proposed.requests, proposed.refusals))


async def _older_requests(click: Click) -> Message:
    return await older_requests(click.context, click.person, click.value)


async def _older_audit(click: Click) -> Message:
    return await older_audit(click.context, click.person, click.value)


async def _newer_audit(click: Click) -> Message:
    return await newer_audit(click.context, click.person, click.value)


async def _export_audit(click: Click) -> Message:
    return await exported_page(click.context, click.person, click.value, delivery=click.delivery)


ROUTES = (
    on_click(ActionId.APPROVE, _approve, decides=True),
    on_click(ActionId.APPROVE_SOME, _approve_some, decides=True),
    on_click(ActionId.DENY, _deny),  # the form decides
    on_click(ActionId.DECIDE, _decide, only_looks=True),  # likewise
    on_click(ActionId.WITHDRAW, _withdraw),
    on_click(ActionId.TRY_AGAIN, _try_again),
    on_click(ActionId.WITHDRAW_HERE, _withdraw_here, in_place=True),
    on_click(ActionId.DETAILS, _details, only_looks=True),
    on_click(ActionId.POST_AGAIN, _post_again),
    on_click(ActionId.EXTEND, _extend, only_looks=True),
    on_click(ActionId.ADD_SUBDOMAINS, _add_subdomains),
    on_click(ActionId.PROPOSE_REMOVAL, _propose_removal),
    on_click(ActionId.REMOVE_CHANGE, _remove_change),
    on_click(ActionId.OLDER_REQUESTS, _older_requests, only_looks=True),
    on_click(ActionId.OLDER_EVENTS, _older_audit, in_place=True, only_looks=True),
    on_click(ActionId.NEWER_EVENTS, _newer_audit, in_place=True, only_looks=True),
    on_click(ActionId.EXPORT_EVENTS, _export_audit),
)
