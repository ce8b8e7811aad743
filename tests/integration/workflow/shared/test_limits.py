"""How much one person may have waiting: one more is refused in words that say what to do, and logged."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from bot.domain.auditing.events import EventKind
from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action
from bot.errors import InvalidInput
from bot.slack.jobs.evidence_fetcher import queue_evidence
from bot.slack.jobs.import_reader import queue_import
from bot.slack.modals.form_input import FormInput
from bot.slack.modals.import_form import ImportInput
from bot.slack.modals.submission_form import SubmissionInput
from bot.store import AuditFilter, Store
from bot.workflow.asking.check import check
from bot.workflow.requesting.consider import consider
from bot.workflow.requesting.propose import propose
from bot.workflow.shared.context import Context, Limits
from bot.workflow.shared.job_kinds import JobKind
from bot.workflow.shared.rights import proposer
from tests.integration.workflow.conftest import Stage
from tests.support.people import APPROVER, REQUESTER
from tests.support.proposing import drafted


@pytest.fixture
async def context(stage: Stage) -> Context:
    return replace(stage.context, limits=Limits(imports=2, checks=2, open_requests=2))


async def refused(store: Store) -> list[tuple[str, object]]:
    async with store.read() as uow:
        events = await uow.audit.page(filters=AuditFilter(kind=EventKind.ACCESS_REFUSED, limit=100))
    return [(event.target, event.payload["most"]) for event in events]


async def test_imports(context: Context) -> None:
    given = ImportInput(operation=Operation.ADD, action=Action.BLOCK, text="evil.example", end="30d", reason="Phishing")
    who = await proposer(context, REQUESTER, delivery="who")
    for number in range(2):
        await queue_import(context, given, actor=who, delivery=f"import {number}")
    await queue_import(context, given, actor=who, delivery="import 1")  # delivered again, it is the same one
    for _ in range(2):
        with pytest.raises(
            InvalidInput, match=r"One person may have 2 imports that wait to be read or requested\. You have 2"
        ) as caught:
            await queue_import(context, given, actor=who, delivery="one more")
    assert "Wait until one of them is done" in caught.value.remedy
    assert await refused(context.store) == [("imports", 2)]
    await queue_import(context, given, actor=await proposer(context, APPROVER, delivery="other"), delivery="another")


async def test_files_of_submissions(context: Context) -> None:
    form = FormInput(operation=Operation.SUBMIT, action=Action.ALLOW, indicators="evil.example", end="7d")
    given = SubmissionInput(form=form, file={"id": "F0"})
    who = await proposer(context, REQUESTER, delivery="who")
    for number in range(2):
        await queue_evidence(context, given, actor=who, delivery=f"file {number}")
    await queue_evidence(context, given, actor=who, delivery="file 1")  # delivered again, it is the same one
    with pytest.raises(InvalidInput, match=r"One person may have 2 requests that wait for approval\. You have 2"):
        await queue_evidence(context, given, actor=who, delivery="one more")
    assert await refused(context.store) == [("open requests", 2)]


async def test_live_checks(context: Context) -> None:
    [indicator] = drafted(context, "evil.example")[0].indicators

    async def ask(number: int, *, live: bool = True) -> None:
        await check(
            context, actor=REQUESTER, indicators=[indicator], delivery=f"check {number}", response_url="", live=live
        )

    await ask(1)
    await ask(2, live=False)
    await ask(2, live=False)  # delivered again, it is the same one
    with pytest.raises(InvalidInput, match="2 checks for which the tenant has still to be read"):
        await ask(3)
    assert await refused(context.store) == [("live checks", 2)]
    async with context.store.read() as uow:
        assert [job.person for job in await uow.jobs.waiting(kind=JobKind.CHECK)] == [REQUESTER.user_id] * 2


async def test_open_requests(context: Context) -> None:
    who = await proposer(context, REQUESTER, delivery="who")

    async def want(delivery: str, *values: str) -> int:
        considered = await consider(context, actor=who, proposals=drafted(context, *values))
        return len((await propose(context, considered, delivery=delivery)).requests)

    assert await want("first", "evil.example") == 1
    assert await want("second", "worse.example", "203.0.113.7") == 2, "of two lists, it is one that waits"
    with pytest.raises(InvalidInput, match="withdraw what is no longer needed"):
        await want("third", "worst.example")
    assert await want("second", "worse.example", "203.0.113.7") == 2, "delivered again, it is told again"
    assert await refused(context.store) == [("open requests", 2)]


async def sent_at_once(send: Callable[[str], Awaitable[object]]) -> int:
    """How many of six that one person sends at the same moment are taken; the others are refused."""
    answers = await asyncio.gather(*(send(f"at once {number}") for number in range(6)), return_exceptions=True)
    refusals = [answer for answer in answers if isinstance(answer, BaseException)]
    assert all(isinstance(answer, InvalidInput) for answer in refusals), refusals
    return len(answers) - len(refusals)


async def test_imports_that_come_at_the_same_moment(context: Context) -> None:
    given = ImportInput(operation=Operation.ADD, action=Action.BLOCK, text="evil.example", end="30d", reason="Phishing")
    who = await proposer(context, REQUESTER, delivery="who")
    assert await sent_at_once(lambda delivery: queue_import(context, given, actor=who, delivery=delivery)) == 2
    assert await refused(context.store) == [("imports", 2)] * 4


async def test_live_checks_that_come_at_the_same_moment(context: Context) -> None:
    [indicator] = drafted(context, "evil.example")[0].indicators

    async def ask(delivery: str) -> None:
        await check(context, actor=REQUESTER, indicators=[indicator], delivery=delivery, response_url="", live=True)

    assert await sent_at_once(ask) == 2
    assert await refused(context.store) == [("live checks", 2)] * 4


async def test_requests_that_come_at_the_same_moment(context: Context) -> None:
    who = await proposer(context, REQUESTER, delivery="who")
    considered = await consider(context, actor=who, proposals=drafted(context, "evil.example"))
    assert await sent_at_once(lambda delivery: propose(context, considered, delivery=delivery)) == 2
    async with context.store.read() as uow:
        assert await uow.requests.count_pending(REQUESTER.user_id) == 2
