"""The warning that whoever proposes what lets strangers in reads first, and the form with which they go on.

That is an IP allow, or a spoof allow as grave as one.

The form carries what its warning was about, so that the tick counts for that and for nothing else. It comes back in a
delivery that Slack has signed: the person can't change it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from slack_sdk.models.blocks import Block, CheckboxesElement, InputBlock, Option

from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action
from bot.domain.policies.case import Assessment, Field, Refusal
from bot.domain.requests.request import GRAVE_SPOOF_ALLOWS
from bot.domain.telling.counting import plural
from bot.domain.telling.sentence import Sentence
from bot.slack.block_kit import elements
from bot.slack.block_kit.blocks import Modal
from bot.slack.block_kit.ids import CallbackId
from bot.slack.block_kit.text import escaped, lines_that_fit
from bot.slack.messages.lines import warning_line
from bot.slack.modals import form_fields
from bot.slack.modals.form_answer import FormAnswer
from bot.slack.modals.form_input import FormInput

#: Lengths on offer, in days; those beyond the operator's limit are left out.
_DAYS = (1, 3, 7, 14, 30, 90)
#: Another one than in the proposal form, which this may replace: under the same one, Slack would keep a choice made
#: there that is not on offer here.
_DAYS_ID = "days"
#: Slack takes 3,000 characters of metadata. Values that need more than this are carried as one digest.
_MOST_CARRIED = 2_500
_TICK = "I have read this. I know who sends from there, and I want it."
_PLACES: Mapping[Field, str] = {
    Field.INDICATORS: form_fields.INDICATORS,
    Field.EXPIRES: form_fields.END,
    Field.REASON: form_fields.REASON,
    Field.ACKNOWLEDGED: form_fields.ACKNOWLEDGED,
}


def build(
    prefill: FormInput,
    assessment: Assessment,
    *,
    now: datetime,
    about: Collection[str] = (),
    problems: Mapping[Field, str] | None = None,
    mail: Sequence[Sentence] = (),
) -> Modal:
    """The warning and the form under it.

    `now` is what `assessment` was made at: the choices of how long end at its latest expiry. `about` has the values, in
    their normal forms, that the warning is about: the tick will count for them. `mail` says how much they have had, as
    far as that is known.
    """
    given = replace(prefill, warned=_carried(about))
    longer = prefill.operation is Operation.EXTEND
    words = _SPOOF_WORDS if _is_spoof_alone(assessment) else _IP_WORDS
    blocks: list[Block] = [
        elements.header(f":warning: {_headline(assessment, longer=longer)}"),
        elements.section(_warnings(assessment)),
        *form_fields.mail_lines(mail),
    ]
    if assessment.better_ways:
        blocks.append(elements.section(elements.labelled("Better ways, best first", _better_ways(assessment))))
    blocks.append(
        elements.context(
            f"If you go on, it takes {plural(assessment.approvals_needed, 'approval')} by others, "
            "and the alert channel is told."
        )
    )
    standing = {_PLACES.get(field, form_fields.INDICATORS): text for field, text in (problems or {}).items()}
    blocks += form_fields.with_problems(_fields(given, assessment, now, words), standing)
    return Modal.build(
        callback_id=CallbackId.IP_ALLOW,
        title=words.title,
        submit="Propose it anyway",
        close="Cancel" if longer else "Don't allow",  # of what is listed already, closing the form ends nothing
        blocks=blocks,
        private_metadata=form_fields.metadata(
            FormInput(
                operation=prefill.operation,
                action=Action.ALLOW,
                warned=given.warned,
                about=given.about,
                renewals=given.renewals,
            )
        ),
    )


def parse(view_payload: object) -> FormInput:
    """What was submitted. Raises InvalidInput when the payload has any other shape than the form's."""
    answer = FormAnswer(view_payload)
    warned = answer.warned()
    return FormInput(
        about=answer.about(),
        renewals=answer.renewals(),
        operation=answer.operation(),
        action=answer.action(),
        indicators=answer.text(form_fields.INDICATORS, limit=form_fields.TEXT_LIMIT),
        end=answer.selected(form_fields.END, action_id=_DAYS_ID),
        reason=answer.text(form_fields.REASON, limit=form_fields.REASON_LIMIT),
        acknowledged=answer.ticked(form_fields.ACKNOWLEDGED, action_id=_tick_id(warned)),
        warned=warned,
    )


def was_warned(form: FormInput, values: Collection[str]) -> bool:
    """Whether the warning in the submitted form was about all these values: only then does its tick count."""
    return bool(form.warned) and (form.warned.issuperset(values) or _digest(values) in form.warned)


def errors(refusals: Iterable[Refusal]) -> dict[str, str]:
    """Refusals as the `errors` of an answer to the submission."""
    return form_fields.problems_at(refusals, places=_PLACES)


def _carried(values: Collection[str]) -> frozenset[str]:
    if len(json.dumps(sorted(values))) <= _MOST_CARRIED:
        return frozenset(values)
    return frozenset({_digest(values)})


def _digest(values: Iterable[str]) -> str:
    return "sha256:" + hashlib.sha256(json.dumps(sorted(set(values))).encode()).hexdigest()


def _tick_id(warned: Collection[str]) -> str:
    """Another box for another warning: under the same id, Slack would keep the tick when the form is shown anew."""
    return f"tick_{_digest(warned)[-16:]}"


def _headline(assessment: Assessment, *, longer: bool) -> str:
    """IPv6 is let past the IP filters only: saying more would be as wrong as saying less of IPv4."""
    if _is_spoof_alone(assessment):
        return "While it lasts, this spoof allow lets others in" if longer else "This spoof allow lets strangers in"
    if any(warning.code == "ipv6_allow_overrides_ip_filters" for warning in assessment.warnings) and not any(
        warning.code == "ip_allow_skips_filtering" for warning in assessment.warnings
    ):
        return "An IPv6 allow overrides the IP filters"
    return "While it lasts, an IP allow keeps filtering off" if longer else "An IP allow switches filtering off"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Words:
    """What the form calls what it is about."""

    title: str
    indicators: str
    end: str


_IP_WORDS = _Words(
    title="IP allow: read first",
    indicators="IP addresses. As few as possible, no ranges.",
    end="An IP allow always ends.",
)
_SPOOF_WORDS = _Words(
    title="Spoof allow: read first",
    indicators="Spoof pairs: the sender, a comma, the sending infrastructure. As narrow as possible, no *.",
    end="Such an allow always ends.",
)


def _is_spoof_alone(assessment: Assessment) -> bool:
    """Whether the warning is about spoof pairs and about no IP."""
    codes = {warning.code for warning in assessment.warnings}
    return bool(codes & GRAVE_SPOOF_ALLOWS) and not codes & _OF_IPS


_OF_IPS = frozenset({"ip_allow_skips_filtering", "ipv6_allow_overrides_ip_filters"})


def _warnings(assessment: Assessment) -> str:
    lines = [warning_line(warning) for warning in sorted(assessment.warnings, key=lambda warning: not warning.serious)]
    if not lines:
        lines = [":rotating_light: Mail from an allowed IP skips spam filtering, SPF, DKIM and DMARC."]
    return lines_that_fit(lines, limit=2_900)


def _better_ways(assessment: Assessment) -> str:
    lines = [f"{number}. {escaped(way) or '…'}" for number, way in enumerate(assessment.better_ways, start=1)]
    return lines_that_fit(lines, limit=2_800)


def _fields(prefill: FormInput, assessment: Assessment, now: datetime, words: _Words) -> list[InputBlock]:
    days = _days_on_offer(assessment.latest_expiry, now)
    ends = [f"{count}d" for count in days]
    end = _end_on_offer(prefill.end, days, now)
    tick = Option(value=form_fields.ACKNOWLEDGED, text=elements.plain_text(_TICK))
    ticked = [tick] if prefill.acknowledged else None
    return [
        form_fields.indicators_field(prefill.indicators, hint=words.indicators),
        form_fields.end_field(
            end,
            ends=ends,
            default=ends[0],
            action_id=_DAYS_ID,
            label="Ends after",
            hint=f"At most {plural(days[-1], 'day')}. {words.end}",
        ),
        form_fields.reason_field(prefill.reason),
        elements.field_input(
            block_id=form_fields.ACKNOWLEDGED,
            label="Confirm",
            element=CheckboxesElement(action_id=_tick_id(prefill.warned), options=[tick], initial_options=ticked),
        ),
    ]


def _days_on_offer(latest: datetime | None, now: datetime) -> list[int]:
    if latest is None:
        return list(_DAYS)
    limit = max(1, round((latest - now) / timedelta(days=1)))
    return sorted({days for days in _DAYS if days <= limit} | {limit})


def _end_on_offer(end: str, days: list[int], now: datetime) -> str:
    """What was given, in days, or the longest choice where that is too long. Empty when nothing was given."""
    if not end:
        return ""
    count = form_fields.days_in(end)
    if count is None:
        try:
            count = max(1, (date.fromisoformat(end) - now.astimezone(UTC).date()).days)
        except ValueError:
            return f"{days[-1]}d" if end == "never" else ""
    return f"{min(count, days[-1])}d"
