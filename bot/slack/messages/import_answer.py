"""What somebody is told of an import: what was requested, and what was set aside for which reasons."""

from __future__ import annotations

from collections.abc import Sequence

from slack_sdk.models.blocks import Block

from bot.domain.telling.counting import plural
from bot.domain.telling.import_facts import ImportFacts, SetAsideFacts
from bot.domain.telling.request_facts import RequestFacts
from bot.slack.block_kit import elements
from bot.slack.block_kit.blocks import Message
from bot.slack.block_kit.text import code, escaped, lines_that_fit, when
from bot.slack.messages.card import details_button
from bot.slack.messages.sentences import NAMED_VALUE, read_aloud, seen

_REQUESTS_SHOWN = 6
_REASONS_SHOWN = 12


def import_begun(count: int) -> Message:
    """The answer to a command with more indicators than one card shows."""
    text = (
        f"{plural(count, 'indicator')}: that is an import. Each is judged by itself; a direct message tells soon "
        "what was requested and what was set aside. Nothing has been changed yet."
    )
    return Message.build(name="import-begun", text=text, blocks=[elements.section(f":mailbox_with_mail: {text}")])


def imported_message(facts: ImportFacts) -> Message:
    """The answer to an import. The file with all lines goes beside it."""
    title = f"Import of {code(facts.name, limit=80)}" if facts.name.strip() else "Your import"
    requests = facts.requests[:_REQUESTS_SHOWN]
    blocks: list[Block] = [elements.section(f"*{title}*: {facts.outcome}")]
    blocks += [elements.section(_made(request), accessory=details_button(request.id)) for request in requests]
    lines = _set_aside(facts.set_aside)
    if lines:
        blocks.append(elements.section(elements.labelled("Set aside", "\n".join(lines))))
    blocks.append(elements.context(_small_print(facts)))
    spoken = [f"{title}: {facts.outcome}", *(_spoken(request) for request in requests), *lines[:3]]
    return Message.build(name="imported", text="\n".join(spoken), blocks=blocks)


def _made(facts: RequestFacts) -> str:
    return (
        f":inbox_tray: *Request {facts.id}*: {seen(facts.named_headline, value=NAMED_VALUE)}\n"
        f"It needs {facts.needs} and lapses "
        f"{when(facts.lapses_at)}. Nothing has been changed yet."
    )


def _spoken(facts: RequestFacts) -> str:
    return f"Request {facts.id}: {read_aloud(facts.named_headline, value=NAMED_VALUE)}."


def _set_aside(reasons: Sequence[SetAsideFacts]) -> Sequence[str]:
    lines = [
        f"• {plural(reason.count, 'line')}: {escaped(reason.why, limit=250)}" for reason in reasons[:_REASONS_SHOWN]
    ]
    if not lines:
        return []
    return lines_that_fit(
        lines, total=len(reasons), limit=2_600, more="…and {} more reasons: see the file"
    ).splitlines()


def _small_print(facts: ImportFacts) -> str:
    file = "The file below has a line for each." if facts.lines else "Nothing to list."
    by = "" if facts.judged_as_of is None else f" Judged by the lists as of {when(facts.judged_as_of)}."
    why = f" Why: {code(facts.reason, limit=200)}" if facts.reason.strip() else ""
    return f"{file}{by}{why}"
