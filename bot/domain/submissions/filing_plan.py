"""What of a request is filed as one submission: a message for all its items, or each URL, or the file, by itself.

Nothing is filed where Portcullis files none, after the end date, or once the file that was to be handed in is gone; a
file that is still on its way is waited for. What was begun, and whose answer was lost, is looked for and never filed
again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.domain.lists.traits import MOST_ALLOW_DAYS, ListName
from bot.domain.requests.evidence import Evidence
from bot.domain.requests.noted import reference
from bot.domain.requests.request import Item, Request
from bot.domain.submissions.submission import Filed, Submission, SubmissionKind, digest
from bot.domain.submissions.texts import not_filed_words

#: The file comes with the job that proposed the request; after so long it won't.
FILE_COMES_WITHIN = timedelta(hours=1)

#: So long is a submission with a lost answer looked for before the request is said to have failed. Microsoft takes the
#: same submission once in a quarter of an hour ("Use the Submissions page"), so nothing is gained by being quicker.
SEEN_WITHIN = timedelta(minutes=15)

LOST = "sent to Microsoft with no answer, and not to be found among its submissions: look there before you ask again"

_OFF = "Portcullis does not file submissions here: whoever runs it has not set that up"
_PAST_END = "Its end date has passed"
_NO_FILE = "The file that was handed in is not kept any more"
_NO_MESSAGE = "There is no message to submit"
_NO_RECIPIENT = "The submission of a message needs its recipient"
_ANOTHER_FILE = "The file that was handed in is another one: its SHA-256 is {}"
_NOT_AS_SHOWN = "The file that is kept is not the one that the request showed: its SHA-256 is {}"


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


def awaits_file(request: Request, *, content: bytes | None, now: datetime) -> bool:
    """Whether the file that a request is about is still on its way: then it is too early to file anything."""
    return (
        not _is_past_end(request, now)
        and _names_file(request)
        and content is None
        and now - request.created_at < FILE_COMES_WITHIN
    )


def plan(request: Request, items: Sequence[Item], *, content: bytes | None, is_on: bool, now: datetime) -> FilingPlan:
    """How some items of a request are filed, of which nothing has been sent yet.

    `content` is the file that is kept with the request, where there is one; `is_on`: whether Portcullis files
    submissions. The message goes before everything else: what blocked it decides which entries Microsoft makes.
    """
    if not items:
        return FilingPlan()
    why = _why_not(request, content=content, is_on=is_on, now=now)
    return _all_refused(request, items, why) if why else _pieces(request, items, content, now)


def intended(request: Request, *, now: datetime) -> tuple[Submission, ...]:
    """What would be handed over for a request, as far as that is known before: without the content of its file.

    Empty where nothing can be handed over.
    """
    if _names_file(request) and request.list is ListName.FILE and request.evidence is not None:
        is_file = [item for item in request.items if item.value.lower() == request.evidence.sha256]
        if is_file:
            return (_piece(request, SubmissionKind.FILE, is_file, None, now).submission,)
    if request.evidence is not None and (request.evidence.message_url or _names_file(request)):
        return (_piece(request, SubmissionKind.EMAIL, request.items, None, now).submission,)
    if request.list is ListName.URL:
        return tuple(_piece(request, SubmissionKind.URL, [item], None, now).submission for item in request.items)
    return ()


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


def may_still_show(*, since: datetime, now: datetime) -> bool:
    """Whether a submission with a lost answer, begun at `since`, may be at Microsoft and not be listed yet."""
    return now - since < SEEN_WITHIN


def _why_not(request: Request, *, content: bytes | None, is_on: bool, now: datetime) -> str:
    """Why nothing more of a request may be filed; empty where it may."""
    if not is_on:
        return _OFF
    if _is_past_end(request, now):
        return _PAST_END
    if content is None:
        return _NO_FILE if _names_file(request) else ""
    shown = request.evidence.sha256 if request.evidence is not None else ""
    is_as_shown = _names_file(request) and shown in {"", digest(content)}
    return "" if is_as_shown else _NOT_AS_SHOWN.format(digest(content))


def _pieces(request: Request, items: Sequence[Item], content: bytes | None, now: datetime) -> FilingPlan:
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


def _is_past_end(request: Request, now: datetime) -> bool:
    return request.expires is not None and request.expires <= now


def _names_file(request: Request) -> bool:
    return request.evidence is not None and bool(request.evidence.file_name)


def _submission(
    request: Request, kind: SubmissionKind, items: Sequence[Item], *, content: bytes | None, now: datetime
) -> Submission:
    """What is handed over for some items of a request. Without its `content` it can still be looked for."""
    evidence = request.evidence or Evidence()
    return Submission(
        kind=kind,
        # The tenant's own audit log shows the application only; this is the way back to the people.
        note=reference(request),
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
