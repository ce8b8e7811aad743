"""`portcullis jobs list` and `jobs retry`, as somebody at a terminal or a script meets them."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from bot.cli.account import account
from bot.cli.commands.jobs import app
from bot.domain.auditing.events import Event
from bot.store import Job, Store

NOW = datetime(2030, 1, 10, 12, tzinfo=UTC)
ANSWER_TO = "https://hooks.example/answer"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments), env={"COLUMNS": "200"})


@pytest.fixture
def url(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A migrated database that the environment names, and a tenant."""
    monkeypatch.setenv("PORTCULLIS_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("PORTCULLIS_TENANT_ID", "contoso")
    return sqlite_url


def fill(url: str, *, tenant_id: str = "contoso") -> None:
    """A job that was given up, one that is under way and one that waits: numbers 1 to 3 in an empty database."""

    async def go() -> None:
        store = Store(url, tenant_id=tenant_id, clock=lambda: NOW)
        async with store.write() as uow:
            for number in (1, 2):
                await uow.jobs.enqueue("check.answer", {"response_url": ANSWER_TO}, key=f"check:{number}")
            [first, _] = await uow.jobs.claim("worker", NOW, 30, 2)
            await uow.jobs.mark_dead(first, "Slack was away.")
            await uow.jobs.enqueue("reply.post", {"response_url": ANSWER_TO}, run_at=NOW + timedelta(hours=1))
        await store.close()

    asyncio.run(go())


def waiting(url: str) -> list[Job]:
    async def go() -> list[Job]:
        store = Store(url, tenant_id="contoso")
        async with store.read() as uow:
            found = await uow.jobs.waiting()
        await store.close()
        return found

    return asyncio.run(go())


def events(url: str, tenant_id: str = "contoso") -> list[Event]:
    async def go() -> list[Event]:
        store = Store(url, tenant_id=tenant_id)
        async with store.read() as uow:
            found = await uow.audit.page()
        await store.close()
        return found

    return asyncio.run(go())


def test_the_list_says_what_is_known_of_each_job(url: str) -> None:
    fill(url)
    ended = run("list", "--json")
    assert ended.exit_code == 0
    assert json.loads(ended.stdout) == [
        {
            "id": 1,
            "state": "dead",
            "kind": "check.answer",
            "key": "check:1",
            "attempts": 1,
            "run_at": "2030-01-10T12:00:00+00:00",
            "error": "Slack was away.",
            "waits": "",
        },
        {
            "id": 2,
            "state": "under way",
            "kind": "check.answer",
            "key": "check:2",
            "attempts": 1,
            "run_at": "2030-01-10T12:00:00+00:00",
            "error": "",
            "waits": "",
        },
        {
            "id": 3,
            "state": "waiting",
            "kind": "reply.post",
            "key": None,
            "attempts": 0,
            "run_at": "2030-01-10T13:00:00+00:00",
            "error": "",
            "waits": "",
        },
    ]


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_where_somebody_is_answered_is_never_shown(url: str, options: list[str]) -> None:
    fill(url)
    ended = run("list", *options)
    assert "Slack was away." in ended.stdout
    assert "hooks.example" not in ended.output


def test_people_get_a_table_or_a_sentence(url: str) -> None:
    assert run("list").stdout == "No job was given up, and none waits.\n"
    assert json.loads(run("list", "--json").stdout) == []
    fill(url)
    shown = run("list").stdout
    assert "2030-01-10 13:00:00" in shown
    assert "under way" in shown


def test_a_job_that_was_given_up_is_queued_again(url: str) -> None:
    fill(url)
    ended = run("retry", "1")
    assert (ended.exit_code, ended.stdout) == (0, "Job #1 is queued again.\n")
    assert {job.id: job.attempts for job in waiting(url)} == {1: 0, 2: 1, 3: 0}


def test_what_was_not_given_up_is_left_alone(url: str) -> None:
    fill(url)
    ended = run("retry", "1", "2", "99")
    assert ended.exit_code == 1
    assert ended.stdout.splitlines() == [
        "Job #1 is queued again.",
        "Job #2 isn't one that was given up.",
        "Job #99 isn't one that was given up.",
    ]
    assert {job.id: job.attempts for job in waiting(url)} == {1: 0, 2: 1, 3: 0}


def test_who_retried_which_jobs_is_an_event(url: str) -> None:
    fill(url)
    run("retry", "1", "99")
    run("retry", "99")

    [event] = events(url)
    assert (event.kind, event.target, event.payload["jobs"]) == ("operator.acted", "jobs retry", [1])
    assert event.actor == f"account:{account()}"


def test_who_looked_at_the_jobs_is_an_event_where_the_bot_serves_the_tenant(url: str) -> None:
    fill(url)
    run("retry", "1")
    assert run("list").exit_code == 0
    looked = events(url)[0]
    assert (looked.kind, looked.target, looked.actor) == ("operator.acted", "jobs list", f"account:{account()}")
    assert (looked.payload["given_up"], looked.payload["others"]) == (0, 3)
    ended = run("list", "--tenant", "fabrikam")
    assert (ended.exit_code, ended.stderr) == (0, "")
    assert events(url, "fabrikam") == [], "a slip in the name begins no log"


def test_the_jobs_are_one_tenants(url: str) -> None:
    fill(url, tenant_id="fabrikam")
    assert json.loads(run("list", "--json").stdout) == []
    assert run("retry", "1").exit_code == 1
    assert len(json.loads(run("list", "--json", "--tenant", "fabrikam").stdout)) == 3
    assert run("retry", "1", "--tenant", "fabrikam").exit_code == 0


def test_a_database_that_is_not_there(url: str, tmp_path: Path) -> None:
    ended = run("list", "--database", f"sqlite:///{tmp_path / 'none.sqlite3'}")
    assert ended.exit_code == 2
    assert "no database" in ended.stderr


def wait_for_a_turn(url: str, *, failed: int) -> None:
    """A job that waits for its turn, after so many attempts that failed."""

    async def go() -> None:
        store = Store(url, tenant_id="contoso", clock=lambda: NOW)
        async with store.write() as uow:
            await uow.jobs.enqueue("request.tell_requester", {}, key="request.tell_requester:4711")
        for attempt in range(failed + 1):
            async with store.write() as uow:
                [job] = await uow.jobs.claim("worker", NOW, 30, 1)
                await uow.jobs.retry(job, NOW, "It waits for its turn: Slack says so.", counts=attempt < failed)
            async with store.write() as uow:
                await uow.audit.append("job.dead", actor="portcullis", target="job", at=NOW)
        await store.close()

    asyncio.run(go())


@pytest.mark.parametrize("failed", [0, 1])
def test_what_waits_for_its_turn_has_no_error(url: str, failed: int) -> None:
    wait_for_a_turn(url, failed=failed)
    [job] = json.loads(run("list", "--json").stdout)
    assert (bool(job["error"]), bool(job["waits"])) == (failed == 1, failed == 0)


def test_nothing_is_cut_off_in_a_narrow_terminal(url: str) -> None:
    wait_for_a_turn(url, failed=0)
    printed = CliRunner().invoke(app, ["list"], env={"COLUMNS": "80"}).stdout
    assert "…" not in printed
    assert "2030-01-10" in printed
    together = "".join("".join(line.split("│")[3:4]).strip() for line in printed.splitlines())
    assert "request.tell_requester:4711" in together


def test_the_only_tenant_needs_no_name(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PORTCULLIS_TENANT_ID")
    assert "No job was given up" in run("list").stdout
    wait_for_a_turn(url, failed=0)
    assert "request.tell_requester" in run("list").stdout

    async def another() -> None:
        store = Store(url, tenant_id="fabrikam")
        async with store.write() as uow:
            await uow.audit.append("job.dead", actor="portcullis", target="job", at=NOW)
        await store.close()

    asyncio.run(another())
    ended = run("list")
    assert ended.exit_code == 2
    assert "contoso, fabrikam" in ended.stderr
    assert run("retry", "1").exit_code == 2
