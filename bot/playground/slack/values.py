"""What a person chose or typed, in the shape in which Slack tells the app.

The page sends plain values: a text, a date, an option's value, a file's id, or a list of them. Slack's payloads have
the whole option and file objects. Source: https://docs.slack.dev/reference/views#view-state
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

#: Element type → the key of its state, and the key under which the element declares a first value.
_STATE: dict[str, tuple[str, str]] = {
    "plain_text_input": ("value", "initial_value"),
    "number_input": ("value", "initial_value"),
    "email_text_input": ("value", "initial_value"),
    "url_text_input": ("value", "initial_value"),
    "static_select": ("selected_option", "initial_option"),
    "radio_buttons": ("selected_option", "initial_option"),
    "overflow": ("selected_option", "initial_option"),
    "checkboxes": ("selected_options", "initial_options"),
    "multi_static_select": ("selected_options", "initial_options"),
    "users_select": ("selected_user", "initial_user"),
    "multi_users_select": ("selected_users", "initial_users"),
    "conversations_select": ("selected_conversation", "initial_conversation"),
    "multi_conversations_select": ("selected_conversations", "initial_conversations"),
    "channels_select": ("selected_channel", "initial_channel"),
    "multi_channels_select": ("selected_channels", "initial_channels"),
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
    "datetimepicker": ("selected_date_time", "initial_date_time"),
    # Nothing can be filled in beforehand: a file has no first value.
    "file_input": ("files", "initial_files"),
}
#: Where the files are that people have chosen: by id, as Slack's objects; None for one that isn't there.
Files = Callable[[str], dict[str, Any] | None]
#: https://docs.slack.dev/reference/block-kit/block-elements/file-input-element
_MOST_FILES = 10

#: These tell the app when they are used, but leave nothing behind.
_STATELESS = frozenset({"button", "overflow"})
_MAIL_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_URL = re.compile(r"https?://\S+")


class NoSuchChoice(Exception):
    """The element doesn't offer what the page says that the person chose."""


def initial_state(element: dict[str, Any]) -> dict[str, Any] | None:
    """The element's state before anybody touched it; None for elements without state."""
    kind = element["type"]
    if kind in _STATELESS or kind not in _STATE:
        return None
    key, initial = _STATE[kind]
    nothing: Any = [] if key.endswith("s") else None
    return {"type": kind, key: element.get(initial, nothing)}


def no_files(file_id: str) -> dict[str, Any] | None:  # noqa: ARG001 - a lookup's shape
    """Where no file can have been chosen."""
    return None


def state_of(element: dict[str, Any], value: object, *, files: Files = no_files) -> dict[str, Any]:
    """The element's state after the person chose `value`. Raises NoSuchChoice."""
    kind = element["type"]
    if kind not in _STATE:
        msg = f"a {kind} takes no value"
        raise NoSuchChoice(msg)
    key, _ = _STATE[kind]
    if key == "selected_option":
        chosen: Any = None if value in (None, "") else _option(element, value)
    elif key.endswith("s"):
        values = [] if value in (None, "") else value if isinstance(value, list) else [value]
        if key == "files":
            chosen = [_file(str(chosen_value), files) for chosen_value in values]
        elif key == "selected_options":
            chosen = [_option(element, chosen_value) for chosen_value in values]
        else:
            chosen = [str(chosen_value) for chosen_value in values]
        limit = element.get("max_files", _MOST_FILES) if key == "files" else element.get("max_selected_items")
        if limit is not None and len(chosen) > limit:
            msg = f"at most {limit} can be chosen"
            raise NoSuchChoice(msg)
    elif key == "selected_date_time":
        chosen = None if value in (None, "") else int(str(value))
    else:
        chosen = None if value in (None, "") else str(value)
    return {"type": kind, key: chosen}


def complaint(block: dict[str, Any], state: dict[str, Any] | None) -> str | None:
    """What Slack's client says at an input before it lets the form go; None if it is fine."""
    element = block["element"]
    key, _ = _STATE[element["type"]]
    value = None if state is None else state.get(key)
    if value in (None, "", []):
        return None if block.get("optional") else "Please complete this required field."
    text = value if isinstance(value, str) else ""
    least, most = element.get("min_length"), element.get("max_length", 3000)
    problem: str | None = None
    if element["type"] == "plain_text_input" and least is not None and len(text) < least:
        problem = f"Please enter at least {least} characters."
    elif element["type"] == "plain_text_input" and len(text) > most:
        problem = f"Please enter at most {most} characters."
    elif element["type"] == "email_text_input" and not _MAIL_ADDRESS.fullmatch(text):
        problem = "Please enter a valid email address."
    elif element["type"] == "url_text_input" and not _URL.fullmatch(text):
        problem = "Please enter a valid URL."
    elif element["type"] == "number_input":
        problem = _number_complaint(element, text)
    elif element["type"] == "file_input":
        problem = _file_complaint(element, value)
    return problem


def _file_complaint(element: dict[str, Any], files: Any) -> str | None:  # noqa: ANN401 - Slack's state
    allowed = [str(extension).lower() for extension in element.get("filetypes") or []]
    if allowed and any(str(file["name"]).rpartition(".")[2].lower() not in allowed for file in files):
        return f"Please choose files of these types only: {', '.join(allowed)}."
    return None


def _number_complaint(element: dict[str, Any], text: str) -> str | None:
    try:
        number = float(text)
    except ValueError:
        return "Please enter a number."
    if not element["is_decimal_allowed"] and not number.is_integer():
        return "Please enter a whole number."
    low, high = element.get("min_value"), element.get("max_value")
    if (low is not None and number < float(low)) or (high is not None and number > float(high)):
        return "Please enter a number within the limits."
    return None


def _file(file_id: str, files: Files) -> dict[str, Any]:
    found = files(file_id)
    if found is None:
        msg = f"there is no file {file_id!r}"
        raise NoSuchChoice(msg)
    return found


def _option(element: dict[str, Any], value: object) -> dict[str, Any]:
    groups = element.get("option_groups") or []
    offered = [*(element.get("options") or []), *(option for group in groups for option in group["options"])]
    for option in offered:
        if option["value"] == value:
            found: dict[str, Any] = option
            return found
    msg = f"there is no choice {value!r}"
    raise NoSuchChoice(msg)
