"""Which form, if any, a person has to fill in before their proposal can go ahead; and opening one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.indicators.indicator import Indicator
from bot.domain.lists.change import Operation
from bot.domain.lists.traits import ListName, list_for
from bot.domain.policies.assess import MOST_INDICATORS
from bot.domain.policies.case import Assessment, Field, Refusal
from bot.domain.requests.proposal import Proposal
from bot.errors import SlackError
from bot.slack.block_kit.blocks import Modal
from bot.slack.client import call
from bot.slack.modals import ip_allow_form, proposal_form, submission_form
from bot.slack.modals.form_input import FormInput
from bot.workflow.requesting.propose import Considered

#: What a form can mend. A refusal of the indicators themselves is told instead: no field makes it go away.
_MENDABLE = frozenset({Field.REASON, Field.EXPIRES, Field.ACKNOWLEDGED})

_OTHERS = (
    "The indicators are others than those of the warning that you ticked. Read what stands above now, and tick again."
)

#: So long may Slack take to open a view, in seconds: the acknowledgement is due within three.
_OPENS_WITHIN = 1.2


async def open_view(client: AsyncWebClient, trigger_id: str, view: Modal) -> None:
    """Open a view for whoever typed or clicked. Raises SlackError."""
    try:
        await call(client, "views.open", {"trigger_id": trigger_id, "view": view.to_dict()}, within=_OPENS_WITHIN)
    except SlackError as error:
        # The same command or click delivered twice: its view stands open already.
        if error.code != "exchanged_trigger_id":
            raise


def form_for(given: FormInput, considered: Sequence[Considered], *, now: datetime) -> Modal | None:
    """The form to open: an IP allow's warning, a submission's evidence, or the ordinary one with what is wrong.

    None: nothing to fill in.
    """
    special = special_form_for(given, considered, now=now)
    refusals = _refusals(considered)
    if special is not None or not refusals or not _are_mendable(refusals):
        return special
    return proposal_form.build(given.operation, given.action, prefill=given, problems=_problems(given, refusals))


def special_form_for(given: FormInput, considered: Sequence[Considered], *, now: datetime) -> Modal | None:
    """The form that goes on where the ordinary one ends: a warning to tick, or the evidence that Microsoft wants."""
    return warning_for(given, considered, now=now) or evidence_form_for(given, considered)


def evidence_form_for(given: FormInput, considered: Sequence[Considered]) -> Modal | None:
    """The form that asks for a submission's evidence. None when none is lacking, or when something else is refused.

    It opens for a URL too, which can go without: only a message is documented to carry the allow with it, so whoever
    has the message should be asked for it once. A submission beside something else has to be proposed by itself: its
    form has no place for the other.
    """
    refusals = _refusals(considered)
    others = [refusal for refusal in refusals if refusal.field is not Field.EVIDENCE]
    if not all(one.proposal.operation is Operation.SUBMIT for one in considered) or not _are_mendable(others):
        return None
    if len(others) == len(refusals) and not any(_is_url_alone(one.proposal) for one in considered):
        return None
    indicators = [indicator for one in considered for indicator in one.proposal.indicators]
    return submission_form.build(given, refusals=refusals, indicators=indicators)


def _is_url_alone(proposal: Proposal) -> bool:
    return proposal.list is ListName.URL and proposal.evidence is None


def warning_for(given: FormInput, considered: Sequence[Considered], *, now: datetime) -> Modal | None:
    """The warning of an IP allow that lacks its tick, with all that was given and what else is wrong with it.

    None when no tick is lacking, and when an indicator is refused as such: then no tick helps. A tick that was given
    under a warning about other indicators is taken back, and the form says so.
    """
    refusals = _refusals(considered)
    if not _are_mendable(refusals) or all(refusal.field is not Field.ACKNOWLEDGED for refusal in refusals):
        return None
    problems = _problems(given, refusals)
    if given.acknowledged:
        problems[Field.ACKNOWLEDGED] = _OTHERS
    return ip_allow_form.build(
        replace(given, acknowledged=False),
        _together([one.assessment for one in considered if one.assessment.needs_acknowledgement]),
        now=now,
        about=[indicator.value for one in considered for indicator in one.proposal.indicators],
        problems=problems,
    )


def too_many(indicators: Sequence[Indicator]) -> Refusal | None:
    """Why so many indicators can't be proposed at once; None when they can. A request takes those of one list."""
    most = max(Counter(list_for(kind) for kind, _ in {(one.kind, one.value) for one in indicators}).values(), default=0)
    if most <= MOST_INDICATORS:
        return None
    return Refusal(
        code="too_many",
        text=f"{most} indicators for one list are more than a request takes.",
        remedy=f"Propose up to {MOST_INDICATORS} at a time, or use /import for blocks, removals and new ends.",
    )


def _refusals(considered: Sequence[Considered]) -> list[Refusal]:
    return [refusal for one in considered for refusal in one.assessment.refusals]


def _are_mendable(refusals: Sequence[Refusal]) -> bool:
    return all(refusal.field in _MENDABLE for refusal in refusals)


def _together(assessments: Sequence[Assessment]) -> Assessment:
    """What several lists' assessments say, as one: each warning and each better way once, the strictest limits."""
    limits = [one.latest_expiry for one in assessments if one.latest_expiry is not None]
    return Assessment(
        warnings=tuple(dict.fromkeys(warning for one in assessments for warning in one.warnings)),
        better_ways=tuple(dict.fromkeys(way for one in assessments for way in one.better_ways)),
        approvals_needed=max(one.approvals_needed for one in assessments),
        latest_expiry=min(limits, default=None),
        needs_acknowledgement=True,
    )


def _problems(given: FormInput, refusals: Sequence[Refusal]) -> dict[Field, str]:
    """What is wrong with what was given. What was not given yet is the form's to ask for, not to reproach."""
    problems: dict[Field, str] = {}
    for refusal in refusals:
        is_given = {Field.REASON: given.reason, Field.EXPIRES: given.end}.get(refusal.field)
        if is_given:
            problems.setdefault(refusal.field, f"{refusal.text} {refusal.remedy}".strip())
    return problems
