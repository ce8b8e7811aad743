"""The details of a request: everything that the card leaves out, and the change as PowerShell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

from slack_sdk.models.blocks import Block

from bot.domain.requests.request import Item, Request, Status
from bot.slack.block_kit import elements
from bot.slack.block_kit.blocks import Modal
from bot.slack.block_kit.text import code_blocks, escaped, mention, plural, sections_of, when
from bot.slack.messages import wording
from bot.slack.messages.card import review_line
from bot.slack.messages.effects import effect
from bot.slack.messages.event_line import step_line
from bot.store import Step

CALLBACK_ID = "request_details"

# Sections of up to 2,900 bytes for each subject: 56 in all, well within a view's 100 blocks and 250 kB.
_ITEM_SECTIONS = 24
_POWERSHELL_SECTIONS = 16
_WARNING_SECTIONS = 5
_REVIEW_SECTIONS = 3
_EVENT_SECTIONS = 8
_MORE = "…and {} more: the command line lists them all"


def details(
    request: Request,
    *,
    powershell: str,
    as_of: datetime | None = None,
    steps: Sequence[Step] = (),
    ends: Mapping[str, datetime | None] = MappingProxyType({}),
) -> Modal:
    """The modal. `steps` are those of this request, in order.

    `powershell` is the change as cmdlets, by the snapshot of the tenant's lists of `as_of`; None: without any snapshot.
    `ends` has, for what would get another end, the one that it has now, by value.
    """
    blocks: list[Block] = [
        elements.header(f"{wording.change_plain(request)} · request {request.id}", emoji=False),
        elements.section(f"{wording.status_mark(request)} {wording.status_sentence(request)}"),
        elements.fields(
            elements.labelled("Where", wording.place(request)),
            *(
                [elements.labelled(wording.end_label(request), wording.ending(request))]
                if request.operation in wording.HAS_END
                else []
            ),
            elements.labelled("Asked by", mention(request.requester)),
            elements.labelled("Asked", when(request.created_at)),
        ),
        elements.reason(request.reason, limit=2_800, label=wording.reason_label(request)),
        elements.section(elements.labelled("What it does", effect(request))),
    ]
    if request.failure.strip():
        blocks.append(elements.section(elements.labelled("What went wrong", escaped(request.failure, limit=2_800))))
    settled = request.status in wording.SETTLED - {Status.DENIED, Status.WITHDRAWN, Status.LAPSED}
    lines = _item_lines(request, ends, settled=settled)
    blocks += _listed(wording.counted_of(request, request.total), lines, request.total, _ITEM_SECTIONS)
    if aside := wording.set_aside_words(request):
        blocks.append(elements.context(aside))
    blocks += _powershell(powershell, as_of)
    count = len(request.warnings)
    warnings = (wording.warning_line(warning) for warning in wording.serious_first(request.warnings))
    blocks += _listed(plural(count, "warning"), warnings, count, _WARNING_SECTIONS)
    reviews = (review_line(review) for review in request.reviews)
    blocks += _listed(wording.approvals_so_far(request), reviews, len(request.reviews), _REVIEW_SECTIONS)
    blocks += _listed("Audit log", (step_line(step) for step in steps), len(steps), _EVENT_SECTIONS)
    return Modal.build(callback_id=CALLBACK_ID, title=_title(request), blocks=blocks)


def _item_lines(request: Request, ends: Mapping[str, datetime | None], *, settled: bool) -> Iterator[str]:
    """A line for each item that is at hand, and one that counts the others."""
    for item in request.items:
        yield f"{wording.item_line(item, settled=settled)}{_end_now(item, ends)}"
    if (left := request.total - len(request.items)) > 0:
        yield _MORE.format(f"{left:,}")


def _end_now(item: Item, ends: Mapping[str, datetime | None]) -> str:
    return f" · ends now: {wording.until(ends[item.value])}" if item.value in ends else ""


def _title(request: Request) -> str:
    title = f"Request {request.id}"
    return title if len(title) <= 24 else "Request"


def _listed(label: str, lines: Iterable[str], total: int, at_most: int) -> list[Block]:
    """A label and the lines under it, in as many sections as they need; nothing when there are no lines."""
    if not total:
        return []
    texts = sections_of(lines, total=total, at_most=at_most, more=_MORE)
    return [elements.section(elements.labelled(label, texts[0])), *(elements.section(text) for text in texts[1:])]


def _powershell(powershell: str, as_of: datetime | None) -> list[Block]:
    chunks, left = code_blocks(powershell, at_most=_POWERSHELL_SECTIONS)
    if not chunks:
        return []
    label = "As PowerShell" if as_of is None else f"As PowerShell, by the snapshot of {when(as_of)}"
    first = elements.section(elements.labelled(label, chunks[0]))
    blocks: list[Block] = [first, *(elements.section(chunk) for chunk in chunks[1:])]
    if left:
        blocks.append(elements.context(f"…and {plural(left, 'more character')} that don't fit here."))
    return blocks
