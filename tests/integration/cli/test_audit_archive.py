"""`portcullis audit archive`, and `audit verify --archives`, on both databases."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import Result
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from bot.cli.commands.audit import app
from bot.clock import utc_now
from bot.domain.auditing.events import Event, EventKind, NewEvent
from bot.store import Store
from tests.support.tampering import run_raw, triggers_off, write_anew
from tests.unit.cli.commands import run

TENANT = "contoso"
TODAY = utc_now()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "archives"
    made.mkdir()
    return made


@pytest.fixture
def public(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The public part of the key that signs."""
    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    monkeypatch.setenv("PORTCULLIS_ANCHOR_KEY", private)
    file = tmp_path / "public.pem"
    file.write_bytes(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    return file


@pytest.fixture
def url(database_url: str, public: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A log with three events of two days ago, and two of today."""
    del public
    monkeypatch.setenv("PORTCULLIS_DATABASE_URL", database_url)
    monkeypatch.setenv("PORTCULLIS_TENANT_ID", TENANT)
    write(database_url, 3, days_ago=2)
    write(database_url, 2, days_ago=0)
    return database_url


def write(url: str, count: int, *, days_ago: int) -> None:
    async def go() -> None:
        store = Store(url, tenant_id=TENANT)
        async with store.write() as uow:
            at = TODAY - timedelta(days=days_ago)
            event = NewEvent(
                kind=EventKind.CHECK_ASKED, actor="U1", target="b\u2028cher.example", payload={"n": [1, None]}, at=at
            )
            await uow.audit.append_all([event] * count)
        await store.close()

    asyncio.run(go())


def newest(url: str) -> tuple[Event, int]:
    """The newest event, and how far the log was archived."""

    async def go() -> tuple[Event, int]:
        store = Store(url, tenant_id=TENANT)
        async with store.read() as uow:
            [event, *_] = await uow.audit.page()
            at = await uow.audit_cursors.at("audit archive")
        await store.close()
        return event, at

    return asyncio.run(go())


def archive(*arguments: str) -> Result:
    return run(app, "archive", *arguments, "--json")


def verify(folder: Path, public: Path) -> tuple[int, dict[str, object]]:
    ended = run(app, "verify", "--archives", str(folder), "--key", str(public), "--json")
    return ended.exit_code, json.loads(ended.stdout)


def test_each_archive_goes_on_from_the_last_and_all_prove_the_log(url: str, folder: Path, public: Path) -> None:
    first = archive(str(folder / "1.jsonl"), "--before", "1d")
    assert first.exit_code == 0, first.output
    assert json.loads(first.stdout) | {"hash": ""} == {
        "file": str(folder / "1.jsonl"),
        "tenant_id": TENANT,
        "first": 1,
        "last": 3,
        "hash": "",
    }
    assert (folder / "1.jsonl").stat().st_mode & 0o777 == 0o600
    event, archived = newest(url)
    assert (event.kind, event.target, event.seq, archived) == (EventKind.AUDIT_EXPORTED, "audit archive", 6, 3)
    assert event.payload["last"] == 3
    second = archive(str(folder / "2.jsonl"), "--before", "2100-01-01")
    assert (json.loads(second.stdout)["first"], json.loads(second.stdout)["last"]) == (4, 6)
    assert verify(folder, public)[0] == 0
    told = run(app, "verify", "--archives", str(folder)).stdout
    assert "held against 2 archives, events 1 to 6" in told
    # What a verification printed can be held against the log later.
    (folder.parent / "printed").write_text(told)
    assert run(app, "verify", "--against", str(folder.parent / "printed")).exit_code == 0


def test_the_log_loses_nothing(url: str, folder: Path) -> None:
    assert archive(str(folder / "1.jsonl"), "--before", "1d").exit_code == 0
    listed = json.loads(run(app, "list", "--json").stdout)
    assert [each["seq"] for each in listed] == [6, 5, 4, 3, 2, 1]


def test_a_log_that_was_written_anew_shows_by_its_archives(url: str, folder: Path, public: Path) -> None:
    archive(str(folder / "1.jsonl"), "--before", "1d")
    asyncio.run(write_anew(url, tenant_id=TENANT, seq=2, actor="U2"))
    code, told = verify(folder, public)
    assert code == 1
    assert told["findings"] == []
    assert [each["seq"] for each in told["anchors"]] == [3]  # type: ignore[attr-defined]


def test_an_archive_that_was_changed_or_lost_shows(url: str, folder: Path, public: Path) -> None:
    archive(str(folder / "1.jsonl"), "--before", "1d")
    archive(str(folder / "2.jsonl"), "--before", "2100-01-01")
    whole = (folder / "1.jsonl").read_bytes()
    (folder / "1.jsonl").write_bytes(whole.replace(b'"U1"', b'"U2"', 1))
    code, told = verify(folder, public)
    assert code == 1
    assert [(each["file"], each["seq"]) for each in told["archives"]] == [("1.jsonl", 1)]  # type: ignore[attr-defined]
    (folder / "1.jsonl").write_bytes(whole.replace(b'"signature":"', b'"signature":"A', 1))
    code, told = verify(folder, public)
    assert code == 1
    assert "wasn't signed" in told["anchors"][0]["details"]  # type: ignore[index]
    (folder / "1.jsonl").unlink()
    code, told = verify(folder, public)
    assert code == 1
    assert told["archives"][0]["details"] == "The archive with the events 1 to 3 is missing."  # type: ignore[index]
    (folder / "2.jsonl").write_text("seq,at\n")
    ended = run(app, "verify", "--archives", str(folder))
    assert ended.exit_code == 1
    assert "2.jsonl: A line of it can't be read" in " ".join(ended.stdout.split())


def test_a_folder_without_any_proves_nothing(url: str, folder: Path) -> None:
    del url
    for missing in (folder, folder / "nowhere"):
        refused = run(app, "verify", "--archives", str(missing), "--json")
        assert refused.exit_code == 2


def test_archives_of_another_log_prove_nothing(url: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    del url
    archive(str(folder / "1.jsonl"), "--before", "1d")
    content = (folder / "1.jsonl").read_text(encoding="utf-8")
    monkeypatch.delenv("PORTCULLIS_TENANT_ID")
    for whole in (content, content.rpartition('{"tenant_id"')[0]):
        (folder / "1.jsonl").write_text(whole.replace(TENANT, "fabrikam"), encoding="utf-8")
        ended = run(app, "verify", "--archives", str(folder), "--json")
        assert ended.exit_code == 2
        assert "no such log here" in json.loads(ended.stdout)["error"]


def test_of_a_log_that_was_changed_none_is_made(url: str, folder: Path) -> None:
    asyncio.run(run_raw(url, *triggers_off(url), "UPDATE audit_events SET actor = 'U2' WHERE seq = 2"))
    refused = archive(str(folder / "1.jsonl"), "--before", "1d")
    assert refused.exit_code == 2
    assert "don't verify" in json.loads(refused.stdout)["error"]
    assert not list(folder.iterdir())


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--before", "30d"), "No event is from before"),
        (("--before", "1d", "--after", "3"), "No event after event 3 is from before"),
    ],
)
def test_where_there_is_nothing_no_file_is_made(url: str, folder: Path, arguments: tuple[str, ...], words: str) -> None:
    del url
    refused = archive(str(folder / "1.jsonl"), *arguments)
    assert refused.exit_code == 2
    assert words in json.loads(refused.stdout)["error"]
    assert not list(folder.iterdir())


def test_an_archive_is_never_replaced(url: str, folder: Path) -> None:
    del url
    assert archive(str(folder / "1.jsonl"), "--before", "1d").exit_code == 0
    refused = archive(str(folder / "1.jsonl"), "--before", "1d", "--after", "0")
    assert refused.exit_code == 2
    assert "there already" in json.loads(refused.stdout)["error"]


def test_without_a_key_none_is_made(url: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    del url
    monkeypatch.delenv("PORTCULLIS_ANCHOR_KEY")
    refused = archive(str(folder / "1.jsonl"), "--before", "1d")
    assert refused.exit_code == 2
    assert "ANCHOR_KEY" in json.loads(refused.stdout)["error"]


def test_a_kill_leaves_no_archive_and_the_next_has_all(url: str, folder: Path, public: Path) -> None:
    ended = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", KILLED, "audit", "archive", str(folder / "1.jsonl"), "--before", "1d"],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    assert not [each for each in folder.iterdir() if not each.name.startswith(".")]
    assert newest(url)[1] == 0
    assert archive(str(folder / "1.jsonl"), "--before", "1d").exit_code == 0
    assert verify(folder, public)[0] == 0


KILLED = """
import os, signal, sys
import bot.cli.audit_archive as module
module.last_line = lambda _anchor: os.kill(os.getpid(), signal.SIGKILL)
from bot.cli import main
main()
"""
