"""Submissions over real HTTP: against the strict stand-in, and against answers that no well-behaved service gives."""

from __future__ import annotations

import asyncio
import secrets
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.domain.lists.traits import ListName
from bot.domain.submissions.submission import FiledStatus, Submission, SubmissionKind
from bot.errors import (
    IncompleteAnswer,
    OutcomeUnknown,
    PermissionMissing,
    SignInFailed,
    TenantError,
    TenantUnavailable,
    Throttled,
    ValueRefused,
)
from bot.playground.tenant import Fault, Known, Roles, SubmissionItem, TenantStandIn
from bot.playground.tenant.faults import FaultKind
from bot.tenant.access import Patience, TenantAccess
from bot.tenant.calling.graph import MOST_CONTENT, Graph
from bot.tenant.submission_service import SubmissionService
from tests.integration.tenant.conftest import QUICK, SettingsFor
from tests.integration.tenant.scripted import CLIENT_ID, TENANT_ID, serving_app
from tests.support.stand_ins import access_to

RECIPIENT = "user@contoso.example"
MESSAGE_URL = f"https://graph.microsoft.com/v1.0/users/{RECIPIENT}/messages/AAMkAGI2"
NOW = datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)
EMAIL = Submission(
    kind=SubmissionKind.EMAIL,
    note="Portcullis request 7",
    expires=datetime.now(UTC) + timedelta(days=7),
    recipient=RECIPIENT,
    message_url=MESSAGE_URL,
)
URL = Submission(kind=SubmissionKind.URL, note=EMAIL.note, expires=EMAIL.expires, url="fabrikam.example/pay?id=1")
MESSAGE = (
    b"Received: from mail.fabrikam.example\r\nMessage-ID: <0042@fabrikam.example>\r\n"
    b"From: billing@fabrikam.example\r\nSubject: Your invoice\r\n\r\nHere it is.\r\n"
)


@dataclass(frozen=True)
class Stage:
    standin: TenantStandIn
    submissions: SubmissionService

    def fault(self, kind: FaultKind, name: str, *, times: int = 1) -> None:
        self.standin.arm(Fault(kind=kind, cmdlet=name, times=times))

    def called(self, name: str) -> int:
        return sum(call["cmdlet"] == name for call in self.standin.calls())


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    standin = TenantStandIn(tenant_id=TENANT_ID, client_id=CLIENT_ID, client_secret=secrets.token_hex(16))
    standin.know(
        Known(
            name=MESSAGE_URL,
            sender="billing@fabrikam.example",
            blocked_by=(SubmissionItem(list_type="Sender", value="billing@fabrikam.example"),),
        )
    )
    async with serving_app(standin.app()) as url:
        submissions = SubmissionService(access_to(standin.environment(url), patience=QUICK))
        yield Stage(standin, submissions)
        await submissions.close()


def now() -> datetime:
    return datetime.now(UTC)


async def test_what_is_filed_can_be_read_and_found_by_its_note(stage: Stage) -> None:
    before = now()
    filed = await stage.submissions.file(EMAIL)
    stage.standin.go_on()

    read = await stage.submissions.read(SubmissionKind.EMAIL, filed.reference)
    found = await stage.submissions.find(EMAIL, since=before)
    assert read is not None
    assert (read.status, read.category, read.detail) == (FiledStatus.SUCCEEDED, "notJunk", "badReclassifiedAsGood")
    assert [(entry.list, entry.value, entry.succeeded) for entry in read.entries] == [
        (ListName.SENDER, "billing@fabrikam.example", True)
    ]
    assert found is not None
    assert found.reference == filed.reference
    assert filed.asks_allow


async def test_an_older_submission_with_the_same_note_is_not_taken_for_it(stage: Stage) -> None:
    await stage.submissions.file(EMAIL)

    assert await stage.submissions.find(EMAIL, since=now() + timedelta(minutes=10)) is None


async def test_another_request_with_the_same_message_is_not_taken_for_it(stage: Stage) -> None:
    before = now()
    await stage.submissions.file(replace(EMAIL, note="Portcullis request 8"))

    assert await stage.submissions.find(EMAIL, since=before) is None


async def test_a_message_by_its_content_is_known_by_its_own_id_where_no_note_was_kept(stage: Stage) -> None:
    content = replace(EMAIL, message_url="", content=MESSAGE)
    filed = await stage.submissions.file(content)

    assert await stage.submissions.find(replace(content, note=""), since=now()) is None
    found = await stage.submissions.find(content, since=now())
    assert found is not None
    assert (found.reference, found.message_id) == (filed.reference, "<0042@fabrikam.example>")


async def test_a_url_is_filed_without_the_action_that_is_refused_and_found_by_the_url(stage: Stage) -> None:
    filed = await stage.submissions.file(URL)

    found = await stage.submissions.find(URL, since=now())
    assert not filed.asks_allow
    assert found is not None
    assert found.reference == filed.reference
    assert stage.called("post-urlThreats") == 2
    assert len(stage.standin.submissions()) == 1
    assert await stage.submissions.find(replace(URL, url="fabrikam.example"), since=now()) is None


async def test_an_email_that_is_refused_is_not_tried_without_its_action(stage: Stage) -> None:
    with pytest.raises(ValueRefused, match="30 days from now at most"):
        await stage.submissions.file(replace(EMAIL, expires=now() + timedelta(days=60)))
    assert stage.called("post-emailThreats") == 1


async def test_a_submission_that_is_not_there_reads_as_none(stage: Stage) -> None:
    assert await stage.submissions.read(SubmissionKind.EMAIL, "49c5ef5b/../x") is None
    assert await stage.submissions.read(SubmissionKind.FILE, "49c5ef5b-1f65-444a-e6b9-08d772ea2059") is None


async def test_the_largest_file_that_is_taken_fits_and_a_larger_one_is_refused(stage: Stage) -> None:
    fits = Submission(
        kind=SubmissionKind.FILE,
        note=EMAIL.note,
        expires=EMAIL.expires,
        file_name="large.bin",
        content=secrets.token_bytes(MOST_CONTENT),
    )
    assert (await stage.submissions.file(fits)).reference
    with pytest.raises(ValueRefused, match="413"):
        await stage.submissions.file(replace(fits, content=secrets.token_bytes(MOST_CONTENT + 400_000)))


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("403", PermissionMissing),
        ("404", ValueRefused),
        ("408", OutcomeUnknown),
        ("500", OutcomeUnknown),
        ("503", OutcomeUnknown),
        ("504_after", OutcomeUnknown),
        ("drop_before", OutcomeUnknown),
        ("drop_after", OutcomeUnknown),
    ],
)
async def test_a_filing_that_may_have_happened_is_not_sent_again(
    stage: Stage, kind: FaultKind, error: type[TenantError]
) -> None:
    stage.fault(kind, "post-emailThreats")

    with pytest.raises(error):
        await stage.submissions.file(EMAIL)
    assert stage.called("post-emailThreats") == 1


async def test_a_filing_that_was_certainly_not_taken_is_sent_again(stage: Stage) -> None:
    stage.fault("429", "post-emailThreats", times=2)
    assert (await stage.submissions.file(EMAIL)).reference
    assert len(stage.standin.submissions()) == 1


@pytest.mark.parametrize("kind", ["429", "500", "503", "504", "drop_before", "drop_after", "408"])
async def test_a_reading_is_tried_again(stage: Stage, kind: FaultKind) -> None:
    filed = await stage.submissions.file(EMAIL)
    stage.fault(kind, "get-emailThreats", times=2)

    assert await stage.submissions.read(SubmissionKind.EMAIL, filed.reference) is not None


async def test_a_token_that_was_revoked_is_replaced_once(stage: Stage) -> None:
    await stage.submissions.file(EMAIL)
    stage.standin.revoke_tokens()

    assert await stage.submissions.find(EMAIL, since=now() - timedelta(minutes=1)) is not None


async def test_a_missing_permission_names_itself_and_where_to_give_it(stage: Stage) -> None:
    stage.standin.set_roles(Roles(graph_role=False))

    with pytest.raises(PermissionMissing) as refused:
        await stage.submissions.file(EMAIL)
    assert "ThreatSubmission.ReadWrite.All" in refused.value.remedy
    assert "admin consent" in refused.value.remedy


async def test_a_page_that_was_cut_short_is_no_shorter_list(stage: Stage) -> None:
    await stage.submissions.file(EMAIL)
    stage.fault("truncate_page", "get-emailThreats")

    with pytest.raises(IncompleteAnswer):
        await stage.submissions.find(EMAIL, since=now())


async def test_a_submission_on_a_later_page_is_found(stage: Stage) -> None:
    filed = await stage.submissions.file(EMAIL)
    await asyncio.gather(
        *(stage.submissions.file(replace(EMAIL, note=f"Portcullis request {number}")) for number in range(100, 205))
    )

    found = await stage.submissions.find(EMAIL, since=now() - timedelta(minutes=1))
    assert found is not None
    assert found.reference == filed.reference


@dataclass
class Scripted:
    """A Graph that says what it is told to, and tokens that cost nothing."""

    answers: deque[Response | Callable[[Request], Response]] = field(default_factory=deque)
    asked: list[Request] = field(default_factory=list)

    async def answer(self, request: Request) -> Response:
        self.asked.append(request)
        answer = self.answers.popleft()
        return answer if isinstance(answer, Response) else answer(request)

    async def token(self, *, refused: str | None = None) -> str:
        return f"token-{refused}"


@asynccontextmanager
async def scripted_graph(
    settings_for: SettingsFor, *answers: Response | Callable[[Request], Response], patience: Patience = QUICK
) -> AsyncIterator[tuple[Graph, Scripted]]:
    scripted = Scripted(deque(answers))
    app = Starlette(routes=[Route("/{path:path}", scripted.answer, methods=["GET", "POST"])])
    async with serving_app(app) as url:
        settings: TenantAccess = settings_for(url, graph_url=url, patience=patience)
        graph = Graph(settings=settings, tokens=scripted)
        yield graph, scripted
        await graph.close()


def page(*values: Any, link: object = None) -> Response:  # noqa: ANN401 - any JSON
    return JSONResponse({"value": list(values)} | ({"@odata.nextLink": link} if link is not None else {}))


@pytest.mark.parametrize(
    "answer",
    [
        Response("no JSON"),
        JSONResponse([]),
        JSONResponse({"error": {"code": "x"}}),
        JSONResponse({"value": "x"}),
        JSONResponse({"value": ["x"]}),
        page(link=7),
        page(link="https://elsewhere.example/beta/security"),
        page(link="http://user@127.0.0.1/x"),
    ],
)
async def test_an_odd_list_is_an_error_and_no_list(settings_for: SettingsFor, answer: Response) -> None:
    async with scripted_graph(settings_for, answer) as (graph, _):
        with pytest.raises(IncompleteAnswer):
            await graph.all("security/threatSubmission/emailThreats")


async def test_pages_that_run_in_a_circle_end(settings_for: SettingsFor) -> None:
    def again(request: Request) -> Response:
        return page({"id": "1"}, link=str(request.url))

    async with scripted_graph(settings_for, again, again) as (graph, scripted):
        with pytest.raises(IncompleteAnswer, match="circle"):
            await graph.all("security/threatSubmission/emailThreats")
        assert len(scripted.asked) == 1


async def test_a_further_page_that_is_refused_is_an_incomplete_list(settings_for: SettingsFor) -> None:
    def first(request: Request) -> Response:
        return page({"id": "1"}, link=f"{request.url}?$skiptoken=x")

    refusal = JSONResponse({"error": {"code": "BadRequest", "message": "Skip token expired"}}, status_code=400)
    async with scripted_graph(settings_for, first, refusal) as (graph, _):
        with pytest.raises(IncompleteAnswer, match="broke off after 1"):
            await graph.all("security/threatSubmission/emailThreats")


@pytest.mark.parametrize("answer", [Response("no JSON", 201), JSONResponse([], 201)])
async def test_a_filing_whose_answer_makes_no_sense_may_have_happened(
    settings_for: SettingsFor, answer: Response
) -> None:
    async with scripted_graph(settings_for, answer) as (graph, scripted):
        with pytest.raises(OutcomeUnknown):
            await graph.create("security/threatSubmission/emailThreats", {})
        assert len(scripted.asked) == 1


async def test_a_token_that_stays_refused_is_a_failed_sign_in(settings_for: SettingsFor) -> None:
    refusal = JSONResponse({"error": {"code": "InvalidAuthenticationToken", "message": "expired"}}, status_code=401)
    async with scripted_graph(settings_for, refusal, refusal) as (graph, scripted):
        with pytest.raises(SignInFailed, match=r"expired \(InvalidAuthenticationToken\)"):
            await graph.one("security/threatSubmission/emailThreats/1")
        tokens = [request.headers["authorization"] for request in scripted.asked]
    assert tokens == ["Bearer token-None", "Bearer token-token-None"]


async def test_a_longer_retry_after_is_left_to_the_job(settings_for: SettingsFor) -> None:
    refusal = Response(status_code=429, headers={"Retry-After": "120"})
    async with scripted_graph(settings_for, refusal) as (graph, scripted):
        with pytest.raises(Throttled) as refused:
            await graph.one("security/threatSubmission/emailThreats/1")
    assert refused.value.retry_after == 120
    assert len(scripted.asked) == 1


async def test_a_service_that_is_not_there_is_unavailable_and_certain_to_have_done_nothing(
    settings_for: SettingsFor,
) -> None:
    gone = Graph(settings=settings_for("http://127.0.0.1:9", graph_url="http://127.0.0.1:9"), tokens=Scripted())
    with pytest.raises(TenantUnavailable, match="can't be reached"):
        await gone.create("security/threatSubmission/emailThreats", {})
    await gone.close()


async def test_later_values_of_enumerations_are_asked_for_by_name(settings_for: SettingsFor) -> None:
    async with scripted_graph(settings_for, JSONResponse({"id": "1"})) as (graph, scripted):
        await graph.one("security/threatSubmission/emailThreats/1")
    assert scripted.asked[0].headers["prefer"] == "include-unknown-enum-members"
    assert scripted.asked[0].url.path == "/beta/security/threatSubmission/emailThreats/1"


def record(**changes: object) -> dict[str, object]:
    """A submission of the message, as a service would give it back that keeps no action."""
    return {
        "@odata.type": "#microsoft.graph.security.emailThreatSubmission",
        "id": "49c5ef5b-1f65-444a-e6b9-08d772ea2059",
        "createdDateTime": "2030-01-02T03:05:18.6890937Z",
        "status": "succeeded",
        "recipientEmailAddress": RECIPIENT.upper(),
        "internetMessageId": "<0042@fabrikam.example>",
        "result": {"category": "notJunk", "detail": "badReclassifiedAsGood"},
        "tenantAllowOrBlockListAction": None,
    } | changes


@asynccontextmanager
async def submissions_among(
    settings_for: SettingsFor, stage: Stage, *records: dict[str, object]
) -> AsyncIterator[SubmissionService]:
    """Submissions of a service that has these records, and takes no filter."""

    def answer(request: Request) -> Response:
        if request.query_params:
            return JSONResponse({"error": {"code": "BadRequest", "message": "No filter."}}, status_code=400)
        return page(*records)

    async with scripted_graph(settings_for, *[answer] * 4) as (graph, _):
        stage.submissions._graph, own = graph, stage.submissions._graph
        yield stage.submissions
        stage.submissions._graph = own


BY_CONTENT = replace(EMAIL, message_url="", content=MESSAGE)


@pytest.mark.parametrize(
    ("changes", "is_it"),
    [
        ({}, True),
        ({"internetMessageId": "0042@fabrikam.example"}, True),
        ({"internetMessageId": "<0043@fabrikam.example>"}, False),
        ({"internetMessageId": None}, False),
        ({"recipientEmailAddress": "another@contoso.example"}, False),
        ({"createdDateTime": "2030-01-02T02:00:00Z"}, False),
        ({"createdDateTime": None}, False),
        ({"createdDateTime": "yesterday"}, False),
        ({"tenantAllowOrBlockListAction": {"note": "Portcullis request 7"}, "internetMessageId": ""}, True),
        ({"tenantAllowOrBlockListAction": {"note": "Portcullis request 6, part 2"}, "internetMessageId": ""}, True),
        ({"tenantAllowOrBlockListAction": {"note": "Portcullis request 70"}}, False),
        ({"tenantAllowOrBlockListAction": "odd"}, True),
    ],
)
async def test_where_no_note_was_kept_it_is_known_by_the_message_recipient_and_time(
    settings_for: SettingsFor, stage: Stage, changes: dict[str, object], is_it: bool
) -> None:
    async with submissions_among(settings_for, stage, record(**changes)) as submissions:
        found = await submissions.find(BY_CONTENT, since=NOW)
    assert (found is not None) is is_it


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"status": "running"}, FiledStatus.RUNNING),
        ({"status": "notStarted"}, FiledStatus.NOT_STARTED),
        ({"status": "Failed"}, FiledStatus.FAILED),
        ({"status": "unknownFutureValue"}, FiledStatus.RUNNING),
        ({"status": None}, FiledStatus.RUNNING),
        ({"status": "lost"}, FiledStatus.RUNNING),
        ({"result": {"detail": "underInvestigation"}}, FiledStatus.RUNNING),
        ({"result": {"category": "beingAnalyzed"}}, FiledStatus.RUNNING),
        ({"result": "odd"}, FiledStatus.SUCCEEDED),
        ({"result": {"category": 7, "detail": None}}, FiledStatus.SUCCEEDED),
    ],
)
async def test_a_submission_is_over_when_microsoft_says_so_and_not_before(
    settings_for: SettingsFor, stage: Stage, changes: dict[str, object], status: FiledStatus
) -> None:
    async with submissions_among(settings_for, stage, record(**changes)) as submissions:
        found = await submissions.find(BY_CONTENT, since=NOW)
    assert found is not None
    assert found.status is status


async def test_odd_results_of_an_action_are_left_out(settings_for: SettingsFor, stage: Stage) -> None:
    results = [
        "odd",
        {"value": None},
        {"value": "recipient@contoso.example", "entryType": "recipient", "status": "succeeded"},
        {"value": "x.example/a", "entryType": "URL", "status": "skipped", "expirationDateTime": "soon"},
    ]
    action = {"action": "allow", "note": EMAIL.note, "results": results}
    async with submissions_among(settings_for, stage, record(tenantAllowOrBlockListAction=action)) as submissions:
        found = await submissions.find(BY_CONTENT, since=NOW)
    assert found is not None
    assert [(entry.list, entry.value, entry.succeeded) for entry in found.entries] == [
        (None, "recipient@contoso.example", True),
        (ListName.URL, "x.example/a", False),
    ]
