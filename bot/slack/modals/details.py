"""The details of a request: everything that the card leaves out, and the change as PowerShell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from slack_sdk.models.blocks import Block, ButtonElement

from bot.domain.figures.figures import DAYS, LONGEST_SUBJECT
from bot.domain.requests.who_decides import ApproverRule
from bot.domain.telling.counting import plural
from bot.domain.telling.details_facts import DetailsFacts
from bot.domain.telling.request_facts import ItemFacts, RequestFacts
from bot.domain.telling.sentence import people, until
from bot.slack.block_kit import elements
from bot.slack.block_kit.blocks import Modal
from bot.slack.block_kit.ids import ActionId
from bot.slack.block_kit.text import card_link, code_blocks, escaped, sections_of, when
from bot.slack.messages.event_line import event_line
from bot.slack.messages.lines import (
    aside_lines,
    evidence_texts,
    item_line,
    no_rule_approves,
    note_lines,
    review_line,
    set_aside_line,
    warning_line,
)
from bot.slack.messages.marks import status_mark
from bot.slack.messages.request_blocks import asked_back, parts_text, terms, title
from bot.slack.messages.request_buttons import carried, decide_button, try_again_button
from bot.slack.messages.sentences import seen

# Sections of up to 2,900 bytes for each subject: 69 in all, well within a view's 100 blocks and 250 kB.
_ITEM_SECTIONS = 24
_POWERSHELL_SECTIONS = 16
_WARNING_SECTIONS = 10
_NOTE_SECTIONS = 5
_ASIDE_SECTIONS = 2
_EVIDENCE_SECTIONS = 3
_REVIEW_SECTIONS = 3
_EVENT_SECTIONS = 8
#: So many of those whom a rule names are shown.
_DECIDERS = 10
_CHANGED = "This is how the request stands now. The message that you clicked on shows an earlier state of it."
_DECIDED_ON_CARD = "Can't find its card?"
_MORE = "…and {} more: the command line lists them all"


def details(
    told: DetailsFacts,
    *,
    shown: int = 0,
    has_card_again: bool = False,
    may_review: bool = False,
    has_try_again: bool = False,
) -> Modal:
    """The modal: of each subject as much as fits, and a count of the rest.

    `shown` is the version of the request in the message that it is opened from: where that is another one, it says so.
    With `has_card_again` the reader can have its card posted again, while it waits for a decision; with `may_review`
    they can decide it, and ask the requester something; with `has_try_again` they can have what failed tried again.
    """
    facts = told.request
    blocks: list[Block] = [
        elements.header(title(facts), emoji=False),
        *([elements.context(_CHANGED)] if shown and shown != facts.version else []),
        elements.section(f"{status_mark(facts)} {seen(facts.status_sentence)}"),
        *([elements.context(card_link(f"The card of #{facts.number}", facts.card_url))] if facts.card_url else []),
        terms(facts),
        elements.reason(facts.reason, limit=2_800, label=facts.reason_label),
        elements.section(elements.labelled("What it does", facts.effect)),
    ]
    blocks += _by_rules(told)
    blocks += _mail(told)
    if asked := asked_back(facts):
        blocks.append(elements.section(asked))
    if facts.is_open and may_review:
        blocks.append(elements.buttons([decide_button(facts), _ask_button(facts)]))
    if facts.is_reviewable and may_review:
        blocks.append(elements.buttons([decide_button(facts)]))
    if has_try_again:
        blocks.append(elements.buttons([try_again_button(facts)]))
    if (facts.is_open or facts.awaits_review) and has_card_again:
        blocks.append(elements.section(_DECIDED_ON_CARD, accessory=_post_again_button(facts)))
    if facts.parts:
        blocks.append(elements.section(elements.labelled("Lists", parts_text(facts))))
    if facts.failure.strip():
        blocks.append(elements.section(elements.labelled("What went wrong", escaped(facts.failure, limit=2_800))))
    blocks += _listed(facts.counted, _item_lines(facts, told.ends_now), facts.total, _ITEM_SECTIONS)
    handed_over = evidence_texts([*facts.evidence, *facts.evidence_holds])
    blocks += _listed("What goes to Microsoft", handed_over, len(handed_over), _EVIDENCE_SECTIONS)
    noted = facts.noted_items
    blocks += _listed("How it was read", note_lines(noted, limit=1_000), len(noted), _NOTE_SECTIONS)
    aside = aside_lines(facts)
    blocks += _listed("Set aside", aside, len(aside), _ASIDE_SECTIONS)
    if facts.set_aside:
        blocks.append(elements.context(set_aside_line(facts, named=not aside)))
    as_of = "" if told.as_of is None else f", lists as of {when(told.as_of)}"
    blocks += _written(f"As PowerShell{as_of}", told.powershell)
    blocks += _written("As a call of Microsoft Graph", told.graph_calls)
    count = len(facts.warnings)
    warnings = (warning_line(warning, limit=2_500) for warning in facts.warnings)
    blocks += _listed(plural(count, "warning"), warnings, count, _WARNING_SECTIONS)
    if facts.approval is not None:
        why = ": ".join(filter(None, [seen(facts.decided_by), escaped(facts.approval.why, limit=600)]))
        blocks.append(elements.section(elements.labelled("Approved without a review", why)))
    reviews = (review_line(review, of_emergency=facts.is_emergency) for review in facts.reviews)
    blocks += _listed(
        "Review" if facts.is_emergency else facts.approvals, reviews, len(facts.reviews), _REVIEW_SECTIONS
    )
    blocks += _listed("Audit log", (event_line(step) for step in told.steps), len(told.steps), _EVENT_SECTIONS)
    return Modal.build(title=_modal_title(facts.id), blocks=blocks, private_metadata=carried(facts))


def _mail(told: DetailsFacts) -> list[Block]:
    """Whose its addresses are and how much real mail it would touch, as its card shows both, with what only an approver
    may see."""
    owners = [seen(line, quoted=300) for line in told.owners]
    whose = _listed("By DNS", owners, len(owners), 1)
    if not told.figures:
        return whose
    lines = [seen(line) for line in told.figures]
    blocks = _listed(f"Mail of the last {DAYS} days", lines, len(lines), 1)
    if told.counted_how:
        blocks.append(elements.context(" ".join(told.counted_how)))
    subjects = [f"• {escaped(subject, limit=LONGEST_SUBJECT)}" for subject in told.subjects]
    return [*whose, *blocks, *_listed("Newest subjects, which only approvers see", subjects, len(subjects), 1)]


def _by_rules(told: DetailsFacts) -> list[Block]:
    """Why no rule approves what waits, and whom rules name to decide it."""
    blocks = _listed("Who decides", map(_decider, told.deciders), len(told.deciders), 1)
    if told.request.is_open and told.waits_because.strip():
        blocks = [elements.context(no_rule_approves(told.waits_because, limit=600)), *blocks]
    return blocks


def _decider(rule: ApproverRule) -> str:
    """Whom a rule names: of the approvers, all others leave it to them."""
    return f"By the rule “{escaped(rule.name, limit=100)}”: {seen(people(rule.approvers, at_most=_DECIDERS))}"


def _ask_button(facts: RequestFacts) -> ButtonElement:
    return elements.button(
        "Ask the requester…",
        action_id=ActionId.ASK,
        value=carried(facts),
        spoken=f"Ask the requester of #{facts.number}",
    )


def _post_again_button(facts: RequestFacts) -> ButtonElement:
    return elements.button(
        "Post the card again",
        action_id=ActionId.POST_AGAIN,
        value=carried(facts),
        spoken=f"Post the card again for #{facts.number}, in place of earlier ones",
    )


def _item_lines(facts: RequestFacts, ends: Mapping[str, datetime | None]) -> Iterator[str]:
    """A line for each item that is at hand, and one that counts the others."""
    for item in facts.items:
        yield f"{item_line(item, marked=facts.is_marked)}{_end_now(item, ends)}"
    if (left := facts.total - len(facts.items)) > 0:
        yield _MORE.format(f"{left:,}")


def _end_now(item: ItemFacts, ends: Mapping[str, datetime | None]) -> str:
    return f" · ends now: {seen(until(ends[item.value]))}" if item.value in ends else ""


def _modal_title(request_id: int) -> str:
    words = f"Details of #{request_id}"
    return words if len(words) <= 24 else "Details"


def _listed(label: str, lines: Iterable[str], total: int, at_most: int) -> list[Block]:
    """A label and the lines under it, in as many sections as they need; nothing when there are no lines."""
    if not total:
        return []
    texts = sections_of(lines, total=total, at_most=at_most, more=_MORE)
    return [elements.section(elements.labelled(label, texts[0])), *(elements.section(text) for text in texts[1:])]


def _written(label: str, text: str) -> list[Block]:
    chunks, left = code_blocks(text, at_most=_POWERSHELL_SECTIONS)
    if not chunks:
        return []
    first = elements.section(elements.labelled(label, chunks[0]))
    blocks: list[Block] = [first, *(elements.section(chunk) for chunk in chunks[1:])]
    if left:
        blocks.append(elements.context(f"…and {plural(left, 'more character')} that don't fit here."))
    return blocks
