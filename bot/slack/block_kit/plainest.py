"""A message in its plainest form, for when Slack doesn't take it as it was made: plain text and its buttons.

Everything that it said is still there, in the same order, as far as it fits: what was cut stands in the details.
"""

from __future__ import annotations

import hashlib
import html
import re
from collections.abc import Iterator, Sequence

from bot.slack.block_kit.block_rules import Json, as_json
from bot.slack.block_kit.blocks import Message
from bot.slack.block_kit.text import without_links

#: So much is said in all, in characters: well below what any message may hold, and a notification.
_TEXT = 4_000
_SPOKEN = 1_000
_SECTION = 2_000
_CUT = "… The rest does not fit here: see Details."

#: What mrkdwn means by angle brackets, and what is left of it: a person, a group, a channel, a date as text, a link.
_PERSON = re.compile(r"<(?:!subteam\^)?([@#]?[A-Z0-9]+)>")
_DATE = re.compile(r"<!date\^\d+\^[^|<>]+\|([^<>]+)>")
_LINK = re.compile(r"<(https?://[^\s<>|]+)\|([^<>]+)>")
#: The mark before a sentence is an emoji by its name; a label stands in a line of its own.
_MARK = re.compile(r"^:[a-z_]+: ", re.MULTILINE)
_LABEL = re.compile(r"^\*([^*\n]+)\*$", re.MULTILINE)


def plainest(message: Message) -> Message:
    """The same message, of plain text and buttons alone."""
    text = "\n\n".join(filter(None, (_said(block) for block in message.blocks)))
    if len(text) > _TEXT:
        text = f"{text[: _TEXT - len(_CUT) - 1]}\n{_CUT}"
    blocks: list[Json] = [_section(part) for part in _parts(text or _plain(message.text))]
    blocks += [{"type": "actions", "elements": buttons} for buttons in map(_buttons, message.blocks) if buttons]
    digest = hashlib.sha256(as_json(blocks).encode()).hexdigest()[:12]
    return Message(
        text=message.text[:_SPOKEN],
        blocks=tuple({**block, "block_id": f"plain-{digest}-{number}"} for number, block in enumerate(blocks)),
    )


def _section(text: str) -> Json:
    return {"type": "section", "text": {"type": "plain_text", "text": text, "emoji": False}}


def _said(block: Json) -> str:
    """All that a block says, a line for each of its texts."""
    texts: list[Json] = [block["text"]] if "text" in block else []
    texts += block.get("fields", ())
    if block["type"] == "context":
        texts += block["elements"]
    return without_links("\n".join(_plain(text["text"]) if _is_marked(text) else text["text"] for text in texts))


def _is_marked(text: Json) -> bool:
    return bool(text["type"] == "mrkdwn")


def _plain(mrkdwn: str) -> str:
    """What mrkdwn says, without markup: plain text knows neither that nor escapes."""
    text = _PERSON.sub(r"\1", mrkdwn)
    text = _LINK.sub(r"\2: \1", _DATE.sub(r"\1", text))
    return html.unescape(_LABEL.sub(r"\1:", _MARK.sub("", text)))


def _parts(text: str) -> Iterator[str]:
    """The text in sections, none of which is empty."""
    for start in range(0, len(text), _SECTION):
        part = text[start : start + _SECTION]
        if part.strip():
            yield part


def _buttons(block: Json) -> Sequence[Json]:
    """What a block has to click on, without anything that isn't needed for the click."""
    elements = block.get("elements", ()) if block["type"] == "actions" else filter(None, [block.get("accessory")])
    return [
        {key: value for key, value in element.items() if key in {"type", "text", "action_id", "value", "options"}}
        for element in elements
    ]
