"""The form for a submission to Microsoft: what should be let through, and the message or file that was blocked.

Always with the steps by hand under it: who has no message at hand can still get their allow.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from slack_sdk.models.blocks import Block, DividerBlock, InputBlock, PlainTextInputElement
from slack_sdk.models.blocks.block_elements import FileInputElement

from bot.domain.indicators.indicator import Indicator
from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action, ListName, list_for
from bot.domain.policies.case import Field, Refusal
from bot.domain.requests.evidence import Evidence
from bot.domain.telling.counting import plural
from bot.slack.block_kit import elements
from bot.slack.block_kit.blocks import Modal
from bot.slack.block_kit.ids import CallbackId
from bot.slack.messages.submission import steps_by_hand_blocks
from bot.slack.modals import form_fields
from bot.slack.modals.file_field import file_in
from bot.slack.modals.form_answer import FormAnswer
from bot.slack.modals.form_input import FormInput

RECIPIENT = "recipient"
MESSAGE_URL = "message_url"
FILE = "file"
_ADDRESS_LIMIT = 320
_URL_LIMIT = 2_000

_ENDS = ("1d", "7d", "30d")
_DEFAULT_END = "30d"
_HINT = "Domains, addresses, URLs or SHA-256 of files, all of one sort. Defanged or not."
_ABOUT = (
    "Mail that Microsoft blocks wrongly is let through by a *submission*: once your request is approved, Portcullis "
    "hands over what you give here as one that should not have been blocked, and follows what comes of it. What "
    "blocked the message decides which allow entries Microsoft makes; they end on the day that you choose, 30 days "
    "ahead at most."
)
#: Only an email's submission is documented to carry an action (Microsoft Graph, "tenantAllowOrBlockListAction").
_ABOUT_URLS = (
    ":bulb: A URL can be submitted by itself, and Microsoft then judges it, but documents no allow entry that comes of "
    "it. If you have the message that was blocked for it, name that one: its submission asks for the allow."
)
_PLACES: Mapping[Field, str] = {
    Field.INDICATORS: form_fields.INDICATORS,
    Field.EXPIRES: form_fields.END,
    Field.REASON: form_fields.REASON,
    Field.EVIDENCE: FILE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmissionInput:
    """What was submitted, before anything of it was read. `file` is what `bot.slack.files.download` takes, or None."""

    form: FormInput
    recipient: str = ""
    message_url: str = ""
    file: Mapping[str, Any] | None = None

    def evidence(self) -> Evidence:
        """What a proposal says that Microsoft will get."""
        name = str(self.file.get("name") or "message") if self.file is not None else ""
        return Evidence(recipient=self.recipient, message_url=self.message_url, file_name=name)


def build(given: FormInput, *, refusals: Iterable[Refusal] = (), indicators: Sequence[Indicator] = ()) -> Modal:
    """The form, with what was given and what is wrong with it.

    That there is no evidence yet is the form's to ask for, not to reproach. With `indicators` the steps by hand are
    those for their lists; without, all.
    """
    problems: dict[str, str] = {}
    for refusal in refusals:
        if refusal.field is Field.EVIDENCE or (refusal.field is Field.REASON and not given.reason):
            continue
        place = _PLACES.get(refusal.field, form_fields.INDICATORS)
        problems.setdefault(place, str(refusal))
    _, left = form_fields.fitting(given.indicators)
    lists = [list_for(indicator.kind) for indicator in indicators]
    blocks: list[Block] = [elements.section(_ABOUT)]
    if ListName.URL in lists:
        blocks.append(elements.section(_ABOUT_URLS))
    if left:
        text = f":exclamation: The form can't hold {plural(left, 'more line')}: request them separately."
        blocks.append(elements.context(text, block_id="left_out"))
    blocks += form_fields.with_problems(_fields(given), problems)
    blocks += [DividerBlock(), *steps_by_hand_blocks(lists)]
    return Modal.build(
        callback_id=CallbackId.SUBMISSION,
        title="Submit to Microsoft",
        submit="Send request",
        close="Cancel",
        blocks=blocks,
        private_metadata=form_fields.metadata(FormInput(operation=Operation.ADD, action=Action.ALLOW)),
    )


def parse(view: object) -> SubmissionInput:
    """What was submitted. Raises InvalidInput when the payload has any other shape than the form's."""
    answer = FormAnswer(view)
    return SubmissionInput(
        form=FormInput(
            operation=answer.operation(),
            action=answer.action(),
            indicators=answer.text(form_fields.INDICATORS, limit=form_fields.TEXT_LIMIT),
            end=answer.date(form_fields.END_DATE) or answer.selected(form_fields.END),
            reason=answer.text(form_fields.REASON, limit=form_fields.REASON_LIMIT),
        ),
        recipient=answer.text(RECIPIENT, limit=_ADDRESS_LIMIT).strip(),
        message_url=answer.text(MESSAGE_URL, limit=_URL_LIMIT).strip(),
        file=file_in(view, block_id=FILE, action_id=form_fields.VALUE),
    )


def errors(refusals: Iterable[Refusal]) -> dict[str, str]:
    """Refusals as the `errors` of an answer to the submission."""
    return form_fields.problems_at(refusals, places=_PLACES)


def _fields(given: FormInput) -> list[InputBlock]:
    end = given.end if form_fields.days_in(given.end) in range(1, 31) else ""
    return [
        form_fields.indicators_field(given.indicators, hint=_HINT),
        elements.field_input(
            block_id=FILE,
            label="The message as a file (.eml), or the file itself",
            hint=(
                "In Outlook: Save as, or Download. From quarantine: Download message. At most 2.9 MB. It is kept until "
                "the request is over, and not a day longer."
            ),
            optional=True,
            element=FileInputElement(action_id=form_fields.VALUE, max_files=1),
        ),
        elements.field_input(
            block_id=MESSAGE_URL,
            label="Or the message's address in Microsoft Graph",
            hint="https://graph.microsoft.com/v1.0/users/…/messages/… At most 30 days old, and still in the mailbox.",
            optional=True,
            element=PlainTextInputElement(action_id=form_fields.VALUE, max_length=_URL_LIMIT),
        ),
        elements.field_input(
            block_id=RECIPIENT,
            label="Who was to get the message",
            hint="Needed with a message, in either way: Microsoft checks that mailbox's settings.",
            optional=True,
            element=PlainTextInputElement(action_id=form_fields.VALUE, max_length=_ADDRESS_LIMIT),
        ),
        form_fields.end_field(end, ends=_ENDS, default=_DEFAULT_END, hint="At most 30 days."),
        form_fields.date_field(given.end),
        form_fields.reason_field(given.reason),
    ]
