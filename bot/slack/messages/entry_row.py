"""An entry of the lists as a row, with a menu of what can be done about it."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum

from slack_sdk.models.blocks import Block

from bot.domain.lists.traits import Action
from bot.domain.requests.people import Right
from bot.domain.telling.entry_lines import EntryLineFacts
from bot.slack.block_kit import elements
from bot.slack.block_kit.ids import ActionId
from bot.slack.block_kit.text import card_link, escaped, indicator
from bot.slack.messages.sentences import seen


class EntryVerb(StrEnum):
    """What can be chosen in an entry's menu."""

    CHECK = "check"
    REMOVE = "remove"
    EXTEND = "extend"
    NOTE = "note"
    DETAILS = "details"


def entry_row(facts: EntryLineFacts, *, rights: Collection[Right]) -> Block:
    """The entry in two lines, with the menu of what somebody with these rights may do about it."""
    options = _options(facts, rights)
    menu = elements.menu(action_id=ActionId.ENTRY, options=options) if len(options) > 1 else None
    return elements.section(entry_text(facts), accessory=menu)


def entry_text(facts: EntryLineFacts) -> str:
    """The entry in two lines; the number of its request leads to the card."""
    first = f"{indicator(facts.value)} · {facts.action} · {facts.place}"
    note = f" · note “{escaped(facts.note, limit=80)}”" if facts.note.strip() else ""
    number = "" if facts.request_id is None else f", {card_link(f'#{facts.request_id}', facts.card_url)}"
    return f"{first}\n{seen(facts.until)} · {seen(facts.asked_by)}{number}{note}"


def _options(facts: EntryLineFacts, rights: Collection[Right]) -> list[tuple[str, str]]:
    options = [(f"{EntryVerb.CHECK} {facts.name}", "Check")] if Right.CHECK in rights else []
    if Right.PROPOSE in rights:
        remove = "Unblock…" if facts.action is Action.BLOCK else "Remove the allow…"
        options += [
            (f"{EntryVerb.REMOVE} {facts.name}", remove),
            (f"{EntryVerb.EXTEND} {facts.name}", "New expiry date…"),
            (f"{EntryVerb.NOTE} {facts.name}", "Another note…"),
        ]
    if facts.request_id is not None and Right.SEE_REQUESTS in rights:
        options.append((f"{EntryVerb.DETAILS} {facts.request_id}", f"Details of #{facts.request_id}"))
    return options
