"""The form for an import: what to do with which lines, from a file or a long text, until when, and why."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from slack_sdk.models.blocks import Option, PlainTextInputElement, StaticSelectElement

from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action
from bot.domain.reading.import_text import MOST_IMPORTED
from bot.errors import InvalidInput
from bot.slack.block_kit import elements
from bot.slack.block_kit.blocks import Modal
from bot.slack.block_kit.ids import CallbackId
from bot.slack.block_kit.text import REPLACEMENT
from bot.slack.modals import form_fields
from bot.slack.modals.file_field import file_field, file_in
from bot.slack.modals.form_answer import FormAnswer

WHAT = "what"
FILE = "file"
#: Extensions; what is in the file tells how it is read, whatever its name.
FILE_TYPES = ("csv", "txt", "tsv", "xlsx", "json")

#: What can be done with many lines at once: the word that travels, what it does, and how people call it.
CHOICES: Mapping[str, tuple[Operation, Action, str]] = MappingProxyType(
    {
        "block": (Operation.ADD, Action.BLOCK, "Block them"),
        "unblock": (Operation.REMOVE, Action.BLOCK, "Unblock them: take them off the block lists"),
        "unallow": (Operation.REMOVE, Action.ALLOW, "Unallow them: take them off the allow lists"),
        "extend_blocks": (Operation.EXTEND, Action.BLOCK, "Give their blocks a new expiry date"),
        "extend_allows": (Operation.EXTEND, Action.ALLOW, "Give their allows a new expiry date"),
    }
)

_ENDS = ("1d", "7d", "30d", "90d", "never")
_DEFAULT_END = "30d"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportInput:
    """What was submitted, before anything of it was read. `file` is what `bot.slack.files.download` takes, or None."""

    operation: Operation
    action: Action
    text: str = ""
    file: Mapping[str, Any] | None = None
    end: str = ""
    reason: str = ""


def holds(text: str, reason: str) -> bool:
    """Whether the form's fields have room for these lines, and for this reason."""
    return len(text) <= form_fields.TEXT_LIMIT and len(reason) <= form_fields.REASON_LIMIT


#: Half of a character, as a text that was cut in between ends with: no encoding takes it.
_HALF = re.compile("[\ud800-\udfff]")


def _whole(text: str) -> str:
    """The same text with a mark for each half of a character."""
    return _HALF.sub(REPLACEMENT, text)


def build(given: ImportInput | None = None, *, problem: str = "") -> Modal:
    """The form: empty, or with what was given, which it `holds`, and with the problem for which it is asked."""
    options = {word: Option(value=word, text=elements.plain_text(words)) for word, (_, _, words) in CHOICES.items()}
    chosen = next(
        (word for word, (does, to, _) in CHOICES.items() if given and (does, to) == (given.operation, given.action)),
        next(iter(CHOICES)),
    )
    end = "" if given is None else given.end
    asked = [elements.plain_section(f"\N{WARNING SIGN}\ufe0f {problem}")] if problem else []
    return Modal.build(
        callback_id=CallbackId.IMPORT,
        title="Import",
        submit="Send import",
        close="Cancel",
        blocks=[
            *asked,
            elements.section(
                f"Up to {MOST_IMPORTED:,} lines, from a file or from the field below it. Each line is judged by "
                "itself: what is listed already or can't be read is set aside, and you are told why. A message shows "
                "first what would be requested; nothing is requested before you say so there."
            ),
            elements.field_input(
                block_id=WHAT,
                label="What to do",
                element=StaticSelectElement(
                    action_id=form_fields.VALUE,
                    options=list(options.values()),
                    initial_option=options[chosen],
                ),
            ),
            file_field(
                block_id=FILE,
                action_id=form_fields.VALUE,
                label="File",
                filetypes=FILE_TYPES,
                hint=(
                    "Text with an indicator on each line, or a table with a column of them: CSV, a workbook, an "
                    "export. Up to 2 MiB."
                ),
                optional=True,
            ),
            elements.field_input(
                block_id=form_fields.INDICATORS,
                label="Or the lines themselves",
                hint="An indicator on each line, defanged or not. For more than fits here, use a file.",
                optional=True,
                element=PlainTextInputElement(
                    action_id=form_fields.VALUE,
                    multiline=True,
                    max_length=form_fields.TEXT_LIMIT,
                    initial_value=_whole(given.text) if given is not None and given.text else None,
                ),
            ),
            form_fields.end_field(
                end, ends=_ENDS, default=_DEFAULT_END, hint="For blocks and for new ends; a removal has none."
            ),
            form_fields.date_field(end),
            form_fields.reason_field("" if given is None else given.reason),
        ],
        private_metadata="{}",
    )


def parse(view: object) -> ImportInput:
    """What was submitted. Raises InvalidInput when the payload has any other shape than the form's."""
    answer = FormAnswer(view)
    operation, action, _ = CHOICES[_chosen(view)]
    return ImportInput(
        operation=operation,
        action=action,
        text=answer.text(form_fields.INDICATORS, limit=form_fields.TEXT_LIMIT),
        file=file_in(view, block_id=FILE, action_id=form_fields.VALUE),
        end=answer.date(form_fields.END_DATE) or answer.selected(form_fields.END),
        reason=answer.text(form_fields.REASON, limit=form_fields.REASON_LIMIT),
    )


def _chosen(view: object) -> str:
    found: object = view
    for key in ("state", "values", WHAT, form_fields.VALUE, "selected_option", "value"):
        found = found.get(key) if isinstance(found, Mapping) else None
    if not isinstance(found, str) or found not in CHOICES:
        raise InvalidInput("The form came back in a shape that can't be read.", "Open it again and send it once more.")
    return found
