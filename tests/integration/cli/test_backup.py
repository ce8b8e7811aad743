"""`portcullis backup` and `portcullis restore`, as whoever runs the bot meets them: whole or not at all."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import Result

from bot.cli.commands.backup import backup
from bot.cli.commands.restore import restore
from bot.clock import utc_now
from bot.domain.auditing.events import Event, EventKind, NewEvent, iso
from bot.store import Store
from bot.store.migrate import downgrade, migrate
from tests.support import forks
from tests.support.requests import add_request
from tests.support.tampering import run_raw, triggers_off
from tests.unit.cli.commands import alone, run

TENANT = "contoso"


@pytest.fixture
def url(tmp_path: Path, sqlite_template: Path) -> str:
    """A database with three events, of which the last was just now."""
    path = tmp_path / "portcullis.sqlite3"
    path.write_bytes(sqlite_template.read_bytes())
    address = f"sqlite:///{path}"
    write(address, 3)
    return address


def write(url: str, count: int, *, tenant_id: str = TENANT) -> None:
    async def go() -> None:
        store = Store(url, tenant_id=tenant_id)
        async with store.write() as uow:
            await uow.audit.append_all(
                [
                    NewEvent(kind=EventKind.CHECK_ASKED, actor="U1", target="evil.example", at=utc_now())
                    for _ in range(count)
                ]
            )
        await store.close()

    asyncio.run(go())


def events(url: str) -> list[Event]:
    """Newest first."""

    async def go() -> list[Event]:
        store = Store(url, tenant_id=TENANT)
        async with store.read() as uow:
            found = await uow.audit.page()
        await store.close()
        return found

    return asyncio.run(go())


def back_up(url: str, file: Path, *options: str) -> Result:
    return run(alone(backup), str(file), "--database", url, *options)


def put_back(url: str, *arguments: str) -> Result:
    return run(alone(restore), *arguments, "--database", url)


def words(ended: Result) -> str:
    """What it printed for people, however wide that was."""
    return " ".join(ended.stdout.split())


def read(file: Path, query: str) -> object:
    with closing(sqlite3.connect(file)) as there:
        return there.execute(query).fetchone()[0]


class TestBackup:
    def test_it_is_one_file_for_its_owner_alone_and_says_where_the_log_ends(self, url: str, tmp_path: Path) -> None:
        file = tmp_path / "backups" / "monday.sqlite3"
        file.parent.mkdir()
        made = back_up(url, file, "--json")
        assert made.exit_code == 0, made.output
        told = json.loads(made.stdout)
        assert told["file"] == str(file)
        assert told["bytes"] == file.stat().st_size
        # That it was copied is the last event in it.
        [tenant] = told["tenants"]
        assert tenant["head"]["seq"] == 4
        assert tenant["verifies"] is told["verifies"] is True
        assert events(url)[0].payload["file"] == "monday.sqlite3"
        assert file.stat().st_mode & 0o777 == 0o600
        assert [each.name for each in file.parent.iterdir()] == ["monday.sqlite3"]
        assert read(file, "PRAGMA journal_mode") == "delete"

    def test_people_read_where_the_log_ends(self, url: str, tmp_path: Path) -> None:
        made = back_up(url, tmp_path / "monday.sqlite3")
        assert made.exit_code == 0
        assert "looked through" in words(made)
        assert "Tenant contoso: 4 events, the last of " in words(made)
        head = read(tmp_path / "monday.sqlite3", "SELECT hash FROM audit_heads")
        assert f"head: 4 {head}" in words(made)

    def test_what_others_write_meanwhile_is_in_it_whole_or_not_at_all(self, url: str, tmp_path: Path) -> None:
        """A bot goes on writing as one transaction after the other; the copy is of a moment between two of them."""
        with subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-c", WRITER, url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as writer:
            assert writer.stdout is not None
            assert writer.stdout.readline() == "writes\n"
            made = [back_up(url, tmp_path / f"{number}.sqlite3", "--json") for number in range(3)]
            writer.kill()
        for each in made:
            assert each.exit_code == 0, each.output
        assert [read(tmp_path / f"{number}.sqlite3", "PRAGMA integrity_check") for number in range(3)] == ["ok"] * 3

    def test_one_that_is_there_is_replaced(self, url: str, tmp_path: Path) -> None:
        file = tmp_path / "latest.sqlite3"
        back_up(url, file)
        write(url, 1)
        assert back_up(url, file).exit_code == 0
        assert read(file, "SELECT seq FROM audit_heads") == 6

    def test_a_log_that_was_changed_is_copied_all_the_same_and_told(self, url: str, tmp_path: Path) -> None:
        change_the_log(url)
        made = back_up(url, tmp_path / "evidence.sqlite3", "--json")
        assert made.exit_code == 1
        assert json.loads(made.stdout)["verifies"] is False
        assert read(tmp_path / "evidence.sqlite3", "SELECT actor FROM audit_events WHERE seq = 2") == "U2"

    def test_and_takes_the_place_of_no_other(self, url: str, tmp_path: Path) -> None:
        file = tmp_path / "latest.sqlite3"
        back_up(url, file)
        before = file.read_bytes()
        change_the_log(url)
        refused = back_up(url, file, "--json")
        assert refused.exit_code == 2
        assert "was left as it is" in json.loads(refused.stdout)["error"]
        assert file.read_bytes() == before

    @pytest.mark.parametrize(
        ("spoil", "word"),
        [
            (lambda file: file.mkdir(), "is a folder, a link or a device"),
            (lambda file: file.symlink_to("elsewhere"), "is a folder, a link or a device"),
            (os.mkfifo, "is a folder, a link or a device"),
            (lambda file: os.link(file.parent / "portcullis.sqlite3", file), "is the database itself"),
        ],
    )
    def test_where_no_file_can_be_nothing_is_written(
        self, url: str, tmp_path: Path, spoil: Callable[[Path], None], word: str
    ) -> None:
        spoil(tmp_path / "taken")
        refused = back_up(url, tmp_path / "taken", "--json")
        assert refused.exit_code == 2
        assert word in json.loads(refused.stdout)["error"]
        assert len(events(url)) == 3

    def test_a_folder_that_is_not_there_is_told(self, url: str, tmp_path: Path) -> None:
        refused = back_up(url, tmp_path / "nowhere" / "monday.sqlite3", "--json")
        assert refused.exit_code == 2
        assert "can't be written" in json.loads(refused.stdout)["error"]

    def test_of_postgresql_it_says_how(self, tmp_path: Path) -> None:
        refused = back_up("postgresql://portcullis:pass@db.example/portcullis", tmp_path / "a file", "--json")
        assert refused.exit_code == 2
        told = json.loads(refused.stdout)["error"]
        assert f"pg_dump --format=custom --file='{tmp_path}/a file'" in told
        assert "pass@" not in told

    @pytest.mark.parametrize("step", ["copy", "examine", "settle", "put_in_place"])
    def test_a_kill_leaves_the_last_one_whole_and_the_next_takes_the_rest_away(
        self, url: str, tmp_path: Path, step: str
    ) -> None:
        file = tmp_path / "latest.sqlite3"
        back_up(url, file)
        before = file.read_bytes()
        killed_at(f"bot.cli.backup.{step}", "backup", str(file), "--database", url)
        assert file.read_bytes() == before
        [left] = tmp_path.glob(".latest.sqlite3.*")
        assert left.stat().st_mode & 0o777 == 0o700
        assert back_up(url, file).exit_code == 0
        assert not list(tmp_path.glob(".latest.sqlite3.*"))


class TestRestore:
    @pytest.fixture
    def file(self, url: str, tmp_path: Path) -> Path:
        """A backup, whose log ends with event 4; the database has gone on since."""
        file = tmp_path / "monday.sqlite3"
        assert back_up(url, file).exit_code == 0
        write(url, 5)
        return file

    def test_the_log_goes_on_from_the_backup_and_says_so(self, url: str, file: Path, tmp_path: Path) -> None:
        before = file.read_bytes()
        restored = put_back(url, str(file), "--replace", "--json")
        assert restored.exit_code == 0, restored.output
        told = json.loads(restored.stdout)
        assert told["verifies"] is True
        [was], [now] = told["was"], told["now"]
        assert (was["head"]["seq"], now["head"]["seq"]) == (4, 5)
        noted = events(url)[0]
        assert (noted.kind, noted.target, noted.seq) == (EventKind.OPERATOR_ACTED, "restore", 5)
        assert noted.payload["last_event"] == 4
        assert noted.payload["last_at"] == was["last_at"]
        assert noted.payload["file"] == "monday.sqlite3"
        assert file.read_bytes() == before
        # What stood there is whole, under another name.
        kept = Path(told["kept"])
        assert kept.parent == tmp_path
        assert kept.name.startswith("portcullis.sqlite3.replaced-")
        assert read(kept, "SELECT seq FROM audit_heads") == 9
        assert told["went_on"] == {TENANT: 9}

    def test_people_are_told_how_far_the_log_went_that_was_replaced(self, url: str, file: Path) -> None:
        restored = put_back(url, str(file), "--replace")
        assert "went on to event 9 there" in words(restored)

    def test_a_database_with_something_in_it_is_not_replaced_unasked(self, url: str, file: Path) -> None:
        refused = put_back(url, str(file), "--json")
        assert refused.exit_code == 2
        assert "Add --replace" in json.loads(refused.stdout)["error"]
        assert len(events(url)) == 9

    def test_where_none_is_or_an_empty_one_it_is_put_at_once(self, file: Path, tmp_path: Path) -> None:
        for name in ("new.sqlite3", "empty.sqlite3"):
            other = f"sqlite:///{tmp_path / name}"
            if name == "empty.sqlite3":
                asyncio.run(migrate(other))
            assert put_back(other, str(file)).exit_code == 0
            assert len(events(other)) == 5
            assert (tmp_path / name).stat().st_mode & 0o777 == 0o600

    def test_while_a_bot_serves_the_file_nothing_is_changed(self, url: str, file: Path) -> None:
        with subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-c", HOLDER, url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as bot:
            assert bot.stdout is not None
            assert bot.stdout.readline() == "serves\n"
            refused = put_back(url, str(file), "--replace", "--json")
            bot.kill()
        assert refused.exit_code == 2
        assert "Another Portcullis" in json.loads(refused.stdout)["error"]
        assert len(events(url)) == 9

    def test_what_the_bots_account_could_not_use_is_not_put_there(
        self, url: str, file: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("os.geteuid", lambda: 4_000_000_000)
        refused = put_back(url, str(file), "--replace", "--json")
        assert refused.exit_code == 2
        assert "sudo -u" in json.loads(refused.stdout)["error"]

    def test_a_backup_that_was_changed_is_refused_unless_it_is_wanted_all_the_same(self, url: str, file: Path) -> None:
        change_the_log(f"sqlite:///{file}")
        refused = put_back(url, str(file), "--replace", "--json")
        assert refused.exit_code == 2
        assert "does not verify" in json.loads(refused.stdout)["error"]
        assert len(events(url)) == 9
        restored = put_back(url, str(file), "--replace", "--anyway", "--json")
        assert restored.exit_code == 1
        assert json.loads(restored.stdout)["verifies"] is False
        assert events(url)[0].payload["verifies"] is False

    def test_one_of_a_newer_version_is_refused(self, url: str, file: Path) -> None:
        asyncio.run(run_raw(f"sqlite:///{file}", "UPDATE alembic_version SET version_num = '9999'"))
        refused = put_back(url, str(file), "--replace", "--json")
        assert refused.exit_code == 2
        assert "revision 9999" in json.loads(refused.stdout)["error"]

    def test_one_of_an_older_version_is_brought_to_this_one(self, url: str, file: Path) -> None:
        asyncio.run(downgrade(f"sqlite:///{file}", "0024"))
        assert put_back(url, str(file), "--replace").exit_code == 0
        assert len(events(url)) == 5

    @pytest.mark.parametrize(
        ("content", "word"), [(b"", "none of Portcullis's tables"), (b"no database" * 500, "is no database")]
    )
    def test_what_is_no_backup_is_refused(self, url: str, tmp_path: Path, content: bytes, word: str) -> None:
        (tmp_path / "other").write_bytes(content)
        refused = put_back(url, str(tmp_path / "other"), "--replace", "--json")
        assert refused.exit_code == 2
        assert word in json.loads(refused.stdout)["error"]
        assert len(events(url)) == 3

    def test_a_damaged_database_is_kept_with_its_log_of_writes_and_replaced(
        self, url: str, file: Path, tmp_path: Path
    ) -> None:
        path = tmp_path / "portcullis.sqlite3"
        path.write_bytes(b"damaged" * 1000)
        path.with_name("portcullis.sqlite3-wal").write_bytes(b"writes")
        restored = put_back(url, str(file), "--replace", "--json")
        assert restored.exit_code == 0, restored.output
        kept = Path(json.loads(restored.stdout)["kept"])
        assert kept.read_bytes() == b"damaged" * 1000
        assert kept.with_name(f"{kept.name}-wal").read_bytes() == b"writes"
        assert len(events(url)) == 5

    @pytest.mark.parametrize(
        "step",
        [
            "bot.cli.restore.copy",
            "bot.cli.restore.examine",
            "bot.cli.restore.replace",
            "bot.store.restoring._keep",
            "bot.store.restoring.put_in_place",
        ],
    )
    def test_a_kill_leaves_the_old_one_whole(self, url: str, file: Path, tmp_path: Path, step: str) -> None:
        killed_at(step, "restore", str(file), "--replace", "--database", url)
        assert len(events(url)) == 9
        assert put_back(url, str(file), "--replace").exit_code == 0
        assert len(events(url)) == 5
        assert not list(tmp_path.glob(".portcullis.sqlite3.*"))

    def test_what_was_restored_otherwise_is_looked_through_and_written_down(self, url: str) -> None:
        """Here as if somebody had copied a file by hand while no bot ran."""
        restored = put_back(url, "--by-hand", "--json")
        assert restored.exit_code == 0, restored.output
        assert events(url)[0].payload | {"host": ""} == {
            "file": "",
            "host": "",
            "last_event": 3,
            "last_at": iso(events(url)[1].at),
            "verifies": True,
            "pending": [],
            "under_way": [],
        }
        change_the_log(url)
        refused = put_back(url, "--by-hand", "--json")
        assert refused.exit_code == 2
        assert "The database does not verify: contoso: event 2: changed." in json.loads(refused.stdout)["error"]

    def test_a_backup_that_is_not_there_is_told(self, url: str, tmp_path: Path) -> None:
        for name in ("nowhere.sqlite3", "portcullis.sqlite3"):
            refused = put_back(url, str(tmp_path / name), "--replace", "--json")
            assert refused.exit_code == 2
            assert "file" in json.loads(refused.stdout)["error"]
        assert len(events(url)) == 3

    @pytest.mark.parametrize("arguments", [(), ("monday.sqlite3", "--by-hand")])
    def test_what_is_meant_has_to_be_clear(self, url: str, arguments: tuple[str, ...]) -> None:
        refused = put_back(url, *arguments, "--json")
        assert refused.exit_code == 2
        assert "isn't clear" in json.loads(refused.stdout)["error"]

    def test_people_are_told_what_waits_and_what_is_lost(self, url: str, tmp_path: Path) -> None:
        async def fill() -> None:
            store = Store(url, tenant_id=TENANT)
            async with store.write() as uow:
                await add_request(uow, store)
            await store.close()

        asyncio.run(fill())
        file = tmp_path / "pending.sqlite3"
        back_up(url, file)
        # Nothing in the log says that it was proposed: that is told too.
        restored = put_back(url, str(file), "--replace", "--anyway")
        assert restored.exit_code == 1
        assert "have the cards posted again with /requests: #1." in words(restored)
        assert "is gone from the database" in words(restored)


def change_the_log(url: str) -> None:
    asyncio.run(run_raw(url, *triggers_off(url), "UPDATE audit_events SET actor = 'U2' WHERE seq = 2"))


def killed_at(step: str, *arguments: str) -> None:
    """Run a command and have it killed where it would take this step."""
    ended = forks.run(step, *arguments, environment=os.environ, module="tests.support.killed")
    assert ended.returncode == -signal.SIGKILL, ended.stderr


HOLDER = """
import sys
from bot.store.process_lock import only_process
with only_process(sys.argv[1]):
    print("serves", flush=True)
    sys.stdin.read()
"""

WRITER = """
import asyncio, sys
from bot.clock import utc_now
from bot.domain.auditing.events import EventKind, NewEvent
from bot.store import Store
async def go():
    store = Store(sys.argv[1], tenant_id="contoso")
    told = False
    while True:
        async with store.write() as uow:
            await uow.audit.append_all([
                NewEvent(kind=EventKind.CHECK_ASKED, actor="U1", target="x" * 200, at=utc_now()) for _ in range(50)
            ])
        if not told:
            print("writes", flush=True)
            told = True
asyncio.run(go())
"""
