"""What stands about a request wherever it is shown: on its card, in its details, in the forms that decide on it.

Pending, it says what, who and why, where and until when, and what is unusual about it; what is true of every such
change stands in the details alone. Decided, it is a line.
"""

from __future__ import annotations

from collections.abc import Sequence

from slack_sdk.models.blocks import Block

from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action
from bot.domain.requests.request import ItemState, RequestWarning
from bot.domain.telling.counting import plural
from bot.domain.telling.request_facts import RequestFacts
from bot.domain.telling.sentence import people
from bot.slack.block_kit import elements
from bot.slack.block_kit.text import code, escaped, indicator, lines_that_fit, mention, when
from bot.slack.messages.lines import evidence_texts, note_lines, part_lines, review_line, set_aside_line, warning_line
from bot.slack.messages.marks import status_mark
from bot.slack.messages.sentences import NAMED_VALUE, in_plain_text, seen

#: So many items stand on a card; the rest is counted and stands in the details.
ITEMS_SHOWN = 10
_WARNINGS_SHOWN = 5
_REVIEWS_SHOWN = 6
_NOTES_SHOWN = 3
#: So many addresses are told whose they are, and so much of each.
_OWNERS_SHOWN, OWNER_SHOWN = 3, 300
REASON_SHOWN = 400
#: All of a question, and of an answer.
_ASKED = 1_100
_EVIDENCE = 2_800


def title(facts: RequestFacts) -> str:
    """What a request is, for a header."""
    return f"{in_plain_text(facts.headline)} · #{facts.number}"


def pending_blocks(facts: RequestFacts) -> list[Block]:
    """What, who and why, where and until when, and what is unusual about it; what holds for each isn't said again."""
    lines = [f"*{headline(facts)}* · #{facts.number}", _values(facts), _who_and_why(facts)]
    blocks: list[Block] = [elements.section("\n".join(filter(None, lines))), elements.context(_in_short(facts))]
    if warnings := _warnings(facts):
        blocks.append(elements.section(warnings))
    if facts.figures:
        blocks.append(elements.context(seen(facts.figures, value=NAMED_VALUE)))
    if facts.owners:
        lines = [seen(line, value=NAMED_VALUE, quoted=OWNER_SHOWN) for line in facts.owners[:_OWNERS_SHOWN]]
        blocks.append(
            elements.context(
                lines_that_fit(lines, total=len(facts.owners), limit=1_500, more="…and {} more: see Details")
            )
        )
    # Together they can be longer than one text may be.
    if small := [text for text in (_small_print(facts), set_aside_line(facts)) if text]:
        blocks.append(elements.context(*small))
    if asked := asked_back(facts):
        blocks.append(elements.context(asked))
    return [*blocks, *handed_over(facts)]


def decided_line(facts: RequestFacts) -> str:
    """What became of a request, in one line: `Blocked evil[.]example to 29 Dec`."""
    return f"{status_mark(facts)} {seen(facts.one_line, value=NAMED_VALUE)}"


def headline(facts: RequestFacts) -> str:
    """What a request asks for: an alarming one unmistakable."""
    if not facts.alarm:
        return seen(facts.headline)
    return f":warning: {facts.alarm} proposed: {seen(facts.subject)}"


def parts_text(facts: RequestFacts) -> str:
    """A line for each list of a proposal of several."""
    lines = part_lines(facts)
    return lines_that_fit(lines, total=len(lines), limit=2_400, more="…and {} more: see Details")


def _values(facts: RequestFacts) -> str:
    """The values in a line, where the headline only counts them or leaves out how wide one is; of several lists, a line
    for each."""
    if facts.parts:
        return parts_text(facts)
    if facts.total == 1:
        return facts.items[0].width if facts.items else ""
    shown = [f"{indicator(item.value)} ({item.width})" if item.width else indicator(item.value) for item in facts.items]
    lines = lines_that_fit(shown[:ITEMS_SHOWN], total=max(len(shown), facts.total), limit=1_200)
    return lines.replace("\n", ", ")


def _who_and_why(facts: RequestFacts) -> str:
    label = f"{facts.reason_label}: " if facts.operation is Operation.ANNOTATE else ""
    return f"{mention(facts.requester)}: {label}{code(facts.reason, limit=REASON_SHOWN)}"


def _in_short(facts: RequestFacts) -> str:
    """Where, until when, how many have to agree and by when."""
    place = facts.short_place
    if facts.action is Action.BLOCK and facts.consequence:
        place = f"{place}, {facts.consequence}"
    given = people(review.reviewer for review in facts.reviews)
    approvals = facts.approvals + (f" ({seen(given)})" if facts.reviews else "")
    return " · ".join(filter(None, [place, seen(facts.until_when), f"{approvals}, {seen(facts.lapse)}"]))


def _warnings(facts: RequestFacts) -> str:
    """What is unusual about this one, and of what lets mail in, what that means."""
    means = [f":rotating_light: {facts.consequence}."] if facts.consequence and facts.action is Action.ALLOW else []
    return "\n".join([*means, *filter(None, [warning_lines(facts.warnings_here)])])


def _small_print(facts: RequestFacts) -> str:
    """How it was read, what was left out, and who said what, where there is such a thing."""
    noted = [item for item in facts.noted_items if item.is_read_oddly]
    notes = note_lines(noted[:_NOTES_SHOWN])
    lines: list[str] = []
    if notes:
        read = lines_that_fit(notes, total=len(noted), limit=700, more="…and {} more: see Details")
        lines.append(f"How it was read:\n{read}")
    said = [left_out(facts), comments(facts)]
    return "\n".join(filter(None, [*lines, *said]))


def left_out(facts: RequestFacts) -> str:
    """Which lines somebody left out who approved it; empty where nobody did."""
    count = facts.counts.get(ItemState.LEFT_OUT, 0)
    if not count:
        return ""
    named = [indicator(item.value) for item in facts.items if item.state is ItemState.LEFT_OUT]
    if not named:
        return f"Left out: {plural(count, 'line')}, see Details"
    shown = lines_that_fit(named[:ITEMS_SHOWN], total=count, limit=600, more="…and {} more: see Details")
    return f"Left out: {shown}".replace("\n", ", ")


def asked_back(facts: RequestFacts) -> str:
    """What was asked about it last, and what the requester answered; empty where nothing was."""
    asked = facts.asked_back
    if asked is None:
        return ""
    answered = f"Answered: “{escaped(asked.answer, limit=_ASKED)}”" if asked.is_answered else "Not answered yet"
    return f"Asked by {mention(asked.by)}: “{escaped(asked.text, limit=_ASKED)}” · {answered}"


def comments(facts: RequestFacts) -> str:
    """What those who decided said with it; empty where they said nothing."""
    lines = [
        review_line(review, of_emergency=facts.is_emergency)
        for review in facts.reviews[:_REVIEWS_SHOWN]
        if review.comment.strip()
    ]
    return lines_that_fit(lines, limit=1_000) if lines else ""


def terms(facts: RequestFacts) -> Block:
    """Where, until when, by whom and since when, beside each other."""
    end = [elements.labelled(facts.end.label, seen(facts.end.words))] if facts.end is not None else []
    return elements.fields(
        elements.labelled("Where", facts.place),
        *end,
        elements.labelled("Asked by", mention(facts.requester)),
        elements.labelled("Asked", when(facts.asked_at)),
    )


def handed_over(facts: RequestFacts) -> list[Block]:
    """What a submission hands over, for whoever decides; nothing for every other request."""
    if not facts.evidence:
        return []
    lines = lines_that_fit(evidence_texts(facts.evidence), limit=_EVIDENCE, more="…and {} more: see Details")
    return [elements.section(elements.labelled("What goes to Microsoft", lines))]


def how_it_was_read(facts: RequestFacts, *, at_most: int, limit: int) -> list[Block]:
    """What was changed on the way from what was given to these items; nothing where nothing was."""
    lines = note_lines(facts.noted_items[:at_most])
    if not lines:
        return []
    text = lines_that_fit(lines, total=len(facts.noted_items), limit=limit, more="…and {} more: see Details")
    return [elements.section(elements.labelled("How it was read", text))]


def warning_lines(warnings: Sequence[RequestWarning]) -> str:
    lines = [warning_line(warning) for warning in warnings[:_WARNINGS_SHOWN]]
    return lines_that_fit(lines, total=len(warnings), limit=1_500, more="…and {} more: see Details") if lines else ""
