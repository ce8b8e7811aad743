"""Advice on what stands in a text: was it escaped, does it ping everybody, can people click on it?

The stand-in can't know which part of a text a person typed. What it can see is a character that should have been
escaped, a mention of a whole channel, and an address that Slack will turn into a link.
Source: https://docs.slack.dev/messaging/formatting-message-text#escaping
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

_BARE_AMPERSAND = re.compile(r"&(?!amp;|lt;|gt;)")
#: What Slack reads as a mention, a date or a link.
_MARKUP = re.compile(r"<(?:[@#!][^<>\n]+|(?:https?://|mailto:|tel:)[^<>\s|]+(?:\|[^<>\n]*)?)>")
_QUOTATION = re.compile(r"^>+", re.MULTILINE)
_BROADCAST = re.compile(r"<!(?:channel|here|everyone)(?:\|[^<>]*)?>")
_ADDRESS = re.compile(r"https?://", re.IGNORECASE)


def advice(text: str) -> Iterator[tuple[str, str]]:
    """Hints about one text in Slack's markup: a stable name for the advice, and what it is about."""
    if _BROADCAST.search(text):
        yield "broadcast_mention", f"everybody in the channel is pinged by: {_start(text)}"
    rest = _QUOTATION.sub("", _MARKUP.sub("", text))
    if _BARE_AMPERSAND.search(rest) or "<" in rest or ">" in rest:
        yield "unescaped", f"a bare & < or > stands in: {_start(text)}"
    if _ADDRESS.search(rest):
        yield "live_link", f"Slack turns an address into a link in: {_start(text)}"


def advice_on(text: str | None, blocks: list[dict[str, Any]] | None) -> Iterator[tuple[str, str]]:
    """Hints about a whole message or view; each advice once."""
    given: set[str] = set()
    for part in ([text] if text else []) + list(_markup_texts(blocks)):
        for rule, what in advice(part):
            if rule not in given:
                given.add(rule)
                yield rule, what


def _markup_texts(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        if value.get("type") == "mrkdwn":
            yield str(value.get("text", ""))
        for inner in value.values():
            yield from _markup_texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _markup_texts(inner)


def _start(text: str) -> str:
    return text if len(text) <= 80 else f"{text[:79]}…"
