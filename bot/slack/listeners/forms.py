"""Which form, if any, a person has to fill in before their proposal can go ahead; and opening one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.policy import Field, Refusal
from bot.errors import SlackError
from bot.slack.blocks import View
from bot.slack.client import call
from bot.slack.views import ip_allow_form, proposal_form
from bot.slack.views.form_input import FormInput
from bot.workflow.propose import Considered

#: What a form can mend. A refusal of the indicators themselves is told instead: no field makes it go away.
_MENDABLE = frozenset({Field.REASON, Field.EXPIRES, Field.ACKNOWLEDGED})

#: So long may Slack take to open a view, in seconds: the acknowledgement is due within three.
_OPENS_WITHIN = 1.2


async def open_view(client: AsyncWebClient, trigger_id: str, view: View) -> None:
    """Open a view for whoever typed or clicked. Raises SlackError."""
    try:
        await call(client, "views.open", {"trigger_id": trigger_id, "view": view.to_dict()}, within=_OPENS_WITHIN)
    except SlackError as error:
        # The same command or click delivered twice: its view stands open already.
        if error.code != "exchanged_trigger_id":
            raise


def form_for(given: FormInput, considered: Sequence[Considered], *, now: datetime) -> View | None:
    """The form to open: the warning of an IP allow, or the ordinary one with what is wrong. None: nothing to fill in.

    An IP allow without its tick gets the warning, whatever else it lacks, as long as no indicator is refused as such.
    """
    refusals = [refusal for one in considered for refusal in one.assessment.refusals]
    if any(refusal.field not in _MENDABLE for refusal in refusals):
        return None
    warned = next((one for one in considered if one.assessment.needs_acknowledgement), None)
    if warned is not None and not given.acknowledged:
        return ip_allow_form.build(given, warned.assessment, now=now, problems=_problems(given, refusals))
    if refusals:
        return proposal_form.build(given.operation, given.action, prefill=given, problems=_problems(given, refusals))
    return None


def _problems(given: FormInput, refusals: Sequence[Refusal]) -> dict[Field, str]:
    """What is wrong with what was given. What was not given yet is the form's to ask for, not to reproach."""
    problems: dict[Field, str] = {}
    for refusal in refusals:
        is_given = {Field.REASON: given.reason, Field.EXPIRES: given.end}.get(refusal.field)
        if is_given:
            problems.setdefault(refusal.field, f"{refusal.text} {refusal.remedy}".strip())
    return problems
