"""All that a message in Slack says: its text, blocks and attachments, unfurled pages among them, as one text.

What comes in is hostile, of any shape and size: it is walked to a depth, and cut at a length.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

#: What people read stands under these keys, and where a link leads.
_SAID = (
    "text",
    "fallback",
    "pretext",
    "title",
    "url",
    "title_link",
    "title_url",
    "author_link",
    "from_url",
    "original_url",
    "author_name",
    "footer",
)
_PLACES = ("from_url", "original_url")
#: So deep blocks and attachments lie in each other at most.
_DEEPEST = 16
#: So much of a message is taken: messages have 40,000 characters at most.
_LONGEST = 60_000
_MOST_PARTS = 5_000


def text_of(message: object) -> str:
    """The text of a message as a delivery has it, a line for each part. Never raises; empty where there is none."""
    parts: dict[str, None] = {}
    length = 0
    for number, part in enumerate(_parts(message, 0)):
        if part.strip() and part not in parts:
            parts[part] = None
            length += len(part) + 1
        if length > _LONGEST or number > _MOST_PARTS:
            break
    return "\n".join(parts)[:_LONGEST]


def _parts(value: object, depth: int) -> Iterator[str]:
    if depth > _DEEPEST:
        return
    if isinstance(value, list):
        for each in value:
            yield from _parts(each, depth + 1)
    elif isinstance(value, Mapping) and _is_run(value):
        # Words that are set in different ways are one text: `evil` in bold, and `.example` behind it.
        yield "".join(_run(each) for each in value["elements"] if isinstance(each, Mapping))
    elif isinstance(value, Mapping):
        # The value of a field, beside its title; that of a button is nobody's text.
        keys: tuple[str, ...] = (*_SAID, "value") if "title" in value else _SAID
        if value.get("is_msg_unfurl") is True:
            # Another message: where in Slack it stands is nothing that it says.
            keys = tuple(key for key in keys if key not in _PLACES)
        yield from (said for key in keys if isinstance(said := value.get(key), str))
        for each in value.values():
            if isinstance(each, Mapping | list):
                yield from _parts(each, depth + 1)


def _is_run(value: Mapping[str, Any]) -> bool:
    """Whether this is a run of formatted text."""
    is_text = value.get("type") in ("rich_text_section", "rich_text_preformatted", "rich_text_quote")
    return is_text and isinstance(value.get("elements"), list)


def _run(element: Mapping[str, object]) -> str:
    """One piece of formatted text. A link says where it leads, and what it shows."""
    text, url = element.get("text"), element.get("url")
    said = text if isinstance(text, str) else ""
    if element.get("type") == "link" and isinstance(url, str):
        return f" <{url}|{said}> " if said else f" {url} "
    return said
