"""The steps of a request as facts: what happened, who did it, when, and which items it is about.

Each function makes the facts of one kind of step, from the request as it is now and the step as it stands in the audit
log. Of a large request only the items that matter most are at hand: all are counted.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from bot.domain.auditing.events import EventKind
from bot.domain.auditing.steps import StoryStep
from bot.domain.lists.ends import ended_by_portcullis
from bot.domain.lists.traits import Action
from bot.domain.requests.approval import ApprovedBy
from bot.domain.requests.emergency import emergency_review
from bot.domain.requests.request import Decision, Item, ItemState, Request, Review, Status
from bot.domain.submissions.unnamed import UNNAMED_ALLOW
from bot.domain.telling.counting import with_the_last
from bot.domain.telling.headlines import counted_of, headline, named, short_headline, subject_of
from bot.domain.telling.places import place
from bot.domain.telling.request_facts import ItemFacts, RequestFacts, item_facts, request_facts
from bot.domain.telling.request_status import approvals_so_far, status_sentence, still_to_agree
from bot.domain.telling.sentence import Moment, Part, Quoted, Sentence, Strong, Value, Who, people, sentence, until

#: So many values are named in a sentence.
_NAMED = 5

#: Whoever is called is named: a count calls nobody.
_CALLED = 50

#: What an entry of either action is called.
_KINDS: dict[Action, str] = {Action.BLOCK: "blocked", Action.ALLOW: "allowed"}


class StepKind(StrEnum):
    """What happened."""

    REVIEWED = "reviewed"  #: an approval that is not enough
    ASKED = "asked"  #: an approver asks the requester something
    QUESTION = "question"  #: the same, for the requester
    SETTLED = "settled"  #: a question to the requester that needs no answer any more
    ANSWERED = "answered"
    REASSESSED = "reassessed"  #: something serious was new at a click, which decided nothing
    LEFT_OUT = "left-out"  #: an approver approved it without some of its lines
    VOIDED = "voided"  #: an approval no longer counts: whoever gave it is no approver any more
    KEPT = "kept"  #: an approver has reviewed an emergency block: it stays
    TAKEN_OUT = "taken-out"  #: likewise: it is taken out
    DENIED = "denied"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"
    TRIED_AGAIN = "tried-again"  #: what failed is applied once more
    CONCLUDED = "concluded"  #: the tenant has answered
    GONE = "gone"  #: applied once, and no longer as asked
    ENDED = "ended"  #: the end date came
    HEARD = "heard"  #: news of what was submitted
    UNNAMED = "unnamed"  #: an allow came of a submission that nobody asked for
    REMINDER = "reminder"  #: the end is near
    CARD_REFUSED = "card-refused"  #: nobody can decide on it yet: Slack takes no card of it
    CARD_POSTED = "card-posted"  #: and takes it after all
    CALLED_LATE = "called-late"  #: others are called, because nobody has decided and little time is left
    YOURS = "yours"  #: for the requester: where their request stands


@dataclass(frozen=True, slots=True, kw_only=True)
class StepFacts:
    """One step, told once: `seq` is the number of the event in the audit log that it is told for.

    `items` are those that a reader has to know of beside the sentence, as far as they are at hand; `total` is how many
    there are. News grows while it is told: then `seq` is its last event, and `begun` its first.
    """

    kind: StepKind
    seq: int
    actor: str  #: user id, or `portcullis`
    at: datetime
    request: RequestFacts
    sentence: Sentence
    items: tuple[ItemFacts, ...] = ()
    total: int = 0
    begun: int | None = None

    def is_told_with(self, seq: int) -> bool:
        """Whether what is told for an event is this, or has grown to it since."""
        return seq == self.seq or (self.begun is not None and self.begun <= seq < self.seq)

    def is_after(self, seq: int) -> bool:
        """Whether this is told later than what is told for an event."""
        return seq < self.seq


def reviewed(request: Request, step: StoryStep) -> StepFacts | None:
    """One approver's decision: a denial, or an approval that is not enough.

    None for the deciding one, as what comes of it follows at once, and when the request has no review of theirs.
    """
    review = next((given for given in request.reviews if given.reviewer == step.actor), None)
    if review is None:
        return None
    comment = (": “", Quoted(review.comment), "”") if review.comment.strip() else ()
    if review.decision is Decision.DENY:
        said = sentence(Strong("Denied"), " by ", Who(review.reviewer), comment, ". Nothing was changed.")
        return _facts(StepKind.DENIED, request, step, said)
    if not request.is_open:
        return None
    so_far = ": ".join(filter(None, [approvals_so_far(request), still_to_agree(request)]))
    said = sentence(Strong("Approved"), " by ", Who(review.reviewer), comment, f". {so_far}.")
    return _facts(StepKind.REVIEWED, request, step, said)


def asked(request: Request, step: StoryStep) -> StepFacts | None:
    """An approver asks the requester something. None where nobody needs the answer any more."""
    if not request.is_open:
        return None
    said = sentence(Strong("Asked"), " by ", Who(step.actor), ": “", Quoted(step.said), "”")
    return _facts(StepKind.ASKED, request, step, said)


def asked_of_you(request: Request, step: StoryStep) -> StepFacts | None:
    """The same for the requester, who answers."""
    if not request.is_open:
        return None
    return _facts(StepKind.QUESTION, request, step, _question(request, step))


def settled(request: Request, step: StoryStep, *came_of_it: Part) -> StepFacts:
    """A question to the requester that needs no answer any more, and why."""
    return _facts(StepKind.SETTLED, request, step, sentence(_question(request, step), *came_of_it))


def _question(request: Request, step: StoryStep) -> Sentence:
    return sentence(
        Strong("A question"),
        f" about your request #{request.proposal_id} (",
        short_headline(request),
        ") from ",
        Who(step.actor),
        ": “",
        Quoted(step.said),
        "”",
    )


def answered(request: Request, step: StoryStep) -> StepFacts | None:
    """The requester has answered; whoever asked is named, so that they hear of it."""
    if not request.is_open:
        return None
    to = () if request.asked_back is None else (" to ", Who(request.asked_back.by))
    said = sentence(Strong("Answered"), " by ", Who(step.actor), to, ": “", Quoted(step.said), "”")
    return _facts(StepKind.ANSWERED, request, step, said)


def tried_again(request: Request, step: StoryStep) -> StepFacts:
    """Somebody has what failed applied once more."""
    said = (Strong("Tried again"), " by ", Who(step.actor), ": what failed is sent once more.")
    return _facts(StepKind.TRIED_AGAIN, request, step, said)


def reassessed(request: Request, step: StoryStep) -> StepFacts:
    """Something serious was new at somebody's click."""
    said = sentence(
        Strong("Read the card again"),
        ": something serious has changed since, so the click of ",
        Who(step.actor),
        " decided nothing, and approvals from before don't count any more.",
    )
    return _facts(StepKind.REASSESSED, request, step, said)


def left_out(request: Request, step: StoryStep) -> StepFacts:
    """An approver approved it without some of its lines: for whoever follows its card."""
    return _left_out(request, step, "")


def left_out_of_yours(request: Request, step: StoryStep) -> StepFacts:
    """The same for the requester, who has to be told of which request."""
    return _left_out(request, step, f" of #{request.proposal_id}")


def _left_out(request: Request, step: StoryStep, of: str) -> StepFacts:
    out = [item.value for item in request.items if item.state is ItemState.LEFT_OUT]
    named_out = with_the_last(_NAMED, len(out), of=len(out))
    values = sentence(*(part for value in out[:named_out] for part in (", ", Value(value))))
    more = f" and {len(out) - named_out:,} more" if len(out) > named_out else ""
    said = sentence(Strong("Left out"), " by ", Who(step.actor), f"{of}: ", values[1:], f"{more}.")
    return _facts(StepKind.LEFT_OUT, request, step, said)


def emergency_reviewed(request: Request, step: StoryStep) -> StepFacts | None:
    """An approver has reviewed an emergency block. None where its review isn't at hand."""
    review = emergency_review(request)
    if review is None:
        return None
    kept = review.decision is Decision.APPROVE
    said = sentence(Strong("Kept" if kept else "Taken out"), " by ", Who(review.reviewer), _comment(review), ".")
    return _facts(StepKind.KEPT if kept else StepKind.TAKEN_OUT, request, step, said)


def your_emergency_reviewed(request: Request, step: StoryStep) -> StepFacts | None:
    """The same for whoever had it applied."""
    review = emergency_review(request)
    if review is None:
        return None
    kept = review.decision is Decision.APPROVE
    said = sentence(
        Strong("Your emergency block"),
        f" #{request.proposal_id}, ",
        headline(request),
        ", was kept by " if kept else ", was taken out by ",
        Who(review.reviewer),
        _comment(review),
        ".",
    )
    return _facts(StepKind.KEPT if kept else StepKind.TAKEN_OUT, request, step, said)


def _comment(review: Review) -> Sentence:
    return (": “", Quoted(review.comment), "”") if review.comment.strip() else ()


def voided(request: Request, step: StoryStep) -> StepFacts:
    """Approvals no longer count, because whoever gave them may not approve it any more."""
    said = sentence(
        Strong("An approval no longer counts"),
        ": ",
        people(step.targets),
        " may not approve this any more. ",
        f"{approvals_so_far(request)}.",
    )
    return _facts(StepKind.VOIDED, request, step, said)


def withdrawn(request: Request, step: StoryStep) -> StepFacts:
    """The requester took it back."""
    said = (Strong("Withdrawn"), " by ", Who(request.requester), ". Nothing was changed.")
    return _facts(StepKind.WITHDRAWN, request, step, said)


def lapsed(request: Request, step: StoryStep) -> StepFacts:
    """Nobody decided in time."""
    return _facts(StepKind.LAPSED, request, step, (Strong("Expired undecided"), ". Nothing was changed."))


def called_late(request: Request, step: StoryStep) -> StepFacts | None:
    """Others are called, because little is left of the time in which it can be decided. None once it was decided."""
    if not request.is_open:
        return None
    said = sentence(
        Strong("Please decide"),
        ": ",
        people(step.targets, at_most=_CALLED),
        ". It expires undecided ",
        Moment(request.lapses_at),
        ".",
    )
    return _facts(StepKind.CALLED_LATE, request, step, said)


def concluded(request: Request, step: StoryStep) -> StepFacts | None:
    """How it went, in a line: which items are not as asked, and why, stands on the card. None of the removal with which
    an emergency block was taken out, where all went well: below that block's card it was just told.
    """
    by_review = request.approval is not None and request.approval.by is ApprovedBy.EMERGENCY_REVIEW
    if by_review and step.kind == EventKind.REQUEST_APPLIED:
        return None
    return _facts(StepKind.CONCLUDED, request, step, status_sentence(request))


def gone_again(request: Request, step: StoryStep) -> StepFacts:
    """These had been applied, and the tenant no longer has them as asked."""
    items, total = _items_of(request, step)
    return _facts(StepKind.GONE, request, step, gone_sentence(request, total), items=items, total=total)


def gone_sentence(request: Request, total: int) -> Sentence:
    """That so many items of a request are no longer as asked."""
    what = (
        f"{counted_of(request, total)} of #{request.proposal_id} {'was' if total == 1 else 'were'} changed or removed"
    )
    look = "Find out who did it before you ask again."
    return (Strong("No longer in effect"), f": {what} outside of Portcullis. {look}")


def ended(request: Request, step: StoryStep) -> StepFacts:
    """The end date came, and the entries are off the list."""
    items, total = _items_of(request, step)
    ours = ended_by_portcullis(request.list, request.action, expires=request.expires, since=request.counted_from)
    verb, who = "was" if total == 1 else "were", "Portcullis" if ours else "Microsoft"
    what = f"{counted_of(request, total)} of #{request.proposal_id} {verb} removed by {who}"
    said = (Strong("Ended"), f": the end date has come, and {what}.")
    return _facts(StepKind.ENDED, request, step, said, items=items, total=total)


def heard(request: Request, step: StoryStep) -> StepFacts:
    """News of what was submitted: what Microsoft made of it, and which entries came of it, in the items' own words."""
    items, total = _items_of(request, step)
    told = [item for item in (items or request.items) if item.outcome.strip()]
    said = (Strong("Heard from Microsoft"), f" about what was submitted with #{request.proposal_id}.")
    count = total if items else len(request.items)
    return _facts(StepKind.HEARD, request, step, said, items=told, total=max(count, len(told)))


def unnamed(request: Request, step: StoryStep) -> StepFacts:
    """Allows came of a submission that nobody asked for."""
    values = sentence(*(part for value in dict.fromkeys(step.targets[:_NAMED]) for part in (", ", Value(value))))
    more = f" and {step.count - _NAMED:,} more" if step.count > _NAMED else ""
    said = sentence(
        Strong("Allowed, and nobody asked for it"),
        ": ",
        values[1:],
        f"{more}. It came of the submission of #{request.proposal_id}, which names ",
        named(request),
        ". The alert channel was told: its removal can be proposed there, or with /unallow.",
    )
    return _facts(StepKind.UNNAMED, request, step, said)


def reminder(request: Request, step: StoryStep) -> StepFacts:
    """The end of what still stands is near, and whoever still needs it can ask for a new expiry date now."""
    items = [item for item in request.items if item.state.holds]
    count = request.holding
    where = place(request.operation, request.action, request.list)
    ends, need = ("ends", "it is") if count == 1 else ("end", "they are")
    said = sentence(
        Strong("Ends soon"),
        ": ",
        subject_of(request, items, total=count),
        f" of #{request.proposal_id}, {_KINDS[request.action]} in {where}, {ends} ",
        until(request.expires),
        f". If {need} still needed, ask for a new expiry date; otherwise there is nothing to do.",
    )
    # A single one is named in the sentence.
    return _facts(StepKind.REMINDER, request, step, said, items=() if count == 1 else items, total=count)


def card_refused(request: Request, step: StoryStep) -> StepFacts | None:
    """Slack takes no card of it. None where it has been decided since: then there is nothing to wait for."""
    if not request.is_open:
        return None
    said = sentence(
        Strong("Nobody can decide yet"),
        f" on your request #{request.proposal_id} (",
        short_headline(request),
        "): Slack refuses its card (",
        Value(step.targets[0] if step.targets else "no reason given"),
        "). Whoever runs Portcullis has been told. Portcullis keeps trying, and nothing is lost.",
    )
    return _facts(StepKind.CARD_REFUSED, request, step, said)


def card_posted(request: Request, step: StoryStep) -> StepFacts | None:
    """Slack takes it after all. None where it has been decided since."""
    if not request.is_open:
        return None
    said = sentence(
        Strong("The card is posted now"),
        f": approvers can decide on your request #{request.proposal_id} (",
        short_headline(request),
        ").",
    )
    return _facts(StepKind.CARD_POSTED, request, step, said)


def yours(request: Request, step: StoryStep, *, told: RequestFacts | None = None) -> StepFacts | None:
    """Where their request stands now, with the items that need a look. Of several lists, `told` is all of it.

    None where all is well: their copy says so.
    """
    if request.status is Status.APPLIED and not any(warning.code == UNNAMED_ALLOW for warning in request.warnings):
        return None
    told = told or request_facts(request)
    why = (" ", Quoted(told.failure)) if told.failure.strip() else ()
    said = sentence(f"Your request #{told.number}: ", told.short_headline, ". ", told.status_sentence, why)
    facts = _facts(StepKind.YOURS, request, step, said, items=not_as_asked(request), total=count_not_as_asked(request))
    return replace(facts, request=told)


def failure(request: Request) -> Sentence:
    """Why it failed as a whole, to be put behind a sentence; empty when it did not."""
    return (" ", Quoted(request.failure)) if request.failure.strip() else ()


def not_as_asked(request: Request) -> list[Item]:
    """The items that a reader has to know of: not as asked, or with words of the service, once it has answered."""
    if not request.status.has_outcome:
        return []
    return [item for item in request.items if not item.state.holds or item.outcome.strip()]


def count_not_as_asked(request: Request) -> int:
    """How many items are not as asked, those among them that were not given; never less than those that are told."""
    if not request.status.has_outcome:
        return 0
    return max(len(not_as_asked(request)), request.total - request.holding)


def _items_of(request: Request, step: StoryStep) -> tuple[list[Item], int]:
    """The items that a step is about: those that are at hand, and how many they are."""
    targets = set(step.targets)
    items = [item for item in request.items if item.value in targets]
    return items, max(step.count, len(items))


def _facts(
    kind: StepKind, request: Request, step: StoryStep, said: Sentence, *, items: Iterable[Item] = (), total: int = 0
) -> StepFacts:
    return StepFacts(
        kind=kind,
        seq=step.first,
        actor=step.actor,
        at=step.at,
        request=request_facts(request),
        sentence=said,
        items=tuple(item_facts(item, request.operation) for item in items),
        total=total,
    )
