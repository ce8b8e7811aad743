"""What a proposal writes down: once for each delivery, with what others have under way, and whatever its size."""

from __future__ import annotations

import secrets
from dataclasses import replace

import pytest

from bot.domain.lists.change import Operation
from bot.domain.lists.entries import Snapshot
from bot.domain.lists.traits import Action, ListName, Plan
from bot.domain.reading.import_text import MOST_IMPORTED
from bot.domain.requests.evidence import Evidence
from bot.domain.requests.people import Person, Role
from bot.domain.requests.proposal import Proposal
from bot.domain.requests.request import Decision, SetAside, Status
from bot.errors import NotPermitted
from bot.store import AuditFilter
from bot.workflow.requesting.consider import consider
from bot.workflow.requesting.propose import FRESH_FOR
from bot.workflow.shared.job_kinds import JobKind
from bot.workflow.shared.rights import proposer
from tests.integration.workflow.conftest import Stage
from tests.support.deciding import decide_on, take_back
from tests.support.people import APPROVER, REQUESTER
from tests.support.proposing import drafted, propose_all

VISITOR = Person(user_id="U0VISITOR1", roles=frozenset({Role.AUDITOR}))

sqlite_only = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


def asked(
    stage: Stage, *values: str, action: Action = Action.BLOCK, acknowledged: bool = False, **rules: object
) -> tuple[Proposal, ...]:
    context = replace(stage.context, rules=replace(stage.context.rules, **rules))  # type: ignore[arg-type]
    return drafted(context, *values, action=action, end="5d", acknowledged=acknowledged)


async def logged(stage: Stage, kind: str) -> int:
    async with stage.context.store.read() as uow:
        return len(await uow.audit.page(filters=AuditFilter(kind=kind, limit=100)))


async def test_a_refusal_is_logged_once_for_each_delivery(stage: Stage) -> None:
    for _ in range(3):
        refused = await propose_all(
            stage.context, actor=REQUESTER, proposals=asked(stage, "co.uk"), delivery="the same"
        )
        assert refused.requests == ()
    assert await logged(stage, "request.refused") == 1
    for _ in range(3):
        with pytest.raises(NotPermitted):
            await propose_all(stage.context, actor=VISITOR, proposals=asked(stage, "evil.example"), delivery="another")
    assert await logged(stage, "access.refused") == 1


@sqlite_only
async def test_a_review_that_is_not_permitted_is_logged_once_for_each_delivery(stage: Stage) -> None:
    request = await stage.propose("evil.example")
    for _ in range(3):
        with pytest.raises(NotPermitted):
            await decide_on(stage.context, request, who=VISITOR, delivery="the same")
        with pytest.raises(NotPermitted):
            await take_back(stage.context, request.id, who=APPROVER, delivery="another")
    assert await logged(stage, "access.refused") == 2


@sqlite_only
async def test_nobody_is_said_to_be_warned_of_what_is_refused_anyway(stage: Stage) -> None:
    allowed = asked(stage, "203.0.113.7", action=Action.ALLOW)
    who = await proposer(stage.context, REQUESTER, delivery="the same")
    await consider(stage.context, actor=who, proposals=allowed)
    assert await logged(stage, "ip_allow.warned") == 1
    stage.standin.edit("Set-HostedConnectionFilterPolicy", {"Identity": "Default", "IPAllowList": ["203.0.113.7"]})
    await stage.snapshot()
    considered = await consider(stage.context, actor=who, proposals=allowed)
    assert [refusal.code for refusal in considered.refusals if refusal.indicator] == ["exists"]
    assert await logged(stage, "ip_allow.warned") == 1


async def test_open_requests_that_name_the_same_are_told_of(stage: Stage) -> None:
    first = await stage.propose("evil.example", "worse.example")
    second = await stage.propose("worse.example", "worst.example")
    assert [warning.code for warning in second.warnings if warning.code.startswith("pending")] == ["pending_same"]
    assert f"#{first.id}" in "".join(warning.text for warning in second.warnings)
    await stage.decide(first, Decision.DENY)
    third = await stage.propose("evil.example")
    assert not [warning for warning in third.warnings if warning.code.startswith("pending")]


async def test_an_imports_lines_and_what_was_set_aside_are_kept(stage: Stage) -> None:
    aside = SetAside(line=2, typed="nonsense", code="unreadable", reason="That is no indicator.")
    made = await propose_all(
        stage.context,
        actor=REQUESTER,
        proposals=asked(stage, "evil.example", "worse.example"),
        delivery="imported",
        lines={ListName.SENDER: {"evil.example": 1, "worse.example": 3}},
        set_aside={ListName.SENDER: (aside,)},
    )
    [request] = made.requests
    request = await stage.request(request)
    assert [item.line for item in request.items] == [1, 3]
    assert request.set_aside == 1
    async with stage.context.store.read() as uow:
        assert await uow.requests.set_aside(request.id) == [aside]


@sqlite_only
@pytest.mark.parametrize("how", ["denied", "withdrawn", "lapsed"])
async def test_what_came_to_nothing_keeps_no_mail(stage: Stage, how: str) -> None:
    evidence = Evidence(recipient="somebody@contoso.example", file_name="message.eml")
    stage.context = replace(stage.context, rules=replace(stage.context.rules, submissions=True))
    [proposal] = asked(stage, "evil.example", action=Action.ALLOW, submissions=True)
    assert proposal.operation is Operation.SUBMIT
    made = await propose_all(
        stage.context, actor=REQUESTER, proposals=[replace(proposal, evidence=evidence)], delivery="submitted"
    )
    [request] = made.requests
    assert (await stage.request(request)).evidence == evidence
    async with stage.context.store.write() as uow:
        await uow.attachments.put(request.id, "message.eml", b"From: somebody")
    if how == "denied":
        await stage.decide(request, Decision.DENY)
    elif how == "withdrawn":
        await take_back(stage.context, request.id)
    else:
        async with stage.context.store.write() as uow:
            jobs = await uow.jobs.claim("by hand", request.lapses_at, 30, 50)
        [job] = [job for job in jobs if job.kind == JobKind.LAPSE]
        await stage.jobs.do(job)
    assert (await stage.request(request)).status is Status(how)
    async with stage.context.store.read() as uow:
        assert await uow.attachments.get(request.id) is None


@sqlite_only
async def test_ten_thousand_are_proposed_and_approved(stage: Stage) -> None:
    """How long that takes is measured by `python -m tests.bench.bulk`."""
    stage.context = replace(stage.context, rules=replace(stage.context.rules, plan=Plan.PLAN2))
    await stage.snapshot()
    proposals = asked(stage, *(f"bad{number}.example" for number in range(MOST_IMPORTED)), plan=Plan.PLAN2)
    made = await propose_all(stage.context, actor=REQUESTER, proposals=proposals, delivery="large", most=MOST_IMPORTED)
    [request] = made.requests
    decided = await stage.decide(request)
    assert (decided.status, decided.total) == (Status.APPROVED, MOST_IMPORTED)
    [proposed] = [event for event in await stage.events(request) if event.kind == "request.proposed"]
    assert (len(proposed.payload["items"]), proposed.payload["count"]) == (100, MOST_IMPORTED)  # type: ignore[arg-type]


async def test_a_repetition_gives_the_same_answer(stage: Stage) -> None:
    delivery = secrets.token_hex(8)
    first = await propose_all(stage.context, actor=REQUESTER, proposals=asked(stage, "evil.example"), delivery=delivery)
    again = await propose_all(stage.context, actor=REQUESTER, proposals=asked(stage, "evil.example"), delivery=delivery)
    assert [request.id for request in again.requests] == [request.id for request in first.requests]


def reads(stage: Stage) -> int:
    return sum(str(call["cmdlet"]).startswith("Get-") for call in stage.standin.calls())


@sqlite_only
async def test_two_proposals_in_a_row_have_the_tenant_read_once(stage: Stage) -> None:
    await stage.propose("evil.example")
    await stage.run()
    whole = reads(stage)
    assert whole > 0, "nothing was known of the lists"
    await stage.propose("worse.example")
    await stage.propose("203.0.113.7")
    await stage.run()
    assert reads(stage) == whole
    stage.clock.advance(seconds=FRESH_FOR.total_seconds())
    await stage.propose("worst.example")
    await stage.run()
    assert reads(stage) == whole
    stage.clock.advance(seconds=1)
    await stage.propose("the-worst.example")
    await stage.run()
    assert reads(stage) == 2 * whole


@sqlite_only
async def test_a_list_that_could_not_be_read_is_read_again_for_whoever_decides(stage: Stage) -> None:
    await stage.snapshot()
    unread = Snapshot(as_of=stage.clock(), unreadable={ListName.SENDER: "The service was too slow."})
    async with stage.context.store.write() as uow:
        await uow.snapshots.save(unread)
    whole = reads(stage)
    await stage.propose("203.0.113.7")
    await stage.run()
    assert reads(stage) == whole
    await stage.propose("evil.example")
    await stage.run()
    assert reads(stage) > whole


@sqlite_only
async def test_what_was_asked_for_at_once_is_one_proposal(stage: Stage) -> None:
    made = await propose_all(stage.context, actor=REQUESTER, proposals=asked(stage, "evil.example", "203.0.113.7"))
    first, second = made.requests
    assert (first.part_of, second.part_of) == (None, first.id)
    assert first.version == second.version == (await stage.request(first)).version
    alone = await propose_all(stage.context, actor=REQUESTER, proposals=asked(stage, "other.example"))
    assert alone.requests[0].part_of is None
