"""A request in one line, as it is now: what is asked for, or what has been done, in the past tense."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action
from bot.domain.requests.request import ItemState, Request, Status
from bot.domain.submissions.unnamed import UNNAMED_ALLOW
from bot.domain.telling import headlines
from bot.domain.telling.counting import length
from bot.domain.telling.request_status import gone_words, progress
from bot.domain.telling.sentence import Day, Moment, Sentence, Strong, sentence

#: From so far ahead on, the time of day says nothing.
_FAR = timedelta(days=2)
#: So many days are told as a number.
_COUNTED_DAYS = 366

#: What has been done, in a word or two, and what stands behind the value.
_DONE: dict[tuple[Operation, Action], tuple[str, str, str]] = {
    (Operation.ADD, Action.BLOCK): ("Blocked", " ", ""),
    (Operation.ADD, Action.ALLOW): ("Allowed", " ", ""),
    (Operation.REMOVE, Action.BLOCK): ("Unblocked", " ", ""),
    (Operation.REMOVE, Action.ALLOW): ("Removed", " the allow of ", ""),
    (Operation.EXTEND, Action.BLOCK): ("Changed", " the expiry date of the block of ", ""),
    (Operation.EXTEND, Action.ALLOW): ("Changed", " the expiry date of the allow of ", ""),
    (Operation.ANNOTATE, Action.BLOCK): ("Changed", " the note on the block of ", ""),
    (Operation.ANNOTATE, Action.ALLOW): ("Changed", " the note on the allow of ", ""),
    (Operation.SAFE_LIST_OFF, Action.BLOCK): ("Switched off", " the safe list in ", ""),
    (Operation.SAFE_LIST_OFF, Action.ALLOW): ("Switched off", " the safe list in ", ""),
    (Operation.SUBMIT, Action.BLOCK): ("Submitted", " ", " to Microsoft, to be blocked"),
    (Operation.SUBMIT, Action.ALLOW): ("Submitted", " ", " to Microsoft, to be let through"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class OfAll:
    """What is told otherwise of several lists than of one."""

    headline: Sentence
    named_headline: Sentence
    alarm: str
    has_one_end: bool


#: What a request became that has no outcome: what was asked for stands behind it.
_NOT_DONE: dict[Status, str] = {
    Status.APPROVED: "Approved, queued",
    Status.DENIED: "Denied",
    Status.WITHDRAWN: "Withdrawn",
    Status.LAPSED: "Expired undecided",
    Status.FAILED: "Failed",
}


def in_one_line(request: Request, *, of_all: OfAll | None = None) -> Sentence:
    """`Block ‹evil.example›` while nobody has decided, then `Denied: block ‹evil.example›`, and once it is done
    `Blocked ‹evil.example› to ‹29 December›`. Of a proposal of several lists, `of_all` has what isn't one list's."""
    asked = headlines.named_headline(request) if of_all is None else of_all.named_headline
    if request.is_open:
        return headlines.headline(request) if of_all is None else of_all.headline
    if request.status in {Status.APPLIED, Status.PARTLY_APPLIED}:
        return _done(request, of_all)
    if request.status is Status.APPLYING:
        far = f", {said}" if (said := progress(request)) else ""
        return sentence(Strong("Being applied"), f"{far}: ", asked)
    return sentence(Strong(_NOT_DONE[request.status]), ": ", asked, "" if of_all is not None else _unknown(request))


def _unknown(request: Request) -> str:
    """What is to be done where nobody knows what came of it."""
    unknown = request.counts.get(ItemState.INTENDED, 0) if request.status is Status.FAILED else 0
    if not unknown:
        return ""
    return f". It is not known what became of {headlines.counted_of(request, unknown)}: look at the list."


def _done(request: Request, of_all: OfAll | None) -> Sentence:
    word, between, behind = _DONE[request.operation, request.action]
    made = request.holding + request.gone
    part = f" {made:,} of {request.asked:,}:" if request.status is Status.PARTLY_APPLIED else ""
    alarm = headlines.alarm(request) if of_all is None else of_all.alarm
    return sentence(
        f"{alarm}: " if alarm else "",
        Strong(f"{word}{part}"),
        between,
        headlines.named(headlines.without_left_out(request)),
        behind,
        _to(request) if of_all is None or of_all.has_one_end else "",
        _since(request),
    )


def _to(request: Request) -> Sentence:
    """The end of what has been done: nothing where none goes with it."""
    if not request.operation.asks_for_an_end or request.operation is Operation.SUBMIT:
        return ()
    if request.expires is None:
        return (", no end date",)
    return (" to ", day_or_moment(request.expires, since=request.created_at))


def _since(request: Request) -> str:
    """What has become of it since it was done."""
    if gone := gone_words(request):
        return gone
    if any(warning.code == UNNAMED_ALLOW for warning in request.warnings):
        return ", and Microsoft allowed what nobody asked for"
    confirmed = request.asked and request.counts.get(ItemState.CONFIRMED, 0) == request.asked
    return ", confirmed" if confirmed else ""


def until_when(request: Request) -> Sentence:
    """Until when what is asked for lasts: `30 days from approval`, `30 days, to ‹29 December›`, `no end date`; empty:
    no end goes with it."""
    if not request.operation.asks_for_an_end:
        return ()
    if request.expires is None:
        return ("no end date",)
    if request.is_open and request.lasts is not None:
        counted = f"{length(request.lasts)} from approval"
        return (f"new expiry date {counted}",) if request.operation is Operation.EXTEND else (counted,)
    days = round((request.expires - request.created_at) / timedelta(days=1))
    end = day_or_moment(request.expires, since=request.created_at)
    counted = f"{days} days, to " if isinstance(end, Day) and days <= _COUNTED_DAYS else "to "
    return ("new expiry date ", end) if request.operation is Operation.EXTEND else (counted, end)


def lapse(request: Request) -> Sentence:
    """`expires undecided ‹6 December›`."""
    return ("expires undecided ", day_or_moment(request.lapses_at, since=request.created_at))


def day_or_moment(at: datetime, *, since: datetime) -> Day | Moment:
    """A time as the day where it was far ahead when it was set, else to the minute."""
    return Day(at) if at - since >= _FAR else Moment(at)
