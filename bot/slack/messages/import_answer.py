"""What somebody is told of an import: what was requested, and what was set aside for which reasons."""

from __future__ import annotations

from collections.abc import Sequence

from slack_sdk.models.blocks import Block

from bot.domain.importing.outcomes import REQUESTED, Imported, reasons
from bot.domain.telling.counting import plural
from bot.domain.telling.request_facts import RequestFacts, request_facts
from bot.domain.telling.standing import approvals_by_others
from bot.slack.block_kit import elements
from bot.slack.block_kit.blocks import Message
from bot.slack.block_kit.text import code, escaped, lines_that_fit, when
from bot.slack.messages.card import details_button
from bot.slack.messages.sentences import NAMED_VALUE, read_aloud, seen

_REQUESTS_SHOWN = 6
_REASONS_SHOWN = 12

#: What each code of a set-aside line means in few words; one that isn't here is told by its first line's own words.
_WORDS = {
    "unreadable": "can't be read as an indicator",
    "duplicate": "given twice",
    "exists": "on the list already",
    "covered": "covered by an entry already",
    "other_action": "listed, but for the other action",
    "not_listed": "not on the list",
}


def import_begun(count: int) -> Message:
    """The answer to a command with more indicators than one card shows."""
    text = (
        f"{plural(count, 'indicator')}: that is an import. Each is judged by itself; a direct message tells soon "
        "what was requested and what was set aside. Nothing has been changed yet."
    )
    return Message.build(name="import-begun", text=text, blocks=[elements.section(f":mailbox_with_mail: {text}")])


def imported_message(imported: Imported, *, name: str, reason: str) -> Message:
    """The answer to an import. `name` is the file's, or empty for a text. The file with all lines goes beside it."""
    outcomes = imported.outcomes
    requested = sum(one.code == REQUESTED for one in outcomes)
    aside = len(outcomes) - requested
    what = f"Import of {code(name, limit=80)}" if name.strip() else "Your import"
    head = f"*{what}*: {requested:,} of {plural(len(outcomes), 'line')} requested, {aside:,} set aside."
    if not outcomes:
        head = f"*{what}*: nothing in it was to be read. Nothing was requested."
    elif not imported.requests:
        head = f"*{what}*: none of {plural(len(outcomes), 'line')} could be requested. Nothing was changed."
    blocks: list[Block] = [elements.section(head)]
    requests = [request_facts(request) for request in imported.requests[:_REQUESTS_SHOWN]]
    blocks += [elements.section(_made(facts), accessory=details_button(facts.id)) for facts in requests]
    lines = _aside(imported)
    if lines:
        blocks.append(elements.section(elements.labelled("Set aside", "\n".join(lines))))
    blocks.append(elements.context(_small_print(imported, reason)))
    spoken = [head.replace("*", ""), *(_spoken(facts) for facts in requests), *lines[:3]]
    return Message.build(name="imported", text="\n".join(spoken), blocks=blocks)


def _made(facts: RequestFacts) -> str:
    return (
        f":inbox_tray: *Request {facts.id}*: {seen(facts.named_headline, value=NAMED_VALUE)}\n"
        f"It needs {approvals_by_others(facts.approvals_needed)} and lapses "
        f"{when(facts.lapses_at)}. Nothing has been changed yet."
    )


def _spoken(facts: RequestFacts) -> str:
    return f"Request {facts.id}: {read_aloud(facts.named_headline, value=NAMED_VALUE)}."


def _aside(imported: Imported) -> Sequence[str]:
    found = reasons(imported.outcomes)
    lines = [
        f"• {plural(count, 'line')}: {_WORDS.get(why) or escaped(words, limit=250) or escaped(why, limit=80)}"
        for why, count, words in found[:_REASONS_SHOWN]
    ]
    text = (
        lines_that_fit(lines, total=len(found), limit=2_600, more="…and {} more reasons: see the file") if lines else ""
    )
    return text.splitlines()


def _small_print(imported: Imported, reason: str) -> str:
    by = "" if imported.snapshot_of is None else f" Judged by the lists as of {when(imported.snapshot_of)}."
    why = f" Why: {code(reason, limit=200)}" if reason.strip() else ""
    return f"The file below has a line for each.{by}{why}" if imported.outcomes else f"Nothing to list.{by}{why}"
