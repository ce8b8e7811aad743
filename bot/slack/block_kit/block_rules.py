"""What Slack takes and what it refuses, for every block and element that Portcullis uses.

slack_sdk checks most lengths when it makes a dict of a block itself, which it isn't asked to (see `as_dicts`). It does
not check the number of blocks, empty text, the length of a section's fields, mrkdwn where plain text is due, unknown
keys, repeated ids or the total size. This checks all of it, and one thing more: nothing between angle brackets but what
the views put there.

Figures: docs.slack.dev/reference/block-kit and docs.slack.dev/reference/views.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

Json = Mapping[str, Any]
#: A value of any shape, as JSON has it: the checks find out which.
Value = Any

MESSAGE_BLOCKS = 50
VIEW_BLOCKS = 100
MESSAGE_TEXT = 4_000
#: Undocumented: beyond it Slack answers `msg_blocks_too_long`. Held against the blocks as JSON, which counts the most.
MESSAGE_TOTAL = 12_000
VIEW_TOTAL_BYTES = 250_000
SECTION_TEXT = 3_000
FIELD_TEXT = 2_000
FIELDS = 10
HEADER_TEXT = 150
CONTEXT_ELEMENTS = 10
ACTIONS_ELEMENTS = 25
BUTTON_TEXT = 75
BUTTON_VALUE = 2_000
ID = 255
OPTIONS = 100
OVERFLOW_OPTIONS = 5
FILES = 10
CHECKBOXES = 10
RADIO_BUTTONS = 10
OPTION_TEXT = 75
OPTION_VALUE = 150
PLACEHOLDER = 150
INPUT_TEXT = 3_000
LABEL = 2_000
VIEW_TITLE = 24
PRIVATE_METADATA = 3_000
CONFIRM_TITLE = 100
CONFIRM_TEXT = 300
CONFIRM_BUTTON = 30

#: Everything between angle brackets means something to Slack. These are the meanings that Portcullis uses: a person,
#: a user group that the operator has named, a channel, a date, and one link that Slack itself gives, that of a card.
#: `<!channel>`, `<!here>` and other links are not among them.
_MEANT = re.compile(
    r"<(@[UW][A-Z0-9]+|!subteam\^S[A-Z0-9]+|#[CG][A-Z0-9]+|!date\^\d+\^[^^|<>]+\|[^<>|]+"
    r"|https?://[^\s<>|]+\|(?:The card of #|#)[0-9]+)>"
)


class InvalidBlocks(ValueError):
    """Slack would refuse this message or view, or show something that nobody meant."""


def check_message(text: str, blocks: Sequence[Json]) -> None:
    """Raises InvalidBlocks when Slack would refuse this message."""
    _length(text, MESSAGE_TEXT, "text")
    _brackets(text, "text")
    _blocks(blocks, at_most=MESSAGE_BLOCKS, inputs=False)
    total = len(as_json(blocks))
    _require(total <= MESSAGE_TOTAL, "blocks", f"{total:,} characters in all, more than {MESSAGE_TOTAL:,}")


def check_view(view: Json) -> None:
    """Raises InvalidBlocks when Slack would refuse this modal."""
    _keys(
        view,
        "view",
        needs={"type", "title", "blocks"},
        may={"callback_id", "private_metadata", "submit", "close", "clear_on_close", "notify_on_close"},
    )
    _require(view["type"] == "modal", "view", "only modals are used")
    for part in ("title", "submit", "close"):
        if part in view:
            _plain_text(view[part], VIEW_TITLE, f"view.{part}")
    _length(view.get("callback_id", "-"), ID, "view.callback_id")
    _require(len(view.get("private_metadata", "")) <= PRIVATE_METADATA, "view", "private_metadata is too long")
    _blocks(view["blocks"], at_most=VIEW_BLOCKS, inputs=True)
    if any(block["type"] == "input" for block in view["blocks"]):
        _require("submit" in view, "view", "inputs need a submit button")
    total = _bytes(view)
    _require(total <= VIEW_TOTAL_BYTES, "view", f"{total:,} bytes, more than {VIEW_TOTAL_BYTES:,}")


def check_home(view: Json) -> None:
    """Raises InvalidBlocks when Slack would refuse this as somebody's App Home."""
    _keys(view, "home", needs={"type", "blocks"}, may=set())
    _require(view["type"] == "home", "home", "is another view")
    _blocks(view["blocks"], at_most=VIEW_BLOCKS, inputs=False)
    total = _bytes(view)
    _require(total <= VIEW_TOTAL_BYTES, "home", f"{total:,} bytes, more than {VIEW_TOTAL_BYTES:,}")


def _bytes(view: Json) -> int:
    """How large it is. Half a character, as a cut text may end with, counts as what stands for it."""
    return len(as_json(view).encode(errors="surrogatepass"))


def as_json(value: Value) -> str:
    """The value as Slack would get it, without spaces."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=dict)


def _require(holds: bool, where: str, what: str) -> None:
    if not holds:
        raise InvalidBlocks(f"{where}: {what}")


# What is wrong is put into words only where something is: most of what is looked at is right, many times in a message.


def _length(text: Value, limit: int, where: str) -> None:
    _require(isinstance(text, str), where, "is no text")
    _require(bool(text) and not text.isspace(), where, "is empty")
    if len(text) > limit:
        raise InvalidBlocks(f"{where}: has {len(text):,} characters, more than {limit:,}")


def _keys(value: Value, where: str, *, needs: set[str], may: set[str]) -> None:
    _object(value, where)
    keys = value.keys()
    if not needs <= keys:
        raise InvalidBlocks(f"{where}: misses {sorted(needs - keys)}")
    if not keys <= needs | may:
        raise InvalidBlocks(f"{where}: has unknown keys {sorted(keys - needs - may)}")


def _object(value: Value, where: str) -> None:
    _require(type(value) is dict or isinstance(value, Mapping), where, "is no object")


def _brackets(text: str, where: str) -> None:
    rest = _MEANT.sub("", text)
    # A bare ">" is Slack's quotation mark, so only "<" tells.
    _require("<" not in rest, where, "has an angle bracket that was not escaped, or a link or mention that is not used")


def _plain_text(value: Value, limit: int, where: str) -> None:
    _keys(value, where, needs={"type", "text"}, may={"emoji"})
    if value["type"] != "plain_text":
        raise InvalidBlocks(f"{where}: must be plain_text, not {value['type']}")
    _length(value["text"], limit, where)


def _text(value: Value, limit: int, where: str) -> None:
    """mrkdwn or plain text. mrkdwn must be verbatim: otherwise Slack makes links of what looks like one."""
    _object(value, where)
    if value.get("type") != "mrkdwn":
        _plain_text(value, limit, where)
        return
    _keys(value, where, needs={"type", "text", "verbatim"}, may=set())
    _require(value["verbatim"] is True, where, "mrkdwn must be verbatim")
    _length(value["text"], limit, where)
    _brackets(value["text"], where)


def _blocks(blocks: Value, *, at_most: int, inputs: bool) -> None:
    _require(1 <= len(blocks) <= at_most, "blocks", f"{len(blocks)} of them, not 1 to {at_most}")
    seen: set[str] = set()
    for number, block in enumerate(blocks):
        where = f"blocks[{number}]"
        _object(block, where)
        check = _BLOCKS.get(block.get("type", ""))
        if check is None or (block["type"] == "input" and not inputs):
            raise InvalidBlocks(f"{where}: {block.get('type')} is not used here")
        check(block, where)
        if (block_id := block.get("block_id")) is not None:
            _length(block_id, ID, f"{where}.block_id")
            _require(block_id not in seen, where, f"block_id {block_id} comes twice")
            seen.add(block_id)


def _section(block: Json, where: str) -> None:
    _keys(block, where, needs={"type"}, may={"block_id", "text", "fields", "accessory", "expand"})
    _require("text" in block or "fields" in block, where, "has neither text nor fields")
    if "text" in block:
        _text(block["text"], SECTION_TEXT, f"{where}.text")
    if "fields" in block:
        _require(1 <= len(block["fields"]) <= FIELDS, where, f"must have 1 to {FIELDS} fields")
        for number, field in enumerate(block["fields"]):
            _text(field, FIELD_TEXT, f"{where}.fields[{number}]")
    if "accessory" in block:
        _elements([block["accessory"]], f"{where}.accessory", allowed={"button", "overflow"})


def _header(block: Json, where: str) -> None:
    _keys(block, where, needs={"type", "text"}, may={"block_id"})
    _plain_text(block["text"], HEADER_TEXT, f"{where}.text")


def _divider(block: Json, where: str) -> None:
    _keys(block, where, needs={"type"}, may={"block_id"})


def _context(block: Json, where: str) -> None:
    _keys(block, where, needs={"type", "elements"}, may={"block_id"})
    _require(1 <= len(block["elements"]) <= CONTEXT_ELEMENTS, where, f"must have 1 to {CONTEXT_ELEMENTS} elements")
    for number, element in enumerate(block["elements"]):
        _text(element, SECTION_TEXT, f"{where}.elements[{number}]")


def _actions(block: Json, where: str) -> None:
    _keys(block, where, needs={"type", "elements"}, may={"block_id"})
    _require(1 <= len(block["elements"]) <= ACTIONS_ELEMENTS, where, f"must have 1 to {ACTIONS_ELEMENTS} elements")
    _elements(block["elements"], where, allowed={"button", "static_select"})


def _input(block: Json, where: str) -> None:
    _keys(block, where, needs={"type", "label", "element", "block_id"}, may={"hint", "optional", "dispatch_action"})
    _plain_text(block["label"], LABEL, f"{where}.label")
    if "hint" in block:
        _plain_text(block["hint"], LABEL, f"{where}.hint")
    _elements([block["element"]], where, allowed=set(_ELEMENTS) - {"button", "overflow"})


def _elements(elements: Sequence[Value], where: str, *, allowed: set[str]) -> None:
    seen: set[str] = set()
    for number, element in enumerate(elements):
        at = f"{where}.elements[{number}]"
        _object(element, at)
        _require(element.get("type") in allowed, at, f"{element.get('type')} is not used here")
        _ELEMENTS[element["type"]](element, at)
        _length(element["action_id"], ID, f"{at}.action_id")
        _require(element["action_id"] not in seen, at, f"action_id {element['action_id']} comes twice")
        seen.add(element["action_id"])


def _button(element: Json, where: str) -> None:
    _keys(
        element,
        where,
        needs={"type", "text", "action_id", "value"},
        may={"style", "confirm", "accessibility_label"},
    )
    _plain_text(element["text"], BUTTON_TEXT, f"{where}.text")
    _length(element["value"], BUTTON_VALUE, f"{where}.value")
    _require(element.get("style", "primary") in {"primary", "danger"}, where, "has an unknown style")
    if "accessibility_label" in element:
        _length(element["accessibility_label"], BUTTON_TEXT, f"{where}.accessibility_label")
    if "confirm" in element:
        confirm = element["confirm"]
        _keys(confirm, f"{where}.confirm", needs={"title", "text", "confirm", "deny"}, may={"style"})
        _require(confirm.get("style", "primary") in {"primary", "danger"}, f"{where}.confirm", "has an unknown style")
        _plain_text(confirm["title"], CONFIRM_TITLE, f"{where}.confirm.title")
        _plain_text(confirm["text"], CONFIRM_TEXT, f"{where}.confirm.text")
        for answer in ("confirm", "deny"):
            _plain_text(confirm[answer], CONFIRM_BUTTON, f"{where}.confirm.{answer}")


def _options(options: Value, where: str, at_most: int) -> list[Value]:
    _require(1 <= len(options) <= at_most, where, f"must have 1 to {at_most} options")
    for option in options:
        _keys(option, where, needs={"text", "value"}, may={"description"})
        _plain_text(option["text"], OPTION_TEXT, f"{where}.option")
        _length(option["value"], OPTION_VALUE, f"{where}.option.value")
        if "description" in option:
            _plain_text(option["description"], OPTION_TEXT, f"{where}.option.description")
    values = [option["value"] for option in options]
    _require(len(set(values)) == len(values), where, "has a value twice")
    return list(options)


def _static_select(element: Json, where: str) -> None:
    _keys(element, where, needs={"type", "action_id", "options"}, may={"placeholder", "initial_option"})
    options = _options(element["options"], where, OPTIONS)
    if "initial_option" in element:
        _require(element["initial_option"] in options, where, "its initial option is none of its options")
    if "placeholder" in element:
        _plain_text(element["placeholder"], PLACEHOLDER, f"{where}.placeholder")


def _overflow(element: Json, where: str) -> None:
    _keys(element, where, needs={"type", "action_id", "options"}, may=set())
    _options(element["options"], where, OVERFLOW_OPTIONS)


def _datepicker(element: Json, where: str) -> None:
    _keys(element, where, needs={"type", "action_id"}, may={"placeholder", "initial_date"})
    if "initial_date" in element:
        is_date = re.fullmatch(r"\d{4}-\d{2}-\d{2}", element["initial_date"]) is not None
        _require(is_date, where, "its initial date is no date")
    if "placeholder" in element:
        _plain_text(element["placeholder"], PLACEHOLDER, f"{where}.placeholder")


def _plain_text_input(element: Json, where: str) -> None:
    _keys(
        element,
        where,
        needs={"type", "action_id"},
        may={"placeholder", "initial_value", "multiline", "min_length", "max_length"},
    )
    _require(0 < element.get("max_length", INPUT_TEXT) <= INPUT_TEXT, where, "has a wrong max_length")
    _require(0 <= element.get("min_length", 0) <= INPUT_TEXT, where, "has a wrong min_length")
    if "initial_value" in element:
        _length(element["initial_value"], element.get("max_length", INPUT_TEXT), f"{where}.initial_value")
    if "placeholder" in element:
        _plain_text(element["placeholder"], PLACEHOLDER, f"{where}.placeholder")


def _checkboxes(element: Json, where: str) -> None:
    _keys(element, where, needs={"type", "action_id", "options"}, may={"initial_options"})
    options = _options(element["options"], where, CHECKBOXES)
    _require(all(chosen in options for chosen in element.get("initial_options", ())), where, "ticks what is not there")


def _radio_buttons(element: Json, where: str) -> None:
    _keys(element, where, needs={"type", "action_id", "options"}, may={"initial_option"})
    options = _options(element["options"], where, RADIO_BUTTONS)
    if "initial_option" in element:
        _require(element["initial_option"] in options, where, "its initial option is none of its options")


def _file_input(element: Json, where: str) -> None:
    _keys(element, where, needs={"type", "action_id"}, may={"filetypes", "max_files"})
    _require(1 <= element.get("max_files", FILES) <= FILES, where, "has a wrong max_files")
    for extension in element.get("filetypes", ()):
        _require(re.fullmatch(r"[a-z0-9]{1,20}", extension) is not None, where, "has an odd file type")


_BLOCKS: Mapping[str, Callable[[Json, str], None]] = {
    "section": _section,
    "header": _header,
    "divider": _divider,
    "context": _context,
    "actions": _actions,
    "input": _input,
}
_ELEMENTS: Mapping[str, Callable[[Json, str], None]] = {
    "button": _button,
    "static_select": _static_select,
    "overflow": _overflow,
    "datepicker": _datepicker,
    "plain_text_input": _plain_text_input,
    "checkboxes": _checkboxes,
    "radio_buttons": _radio_buttons,
    "file_input": _file_input,
}
