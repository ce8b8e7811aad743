"""`portcullis run` itself: what it says of wrong settings, what it logs, and how it ends."""

from __future__ import annotations

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from bot.playground.page_client import PageClient
from tests.support import forks
from tests.support.installation import APPROVER, GENERAL, Installation, free_port

RUN = [sys.executable, "-m", "bot.cli", "run"]


def run(folder: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run it in an empty folder, until it ends by itself."""
    skipped = ("PORTCULLIS_", "SSL_CERT_", "REQUESTS_CA_")
    bare = {name: value for name, value in os.environ.items() if not name.startswith(skipped)}
    return forks.run("run", environment={**bare, **settings}, cwd=folder, timeout=60)


@pytest.fixture
def sound() -> dict[str, str]:
    """Sound settings that lead nowhere."""
    return {
        "PORTCULLIS_SLACK_BOT_TOKEN": f"xoxb-{secrets.token_hex(12)}",
        "PORTCULLIS_SLACK_APP_TOKEN": f"xapp-{secrets.token_hex(12)}",
        "PORTCULLIS_SLACK_API_URL": f"http://127.0.0.1:{free_port()}/api",
        "PORTCULLIS_APPROVAL_CHANNEL": "C0APPROVALS",
        "PORTCULLIS_APPROVERS": "U0APPROVE1",
        "PORTCULLIS_TENANT_ID": "contoso.onmicrosoft.com",
        "PORTCULLIS_CLIENT_ID": "66666666-7777-8888-9999-000000000000",
        "PORTCULLIS_CLIENT_SECRET": secrets.token_hex(12),
        "PORTCULLIS_HTTP_PORT": "0",
    }


def test_missing_settings_are_a_line_each_and_nothing_else(tmp_path: Path) -> None:
    ended = run(tmp_path)
    assert (ended.returncode, ended.stdout) == (2, "")
    lines = ended.stderr.splitlines()
    assert len(lines) == 7
    assert all(line.startswith("PORTCULLIS_") and "is missing" in line for line in lines)
    assert list(tmp_path.iterdir()) == [], "nothing was made before everything was right"


def test_wrong_settings_are_told_together_and_without_secrets(tmp_path: Path, sound: dict[str, str]) -> None:
    secret = secrets.token_hex(12)
    wrong = {
        "PORTCULLIS_SLACK_BOT_TOKEN": f"xapp-{secret}",
        "PORTCULLIS_APPROVERS": " , ",
        "PORTCULLIS_DATABASE_URL": f"mysql://portcullis:{secret}@db.example/x",
        "PORTCULLIS_EXCHANGE_URL": f"http://user:{secret}@exchange.example",
        "PORTCULLIS_CLIENT_CERTIFICATE": f"-----BEGIN CERTIFICATE-----\n{secret}",
        "SSL_CERT_FILE": str(tmp_path / "missing.pem"),
    }
    ended = run(tmp_path, **(sound | wrong))
    assert (ended.returncode, ended.stdout) == (2, "")
    names = {line.split(":")[0] for line in ended.stderr.splitlines()}
    assert names == set(wrong)
    assert secret not in ended.stderr


@pytest.mark.parametrize("where", ["unreachable", "no folder", "no database file", "a folder"])
def test_a_database_that_cannot_be_used_is_one_line(tmp_path: Path, sound: dict[str, str], where: str) -> None:
    secret = secrets.token_hex(12)
    (tmp_path / "text.sqlite3").write_text("this is no database, " * 100)
    urls = {
        "unreachable": f"postgresql://portcullis:{secret}@127.0.0.1:{free_port()}/portcullis",
        "no folder": f"sqlite:///{tmp_path}/missing/portcullis.sqlite3",
        "no database file": f"sqlite:///{tmp_path}/text.sqlite3",
        "a folder": f"sqlite:///{tmp_path}",
    }
    ended = run(tmp_path, **sound, PORTCULLIS_DATABASE_URL=urls[where])
    assert (ended.returncode, ended.stdout) == (1, ""), "a service manager tries again: the database may come up"
    [line] = ended.stderr.splitlines()
    assert "Traceback" not in line
    assert secret not in line


def test_a_port_that_is_taken_is_one_line(tmp_path: Path, sound: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = run(tmp_path, **(sound | {"PORTCULLIS_HTTP_PORT": str(port)}))
    assert ended.returncode == 2
    [line] = ended.stderr.splitlines()
    assert f"port {port} can't be listened on: Address already in use" in line
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_without_slack_it_runs_says_so_and_ends_cleanly(
    tmp_path: Path, sound: dict[str, str], number: signal.Signals
) -> None:
    root = str(Path(__file__).parents[2])
    # bolt looks for a token of that name, without our prefix, and has something to say about it at each start.
    other = {"SLACK_BOT_TOKEN": "of another program"}
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": root, **sound, **other, "PORTCULLIS_APROVERS": "U0TYPO1"}
    with subprocess.Popen(  # noqa: S603 - our own command line
        RUN, env=environment, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        records = []
        for line in process.stderr:
            records.append(json.loads(line))
            if records[-1]["event"] == "Slack has not answered the greeting":
                break
        started = next(record for record in records if record["event"] == "started")
        answer = httpx.get(f"http://{started['http'][0]}/readyz", trust_env=False)
        assert (answer.status_code, answer.json()["checks"]["database"]) == (503, "ok")
        process.send_signal(number)
        out, rest = process.communicate(timeout=40)
    assert (process.returncode, out) == (0, "")
    records += [json.loads(line) for line in rest.splitlines()]
    assert records[-1]["event"] == "stopped"
    [unknown] = [record for record in records if record["event"] == "a variable that no setting has"]
    assert (unknown["name"], unknown["did_you_mean"]) == ("PORTCULLIS_APROVERS", "PORTCULLIS_APPROVERS")
    assert [record for record in records if record["logger"].startswith("slack_bolt")] == []
    assert all({"level", "logger", "timestamp"} <= record.keys() for record in records)
    for name, value in sound.items():
        if "TOKEN" in name or "SECRET" in name:
            assert value not in json.dumps(records)


@pytest.mark.parametrize("mode", ["http", "socket"])
async def test_a_whole_run_leaves_json_without_secrets_and_bodies(tmp_path: Path, mode: str) -> None:
    with Installation(folder=tmp_path, mode=mode, settings={"PORTCULLIS_LOG_LEVEL": "DEBUG"}, new=True) as here:
        async with here.page() as page:
            await use(page, mode)
        assert here.stop_bot() == 0
        records = [json.loads(line) for line in here.log.read_text().splitlines()]
        shown = here.log.read_text()
        hidden = [
            value
            for name, value in here.environment().items()
            if name.startswith("PORTCULLIS_") and any(word in name for word in ("TOKEN", "SECRET"))
        ]
    assert len(hidden) >= 4
    assert [value for value in hidden if value in shown] == []
    for trace in ("marker", "/slack/response/", "trigger_id", "ticket=", "eyJ"):
        assert trace not in shown, trace
    assert all({"event", "level", "logger", "timestamp"} <= record.keys() for record in records)
    assert (records[-1]["event"], "started" in [record["event"] for record in records]) == ("stopped", True)


async def use(page: PageClient, mode: str) -> None:
    """Something of everything: an answer, a refusal, a check, a click, and in HTTP mode forgeries."""
    await page.type(APPROVER, "/block marker.example 30d A malicious payload marker")
    await page.message(APPROVER, GENERAL, "marker[.]example")
    await page.type(APPROVER, "/check marker.example")
    await page.message(APPROVER, GENERAL, "marker[.]example", "ot listed")
    if mode == "http":
        for kind in ("bad_signature", "no_signature", "old_timestamp", "future_timestamp"):
            answer = await page.post("/api/forge", {"kind": kind, "text": "/block marker.example"})
            assert answer["status"] == 401
