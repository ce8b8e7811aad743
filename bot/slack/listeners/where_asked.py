"""Where somebody asked for something whose form opened: once it is sent, its answer is told there, as a command's is.

A form carries the `response_url` of the command or of the click below an answer, and its further forms carry it on. A
form that was opened from App Home, a shortcut or a card has no such place: the direct message says what came of it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

import structlog

from bot.errors import StoreError, UnreadableJson
from bot.outside_json import read_outside_json
from bot.slack.block_kit.block_rules import PRIVATE_METADATA
from bot.slack.block_kit.blocks import Message, Modal
from bot.slack.listeners.delivered import Answer, SentForm
from bot.workflow.shared import jobs

_log = structlog.get_logger(__name__)

_KEY = "asked_at"


def asked_at(form: Modal, response_url: str) -> Modal:
    """The form, which carries where it was asked for; as it is where it has no room for that, or carries nothing."""
    carried = _carried(form.payload)
    if not response_url or carried is None:
        return form
    metadata = json.dumps({**carried, _KEY: response_url})
    if len(metadata) > PRIVATE_METADATA:
        return form
    return replace(form, payload={**form.payload, "private_metadata": metadata})


def place_in(view: object) -> str:
    """The `response_url` that a sent form carries; empty where it carries none, or it can't be read."""
    carried = _carried(view) if isinstance(view, Mapping) else None
    return str((carried or {}).get(_KEY) or "")


def carried_on(answer: Answer, response_url: str) -> Answer:
    """The answer to a form: where that is a further form, it carries the place as well."""
    if answer.get("response_action") != "update" or "submit" not in answer["view"]:
        return answer
    return {**answer, "view": asked_at(Modal(payload=answer["view"]), response_url).to_dict()}


async def tell_where_asked(sent: SentForm, message: Message) -> None:
    """Tell whoever sent a form what came of it, where they asked for it. What can't be told there, isn't: the direct
    message says it too.
    """
    if not (url := place_in(sent.view)):
        return
    try:
        async with sent.context.store.write() as uow:
            if await uow.deliveries.first_time(f"where-asked:{sent.delivery}"):
                await jobs.reply(uow, message.to_dict(), user=sent.person.user_id, response_url=url, only_there=True)
    except StoreError as error:
        _log.warning("what came of a form isn't told where it was asked for", error=str(error))


def _carried(view: Mapping[str, object]) -> Mapping[str, object] | None:
    metadata = view.get("private_metadata")
    if not isinstance(metadata, str) or "submit" not in view:
        return None
    try:
        carried = read_outside_json(metadata, most_bytes=PRIVATE_METADATA)
    except UnreadableJson:
        return None
    return carried if isinstance(carried, dict) else None
