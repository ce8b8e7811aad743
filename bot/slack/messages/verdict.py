"""The answer to `/check`: the verdict in the first line, then what led to it and what it does not mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from slack_sdk.models.blocks import Block

from bot.domain.telling.verdict_facts import CheckFacts, EntryFacts, VerdictFacts
from bot.domain.verdict.judgement import Judgement
from bot.slack.block_kit import elements
from bot.slack.block_kit.block_rules import BUTTON_VALUE
from bot.slack.block_kit.blocks import Message
from bot.slack.block_kit.ids import ActionId
from bot.slack.block_kit.text import ago, code, escaped, indicator, lines_that_fit, when, when_plain
from bot.slack.messages.lines import notes_text
from bot.slack.messages.sentences import read_aloud, seen

_MARKS: dict[Judgement, str] = {
    Judgement.ALLOWED: ":large_green_circle:",
    Judgement.BLOCKED: ":no_entry:",
    Judgement.NOT_LISTED: ":white_circle:",
    Judgement.UNKNOWN: ":grey_question:",
}


@dataclass(frozen=True, slots=True)
class _Room:
    """How much of a message each verdict may take, so that all of them fit in one."""

    because: int
    notes: int
    entries: int  #: how many
    entry_text: int


_ALONE = _Room(because=1_200, notes=600, entries=10, entry_text=2_800)
_TOGETHER = _Room(because=400, notes=200, entries=4, entry_text=800)
_UNSEEN_TEXT = 1_400
_LIMITS_TEXT = 1_800
#: What was asked about has room for all of an ordinary value.
_ASKED_ABOUT = 150


def verdict_message(facts: CheckFacts) -> Message:
    """The answer of the tenant itself, read just now.

    When something could not be read, the first line says that the answer is not the whole of it.
    """
    source = f"Read from the tenant, {when(facts.as_of)}. Only you see this."
    return _message(facts, [elements.context(source)], f"Read from the tenant, {when_plain(facts.as_of)}.")


def snapshot_message(facts: CheckFacts, *, now: datetime, beside: str = "") -> Message:
    """The answer of the last snapshot, for up to five indicators, with its age and a button to read anew.

    `beside` says why it is the snapshot's although the tenant should have been asked.
    """
    age = f"From the last snapshot of the lists, as of {ago(facts.as_of, now=now)}"
    why = escaped(beside, limit=300)
    blocks: list[Block] = [elements.section(f":warning: {why}")] if why else []
    blocks.append(elements.context(f"{age} ({when(facts.as_of)}). Only you see this."))
    values = [verdict.line for verdict in facts.verdicts]
    asked = "\n".join(values)
    if len(asked) <= BUTTON_VALUE and all(value.strip() and value.isprintable() for value in values):
        button = elements.button(
            "Read now", action_id=ActionId.CHECK_NOW, value=asked, spoken="Read the tenant's lists now and answer again"
        )
        blocks.append(elements.buttons([button]))
    else:
        blocks.append(elements.context(f"To have the tenant read now: {code('/check now')} and the same again."))
    return _message(facts, blocks, " ".join(filter(None, [f"{age}, {when_plain(facts.as_of)}.", why])))


def reading_message(why: str) -> Message:
    """At once, while a job reads the tenant: that the answer follows, and why it isn't here yet."""
    text = " ".join(filter(None, [escaped(why, limit=300), "The tenant is being read now: the answer follows."]))
    return Message.build(name="reading", text=text, blocks=[elements.section(f":hourglass_flowing_sand: {text}")])


def _message(facts: CheckFacts, ending: Sequence[Block], spoken: str) -> Message:
    several = len(facts.verdicts) > 1
    room = _TOGETHER if several else _ALONE
    blocks: list[Block] = []
    aloud: list[str] = []
    for verdict in facts.verdicts:
        because = escaped(verdict.because, limit=room.because)
        answer = f"{_mark(verdict)} {seen(verdict.answer, value=_ASKED_ABOUT)}"
        notes = notes_text(verdict.notes, limit=room.notes)
        read_so = f"_How it was read:_ {notes}" if notes else ""
        pending = [f":hourglass_flowing_sand: {seen(told)}" for told in verdict.pending]
        blocks.append(elements.section("\n".join(filter(None, [answer, because, *pending, read_so]))))
        if verdict.entries:
            blocks.append(elements.section(elements.labelled("Entries", _entries(verdict.entries, room))))
        told = [read_aloud(each) for each in verdict.pending]
        aloud.append(
            " ".join(filter(None, [f"{read_aloud(verdict.answer, value=_ASKED_ABOUT)}.", because, *told, notes]))
        )
    if facts.unseen:
        first = len(blocks) if several else 1
        blocks.insert(first, _listed("What could not be seen", facts.unseen, mark=":warning:", limit=_UNSEEN_TEXT))
        aloud.append(f"Could not be seen: {escaped('; '.join(facts.unseen), limit=400)}.")
    if facts.limits:
        blocks.append(_listed("What this does not mean", facts.limits, mark="•", limit=_LIMITS_TEXT))
    text = "\n".join([*aloud, spoken]) if several else " ".join([*aloud, spoken])
    return Message.build(name="verdict", text=text, blocks=[*blocks, *ending])


def _mark(verdict: VerdictFacts) -> str:
    return ":grey_question:" if verdict.unseen else _MARKS[verdict.judgement]


def _entries(entries: Sequence[EntryFacts], room: _Room) -> str:
    lines = [_entry_line(entry) for entry in entries[: room.entries]]
    return lines_that_fit(lines, total=len(entries), limit=room.entry_text, more="…and {} more entries")


def _listed(label: str, texts: Sequence[str], *, mark: str, limit: int) -> Block:
    lines = [f"{mark} {escaped(text, limit=400) or '…'}" for text in texts]
    return elements.section(elements.labelled(label, lines_that_fit(lines, limit=limit)))


def _entry_line(entry: EntryFacts) -> str:
    parts = [
        "*wins*" if entry.wins else "",
        entry.place,
        f"policy {escaped(entry.policy, limit=60)}" if entry.policy.strip() else "",
        str(entry.action),
        indicator(entry.value, limit=120),
        escaped(entry.effect, limit=40),
        seen(entry.until),
        seen(entry.asked_by),
        f"note “{escaped(entry.note, limit=80)}”" if entry.note else "",
    ]
    return f"• {' · '.join(part for part in parts if part)}"
