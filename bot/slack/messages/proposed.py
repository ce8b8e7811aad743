"""What somebody sees, alone, after proposing: the requests that were made, and what was refused."""

from __future__ import annotations

from collections.abc import Sequence

from slack_sdk.models.blocks import Block

from bot.domain.lists.change import Operation
from bot.domain.policies.case import Refusal
from bot.domain.requests.request import Request
from bot.slack.block_kit import elements
from bot.slack.block_kit.blocks import Message
from bot.slack.block_kit.text import code, escaped, indicator, lines_that_fit, plural, when
from bot.slack.messages import wording
from bot.slack.messages.card import details_button

#: One request for each list concerned: there are no more lists than that.
_REQUESTS_SHOWN = 6
_REFUSALS_SHOWN = 10


def proposed_message(requests: Sequence[Request], *, refusals: Sequence[Refusal] = ()) -> Message:
    """Requests made (one for each list concerned) with their warnings, and refusals with what to do about each."""
    blocks: list[Block] = []
    for request in requests[:_REQUESTS_SHOWN]:
        blocks.append(elements.section(_made(request), accessory=details_button(request.id)))
        if request.warnings:
            blocks.append(elements.section(_warnings(request)))
    if len(requests) > _REQUESTS_SHOWN:
        blocks.append(elements.context(f"…and {plural(len(requests) - _REQUESTS_SHOWN, 'more request')}"))
    if refusals:
        lines = [refusal_line(refusal) for refusal in refusals[:_REFUSALS_SHOWN]]
        text = lines_that_fit(lines, total=len(refusals), limit=2_800)
        blocks.append(elements.section(elements.labelled("Not requested", text)))
    if not blocks:
        blocks.append(elements.section("Nothing was requested."))
    return Message.build(name="proposed", text=_spoken(requests, refusals), blocks=blocks)


def refusal_line(refusal: Refusal, *, limit: int = 450) -> str:
    """One refusal: what it is about, why (so long at most), and what to do next."""
    about = f"{indicator(refusal.indicator)}: " if refusal.indicator.strip() else ""
    said = " ".join(filter(None, [escaped(refusal.text, limit=limit), escaped(refusal.remedy, limit=250)]))
    return f":x: {about}{said or escaped(refusal.code)}"


def _made(request: Request) -> str:
    needed = plural(request.approvals_needed, "approval")
    where = wording.place(request)
    return (
        f":inbox_tray: *Request {request.id}*: {wording.change_named(request)} · {where}\n"
        f"{_terms(request)}\n"
        f"It needs {needed} by somebody else and lapses {when(request.lapses_at)}. Nothing has been changed yet."
    )


def _terms(request: Request) -> str:
    """Until when, and why: so that a slip of the pen shows before anybody approves it."""
    if request.operation is Operation.ANNOTATE:
        return f"{wording.reason_label(request)}: {code(request.reason, limit=200)}"
    why = f"because: {code(request.reason, limit=200)}"
    if request.operation not in wording.HAS_END:
        return f"B{why[1:]}"
    if request.expires is None:
        return f"{wording.ending(request).capitalize()}, {why}"
    return f"{wording.end_label(request)} {wording.ending(request)}, {why}"


def _warnings(request: Request) -> str:
    warnings = wording.serious_first(request.warnings)
    lines = [wording.warning_line(warning, limit=300) for warning in warnings[:4]]
    return lines_that_fit(lines, total=len(warnings), limit=500, more="…and {} more: see Details")


def _spoken(requests: Sequence[Request], refusals: Sequence[Refusal]) -> str:
    sentences = [
        f"Request {request.id}: {wording.change_named(request)}. "
        f"It needs {plural(request.approvals_needed, 'approval')} by somebody else; nothing has been changed yet."
        for request in requests[:_REQUESTS_SHOWN]
    ]
    longest = 450 if len(refusals) == 1 else 250
    sentences += [refusal_line(refusal, limit=longest).removeprefix(":x: ") for refusal in refusals[:3]]
    if len(refusals) > 3:
        sentences.append(f"…and {plural(len(refusals) - 3, 'more refusal')}.")
    return "\n".join(sentences or ["Nothing was requested."])
