"""The answer to `/check`: the verdict in the first line, then what led to it and what it does not mean."""

from __future__ import annotations

from collections.abc import Sequence

from slack_sdk.models.blocks import Block

from bot.domain.lists import Entry
from bot.domain.verdict import Judgement, Match, Verdict
from bot.slack.blocks import Message
from bot.slack.text import escaped, indicator, lines_that_fit, mention, when, when_plain
from bot.slack.views import parts, wording

_ENTRIES_SHOWN = 10

_WORDS: dict[Judgement, str] = {
    Judgement.ALLOWED: "Allowed",
    Judgement.BLOCKED: "Blocked",
    Judgement.NOT_LISTED: "Not listed",
}
_MARKS: dict[Judgement, str] = {
    Judgement.ALLOWED: ":large_green_circle:",
    Judgement.BLOCKED: ":no_entry:",
    Judgement.NOT_LISTED: ":white_circle:",
}
_EFFECTS: dict[str, str] = {
    "exact": "names it exactly",
    "covers": "covers it",
    "part": "covers a part of it",
    "expired": "has ended, no longer counts",
    "related": "is related, does not decide",
}


def verdict_message(verdict: Verdict) -> Message:
    """The answer. When something could not be read, the first line says that it is not the whole picture."""
    answer = f"*{_WORDS[verdict.judgement]}*: {indicator(verdict.indicator.value)}"
    if verdict.unseen:
        answer += ", *as far as could be seen*"
    mark = ":grey_question:" if verdict.unseen else _MARKS[verdict.judgement]
    because = escaped(verdict.because, limit=1_200)
    blocks: list[Block] = [parts.section("\n".join(filter(None, [f"{mark} {answer}", because])))]
    if verdict.unseen:
        blocks.append(_listed("What could not be seen", verdict.unseen, mark=":warning:"))
    if verdict.matches:
        lines = [_entry_line(match) for match in verdict.matches[:_ENTRIES_SHOWN]]
        text = lines_that_fit(lines, total=len(verdict.matches), limit=2_800, more="…and {} more entries")
        blocks.append(parts.section(parts.labelled("Entries", text)))
    if verdict.limits:
        blocks.append(_listed("What this does not mean", verdict.limits, mark="•"))
    blocks.append(parts.context(f"As of {when(verdict.as_of)}. Only you see this."))
    return Message.build(name="verdict", text=_spoken(verdict, answer, because), blocks=blocks)


def _listed(label: str, texts: Sequence[str], *, mark: str) -> Block:
    lines = [f"{mark} {escaped(text, limit=400) or '…'}" for text in texts]
    return parts.section(parts.labelled(label, lines_that_fit(lines, limit=1_800)))


def _entry_line(match: Match) -> str:
    entry = match.entry
    facts = [
        wording.list_words(entry.list, entry.action),
        *([f"policy {escaped(entry.policy, limit=60)}"] if entry.policy.strip() else []),
        str(entry.action),
        indicator(entry.value, limit=120),
        _EFFECTS.get(match.effect) or escaped(match.effect, limit=40) or "matters",
        _until(match, entry),
        _who(match),
    ]
    return f"• {'*wins* · ' if match.wins else ''}{' · '.join(fact for fact in facts if fact)}"


def _until(match: Match, entry: Entry) -> str:
    """The end that the tenant has on record, else ours: the connection filter keeps none."""
    if entry.expires is not None:
        return f"until {when(entry.expires)}"
    if entry.bounded_by_use:
        return "until 45 days after its last use"
    if match.known is not None and match.known.expires is not None:
        return f"until {when(match.known.expires)}"
    return "no end"


def _who(match: Match) -> str:
    if match.known is None:
        return "not asked for here"
    return f"asked by {mention(match.known.requester)}, request {match.known.request_id}"


def _spoken(verdict: Verdict, answer: str, because: str) -> str:
    unseen = f"Could not be seen: {escaped('; '.join(verdict.unseen), limit=400)}." if verdict.unseen else ""
    sentences = [f"{answer.replace('*', '')}.", because, unseen, f"As of {when_plain(verdict.as_of)}."]
    return " ".join(sentence for sentence in sentences if sentence)
