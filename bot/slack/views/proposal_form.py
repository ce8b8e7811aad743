"""The form for a block, an unblock, an allow or an unallow: opened with what was given, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from slack_sdk.models.blocks import Block

from bot.domain.lists import Action
from bot.domain.policy import Field, Refusal
from bot.domain.requests import Operation
from bot.slack.blocks import View
from bot.slack.text import plural
from bot.slack.views import form_fields, parts
from bot.slack.views.form_input import FormInput

CALLBACK_ID = "proposal_form"

_ENDS = ("1d", "7d", "30d", "90d", "never")
_DEFAULT_END = "30d"
_TITLES: dict[tuple[Operation, Action], str] = {
    (Operation.ADD, Action.BLOCK): "Request a block",
    (Operation.REMOVE, Action.BLOCK): "Request an unblock",
    (Operation.ADD, Action.ALLOW): "Request an allow",
    (Operation.REMOVE, Action.ALLOW): "Request an unallow",
}
_HINT = "IPs, domains, addresses, URLs, SHA-256 of files, spoof pairs. Defanged or not."


def build(
    operation: Operation,
    action: Action,
    *,
    prefill: FormInput | None = None,
    problems: Mapping[Field, str] | None = None,
) -> View:
    """The form. `problems` stand under their fields; `prefill` is cut to what the fields can hold, and says so."""
    given = prefill or FormInput(operation=operation, action=action)
    _, left = form_fields.fitting(given.indicators)
    fields = [form_fields.indicators_field(given.indicators, hint=_HINT)]
    if operation is Operation.ADD:
        fields += [
            form_fields.end_field(given.end, ends=_ENDS, default=_DEFAULT_END),
            form_fields.date_field(given.end),
        ]
    fields.append(form_fields.reason_field(given.reason))
    places = _places(operation)
    standing = {places.get(field, form_fields.INDICATORS): text for field, text in (problems or {}).items()}
    blocks: list[Block] = form_fields.with_problems(fields, standing)
    if left:
        text = f":exclamation: The form can't hold {plural(left, 'more line')}: request them separately."
        blocks.insert(0, parts.context(text, block_id="left_out"))
    return View.build(
        callback_id=CALLBACK_ID,
        title=_TITLES[operation, action],
        submit="Send request",
        close="Cancel",
        blocks=blocks,
        private_metadata=form_fields.metadata(FormInput(operation=operation, action=action)),
    )


def parse(view_payload: object) -> FormInput:
    """What was submitted. Raises InvalidInput when the payload has any other shape than the form's."""
    answer = form_fields.Answer(view_payload)
    return FormInput(
        operation=answer.operation(),
        action=answer.action(),
        indicators=answer.text(form_fields.INDICATORS, limit=form_fields.TEXT_LIMIT),
        end=answer.date(form_fields.END_DATE) or answer.selected(form_fields.END),
        reason=answer.text(form_fields.REASON, limit=form_fields.REASON_LIMIT),
    )


def errors(refusals: Iterable[Refusal], *, operation: Operation = Operation.ADD) -> dict[str, str]:
    """Refusals as the `errors` of an answer to the submission, at the fields that the form for `operation` has."""
    return form_fields.problems_at(refusals, places=_places(operation))


def _places(operation: Operation) -> Mapping[Field, str]:
    places = {Field.INDICATORS: form_fields.INDICATORS, Field.REASON: form_fields.REASON}
    if operation is Operation.ADD:
        places[Field.EXPIRES] = form_fields.END
    return places
