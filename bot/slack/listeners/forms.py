"""Which form, if any, a person has to fill in before their proposal can go ahead; and opening one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action, ListName
from bot.domain.policies.case import Assessment, Field, Refusal
from bot.domain.reading.command_text import CommandText
from bot.domain.reading.emergency_word import may_be_meant
from bot.domain.reading.mail_headers import HEADERS
from bot.domain.requests.people import Person, Right
from bot.domain.requests.proposal import Proposal
from bot.domain.telling.figures_facts import in_full
from bot.errors import SlackError
from bot.slack.block_kit.blocks import Modal
from bot.slack.client import call
from bot.slack.modals import ip_allow_form, proposal_form, submission_form
from bot.slack.modals.form_input import FormInput
from bot.workflow.requesting.consider import Considered
from bot.workflow.shared.context import Context

#: What a form can mend. A refusal of the indicators themselves is told instead: no field makes it go away.
_MENDABLE = frozenset({Field.REASON, Field.EXPIRES, Field.ACKNOWLEDGED})

_OTHERS = (
    "The indicators are others than those of the warning that you ticked. Read what stands above now, and tick again."
)

#: What is said of a question that needs no other answer.
_AS_IT_IS = "If not, send the form as it is."
#: What is asked of somebody who may block at once, where a reason begins with the word.
_MEANT = "Is it an emergency, to be blocked now? Then tick the box below. If not, send the form as it is."
#: So long may Slack take to open a view, in seconds: the acknowledgement is due within three.
_OPENS_WITHIN = 1.2


async def open_view(client: AsyncWebClient, trigger_id: str, view: Modal, *, over: str = "") -> str:
    """Open a view for whoever typed or clicked, and return its id; empty where it stands open already.

    `over` is the view that they clicked in, where they did: the new one lies over it.

    Raises SlackError.
    """
    try:
        answer = await call(
            client,
            "views.push" if over else "views.open",
            {"trigger_id": trigger_id, "view": view.to_dict()},
            within=_OPENS_WITHIN,
        )
    except SlackError as error:
        # The same command or click delivered twice: its view stands open already.
        if error.code != "exchanged_trigger_id":
            raise
        return ""
    opened = answer.get("view")
    return str(opened.get("id") or "") if isinstance(opened, Mapping) else ""


def asked_of(text: CommandText, *, may_be_emergency: bool = False) -> dict[Field, str]:
    """Everything that has to be asked, at the form's fields, a line for each question.

    `may_be_emergency`: whoever typed it may block at once, so that a reason that begins with the word is asked about.
    """
    if text.offers:
        return {Field.INDICATORS: f"{HEADERS} Tick it above, or write it here."}
    asked: dict[Field, list[str]] = {}
    if may_be_emergency and may_be_meant(text.reason):
        asked[Field.REASON] = [_MEANT]
    for problem in text.problems:
        place = Field.INDICATORS
        if problem.about_lifetime:
            place = Field.EXPIRES
        elif problem.about_reason and not problem.may_stay:
            place = Field.REASON
        asked.setdefault(place, []).append(f"{problem} {_AS_IT_IS}" if problem.may_stay else str(problem))
    return {place: "\n".join(questions) for place, questions in asked.items()}


def offers_emergency(person: Person, operation: Operation, action: Action | None) -> bool | None:
    """What a form has of its box for an emergency beforehand: unticked (False), or no such box (None)."""
    may = (operation, action) == (Operation.ADD, Action.BLOCK) and person.has(Right.BLOCK_AT_ONCE)
    return False if may else None


def emergency_days(context: Context, offered: bool | None) -> int:
    """How long what is blocked at once may last, in days, for a form that offers that; else 0."""
    return 0 if offered is None else context.emergencies.most_days


def form_for(given: FormInput, considered: Considered, *, now: datetime) -> Modal | None:
    """The form to open: an IP allow's warning, a submission's evidence, or the ordinary one with what is wrong.

    None: nothing to fill in.
    """
    special = special_form_for(given, considered, now=now)
    refusals = considered.refusals
    if special is not None or not refusals or not _are_mendable(refusals):
        return special
    return proposal_form.build(
        given.operation,
        given.action,
        prefill=given,
        problems=_problems(given, refusals),
        mail=tuple(map(in_full, considered.mail)),
    )


def special_form_for(given: FormInput, considered: Considered, *, now: datetime) -> Modal | None:
    """The form that goes on where the ordinary one ends: a warning to tick, or the evidence that Microsoft wants."""
    return warning_for(given, considered, now=now) or evidence_form_for(given, considered)


def evidence_form_for(given: FormInput, considered: Considered) -> Modal | None:
    """The form that asks for a submission's evidence. None when none is lacking, or when something else is refused.

    It opens for a URL too, which can go without: only a message is documented to carry the allow with it, so whoever
    has the message should be asked for it once. A submission beside something else has to be proposed by itself: its
    form has no place for the other.
    """
    refusals = considered.refusals
    others = [refusal for refusal in refusals if refusal.field is not Field.EVIDENCE]
    proposals = [judged.proposal for judged in considered.judged]
    if not all(proposal.operation is Operation.SUBMIT for proposal in proposals) or not _are_mendable(others):
        return None
    if len(others) == len(refusals) and not any(_is_url_alone(proposal) for proposal in proposals):
        return None
    indicators = [indicator for proposal in proposals for indicator in proposal.indicators]
    return submission_form.build(given, refusals=refusals, indicators=indicators)


def _is_url_alone(proposal: Proposal) -> bool:
    return proposal.list is ListName.URL and proposal.evidence is None


def warning_for(given: FormInput, considered: Considered, *, now: datetime) -> Modal | None:
    """The warning of an IP allow that lacks its tick, with all that was given and what else is wrong with it.

    None when no tick is lacking, and when an indicator is refused as such: then no tick helps. A tick that was given
    under a warning about other indicators is taken back, and the form says so.
    """
    refusals = considered.refusals
    if not _are_mendable(refusals) or all(refusal.field is not Field.ACKNOWLEDGED for refusal in refusals):
        return None
    problems = _problems(given, refusals)
    if given.acknowledged:
        problems[Field.ACKNOWLEDGED] = _OTHERS
    return ip_allow_form.build(
        replace(given, acknowledged=False),
        _together([judged.assessment for judged in considered.judged if judged.assessment.needs_acknowledgement]),
        now=now,
        about=[indicator.value for judged in considered.judged for indicator in judged.proposal.indicators],
        problems=problems,
        mail=tuple(map(in_full, considered.mail)),
    )


def _are_mendable(refusals: Sequence[Refusal]) -> bool:
    return all(refusal.field in _MENDABLE for refusal in refusals)


def _together(assessments: Sequence[Assessment]) -> Assessment:
    """What several lists' assessments say, as one: each warning and each better way once, the strictest limits."""
    limits = [assessment.latest_expiry for assessment in assessments if assessment.latest_expiry is not None]
    return Assessment(
        warnings=tuple(dict.fromkeys(warning for assessment in assessments for warning in assessment.warnings)),
        better_ways=tuple(dict.fromkeys(way for assessment in assessments for way in assessment.better_ways)),
        approvals_needed=max(assessment.approvals_needed for assessment in assessments),
        latest_expiry=min(limits, default=None),
        needs_acknowledgement=True,
    )


def _problems(given: FormInput, refusals: Sequence[Refusal]) -> dict[Field, str]:
    """What is wrong with what was given. What was not given yet is the form's to ask for, not to reproach."""
    problems: dict[Field, str] = {}
    for refusal in refusals:
        is_given = {Field.REASON: given.reason, Field.EXPIRES: given.end}.get(refusal.field)
        if is_given:
            problems.setdefault(refusal.field, str(refusal))
    return problems
