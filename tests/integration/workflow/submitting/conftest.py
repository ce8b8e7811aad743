"""Portcullis files submissions between both stand-ins, with a clock that the test moves."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

import pytest

from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action
from bot.domain.requests.evidence import Evidence
from bot.domain.requests.request import Request
from bot.playground.tenant import Fault, Known, SubmissionItem
from bot.playground.tenant.faults import FaultKind
from bot.tenant.submission_service import SubmissionService
from tests.integration.workflow.conftest import Stage
from tests.support.jobs import Jobs
from tests.support.people import REQUESTER
from tests.support.proposing import drafted, propose_all
from tests.support.stand_ins import access_to

RECIPIENT = "user@contoso.example"
MESSAGE_URL = f"https://graph.microsoft.com/v1.0/users/{RECIPIENT}/messages/AAMkAGI2"
BY_ADDRESS = Evidence(recipient=RECIPIENT, message_url=MESSAGE_URL)
BY_FILE = Evidence(recipient=RECIPIENT, file_name="blocked.eml")
SENDER = "billing@fabrikam.example"
MESSAGE = (
    b"Received: from mail.fabrikam.example\r\n"
    b"Message-ID: <0042@fabrikam.example>\r\n"
    b"From: Billing <billing@fabrikam.example>\r\n"
    b"To: user@contoso.example\r\n"
    b"Subject: Your invoice\r\n\r\nHere it is.\r\n"
)
POST, GET = "post-emailThreats", "get-emailThreats"


@dataclass
class Submitting:
    """A stage on which Portcullis files submissions."""

    stage: Stage

    async def approved(
        self, *values: str, evidence: Evidence | None = BY_ADDRESS, content: bytes | None = None, end: str = "30d"
    ) -> Request:
        stage = self.stage
        proposals = drafted(
            stage.context,
            *values,
            operation=Operation.SUBMIT,
            action=Action.ALLOW,
            end=end,
            evidence=evidence,
        )
        made = await propose_all(stage.context, actor=REQUESTER, proposals=proposals)
        [request] = made.requests
        if content is not None:
            async with stage.context.store.write() as uow:
                await uow.attachments.put(request.id, evidence.file_name if evidence else "", content)
        return await stage.decide(request)

    async def run(self) -> None:
        await self.stage.run()

    async def later(self, **by: float) -> None:
        self.stage.clock.advance(**by)
        await self.stage.run()

    async def has_file(self, request: Request) -> bool:
        async with self.stage.context.store.read() as uow:
            return await uow.attachments.get(request.id) is not None

    async def filed(self, request: Request) -> list[str]:
        async with self.stage.context.store.read() as uow:
            return [filed.status for filed in await uow.submissions.of_request(request.id)]

    def posts(self, name: str = POST) -> list[dict[str, object]]:
        return [call for call in self.stage.standin.calls() if call["cmdlet"] == name]

    def fault(self, kind: FaultKind, name: str = POST, *, times: int = 1) -> None:
        self.stage.standin.arm(Fault(kind=kind, cmdlet=name, times=times))


@pytest.fixture
async def submitting(stage: Stage) -> AsyncIterator[Submitting]:
    submissions = SubmissionService(access_to(stage.playground.environment()), now=stage.clock)
    rules = replace(stage.context.rules, submissions=True)
    stage.context = replace(stage.context, submissions=submissions, rules=rules)
    stage.jobs = Jobs(stage.context, stage.playground)
    stage.standin.know(
        Known(
            name=MESSAGE_URL,
            sender=SENDER,
            subject="Your invoice",
            blocked_by=(
                SubmissionItem(list_type="Sender", value=SENDER),
                SubmissionItem(list_type="Url", value="fabrikam.example/pay"),
            ),
        )
    )
    yield Submitting(stage)
    await submissions.close()
