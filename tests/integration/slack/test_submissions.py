"""The form of a submission, and the job that fetches its file: what becomes a request, and what is told instead."""

from __future__ import annotations

import json
import secrets
from collections.abc import AsyncIterator
from dataclasses import asdict
from hashlib import sha256
from typing import Any

import pytest

from bot.domain.lists.change import Operation
from bot.domain.lists.traits import ListName
from bot.domain.policies.case import Rules
from bot.domain.requests.evidence import Evidence, MessageHeld
from bot.domain.requests.request import Request
from bot.errors import StoreError
from bot.playground.slack.faults import Fault
from bot.playground.slack.file_transfer import DOWNLOAD
from bot.slack.block_kit.ids import CallbackId
from bot.slack.jobs.evidence_fetcher import FETCH_EVIDENCE, EvidencePayload
from bot.slack.modals import submission_form
from bot.slack.modals.submission_form import SubmissionInput
from bot.store import AuditFilter, Store
from bot.store.attachments import Attachments
from bot.tenant.calling.graph import MOST_CONTENT
from bot.workflow.shared.job_kinds import JobKind
from bot.workflow.shared.jobs import enqueue
from tests.integration.counted import Counted
from tests.integration.databases import Clock
from tests.integration.slack.harness import REQUESTER, VISITOR, Bot
from tests.integration.slack.stage import SlackStage, open_stage
from tests.support.jobs import nothing
from tests.support.requests_made import newest_requests

RECIPIENT = "user@contoso.example"
MESSAGE_URL = f"https://graph.microsoft.com/v1.0/users/{RECIPIENT}/messages/AAMkAGI2"
SENDER = "billing@fabrikam.example"
MESSAGE = (
    b"Received: from mail.fabrikam.example\r\nMessage-ID: <0042@fabrikam.example>\r\n"
    b"From: billing@fabrikam.example\r\nSubject: Your invoice\r\n\r\nHere it is.\r\n"
)
FILE = {"id": "F0MESSAGE", "name": "blocked.eml", "size": 200, "url_private_download": "https://files.slack.com/f"}


@pytest.fixture
def submitting(bot: Bot) -> Bot:
    """A bot that files submissions."""
    object.__setattr__(bot.context, "rules", Rules(submissions=True))
    return bot


def form(
    indicators: str = SENDER,
    *,
    recipient: str = RECIPIENT,
    message_url: str = MESSAGE_URL,
    file: dict[str, Any] | None = None,
    end: str = "7d",
    reason: str = "Invoices of a supplier",
) -> dict[str, Any]:
    """The form as it is submitted."""
    values: dict[str, Any] = {
        "indicators": {"value": {"value": indicators}},
        "recipient": {"value": {"value": recipient}},
        "message_url": {"value": {"value": message_url or None}},
        "file": {"value": {"files": [file] if file else []}},
        "end": {"value": {"selected_option": {"value": end}}},
        "end_date": {"value": {"selected_date": None}},
        "reason": {"value": {"value": reason}},
    }
    return {
        "id": "V1",
        "type": "modal",
        "callback_id": CallbackId.SUBMISSION,
        "private_metadata": json.dumps({"operation": "add", "action": "allow"}),
        "state": {"values": values},
    }


async def requests(store: Store) -> list[Request]:
    async with store.read() as uow:
        return await newest_requests(uow)


async def errors(bot: Bot, submitted: dict[str, Any]) -> dict[str, str]:
    answer = (await bot.submit(submitted)).json()
    assert answer["response_action"] == "errors", answer
    assert await requests(bot.store) == []
    found: dict[str, str] = answer["errors"]
    return found


async def test_allow_of_a_sender_opens_the_form_with_what_was_given(submitting: Bot) -> None:
    answer = await submitting.command("/allow", f"{SENDER} 7d Invoices of a supplier")

    assert answer.status_code == 200
    [opened] = [json.loads(body) for method, _, body in submitting.slack.asked if method == "views.open"]
    view = opened["view"]
    said = json.dumps(view, ensure_ascii=False)
    assert view["callback_id"] == CallbackId.SUBMISSION
    assert SENDER in said
    assert "Invoices of a supplier" in said
    assert "https://security.microsoft.com/reportsubmission" in said


async def test_allow_of_a_url_asks_for_the_message_once_and_goes_without(submitting: Bot) -> None:
    await submitting.command("/allow", "https://fabrikam.example/pay 7d Invoices of a supplier")

    [opened] = [json.loads(body) for method, _, body in submitting.slack.asked if method == "views.open"]
    assert opened["view"]["callback_id"] == CallbackId.SUBMISSION
    assert await requests(submitting.store) == []
    answer = await submitting.submit(form("https://fabrikam.example/pay", recipient="", message_url=""))
    assert answer.text == ""
    [request] = await requests(submitting.store)
    assert (request.operation, request.list, request.evidence) == (Operation.SUBMIT, ListName.URL, None)


@pytest.mark.parametrize("file", [None, FILE], ids=["without a file", "with a file"])
async def test_a_submission_is_judged_once_and_so_is_the_right_to_it(
    submitting: Bot, counted: Counted, file: dict[str, Any] | None
) -> None:
    answer = await submitting.submit(form(file=file, message_url="" if file else MESSAGE_URL))
    assert answer.text == ""
    assert (counted.judged, counted.checked) == (1, 1)


async def test_so_is_what_its_file_becomes(stage: Stage, counted: Counted) -> None:
    """The file is fetched later: people may have other roles by then, and the lists other entries."""
    await stage.give(MESSAGE)
    await stage.run()
    assert len(await requests(stage.context.store)) == 1
    assert (counted.judged, counted.checked) == (1, 1)


async def test_a_message_by_its_address_becomes_a_request_with_its_evidence(submitting: Bot) -> None:
    answer = await submitting.submit(form())

    assert answer.text == ""
    [request] = await requests(submitting.store)
    assert (request.operation, request.list) == (Operation.SUBMIT, ListName.SENDER)
    assert request.evidence == Evidence(recipient=RECIPIENT, message_url=MESSAGE_URL)
    assert request.expires is not None
    assert round((request.expires - request.created_at).total_seconds() / 86_400) == 7


async def test_a_url_needs_no_message(submitting: Bot) -> None:
    await submitting.submit(form("https://fabrikam.example/pay", recipient="", message_url=""))

    [request] = await requests(submitting.store)
    assert (request.list, request.evidence) == (ListName.URL, None)


async def test_delivered_twice_it_is_one_request(submitting: Bot) -> None:
    for _ in range(2):
        answer = await submitting.submit(form(), trigger_id="the same")
        assert answer.text == ""
    assert len(await requests(submitting.store)) == 1


async def test_a_form_with_a_file_waits_for_the_file(submitting: Bot) -> None:
    for _ in range(2):
        answer = await submitting.submit(form(message_url="", file=FILE), trigger_id="the same")
        assert answer.text == ""

    assert await requests(submitting.store) == []
    [job] = [job for job in await submitting.jobs() if job.kind == FETCH_EVIDENCE]
    assert job.payload["file"] == FILE
    assert (job.payload["user"], job.payload["indicators"]) == (REQUESTER, SENDER)


@pytest.mark.parametrize(
    ("submitted", "place", "text"),
    [
        (form(message_url=""), "file", "Microsoft needs to see"),
        (form(recipient=""), "file", "who was to get it"),
        (form(recipient="nobody"), "file", "no address"),
        (form(message_url="https://outlook.office.com/mail/id/1"), "file", "Microsoft Graph"),
        (form(message_url="https://graph.microsoft.com.evil.example/v1.0/users/a/messages/b"), "file", "Graph"),
        (form(file=FILE), "file", "in one way"),
        (form(message_url="", recipient="", file=FILE), "file", "needs its recipient"),
        (form(message_url="", file={**FILE, "size": MOST_CONTENT + 1}), "file", "larger than"),
        (form("203.0.113.7"), "indicators", "Nothing is submitted for"),
        (form(f"{SENDER}\nhttps://fabrikam.example/pay"), "indicators", "one sort after the other"),
        (form(""), "indicators", "No indicator"),
        (form("what is this"), "indicators", ""),
        (form(end="90d"), "end", "30 days"),
        (form(reason=""), "reason", "reason"),
    ],
)
async def test_what_can_not_be_submitted_is_told_at_its_field(
    submitting: Bot, submitted: dict[str, Any], place: str, text: str
) -> None:
    found = await errors(submitting, submitted)
    assert list(found) == [place]
    assert text in found[place]


async def test_with_submissions_off_the_form_says_how_by_hand(bot: Bot) -> None:
    found = await errors(bot, form())
    assert "https://security.microsoft.com/reportsubmission" in found["indicators"]


async def test_who_may_not_propose_leaves_neither_a_request_nor_a_job(submitting: Bot) -> None:
    for submitted in (form(), form(message_url="", file=FILE)):
        answer = (await submitting.submit(submitted, who=VISITOR)).json()
        assert answer["response_action"] == "update"
    assert await requests(submitting.store) == []
    assert not any(job.kind == FETCH_EVIDENCE for job in await submitting.jobs())


async def test_a_form_in_an_odd_shape_is_refused(submitting: Bot) -> None:
    odd = form()
    odd["state"]["values"]["file"]["value"] = {"files": [7]}
    answer = (await submitting.submit(odd)).json()
    assert answer["response_action"] == "update"


class Stage(SlackStage):
    """The job between a real store and the stand-in for Slack."""

    async def give(
        self,
        content: bytes,
        indicators: str = SENDER,
        *,
        name: str = "blocked.eml",
        recipient: str = RECIPIENT,
        who: str = REQUESTER,
        delivery: str = "",
    ) -> str:
        given = SubmissionInput(
            form=submission_form.parse(form(indicators)).form,
            recipient=recipient,
            file=self.given_file(content, name, who=who),
        )
        delivery = delivery or secrets.token_hex(8)
        async with self.context.store.write() as uow:
            await enqueue(uow, FETCH_EVIDENCE, EvidencePayload.of(given, user=who, delivery=delivery))
        return delivery

    async def kept(self, request: Request) -> tuple[str, bytes] | None:
        async with self.context.store.read() as uow:
            return await uow.attachments.get(request.id)

    def told(self, who: str = REQUESTER) -> str:
        return "\n".join(message.text for message in self.direct(who))


@pytest.fixture
async def stage(store: Store, clock: Clock) -> AsyncIterator[Stage]:
    # Cards and snapshots are not what these tests are about.
    instead = {JobKind.NOTIFY: nothing, JobKind.WATCH: nothing}
    rules = Rules(submissions=True)
    async with open_stage(Stage, store, clock, rules=rules, instead=instead, max_attempts=3) as opened:
        yield opened


async def test_the_file_is_kept_with_the_request_that_it_makes(stage: Stage) -> None:
    await stage.give(MESSAGE)
    await stage.run()

    [request] = await requests(stage.context.store)
    assert request.evidence == Evidence(
        recipient=RECIPIENT,
        file_name="blocked.eml",
        sha256=sha256(MESSAGE).hexdigest(),
        size=len(MESSAGE),
        message=MessageHeld(
            senders=(SENDER,), written_from=SENDER, subject="Your invoice", message_id="0042@fabrikam.example"
        ),
    )
    assert not any(warning.serious for warning in request.warnings)
    assert await stage.kept(request) == ("blocked.eml", MESSAGE)
    assert f"#{request.id}" in stage.told()


async def test_a_message_of_another_sender_is_a_serious_warning_and_stands_in_the_log(stage: Stage) -> None:
    await stage.give(MESSAGE, "northwind.example")
    await stage.run()

    [request] = await requests(stage.context.store)
    [warning] = [warning for warning in request.warnings if warning.serious]
    assert warning.code == "submission_other_sender"
    async with stage.context.store.read() as uow:
        [event] = await uow.audit.page(filters=AuditFilter(request_id=request.id))
    assert event.payload["serious"] == [warning.text]
    assert event.payload["evidence"] == json.loads(json.dumps(asdict(request.evidence)))


async def test_a_file_is_known_by_its_hash(stage: Stage) -> None:
    content = b"%PDF-1.7 a price list"
    await stage.give(content, sha256(content).hexdigest(), name="prices.pdf", recipient="")
    await stage.run()

    [request] = await requests(stage.context.store)
    assert (request.list, await stage.kept(request)) == (ListName.FILE, ("prices.pdf", content))


@pytest.mark.parametrize(
    ("content", "indicators", "recipient", "text"),
    [
        (b"%PDF-1.7 no message", SENDER, RECIPIENT, "The file is no message."),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 Outlook's own", SENDER, RECIPIENT, "Save the message as .eml"),
        (b"%PDF-1.7 another", "ab" * 32, RECIPIENT, "its SHA-256 is"),
        (MESSAGE, "ab" * 32, "", "needs its recipient"),
    ],
)
async def test_a_file_that_microsoft_would_not_take_makes_no_request(
    stage: Stage, content: bytes, indicators: str, recipient: str, text: str
) -> None:
    await stage.give(content, indicators, recipient=recipient, name="file.bin")
    await stage.run()

    assert await requests(stage.context.store) == []
    assert text in stage.told()
    assert stage.jobs.dead == []


async def test_run_again_after_a_crash_it_makes_nothing_twice(stage: Stage) -> None:
    delivery = await stage.give(MESSAGE)
    await stage.run()
    await stage.give(MESSAGE, delivery=delivery)
    await stage.run()

    assert len(await requests(stage.context.store)) == 1


async def test_a_file_that_slack_is_slow_with_is_fetched_later(stage: Stage) -> None:
    stage.playground.slack.state.faults.add("files.info", Fault(error="ratelimited", times=1, retry_after=0))
    state = stage.playground.slack.state
    kept = state.files.keep(name="blocked.eml", content=MESSAGE, user=REQUESTER, at=0)
    given = SubmissionInput(
        form=submission_form.parse(form()).form, recipient=RECIPIENT, file={"id": kept.id, "name": "blocked.eml"}
    )
    async with stage.context.store.write() as uow:
        await enqueue(uow, FETCH_EVIDENCE, EvidencePayload.of(given, user=REQUESTER, delivery="slow"))
    await stage.run()
    before = await requests(stage.context.store)
    await stage.later(30)

    assert before == []
    assert len(await requests(stage.context.store)) == 1


async def test_a_file_that_never_comes_is_told_in_the_end(stage: Stage) -> None:
    stage.playground.slack.state.faults.add("files.info", Fault(error="ratelimited", times=100, retry_after=0))
    given = SubmissionInput(form=submission_form.parse(form()).form, recipient=RECIPIENT, file={"id": "F0GONE"})
    async with stage.context.store.write() as uow:
        await enqueue(uow, FETCH_EVIDENCE, EvidencePayload.of(given, user=REQUESTER, delivery="never"))
    for _ in range(4):
        await stage.later(600)

    assert len(stage.jobs.dead) == 1
    assert "could not be fetched" in stage.told()


async def test_given_up_after_it_was_requested_it_is_not_said_that_nothing_was(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(*_: object) -> None:
        raise StoreError("The disk is full.")

    monkeypatch.setattr(Attachments, "put", full)
    await stage.give(MESSAGE)
    for _ in range(4):
        await stage.later(600)

    [request] = await requests(stage.context.store)
    assert len(stage.jobs.dead) == 1
    assert f"#{request.id}" in stage.told()
    assert "nothing was requested" not in stage.told()


async def test_refused_after_it_was_requested_it_is_not_said_that_nothing_was(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process ended between the request and the file, and by the next attempt Slack has the file no longer."""
    put = Attachments.put

    async def cut(*_: object) -> None:
        raise StoreError("The database is away.")

    monkeypatch.setattr(Attachments, "put", cut)
    await stage.give(MESSAGE)
    await stage.run()
    monkeypatch.setattr(Attachments, "put", put)
    stage.fault("files.info", "file_not_found", times=100)
    stage.fault(DOWNLOAD, "http_404", times=100)
    await stage.later(60)

    [request] = await requests(stage.context.store)
    assert f"was requested (#{request.id}), but its file could not be kept" in stage.told()


async def test_who_lost_the_role_in_the_meantime_makes_no_request(stage: Stage) -> None:
    await stage.give(MESSAGE, who=VISITOR)
    await stage.run()

    assert await requests(stage.context.store) == []
    assert stage.told(VISITOR) != ""
