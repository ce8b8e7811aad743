"""Where a request stands, who brought it there, and how far it has come."""

from __future__ import annotations

from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action
from bot.domain.requests.approval import Approval, ApprovedBy
from bot.domain.requests.emergency import awaits_review, emergency_review
from bot.domain.requests.request import Decision, ItemState, Request, Status
from bot.domain.submissions.unnamed import UNNAMED_ALLOW
from bot.domain.telling.counting import plural
from bot.domain.telling.headlines import counted_of
from bot.domain.telling.sentence import Moment, Quoted, Sentence, Strong, Who, people, sentence
from bot.domain.telling.states import STATUS_WORDS

#: So many items are sent with one call or two: to tell how far it is would be late already.
_FEW = 20

_TO_BE_REVIEWED = ", emergency block to be reviewed"
_TAKEN_OUT = ", emergency block taken out"
_NOTHING_CHANGED = ". Nothing was changed."


def approvals_so_far(request: Request) -> str:
    """`0 of 2 approvals`."""
    return f"{len(request.approvals):,} of {plural(request.approvals_needed, 'approval')}"


def approvals_by_others(count: int) -> str:
    """How many approvals something needs: `1 approval by somebody else`, `2 approvals by other people`."""
    return f"{plural(count, 'approval')} by {'somebody else' if count == 1 else 'other people'}"


def still_to_agree(request: Request) -> str:
    """How many more have to approve: `one more person must agree`; empty when nobody has to."""
    missing = request.approvals_missing
    if missing == 0:
        return ""
    return "one more person must agree" if missing == 1 else f"{missing:,} more people must agree"


def progress(request: Request) -> str:
    """How far a request has come while it is being applied: `1,240 of 10,000 sent`; empty for a few items."""
    if request.status is not Status.APPLYING or request.total <= _FEW:
        return ""
    return f"{min(request.sent, request.total):,} of {request.total:,} sent"


def status_sentence(request: Request, *, counted: str = "") -> Sentence:
    """Where a request stands and who brought it there. `counted` is how many it is about, if not of one list alone."""
    match request.status:
        case Status.PENDING:
            said = sentence(
                Strong("Waits for approval"),
                f": {approvals_so_far(request)}, expires undecided ",
                Moment(request.lapses_at),
                ".",
            )
        case Status.APPROVED:
            said = sentence(Strong("Approved"), approved_by(request), ". Queued: nothing has been changed yet.")
        case Status.APPLYING:
            far = f": {far}" if (far := progress(request)) else ""
            said = sentence(
                Strong("Being applied"),
                f"{far}, approved",
                approved_by(request),
                ". The tenant has not confirmed it yet.",
            )
        case Status.DENIED:
            said = sentence(Strong("Denied"), " by ", _deniers(request), _why_denied(request), _NOTHING_CHANGED)
        case Status.WITHDRAWN:
            said = sentence(Strong("Withdrawn"), " by ", Who(request.requester), _NOTHING_CHANGED)
        case Status.LAPSED:
            said = (Strong("Expired undecided"), _NOTHING_CHANGED)
        case Status.APPLIED | Status.PARTLY_APPLIED | Status.FAILED:
            said = sentence(_outcome(request, counted), " Approved", approved_by(request), ".")
    return said


def status_words(request: Request) -> str:
    """Where a request stands, in a line of a list: `waits for approval`, `applied, no longer in effect`."""
    said = STATUS_WORDS[request.status]
    if awaits_review(request):
        said += _TO_BE_REVIEWED
    review = emergency_review(request)
    if review is not None and review.decision is Decision.DENY:
        said += _TAKEN_OUT
        if request.gone == request.asked:
            return said
    return said + (gone_words(request) if request.status in {Status.APPLIED, Status.PARTLY_APPLIED} else "")


def gone_words(request: Request) -> str:
    """How much of what a request applied is no longer there, behind what was done; empty where all of it is."""
    if not request.gone:
        return ""
    if request.counts.get(ItemState.EXPIRED, 0) == request.asked:
        return ", has ended"
    if request.gone == request.asked:
        return ", no longer in effect"
    return f", {request.gone:,} of {request.asked:,} no longer in effect"


def approved_by(request: Request) -> Sentence:
    """Who or what approved a request, to follow that: ` by ‹people›`, ` by the rule “Phishing”`, ` as an emergency`."""
    if request.approval is None:
        return sentence(" by ", people(review.reviewer for review in request.approvals))
    match request.approval.by:
        case ApprovedBy.RULE:
            return (" by the rule “", Quoted(request.approval.name), "”")
        case ApprovedBy.EMERGENCY:
            return sentence(" as an emergency", _reviewed(request))
        case ApprovedBy.EMERGENCY_REVIEW:
            return (f" with the review of emergency block #{request.approval.name}, by ", Who(request.requester))


def _reviewed(request: Request) -> Sentence:
    """How an emergency block was reviewed, behind what it is."""
    review = emergency_review(request)
    if review is None:
        return (", not reviewed yet",) if awaits_review(request) else ()
    said = (": “", Quoted(review.comment), "”") if review.comment.strip() else ()
    return sentence(
        ", kept by " if review.decision is Decision.APPROVE else ", taken out by ", Who(review.reviewer), said
    )


def decided_by(request: Request) -> Sentence:
    """Who or what decided it, one way or the other: `‹people›`, `rule “Phishing”`, `emergency`.

    Empty while nobody has, and where nobody did.
    """
    if request.status in {Status.PENDING, Status.WITHDRAWN, Status.LAPSED}:
        return ()
    if request.approval is not None:
        return _decided_otherwise(request, request.approval)
    decision = Decision.DENY if request.status is Status.DENIED else Decision.APPROVE
    deciders = [review.reviewer for review in request.reviews if review.decision is decision]
    return people(deciders) if deciders else ()


def _decided_otherwise(request: Request, approval: Approval) -> Sentence:
    match approval.by:
        case ApprovedBy.RULE:
            return ("rule “", Quoted(approval.name), "”")
        case ApprovedBy.EMERGENCY_REVIEW:
            return (f"review of emergency block #{approval.name}",)
        case ApprovedBy.EMERGENCY:
            pass
    if (review := emergency_review(request)) is not None:
        done = "kept by " if review.decision is Decision.APPROVE else "taken out by "
        return ("emergency, ", done, Who(review.reviewer))
    return ("emergency, to be reviewed",) if awaits_review(request) else ("emergency",)


def _deniers(request: Request) -> Sentence:
    return people(review.reviewer for review in request.reviews if review.decision is Decision.DENY)


def _why_denied(request: Request) -> Sentence:
    """What whoever denied it said; empty where they said nothing."""
    said = (review.comment for review in request.reviews if review.decision is Decision.DENY and review.comment.strip())
    return sentence(*((": “", Quoted(comment), "”") for comment in said))


def _outcome(request: Request, counted: str) -> Sentence:
    total, gone = request.asked, request.gone
    if request.status is Status.FAILED:
        return (Strong("Failed"), f": {_failed(request, counted)}")
    if request.status is Status.PARTLY_APPLIED:
        gone_too = f"; {gone:,} no longer in effect" if gone else ""
        return (Strong("Partly applied"), f": {request.holding + gone:,} of {total:,}{gone_too}.")
    if gone == total and gone:
        return (Strong("Applied, and no longer in effect"), ".")
    if gone:
        return (Strong(f"Applied; {gone:,} of {total:,} no longer in effect"), ".")
    return _applied(request)


def part_outcome(request: Request) -> str:
    """How it went with one list's part of a proposal, in few words: `2 applied`, `1 of 3 applied`; empty before that.

    A part that waits, or is under way, has nothing to say that the proposal doesn't.
    """
    made = request.holding + request.gone
    match request.status:
        case Status.PENDING | Status.APPROVED | Status.APPLYING | Status.WITHDRAWN | Status.LAPSED:
            return ""
        case Status.DENIED:
            return "left out" if request.is_left_out else ""
        case Status.FAILED if request.counts.get(ItemState.INTENDED):
            return "outcome not known"
        case Status.FAILED:
            return "failed"
        case Status.PARTLY_APPLIED:
            said = f"{made:,} of {request.asked:,} {_done(request)}"
        case Status.APPLIED:
            said = f"{made:,} {_done(request)}"
    return f"{said}, {request.gone:,} no longer in effect" if request.gone else said


def _done(request: Request) -> str:
    match request.operation:
        case Operation.ADD:
            return "blocked" if request.action is Action.BLOCK else "allowed"
        case Operation.REMOVE:
            return "removed"
        case _:
            return "applied"


def _failed(request: Request, counted: str) -> str:
    unknown = request.counts.get(ItemState.INTENDED, 0)
    if unknown:
        return f"it is not known what became of {counted_of(request, unknown)}: look at the list."
    return f"none of {counted or counted_of(request, request.total)} applied."


def _applied(request: Request) -> Sentence:
    if request.operation is Operation.SUBMIT and any(warning.code == UNNAMED_ALLOW for warning in request.warnings):
        return (Strong("Filed with Microsoft, and allowed what nobody asked for"), ": read what stands first.")
    if request.operation is Operation.SUBMIT:
        return (Strong("Filed with Microsoft"), ", which decides what comes of it.")
    if request.asked and request.counts.get(ItemState.CONFIRMED, 0) == request.asked:
        return (Strong("Applied and confirmed"), ": read back from the tenant, and again some time later.")
    return (Strong("Applied"), ": read back from the tenant.")
