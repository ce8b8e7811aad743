"""`portcullis trace`, as somebody at a terminal or a script meets it."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import typer
from click.testing import Result
from typer.testing import CliRunner

from bot.cli.commands.trace import trace
from bot.cli.log_lines import find_lines
from bot.domain.auditing.events import EventKind
from bot.domain.requests.request import Status
from bot.reference import referenced
from bot.store import AuditFilter, Store
from tests.support.requests import add_request

NOW = datetime(2030, 1, 10, 12, tzinfo=UTC)
PROPOSED, APPROVED = "0a1b2c3d", "77b01d52"


def run(*arguments: str, given: str | None = None) -> Result:
    app = typer.Typer(add_completion=False)
    app.command()(trace)
    return CliRunner().invoke(app, list(arguments), env={"COLUMNS": "200"}, input=given)


def store_at(url: str) -> Store:
    return Store(url, tenant_id="contoso", clock=lambda: NOW)


@pytest.fixture
def url(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A database in which a request was proposed and approved, each by a delivery, and waits to be applied."""
    address = sqlite_url
    monkeypatch.setenv("PORTCULLIS_DATABASE_URL", address)
    monkeypatch.setenv("PORTCULLIS_TENANT_ID", "contoso")

    async def go() -> None:
        store = store_at(address)
        with referenced(PROPOSED):
            async with store.write() as uow:
                await uow.deliveries.first_time(PROPOSED + "0" * 56)
                request = await add_request(uow, store)
                await uow.audit.append(
                    EventKind.REQUEST_PROPOSED,
                    actor="U0REQUEST1",
                    target="evil.example",
                    request_id=request.id,
                    at=NOW,
                )
        with referenced(APPROVED):
            async with store.write() as uow:
                await uow.deliveries.first_time("refused:" + APPROVED + "0" * 56)
                await uow.requests.move(request.id, expected=Status.PENDING, to=Status.APPROVED)
                await uow.audit.append(
                    EventKind.REQUEST_APPROVED, actor="U0APPROVER", request_id=request.id, at=NOW + timedelta(minutes=2)
                )
                await uow.jobs.enqueue("request.apply", {"request_id": request.id, "url": "https://hooks.example/x"})
        await store.close()

    asyncio.run(go())
    return address


@pytest.mark.parametrize("asked", [PROPOSED, PROPOSED.upper(), f" {APPROVED}", "#1", "1", "job-1", "job #1"])
def test_whichever_of_them_is_asked_for_the_whole_is_told(url: str, asked: str) -> None:
    result = run(asked, "--json")
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert [(event["kind"], event["reference"]) for event in found["events"]] == [
        ("request.proposed", PROPOSED),
        ("request.approved", APPROVED),
    ]
    assert [(each["request"], each["status"]) for each in found["requests"]] == [(1, "approved")]
    assert [(job["kind"], job["reference"]) for job in found["jobs"]] == [("request.apply", APPROVED)]
    assert {each["key"][:16] for each in found["deliveries"]} == {f"{PROPOSED}00000000", f"refused:{APPROVED}"}
    assert "hooks.example" not in result.output


def test_people_read_it_in_order(url: str) -> None:
    result = run(PROPOSED)
    assert result.exit_code == 0
    lines = [line.strip() for line in result.output.splitlines()]
    request = "#1  Block evil[.]example · Tenant Allow/Block List, senders · approved, queued · asked for by UREQUESTER"
    assert request in lines
    assert f"1  2030-01-10 12:00:00  {PROPOSED}  request.proposed  U0REQUEST1  evil[.]example" in lines
    assert f"2  2030-01-10 12:02:00  {APPROVED}  request.approved  U0APPROVER" in lines
    assert "job-1  request.apply  0 attempts, due 2030-01-10 12:00 UTC." in lines
    assert lines.index("Requests") < lines.index("Deliveries") < lines.index("Events")


def test_that_somebody_looked_is_an_event(url: str) -> None:
    run("#1")

    async def go() -> dict[str, object]:
        store = store_at(url)
        async with store.read() as uow:
            [event] = await uow.audit.page(filters=AuditFilter(kind=EventKind.OPERATOR_ACTED))
        await store.close()
        return {"target": event.target, "reference": event.payload["reference"]}

    assert asyncio.run(go()) == {"target": "trace", "reference": "#1"}


@pytest.mark.parametrize("asked", ["ffffffff", "#99", "job-99", "7c297e2c-19f3-46fe-b535-ac702d2ea914"])
def test_what_the_database_does_not_know(url: str, asked: str) -> None:
    result = run(asked)
    assert result.exit_code == 1
    assert f"The database knows nothing of {asked}." in result.output
    assert "--log FILE" in result.output


@pytest.mark.parametrize("asked", ["", " ", "x" * 65, "a\x1b[31m"])
def test_what_is_no_reference(url: str, asked: str) -> None:
    result = run(asked)
    assert result.exit_code == 2
    assert "no reference" in result.output
    assert "\x1b" not in result.output


def test_an_empty_database_says_so(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PORTCULLIS_TENANT_ID", raising=False)
    result = run("#1", "--database", sqlite_url)
    assert (result.exit_code, "serves no tenant yet" in result.output) == (2, True)


CALL = {"reference": APPROVED, "client_request_ids": ["7c297e2c"], "cmdlet": "New-X", "event": "tenant call"}
LOG = "\n".join(
    [
        json.dumps({"reference": PROPOSED, "event": "failed", "error": "Bearer abcdefghijklmnop", "level": "warning"}),
        json.dumps({"reference": "another1", "event": "refused"}),
        "no JSON " + PROPOSED,
        "Nov 30 portcullis[7]: " + json.dumps(CALL),
        json.dumps({"event": f"it only mentions {PROPOSED}"}),
        "[" * 500 + PROPOSED,
    ]
)


def test_the_lines_of_a_log_stand_below(url: str, tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text(LOG, encoding="utf-8")
    found = json.loads(run("#1", "--json", "--log", str(log)).stdout)
    assert [line["event"] for line in found["log"]] == ["failed", "tenant call"]
    shown = run(PROPOSED, "--log", "-", given=LOG)
    assert "warning  failed" in shown.output
    assert "cmdlet=New-X" in shown.output
    assert "abcdefghijklmnop" not in shown.output


@pytest.mark.parametrize("asked", ["7c297e2c", "7C297E2C"])
def test_a_call_that_only_the_log_knows_is_found_there(url: str, asked: str) -> None:
    result = run(asked, "--log", "-", "--json", given=LOG)
    assert result.exit_code == 0
    assert [line["cmdlet"] for line in json.loads(result.stdout)["log"]] == ["New-X"]


def test_a_log_that_is_not_there(url: str, tmp_path: Path) -> None:
    result = run("#1", "--log", str(tmp_path / "missing"))
    assert (result.exit_code, "can't be read: No such file" in result.output) == (2, True)


def test_a_line_without_an_end_is_read_in_parts(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_bytes(b"x" * 1_000_000 + b"\n" + json.dumps({"reference": PROPOSED}).encode())
    assert [line.fields for line in find_lines(str(log), {PROPOSED})] == [{"reference": PROPOSED}]
