"""The steps on the way to a decision as facts: what is asked, answered, approved, left out, denied, or never decided.

Each function makes the facts of one kind of step, from the request as it is now and the step as it stands in the audit
log.
"""

from __future__ import annotations

from bot.domain.auditing.steps import StoryStep
from bot.domain.requests.emergency import emergency_review
from bot.domain.requests.request import Decision, ItemState, Request, Review
from bot.domain.telling.counting import with_the_last
from bot.domain.telling.headlines import headline, short_headline
from bot.domain.telling.request_status import approvals_so_far, still_to_agree
from bot.domain.telling.sentence import Moment, Part, Quoted, Sentence, Strong, Value, Who, people, sentence
from bot.domain.telling.step_facts import StepFacts, StepKind, step_facts

#: So many values are named in a sentence.
_NAMED = 5

#: Whoever is called is named: a count calls nobody.
_CALLED = 50


def reviewed(request: Request, step: StoryStep) -> StepFacts | None:
    """One approver's decision: a denial, or an approval that is not enough.

    None for the deciding one, as what comes of it follows at once, and when the request has no review of theirs.
    """
    review = next((given for given in request.reviews if given.reviewer == step.actor), None)
    if review is None:
        return None
    if review.decision is Decision.DENY:
        said = sentence(Strong("Denied"), " by ", Who(review.reviewer), _comment(review), ". Nothing was changed.")
        return step_facts(StepKind.DENIED, request, step, said)
    if not request.is_open:
        return None
    so_far = ": ".join(filter(None, [approvals_so_far(request), still_to_agree(request)]))
    said = sentence(Strong("Approved"), " by ", Who(review.reviewer), _comment(review), f". {so_far}.")
    return step_facts(StepKind.REVIEWED, request, step, said)


def asked(request: Request, step: StoryStep) -> StepFacts | None:
    """An approver asks the requester something. None where nobody needs the answer any more."""
    if not request.is_open:
        return None
    said = sentence(Strong("Asked"), " by ", Who(step.actor), ": “", Quoted(step.said), "”")
    return step_facts(StepKind.ASKED, request, step, said)


def asked_of_you(request: Request, step: StoryStep) -> StepFacts | None:
    """The same for the requester, who answers."""
    if not request.is_open:
        return None
    return step_facts(StepKind.QUESTION, request, step, _question(request, step))


def settled(request: Request, step: StoryStep, *came_of_it: Part) -> StepFacts:
    """A question to the requester that needs no answer any more, and why."""
    return step_facts(StepKind.SETTLED, request, step, sentence(_question(request, step), *came_of_it))


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
    return step_facts(StepKind.ANSWERED, request, step, said)


def reassessed(request: Request, step: StoryStep) -> StepFacts:
    """Something serious was new at somebody's click."""
    said = sentence(
        Strong("Read the card again"),
        ": something serious has changed since, so the click of ",
        Who(step.actor),
        " decided nothing, and approvals from before don't count any more.",
    )
    return step_facts(StepKind.REASSESSED, request, step, said)


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
    return step_facts(StepKind.LEFT_OUT, request, step, said)


def emergency_reviewed(request: Request, step: StoryStep) -> StepFacts | None:
    """An approver has reviewed an emergency block. None where its review isn't at hand."""
    review = emergency_review(request)
    if review is None:
        return None
    kept = review.decision is Decision.APPROVE
    said = sentence(Strong("Kept" if kept else "Taken out"), " by ", Who(review.reviewer), _comment(review), ".")
    return step_facts(StepKind.KEPT if kept else StepKind.TAKEN_OUT, request, step, said)


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
    return step_facts(StepKind.KEPT if kept else StepKind.TAKEN_OUT, request, step, said)


def voided(request: Request, step: StoryStep) -> StepFacts:
    """Approvals no longer count, because whoever gave them may not approve it any more."""
    said = sentence(
        Strong("An approval no longer counts"),
        ": ",
        people(step.targets),
        " may not approve this any more. ",
        f"{approvals_so_far(request)}.",
    )
    return step_facts(StepKind.VOIDED, request, step, said)


def withdrawn(request: Request, step: StoryStep) -> StepFacts:
    """The requester took it back."""
    said = (Strong("Withdrawn"), " by ", Who(request.requester), ". Nothing was changed.")
    return step_facts(StepKind.WITHDRAWN, request, step, said)


def lapsed(request: Request, step: StoryStep) -> StepFacts:
    """Nobody decided in time."""
    return step_facts(StepKind.LAPSED, request, step, (Strong("Expired undecided"), ". Nothing was changed."))


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
    return step_facts(StepKind.CALLED_LATE, request, step, said)


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
    return step_facts(StepKind.CARD_REFUSED, request, step, said)


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
    return step_facts(StepKind.CARD_POSTED, request, step, said)


def _comment(review: Review) -> Sentence:
    return (": “", Quoted(review.comment), "”") if review.comment.strip() else ()
