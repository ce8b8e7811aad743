"""The approval card, in every status, and the copy of it that the requester gets as a direct message.

Built anew from the request each time: nothing is read back from Slack. A button carries the request's id and nothing
more. Only a pending request has buttons that decide; the details can always be seen.
"""

from __future__ import annotations

from collections.abc import Sequence

from slack_sdk.models.blocks import Block, ButtonElement

from bot.domain.lists.change import Operation
from bot.domain.requests.request import Decision, Request, RequestWarning, Review, Status
from bot.slack.block_kit import elements
from bot.slack.block_kit.blocks import Message
from bot.slack.block_kit.text import escaped, lines_that_fit, mention, plural, unlinked, when, when_plain
from bot.slack.messages import wording
from bot.slack.messages.effects import effect

APPROVE = "request_approve"
DENY = "request_deny"
DETAILS = "request_details"
WITHDRAW = "request_withdraw"

#: So many items stand on a card; the rest is counted and stands in the details.
ITEMS_SHOWN = 10
_WARNINGS_SHOWN = 5
_REVIEWS_SHOWN = 6


def card(request: Request) -> Message:
    """The card in the approval channel. While the request is pending it has Approve, Deny and Details."""
    deciding = [_approve_button(request), _deny_button(request)] if request.is_open else []
    return _message(request, name="card", buttons=[*deciding, details_button(request.id)])


def requester_message(request: Request) -> Message:
    """The requester's own copy. While pending it has Withdraw, which has no place where everybody sees it."""
    withdrawing = [_withdraw_button(request)] if request.is_open else []
    return _message(request, name="copy", buttons=[*withdrawing, details_button(request.id)])


def details_button(request_id: int) -> ButtonElement:
    """The button that opens the details of a request."""
    return elements.button(
        "Details", action_id=DETAILS, value=str(request_id), spoken=f"Details of request {request_id}"
    )


def _approve_button(request: Request) -> ButtonElement:
    confirm = None
    if wording.is_ip_allow(request):
        skips = "go on skipping" if request.operation is Operation.EXTEND else "skip"
        confirm = elements.confirmation(
            title="Approve an IP allow?",
            text=(
                f"Mail from {wording.subject_plain(request)} will {skips} spam filtering, SPF, DKIM "
                "and DMARC. Do you know who sends from there, and that nobody else does?"
            ),
            confirm="Approve",
            deny="Go back",
        )
    return elements.button(
        "Approve",
        action_id=APPROVE,
        value=str(request.id),
        style="primary",
        confirm=confirm,
        spoken=f"Approve request {request.id}",
    )


def _deny_button(request: Request) -> ButtonElement:
    return elements.button(
        "Deny", action_id=DENY, value=str(request.id), style="danger", spoken=f"Deny request {request.id}"
    )


def _withdraw_button(request: Request) -> ButtonElement:
    return elements.button(
        "Withdraw", action_id=WITHDRAW, value=str(request.id), spoken=f"Withdraw request {request.id}"
    )


def _message(request: Request, *, name: str, buttons: Sequence[ButtonElement]) -> Message:
    blocks: list[Block] = [
        # A value can look like an emoji (`2001:100::`), and only this program's own words may become one.
        elements.header(_title(request), emoji=wording.is_ip_allow(request)),
        elements.section(f"{wording.status_mark(request)} {wording.status_sentence(request)}"),
    ]
    serious = [warning for warning in request.warnings if warning.serious]
    others = [warning for warning in request.warnings if not warning.serious]
    if serious:
        blocks.append(elements.section(_warning_lines(serious, label="Read this first")))
    if request.failure.strip():
        blocks.append(elements.section(elements.labelled("What went wrong", escaped(request.failure, limit=600))))
    blocks += [
        elements.section(elements.labelled("What", _item_lines(request))),
        elements.fields(*_facts(request)),
        elements.reason(request.reason, limit=900, label=wording.reason_label(request)),
    ]
    if request.status not in wording.SETTLED and not (serious and wording.is_ip_allow(request)):
        # What an IP allow does is what its serious warnings say, at the top.
        blocks.append(elements.section(elements.labelled("What it will do", effect(request))))
    if others:
        blocks.append(elements.section(_warning_lines(others, label="Warnings")))
    if request.reviews:
        blocks.append(elements.section(elements.labelled("Reviews", _review_lines(request.reviews))))
    blocks.append(elements.buttons(buttons))
    return Message.build(name=f"{name}-{request.id}", text=_spoken(request), blocks=blocks)


def _title(request: Request) -> str:
    if wording.is_ip_allow(request):
        words = wording.ip_allow_words(request)
        change = f"{words} proposed" if request.is_open else words
        return f":warning: {change}: {wording.subject_plain(request)} · request {request.id}"
    return f"{wording.change_plain(request)} · request {request.id}"


def _facts(request: Request) -> list[str]:
    facts = [elements.labelled("Where", wording.place(request))]
    if request.operation in wording.HAS_END:
        facts.append(elements.labelled(wording.end_label(request), wording.ending(request)))
    facts += [
        elements.labelled("Asked by", mention(request.requester)),
        elements.labelled("Asked", when(request.created_at)),
    ]
    return facts


def _item_lines(request: Request) -> str:
    settled = request.status in wording.SETTLED - {Status.DENIED, Status.WITHDRAWN, Status.LAPSED}
    # What was refused is what people look for: it comes first when there are too many to show.
    items = sorted(request.items, key=lambda item: item.state in wording.HOLDS) if settled else request.items
    lines = wording.item_lines(request, items[:ITEMS_SHOWN], settled=settled) or ["(nothing)"]
    text = lines_that_fit(lines, total=max(len(lines), request.total), limit=2_000)
    return "\n".join(filter(None, [text, wording.set_aside_words(request)]))


def _warning_lines(warnings: Sequence[RequestWarning], *, label: str) -> str:
    lines = [wording.warning_line(warning) for warning in warnings[:_WARNINGS_SHOWN]]
    text = lines_that_fit(lines, total=len(warnings), limit=1_500, more="…and {} more: see Details")
    return elements.labelled(label, text)


def _review_lines(reviews: Sequence[Review]) -> str:
    lines = [review_line(review) for review in reviews[:_REVIEWS_SHOWN]]
    return lines_that_fit(lines, total=len(reviews), limit=1_000)


def review_line(review: Review) -> str:
    """Who decided what, and when, with the comment if there is one."""
    decided = "approved" if review.decision is Decision.APPROVE else "denied"
    comment = f": “{escaped(review.comment, limit=200)}”" if review.comment.strip() else ""
    return f"• {mention(review.reviewer)} {decided}, {when(review.at)}{comment}"


def _spoken(request: Request) -> str:
    """The whole point of the card in a few sentences."""
    sentences = [
        f"Request {request.id}: {wording.change_named(request)}.",
        wording.status_sentence(request).replace("*", ""),
        f"{wording.place(request)}.",
        f"Asked by {mention(request.requester)}: {unlinked(request.reason, limit=300)}.",
    ]
    if request.operation in wording.HAS_END:
        end = (
            "It never ends"
            if request.expires is None
            else f"{wording.end_label(request)} {when_plain(request.expires)}"
        )
        sentences.append(f"{end}.")
    if request.set_aside:
        sentences.append(wording.set_aside_words(request))
    if request.failure.strip():
        sentences.append(f"What went wrong: {escaped(request.failure, limit=300)}")
    if request.warnings:
        first = min(request.warnings, key=lambda warning: not warning.serious)
        sentences.append(f"{plural(len(request.warnings), 'warning')}: {escaped(first.text, limit=300)}")
    return " ".join(sentences)
