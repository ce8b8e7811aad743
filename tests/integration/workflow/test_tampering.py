"""Somebody with the database's password changes what was proposed or approved: nothing of it is sent, and it shows."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.lists.traits import Action
from bot.domain.requests.request import Request, Status
from bot.errors import Conflict
from bot.store.request_verification import RequestFindings
from bot.workflow.requesting.review import read_first
from bot.workflow.shared.job_kinds import JobKind
from bot.workflow.shared.jobs import apply_soon
from tests.integration.workflow.conftest import Stage
from tests.support.deciding import shown as card_of
from tests.support.installation import ALERTS
from tests.support.people import APPROVER, REQUESTER, SECOND
from tests.support.tampering import put_in, run_raw

EVIL, IP = "evil.example", "203.0.113.7"

FORGED_REVIEW = (
    "INSERT INTO reviews (tenant_id, request_id, reviewer, decision, comment, at) "
    "SELECT tenant_id, id, '{who}', 'approve', '', created_at FROM requests WHERE id = {id}"
)
ANOTHER_ITEM = (
    "INSERT INTO items (tenant_id, request_id, kind, value, state, outcome) "
    "SELECT tenant_id, id, 'domain', 'northwind.example', 'proposed', '' FROM requests WHERE id = {id}"
)

#: What is done to a request: its name, whether it is approved before, the statements, and what is found.
TAMPERING = [
    pytest.param(
        False,
        ["UPDATE requests SET status = 'approved', action = 'allow' WHERE id = {id}", FORGED_REVIEW],
        {"action", "reviews", "approvals", "status"},
        id="a pending block made an approved allow",
    ),
    pytest.param(
        False,
        ["UPDATE requests SET status = 'approved' WHERE id = {id}"],
        {"approvals", "status"},
        id="a pending request made an approved one",
    ),
    pytest.param(
        False, ["UPDATE requests SET status = 'applying' WHERE id = {id}"], {"approvals", "status"}, id="under way"
    ),
    pytest.param(
        True, ["UPDATE items SET value = 'northwind.example' WHERE request_id = {id}"], {"items"}, id="another value"
    ),
    pytest.param(
        True, ["UPDATE items SET kind = 'address' WHERE request_id = {id}"], {"kinds"}, id="policy judges another kind"
    ),
    pytest.param(True, [ANOTHER_ITEM], {"items"}, id="one more item"),
    pytest.param(True, ["UPDATE requests SET list = 'ip' WHERE id = {id}"], {"list"}, id="another list"),
    pytest.param(True, ["UPDATE requests SET expires = NULL WHERE id = {id}"], {"expires"}, id="no end"),
    pytest.param(True, ["UPDATE requests SET operation = 'remove' WHERE id = {id}"], {"operation"}, id="a removal"),
    pytest.param(True, ["UPDATE requests SET action = 'allow' WHERE id = {id}"], {"action"}, id="an allow"),
    pytest.param(True, ["UPDATE requests SET reason = 'Other' WHERE id = {id}"], {"reason"}, id="another reason"),
    pytest.param(
        True, ["UPDATE requests SET requester = 'U0ANOTHER' WHERE id = {id}"], {"requester"}, id="another requester"
    ),
    pytest.param(True, ["DELETE FROM reviews WHERE request_id = {id}"], {"reviews"}, id="a review taken away"),
]


async def tamper(url: str, statements: Sequence[str], request: Request) -> None:
    await run_raw(url, *(statement.format(id=request.id, who=APPROVER.user_id) for statement in statements))


async def findings(stage: Stage) -> RequestFindings:
    async with stage.context.store.read() as uow:
        return await uow.audit.verify_requests()


async def found_about(stage: Stage) -> set[str]:
    return {finding.about for finding in (await findings(stage)).findings}


def changes(stage: Stage) -> list[str]:
    """The calls that reached the tenant and weren't readings."""
    return [call["cmdlet"] for call in stage.standin.calls() if not call["cmdlet"].startswith("Get-")]


@pytest.mark.parametrize(("is_approved", "statements", "about"), TAMPERING)
async def test_what_was_tampered_with_is_not_sent(
    stage: Stage, database_url: str, is_approved: bool, statements: list[str], about: set[str]
) -> None:
    request = await (stage.approved(EVIL) if is_approved else stage.propose(EVIL))
    assert (await findings(stage)).findings == ()
    await tamper(database_url, statements, request)
    assert await found_about(stage) == about
    if not is_approved:
        async with stage.context.store.write() as uow:
            await apply_soon(uow, request.id)
    await stage.run()
    assert changes(stage) == []
    now = await stage.request(request)
    assert now.status is Status.FAILED
    assert now.failure.startswith("Nothing was sent: the database says otherwise of it than the log.")
    kinds = await stage.kinds(request)
    assert kinds[-2:] == ["request.contradicted", "request.failed"]
    [contradicted] = [event for event in await stage.events(request) if event.kind == "request.contradicted"]
    named = contradicted.payload["contradictions"]
    assert isinstance(named, list)
    assert {each["about"] for each in named} == about
    [alert] = [message.text for message in stage.messages(ALERTS) if "contradicts the log" in message.text]
    assert f"#{request.id}" in alert
    assert "audit verify" in alert
    # Somebody still has to look: a verification goes on saying so.
    assert about - {"status"} <= await found_about(stage)


@pytest.mark.parametrize("beyond", [1, 7], ids=["behind the head", "further on"])
async def test_an_approval_put_in_beside_the_chain_is_not_believed(
    stage: Stage, database_url: str, beyond: int
) -> None:
    other = await stage.approved("evil2.example")
    request = await stage.propose(EVIL)
    [approval] = [event for event in await stage.events(other) if event.kind == "request.approved"]
    async with stage.context.store.read() as uow:
        head = await uow.audit.head()
    assert head is not None
    forged = replace(approval, seq=head.seq + beyond, request_id=request.id)
    await put_in(database_url, forged, after=head.hash)
    statement = "UPDATE requests SET status = 'approved' WHERE id = {id}"
    await tamper(database_url, [statement, FORGED_REVIEW], request)
    assert "log" in await found_about(stage)
    async with stage.context.store.write() as uow:
        logged = await uow.audit.logged(request.id)
    assert logged.changed == (forged.seq,)


async def test_fewer_approvals_than_were_needed_are_not_enough(stage: Stage, database_url: str) -> None:
    request = await stage.propose(IP, end="7d", action=Action.ALLOW)
    assert request.approvals_needed == 2
    await stage.decide(request)
    statement = "UPDATE requests SET approvals_needed = 1, status = 'approved' WHERE id = {id}"
    await tamper(database_url, [statement], request)
    assert await found_about(stage) == {"approvals_needed", "approvals", "status"}
    async with stage.context.store.write() as uow:
        await apply_soon(uow, request.id)
    await stage.run()
    assert changes(stage) == []
    assert (await stage.request(request)).status is Status.FAILED


@pytest.mark.parametrize("warnings", ["[]", '[{"code": "ip_allow", "text": "All is well.", "serious": false}]'])
async def test_what_approvers_had_to_read_is_not_taken_off_the_card(
    stage: Stage, database_url: str, warnings: str
) -> None:
    """Whoever approves such a card was warned of nothing: it is brought up to date, or nothing is sent."""
    request = await stage.propose(IP, end="7d", action=Action.ALLOW)
    for who in (APPROVER, SECOND):
        await stage.decide(request, who=who)
    await run_raw(database_url, f"UPDATE requests SET warnings = '{warnings}' WHERE id = {request.id}")  # noqa: S608
    assert await found_about(stage) == {"warnings"}
    await stage.run()
    assert changes(stage) == []
    assert (await stage.request(request)).status is Status.FAILED


async def test_what_is_read_before_an_ip_allow_is_approved_is_what_the_log_proves(
    stage: Stage, database_url: str
) -> None:
    """Changed while somebody reads it, and put back before anything is sent, it would have been another request."""
    request = await stage.propose(IP, end="7d", action=Action.ALLOW)
    await stage.run()
    for _ in range(2):
        shown = await card_of(stage.context, request.id)
        await run_raw(database_url, f"UPDATE items SET value = '192.0.2.1' WHERE request_id = {request.id}")  # noqa: S608
        with pytest.raises(Conflict, match="says otherwise of #1 than the log, and nothing is decided"):
            await read_first(
                stage.context, actor=APPROVER, request_id=request.id, shown=shown, delivery=secrets.token_hex(8)
            )
    assert (await stage.kinds(request)).count("request.contradicted") == 1
    await stage.run()
    assert [message for message in stage.messages(ALERTS) if "contradicts the log" in message.text]


async def test_an_item_changed_between_two_attempts_is_not_sent(stage: Stage, database_url: str) -> None:
    """What an attempt left to the next one is proved again."""
    request = await stage.approved(EVIL)
    await tamper(
        database_url,
        [
            "UPDATE requests SET status = 'applying' WHERE id = {id}",
            "UPDATE items SET value = 'northwind.example', state = 'intended' WHERE request_id = {id}",
        ],
        request,
    )
    await stage.run()
    assert changes(stage) == []
    failed = await stage.request(request)
    assert failed.status is Status.FAILED
    assert "look at the tenant's list" in failed.failure


UNREADABLE = [
    "UPDATE items SET kind = 'unheard of' WHERE request_id = {id}",
    "UPDATE requests SET status = 'unheard of' WHERE id = {id}",
    "UPDATE reviews SET decision = 'unheard of' WHERE request_id = {id}",
    "UPDATE requests SET warnings = '[1]' WHERE id = {id}",
]


@pytest.mark.parametrize("statement", UNREADABLE)
async def test_what_was_never_written_hides_nothing_else(stage: Stage, database_url: str, statement: str) -> None:
    """One value that can't be read doesn't end the verification of all others."""
    unreadable, changed = await stage.approved(EVIL), await stage.approved("evil2.example")
    await tamper(database_url, [statement], unreadable)
    await tamper(database_url, ["UPDATE requests SET reason = 'Other' WHERE id = {id}"], changed)
    found = (await findings(stage)).findings
    assert {(each.request_id, each.about) for each in found} == {(unreadable.id, "unreadable"), (changed.id, "reason")}


async def test_a_request_that_was_deleted_is_missed(stage: Stage, database_url: str) -> None:
    request = await stage.propose(EVIL)
    await stage.run()
    tables = ("reviews", "items", "messages")
    statements = [f"DELETE FROM {table} WHERE request_id = {{id}}" for table in tables]  # noqa: S608 - tampering
    await tamper(database_url, [*statements, "DELETE FROM requests WHERE id = {id}"], request)
    assert await found_about(stage) == {"missing"}


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param("UPDATE requests SET expires = '2030-01-01 00:00:00' WHERE id = {id}", id="the request's end"),
        pytest.param(
            "UPDATE known_entries SET expires = '2030-01-01 00:00:00' WHERE request_id = {id}", id="the entry's end"
        ),
        pytest.param("UPDATE items SET value = '203.0.113.8' WHERE request_id = {id}", id="the entry"),
        pytest.param("UPDATE jobs SET run_at = run_at", id="nothing but a job that comes too early"),
    ],
)
async def test_an_entry_is_not_taken_out_before_its_logged_end(stage: Stage, database_url: str, statement: str) -> None:
    request = await stage.approved(IP, "203.0.113.9", end="30d")
    await stage.run()
    assert (await stage.request(request)).status is Status.APPLIED
    assert (await findings(stage)).findings == ()
    before = changes(stage)
    await tamper(database_url, [statement], request)
    await tamper(
        database_url,
        ["UPDATE jobs SET run_at = created_at WHERE kind = 'request.expire'"],
        request,
    )
    await stage.run()
    assert changes(stage) == before
    [job] = await stage.waiting(JobKind.EXPIRE)
    assert "are not removed" in job.error
    [alert] = [message.text for message in stage.messages(ALERTS) if "contradicts the log" in message.text]
    assert f"#{request.id}" in alert
    assert (await stage.kinds(request)).count("request.contradicted") == 1


async def test_what_is_changed_between_two_attempts_at_an_end_is_told(stage: Stage, database_url: str) -> None:
    """Not only as an end that is late; once, however often it is tried, and again once something else is wrong."""
    request = await stage.approved(IP, end="30d")
    await stage.run()
    stage.clock.now += timedelta(days=31)
    stage.fault("403", times=99)
    await stage.run()
    stage.standin.disarm()
    [job] = await stage.waiting(JobKind.EXPIRE)
    assert job.attempts == 1
    assert "request.contradicted" not in await stage.kinds(request)
    before = changes(stage)
    for end, told in (("2030-01-01 00:00:00", 1), ("2030-01-01 00:00:00", 1), ("2031-01-01 00:00:00", 2)):
        statement = f"UPDATE known_entries SET expires = '{end}' WHERE request_id = {{id}}"  # noqa: S608 - tampering
        await tamper(database_url, [statement], request)
        [job] = await stage.waiting(JobKind.EXPIRE)
        stage.clock.now = max(stage.clock.now, job.run_at)
        await stage.run()
        assert (await stage.kinds(request)).count("request.contradicted") == told
        alerts = [message.text for message in stage.messages(ALERTS) if "contradicts the log" in message.text]
        assert len(alerts) == told
    assert changes(stage) == before


async def test_what_has_come_to_its_end_is_taken_out(stage: Stage) -> None:
    request = await stage.approved(IP, end="1d")
    await stage.run_until_idle()
    assert (await stage.kinds(request))[-1] == "item.expired"
    assert (await findings(stage)).findings == ()
    assert REQUESTER.user_id == (await stage.request(request)).requester
