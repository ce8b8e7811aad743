"""A field for files in a form, which slack_sdk has no model of, and what comes back from it.

Source: docs.slack.dev/reference/block-kit/block-elements/file-input-element (scope `files:read`; 10 MB a file). Slack's
own check of the file types is a convenience: what comes back is read as if there were none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from slack_sdk.models.blocks import InputBlock, InputInteractiveElement

from bot.errors import InvalidInput
from bot.slack.block_kit import elements

#: What a job needs of a file, and all that is kept of Slack's object.
_KEPT = ("id", "name", "size", "url_private_download")
_LONGEST = 2_000


class FileInputElement(InputInteractiveElement):
    """Slack's element. `filetypes` are extensions without their dot."""

    type = "file_input"
    #: The keys that slack_sdk writes out.
    attributes = InputInteractiveElement.attributes - {"placeholder", "confirm", "focus_on_load"} | {
        "filetypes",
        "max_files",
    }

    def __init__(self, *, action_id: str, filetypes: Sequence[str], max_files: int = 1) -> None:
        super().__init__(action_id=action_id, type=self.type)
        self.filetypes = list(filetypes)
        self.max_files = max_files


def file_field(
    *, block_id: str, action_id: str, label: str, filetypes: Sequence[str], hint: str = "", optional: bool = False
) -> InputBlock:
    """A field for one file."""
    return elements.field_input(
        block_id=block_id,
        label=label,
        hint=hint or None,
        optional=optional,
        element=FileInputElement(action_id=action_id, filetypes=filetypes),
    )


def file_in(view: object, *, block_id: str, action_id: str) -> dict[str, Any] | None:
    """The file that was put into the field, with no more of Slack's object than `bot.slack.files.download` takes.

    None when none was. Raises InvalidInput when the payload has any other shape than the form's.
    """
    found: object = view
    for key in ("state", "values", block_id, action_id):
        if not isinstance(found, Mapping):
            raise _unreadable()
        found = found.get(key)
        if found is None:
            return None
    if not isinstance(found, Mapping):
        raise _unreadable()
    files = found.get("files")
    if not files:
        return None
    if not isinstance(files, list) or len(files) > 1 or not isinstance(files[0], Mapping):
        raise _unreadable()
    file = {key: files[0].get(key) for key in _KEPT}
    if not isinstance(file["id"], str) or not isinstance(file["size"], int | None):
        raise _unreadable()
    for key in ("id", "name", "url_private_download"):
        text = file[key]
        if text is not None and (not isinstance(text, str) or len(text) > _LONGEST):
            raise _unreadable()
    return {key: value for key, value in file.items() if value is not None}


def _unreadable() -> InvalidInput:
    return InvalidInput("The form came back in a shape that can't be read.", "Open it again and send it once more.")
