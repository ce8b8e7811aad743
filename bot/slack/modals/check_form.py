"""The form of /check: what is asked about, a line each."""

from __future__ import annotations

from bot.slack.block_kit.blocks import Modal
from bot.slack.block_kit.ids import CallbackId
from bot.slack.modals import form_fields
from bot.slack.modals.form_answer import FormAnswer

_HINT = "IPs, domains, addresses, URLs, SHA-256 of files, spoof pairs. Defanged or not. Up to 5."


def holds(lines: str) -> bool:
    """Whether the form's field has room for these lines."""
    return len(lines) <= form_fields.TEXT_LIMIT


def build(prefill: str = "", *, problem: str = "") -> Modal:
    """The form, with these lines in it, and below them what is wrong with them, a line for each."""
    field = form_fields.indicators_field(prefill, hint=_HINT)
    return Modal.build(
        callback_id=CallbackId.CHECK,
        title="Check",
        submit="Check",
        close="Cancel",
        blocks=form_fields.with_problems([field], {form_fields.INDICATORS: problem}),
        private_metadata="{}",
    )


def parse(view: object) -> str:
    """What was asked about. Raises InvalidInput when the payload has any other shape than the form's."""
    return FormAnswer(view).text(form_fields.INDICATORS, limit=form_fields.TEXT_LIMIT)
