"""From the submitted form of a submission to what it proposes, or to what is wrong with its fields."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.domain.indicators.indicator import Indicator
from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action, list_for, title
from bot.domain.policies.case import Field, Refusal, Rules
from bot.domain.policies.drafting import draft
from bot.domain.reading.command_text import read_field
from bot.domain.reading.durations import read_lifetime
from bot.domain.requests.proposal import Proposal
from bot.domain.submissions.evidence import Lack, message_url_lack, recipient_lack
from bot.domain.submissions.texts import steps_by_hand
from bot.errors import InvalidDuration
from bot.slack.modals.form_input import WrongFields
from bot.slack.modals.submission_form import SubmissionInput
from bot.tenant.calling.graph import MOST_CONTENT


def read_proposals(
    given: SubmissionInput, *, rules: Rules, now: datetime, own: frozenset[str] | None = None
) -> tuple[Proposal, ...]:
    """What a submitted form proposes, with its evidence. Raises WrongFields.

    One request for one list: a message that is handed over twice within minutes is refused by Microsoft, and once is
    enough for all that blocked it. `own` are the tenant's own domains; those that the operator named where not given.
    """
    form = given.form
    refusals: list[Refusal] = []
    read = read_field(form.indicators, accepted_domains=rules.accepted_domains if own is None else own)
    refusals += [Refusal(code="unreadable", text=problem.what, remedy=problem.remedy) for problem in read.problems]
    refusals += _list_refusals(read.indicators)
    refusals += _evidence_refusals(given)
    if not read.indicators and not read.problems:
        refusals.append(Refusal(code="empty", text="No indicator was given.", remedy="Write at least one."))
    try:
        lifetime = read_lifetime(form.end, today=now.date()) if form.end else None
        if refusals:
            raise WrongFields(refusals)
        return draft(
            Operation.SUBMIT,
            Action.ALLOW,
            read.indicators,
            lifetime=lifetime,
            reason=read.reason_with(form.reason),
            rules=rules,
            now=now,
            evidence=given.evidence() if _has_evidence(given) else None,
        )
    except InvalidDuration as error:
        refusals.append(Refusal(code="end", text=error.what, remedy=error.remedy, field=Field.EXPIRES))
        raise WrongFields(refusals) from None


def _has_evidence(given: SubmissionInput) -> bool:
    return given.file is not None or bool(given.message_url)


def _list_refusals(indicators: Sequence[Indicator]) -> list[Refusal]:
    lists = list(dict.fromkeys(list_for(indicator.kind) for indicator in indicators))
    others = [name for name in lists if not steps_by_hand(name)]
    if others:
        return [
            Refusal(
                code="not_submitted",
                text=f"Nothing is submitted for the {title(others[0])}.",
                remedy="Allow IPs and spoof pairs with /allow.",
            )
        ]
    if len(lists) > 1:
        return [
            Refusal(
                code="several_lists",
                text="Domains and addresses, URLs, and files are submitted one sort after the other.",
                remedy="Begin with what the message was blocked for: its submission allows all that blocked it.",
            )
        ]
    return []


def _evidence_refusals(given: SubmissionInput) -> list[Refusal]:
    lacks: list[Lack | None] = []
    if given.message_url and given.file is not None:
        lacks.append(Lack(what="Give the message in one way.", remedy="Either a file, or its address."))
    if given.message_url:
        lacks.append(message_url_lack(given.message_url))
    is_mail_file = str((given.file or {}).get("name") or "").lower().endswith(".eml")
    if (given.message_url or is_mail_file) and not given.recipient:
        lacks.append(Lack(what="A message needs its recipient.", remedy="Say who was to get it."))
    if given.recipient:
        lacks.append(recipient_lack(given.recipient))
    if given.file is not None and int(given.file.get("size") or 0) > MOST_CONTENT:
        lacks.append(
            Lack(
                what=f"The file is larger than {MOST_CONTENT / 1_000_000:.1f} MB, which Microsoft Graph doesn't take.",
                remedy="Submit it by hand, as below.",
            )
        )
    return [
        Refusal(code="evidence", text=lack.what, remedy=lack.remedy, field=Field.EVIDENCE)
        for lack in lacks
        if lack is not None
    ]
