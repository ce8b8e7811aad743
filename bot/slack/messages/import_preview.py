"""What somebody sees of an import before anything of it is requested, and what its message becomes without that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from slack_sdk.models.blocks import Block, InteractiveElement

from bot.domain.importing.preview import MOST_OPEN, ImportPreview, PreviewState
from bot.domain.requests.request import RequestWarning
from bot.domain.telling.counting import plural
from bot.domain.telling.preview_facts import ChoiceFacts, EndsFacts, NotedFacts, PreviewFacts, RemarkFacts
from bot.domain.telling.request_facts import RequestFacts
from bot.slack.block_kit import elements
from bot.slack.block_kit.blocks import Message
from bot.slack.block_kit.ids import ActionId
from bot.slack.block_kit.text import code, escaped, indicator, lines_that_fit, plain
from bot.slack.messages.import_answer import import_title, judged_by, reason_words, set_aside_lines
from bot.slack.messages.lines import notes_text, warning_line
from bot.slack.messages.sentences import NAMED_VALUE, read_aloud, seen

#: Of the request that it becomes: one for each list, where the rows give no ends of their own.
_PARTS_SHOWN = 6
_CHOICES_SHOWN = 12
#: Slack takes 100, and about 12,000 characters in all.
_CHOICES_OFFERED = 30
_WARNINGS_SHOWN = 2
_REMARKS_SHOWN = 5
_NOTES_SHOWN = 4
#: So long may a warning be, and all that are shown of one list. In most imports none is longer.
_WARNING = 400
_WARNINGS = 900
_MORE_WARNINGS = "…more warnings: {}"
_CELL = 60

_OVER = {
    PreviewState.CANCELLED: "cancelled. Nothing was requested.",
    PreviewState.DROPPED: (
        f"dropped, because more than {MOST_OPEN} imports of yours were waiting. Nothing of it was requested; give it "
        "once more if it is still needed."
    ),
    PreviewState.EXPIRED: (
        "dropped, because nobody asked for it in time. Nothing of it was requested; give it once more if it is still "
        "needed."
    ),
}


def preview_message(facts: PreviewFacts) -> Message:
    """What would come of an import, with the buttons that request it, read it otherwise, or cancel it."""
    title = import_title(facts.name)
    blocks: list[Block] = [elements.section(f":mag: *{title}* · {_read(facts)}")]
    if facts.question:
        blocks.append(elements.section(f":question: {escaped(facts.question, limit=600)}\n{_choices(facts.choices)}"))
    blocks += [elements.section(_part(part)) for part in facts.parts[:_PARTS_SHOWN]]
    if len(facts.parts) > _PARTS_SHOWN:
        blocks.append(elements.context(f"…and {len(facts.parts) - _PARTS_SHOWN:,} more"))
    if facts.parts:
        blocks.append(elements.section(_whole(facts)))
    aside = set_aside_lines(facts.set_aside, limit=1_400)
    if aside:
        blocks.append(elements.section(elements.labelled("Set aside", "\n".join(aside))))
    told = [f"• {escaped(text, limit=300)}" for text in facts.told]
    read_so = [*told, *map(_noted, facts.noted[:_NOTES_SHOWN])]
    if read_so:
        blocks.append(elements.section(elements.labelled("How it was read", "\n".join(read_so))))
    if beside := _remarks(facts.remarks):
        blocks.append(elements.section(elements.labelled("Remarks, which no entry takes", beside)))
    if facts.ends is not None:
        blocks.append(elements.section(_ends(facts.ends)))
    blocks.append(
        elements.context(f"Nothing is requested yet.{judged_by(facts.judged_as_of)}{reason_words(facts.reason)}")
    )
    blocks.append(elements.actions(_buttons(facts)))
    spoken = [f"{title}: {_outcome(facts)}", *(f"{_spoken(part)}." for part in facts.parts[:3]), *aside[:3]]
    return Message.build(name=f"import-preview-{facts.id}", text="\n".join(spoken), blocks=blocks)


def preview_over(preview: ImportPreview) -> Message:
    """What becomes of the message of an import that is not requested any more."""
    said = _OVER.get(preview.state, "over.")
    title = import_title(preview.name)
    return Message.build(
        name=f"import-preview-{preview.id}",
        text=f"{title}: {said}",
        blocks=[elements.section(f":wastebasket: *{title}*: {said}")],
    )


def preview_dropped(preview: ImportPreview) -> Message:
    """What somebody is told when a newer import took the place of this one."""
    text = (
        f"{import_title(preview.name)} was dropped: at most {MOST_OPEN} imports of yours wait at a time, and it was "
        "the oldest. Nothing of it was requested."
    )
    return Message.build(name="import-dropped", text=text, blocks=[elements.section(f":wastebasket: {text}")])


def _read(facts: PreviewFacts) -> str:
    """How it was read, and what it comes to."""
    chosen = facts.chosen
    if chosen is None:
        return f"{escaped(facts.what, limit=200)}. {_outcome(facts)}"
    return (
        f"{escaped(facts.what, limit=200)}, {'read by ' if chosen.is_column else ''}"
        f"*{escaped(chosen.title, limit=_CELL)}*: {_counted(chosen)}.\n"
        f"{_outcome(facts)}"
    )


def _outcome(facts: PreviewFacts) -> str:
    return "Which column is meant? Nothing is requested before you say." if facts.question else facts.outcome


def _counted(choice: ChoiceFacts) -> str:
    first = ", ".join(indicator(value, limit=_CELL) for value in choice.first)
    return f"{choice.counted}{f', the first: {first}' if first else ''}"


def _choices(choices: Sequence[ChoiceFacts]) -> str:
    lines = [f"• *{escaped(choice.title, limit=_CELL)}*: {_counted(choice)}" for choice in choices[:_CHOICES_SHOWN]]
    return lines_that_fit(lines, total=len(choices), limit=1_500) if lines else ""


def _part(facts: RequestFacts) -> str:
    end = f"{facts.end.label} {seen(facts.end.words)}" if facts.end is not None else ""
    lines = [f"*{seen(facts.named_headline, value=NAMED_VALUE)}* · {facts.place}", *([end] if end else [])]
    warnings = [warning_line(_shortened(warning), limit=_WARNING) for warning in facts.warnings[:_WARNINGS_SHOWN]]
    if warnings:
        lines.append(lines_that_fit(warnings, total=len(facts.warnings), limit=_WARNINGS, more=_MORE_WARNINGS))
    return "\n".join(lines)


def _shortened(warning: RequestWarning) -> RequestWarning:
    """A warning without the sentences that don't fit any more: none is cut in its middle, unless it is the first."""
    if len(warning.text) <= _WARNING:
        return warning
    sentences, _, _ = warning.text[: _WARNING - 2].rpartition(". ")
    return replace(warning, text=f"{sentences}. …") if sentences else warning


def _whole(facts: PreviewFacts) -> str:
    """That it becomes one request, what that would need, and where the warnings stand that are cut here."""
    becomes = "It becomes one request, with one card. " if len(facts.parts) > 1 else ""
    is_cut = any(
        len(part.warnings) > _WARNINGS_SHOWN or any(len(warning.text) > _WARNING for warning in part.warnings)
        for part in facts.parts
    )
    cut = (
        "\n_Not every warning is here in full: once it is requested, its card has them under *Details*._"
        if is_cut
        else ""
    )
    return f"{becomes}It would need {facts.needs}.{cut}"


def _spoken(facts: RequestFacts) -> str:
    return read_aloud(facts.named_headline, value=NAMED_VALUE)


def _noted(noted: NotedFacts) -> str:
    return (
        f"• {plural(noted.count, 'line')}: {indicator(noted.value, limit=_CELL)}: {notes_text([noted.text], limit=160)}"
    )


def _remarks(remarks: Sequence[RemarkFacts]) -> str:
    """What stood beside the lines, a line each: it goes with them in the file, and no entry takes it."""
    lines = [_remark(remark) for remark in remarks[:_REMARKS_SHOWN]]
    return lines_that_fit(lines, total=len(remarks), limit=900) if lines else ""


def _remark(remark: RemarkFacts) -> str:
    first = indicator(remark.value, limit=_CELL)
    which = f"beside {first}" if remark.count == 1 else f"beside {plural(remark.count, 'line')}, the first: {first}"
    return f"• {code(remark.text, limit=_CELL)} {which}"


def _ends(ends: EndsFacts) -> str:
    title = code(ends.title, limit=_CELL)
    dates = (
        ends.first.isoformat() if ends.first == ends.last else f"{ends.first.isoformat()} to {ends.last.isoformat()}"
    )
    if ends.unread:
        dates += f"; {plural(ends.unread, 'line')} more can't be told as an end"
    if ends.are_taken:
        return f":hourglass: The entries end as {title} says: {plural(ends.dated, 'line')}, {dates}."
    given = f"{title} gives {plural(ends.dated, 'line')} an end, {dates}."
    return f":hourglass: {given} It doesn't count unless you take it."


def _buttons(facts: PreviewFacts) -> list[InteractiveElement]:
    place = f"{facts.id}.{facts.version}"
    found: list[InteractiveElement] = []
    if facts.left and not facts.question:
        found.append(
            elements.button(
                "Request these", action_id=ActionId.IMPORT_REQUEST, value=place, style="primary", spoken=_request(facts)
            )
        )
    if len(facts.choices) > 1:
        found.append(_column_select(facts, place))
    if facts.ends is not None:
        verb = "Leave out the ends of" if facts.ends.are_taken else "Take the ends from"
        found.append(
            elements.button(
                plain(f"{verb} {facts.ends.title}", limit=75),
                action_id=ActionId.IMPORT_ENDS,
                value=f"{place}.{0 if facts.ends.are_taken else 1}",
            )
        )
    found.append(elements.button("Cancel", action_id=ActionId.IMPORT_CANCEL, value=place, spoken="Cancel this import"))
    return found


def _request(facts: PreviewFacts) -> str:
    return f"Request these {plural(facts.left, 'line')} of this import"


def _column_select(facts: PreviewFacts, place: str) -> InteractiveElement:
    others = [choice for choice in facts.choices[:_CHOICES_OFFERED] if not choice.is_chosen]
    return elements.select(
        "Another column" if facts.chosen is not None else "Which column?",
        action_id=ActionId.IMPORT_COLUMN,
        options=[(f"{place}.{choice.position}", _option(choice)) for choice in others],
    )


def _option(choice: ChoiceFacts) -> str:
    counted = f" ({choice.counted})"
    return plain(choice.title, limit=75 - len(counted)) + counted
