"""`portcullis audit list`, `audit verify` and `migrate`, as somebody at a terminal or a script meets them."""

from __future__ import annotations

import asyncio
import json
import shutil
import sqlite3
import stat
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import typer
from click.testing import Result
from hypothesis import example, given
from hypothesis import strategies as st
from typer.testing import CliRunner

from bot.cli.commands.audit import app as audit_app
from bot.cli.commands.migrate import migrate as migrate_command
from bot.cli.times import read_time
from bot.domain.auditing.events import EventKind
from bot.domain.lists.entries import Snapshot
from bot.errors import InvalidInput
from bot.store import Store
from tests.support.requests import add_request

NOW = datetime(2030, 1, 10, 12, tzinfo=UTC)
TENANT = "contoso"
MIGRATIONS = sorted(path.name[:4] for path in (Path(__file__).parents[3] / "migrations" / "versions").glob("[0-9]*.py"))

app = typer.Typer()
app.add_typer(audit_app, name="audit")
app.command("migrate")(migrate_command)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file, to be copied."""
    path = tmp_path_factory.mktemp("migrated") / "portcullis.sqlite3"
    assert run("migrate", "--database", f"sqlite:///{path}").exit_code == 0
    return path


@pytest.fixture
def url(migrated: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A migrated database that the environment names."""
    path = tmp_path / "portcullis.sqlite3"
    shutil.copy(migrated, path)
    address = f"sqlite:///{path}"
    monkeypatch.setenv("PORTCULLIS_DATABASE_URL", address)
    monkeypatch.delenv("PORTCULLIS_TENANT_ID", raising=False)
    return address


def read_lists(url: str, *, tenant_id: str) -> None:
    """What the first reading of a tenant's lists leaves: no event."""

    async def go() -> None:
        store = Store(url, tenant_id=tenant_id, clock=lambda: NOW)
        async with store.write() as uow:
            await uow.snapshots.save(Snapshot(as_of=NOW))
        await store.close()

    asyncio.run(go())


def write(
    url: str, targets: Sequence[str], *, tenant_id: str = TENANT, payload: Mapping[str, object] | None = None
) -> None:
    async def go() -> None:
        store = Store(url, tenant_id=tenant_id, clock=lambda: NOW)
        async with store.write() as uow:
            for number, target in enumerate(targets, 1):
                at = NOW - timedelta(days=len(targets) - number)
                await uow.audit.append(
                    EventKind.CHECK_ASKED,
                    actor=f"U{number}",
                    target=target,
                    request_id=number,
                    payload=payload,
                    at=at,
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
            "revision": MIGRATIONS[-1],
            "applied": MIGRATIONS,
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
            "proposal": 1,
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

    def test_the_number_of_any_part_finds_the_whole_proposal(self, url: str) -> None:
        async def propose() -> None:
            store = Store(url, tenant_id=TENANT, clock=lambda: NOW)
            async with store.write() as uow:
                first = await add_request(uow, store)
                await add_request(uow, store, proposal_id=first.id)
                await add_request(uow, store)
            await store.close()

        asyncio.run(propose())
        write(url, ["a.example", "b.example", "c.example"])
        for number, expected in (("1", [2, 1]), ("2", [2, 1]), ("3", [3])):
            events = json.loads(run("audit", "list", "--json", "--request", number).stdout)
            assert [event["request_id"] for event in events] == expected
        about = [event for event in json.loads(run("audit", "list", "--json").stdout) if event["request_id"]]
        assert [event["proposal"] for event in about] == [3, 1, 1]
        assert run("audit", "list").stdout.count("#1") == 2

    def test_prints_lines_without_what_a_terminal_acts_on(self, url: str) -> None:
        write(url, ["\x1b[31mred\x1b[0m [bold]x[/bold]"])
        output = run("audit", "list").stdout
        assert "check.asked" in output
        assert "\x1b" not in output
        assert "[bold]" in output

    def test_a_line_is_an_event(self, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("COLUMNS", "80")
        write(url, ["a.example", "request 2"])
        heading, newest, oldest = run("audit", "list").stdout.splitlines()
        assert "When (UTC)" in heading
        assert newest.split() == ["2", "2030-01-10", "12:00:00", "check.asked", "U2", "#2"]
        assert oldest.split() == ["1", "2030-01-09", "12:00:00", "check.asked", "U1", "a.example", "·", "#1"]
        assert newest.index("check.asked") == oldest.index("check.asked") == heading.index("What")

    def test_no_word_is_broken_whatever_the_width(self, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
        long = "evil.example/" + "a" * 120
        write(url, [long])
        monkeypatch.setenv("COLUMNS", "80")
        lines = run("audit", "list").stdout.splitlines()
        assert [line.strip() for line in lines[2:]] == [long, "· #1"]

    def test_a_name_that_does_not_fit_goes_under_it(self, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("COLUMNS", "60")

        async def name() -> None:
            store = Store(url, tenant_id=TENANT, clock=lambda: NOW)
            async with store.write() as uow:
                await uow.people.meet("U1", "Somebody With A Name That Is Quite Long")
            await store.close()

        asyncio.run(name())
        write(url, ["a.example"])
        lines = run("audit", "list").stdout.splitlines()
        assert all(len(line) <= 60 for line in lines)
        assert "(Somebody With A Name That Is Quite Long)" in " ".join(" ".join(lines).split())

    @pytest.mark.parametrize(
        ("columns", "arguments", "shown"), [("80", [], False), ("80", ["--payload"], True), ("200", [], True)]
    )
    def test_the_payload_is_shown_when_asked_for_or_when_there_is_room(
        self, url: str, monkeypatch: pytest.MonkeyPatch, columns: str, arguments: list[str], shown: bool
    ) -> None:
        monkeypatch.setenv("COLUMNS", columns)
        reason = "Phishing wave that came in over the weekend and has not ended by Monday morning"
        write(url, ["a.example"], payload={"reason": reason, "mark": "\x1b[31m"})
        output = run("audit", "list", *arguments).stdout
        assert (" ".join(reason.split()) in " ".join(output.split())) is shown
        assert "\x1b" not in output
        assert all(len(line) <= int(columns) for line in output.splitlines())

    @pytest.mark.usefixtures("url")
    def test_an_empty_log_says_so(self) -> None:
        assert run("audit", "list").stdout == "No events.\n"

    def test_a_target_may_be_defanged(self, url: str) -> None:
        write(url, ["evil.example", "evil.example/login", "request 3"])
        for typed, expected in (("evil[.]example", [1]), ("hxxps://evil[.]example/login", [2, 1]), ("request 3", [3])):
            events = json.loads(run("audit", "list", "--json", "--target", typed).stdout)
            assert [event["seq"] for event in events] == expected

    @pytest.mark.parametrize(
        ("arguments", "told"),
        [
            (["--kind", "nope"], "request.approved"),
            (["--request", "0"], "1"),
            (["--request", "-3"], "1"),
            (["--request", "999"], "There is no request #999."),
            (["--tenant", "nope"], TENANT),
        ],
    )
    def test_what_can_find_nothing_is_an_error(self, url: str, arguments: list[str], told: str) -> None:
        write(url, ["a.example"])
        result = run("audit", "list", "--json", *arguments)
        assert result.exit_code == 2
        assert told in json.loads(result.stdout)["error"]

    @pytest.mark.usefixtures("url")
    def test_an_empty_log_is_an_empty_list(self) -> None:
        assert json.loads(run("audit", "list", "--json").stdout) == []

    def test_a_tenant_without_a_log_yet_is_told_apart_too(self, url: str) -> None:
        write(url, ["a.example"])
        read_lists(url, tenant_id="fabrikam")
        result = run("audit", "list")
        assert result.exit_code == 2
        assert f"--tenant: {TENANT}, fabrikam" in result.stderr

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
        assert [(row["tenant_id"], row["seq"], row["id"], row["problem"]) for row in answer["findings"]] == [
            (TENANT, 2, 2, "changed"),
            ("fabrikam", 1, 4, "changed"),
        ]
        assert "event 2 (id 2): changed" in run("audit", "verify").stdout
        assert json.loads(run("audit", "verify", "--json", "--tenant", TENANT).stdout)["events"] == 3

    def test_names_the_triggers_that_are_gone_until_they_are_made_anew(self, url: str) -> None:
        write(url, ["a.example"])
        tamper(url, "SELECT 1")
        result = run("audit", "verify", "--json")
        assert result.exit_code == 1
        gone = ["audit_events_no_delete", "audit_events_no_update"]
        assert sorted(found["trigger"] for found in json.loads(result.stdout)["triggers"]) == gone
        told = run("audit", "verify").stdout
        assert "trigger: The trigger audit_events_no_update of audit_events is missing." in told
        assert "portcullis migrate --triggers" in told
        assert "made anew" in run("migrate", "--triggers", "--database", url).stdout
        assert run("audit", "verify").exit_code == 0

    def test_names_each_request_that_the_log_contradicts(self, url: str) -> None:
        insert = (
            "INSERT INTO requests (tenant_id, operation, action, list, reason, requester, status, approvals_needed, "
            "created_at, lapses_at, warnings, failure) VALUES ('contoso', 'add', 'allow', 'sender', '', 'U1', "
            "'approved', 1, '2030-01-01 00:00:00.000000', '2030-01-02 00:00:00.000000', '[]', '')"
        )
        write(url, ["a.example"])
        with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
            connection.execute(insert)
        connection.close()
        result = run("audit", "verify", "--json")
        assert result.exit_code == 1
        found = json.loads(result.stdout)["requests"]
        assert [(each["tenant_id"], each["request_id"], each["about"]) for each in found] == [(TENANT, 1, "proposed")]
        assert "request 1: The log has no event that proposes it." in run("audit", "verify").stdout

    @pytest.mark.parametrize("arguments", [("--json",), ()])
    def test_holds_the_log_against_what_it_printed_before(
        self, url: str, tmp_path: Path, arguments: tuple[str, ...]
    ) -> None:
        write(url, ["a.example", "b.example"])
        kept = tmp_path / "kept.txt"
        kept.write_text(run("audit", "verify", *arguments).stdout)
        write(url, ["c.example"])
        result = run("audit", "verify", "--against", str(kept))
        assert (result.exit_code, "held against 1 head kept elsewhere" in result.stdout) == (0, True)

    def test_a_log_that_was_written_anew_is_not_the_one_whose_head_was_kept(self, url: str, tmp_path: Path) -> None:
        write(url, ["a.example", "b.example"])
        [head] = json.loads(run("audit", "verify", "--json").stdout)["heads"]
        kept = tmp_path / "kept.txt"
        kept.write_text(f"# the first day\n\n2 {head['hash']}\n3 {'0' * 64}\n1 {'1' * 64}\n")
        result = run("audit", "verify", "--json", "--against", str(kept))
        assert result.exit_code == 1
        answer = json.loads(result.stdout)
        assert (answer["findings"], answer["intact"]) == ([], False)
        assert [(found["seq"], found["details"][:55]) for found in answer["anchors"]] == [
            (3, "A head that was kept elsewhere has the number 3, and th"),
            (1, "A head that was kept elsewhere has another hash at 1: t"),
        ]

    @pytest.mark.parametrize(
        ("content", "said"),
        [("", "no head in the file"), ("12 abc", "Line 1 of the file is no head"), ("{}", "Line 1"), (None, "be read")],
    )
    def test_what_is_no_head_is_not_compared_in_silence(
        self, url: str, tmp_path: Path, content: str | None, said: str
    ) -> None:
        write(url, ["a.example"])
        kept = tmp_path / "kept.txt"
        if content is not None:
            kept.write_text(content)
        result = run("audit", "verify", "--against", str(kept))
        assert (result.exit_code, said in result.stderr) == (2, True)

    def test_heads_of_another_tenant_prove_nothing(self, url: str, tmp_path: Path) -> None:
        write(url, ["a.example"])
        kept = tmp_path / "kept.txt"
        kept.write_text(json.dumps({"tenant_id": "fabrikam", "seq": 1, "hash": "0" * 64}))
        result = run("audit", "verify", "--against", str(kept))
        assert (result.exit_code, "of tenant fabrikam" in result.stderr) == (2, True)

    def test_a_tenant_that_the_database_does_not_hold_is_not_intact(self, url: str) -> None:
        write(url, ["a.example"])
        result = run("audit", "verify", "--json", "--tenant", "nope")
        assert result.exit_code == 2
        assert "nope" in json.loads(result.stdout)["error"]
        assert TENANT in result.stderr

    @pytest.mark.usefixtures("url")
    def test_a_database_without_any_event_is_intact_for_every_tenant(self) -> None:
        assert run("audit", "verify", "--tenant", "nope").exit_code == 0
        assert run("audit", "verify").exit_code == 0

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
            ("today", datetime(2030, 1, 10, tzinfo=UTC)),
            ("Yesterday ", datetime(2030, 1, 9, tzinfo=UTC)),
            ("2030-01-02", datetime(2030, 1, 2, tzinfo=UTC)),
            ("2030-01-02T03:04Z", datetime(2030, 1, 2, 3, 4, tzinfo=UTC)),
            ("2030-01-02T03:04+02:00", datetime(2030, 1, 2, 1, 4, tzinfo=UTC)),
        ],
    )
    def test_reads_how_long_ago_and_iso(self, text: str, expected: datetime) -> None:
        assert read_time(text, now=NOW) == expected

    @pytest.mark.parametrize("text", ["the day before", "7", "d", "999999w", "2030-13-01", "0001-01-01T00:00+14:00"])
    def test_refuses_the_rest(self, text: str) -> None:
        with pytest.raises(InvalidInput, match="isn't a time"):
            read_time(text, now=NOW)


@given(text=st.text(max_size=30) | st.text(alphabet="0123456789dhmwT:-+Z. ", max_size=30))
@example("9" * 30 + "d")
@example("9999-12-31T23:59:59-23:59")
@example("0001-01-01T00:00:00+23:59")
def test_whatever_is_typed_it_is_a_time_with_a_zone_or_refused(text: str) -> None:
    try:
        moment = read_time(text, now=NOW)
    except InvalidInput:
        return
    assert moment.utcoffset() == timedelta()


class TestExport:
    @pytest.mark.parametrize("form", ["csv", "jsonl", "ocsf"])
    def test_every_event_is_a_line_oldest_first(self, url: str, form: str, tmp_path: Path) -> None:
        write(url, [f"evil{number}.example" for number in range(1, 4)])
        printed = run("audit", "export", "--format", form)
        assert printed.exit_code == 0, printed.output
        file = tmp_path / "log"
        assert run("audit", "export", "--format", form, "--output", str(file)).exit_code == 0
        lines = file.read_text(encoding="utf-8").splitlines()
        found = [line for line in lines if "evil" in line]
        assert [line for line in printed.stdout.splitlines() if "evil" in line] == found
        assert ["evil1" in found[0], "evil2" in found[1], "evil3" in found[2]] == [True] * 3
        # The second time, that it was handed out the first time is an event too.
        assert len(lines) == (5 if form == "csv" else 4)

    def test_that_it_was_handed_out_is_logged(self, url: str) -> None:
        write(url, ["evil.example"] * 3)
        run("audit", "export", "--format", "csv", "--since", "2030-01-09")
        events = json.loads(run("audit", "list", "--json", "--kind", "audit.exported").stdout)
        [payload] = [event["payload"] for event in events]
        assert (payload["format"], payload["events"], payload["since"]) == ("csv", 2, "2030-01-09T00:00:00+00:00")

    def test_more_than_a_batch(self, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("bot.workflow.asking.audit_batches.batches.__kwdefaults__", {"after": 0, "size": 2})
        write(url, [f"evil{number}.example" for number in range(5)])
        lines = [json.loads(line) for line in run("audit", "export").stdout.splitlines()]
        assert [line["seq"] for line in lines] == [1, 2, 3, 4, 5]

    @pytest.mark.parametrize("form", ["csv", "jsonl"])
    def test_the_next_run_goes_on_where_the_last_one_said(self, url: str, form: str) -> None:
        write(url, [f"evil{number}.example" for number in range(1, 4)])
        first = run("audit", "export", "--format", form)
        assert "To go on from here: --after 3" in first.stderr
        write(url, ["evil9.example"])
        second = run("audit", "export", "--format", form, "--after", "3")
        # In between it was logged that the first was handed out.
        assert "To go on from here: --after 5" in second.stderr
        found = [line for line in (first.stdout + second.stdout).splitlines() if "evil" in line]
        assert [f"evil{number}" in line for number, line in zip((1, 2, 3, 9), found, strict=True)] == [True] * 4
        assert (first.stdout + second.stdout).count("seq,at,kind") == (1 if form == "csv" else 0)
        logged = json.loads(run("audit", "list", "--json", "--kind", "audit.exported").stdout)
        assert sorted((event["payload"]["after"], event["payload"]["events"]) for event in logged) == [(0, 3), (3, 2)]

    def test_a_filter_that_finds_nothing_leaves_the_number_at_the_end_of_what_was_looked_at(self, url: str) -> None:
        write(url, ["evil.example"] * 3)
        assert "--after 3" in run("audit", "export", "--until", "2001-01-01").stderr
        assert "--after 7" in run("audit", "export", "--after", "7").stderr

    def test_names_stand_beside_the_ids(self, url: str) -> None:
        write(url, ["evil.example"])

        async def meet() -> None:
            store = Store(url, tenant_id=TENANT)
            async with store.write() as uow:
                await uow.people.meet("U1", "anna")
            await store.close()

        asyncio.run(meet())
        assert json.loads(run("audit", "export").stdout.splitlines()[0])["actor_name"] == "anna"
        assert "U1 (anna)" in run("audit", "list").stdout

    def test_a_file_is_its_owners_and_whole_or_as_it_was(self, url: str, tmp_path: Path) -> None:
        write(url, ["evil.example"])
        file = tmp_path / "log"
        file.write_text("as it was", encoding="utf-8")
        file.chmod(0o666)
        assert run("audit", "export", "--output", str(file), "--since", "x").exit_code == 2
        assert file.read_text(encoding="utf-8") == "as it was"
        assert run("audit", "export", "--output", str(file)).exit_code == 0
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert [each for each in tmp_path.iterdir() if "log" in each.name] == [file]

    def test_a_link_is_not_followed(self, url: str, tmp_path: Path) -> None:
        write(url, ["evil.example"])
        elsewhere, link = tmp_path / "elsewhere", tmp_path / "log"
        elsewhere.write_text("as it was", encoding="utf-8")
        link.symlink_to(elsewhere)
        failed = run("audit", "export", "--output", str(link))
        assert (failed.exit_code, "it is a link" in failed.stderr) == (2, True), failed.stderr
        assert elsewhere.read_text(encoding="utf-8") == "as it was"

    def test_what_cannot_be_is_told(self, url: str, tmp_path: Path) -> None:
        write(url, ["evil.example"])
        for arguments in (("--follow", "--until", "1d"), ("--since", "x"), ("--output", str(tmp_path))):
            failed = run("audit", "export", *arguments)
            assert failed.exit_code == 2, arguments
            assert failed.stderr.strip(), arguments
