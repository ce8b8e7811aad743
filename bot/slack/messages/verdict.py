"""The answer to `/check`: the verdict, until when, who asked and approved, what covers it, how old that is.

Then what can be proposed now; and below, in small print, what the verdict doesn't mean.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from slack_sdk.models.blocks import Block, ButtonElement

from bot.domain.figures.figures import DAYS
from bot.domain.indicators.defanging import defanged
from bot.domain.telling.verdict_facts import CheckFacts, EntryFacts, VerdictFacts
from bot.domain.telling.verdict_offers import Offered, OfferFacts
from bot.domain.verdict.judgement import Judgement
from bot.domain.verdict.limits import MOST_TELLING, most_telling
from bot.slack.block_kit import elements
from bot.slack.block_kit.block_rules import BUTTON_VALUE
from bot.slack.block_kit.blocks import Message
from bot.slack.block_kit.ids import ActionId, Carried
from bot.slack.block_kit.text import (
    ago,
    card_link,
    code,
    escaped,
    indicator,
    lines_that_fit,
    plain,
    size,
    when,
    when_plain,
)
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


_ALONE = _Room(because=1_200, notes=600, entries=10, entry_text=2_000)
_TOGETHER = _Room(because=280, notes=200, entries=4, entry_text=600)
#: So many overrides are told of one verdict, and so much of each: in a block, aloud, and where there are several.
_OVERRIDES = 3
_NAMED_OF = 3
_OVERRIDE_TEXT, _OVERRIDE_ALOUD, _OVERRIDE_TOGETHER = 260, 160, 120
_UNSEEN_TEXT = 1_400
_LIMITS_TEXT = 1_800
_ANY_MAIL = "Rules that name no sender may let through or stop any mail: check one by itself."
#: What all buttons that offer something may carry together.
_OFFERED_TEXT = 1_800
#: What was asked about has room for all of an ordinary value.
_ASKED_ABOUT = 150
#: Whose address it is: two names of the longest, cut.
_WHOSE_TEXT = 300


def verdict_message(facts: CheckFacts, *, may_propose: bool = False) -> Message:
    """The answer of the tenant itself, read just now.

    When something could not be read, the first line says that the answer is not the whole of it. Whoever `may_propose`
    is offered what can be proposed.
    """
    ending: list[Block] = [elements.context(f"Read from the tenant, {when(facts.as_of)}. Only you see this.")]
    if offered := [*_offered(facts, may_propose=may_propose), *_mail_button(facts)]:
        ending.append(elements.buttons(offered))
    return _message(facts, ending, f"Read from the tenant, {when_plain(facts.as_of)}.")


def snapshot_message(facts: CheckFacts, *, now: datetime, beside: str = "", may_propose: bool = False) -> Message:
    """The answer of the last snapshot, for up to five indicators, with its age and a button to read anew.

    `beside` says why it is the snapshot's although the tenant should have been asked. Whoever `may_propose` is offered
    what can be proposed.
    """
    age = ago(facts.as_of, now=now)
    why = escaped(beside, limit=300)
    blocks: list[Block] = [elements.section(f":warning: {why}")] if why else []
    blocks.append(elements.context(f"Lists as of {when(facts.as_of)} ({age}). Only you see this."))
    shown = _offered(facts, may_propose=may_propose)
    if asked := _asked_about(facts):
        button = elements.button(
            "Read now",
            action_id=ActionId.CHECK_NOW,
            value=asked,
            spoken="Read now: the tenant's lists, and answer again",
        )
        shown += [button, *_mail_button(facts)]
    else:
        blocks.append(elements.context(f"To read the tenant now: {code('/check now')} and the same indicators."))
    if shown:
        blocks.append(elements.buttons(shown))
    spoken = f"Lists as of {when_plain(facts.as_of)}, {age}."
    return _message(facts, blocks, " ".join(filter(None, [spoken, why])))


def _asked_about(facts: CheckFacts) -> str:
    """All that was asked about, a line each, as a button carries it; empty where none can."""
    values = [verdict.line for verdict in facts.verdicts]
    asked = "\n".join(values)
    return (
        asked if len(asked) <= BUTTON_VALUE and all(value.strip() and value.isprintable() for value in values) else ""
    )


def _mail_button(facts: CheckFacts) -> list[ButtonElement]:
    """The button that has the mail counted, where that isn't told of all of them."""
    asked = _asked_about(facts)
    if not asked or not any(verdict.may_count_mail for verdict in facts.verdicts):
        return []
    text = f"Mail of the last {DAYS} days"
    return [elements.button(text, action_id=ActionId.CHECK_MAIL, value=asked, spoken=f"{text}: have it counted")]


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
        blocks.append(_section(verdict, room))
        # Of more there is no room: the answer itself says that something else decides.
        if (elsewhere := _elsewhere(verdict, room)) and len(facts.verdicts) <= _NAMED_OF:
            blocks.append(elements.section("\n".join(f"• {told}" for told in elsewhere)))
        if verdict.others:
            label = "Other entries" if verdict.decider else "Entries"
            blocks.append(elements.section(elements.labelled(label, _entries(verdict.others, room))))
        aloud.append(_aloud(verdict, room))
    if facts.unseen:
        first = len(blocks) if several else 1
        blocks.insert(
            first,
            _listed("What could not be seen", facts.unseen, mark=":warning:", limit=900 if several else _UNSEEN_TEXT),
        )
        aloud.append(f"Could not be seen: {escaped('; '.join(facts.unseen), limit=400)}.")
    blocks += ending
    may_be_any = len(facts.verdicts) > _NAMED_OF and any(verdict.may for verdict in facts.verdicts)
    limits = [_ANY_MAIL] if may_be_any else []
    limits += most_telling(facts.limits, at_most=MOST_TELLING - len(limits))
    if limits:
        blocks.append(elements.context(_small_print(tuple(limits))))
    text = "\n".join([*aloud, spoken]) if several else " ".join([*aloud, spoken])
    return Message.build(name="verdict", text=text, blocks=blocks)


@lru_cache(maxsize=100)
def _small_print(limits: tuple[str, ...]) -> str:
    """What the verdict doesn't mean, which is the same below most answers."""
    lines = [f"• {escaped(text, limit=500) or '…'}" for text in limits]
    return lines_that_fit(["What this does not mean:", *lines], limit=_LIMITS_TEXT)


def _section(verdict: VerdictFacts, room: _Room) -> Block:
    """The verdict, until when and whose doing, why, and what is under way; with the way to the request's details."""
    decider = verdict.decider
    lines = [
        f"{_mark(verdict)} {seen(verdict.answer, value=_ASKED_ABOUT)}",
        " · ".join(_whose(decider, strong=True)) if decider else "",
        escaped(verdict.because, limit=room.because),
        escaped(verdict.whose, limit=_WHOSE_TEXT),
        seen(verdict.mail),
        *(f":hourglass_flowing_sand: {seen(told)}" for told in verdict.pending),
        f"_How it was read:_ {notes_text(verdict.notes, limit=room.notes)}" if verdict.notes else "",
    ]
    accessory = None
    if decider is not None and decider.request_id is not None:
        accessory = elements.button(
            "Details",
            action_id=ActionId.DETAILS,
            value=str(Carried(request_id=decider.request_id, version=0)),
            spoken=f"Details of #{decider.number}",
        )
    return elements.section("\n".join(filter(None, lines)), accessory=accessory)


def _aloud(verdict: VerdictFacts, room: _Room) -> str:
    sentences = [
        read_aloud(verdict.answer, value=_ASKED_ABOUT),
        ", ".join(_whose(verdict.decider, strong=False)) if verdict.decider else "",
    ]
    because = escaped(verdict.because, limit=room.because)
    pending = [read_aloud(told) for told in verdict.pending]
    ended = [f"{words}." for words in sentences if words]
    # Of several the answer alone says that something else decides: a message's text is short.
    elsewhere = [escaped(each, limit=_OVERRIDE_ALOUD) for each in verdict.elsewhere[:_OVERRIDES] if room is _ALONE]
    elsewhere += _any_mail(verdict) if room is _ALONE else []
    whose = escaped(verdict.whose, limit=_WHOSE_TEXT)
    mail = f"{read_aloud(verdict.mail)}." if verdict.mail else ""
    return " ".join(
        filter(None, [*ended, because, whose, mail, *elsewhere, *pending, notes_text(verdict.notes, limit=room.notes)])
    )


def _elsewhere(verdict: VerdictFacts, room: _Room) -> list[str]:
    """What else lets it through or stops it: the first few, how many more, and which has the last word.

    Of several each has one line for it.
    """
    if room is _TOGETHER:
        return [escaped(each, limit=_OVERRIDE_TOGETHER) for each in verdict.elsewhere[:1]] or _any_mail(verdict)
    told = [escaped(each, limit=_OVERRIDE_TEXT) for each in verdict.elsewhere[:_OVERRIDES]]
    more = len(verdict.elsewhere) - len(told)
    if more:
        told.append(f"{more} more: {code('portcullis check')} names all.")
    else:
        told += _any_mail(verdict)
    if told:
        told += [escaped(each, limit=_OVERRIDE_TEXT) for each in verdict.last_word]
    return told


def _any_mail(verdict: VerdictFacts) -> list[str]:
    """What may let through or stop the mail of anybody, in a sentence; none where there is nothing of the kind."""
    if not verdict.may:
        return []
    whose = "One rule that names" if verdict.may == 1 else f"{verdict.may} rules that name"
    return [f"{whose} no sender may let through or stop any mail."]


def _whose(entry: EntryFacts, *, strong: bool) -> list[str]:
    """Until when the entry stands, who asked for it and approved it, its request's number, and its note."""
    shown = seen if strong else read_aloud
    until = shown(entry.until)
    return [
        until[:1].upper() + until[1:],
        shown(entry.asked_by),
        *([card_link(f"#{entry.number}", entry.card_url if strong else "")] if entry.number is not None else []),
        *([f"note “{escaped(entry.note, limit=80)}”"] if entry.note else []),
    ]


def _offered(facts: CheckFacts, *, may_propose: bool) -> list[ButtonElement]:
    """The buttons that open a form with the lines in it; one whose lines are too long for it is left out."""
    shown: list[ButtonElement] = []
    room = _OFFERED_TEXT if may_propose else 0
    for offer in facts.offers:
        value = "\n".join(offer.lines)
        if size(value) > room:
            continue
        room -= size(value)
        shown.append(_form_button(offer, value))
    return shown


def _form_button(offer: OfferFacts, value: str) -> ButtonElement:
    about = _about(offer)
    match offer.offered:
        case Offered.BLOCK:
            text = f"Block{about}…"
            return elements.button(text, action_id=ActionId.OPEN_BLOCK, value=value, spoken=_spoken(text))
        case Offered.UNBLOCK:
            text = f"Unblock{about}…"
            return elements.button(text, action_id=ActionId.OPEN_UNBLOCK, value=value, spoken=_spoken(text))
        case Offered.UNALLOW:
            text = f"Remove the allow{about}…"
            return elements.button(text, action_id=ActionId.OPEN_UNALLOW, value=value, spoken=_spoken(text))
        case Offered.EXTEND:
            text = f"New expiry date for{about}…" if about else "New expiry date…"
            return elements.button(text, action_id=ActionId.OPEN_EXTEND, value=value, spoken=_spoken(text))


def _spoken(text: str) -> str:
    return f"{text} by a form that opens"


def _about(offer: OfferFacts) -> str:
    if len(offer.lines) > 1:
        return f" {len(offer.lines)}" if offer.offered is Offered.BLOCK else f" {len(offer.lines)} entries"
    return f" {plain(defanged(offer.entry), limit=30)}" if offer.entry else ""


def _mark(verdict: VerdictFacts) -> str:
    if verdict.is_in_doubt:
        return ":grey_question:"
    return ":warning:" if verdict.is_overridden else _MARKS[verdict.judgement]


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
        f"#{entry.number}" if entry.number is not None else "",
        f"note “{escaped(entry.note, limit=80)}”" if entry.note else "",
    ]
    return f"• {' · '.join(part for part in parts if part)}"
