"""/lists, and the menu beside an entry: a form about just this entry, its verdict, or the request that made it.

The entry is looked up by its name in the last snapshot: what is gone can't be acted on.
"""

from __future__ import annotations

import asyncio
import re
from functools import partial

from bot.domain.lists.change import Operation
from bot.domain.lists.entries import Entry
from bot.domain.lists.traits import label
from bot.domain.reading.lines import line_of
from bot.domain.reading.list_words import read_list_query, said
from bot.domain.reading.listed import listed_indicator
from bot.domain.requests.browsing import place_mark, turned_to
from bot.domain.requests.people import Person
from bot.domain.telling.entry_lines import entry_line
from bot.errors import InvalidInput
from bot.slack.block_kit.blocks import Message, Modal
from bot.slack.block_kit.ids import ActionId
from bot.slack.command_table import LISTS, Command
from bot.slack.listeners.checking import answered
from bot.slack.listeners.delivered import Click, Typed
from bot.slack.listeners.deliveries import Handler, on_click, on_command
from bot.slack.listeners.forms import open_view
from bot.slack.listeners.showing import show_details
from bot.slack.listeners.where_asked import asked_at
from bot.slack.messages.entry_row import EntryVerb
from bot.slack.messages.list_page import PAGE, ListPageFacts, ListPlace, list_page, place_on
from bot.slack.modals import proposal_form
from bot.slack.modals.form_input import FormInput
from bot.workflow.asking.browse import browse_lists, listed_entry, with_requests
from bot.workflow.asking.check import check
from bot.workflow.shared.context import Context
from bot.workflow.shared.rights import proposer

_CARRIED = re.compile(rf"({'|'.join(EntryVerb)}) ([0-9a-f]{{1,16}})")
_FORMS = {
    EntryVerb.REMOVE: Operation.REMOVE,
    EntryVerb.EXTEND: Operation.EXTEND,
    EntryVerb.NOTE: Operation.ANNOTATE,
}


async def _lists(typed: Typed) -> Message:
    return await _page(typed.context, typed.person, typed.text)


async def _turned(click: Click, *, back: bool) -> Message:
    place = place_on(click.value)
    if place is None:
        raise InvalidInput("This button can't be read.", "Type /lists again.")
    return await _page(click.context, click.person, place.query, place=place, back=back)


async def _page(
    context: Context, person: Person, text: str, *, place: ListPlace | None = None, back: bool = False
) -> Message:
    typed = " ".join(text.split())
    query = read_list_query(typed)
    found = await browse_lists(context, actor=person, query=query, typed=typed)
    start = 0
    if place is not None:
        turn = partial(turned_to, found.rows, place.marks, position=place.position, back=back, page=PAGE)
        start = await asyncio.to_thread(turn)
    # The lists may be shorter by now than they were when the button was made.
    start = start if start < len(found.rows) else 0
    shown = found.rows[start : start + PAGE]
    facts = ListPageFacts(
        entries=[entry_line(row) for row in await with_requests(context, shown)],
        marks=[place_mark(row) for row in shown],
        start=start,
        total=len(found.rows),
        said=said(query),
        words=query.words,
        query=typed,
        as_of=found.as_of,
        unread=[label(name) for name in found.unreadable],
    )
    return list_page(facts, rights=person.rights, now=context.now())


async def _chosen(click: Click) -> None:
    verb, named = _read(click.value)
    match verb:
        case EntryVerb.DETAILS:
            if not named.isdecimal():
                raise _unreadable()
            await show_details(click, int(named), shown=0)
            return
        case EntryVerb.CHECK:
            view = await _verdict(click, await listed_entry(click.context, actor=click.person, name=named))
        case EntryVerb.REMOVE | EntryVerb.EXTEND | EntryVerb.NOTE:
            # Before the form: who may not propose shouldn't fill one in.
            await proposer(click.context, click.person, delivery=click.delivery)
            entry = await listed_entry(click.context, actor=click.person, name=named)
            view = _form(_FORMS[verb], entry)
    await open_view(click.client, click.trigger_id, asked_at(view, click.asked_at), over=click.view)


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


HANDLERS: dict[Command, Handler] = {LISTS: _lists}

ROUTES = (
    on_command(LISTS, _lists),
    on_click(ActionId.LISTS_NEXT, partial(_turned, back=False), in_place=True, only_looks=True),
    on_click(ActionId.LISTS_BACK, partial(_turned, back=True), in_place=True, only_looks=True),
    on_click(ActionId.ENTRY, _chosen, only_looks=True),
)
