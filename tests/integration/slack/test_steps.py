"""The step of Workflow Builder: who asks, what is proposed, and what Slack is told of it, once, whatever happens."""

from __future__ import annotations

import json
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from starlette.responses import Response

from bot.domain.auditing.events import EventKind
from bot.domain.indicators.typed_text import MAX_TYPED
from bot.domain.lists.entries import Snapshot
from bot.domain.lists.traits import ListName
from bot.domain.policies.by_workflow import BY_WORKFLOW
from bot.domain.requests.approval import NobodyRule
from bot.domain.requests.people import Person
from bot.domain.requests.request import Request, Status
from bot.domain.telling.request_facts import request_facts
from bot.errors import NotRecorded, SlackError, SlackUnavailable, StoreError, TryLater
from bot.slack.block_kit.ids import ActionId, StepId
from bot.slack.client import web_client
from bot.slack.directory import Directory
from bot.slack.jobs import step_runner
from bot.slack.jobs.step_runner import END_STEP, RUN_STEP, StepEndPayload, StepRunner
from bot.slack.listeners.steps import LONGEST_INPUT, LONGEST_REASON
from bot.slack.messages.card import card
from bot.store import AuditFilter, Job, UnitOfWork
from bot.tls import outside_context
from bot.workflow.requesting.by_workflow import propose_by_step
from bot.workflow.shared.job_kinds import JobKind
from tests.integration.slack.harness import APPROVER, HOSTILE_TEXTS, REQUESTER, TEAM, VISITOR, Bot, open_bot
from tests.support.deciding import shown
from tests.support.requests_made import newest_requests
from tests.support.scripted_slack import ok, refused

RUN = "Fx0000000001"
TOKEN = secrets.token_hex(12)
GIVEN = {"indicators": "evil.example", "reason": "Phishing wave", "lasts": "7d"}
SECOND = "U0APPROVE2"


@pytest.fixture
async def bot(database_url: str) -> AsyncIterator[Bot]:
    """On both databases."""
    async with open_bot(database_url) as opened:
        opened.slack.answers |= {"functions.completeSuccess": ok(), "functions.completeError": ok()}
        yield opened


def step_event(inputs: object, *, run: object = RUN, **changes: object) -> dict[str, Any]:
    """What Slack delivers when a workflow comes to the step."""
    event = {
        "type": "function_executed",
        "function": {"id": "Fn1", "callback_id": StepId.PROPOSE_BLOCK, "type": "app", "app_id": "A1"},
        "inputs": inputs,
        "function_execution_id": run,
        "workflow_execution_id": "Wx0000000001",
        "event_ts": "1700000000.000100",
        "bot_access_token": TOKEN,
    }
    return {
        "type": "event_callback",
        "team_id": TEAM,
        "authorizations": [{"team_id": TEAM, "is_bot": True, "is_enterprise_install": False}],
        "event_id": "Ev1",
        "event": event | changes,
    }


def by(who: str = REQUESTER, **given: str) -> dict[str, object]:
    return {**GIVEN, "requester": {"id": who, "secret": "proved by Slack"}, **given}


async def run_step(bot: Bot, inputs: object, *, run: object = RUN) -> None:
    assert (await bot.deliver(step_event(inputs, run=run))).status_code == 200


def runner(bot: Bot) -> StepRunner:
    client = web_client("token", api_url=bot.slack.api_url, context=outside_context())
    directory = Directory(client, store=bot.store, requesters=[REQUESTER], approvers=[APPROVER, SECOND], auditors=[])
    return StepRunner(context=bot.context, client=client, directory=directory)


async def work(bot: Bot) -> list[Job]:
    """Run the steps that wait, as the worker does; the jobs by which Slack is to be told."""
    taken = await bot.jobs()
    for job in taken:
        if job.kind == RUN_STEP:
            await runner(bot).run(job, RUN_STEP.read(job.payload))
    return [job for job in (*taken, *await bot.jobs()) if job.kind == END_STEP]


async def told(bot: Bot) -> Mapping[str, Any]:
    """What the one end that waits tells Slack."""
    [end] = await work(bot)
    return end.payload


async def requests(bot: Bot) -> list[Request]:
    async with bot.store.read() as uow:
        return list(await newest_requests(uow))


async def test_what_it_asks_for_waits_for_two_approvers_in_the_name_of_whoever_started_it(bot: Bot) -> None:
    await run_step(bot, by())
    end = await told(bot)
    [request] = await requests(bot)
    assert (request.requester, request.status, request.approvals_needed) == (REQUESTER, Status.PENDING, 2)
    assert [item.value for item in request.items] == ["evil.example"]
    assert (request.reason, request.lasts) == ("Phishing wave", timedelta(days=7))
    assert BY_WORKFLOW in request.warnings
    assert end == {"run": RUN, "proposal": request.proposal_id, "set_aside": "", "error": ""}
    async with bot.store.read() as uow:
        [event] = await uow.audit.page(filters=AuditFilter(kind=EventKind.REQUEST_PROPOSED, limit=10))
    assert event.actor == REQUESTER
    assert event.payload["workflow"] == {"step": RUN, "run": "Wx0000000001"}
    assert (event.payload["approvals_needed"], BY_WORKFLOW.code in str(event.payload["warnings"])) == (2, True)


async def test_slack_is_told_by_the_bots_own_token_with_the_card(bot: Bot) -> None:
    await run_step(bot, by())
    [end] = await work(bot)
    [request] = await requests(bot)
    bot.context.card_links.workspace_at("https://playground.example")
    card = await shown(bot.context, request.id)
    await runner(bot).end(end, END_STEP.read(end.payload))
    [(headers, body)] = [
        (head, body) for method, head, body in bot.slack.asked if method == "functions.completeSuccess"
    ]
    assert json.loads(body) == {
        "function_execution_id": RUN,
        "outputs": {
            "proposal": f"#{request.proposal_id}",
            "card": f"https://playground.example/archives/{card.channel}/p{card.ts.replace('.', '')}",
        },
    }
    assert headers["authorization"] == "Bearer token"
    assert not any(TOKEN in str(asked) for asked in bot.slack.asked)


async def test_the_runs_own_token_is_kept_nowhere(bot: Bot) -> None:
    await run_step(bot, by())
    async with bot.store.read() as uow:
        kept = [str(job.payload) for job in await uow.jobs.waiting()]
    assert kept
    assert not any(TOKEN in payload or "proved by Slack" in payload for payload in kept)


@pytest.mark.parametrize("again", [{}, {"bot_access_token": "another"}, {"event_ts": "1700000009.000100"}])
async def test_delivered_again_it_is_proposed_and_told_once(bot: Bot, again: dict[str, object]) -> None:
    await run_step(bot, by())
    assert (await bot.deliver(step_event(by(), **again))).status_code == 200
    assert len(await work(bot)) == 1
    assert (await bot.deliver(step_event(by(), **again))).status_code == 200
    assert await work(bot) == []
    assert len(await requests(bot)) == 1


async def test_after_a_kill_it_is_told_what_came_of_it_before(bot: Bot) -> None:
    """The process ended between the proposal's commit and that of the job."""
    await run_step(bot, by(indicators="evil.example held.example"))
    await hold(bot, "held.example")
    [job] = [job for job in await bot.jobs() if job.kind == RUN_STEP]
    payload = RUN_STEP.read(job.payload)
    made = await runner(bot)._proposed(payload)
    await runner(bot).run(job, payload)
    [end] = [END_STEP.read(job.payload) for job in await bot.jobs() if job.kind == END_STEP]
    assert end.proposal == made.requests[0].proposal_id
    assert len(await requests(bot)) == 1


async def hold(bot: Bot, *values: str) -> None:
    """Own domains of the tenant, which nobody may block."""
    async with bot.store.write() as uow:
        await uow.snapshots.save(Snapshot(entries=(), as_of=bot.store.clock(), accepted_domains=frozenset(values)))


async def test_what_policy_refuses_is_set_aside_with_its_reason_and_the_rest_is_proposed(bot: Bot) -> None:
    await hold(bot, "contoso.example")
    await run_step(bot, by(indicators="evil.example\ncontoso.example"))
    end = await told(bot)
    [request] = await requests(bot)
    assert [item.value for item in request.items] == ["evil.example"]
    assert request.approvals_needed == 2
    assert "contoso[.]example" in end["set_aside"]
    assert "1 line of what was given was set aside: `contoso[.]example`." in card(request_facts(request)).text
    async with bot.store.read() as uow:
        [aside] = await uow.requests.set_aside(request.id)
        [event] = await uow.audit.page(filters=AuditFilter(kind=EventKind.REQUEST_PROPOSED, limit=10))
    assert (aside.line, aside.value) == (2, "contoso.example")
    assert event.payload["workflow"]["set_aside"] == [{"value": "contoso.example", "code": aside.code}]


@pytest.mark.parametrize("beside", ["\ud800", "\x00", "<!channel>"])
async def test_what_stands_beside_a_value_is_kept_as_far_as_a_database_takes_it(bot: Bot, beside: str) -> None:
    await hold(bot, "contoso.example")
    await run_step(bot, by(indicators=f"evil.example, {beside}\ncontoso.example, {beside}"))
    assert (await told(bot))["error"] == ""
    [request] = await requests(bot)
    async with bot.store.read() as uow:
        [aside] = await uow.requests.set_aside(request.id)
    assert aside.typed.startswith("contoso.example, ")


async def test_many_values_of_one_line_that_are_set_aside_dont_keep_all_of_it_each(bot: Bot) -> None:
    own = [f"{'n' * 60}{number:02}.example" for number in range(45)]
    await hold(bot, *own)
    await run_step(bot, by(indicators="evil.example\n" + " ".join(own)))
    end = await told(bot)
    [request] = await requests(bot)
    async with bot.store.read() as uow:
        aside = await uow.requests.set_aside(request.id)
    assert (len(aside), max(len(line.typed) for line in aside)) == (45, MAX_TYPED)
    assert len(end["set_aside"]) <= 1_600


async def test_where_all_of_it_is_refused_the_step_ends_with_the_reasons(bot: Bot) -> None:
    await hold(bot, "contoso.example")
    await run_step(bot, by(indicators="contoso.example"))
    end = await told(bot)
    assert await requests(bot) == []
    assert end["proposal"] is None
    assert "contoso[.]example" in end["error"]
    assert "Nothing was requested" in end["error"]
    async with bot.store.read() as uow:
        [event] = await uow.audit.page(filters=AuditFilter(kind=EventKind.REQUEST_REFUSED, limit=10))
    assert event.actor == REQUESTER


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"indicators": ""}, "given no indicator"),
        ({"indicators": "   \n"}, "given no indicator"),
        ({"indicators": "nothing to read"}, "names nothing to list"),
        ({"indicators": "evil.example and others"}, "others"),
        ({"indicators": "evil.example/24 203.0.113.300"}, "203"),
        ({"indicators": "evil.example, do not block"}, "not block"),
        ({"reason": "please do not block this"}, "not block"),
        ({"reason": ""}, "reason"),
        ({"lasts": "for a bit"}, "no length of time"),
        ({"lasts": "2001-01-01"}, "2001"),
        ({"indicators": "x" * (LONGEST_INPUT + 1)}, "“What to block” is longer than 10,000 characters"),
        ({"reason": "x" * (LONGEST_REASON + 1)}, "“Why” is longer than 1,000 characters"),
        ({"lasts": "x" * 101}, "“How long” is longer than 100 characters"),
    ],
)
async def test_what_a_person_would_be_asked_about_ends_the_step_with_an_error(
    bot: Bot, given: dict[str, str], words: str
) -> None:
    await run_step(bot, by(**given))
    end = await told(bot)
    assert await requests(bot) == []
    assert (end["proposal"], end["set_aside"]) == (None, "")
    assert words in end["error"]
    assert end["error"].count("Nothing was requested.") == 1


@pytest.mark.parametrize("text", [*HOSTILE_TEXTS, "evil.example \ud800", "\x00evil.example", "7d\udfff"])
@pytest.mark.parametrize("name", ["indicators", "reason", "lasts"])
async def test_whatever_stands_there_it_ends(bot: Bot, name: str, text: str) -> None:
    await run_step(bot, by(**{name: text}))
    end = await told(bot)
    assert len(end["error"]) <= 1_100
    assert "<!channel>" not in str(end)


@pytest.mark.parametrize(
    "requester",
    [None, "", REQUESTER, {"secret": "s"}, {"id": ""}, {"id": 7}, {"id": f"{REQUESTER}\n"}, {"id": "<@U1>"}],
)
async def test_who_asks_is_whom_slack_proves_to_have_started_it_and_nobody_else(bot: Bot, requester: object) -> None:
    await run_step(bot, {**GIVEN, "requester": requester, "user_id": REQUESTER})
    end = await told(bot)
    assert await requests(bot) == []
    assert "who started this workflow" in end["error"]


@pytest.mark.parametrize("inputs", [None, [], "evil.example", {}, {"indicators": 7}])
async def test_inputs_that_are_none_end_it(bot: Bot, inputs: object) -> None:
    await run_step(bot, inputs)
    assert (await told(bot))["error"]
    assert await requests(bot) == []


@pytest.mark.parametrize("run", [None, "", 7, "x" * 65, "Fx1; DROP TABLE", {"id": RUN}])
async def test_a_run_without_a_name_does_nothing(bot: Bot, run: object) -> None:
    await run_step(bot, by(), run=run)
    assert await bot.jobs() == []


@pytest.mark.parametrize("workflow", [None, "", 7, "x" * 65, {"id": "Wx1"}, "Wx1\n"])
async def test_without_the_workflows_run_it_is_proposed_all_the_same(bot: Bot, workflow: object) -> None:
    """It stands in the log and decides nothing; without an answer the step would never end."""
    assert (await bot.deliver(step_event(by(), workflow_execution_id=workflow))).status_code == 200
    assert (await told(bot))["error"] == ""
    async with bot.store.read() as uow:
        [event] = await uow.audit.page(filters=AuditFilter(kind=EventKind.REQUEST_PROPOSED, limit=10))
    assert event.payload["workflow"] == {"step": RUN, "run": ""}


async def test_who_may_not_propose_may_not_by_a_workflow_either(bot: Bot) -> None:
    await run_step(bot, by(VISITOR))
    end = await told(bot)
    assert end["error"]
    assert await requests(bot) == []
    async with bot.store.read() as uow:
        [event] = await uow.audit.page(filters=AuditFilter(kind=EventKind.ACCESS_REFUSED, limit=10))
    assert event.actor == VISITOR


async def test_an_approver_who_starts_it_is_not_among_those_who_decide(bot: Bot) -> None:
    """Nor is one other approver enough: it may be the one who built the workflow."""
    await run_step(bot, by(APPROVER))
    await told(bot)
    [request] = await requests(bot)
    await bot.click_on(ActionId.APPROVE, request.id, who=APPROVER)
    [request] = await requests(bot)
    assert (request.approvals, request.status) == ((), Status.PENDING)


async def test_where_the_operator_wants_none_it_ends_with_that(bot: Bot) -> None:
    object.__setattr__(bot.context, "workflow_step", False)
    await run_step(bot, by())
    error = (await told(bot))["error"]
    assert "No workflow may propose here" in error
    assert "Nothing was requested." in error
    assert await requests(bot) == []


async def test_no_rule_lets_it_through_without_approval(bot: Bot) -> None:
    rule = NobodyRule(name="all", requesters=(REQUESTER,), lists=frozenset({ListName.SENDER}), per_hour=100)
    rules = bot.context.rules
    object.__setattr__(
        bot.context, "rules", type(rules)(need_nobody=(rule,), accepted_domains=frozenset({"own.example"}))
    )
    lists = Snapshot(entries=(), as_of=bot.store.clock(), accepted_domains=frozenset({"own.example"}))
    async with bot.store.write() as uow:
        await uow.snapshots.save(lists)
    await bot.command("/block", "first.example 7d Phishing wave")
    [typed] = await requests(bot)
    assert typed.status is Status.APPROVED, "the rule is about such blocks"
    await run_step(bot, by())
    await told(bot)
    newest = (await requests(bot))[0]
    assert (newest.status, newest.approvals_needed) == (Status.PENDING, 2)


async def test_the_warnings_are_those_of_a_command_and_its_own(bot: Bot) -> None:
    await bot.command("/block", "evil.example 7d Phishing wave")
    await bot.command("/block", "evil.example 7d Phishing wave")
    await run_step(bot, by())
    await told(bot)
    by_step, typed, _ = await requests(bot)
    codes = {warning.code for warning in by_step.warnings}
    assert codes - {BY_WORKFLOW.code} == {warning.code for warning in typed.warnings}
    assert "pending_same" in codes


async def test_with_subdomains_it_still_takes_two(bot: Bot) -> None:
    await run_step(bot, by())
    await told(bot)
    [request] = await requests(bot)
    await bot.click(ActionId.ADD_SUBDOMAINS, f"{request.id}.{request.version}", who=REQUESTER)
    wider, before = await requests(bot)
    assert before.status is Status.WITHDRAWN
    assert [item.value for item in wider.items] == ["evil.example", "*.evil.example"]
    assert (wider.approvals_needed, BY_WORKFLOW in wider.warnings) == (2, True)


async def test_it_waits_for_the_card_and_no_longer_than_that(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    await run_step(bot, by())
    [end] = await work(bot)
    with pytest.raises(TryLater):
        await runner(bot).end(end, END_STEP.read(end.payload))
    monkeypatch.setattr(step_runner, "CARD_WITHIN", timedelta(0))
    await runner(bot).end(end, END_STEP.read(end.payload))
    [body] = [body for method, _, body in bot.slack.asked if method == "functions.completeSuccess"]
    assert set(json.loads(body)["outputs"]) == {"proposal"}


@pytest.mark.parametrize(
    ("answer", "raised"),
    [
        (refused("function_execution_not_found"), None),
        (refused("execution_not_in_running_state"), None),
        (refused("ratelimited", status=429, headers={"Retry-After": "1"}), SlackUnavailable),
        (refused("internal_error"), SlackUnavailable),
        (refused("access_denied"), SlackError),
        (refused("parameter_validation_failed"), SlackError),
    ],
)
async def test_a_step_that_is_over_is_done_with_and_all_else_is_tried_again(
    bot: Bot, answer: Response, raised: type[Exception] | None
) -> None:
    payload = StepEndPayload(run=RUN, error="Nothing was requested.")
    async with bot.store.write() as uow:
        await step_runner._end(uow, payload)
    [end] = [job for job in await bot.jobs() if job.kind == END_STEP]
    bot.slack.queue("functions.completeError", answer)
    if raised is None:
        await runner(bot).end(end, payload)
    else:
        with pytest.raises(raised):
            await runner(bot).end(end, payload)


async def test_where_slack_takes_no_outputs_the_step_ends_all_the_same_with_the_number(
    bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The app in Slack is of another version of app.yaml: no second attempt would be taken either."""
    monkeypatch.setattr(step_runner, "CARD_WITHIN", timedelta(0))
    bot.slack.queue("functions.completeSuccess", refused("parameter_validation_failed"))
    await run_step(bot, by())
    [end] = await work(bot)
    await runner(bot).end(end, END_STEP.read(end.payload))
    [request] = await requests(bot)
    [body] = [body for method, _, body in bot.slack.asked if method == "functions.completeError"]
    assert json.loads(body)["function_execution_id"] == RUN
    assert f"#{request.proposal_id} was made" in json.loads(body)["error"]


async def test_given_up_it_says_so_and_an_attempt_still_on_its_way_requests_nothing(bot: Bot) -> None:
    await run_step(bot, by())
    [job] = [job for job in await bot.jobs() if job.kind == RUN_STEP]
    payload = RUN_STEP.read(job.payload)
    async with bot.store.write() as uow:
        await runner(bot).give_up_run(uow, payload, "Slack is silent.")
    [failed] = [END_STEP.read(job.payload) for job in await bot.jobs() if job.kind == END_STEP]
    assert "Nothing was requested." in failed.error
    with pytest.raises(NotRecorded):
        await runner(bot)._proposed(payload)
    assert await requests(bot) == []


async def test_refused_it_says_so_and_an_attempt_still_on_its_way_requests_nothing(bot: Bot) -> None:
    """One process reads the roles, and stands still; the other reads them later, when the right is gone."""
    await run_step(bot, by())
    [job] = [job for job in await bot.jobs() if job.kind == RUN_STEP]
    payload = RUN_STEP.read(job.payload)
    before = await runner(bot)._directory.person(REQUESTER)
    await without_roles(bot).run(job, payload)
    [failed] = [END_STEP.read(job.payload) for job in await bot.jobs() if job.kind == END_STEP]
    assert failed.error
    with pytest.raises(NotRecorded):
        await propose_by_step(bot.context, payload.asked, actor=before)
    assert await requests(bot) == []


async def test_refused_after_another_attempt_has_requested_it_says_what_stands(
    bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    await hold(bot, "held.example")
    await run_step(bot, by(indicators="evil.example held.example"))
    [job] = [job for job in await bot.jobs() if job.kind == RUN_STEP]
    payload = RUN_STEP.read(job.payload)
    late = without_roles(bot)
    looked_up = late._directory.person

    async def person(user_id: str, *, since: float, within: float) -> Person:
        await runner(bot)._proposed(payload)
        return await looked_up(user_id, since=since, within=within)

    monkeypatch.setattr(late._directory, "person", person)
    await late.run(job, payload)
    [end] = [END_STEP.read(job.payload) for job in await bot.jobs() if job.kind == END_STEP]
    [request] = await requests(bot)
    assert (end.proposal, end.error) == (request.proposal_id, "")
    assert "held[.]example" in end.set_aside


def without_roles(bot: Bot) -> StepRunner:
    client = web_client("token", api_url=bot.slack.api_url, context=outside_context())
    nobody = Directory(client, store=bot.store, requesters=[], approvers=[], auditors=[])
    return StepRunner(context=bot.context, client=client, directory=nobody)


async def test_given_up_after_it_was_requested_it_says_what_stands(bot: Bot) -> None:
    await run_step(bot, by())
    [job] = [job for job in await bot.jobs() if job.kind == RUN_STEP]
    payload = RUN_STEP.read(job.payload)
    await runner(bot)._proposed(payload)
    async with bot.store.write() as uow:
        await runner(bot).give_up_run(uow, payload, "Slack is silent.")
    [done] = [END_STEP.read(job.payload) for job in await bot.jobs() if job.kind == END_STEP]
    [request] = await requests(bot)
    assert (done.proposal, done.error) == (request.proposal_id, "")


async def test_what_comes_from_elsewhere_is_refused(bot: Bot) -> None:
    event = step_event(by())
    event["authorizations"] = [{"team_id": "T0ELSEWHERE", "is_enterprise_install": False}]
    assert (await bot.deliver(event)).status_code == 200
    assert [job.kind for job in await bot.jobs() if job.kind != JobKind.REPLY] == []


@pytest.mark.parametrize(
    ("team", "organization", "ended"),
    [("T0OTHER", "E0ORG", True), (TEAM, "E0OTHER", False), ("T0OTHER", None, False)],
)
async def test_a_step_of_another_workspace_of_the_organization_ends_with_why(
    database_url: str, team: str, organization: str | None, ended: bool
) -> None:
    """Of another organization nobody here could end it."""
    async with open_bot(database_url, organization="E0ORG") as bot:
        event = step_event(by())
        event["team_id"] = team
        event["authorizations"] = [{"enterprise_id": organization, "team_id": team, "is_enterprise_install": True}]
        for _ in range(2):
            assert (await bot.deliver(event)).status_code == 200
        ends = [END_STEP.read(job.payload) for job in await bot.jobs() if job.kind == END_STEP]
        assert [end.run for end in ends] == ([RUN] if ended else [])
        assert all("doesn't serve the workspace" in end.error for end in ends)
        assert await requests(bot) == []


@pytest.mark.parametrize("callback_id", ["propose_allow", "", None])
async def test_a_step_that_nobody_knows_ends_with_what_to_do(bot: Bot, callback_id: object) -> None:
    """The app in Slack is of another version of app.yaml: nobody else would ever end it."""
    function = {"id": "Fn2", "callback_id": callback_id, "type": "app", "app_id": "A1"}
    for _ in range(2):
        assert (await bot.deliver(step_event(by(), function=function))).status_code == 200
    [end] = [END_STEP.read(job.payload) for job in await bot.jobs() if job.kind == END_STEP]
    assert (end.run, end.proposal) == (RUN, None)
    assert "has no such step. The app in Slack and the bot may be of different versions" in end.error
    assert "Nothing was requested." in end.error
    assert await requests(bot) == []


async def test_an_unknown_step_is_delivered_again_where_its_end_is_not_on_disk(
    bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    @asynccontextmanager
    async def away() -> AsyncIterator[UnitOfWork]:
        raise StoreError("The database can't be reached.")
        yield

    unknown = step_event(by(), function={"id": "Fn2", "callback_id": "propose_allow"})
    with monkeypatch.context() as patched:
        patched.setattr(bot.store, "write", away)
        assert (await bot.deliver(unknown)).status_code >= 500
    assert (await bot.deliver(unknown)).status_code == 200
    assert [job.kind for job in await bot.jobs()] == [END_STEP]


@pytest.mark.parametrize("named", [{"authorizations": [{"enterprise_id": "E0ORG", "team_id": None}]}, {}])
async def test_a_step_of_the_one_workspace_of_the_organization_proposes(
    database_url: str, named: dict[str, object]
) -> None:
    """Whether or not its event names the organization: Slack's own example doesn't."""
    async with open_bot(database_url, organization="E0ORG") as bot:
        event = step_event(by())
        del event["authorizations"]
        event |= named
        assert (await bot.deliver(event)).status_code == 200
        await work(bot)
        assert len(await requests(bot)) == 1
