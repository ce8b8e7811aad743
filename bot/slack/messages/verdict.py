"""The answer to `/check`: the verdict in the first line, then what led to it and what it does not mean."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from slack_sdk.models.blocks import Block

from bot.domain.lists.entries import Entry
from bot.domain.lists.traits import label
from bot.domain.verdict.judgement import Judgement, Match
from bot.domain.verdict.verdict import Verdict
from bot.slack.block_kit import elements
from bot.slack.block_kit.block_rules import BUTTON_VALUE
from bot.slack.block_kit.blocks import Message
from bot.slack.block_kit.ids import ActionId
from bot.slack.block_kit.text import ago, code, escaped, indicator, lines_that_fit, mention, when, when_plain

_WORDS: dict[Judgement, str] = {
    Judgement.ALLOWED: "Allowed",
    Judgement.BLOCKED: "Blocked",
    Judgement.NOT_LISTED: "Not listed",
    Judgement.UNKNOWN: "Not known",
}
_MARKS: dict[Judgement, str] = {
    Judgement.ALLOWED: ":large_green_circle:",
    Judgement.BLOCKED: ":no_entry:",
    Judgement.NOT_LISTED: ":white_circle:",
    Judgement.UNKNOWN: ":grey_question:",
}
_EFFECTS: dict[str, str] = {
    "exact": "names it exactly",
    "covers": "covers it",
    "part": "covers a part of it",
    "expired": "has ended, no longer counts",
    "related": "is related, does not decide",
}


@dataclass(frozen=True, slots=True)
class _Room:
    """How much of a message each verdict may take, so that all of them fit in one."""

    because: int
    entries: int  #: how many
    entry_text: int


_ALONE = _Room(because=1_200, entries=10, entry_text=2_800)
_TOGETHER = _Room(because=400, entries=4, entry_text=800)
_UNSEEN_TEXT = 1_400
_LIMITS_TEXT = 1_800


def verdict_message(verdict: Verdict) -> Message:
    """The answer of the tenant itself, read just now.

    When something could not be read, the first line says that it is not the whole snapshot.
    """
    source = f"Read from the tenant, {when(verdict.as_of)}. Only you see this."
    spoken = f"Read from the tenant, {when_plain(verdict.as_of)}."
    return _message([verdict], [elements.context(source)], spoken)


def snapshot_message(verdicts: Sequence[Verdict], *, now: datetime) -> Message:
    """The answer of the last snapshot, for up to five indicators, with its age and a button to read anew."""
    oldest = min(verdict.as_of for verdict in verdicts)
    age = f"From the last snapshot of the lists, as of {ago(oldest, now=now)}"
    blocks: list[Block] = [elements.context(f"{age} ({when(oldest)}). Only you see this.")]
    values = [verdict.indicator.value for verdict in verdicts]
    asked = "\n".join(values)
    if len(asked) <= BUTTON_VALUE and all(value.strip() and value.isprintable() for value in values):
        button = elements.button(
            "Read now", action_id=ActionId.CHECK_NOW, value=asked, spoken="Read the tenant's lists now and answer again"
        )
        blocks.append(elements.buttons([button]))
    else:
        blocks.append(elements.context(f"To have the tenant read now: {code('/check now')} and the same again."))
    return _message(verdicts, blocks, f"{age}, {when_plain(oldest)}.")


def reading_message(why: str) -> Message:
    """At once, while a job reads the tenant: that the answer follows, and why it isn't here yet."""
    text = " ".join(filter(None, [escaped(why, limit=300), "The tenant is being read now: the answer follows."]))
    return Message.build(name="reading", text=text, blocks=[elements.section(f":hourglass_flowing_sand: {text}")])


def _message(verdicts: Sequence[Verdict], ending: Sequence[Block], spoken: str) -> Message:
    room = _ALONE if len(verdicts) == 1 else _TOGETHER
    blocks: list[Block] = []
    aloud: list[str] = []
    for verdict in verdicts:
        answer, because = _answer(verdict), escaped(verdict.because, limit=room.because)
        mark = ":grey_question:" if verdict.unseen else _MARKS[verdict.judgement]
        blocks.append(elements.section("\n".join(filter(None, [f"{mark} {answer}", because]))))
        if verdict.matches:
            blocks.append(elements.section(elements.labelled("Entries", _entries(verdict.matches, room))))
        aloud.append(" ".join(filter(None, [f"{answer.replace('*', '')}.", because])))
    unseen = _distinct(text for verdict in verdicts for text in verdict.unseen)
    limits = _distinct(text for verdict in verdicts for text in verdict.limits)
    if unseen:
        first = len(blocks) if len(verdicts) > 1 else 1
        blocks.insert(first, _listed("What could not be seen", unseen, mark=":warning:", limit=_UNSEEN_TEXT))
        aloud.append(f"Could not be seen: {escaped('; '.join(unseen), limit=400)}.")
    if limits:
        blocks.append(_listed("What this does not mean", limits, mark="•", limit=_LIMITS_TEXT))
    text = "\n".join([*aloud, spoken]) if len(verdicts) > 1 else " ".join([*aloud, spoken])
    return Message.build(name="verdict", text=text, blocks=[*blocks, *ending])


def _answer(verdict: Verdict) -> str:
    seen = ", *as far as could be seen*" if verdict.unseen else ""
    return f"*{_WORDS[verdict.judgement]}*: {indicator(verdict.indicator.value)}{seen}"


def _distinct(texts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(texts))


def _entries(matches: Sequence[Match], room: _Room) -> str:
    lines = [_entry_line(match) for match in matches[: room.entries]]
    return lines_that_fit(lines, total=len(matches), limit=room.entry_text, more="…and {} more entries")


def _listed(label: str, texts: Sequence[str], *, mark: str, limit: int) -> Block:
    lines = [f"{mark} {escaped(text, limit=400) or '…'}" for text in texts]
    return elements.section(elements.labelled(label, lines_that_fit(lines, limit=limit)))


def _entry_line(match: Match) -> str:
    entry = match.entry
    facts = [
        label(entry.list, entry.action),
        *([f"policy {escaped(entry.policy, limit=60)}"] if entry.policy.strip() else []),
        str(entry.action),
        indicator(entry.value, limit=120),
        _EFFECTS.get(match.effect) or escaped(match.effect, limit=40) or "matters",
        _until(match, entry),
        _who(match),
        _note(match),
    ]
    return f"• {'*wins* · ' if match.wins else ''}{' · '.join(fact for fact in facts if fact)}"


def _until(match: Match, entry: Entry) -> str:
    """The end that the tenant has on record, else ours: the tenant keeps none for some, and not one so far ahead."""
    if entry.expires is not None:
        return f"until {when(entry.expires)}"
    if entry.bounded_by_use:
        return "until 45 days after its last use"
    if match.known is not None and match.known.expires is not None:
        return f"until {when(match.known.expires)}, when Portcullis removes it"
    return "no end"


def _note(match: Match) -> str:
    """What the tenant has for a note, else what Portcullis keeps where the list takes none."""
    note = match.entry.notes.strip() or (match.known.notes.strip() if match.known is not None else "")
    return f"note “{escaped(note, limit=80)}”" if note else ""


def _who(match: Match) -> str:
    if match.known is None:
        return "not asked for here"
    return f"asked by {mention(match.known.requester)}, request {match.known.request_id}"
