"""Errors as people see them: what happened, what to do next, and a reference that also stands in the log."""

from __future__ import annotations

import secrets
from typing import Any

import structlog

from bot.errors import InvalidInput, NotPermitted, PortcullisError
from bot.slack.block_kit.blocks import Message
from bot.slack.messages.error import error_message
from bot.slack.modals.error import error_modal

_log = structlog.get_logger(__name__)

_UNEXPECTED = (
    "Something went wrong inside Portcullis.",
    "Look with /requests whether it was recorded, then try once more; if it stays, tell whoever runs Portcullis.",
)


def told(error: BaseException, *, doing: str) -> tuple[str, str, str]:
    """What to tell a person about an error: what happened, what to do next, and the reference of the log's record.

    What a person simply got wrong needs no reference and no alarm: it is their text, and the log must not hold it.
    """
    reference = secrets.token_hex(4)
    if isinstance(error, (InvalidInput, NotPermitted)):
        _log.info("refused", doing=doing, reference=reference, kind=type(error).__name__)
        return error.what, error.remedy, reference if isinstance(error, NotPermitted) else ""
    if isinstance(error, PortcullisError):
        _log.warning("failed", doing=doing, reference=reference, kind=type(error).__name__, error=str(error))
        return error.what, error.remedy, reference
    _log.error("failed unexpectedly", doing=doing, reference=reference, exc_info=error)
    return *_UNEXPECTED, reference


def explain(error: BaseException, *, doing: str) -> Message:
    """The same as a message."""
    return error_message(*told(error, doing=doing))


def instead_of_form(error: BaseException, *, doing: str) -> dict[str, Any]:
    """The same as the answer to a submitted form, in whose place it is shown."""
    return {"response_action": "update", "view": error_modal(*told(error, doing=doing)).to_dict()}
