"""What of a request is filed as one submission: a message for all its items, or each URL, or the file, by itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.domain.lists.traits import MOST_ALLOW_DAYS, ListName
from bot.domain.requests.evidence import Evidence
from bot.domain.requests.request import Item, Request
from bot.domain.submissions.submission import Filed, Submission, SubmissionKind, digest
from bot.domain.submissions.texts import not_filed_words

_NO_MESSAGE = "There is no message to submit"
_NO_RECIPIENT = "The submission of a message needs its recipient"
_ANOTHER_FILE = "The file that was handed in is another one: its SHA-256 is {}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filing:
    """One submission, and the items of the request that it is for."""

    submission: Submission
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FilingPlan:
    """What is to be filed, and what can't be."""

    pieces: tuple[Filing, ...] = ()
    refused: Mapping[int, str] = field(default_factory=dict)  #: item id → why, for people


def plan(request: Request, items: Sequence[Item], *, content: bytes | None, now: datetime) -> FilingPlan:
    """How some items of a request are filed. `content` is the file that is kept with the request, where there is one.

    The message goes before everything else: what blocked it decides which entries Microsoft makes.
    """
    evidence = request.evidence or Evidence()
    if content is not None and request.list is ListName.FILE:
        is_file = [item for item in items if item.value.lower() == digest(content)]
        if is_file:
            others = {item.id: _refusal(request, _ANOTHER_FILE.format(digest(content))) for item in items}
            for item in is_file:
                del others[item.id]
            return FilingPlan(pieces=(_piece(request, SubmissionKind.FILE, is_file, content, now),), refused=others)
    if evidence.message_url or content is not None:
        if not evidence.recipient:
            return _all_refused(request, items, _NO_RECIPIENT)
        return FilingPlan(pieces=(_piece(request, SubmissionKind.EMAIL, items, content, now),))
    if request.list is ListName.URL:
        return FilingPlan(pieces=tuple(_piece(request, SubmissionKind.URL, [item], None, now) for item in items))
    return _all_refused(request, items, _NO_MESSAGE)


def under_way(
    request: Request, items: Sequence[Item], filed: Mapping[int, Filed], *, content: bytes | None, now: datetime
) -> tuple[Filing, ...]:
    """The submissions that were begun for some items, as they were begun, to be looked for."""
    by_kind: dict[SubmissionKind, list[Item]] = defaultdict(list)
    for item in items:
        if item.id in filed:
            by_kind[filed[item.id].kind].append(item)
    return tuple(
        _piece(request, kind, group, content, now)
        for kind, members in by_kind.items()
        for group in ([[item] for item in members] if kind is SubmissionKind.URL else [members])
    )


def _submission(
    request: Request, kind: SubmissionKind, items: Sequence[Item], *, content: bytes | None, now: datetime
) -> Submission:
    """What is handed over for some items of a request. Without its `content` it can still be looked for."""
    evidence = request.evidence or Evidence()
    return Submission(
        kind=kind,
        # The tenant's own audit log shows the application only; this is the way back to the people.
        note=f"Portcullis request {request.id}",
        expires=request.expires or now + timedelta(days=MOST_ALLOW_DAYS),
        recipient=evidence.recipient,
        message_url=evidence.message_url if kind is SubmissionKind.EMAIL else "",
        content=None if kind is SubmissionKind.URL or evidence.message_url else content,
        file_name=evidence.file_name,
        url=items[0].value if kind is SubmissionKind.URL else "",
    )


def _piece(
    request: Request, kind: SubmissionKind, items: Sequence[Item], content: bytes | None, now: datetime
) -> Filing:
    return Filing(submission=_submission(request, kind, items, content=content, now=now), items=tuple(items))


def _all_refused(request: Request, items: Sequence[Item], why: str) -> FilingPlan:
    return FilingPlan(refused={item.id: _refusal(request, why) for item in items})


def _refusal(request: Request, why: str) -> str:
    return not_filed_words(why, request.list)
