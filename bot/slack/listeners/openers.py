"""The buttons that open a form: with the lines in it that the button carries, which are read anew when it is sent."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from bot.domain.lists.change import Operation, is_ip_allow
from bot.domain.lists.ends import days_on_offer
from bot.domain.lists.traits import Action
from bot.domain.requests.people import Right
from bot.slack.block_kit.elements import NOTHING
from bot.slack.block_kit.ids import ActionId
from bot.slack.listeners.delivered import Click
from bot.slack.listeners.deliveries import on_click
from bot.slack.listeners.forms import emergency_days, offers_emergency, open_view
from bot.slack.listeners.where_asked import asked_at
from bot.slack.modals import check_form, import_form, proposal_form
from bot.slack.modals.form_fields import NEVER
from bot.slack.modals.form_input import FormInput
from bot.workflow.requesting.adopting import Adoptable, adoptable
from bot.workflow.shared.rights import proposer, required


async def _propose(click: Click, *, operation: Operation, action: Action | None) -> None:
    # Before the form: who may not propose shouldn't fill one in.
    await proposer(click.context, click.person, delivery=click.delivery)
    given = FormInput(
        operation=operation,
        action=action,
        indicators=_lines(click),
        emergency=(offered := offers_emergency(click.person, operation, action)),
        emergency_days=emergency_days(click.context, offered),
    )
    form = asked_at(proposal_form.build(operation, action, prefill=given), click.asked_at)
    await open_view(click.client, click.trigger_id, form, over=click.view)


async def _adopt(click: Click) -> None:
    found = await adoptable(click.context, actor=click.person, number=click.request_id, delivery=click.delivery)
    days = days_on_offer(found.rule, proposal_form.USUAL_DAYS)
    given = FormInput(
        operation=Operation.EXTEND,
        action=found.entry.action,
        indicators=found.line,
        adopts=True,
        is_warned_next=is_ip_allow(Operation.EXTEND, found.entry.action, found.entry.list),
        as_it_is=_as_it_is(found) if found.may_stay else "",
        stays=_stays(found.end) if found.may_stay else "",
        ends=(*(f"{count}d" for count in days), *(["never"] if found.rule.may_be_endless else [])),
    )
    form = asked_at(proposal_form.build(Operation.EXTEND, found.entry.action, prefill=given), click.asked_at)
    await open_view(click.client, click.trigger_id, form, over=click.view)


def _as_it_is(found: Adoptable) -> str:
    if found.end is None:
        return "As it is: it has no end date"
    return f"As it is: it ends on {found.end:%Y-%m-%d %H:%M} UTC"


def _stays(end: datetime | None) -> str:
    return NEVER if end is None else end.isoformat()


async def _check(click: Click) -> None:
    await required(click.context, click.person, Right.CHECK, delivery=click.delivery)
    await open_view(
        click.client, click.trigger_id, asked_at(check_form.build(_lines(click)), click.asked_at), over=click.view
    )


async def _import(click: Click) -> None:
    await proposer(click.context, click.person, delivery=click.delivery)
    await open_view(click.client, click.trigger_id, asked_at(import_form.build(), click.asked_at), over=click.view)


def _lines(click: Click) -> str:
    return "" if click.value == NOTHING else click.value


#: They open a form, and change nothing.
_opens = partial(on_click, only_looks=True)

ROUTES = (
    _opens(ActionId.OPEN_BLOCK, partial(_propose, operation=Operation.ADD, action=Action.BLOCK)),
    _opens(ActionId.OPEN_UNBLOCK, partial(_propose, operation=Operation.REMOVE, action=Action.BLOCK)),
    _opens(ActionId.OPEN_ALLOW, partial(_propose, operation=Operation.ADD, action=Action.ALLOW)),
    _opens(ActionId.OPEN_UNALLOW, partial(_propose, operation=Operation.REMOVE, action=Action.ALLOW)),
    # Whether it is the end of a block or of an allow is told by what is listed.
    _opens(ActionId.OPEN_EXTEND, partial(_propose, operation=Operation.EXTEND, action=None)),
    _opens(ActionId.OPEN_ADOPT, _adopt),
    _opens(ActionId.OPEN_CHECK, _check),
    _opens(ActionId.OPEN_IMPORT, _import),
)
