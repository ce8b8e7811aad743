"""Errors as people see them: what happened, what to do next, and a reference that also stands in the log."""

from __future__ import annotations

from typing import Any

import structlog

from bot.errors import Conflict, DoneBefore, InvalidInput, LeftToOthers, NotFound, NotPermitted, PortcullisError
from bot.reference import current_reference, new_reference
from bot.slack.block_kit.blocks import Message
from bot.slack.delivery_outcome import DeliveryOutcome, note_outcome
from bot.slack.messages.error import error_message
from bot.slack.modals.error import error_modal

_log = structlog.get_logger(__name__)

_UNEXPECTED = (
    "Something went wrong inside Portcullis.",
    "Look with /requests whether it was recorded, then try once more; if it stays, tell whoever runs Portcullis.",
)


def told(error: BaseException, *, doing: str) -> tuple[str, str, str]:
    """What to tell a person about an error: what happened, what to do next, and the reference of the log's record.

    An ordinary refusal, such as of what a person got wrong or may not do, needs no reference and no alarm. What they
    typed is theirs: the log must not hold it.
    """
    reference = current_reference() or new_reference()
    if isinstance(error, InvalidInput | NotPermitted | Conflict | NotFound):
        note_outcome(DeliveryOutcome.REFUSED)
        _log.info("refused", doing=doing, reference=reference, kind=type(error).__name__)
        return error.what, error.remedy, ""
    note_outcome(DeliveryOutcome.FAILED)
    if isinstance(error, PortcullisError):
        _log.warning("failed", doing=doing, reference=reference, kind=type(error).__name__, error=str(error))
        return error.what, error.remedy, reference
    _log.error("failed unexpectedly", doing=doing, reference=reference, exc_info=error)
    return *_UNEXPECTED, reference


def explain(error: BaseException, *, doing: str, contact: str = "") -> Message:
    """The same as a message. `contact` is whom to ask, where the operator has named somebody."""
    is_remark = isinstance(error, DoneBefore)
    return error_message(*told(error, doing=doing), contact=contact, others=_others(error), is_remark=is_remark)


def instead_of_form(error: BaseException, *, doing: str, contact: str = "") -> dict[str, Any]:
    """The same as the answer to a submitted form, in whose place it is shown."""
    view = error_modal(*told(error, doing=doing), contact=contact, others=_others(error))
    return {"response_action": "update", "view": view.to_dict()}


def _others(error: BaseException) -> tuple[str, ...]:
    return error.others if isinstance(error, LeftToOthers) else ()
