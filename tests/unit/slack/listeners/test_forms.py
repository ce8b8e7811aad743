"""Which form opens for what a proposal still lacks."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.domain.indicators.reader import read
from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action, ListName
from bot.domain.policies.case import Assessment, Field, Refusal
from bot.domain.requests.evidence import Evidence
from bot.domain.requests.people import Person
from bot.domain.requests.proposal import Proposal
from bot.slack.listeners.forms import form_for, special_form_for
from bot.slack.modals.form_input import FormInput
from bot.workflow.requesting.consider import Considered, JudgedProposal
from bot.workflow.shared.rights import Proposer

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
GIVEN = FormInput(operation=Operation.ADD, action=Action.ALLOW, indicators="evil.example", end="7d", reason="Partner")
EVIDENCE = Refusal(code="evidence_missing", text="Microsoft needs it.", remedy="Upload it.", field=Field.EVIDENCE)
REASON = Refusal(code="reason", text="No reason.", remedy="Say why.", field=Field.REASON)
LISTED = Refusal(code="other_action", text="You blocked it.", remedy="Remove it.", indicator="evil.example")
TICK = Refusal(code="tick", text="Not ticked.", remedy="Tick.", field=Field.ACKNOWLEDGED)


def judged(
    *refusals: Refusal,
    operation: Operation = Operation.SUBMIT,
    name: ListName = ListName.SENDER,
    evidence: Evidence | None = None,
) -> JudgedProposal:
    typed = "203.0.113.7" if name is ListName.CONNECTION_FILTER else "evil.example"
    return JudgedProposal(
        proposal=Proposal(
            operation=operation,
            action=Action.ALLOW,
            list=name,
            indicators=(read(typed),),
            reason="Partner",
            expires=NOW,
            evidence=evidence,
        ),
        assessment=Assessment(refusals=refusals, needs_acknowledgement=TICK in refusals),
    )


@pytest.mark.parametrize(
    ("what", "callback_id"),
    [
        ([judged(EVIDENCE)], "submission_form"),
        ([judged(EVIDENCE, REASON)], "submission_form"),
        ([judged(EVIDENCE), judged(name=ListName.URL)], "submission_form"),
        ([judged(name=ListName.URL)], "submission_form"),
        ([judged(REASON, name=ListName.URL)], "submission_form"),
        ([judged(LISTED, name=ListName.URL)], None),
        ([judged(name=ListName.URL, evidence=Evidence(file_name="blocked.eml"))], None),
        ([judged(name=ListName.URL, operation=Operation.ADD)], None),
        ([judged(EVIDENCE, LISTED)], None),
        ([judged(LISTED)], None),
        ([judged()], None),
        ([judged(EVIDENCE), judged(TICK, operation=Operation.ADD, name=ListName.CONNECTION_FILTER)], None),
        ([judged(TICK, operation=Operation.ADD, name=ListName.CONNECTION_FILTER)], "ip_allow_form"),
        ([judged(TICK, operation=Operation.EXTEND, name=ListName.CONNECTION_FILTER)], "ip_allow_form"),
        ([judged(REASON, operation=Operation.EXTEND)], "proposal_form"),
    ],
)
def test_the_form_that_asks_for_what_is_lacking(what: list[JudgedProposal], callback_id: str | None) -> None:
    considered = Considered(actor=Proposer(Person(user_id="U0REQUEST1")), judged=tuple(what))
    form = form_for(GIVEN, considered, now=NOW)
    assert (None if form is None else form.to_dict()["callback_id"]) == callback_id
    special = special_form_for(GIVEN, considered, now=NOW)
    expected = None if callback_id == "proposal_form" else callback_id
    assert (None if special is None else special.to_dict()["callback_id"]) == expected
