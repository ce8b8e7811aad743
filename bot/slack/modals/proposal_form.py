"""The form for every change but an IP allow: opened with what was given, and with what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from slack_sdk.models.blocks import Block, InputBlock

from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action
from bot.domain.policies.case import Field, Refusal
from bot.domain.reading.mail_headers import Offer
from bot.domain.telling.counting import plural
from bot.domain.telling.sentence import Sentence
from bot.slack.block_kit import elements
from bot.slack.block_kit.blocks import Modal
from bot.slack.block_kit.ids import CallbackId
from bot.slack.modals import form_fields
from bot.slack.modals.form_answer import FormAnswer
from bot.slack.modals.form_input import FormInput

#: The lengths that are offered where nothing limits them, in days.
USUAL_DAYS = (1, 7, 30, 90)
_ENDS = (*(f"{days}d" for days in USUAL_DAYS), "never")
_DEFAULT_END = "30d"
_ADOPT_TITLE = "Adopt an entry"
_TITLES: dict[tuple[Operation, Action], str] = {
    (Operation.ADD, Action.BLOCK): "Request a block",
    (Operation.REMOVE, Action.BLOCK): "Request an unblock",
    (Operation.ADD, Action.ALLOW): "Request an allow",
    (Operation.REMOVE, Action.ALLOW): "Request an unallow",
}
#: What the choice of an end is called, by the operation and whether it adopts an entry.
_END_LABELS: dict[tuple[Operation, bool], str] = {
    (Operation.EXTEND, False): "New expiry date",
    (Operation.EXTEND, True): "Keep it until",
}
_OTHER_TITLES: dict[Operation, str] = {
    Operation.EXTEND: "Request new expiry date",
    Operation.ANNOTATE: "Request a new note",
    Operation.SAFE_LIST_OFF: "Switch safe list off",
    Operation.SUBMIT: "Request a submission",
}
_HINT = "IPs, domains, addresses, URLs, SHA-256 of files, spoof pairs. Defanged or not."
_NOTE_HINT = "It replaces the notes of these entries. Reviewers see it, and it stays in the audit log."
_SAFE_LIST = (
    "Mail from servers on Microsoft's own list of good senders will no longer skip spam filtering, in every policy in "
    "which the switch is on now."
)


_WARNED_NEXT = (
    ":rotating_light: This lets mail in past the filter. A second form says what that means, with a box to tick. "
    "Nothing is requested before you have sent that one."
)


def build(
    operation: Operation,
    action: Action | None,
    *,
    prefill: FormInput | None = None,
    problems: Mapping[Field, str] | None = None,
    offers: Sequence[Offer] = (),
    mail: Sequence[Sentence] = (),
) -> Modal:
    """The form. `problems` stand under their fields; `prefill` is cut to what the fields can hold, and says so.

    `mail` says how much the indicators have had, as far as that is known.

    `offers` are to choose from, besides what is typed. Where there is a problem with how long, nothing is chosen
    beforehand.

    Without an action, a form about existing entries takes that of the entries as they are listed.
    """
    given = prefill or FormInput(operation=operation, action=action)
    _, left = form_fields.fitting(given.indicators)
    places = _places(operation)
    standing: dict[str, str] = {}
    for field, text in (problems or {}).items():
        standing.setdefault(places.get(field, _otherwise(operation)), text)
    blocks: list[Block] = form_fields.with_problems(
        _fields(operation, action, given, offers, asks_end=form_fields.END in standing), standing
    )
    blocks = [*form_fields.mail_lines(mail), *blocks]
    if given.is_warned_next:
        blocks.insert(0, elements.section(_WARNED_NEXT))
    if operation is Operation.SAFE_LIST_OFF:
        blocks.insert(0, elements.section(_SAFE_LIST))
    elif left:
        otherwise = "" if (operation, action) == (Operation.ADD, Action.ALLOW) else ", or all of them with /import"
        text = f":exclamation: The form can't hold {plural(left, 'more line')}: request them separately{otherwise}."
        blocks.insert(0, elements.context(text, block_id="left_out"))
    carried = FormInput(
        operation=operation,
        action=None if operation.edits else action,
        about=given.about,
        renewals=given.renewals,
        stays=given.stays,
    )
    return Modal.build(
        callback_id=CallbackId.PROPOSAL,
        title=_ADOPT_TITLE if given.adopts else _title(operation, action),
        submit="Next" if given.is_warned_next else "Send request",
        close="Cancel",
        blocks=blocks,
        private_metadata=form_fields.metadata(carried),
    )


def parse(view_payload: object) -> FormInput:
    """What was submitted. Raises InvalidInput when the payload has any other shape than the form's."""
    answer = FormAnswer(view_payload)
    operation = answer.operation()
    return FormInput(
        about=answer.about(),
        renewals=answer.renewals(),
        stays=answer.stays(),
        operation=operation,
        action=answer.target() if operation.edits else answer.action(),
        indicators="\n".join(
            filter(
                None,
                [
                    *answer.chosen(form_fields.OFFERS),
                    answer.text(form_fields.INDICATORS, limit=form_fields.TEXT_LIMIT),
                ],
            )
        ),
        end=answer.date(form_fields.END_DATE) or answer.selected(form_fields.END),
        reason=answer.text(form_fields.REASON, limit=form_fields.REASON_LIMIT),
        emergency=answer.ticked(form_fields.EMERGENCY) or None,
    )


def errors(refusals: Iterable[Refusal], *, operation: Operation = Operation.ADD) -> dict[str, str]:
    """Refusals as the `errors` of an answer to the submission, at the fields that the form for `operation` has."""
    return form_fields.problems_at(refusals, places=_places(operation), otherwise=_otherwise(operation))


def has_end(operation: Operation) -> bool:
    """Whether the form for an operation asks until when."""
    return operation.gives_an_end


def _fields(
    operation: Operation, action: Action | None, given: FormInput, offers: Sequence[Offer], *, asks_end: bool
) -> list[InputBlock]:
    if operation is Operation.SAFE_LIST_OFF:
        return [form_fields.reason_field(given.reason)]
    choices = form_fields.offers_field(offers)
    fields = [] if choices is None else [choices]
    fields.append(form_fields.indicators_field(given.indicators, hint=_HINT, optional=choices is not None))
    if operation.edits:
        fields.append(form_fields.target_field(action))
    if has_end(operation):
        ends, default = _ends(given)
        is_too_long = bool(given.emergency) and (form_fields.days_in(given.end) or 0) > given.emergency_days > 0
        fields += [
            form_fields.end_field(
                "" if is_too_long else given.end,
                ends=ends,
                default="" if asks_end else default,
                label=_END_LABELS.get((operation, given.adopts), "Until"),
                as_it_is=given.as_it_is,
            ),
            form_fields.date_field(given.end),
        ]
    if operation is Operation.ANNOTATE:
        return [*fields, form_fields.reason_field(given.reason, label="The new note", hint=_NOTE_HINT)]
    fields.append(form_fields.reason_field(given.reason))
    if given.emergency is None:
        return fields
    return [*fields, form_fields.emergency_field(ticked=given.emergency, days=given.emergency_days)]


def _ends(given: FormInput) -> tuple[Sequence[str], str]:
    """What can be chosen, and what is beforehand: what is blocked at once lasts no longer than it may."""
    ends = given.ends or _ENDS
    if given.emergency and (most := given.emergency_days):
        ends = tuple(f"{days}d" for days in sorted({most, *(days for days in USUAL_DAYS if days < most)}))
    return ends, _DEFAULT_END if _DEFAULT_END in ends else ends[-1]


def _title(operation: Operation, action: Action | None) -> str:
    if action is not None and (operation, action) in _TITLES:
        return _TITLES[operation, action]
    return _OTHER_TITLES.get(operation, "Request a change")


def _places(operation: Operation) -> Mapping[Field, str]:
    places = {Field.REASON: form_fields.REASON}
    if operation is not Operation.SAFE_LIST_OFF:
        places[Field.INDICATORS] = form_fields.INDICATORS
    if has_end(operation):
        places[Field.EXPIRES] = form_fields.END
    return places


def _otherwise(operation: Operation) -> str:
    """Where a refusal stands that the form has no field for."""
    return form_fields.REASON if operation is Operation.SAFE_LIST_OFF else form_fields.INDICATORS
