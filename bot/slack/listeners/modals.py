"""Submitted forms: read them with suspicion, propose, and answer at the field that is wrong."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial

from bot.domain.indicators.indicator import Indicator
from bot.domain.lists.change import Operation
from bot.domain.policies.case import Field, Refusal
from bot.domain.policies.drafting import draft
from bot.domain.reading.command_text import read_lines
from bot.domain.reading.durations import Lifetime, read_lifetime
from bot.domain.requests.people import Person
from bot.domain.requests.proposal import Proposal
from bot.errors import InvalidDuration
from bot.slack.block_kit.ids import CallbackId
from bot.slack.listeners.deliveries import Answer, Submitted, on_form
from bot.slack.listeners.drafts import UNTOLD, action_of, safe_list_proposal
from bot.slack.listeners.forms import special_form_for, too_many
from bot.slack.modals import form_fields, ip_allow_form, proposal_form
from bot.slack.modals.form_input import FormInput
from bot.workflow.requesting.propose import consider, propose
from bot.workflow.shared.context import Context


class _WrongFields(Exception):
    """What was submitted can't be read; refusals say where."""

    def __init__(self, refusals: list[Refusal]) -> None:
        super().__init__()
        self.refusals = refusals


class _UntoldAction(Exception):
    """What is to be changed is listed under both actions, or under none."""


async def _submitted(sent: Submitted, *, parse: Callable[[object], FormInput]) -> Answer:
    context, person = sent.context, sent.person
    form = parse(sent.view)
    now = context.now()
    try:
        proposals, was_warned = await _proposals(context, person, form, now)
    except _WrongFields as wrong:
        return _errors(form, wrong.refusals, parse)
    except _UntoldAction:
        return {"response_action": "errors", "errors": {form_fields.TARGET: f"{UNTOLD} Choose blocks or allows."}}
    if not was_warned:
        considered = await consider(context, actor=person, proposals=proposals)
        if (further := special_form_for(form, considered, now=now)) is not None:
            return {"response_action": "update", "view": further.to_dict()}
    proposed = await propose(context, actor=person, proposals=proposals, delivery=sent.delivery)
    refusals = [refusal for one in proposed.considered for refusal in one.assessment.refusals]
    if not refusals:
        return {}
    # The tick is asked for when the rest is sound: until then there may be no box to tick.
    others = [refusal for refusal in refusals if refusal.field is not Field.ACKNOWLEDGED]
    return _errors(form, others or refusals, parse)


async def _proposals(
    context: Context, person: Person, form: FormInput, now: datetime
) -> tuple[tuple[Proposal, ...], bool]:
    """What was submitted, as proposals; and whether the form's warning was about just this.

    Raises _WrongFields and _UntoldAction.
    """
    if form.operation is Operation.SAFE_LIST_OFF:
        return await safe_list_proposal(context, person, reason=form.reason), False
    indicators, lifetime = _read(form, context, now)
    action = await action_of(context, form.action, indicators)
    if action is None:
        raise _UntoldAction
    # A tick counts for the indicators that stood in the form when the warning was shown, and for no others.
    was_warned = ip_allow_form.was_warned(form, [one.value for one in indicators])
    proposals = draft(
        form.operation,
        action,
        indicators,
        lifetime=lifetime,
        reason=form.reason.strip(),
        rules=context.rules,
        now=now,
        acknowledged=form.acknowledged and was_warned,
    )
    return proposals, was_warned


def _read(form: FormInput, context: Context, now: datetime) -> tuple[list[Indicator], Lifetime | None]:
    refusals: list[Refusal] = []
    indicators, problems = read_lines(form.indicators, accepted_domains=context.rules.accepted_domains)
    refusals += [Refusal(code="unreadable", text=one.what, remedy=one.remedy) for one in problems]
    if not indicators and not problems:
        refusals.append(Refusal(code="empty", text="No indicator was given.", remedy="Write at least one."))
    if (surplus := too_many(indicators)) is not None:
        refusals.append(surplus)
    lifetime: Lifetime | None = None
    if form.end and proposal_form.has_end(form.operation):
        try:
            lifetime = read_lifetime(form.end, today=now.date())
        except InvalidDuration as error:
            refusals.append(Refusal(code="end", text=error.what, remedy=error.remedy, field=Field.EXPIRES))
    if refusals:
        raise _WrongFields(refusals)
    return indicators, lifetime


def _errors(form: FormInput, refusals: list[Refusal], parse: Callable[[object], FormInput]) -> Answer:
    if parse is ip_allow_form.parse:
        errors = ip_allow_form.errors(refusals)
    else:
        errors = proposal_form.errors(refusals, operation=form.operation)
    return {"response_action": "errors", "errors": errors}


ROUTES = (
    on_form(CallbackId.PROPOSAL, partial(_submitted, parse=proposal_form.parse)),
    on_form(CallbackId.IP_ALLOW, partial(_submitted, parse=ip_allow_form.parse)),
)
