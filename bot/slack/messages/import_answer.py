"""What somebody is told of an import: what was requested, and what was set aside for which reasons."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from slack_sdk.models.blocks import Block

from bot.domain.telling.counting import plural
from bot.domain.telling.import_facts import ImportFacts, SetAsideFacts
from bot.domain.telling.request_facts import RequestFacts
from bot.slack.block_kit import elements
from bot.slack.block_kit.blocks import Message
from bot.slack.block_kit.text import code, escaped, lines_that_fit, when
from bot.slack.messages.lines import no_rule_approves
from bot.slack.messages.request_buttons import details_button
from bot.slack.messages.sentences import NAMED_VALUE, read_aloud, seen

_REQUESTS_SHOWN = 8
_REASONS_SHOWN = 12


def import_begun(count: int) -> Message:
    """The answer to a command with more indicators than one card shows."""
    text = (
        f"{plural(count, 'indicator')}: that is an import. Each is judged by itself; a direct message soon shows what "
        "would be requested and what is set aside. Nothing is requested before you say so there."
    )
    return Message.build(name="import-begun", text=text, blocks=[elements.section(f":mailbox_with_mail: {text}")])


def import_taken() -> Message:
    """What somebody is told where they typed /import, once its form is sent."""
    text = (
        "Your import is being read. A direct message soon shows what would be requested and what is set aside. Nothing "
        "is requested before you say so there."
    )
    return Message.build(name="import-taken", text=text, blocks=[elements.section(f":mailbox_with_mail: {text}")])


def imported_message(facts: ImportFacts) -> Message:
    """The answer to an import. The file with all lines, if there is one, goes beside it."""
    title = import_title(facts.name)
    requests = facts.requests[:_REQUESTS_SHOWN]
    blocks: list[Block] = [elements.section(f"*{title}*: {facts.outcome}")]
    blocks += [
        elements.section(_made(request, facts.waits_because), accessory=details_button(request)) for request in requests
    ]
    if len(facts.requests) > len(requests):
        blocks.append(elements.context(f"…and {plural(len(facts.requests) - len(requests), 'more request')}"))
    since = set_aside_lines(facts.since, limit=1_500)
    if since:
        blocks.append(elements.section(elements.labelled(":warning: Set aside since you looked", "\n".join(since))))
    lines = set_aside_lines(facts.set_aside)
    if lines:
        blocks.append(elements.section(elements.labelled("Set aside", "\n".join(lines))))
    blocks.append(elements.context(_small_print(facts)))
    spoken = [f"{title}: {facts.outcome}", *(_spoken(request, facts.waits_because) for request in requests[:6])]
    spoken += lines[:3]
    return Message.build(name="imported", text="\n".join(spoken), blocks=blocks)


def import_title(name: str) -> str:
    """What an import is called. `name` is the file's, any text, or empty."""
    return f"Import of {code(name, limit=80)}" if name.strip() else "Your import"


def set_aside_lines(reasons: Sequence[SetAsideFacts], *, limit: int = 2_600) -> Sequence[str]:
    """A line for each reason, as far as they fit in so many characters."""
    lines = [
        f"• {plural(reason.count, 'line')}{_numbers(reason)}: {escaped(reason.why, limit=250)}"
        for reason in reasons[:_REASONS_SHOWN]
    ]
    if not lines:
        return []
    return lines_that_fit(lines, total=len(reasons), limit=limit, more="…and {} more reasons").splitlines()


def judged_by(as_of: datetime | None) -> str:
    """By which state of the lists the lines were judged; begins with a space, or is empty."""
    return "" if as_of is None else f" Judged by the lists as of {when(as_of)}."


def reason_words(reason: str) -> str:
    """Why somebody wants it all; begins with a space, or is empty."""
    return f" Why: {code(reason, limit=200)}" if reason.strip() else ""


def _numbers(reason: SetAsideFacts) -> str:
    if not reason.lines:
        return ""
    more = ", …" if reason.count > len(reason.lines) else ""
    lines = "line" if len(reason.lines) == 1 and not more else "lines"
    return f" ({lines} {', '.join(map(str, reason.lines))}{more})"


def _made(facts: RequestFacts, waits_because: str) -> str:
    comes = f"It needs {facts.needs} and expires undecided {when(facts.lapses_at)}. Nothing has been changed yet."
    if waits_because:
        comes += f" {no_rule_approves(waits_because, limit=300)}"
    if not facts.is_open:
        comes = seen(facts.status_sentence)
    return f":inbox_tray: *#{facts.number}*: {seen(facts.named_headline, value=NAMED_VALUE)}\n{comes}"


def _spoken(facts: RequestFacts, waits_because: str) -> str:
    why = f" {no_rule_approves(waits_because, limit=150)}" if waits_because and facts.is_open else ""
    return f"#{facts.number}: {read_aloud(facts.named_headline, value=NAMED_VALUE)}.{why}"


def _small_print(facts: ImportFacts) -> str:
    file = "The file below has a line for each." if facts.has_file else ""
    return f"{file}{judged_by(facts.judged_as_of)}{reason_words(facts.reason)}".strip() or "Nothing to list."
