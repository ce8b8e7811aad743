"""What the forms have in common: their fields, and how they say what is wrong. `form_answer` reads what comes back."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from slack_sdk.models.blocks import (
    Block,
    CheckboxesElement,
    DatePickerElement,
    InputBlock,
    Option,
    PlainTextInputElement,
)
from slack_sdk.models.blocks import StaticSelectElement as SelectElement

from bot.domain.figures.figures import DAYS
from bot.domain.indicators.defanging import defanged
from bot.domain.lists.traits import Action
from bot.domain.policies.case import Field, Refusal
from bot.domain.reading.lines import line_of
from bot.domain.reading.mail_headers import Offer
from bot.domain.telling.counting import plural
from bot.domain.telling.sentence import Sentence
from bot.slack.block_kit import elements
from bot.slack.block_kit.block_rules import OPTION_TEXT, OPTION_VALUE
from bot.slack.block_kit.text import lines_that_fit, plain, without_links
from bot.slack.messages.sentences import NAMED_VALUE, seen
from bot.slack.modals.form_input import FormInput

INDICATORS = "indicators"
END = "end"
END_DATE = "end_date"
REASON = "reason"
OFFERS = "offers"
TARGET = "target"
ACKNOWLEDGED = "acknowledged"
EMERGENCY = "emergency"
#: The one element in each field's block.
VALUE = "value"

#: Slack's own limit for a text field, and ours for what comes back.
TEXT_LIMIT = 3_000
REASON_LIMIT = 1_000
#: So much is said of mail in a form.
_MAIL = 1_200

#: So many things wrong with a field are shown below it, so long each; Slack takes 3,000 characters.
_MOST_LINES = 4
_LINE = 600

#: The lengths that can be chosen, by their values.
ENDS: dict[str, str] = {"1d": "1 day", "7d": "7 days", "30d": "30 days", "90d": "90 days", "never": "Never ends"}
NEVER = "never"
#: In the choice of an end: the one that the entry has.
AS_IT_IS = "as_it_is"
#: In the choice of a kind of entry: whichever is listed.
AS_LISTED = "as_listed"
_TARGETS: dict[str, str] = {
    AS_LISTED: "As they are listed now",
    Action.BLOCK: "Blocks",
    Action.ALLOW: "Allows",
}
_DAYS = re.compile(r"([1-9]\d{0,3})d")


def metadata(form: FormInput) -> str:
    """What a form carries for its way back: what it proposes, for which request, and what its warning was about."""
    carried: dict[str, object] = {"operation": form.operation}
    if form.action is not None:
        carried["action"] = form.action
    if form.warned:
        carried["warned"] = sorted(form.warned)
    if form.about is not None:
        carried["about"] = str(form.about)
    if form.stays:
        carried["stays"] = form.stays
    if form.renewals:
        carried["renewals"] = [str(each) for each in form.renewals]
    return json.dumps(carried)


def indicators_field(prefill: str, *, hint: str, optional: bool = False) -> InputBlock:
    """The field for indicators, a line each."""
    value, _ = fitting(prefill)
    return elements.field_input(
        block_id=INDICATORS,
        label="Indicators, one on each line",
        hint=hint,
        element=PlainTextInputElement(
            action_id=VALUE, multiline=True, max_length=TEXT_LIMIT, initial_value=value or None
        ),
        optional=optional,
    )


def offers_field(offers: Sequence[Offer]) -> InputBlock | None:
    """What the headers of a message hold, to tick; nothing is ticked beforehand. None where there is nothing to tick.

    An option carries the line that reads as its indicator. What is too long for that has to be typed.
    """
    options = [
        Option(
            value=line,
            text=elements.plain_text(plain(defanged(offer.indicator.value), limit=OPTION_TEXT), emoji=False),
            description=elements.plain_text(plain(offer.what, limit=OPTION_TEXT), emoji=False),
        )
        for offer in offers
        if len(line := line_of(offer.indicator)) <= OPTION_VALUE
    ]
    if not options:
        return None
    return elements.field_input(
        block_id=OFFERS,
        label="Which of what the headers hold?",
        hint="The address in From may be forged, and the connecting IP may be a service's.",
        element=CheckboxesElement(action_id=VALUE, options=options),
        optional=True,
    )


def emergency_field(*, ticked: bool, days: int) -> InputBlock:
    """The box of who may block at once, for so many days at most."""
    most = f"For {plural(days, 'day')} at most" if days else "For a few days only"
    option = Option(
        value=EMERGENCY,
        text=elements.plain_text("Emergency: block it now, an approver reviews it afterwards", emoji=False),
        description=elements.plain_text(f"{most}, and only what brings no serious warning"),
    )
    return elements.field_input(
        block_id=EMERGENCY,
        label="Is it urgent?",
        element=CheckboxesElement(action_id=VALUE, options=[option], initial_options=[option] if ticked else None),
        optional=True,
    )


def fitting(prefill: str) -> tuple[str, int]:
    """The lines of a prefill that a text field can hold, and how many it can't."""
    lines = [line for line in prefill.splitlines() if line.strip()]
    kept: list[str] = []
    left, room = 0, TEXT_LIMIT + 1
    for number, line in enumerate(lines):
        shown = plain(line, limit=TEXT_LIMIT + 500)
        room -= len(shown) + 1
        if room < 0:
            left = len(lines) - number
            break
        kept.append(shown)
    return "\n".join(filter(None, kept)), left


def target_field(action: Action | None) -> InputBlock:
    """The choice between the two kinds of entry that can have one and the same value."""
    options = {value: Option(value=value, text=elements.plain_text(words)) for value, words in _TARGETS.items()}
    return elements.field_input(
        block_id=TARGET,
        label="Which entries",
        element=SelectElement(
            action_id=VALUE, options=list(options.values()), initial_option=options[action or AS_LISTED]
        ),
    )


def reason_field(
    prefill: str, *, label: str = "Reason", hint: str = "Reviewers see it, and it stays in the audit log."
) -> InputBlock:
    """The field for the reason. Everybody who reviews the request sees it, and it stays in the audit log."""
    return elements.field_input(
        block_id=REASON,
        label=label,
        hint=hint,
        element=PlainTextInputElement(
            action_id=VALUE,
            multiline=True,
            max_length=REASON_LIMIT,
            initial_value=plain(prefill, limit=REASON_LIMIT) or None,
        ),
    )


def end_field(
    prefill: str,
    *,
    ends: Sequence[str],
    default: str,
    label: str = "Until",
    hint: str = "",
    action_id: str = VALUE,
    as_it_is: str = "",
) -> InputBlock:
    """The choice of how long. A prefilled duration that is not among the choices becomes one.

    `as_it_is` is the end that the entry has, in words, where that may stay: it is chosen beforehand.
    """
    choices = list(ends)
    if _DAYS.fullmatch(prefill) and prefill not in choices:
        choices.insert(0, prefill)
    chosen = prefill if prefill in choices else default
    options = {end: Option(value=end, text=elements.plain_text(end_words(end))) for end in choices}
    if as_it_is:
        kept = Option(value=AS_IT_IS, text=elements.plain_text(plain(as_it_is, limit=OPTION_TEXT)))
        options, chosen = {AS_IT_IS: kept, **options}, chosen if prefill in choices else AS_IT_IS
    return elements.field_input(
        block_id=END,
        label=label,
        hint=hint or None,
        element=SelectElement(action_id=action_id, options=list(options.values()), initial_option=options.get(chosen)),
    )


def end_words(end: str) -> str:
    """`7d` → `7 days`."""
    days = days_in(end)
    return ENDS.get(end) or (plural(days, "day") if days is not None else plain(end, limit=75))


def days_in(end: str) -> int | None:
    """The days of a duration such as `7d`; None for anything else."""
    found = _DAYS.fullmatch(end)
    return int(found[1]) if found else None


def date_field(prefill: str) -> InputBlock:
    """The choice of a last day, which goes before the choice of how long."""
    return elements.field_input(
        block_id=END_DATE,
        label="Or until a date",
        hint="The last day. A date here overrides the choice above.",
        optional=True,
        element=DatePickerElement(action_id=VALUE, initial_date=prefill if is_date(prefill) else None),
    )


def mail_lines(mail: Sequence[Sentence]) -> list[Block]:
    """How much real mail the indicators have had, a line for each of which that is known; nothing where none is."""
    if not mail:
        return []
    lines = lines_that_fit([f"• {seen(line, value=NAMED_VALUE)}" for line in mail], total=len(mail), limit=_MAIL)
    return [elements.context(f"Mail of the last {DAYS} days:\n{lines}", block_id="mail")]


def with_problems(fields: Sequence[InputBlock], problems: Mapping[str, str]) -> list[Block]:
    """The fields, each followed by what is wrong with it, a line for each.

    Slack shows errors only in answer to a submission, never on opening: so they stand in blocks of their own. A
    problem of a field that the form hasn't got stands on top.
    """
    placed = {field.block_id for field in fields}
    loose = [text for block_id, text in problems.items() if text and block_id not in placed]
    blocks: list[Block] = [_problem(text, f"problem_{number}") for number, text in enumerate(loose[:3])]
    for field in fields:
        blocks.append(field)
        if field.block_id is not None and (text := problems.get(field.block_id)):
            blocks.append(_problem(text, f"problem_{field.block_id}"))
    return blocks


def _problem(text: str, block_id: str) -> Block:
    """What is wrong with a field, each of its lines by itself."""
    lines = [plain(line, limit=_LINE) for line in text.splitlines() if line.strip()] or ["Something is wrong here."]
    shown = [f"\N{HEAVY EXCLAMATION MARK SYMBOL} {line}" for line in lines[:_MOST_LINES]]
    if len(lines) > _MOST_LINES:
        shown.append(f"…and {len(lines) - _MOST_LINES:,} more.")
    # Plain, so that the stars of what was typed, `*.evil.example`, stay what they are.
    return elements.plain_section(without_links("\n".join(shown)), block_id=block_id)


def problems_at(
    refusals: Iterable[Refusal], *, places: Mapping[Field, str], otherwise: str = INDICATORS
) -> dict[str, str]:
    """Refusals as a submission's `errors`: a text for each block, at most three refusals in one."""
    found: dict[str, list[str]] = {}
    for refusal in refusals:
        found.setdefault(places.get(refusal.field, otherwise), []).append(str(refusal))
    return {block_id: _together(texts) for block_id, texts in found.items()}


def _together(texts: Sequence[str]) -> str:
    shown = " ".join(plain(text, limit=600) for text in texts[:3])
    return f"{shown} …and {len(texts) - 3:,} more." if len(texts) > 3 else shown or "This can't be used."


def is_date(text: str) -> bool:
    """Whether a text is a day of the calendar, `YYYY-MM-DD`."""
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
