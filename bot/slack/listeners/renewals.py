"""The buttons of what is due for renewal: it is let end by a request, or the form opens that asks to keep it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import starmap

from bot.domain.lists.change import Operation
from bot.domain.lists.ends import end_rule
from bot.domain.lists.entries import Entry
from bot.domain.reading.lines import line_of
from bot.domain.reading.listed import listed_indicator
from bot.domain.requests.known_entry import KnownEntry
from bot.domain.requests.renewal import Renewal
from bot.domain.telling.proposal_facts import proposal_facts
from bot.errors import InvalidInput
from bot.slack.block_kit.blocks import Message, Modal
from bot.slack.block_kit.ids import ActionId, Carried
from bot.slack.listeners.delivered import Click
from bot.slack.listeners.deliveries import on_click
from bot.slack.listeners.forms import open_view
from bot.slack.listeners.where_asked import asked_at
from bot.slack.messages.proposed import proposed_message
from bot.slack.messages.renewal import carried_by
from bot.slack.modals import proposal_form
from bot.slack.modals.form_fields import NEVER
from bot.slack.modals.form_input import FormInput
from bot.workflow.requesting.let_end import let_end, to_keep


async def _let_end(click: Click) -> Message:
    proposed = await let_end(click.context, actor=click.person, shown=_shown(click), delivery=click.delivery)
    return proposed_message(proposal_facts(proposed.requests, proposed.refusals))


async def _keep(click: Click) -> None:
    shown = _shown(click)
    found = await to_keep(click.context, actor=click.person, shown=shown, delivery=click.delivery)
    form = asked_at(_form(found, shown), click.asked_at)
    await open_view(click.client, click.trigger_id, form, over=click.view)


def _form(found: Sequence[tuple[Renewal, KnownEntry]], shown: Mapping[int, int]) -> Modal:
    """The form that asks for a reason and an end, with lines that read as just these entries."""
    lines = [
        line_of(listed_indicator(Entry(list=each.list, action=each.action, value=each.value))) for each, _ in found
    ]
    action = found[0][0].action
    is_endless = all(starmap(_is_endless, found))
    given = FormInput(
        operation=Operation.EXTEND,
        action=action,
        indicators="\n".join(lines),
        # What has no end, and may have none, is kept as it is unless they choose otherwise.
        as_it_is="As it is: without an expiry date" if is_endless else "",
        stays=NEVER if is_endless else "",
        renewals=tuple(Carried(request_id=number, version=version) for number, version in shown.items()),
    )
    return proposal_form.build(Operation.EXTEND, action, prefill=given)


def _is_endless(renewal: Renewal, entry: KnownEntry) -> bool:
    return entry.expires is None and end_rule(renewal.list, renewal.action).may_be_endless


def _shown(click: Click) -> Mapping[int, int]:
    shown = carried_by(click.value)
    if not shown:
        raise InvalidInput("This button names nothing that is due for renewal.", "Look with /requests renewals.")
    return shown


ROUTES = (
    on_click(ActionId.RENEWAL_KEEP, _keep, only_looks=True),
    on_click(ActionId.RENEWAL_END, _let_end),
)
