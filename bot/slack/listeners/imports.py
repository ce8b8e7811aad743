"""/import: opens the form, takes what was submitted onto disk, and leaves the reading to a job.

The clicks under the preview that comes of it change what is on disk, and leave its message to a job as well.
"""

from __future__ import annotations

import re

from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action
from bot.domain.reading.durations import expires_at, read_lifetime
from bot.domain.reading.import_text import demand_fits
from bot.errors import InvalidDuration, InvalidInput
from bot.slack.block_kit.blocks import Message, Modal
from bot.slack.block_kit.ids import ActionId, CallbackId
from bot.slack.command_table import IMPORT, Command
from bot.slack.jobs.import_reader import MOST_BYTES, queue_import
from bot.slack.listeners.delivered import Answer, Click, SentForm, Typed
from bot.slack.listeners.deliveries import Handler, on_click, on_command, on_form
from bot.slack.listeners.where_asked import tell_where_asked
from bot.slack.messages.help import help_message
from bot.slack.messages.import_answer import import_taken
from bot.slack.modals import form_fields, import_form
from bot.slack.modals.import_form import ImportInput
from bot.workflow.importing.previews import PreviewClick, ask_for, cancel, choose_column, take_ends
from bot.workflow.shared.context import Context
from bot.workflow.shared.rights import proposer


async def _open(typed: Typed) -> Message | Modal:
    if typed.text.strip():
        # Whatever was typed behind it has no place in the form: what can be given is in the help.
        return help_message(IMPORT)
    # Before the form: who may not propose shouldn't fill one in.
    await proposer(typed.context, typed.person, delivery=typed.delivery)
    return import_form.build()


async def _submitted(sent: SentForm) -> Answer:
    given = import_form.parse(sent.view)
    who = await proposer(sent.context, sent.person, delivery=sent.delivery)
    if errors := _errors(sent.context, given):
        return {"response_action": "errors", "errors": errors}
    await queue_import(sent.context, given, actor=who, delivery=sent.delivery)
    await tell_where_asked(sent, import_taken())
    return {}


async def _request(click: Click) -> None:
    await ask_for(click.context, _clicked(click)[0], actor=click.person)


async def _column(click: Click) -> None:
    under, position = _clicked(click)
    await choose_column(click.context, under, actor=click.person, position=position)


async def _ends(click: Click) -> None:
    under, take = _clicked(click)
    await take_ends(click.context, under, actor=click.person, take=bool(take))


async def _cancel(click: Click) -> None:
    await cancel(click.context, _clicked(click)[0], actor=click.person)


#: A preview's id and version, and which column was chosen or whether the ends count.
_CARRIED = re.compile(r"([0-9]{1,15})\.([0-9]{1,9})(?:\.([0-9]{1,4}))?")


def _clicked(click: Click) -> tuple[PreviewClick, int]:
    """Which preview in which version was clicked on, and what was chosen. Raises InvalidInput for anything else."""
    carried = _CARRIED.fullmatch(click.value)
    if carried is None:
        raise InvalidInput("This button carries no import's number.", "Use the buttons under an import of Portcullis.")
    under = PreviewClick(
        preview_id=int(carried[1]),
        version=int(carried[2]),
        delivery=click.delivery,
        channel=click.channel,
        ts=click.message,
    )
    return under, int(carried[3] or 0)


def is_importable(operation: Operation, action: Action | None) -> bool:
    """Whether many lines at once can be asked for this."""
    return any((operation, action) == (does, to) for does, to, _ in import_form.CHOICES.values())


def _errors(workflow: Context, given: ImportInput) -> dict[str, str]:
    """What can be told at once, without reading a line: the rest is the job's."""
    errors: dict[str, str] = {}
    has_text = bool(given.text.strip())
    if given.file is None and not has_text:
        errors[import_form.FILE] = "Choose a file, or write the lines into the field below."
    elif given.file is not None and has_text:
        # Two sources would have two lines with each number.
        errors[form_fields.INDICATORS] = "Give either a file or lines here, not both."
    elif given.file is not None and int(given.file.get("size") or 0) > MOST_BYTES:
        errors[import_form.FILE] = f"The file is larger than {MOST_BYTES // 1024 // 1024} MiB: split it."
    elif has_text:
        try:
            demand_fits(given.text)
        except InvalidInput as error:
            errors[form_fields.INDICATORS] = str(error)
    if not given.reason.strip():
        errors[form_fields.REASON] = "Say why: reviewers see it, and it stays in the audit log."
    if given.operation.gives_an_end and given.end:
        now = workflow.now()
        try:
            expires_at(read_lifetime(given.end, today=now.date()), now)
        except InvalidDuration as error:
            place = form_fields.END_DATE if "-" in given.end else form_fields.END
            errors[place] = str(error)
    return errors


HANDLERS: dict[Command, Handler] = {IMPORT: _open}

ROUTES = (
    on_command(IMPORT, _open),
    on_form(CallbackId.IMPORT, _submitted),
    on_click(ActionId.IMPORT_REQUEST, _request, decides=True),
    on_click(ActionId.IMPORT_COLUMN, _column),
    on_click(ActionId.IMPORT_ENDS, _ends),
    on_click(ActionId.IMPORT_CANCEL, _cancel),
)
