"""The approval card, in every status, and the line about it that the requester gets as a direct message.

Pending, a card says what, who and why, where and until when, and what is unusual about it. What is true of every such
change stands in the details. Decided, it is two lines.

Built anew from the request each time: nothing is read back from Slack. A button carries the request's id and version,
and nothing more. Only a pending request has buttons that decide; the details can always be seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from slack_sdk.models.blocks import Block

from bot.domain.requests.request import Decision, ItemState, Status
from bot.domain.submissions.unnamed import UNNAMED_ALLOW
from bot.domain.telling.counting import plural
from bot.domain.telling.request_facts import ItemFacts, RequestFacts
from bot.slack.block_kit import elements
from bot.slack.block_kit.blocks import Message
from bot.slack.block_kit.text import card_link, code, escaped, lines_that_fit, mention, unlinked, when_plain
from bot.slack.messages.lines import item_line, set_aside_line
from bot.slack.messages.marks import status_mark
from bot.slack.messages.request_blocks import (
    ITEMS_SHOWN,
    OWNER_SHOWN,
    REASON_SHOWN,
    comments,
    decided_line,
    left_out,
    parts_text,
    pending_blocks,
    warning_lines,
)
from bot.slack.messages.request_buttons import (
    approve_button,
    approve_some_button,
    deny_button,
    details_button,
    keep_button,
    propose_again_button,
    subdomains_button,
    take_out_button,
    try_again_button,
    withdraw_button,
)
from bot.slack.messages.sentences import NAMED_VALUE, read_aloud, seen

#: Of an emergency block that didn't go through as it was meant, what is said instead of "applied at once".
_EMERGENCY = {Status.FAILED: "asked for", Status.PARTLY_APPLIED: "partly applied"}
#: So much of what goes to Microsoft is read aloud: what it is, and whom a message is from.
_READ_ALOUD = 2


def card(facts: RequestFacts, *, called: Sequence[str] = ()) -> Message:
    """The card in the approval channel. While the request is pending it has Approve, Deny and Details.

    `called` are the people and user groups whom Slack is to notify of it.
    """
    asked = f"Please decide: {', '.join(mention(name) for name in called)}" if called else ""
    mentioned = [elements.section(asked)] if asked else []
    if not facts.is_open:
        return _message(facts, name="card", blocks=[*_decided(facts), *mentioned], besides=asked)
    some = [approve_some_button(facts)] if facts.has_choices and not facts.question else []
    buttons = elements.buttons([approve_button(facts), *some, deny_button(facts), details_button(facts)])
    return _message(facts, name="card", blocks=[*pending_blocks(facts), *mentioned, buttons], besides=asked)


def withdrawn_message(facts: RequestFacts) -> Message:
    """What stands in the place of the answer to a proposal once it was taken back there."""
    return _message(facts, name="answer", blocks=[elements.section(f"{decided_line(facts)} · #{facts.number}")])


def requester_message(facts: RequestFacts) -> Message:
    """The requester's own line about it. While pending it has what they alone may do, which isn't on the card."""
    number = card_link(f"#{facts.number}", facts.card_url)
    if not facts.is_open:
        line = " · ".join(filter(None, [decided_line(facts), seen(facts.decided_by), number]))
        if facts.status is Status.APPLIED:  # of everything else they are told in a message of its own
            told = [item_line(item, marked=True) for item in facts.items_to_look_at if item.holds]
            line = lines_that_fit([line, *told[:ITEMS_SHOWN]], total=1 + len(told), limit=2_500)
        if not facts.can_be_asked_again:
            return _message(facts, name="copy", blocks=[elements.section(line, accessory=details_button(facts))])
        again = [try_again_button(facts)] if facts.can_be_tried_again else []
        theirs = [*again, propose_again_button(facts), details_button(facts)]
        said = comments(facts)
        blocks: list[Block] = [elements.section(line), *([elements.context(said)] if said else [])]
        return _message(facts, name="copy", blocks=[*blocks, elements.buttons(theirs)])
    what = seen(facts.short_headline, value=NAMED_VALUE)
    line = f"{status_mark(facts)} {what} · {facts.approvals}, {seen(facts.lapse)} · {number}"
    own = [withdraw_button(facts), *([subdomains_button(facts)] if facts.offers_subdomains else [])]
    origin = [elements.context(_started(facts))] if facts.is_by_workflow else []
    mine = [elements.section(line), *origin, elements.buttons([*own, details_button(facts)])]
    return _message(facts, name="copy", blocks=mine)


def _started(facts: RequestFacts) -> str:
    """Where a request came from that its requester never typed, and that not all that they gave is in it."""
    return " ".join(filter(None, ["A workflow that you started proposed this.", set_aside_line(facts)]))


def replaced_card(facts: RequestFacts, *, channel: str) -> Message:
    """What stands in the place of a card that another one has replaced, in the channel that is set now."""
    said = f"This card was replaced. The card of #{facts.number} is in <#{channel}>: nothing is decided here any more."
    blocks: list[Block] = [elements.section(said), elements.buttons([details_button(facts)])]
    return Message.build(name=f"moved-{facts.id}", text=said, blocks=blocks)


def posted_again(facts: RequestFacts) -> Message:
    """The answer to whoever had a card posted again."""
    said = f"The card of #{facts.number} is being posted again. What was posted before decides nothing any more."
    return Message.build(name=f"posted-again-{facts.id}", text=said, blocks=[elements.section(said)])


def _message(facts: RequestFacts, *, name: str, blocks: Sequence[Block], besides: str = "") -> Message:
    text = f"{_spoken(facts)} {besides}".strip()
    return Message.build(name=f"{name}-{facts.id}", text=text, blocks=blocks)


def _decided(facts: RequestFacts) -> list[Block]:
    """What became of it and who decided, in two lines; and what somebody has to look at, if anything."""
    by = seen(facts.decided_by)
    way = f"{mention(facts.requester)} → {by}" if by else mention(facts.requester)
    first = _emergency(facts)
    second = " · ".join([*([] if first else [way]), code(facts.reason, limit=REASON_SHOWN), f"#{facts.number}"])
    gone_by = _gone_by(facts)
    done = ": ".join(filter(None, [decided_line(facts), escaped(gone_by, limit=300)]))
    lines = "\n".join(filter(None, [f":rotating_light: *{first}*" if first else "", done, second]))
    blocks: list[Block] = [elements.section(lines, accessory=details_button(facts))]
    if facts.parts:
        blocks.append(elements.section(parts_text(facts)))
    elif facts.failure.strip():
        blocks.append(elements.section(escaped(facts.failure, limit=600)))
    needed = [] if gone_by else [_needed_line(item, facts) for item in facts.items_to_look_at[:ITEMS_SHOWN]]
    if needed:
        text = lines_that_fit(needed, total=max(len(needed), facts.total_to_look_at), limit=2_000)
        blocks.append(elements.section(text))
    if said := comments(facts):
        blocks.append(elements.context(said))
    serious = [warning for warning in facts.warnings if warning.code == UNNAMED_ALLOW]
    if serious:
        blocks.append(elements.section(warning_lines(serious)))
    if facts.set_aside:
        blocks.append(elements.context(set_aside_line(facts)))
    buttons = [keep_button(facts), take_out_button(facts)] if facts.is_reviewable else []
    if facts.can_be_tried_again:
        buttons.append(try_again_button(facts))
    if buttons:
        blocks.append(elements.buttons(buttons))
    return blocks


def _gone_by(facts: RequestFacts) -> str:
    """What took all of it out, where that is one thing for all: it needs no line for each value."""
    said = {item.outcome.strip() if item.state is ItemState.REMOVED else "" for item in facts.items}
    all_gone = facts.status is Status.APPLIED and len(facts.items) == facts.total == facts.gone
    return said.pop() if all_gone and len(said) == 1 else ""


def _needed_line(item: ItemFacts, facts: RequestFacts) -> str:
    """An item that somebody has to look at. Why all of it failed stands above, and isn't said again."""
    known = item.outcome.strip() and item.outcome.strip() == facts.failure.strip()
    return item_line(replace(item, outcome="") if known else item, marked=facts.is_marked)


def _emergency(facts: RequestFacts) -> str:
    """The first line of an emergency block's card: that it is one, whose, and whether it still has to be reviewed."""
    if not facts.is_emergency:
        return ""
    told = "to be reviewed" if facts.awaits_review else _reviewed(facts)
    how = _EMERGENCY.get(facts.status, "applied at once")
    return ", ".join(filter(None, [f"Emergency block, {how} by {mention(facts.requester)}", told]))


def _reviewed(facts: RequestFacts) -> str:
    if not facts.reviews:
        return ""
    review = facts.reviews[0]
    return f"{'kept' if review.decision is Decision.APPROVE else 'taken out'} by {mention(review.reviewer)}"


def _spoken(facts: RequestFacts) -> str:
    """The whole point of the card in a few sentences."""
    # How it was reviewed is told with where it stands.
    emergency = [f"{_emergency(replace(facts, reviews=(), awaits_review=False))}."] if facts.is_emergency else []
    sentences = [
        *emergency,
        f"#{facts.number}: {read_aloud(facts.named_headline, value=NAMED_VALUE)}.",
        read_aloud(facts.status_sentence),
        f"{facts.place}.",
        f"Asked by {mention(facts.requester)}: {unlinked(facts.reason, limit=300)}.",
    ]
    if facts.end is not None:
        end = f"{facts.end.label} {read_aloud(facts.end.until)}"
        if facts.end.lasts is None:
            end = "It never ends" if facts.end.at is None else f"{facts.end.label} {when_plain(facts.end.at)}"
        sentences.append(f"{end}.")
    sentences += [f"{line.label}: {read_aloud(line.said, value=NAMED_VALUE)}." for line in facts.evidence[:_READ_ALOUD]]
    if without := left_out(facts):
        sentences.append(f"{without}.")
    if facts.set_aside:
        sentences.append(set_aside_line(facts))
    if facts.failure.strip():
        sentences.append(f"What went wrong: {escaped(facts.failure, limit=300)}")
    if facts.is_open and facts.figures:
        sentences.append(f"{read_aloud(facts.figures, value=NAMED_VALUE)}.")
    if facts.is_open:
        sentences += [read_aloud(line, value=NAMED_VALUE, quoted=OWNER_SHOWN) for line in facts.owners[:1]]
    if facts.is_open and facts.consequence:
        sentences.append(f"{facts.consequence[0].upper()}{facts.consequence[1:]}.")
    if facts.warnings_here:
        first = escaped(facts.warnings_here[0].text, limit=300)
        sentences.append(f"{plural(len(facts.warnings_here), 'warning')}: {first}")
    return " ".join(sentences)
