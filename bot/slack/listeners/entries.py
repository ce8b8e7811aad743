"""The menu beside an entry of the lists: a form about just this entry, its verdict, or the request that made it.

The entry is looked up by its name in the last snapshot: what is gone can't be acted on.
"""

from __future__ import annotations

import re

from bot.domain.lists.change import Operation
from bot.domain.lists.entries import Entry
from bot.domain.reading.lines import line_of
from bot.domain.reading.listed import listed_indicator
from bot.errors import InvalidInput
from bot.slack.block_kit.blocks import Modal
from bot.slack.block_kit.ids import ActionId
from bot.slack.listeners.checking import answered
from bot.slack.listeners.deliveries import Click, on_click
from bot.slack.listeners.forms import open_view
from bot.slack.messages.entry_row import EntryVerb
from bot.slack.modals import proposal_form
from bot.slack.modals.form_input import FormInput
from bot.slack.queries import details_view
from bot.workflow.asking.browse import listed_entry
from bot.workflow.asking.check import check
from bot.workflow.shared.rights import proposer

_CARRIED = re.compile(rf"({'|'.join(EntryVerb)}) ([0-9a-f]{{1,16}})")
_FORMS = {
    EntryVerb.REMOVE: Operation.REMOVE,
    EntryVerb.EXTEND: Operation.EXTEND,
    EntryVerb.NOTE: Operation.ANNOTATE,
}


async def _chosen(click: Click) -> None:
    verb, named = _read(click.value)
    match verb:
        case EntryVerb.DETAILS:
            if not named.isdecimal():
                raise _unreadable()
            view = await details_view(click.context, click.person, int(named), shown=0)
        case EntryVerb.CHECK:
            view = await _verdict(click, await listed_entry(click.context, actor=click.person, name=named))
        case EntryVerb.REMOVE | EntryVerb.EXTEND | EntryVerb.NOTE:
            # Before the form: who may not propose shouldn't fill one in.
            await proposer(click.context, click.person, delivery=click.delivery)
            entry = await listed_entry(click.context, actor=click.person, name=named)
            view = _form(_FORMS[verb], entry)
    await open_view(click.client, click.trigger_id, view)


def _form(operation: Operation, entry: Entry) -> Modal:
    """The form, with a line that reads as just this entry."""
    line = line_of(listed_indicator(entry))
    given = FormInput(operation=operation, action=entry.action, indicators=line)
    return proposal_form.build(operation, entry.action, prefill=given)


async def _verdict(click: Click, entry: Entry) -> Modal:
    about = [listed_indicator(entry)]
    checked = await check(
        click.context, actor=click.person, indicators=about, delivery=click.delivery, response_url=click.response_url
    )
    return Modal.showing(await answered(click.context, click.person, checked), title="Check")


def _read(value: str) -> tuple[EntryVerb, str]:
    carried = _CARRIED.fullmatch(value)
    if carried is None:
        raise _unreadable()
    return EntryVerb(carried[1]), carried[2]


def _unreadable() -> InvalidInput:
    return InvalidInput("This button names no entry.", "Look at the lists again with /lists.")


ROUTES = (on_click(ActionId.ENTRY, _chosen),)
