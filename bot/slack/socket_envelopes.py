"""What is said over Socket Mode: Slack's messages read, and the answer to one written.

Source: https://docs.slack.dev/apis/events-api/using-socket-mode
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from slack_bolt.response import BoltResponse

from bot.errors import UnreadableJson
from bot.outside_json import read_outside_json

#: A view of 250 kB is the largest thing in a delivery of Slack's.
_LARGEST = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Envelope:
    """A delivery. `headers` are those that the same delivery would have over HTTP, as bolt looks for them."""

    id: str
    payload: Mapping[str, Any]
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Notice:
    """A message about the connection: `kind` is `hello`, `disconnect` with a reason, or what isn't understood."""

    kind: str
    reason: str = ""


def read_message(text: str) -> Envelope | Notice:
    """What one message says. What isn't Slack's is a notice of the kind `unreadable`: nothing is raised."""
    try:
        found = read_outside_json(text, most_bytes=_LARGEST)
    except UnreadableJson:
        return Notice("unreadable")
    if not isinstance(found, dict):
        return Notice("unreadable")
    identity, payload = found.get("envelope_id"), found.get("payload")
    if isinstance(identity, str) and isinstance(payload, dict):
        headers = {}
        if isinstance(found.get("retry_attempt"), int):
            headers = {
                "x-slack-retry-num": str(found["retry_attempt"]),
                "x-slack-retry-reason": str(found.get("retry_reason", "")),
            }
        return Envelope(identity, payload, headers)
    return Notice(str(found.get("type", "unreadable")), str(found.get("reason", "")))


def acknowledgement(envelope_id: str, answer: BoltResponse) -> Mapping[str, Any] | None:
    """What is sent back for a delivery; None when the app didn't take it, so that Slack tells the person."""
    if answer.status != 200:
        return None
    told: dict[str, Any] = {"envelope_id": envelope_id}
    if answer.body:
        is_json = str(answer.first_headers().get("content-type", "")).startswith("application/json")
        # Our own answer, as the listener gave it to bolt.
        told["payload"] = json.loads(answer.body) if is_json else {"text": answer.body}  # noqa: TID251
    return told
