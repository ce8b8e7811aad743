"""What a delivery is known by, and of which kind it is."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

#: What people do, by the type that Slack gives it; everything else counts as `other`.
_KINDS = {
    "block_actions": "click",
    "view_submission": "form",
    "view_closed": "form",
    "shortcut": "shortcut",
    "message_action": "shortcut",
    "event_callback": "event",
}


@dataclass(frozen=True, slots=True)
class DeliveryKeys:
    """What a delivery is known by.

    `delivery` is the same for each repetition, and for nothing else. Slack repeats a delivery with the body as it was;
    each command and click carries a trigger of its own. So does each submission, but a form is sent once: sent a second
    time with the same in it, as by a double click, it is the same. `sending` names one sending of it: of a form that
    was sent twice each has its own.
    """

    delivery: str
    sending: str


def keys_of(body: Mapping[str, Any]) -> DeliveryKeys:
    """What a delivery is known by."""
    sending = _digest(body)
    view = body.get("view")
    if body.get("type") == "view_submission" and isinstance(view, Mapping) and view.get("id"):
        said = [view.get(name) for name in ("id", "callback_id", "private_metadata", "state")]
        return DeliveryKeys(_digest(["view", body.get("user"), *said]), sending)
    return DeliveryKeys(sending, sending)


def delivery_key(body: Mapping[str, Any]) -> str:
    """The name of a delivery alone."""
    return keys_of(body).delivery


def delivery_kind(body: Mapping[str, Any]) -> str:
    """What was done, as it is counted: a command, click, form, shortcut or event."""
    if isinstance(body.get("command"), str):
        return "command"
    return _KINDS.get(str(body.get("type")), "other")


def _digest(said: object) -> str:
    return hashlib.sha256(json.dumps(said, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
