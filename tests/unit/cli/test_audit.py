"""`portcullis audit list`, `audit verify` and `migrate`, as somebody at a terminal or a script meets them."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import typer
from click.testing import Result
from typer.testing import CliRunner

from bot.cli.audit import app as audit_app
from bot.cli.audit import read_time
from bot.cli.migrate import migrate as migrate_command
from bot.domain.audit import EventKind
from bot.errors import InvalidInput
from bot.store import Store

NOW = datetime(2030, 1, 10, 12, tzinfo=UTC)
TENANT = "contoso"

app = typer.Typer()
app.add_typer(audit_app, name="audit")
app.command("migrate")(migrate_command)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A migrated database that the environment names."""
    address = f"sqlite:///{tmp_path / 'portcullis.sqlite3'}"
    monkeypatch.setenv("PORTCULLIS_DATABASE_URL", address)
    monkeypatch.delenv("PORTCULLIS_TENANT_ID", raising=False)
    assert run("migrate").exit_code == 0
    return address


def write(url: str, targets: Sequence[str], *, tenant_id: str = TENANT) -> None:
    async def go() -> None:
        store = Store(url, tenant_id=tenant_id, clock=lambda: NOW)
        async with store.write() as uow:
            for number, target in enumerate(targets, 1):
                at = NOW - timedelta(days=len(targets) - number)
                await uow.audit.append(
                    EventKind.CHECK_ASKED, actor=f"U{number}", target=target, request_id=number, at=at
                )
        await store.close()

    asyncio.run(go())


def tamper(url: str, statement: str) -> None:
    connection = sqlite3.connect(url.removeprefix("sqlite:///"))
    with connection:
        for trigger in ("events_no_update", "events_no_delete"):
            connection.execute(f"DROP TRIGGER audit_{trigger}")
        connection.execute(statement)
    connection.close()


class TestMigrate:
    def test_makes_the_database_and_says_so_once(self, tmp_path: Path) -> None:
        url = f"sqlite:///{tmp_path / 'new.sqlite3'}"
        first, second = (run("migrate", "--json", "--database", url) for _ in range(2))
        assert json.loads(first.stdout) == {
            "database": str(tmp_path / "new.sqlite3"),
            "revision": "0001",
            "applied": ["0001"],
        }
        assert json.loads(second.stdout)["applied"] == []
        assert "already" in run("migrate", "--database", url).stdout

    def test_says_what_is_wrong(self, tmp_path: Path) -> None:
        result = run("migrate", "--database", f"sqlite:///{tmp_path}/missing/x.sqlite3")
        assert result.exit_code == 2
        assert "missing" in result.stderr


class TestList:
    def test_prints_json_newest_first(self, url: str) -> None:
        write(url, ["a.example", "b.example"])
        events = json.loads(run("audit", "list", "--json").stdout)
        assert [event["target"] for event in events] == ["b.example", "a.example"]
        assert events[1] == {
            "seq": 1,
            "tenant_id": TENANT,
            "at": "2030-01-09T12:00:00.000000Z",
            "kind": "check.asked",
            "actor": "U1",
            "target": "a.example",
            "request_id": 1,
            "payload": {},
        }

    @pytest.mark.parametrize(
        ("arguments", "expected"),
        [
            (["--actor", "U2"], [2]),
            (["--kind", "check.asked", "--limit", "1"], [3]),
            (["--kind", "request.denied"], []),
            (["--target", "a.example"], [1]),
            (["--request", "3"], [3]),
            (["--since", "2030-01-09T12:00Z"], [3, 2]),
            (["--until", "2030-01-09"], [1]),
            (["--before", "3", "--limit", "1"], [2]),
        ],
    )
    def test_filters(self, url: str, arguments: list[str], expected: list[int]) -> None:
        write(url, ["a.example", "b.example", "c.example"])
        result = run("audit", "list", "--json", *arguments)
        assert [event["seq"] for event in json.loads(result.stdout)] == expected

    def test_prints_a_table_without_what_a_terminal_acts_on(self, url: str) -> None:
        write(url, ["\x1b[31mred\x1b[0m [bold]x[/bold]"])
        output = run("audit", "list").stdout
        assert "check.asked" in output
        assert "\x1b" not in output
        assert "[bold]" in output

    @pytest.mark.usefixtures("url")
    def test_an_empty_log_is_an_empty_list(self) -> None:
        assert json.loads(run("audit", "list", "--json").stdout) == []

    def test_several_tenants_have_to_be_told_apart(self, url: str) -> None:
        write(url, ["a.example"])
        write(url, ["b.example"], tenant_id="fabrikam")
        result = run("audit", "list")
        assert result.exit_code == 2
        assert "--tenant" in result.stderr
        events = json.loads(run("audit", "list", "--json", "--tenant", "fabrikam").stdout)
        assert [event["target"] for event in events] == ["b.example"]

    def test_a_missing_database_is_named_and_not_made(self, tmp_path: Path) -> None:
        result = run("audit", "list", "--json", "--database", f"sqlite:///{tmp_path}/nowhere.sqlite3")
        assert result.exit_code == 2
        assert "nowhere.sqlite3" in result.stderr
        assert "nowhere.sqlite3" in json.loads(result.stdout)["error"]
        assert list(tmp_path.iterdir()) == []


class TestVerify:
    def test_an_intact_log(self, url: str) -> None:
        write(url, ["a.example", "b.example"])
        result = run("audit", "verify", "--json")
        answer = json.loads(result.stdout)
        assert result.exit_code == 0
        assert (answer["intact"], answer["events"], answer["findings"]) == (True, 2, [])
        assert answer["heads"][0]["seq"] == 2
        assert "2 events, intact" in run("audit", "verify").stdout

    def test_names_each_bad_row_of_each_tenant(self, url: str) -> None:
        write(url, ["a.example", "b.example", "c.example"])
        write(url, ["d.example"], tenant_id="fabrikam")
        tamper(url, "UPDATE audit_events SET actor = 'UFORGED' WHERE target IN ('b.example', 'd.example')")
        result = run("audit", "verify", "--json")
        answer = json.loads(result.stdout)
        assert result.exit_code == 1
        assert answer["intact"] is False
        assert [(one["tenant_id"], one["seq"], one["id"], one["problem"]) for one in answer["findings"]] == [
            (TENANT, 2, 2, "changed"),
            ("fabrikam", 1, 4, "changed"),
        ]
        assert "event 2 (id 2): changed" in run("audit", "verify").stdout
        assert json.loads(run("audit", "verify", "--json", "--tenant", TENANT).stdout)["events"] == 3

    def test_an_unreadable_log_is_neither_intact_nor_broken(self, tmp_path: Path) -> None:
        (tmp_path / "notes.txt").write_text("x" * 10_000)
        result = run("audit", "verify", "--database", f"sqlite:///{tmp_path}/notes.txt")
        assert result.exit_code == 2
        assert "no database" in result.stderr


class TestTimes:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("7d", NOW - timedelta(days=7)),
            ("12H", NOW - timedelta(hours=12)),
            ("30m", NOW - timedelta(minutes=30)),
            ("2 w", NOW - timedelta(weeks=2)),
            ("2030-01-02", datetime(2030, 1, 2, tzinfo=UTC)),
            ("2030-01-02T03:04Z", datetime(2030, 1, 2, 3, 4, tzinfo=UTC)),
            ("2030-01-02T03:04+02:00", datetime(2030, 1, 2, 1, 4, tzinfo=UTC)),
        ],
    )
    def test_reads_how_long_ago_and_iso(self, text: str, expected: datetime) -> None:
        assert read_time(text, now=NOW) == expected

    @pytest.mark.parametrize("text", ["yesterday", "7", "d", "999999w", "2030-13-01", "0001-01-01T00:00+14:00"])
    def test_refuses_the_rest(self, text: str) -> None:
        with pytest.raises(InvalidInput, match="is no time"):
            read_time(text, now=NOW)
