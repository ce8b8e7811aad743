"""`portcullis renewals`, as somebody at a terminal or a script meets it."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import Result
from typer.testing import CliRunner

from bot.cli import app
from bot.domain.auditing.events import Event, EventKind
from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action, ListName
from bot.domain.requests.known_entry import KnownEntry
from bot.domain.requests.renewal import Answer, Closing, PassedOn, RenewalState
from bot.store import Store
from tests.support.requests import add_request

NOW = datetime(2030, 1, 10, 12, tzinfo=UTC)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["renewals", *arguments], env={"COLUMNS": "200"})


@pytest.fixture
def url(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A migrated database that the environment names, and a tenant."""
    monkeypatch.setenv("PORTCULLIS_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("PORTCULLIS_TENANT_ID", "contoso")
    return sqlite_url


def fill(url: str) -> None:
    """One that is asked, one that is passed on, one that is closed, and one that the second part of #1 answers."""

    async def go() -> None:
        store = Store(url, tenant_id="contoso", clock=lambda: NOW)
        async with store.write() as uow:
            request = await add_request(uow, store)
            await uow.audit.append(EventKind.REQUEST_PROPOSED, actor="U0REQUEST1", request_id=request.id, at=NOW)
            entries = [
                KnownEntry(
                    list=ListName.SENDER,
                    action=Action.ALLOW,
                    value=value,
                    requester="U0REQUEST1",
                    request_id=request.id,
                    reason="Partner",
                    since=NOW,
                    expires=None,
                )
                for value in ("a.example", "b.example", "c.example", "d.example")
            ]
            _, second, third, fourth = await uow.renewals.add(entries, at=NOW, answer_by=NOW + timedelta(days=14))
            await uow.renewals.set(second, RenewalState.PASSED_ON, why=PassedOn.UNANSWERED, at=NOW)
            await uow.renewals.set(third, RenewalState.CLOSED, closing=Closing.KEPT, at=NOW)
            part = await add_request(uow, store, operation=Operation.EXTEND, proposal_id=request.id)
            await uow.renewals.set(fourth, RenewalState.ANSWERED, answer=Answer.KEEP, answer_id=part.id, at=NOW)
        await store.close()

    asyncio.run(go())


def events(url: str) -> list[Event]:
    async def go() -> list[Event]:
        store = Store(url, tenant_id="contoso")
        async with store.read() as uow:
            found = await uow.audit.page()
        await store.close()
        return found

    return asyncio.run(go())


def test_it_prints_what_is_open_and_where_it_stands(url: str) -> None:
    fill(url)
    printed = run()
    assert printed.exit_code == 0
    assert "a.example" in printed.output
    assert "its owner is asked" in printed.output
    assert "2030-01-24 12:00" in printed.output
    assert "the approvers are asked: nobody answered" in printed.output
    assert "answered: keep, by #1" in printed.output, "people know a part by its proposal's number"
    assert "c.example" not in printed.output
    assert "closed: kept" in run("--all").output
    looked, *_ = events(url)
    assert (looked.kind, looked.target) == ("operator.acted", "renewals")


@pytest.mark.parametrize("columns", ["40", "80"])
def test_no_word_is_broken_whatever_the_width(url: str, columns: str) -> None:
    fill(url)
    lines = CliRunner().invoke(app, ["renewals"], env={"COLUMNS": columns}).output.splitlines()
    assert all(len(line) <= int(columns) for line in lines)
    words = {word for line in lines for word in line.split()}
    assert {"a.example", "(allow)", "U0REQUEST1", "approvers", "nobody", "answered", "2030-01-24"} <= words


def test_machines_get_every_field(url: str) -> None:
    fill(url)
    first, second, answered = json.loads(run("--json").output)
    assert first == {
        "id": 1,
        "list": "sender",
        "action": "allow",
        "value": "a.example",
        "owner": "U0REQUEST1",
        "request_id": 1,
        "proposal": 1,
        "state": "asked",
        "why": None,
        "answer": None,
        "answer_id": None,
        "answer_proposal": None,
        "closing": None,
        "asked_at": "2030-01-10T12:00:00.000000Z",
        "answer_by": "2030-01-24T12:00:00.000000Z",
        "told_at": None,
    }
    assert (second["state"], second["why"]) == ("passed_on", "unanswered")
    assert (answered["answer_id"], answered["answer_proposal"]) == (2, 1)


def test_an_empty_log_has_none(url: str) -> None:
    assert run().exit_code == 0
    assert "No entry is due for renewal." in run().output
    assert json.loads(run("--json").output) == []
