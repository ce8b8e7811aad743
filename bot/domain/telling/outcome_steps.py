"""The steps after a decision as facts: how it went, what came of it later, and that its end is near.

Each function makes the facts of one kind of step, from the request as it is now and the step as it stands in the audit
log. Of a large request only the items that matter most are at hand: all are counted.
"""

from __future__ import annotations

from dataclasses import replace

from bot.domain.auditing.events import EventKind
from bot.domain.auditing.steps import StoryStep
from bot.domain.lists.ends import ended_by_portcullis
from bot.domain.lists.traits import Action
from bot.domain.requests.approval import ApprovedBy
from bot.domain.requests.request import Item, Request, Status
from bot.domain.submissions.unnamed import UNNAMED_ALLOW
from bot.domain.telling.headlines import counted_of, named, subject_of
from bot.domain.telling.places import place
from bot.domain.telling.request_facts import RequestFacts, request_facts
from bot.domain.telling.request_status import status_sentence
from bot.domain.telling.sentence import Quoted, Sentence, Strong, Value, Who, sentence, until
from bot.domain.telling.step_facts import StepFacts, StepKind, step_facts

#: So many values are named in a sentence.
_NAMED = 5

#: What an entry of either action is called.
_KINDS: dict[Action, str] = {Action.BLOCK: "blocked", Action.ALLOW: "allowed"}


def tried_again(request: Request, step: StoryStep) -> StepFacts:
    """Somebody has what failed applied once more."""
    said = (Strong("Tried again"), " by ", Who(step.actor), ": what failed is sent once more.")
    return step_facts(StepKind.TRIED_AGAIN, request, step, said)


def concluded(request: Request, step: StoryStep) -> StepFacts | None:
    """How it went, in a line: which items are not as asked, and why, stands on the card. None of the removal with which
    an emergency block was taken out, where all went well: below that block's card it was just told.
    """
    by_review = request.approval is not None and request.approval.by is ApprovedBy.EMERGENCY_REVIEW
    if by_review and step.kind == EventKind.REQUEST_APPLIED:
        return None
    return step_facts(StepKind.CONCLUDED, request, step, status_sentence(request))


def gone_again(request: Request, step: StoryStep) -> StepFacts:
    """These had been applied, and the tenant no longer has them as asked."""
    items, total = _items_of(request, step)
    return step_facts(StepKind.GONE, request, step, gone_sentence(request, total), items=items, total=total)


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
    return step_facts(StepKind.ENDED, request, step, said, items=items, total=total)


def heard(request: Request, step: StoryStep) -> StepFacts:
    """News of what was submitted: what Microsoft made of it, and which entries came of it, in the items' own words."""
    items, total = _items_of(request, step)
    told = [item for item in (items or request.items) if item.outcome.strip()]
    said = (Strong("Heard from Microsoft"), f" about what was submitted with #{request.proposal_id}.")
    count = total if items else len(request.items)
    return step_facts(StepKind.HEARD, request, step, said, items=told, total=max(count, len(told)))


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
    return step_facts(StepKind.UNNAMED, request, step, said)


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
    return step_facts(StepKind.REMINDER, request, step, said, items=() if count == 1 else items, total=count)


def yours(request: Request, step: StoryStep, *, told: RequestFacts | None = None) -> StepFacts | None:
    """Where their request stands now, with the items that need a look. Of several lists, `told` is all of it.

    None where all is well: their copy says so.
    """
    if request.status is Status.APPLIED and not any(warning.code == UNNAMED_ALLOW for warning in request.warnings):
        return None
    told = told or request_facts(request)
    why = (" ", Quoted(told.failure)) if told.failure.strip() else ()
    said = sentence(f"Your request #{told.number}: ", told.short_headline, ". ", told.status_sentence, why)
    facts = step_facts(
        StepKind.YOURS, request, step, said, items=not_as_asked(request), total=count_not_as_asked(request)
    )
    return replace(facts, request=told)


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
