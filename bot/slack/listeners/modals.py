"""Submitted forms: read them with suspicion, propose, and answer at the field that is wrong."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from bot.domain.indicators.indicator import Indicator
from bot.domain.lists.change import Operation
from bot.domain.policies.case import Field, Refusal
from bot.domain.policies.import_limits import refuse_too_many
from bot.domain.reading.command_text import read_field
from bot.domain.reading.contradictions import contradiction_in
from bot.domain.reading.durations import Lifetime, read_lifetime
from bot.domain.reading.listed import Listed
from bot.domain.telling.proposal_facts import proposal_facts
from bot.errors import ActionUntold, InvalidDuration, InvalidInput, NothingListed
from bot.slack.block_kit.ids import CallbackId
from bot.slack.listeners.delivered import Answer, SentForm
from bot.slack.listeners.deliveries import on_form
from bot.slack.listeners.forms import special_form_for
from bot.slack.listeners.where_asked import tell_where_asked
from bot.slack.messages.proposed import proposed_message
from bot.slack.modals import form_fields, ip_allow_form, proposal_form
from bot.slack.modals.form_input import FormInput, WrongFields
from bot.workflow.asking.queries import demand_unchanged
from bot.workflow.requesting.consider import Considered
from bot.workflow.requesting.emergency import block_at_once, may_block_at_once
from bot.workflow.requesting.let_end import demand_asked
from bot.workflow.requesting.propose import propose
from bot.workflow.requesting.wanted import KeptEnd, Wanted, consider_change, consider_safe_list_off
from bot.workflow.shared.context import Context
from bot.workflow.shared.listed import listed_for
from bot.workflow.shared.own_domains import own_domains
from bot.workflow.shared.rights import Proposer, proposer


async def _submitted(sent: SentForm, *, parse: Callable[[object], FormInput]) -> Answer:
    form = parse(sent.view)
    who = await proposer(sent.context, sent.person, delivery=sent.delivery)
    if form.about is not None:
        await demand_unchanged(sent.context, request_id=form.about.request_id, version=form.about.version)
    if form.renewals:
        answered = {each.request_id: each.version for each in form.renewals}
        await demand_asked(sent.context, shown=answered, delivery=sent.delivery)
    try:
        considered, was_warned = await _considered(sent.context, who, form)
    except WrongFields as wrong:
        return _errors(form, wrong.refusals, parse)
    except (ActionUntold, NothingListed) as error:
        return _about_what_is_listed(error)
    if form.emergency:
        return await _at_once(sent, form, considered, parse)
    if not was_warned and (further := special_form_for(form, considered, now=sent.context.now())) is not None:
        return {"response_action": "update", "view": further.to_dict()}
    proposed = await propose(sent.context, considered, delivery=sent.delivery, refused_as=sent.sending)
    if not proposed.refusals:
        told = proposal_facts(proposed.requests, waits_because=proposed.waits_because)
        await tell_where_asked(sent, proposed_message(told))
        return {}
    # The tick is asked for when the rest is sound: until then there may be no box to tick.
    others = [refusal for refusal in proposed.refusals if refusal.field is not Field.ACKNOWLEDGED]
    return _errors(form, others or proposed.refusals, parse)


def _about_what_is_listed(error: ActionUntold | NothingListed) -> Answer:
    """At the field that mends it: which entries are meant, or that there are none."""
    if isinstance(error, NothingListed):
        return {"response_action": "errors", "errors": {form_fields.INDICATORS: str(error)}}
    return {"response_action": "errors", "errors": {form_fields.TARGET: f"{error.what} Choose blocks or allows."}}


async def _considered(context: Context, who: Proposer, form: FormInput) -> tuple[Considered, bool]:
    """What was submitted, judged; and whether the form's warning was about just this.

    Raises WrongFields, ActionUntold and NothingListed.
    """
    if form.operation is Operation.SAFE_LIST_OFF:
        return await consider_safe_list_off(context, actor=who, reason=form.reason), False
    indicators, lifetime, reason = _read(
        form, context, await listed_for(context, form.operation), await own_domains(context)
    )
    # A tick counts for the indicators that stood in the form when the warning was shown, and for no others.
    was_warned = ip_allow_form.was_warned(form, [indicator.value for indicator in indicators])
    wanted = Wanted(
        operation=form.operation,
        action=form.action,
        indicators=indicators,
        lifetime=lifetime,
        reason=reason,
        acknowledged=form.acknowledged and was_warned,
        keeps_end=_kept_end(form),
    )
    try:
        return await consider_change(context, actor=who, wanted=wanted, was_warned=was_warned), was_warned
    except InvalidDuration as error:
        refusal = Refusal(code="end", text=error.what, remedy=error.remedy, field=Field.EXPIRES)
        raise WrongFields([refusal]) from error


def _keeps_end(form: FormInput) -> bool:
    return form.operation is Operation.EXTEND and form.end == form_fields.AS_IT_IS


def _kept_end(form: FormInput) -> KeptEnd | None:
    """The end that stays, as the form showed it. Raises InvalidInput where it showed none."""
    if not _keeps_end(form):
        return None
    if not form.stays:
        raise InvalidInput("The form doesn't say which end stays.", "Open it again and send it once more.")
    return KeptEnd(expires=None if form.stays == form_fields.NEVER else datetime.fromisoformat(form.stays))


def _read(
    form: FormInput, context: Context, listed: Listed | None, own: frozenset[str]
) -> tuple[Sequence[Indicator], Lifetime | None, str]:
    refusals: list[Refusal] = []
    wanted = form.action if form.operation is Operation.ADD else None
    given = read_field(
        form.indicators,
        accepted_domains=own,
        listed=listed,
        wanted=wanted,
        today=context.now().date(),
    )
    refusals += [Refusal(code="unreadable", text=problem.what, remedy=problem.remedy) for problem in given.problems]
    if (other := contradiction_in(form.reason, wanted)) is not None:
        refusals.append(Refusal(code="contradiction", text=other.what, remedy=other.remedy, field=Field.REASON))
    if not given.indicators and not given.problems:
        refusals.append(Refusal(code="empty", text="No indicator was given.", remedy="Write at least one."))
    if (surplus := refuse_too_many(given.indicators)) is not None:
        refusals.append(surplus)
    lifetime: Lifetime | None = None
    if form.end and proposal_form.has_end(form.operation) and not _keeps_end(form):
        try:
            lifetime = read_lifetime(form.end, today=context.now().date())
        except InvalidDuration as error:
            refusals.append(Refusal(code="end", text=error.what, remedy=error.remedy, field=Field.EXPIRES))
    if refusals:
        raise WrongFields(refusals)
    return given.indicators, lifetime, given.reason_with(form.reason)


async def _at_once(
    sent: SentForm, form: FormInput, considered: Considered, parse: Callable[[object], FormInput]
) -> Answer:
    """The same where the box for an emergency is ticked: the roles are those of now."""
    person = await sent.who_decides(sent.person.user_id)
    await may_block_at_once(sent.context, person, delivery=sent.delivery)
    blocked = await block_at_once(
        sent.context, replace(considered, actor=Proposer(person)), delivery=sent.delivery, refused_as=sent.sending
    )
    if blocked.refusals:
        return _errors(form, blocked.refusals, parse)
    await tell_where_asked(sent, proposed_message(proposal_facts(blocked.requests)))
    return {}


def _errors(form: FormInput, refusals: Sequence[Refusal], parse: Callable[[object], FormInput]) -> Answer:
    if parse is ip_allow_form.parse:
        errors = ip_allow_form.errors(refusals)
    else:
        errors = proposal_form.errors(refusals, operation=form.operation)
    return {"response_action": "errors", "errors": errors}


ROUTES = (
    on_form(CallbackId.PROPOSAL, partial(_submitted, parse=proposal_form.parse)),
    on_form(CallbackId.IP_ALLOW, partial(_submitted, parse=ip_allow_form.parse)),
)
