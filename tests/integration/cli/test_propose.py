"""`portcullis propose`, as a process of its own: judged as in Slack, in somebody's name, and said in exit codes."""

from __future__ import annotations

import asyncio
import csv
import hashlib
import json
import os
import pty
import pwd
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from bot.clock import utc_now
from bot.domain.auditing.events import Event, EventKind
from bot.domain.lists.entries import Entry, Snapshot
from bot.domain.lists.traits import Action, ListName
from bot.domain.requests.request import Request, Status
from bot.store import AuditFilter, Job, Store
from bot.store.migrate import migrate
from bot.workflow.shared.job_kinds import JobKind
from tests.support.installation import REQUESTER, VISITOR, Installation
from tests.support.requests_made import newest_requests

LINES = "evil.example\nhttps://evil.example/login\nknown.example\nevil[.]example\nwhat is this\n"


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """Slack and a database with a snapshot of the lists; no bot runs."""
    folder = tmp_path_factory.mktemp("propose")
    installation = Installation(folder=folder)
    installation.start_playground()
    asyncio.run(_prepare(installation))
    yield installation
    installation.__exit__()


async def _prepare(here: Installation) -> None:
    await migrate(here.database_url)
    known = Entry(list=ListName.SENDER, action=Action.BLOCK, value="known.example", identity="1")
    store = _store(here)
    async with store.write() as uow:
        await uow.snapshots.save(Snapshot(as_of=utc_now(), entries=(known,)))
    await store.close()


def _store(here: Installation) -> Store:
    return Store(here.database_url, tenant_id=here.environment()["PORTCULLIS_TENANT_ID"])


async def _kept(here: Installation) -> tuple[list[Request], list[Event], list[Job]]:
    store = _store(here)
    async with store.read() as uow:
        kept = (
            await newest_requests(uow, limit=100),
            await uow.audit.page(filters=AuditFilter(limit=100)),
            await uow.jobs.waiting(kind=JobKind.NOTIFY),
        )
    await store.close()
    return kept


def kept(here: Installation) -> tuple[list[Request], list[Event], list[Job]]:
    return asyncio.run(_kept(here))


def propose(
    here: Installation, *options: str, what: str = "block", who: str = REQUESTER, lines: str = LINES
) -> CompletedProcess[str]:
    file = here.folder / "evil.csv"
    file.write_text(lines, encoding="utf-8")
    return here.command("propose", what, "--file", str(file), "--as", who, "--reason", "Phishing wave", *options)


def test_a_dry_run_says_what_would_be_requested_and_requests_nothing(here: Installation) -> None:
    before = kept(here)
    done = propose(here, "--dry-run", "--json")
    assert done.returncode == 1, done.stderr
    *lines, last = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(line["line"], line["code"]) for line in lines][:2] == [(1, "requested"), (2, "requested")]
    assert all(line["why"] for line in lines[2:])
    assert last["summary"]["requested"] == 2
    assert last["summary"]["requests"] == []
    assert last["preview"] == {
        "what": "plain lines",
        "column": "lines",
        "question": "",
        "choices": [
            {
                "column": "lines",
                "title": "each line as a whole",
                "lines": 5,
                "indicators": 4,
                "first": ["evil.example", "evil.example/login", "known.example"],
            }
        ],
        "told": [],
        "ends": None,
    }
    requests, events, jobs = kept(here)
    assert (requests, events[1:], jobs) == before
    looked = events[0]
    assert (looked.kind, looked.target, looked.request_id) == (EventKind.OPERATOR_ACTED, "propose", None)
    assert looked.actor == f"account:{pwd.getpwuid(os.getuid()).pw_name}"
    assert looked.payload["sha256"] == hashlib.sha256(LINES.encode()).hexdigest()
    assert [looked.payload[name] for name in ("as", "operation", "action")] == [REQUESTER, "add", "block"]


def test_what_is_left_is_requested_and_the_log_names_the_account(here: Installation, tmp_path: Path) -> None:
    result = tmp_path / "result.csv"
    done = propose(here, "--yes", "--until", "7d", "--result", str(result))
    assert done.returncode == 1, done.stderr
    assert "2 of 5 lines requested, 3 set aside" in done.stdout
    assert "Judged by the lists as of" in done.stdout
    requests, events, jobs = kept(here)
    assert len(requests) == 2
    [number] = {request.proposal_id for request in requests}
    assert all(request.requester == REQUESTER and request.set_aside for request in requests if request.list == "sender")
    assert {job.payload["request_id"] for job in jobs} == {number}, "the running bot posts their one card"
    [first, *_] = [event for event in events if event.kind == EventKind.IMPORT_READ]
    source = first.payload["source"]
    assert isinstance(source, dict)
    assert source["by"] == "command line"
    assert source["sha256"] == hashlib.sha256(LINES.encode()).hexdigest()
    assert source["os_user"] == pwd.getpwuid(os.getuid()).pw_name
    with result.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["line"] for row in rows] == ["1", "2", "3", "4", "5"]
    assert sum(row["outcome"].startswith("requested in request") for row in rows) == 2


def test_every_line_requested_and_none(here: Installation) -> None:
    assert propose(here, "--dry-run", lines="fresh.example\n").returncode == 0
    nothing = propose(here, "--yes", lines="known.example\n")
    assert (nothing.returncode, "0 of 1 lines requested" in nothing.stdout) == (3, True), nothing.stderr


def test_who_may_not_propose_in_slack_may_not_here(here: Installation) -> None:
    before, _, _ = kept(here)
    done = propose(here, "--yes", who=VISITOR)
    assert done.returncode == 2
    assert "may not propose" in done.stderr
    requests, events, _ = kept(here)
    assert requests == before
    assert events[0].kind == EventKind.ACCESS_REFUSED


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ((), "--yes"),
        (("--yes", "--until", "soon"), "soon"),
        (("--yes", "--until", "2001-01-01"), "past"),
        (("--yes", "--as", "requester"), "no Slack user id"),
        (("--yes", "--file", "/nowhere/evil.csv"), "can't be read"),
        (("--yes", "--result", "/nowhere/result.csv", "--dry-run"), "can't be written"),
    ],
)
def test_what_can_not_be_done_is_said_in_a_line(here: Installation, options: tuple[str, ...], words: str) -> None:
    done = propose(here, *options)
    assert done.returncode == 2, done.stdout
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_a_result_that_can_not_be_written_is_found_out_before_anything_is_requested(here: Installation) -> None:
    before = kept(here)
    done = propose(here, "--yes", "--result", "/nowhere/result.csv", lines="early.example\n")
    assert (done.returncode, "can't be written" in done.stderr) == (2, True), done.stderr
    assert kept(here) == before, "exit code 2 says that nothing was requested"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="takes a device that is always full")
def test_a_result_that_fails_at_the_end_does_not_hide_what_was_requested(here: Installation) -> None:
    before, _, _ = kept(here)
    done = propose(here, "--yes", "--result", "/dev/full", lines="full.example\n")
    assert (done.returncode, "1 of 1 lines requested" in done.stdout) == (0, True), done.stderr
    assert "Requested; but /dev/full can't be written" in done.stderr
    assert len(kept(here)[0]) == len(before) + 1


def typed(here: Installation, keys: bytes, *, lines: str) -> CompletedProcess[str]:
    """What comes of the command at a terminal where somebody types this."""
    file = here.folder / "asked.csv"
    file.write_text(lines, encoding="utf-8")
    arguments = ["propose", "block", "--file", str(file), "--as", REQUESTER, "--reason", "Phishing wave"]
    ours, theirs = pty.openpty()
    try:
        os.write(ours, keys)
        return subprocess.run(  # noqa: S603 - our own command line, at a terminal
            [sys.executable, "-m", "bot.cli", *arguments],
            env=here.environment(),
            stdin=theirs,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
    finally:
        os.close(ours)
        os.close(theirs)


CTRL_D = b"\x04"


def test_a_question_without_an_answer_requests_nothing_and_says_so(here: Installation) -> None:
    before, _, _ = kept(here)
    done = typed(here, CTRL_D, lines="asked.example\n")
    assert (done.returncode, "Nothing was requested." in done.stdout) == (3, True), done.stderr
    assert kept(here)[0] == before


#: Two columns with addresses, and nothing that says which of them is meant.
TWO = "Sender,Reply-To,Received\na@evil.example,b@worse.example,2 Jan\nc@evil.example,d@worse.example,3 Jan\n"


def test_which_column_is_never_guessed(here: Installation) -> None:
    before = kept(here)
    for how in ("--yes", "--dry-run"):
        done = propose(here, how, lines=TWO)
        assert (done.returncode, "Sender, Reply-To" in done.stderr) == (2, True), done.stderr
    answered = propose(here, "--yes", "--json", lines=TWO)
    assert answered.returncode == 2
    first = json.loads(answered.stdout.splitlines()[0])["preview"]
    assert (first["column"], bool(first["question"])) == (None, True)
    assert [choice["column"] for choice in first["choices"]][:2] == ["Sender", "Reply-To"]
    assert kept(here) == before


@pytest.mark.parametrize(
    ("column", "first"), [("Reply-To", "b@worse.example"), ("reply-to", "b@worse.example"), ("1", "a@evil.example")]
)
def test_the_column_that_is_named_is_the_one_that_is_read(here: Installation, column: str, first: str) -> None:
    done = propose(here, "--dry-run", "--json", "--column", column, lines=TWO)
    assert done.returncode == 0, done.stdout
    assert json.loads(done.stdout.splitlines()[0])["indicator"] == first


def test_at_a_terminal_it_asks_for_the_column_and_then_whether_to_go_on(here: Installation) -> None:
    before = len(kept(here)[0])
    done = typed(here, b"Subject\nreply-to\ny\n", lines=TWO.replace("example", "asked.example"))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Type one of these: Sender, Reply-To" in done.stdout
    assert "a table, read by column Reply-To: 2 of 2 lines." in done.stdout
    newest, *others = kept(here)[0]
    assert len(others) == before
    assert {item.value for item in newest.items} == {"b@worse.asked.example", "d@worse.asked.example"}


def test_at_a_terminal_no_column_is_no_request(here: Installation) -> None:
    before, _, _ = kept(here)
    done = typed(here, CTRL_D, lines=TWO)
    assert (done.returncode, "Nothing was requested." in done.stdout) == (3, True), done.stderr
    assert kept(here)[0] == before


def test_a_column_that_there_is_not_is_an_error(here: Installation) -> None:
    done = propose(here, "--yes", "--column", "Subject", lines=TWO)
    assert (done.returncode, "column" in done.stderr) == (2, True), done.stderr


DATED = "indicator,ExpirationTime\nfirst.example,{day}\nsecond.example,{later}\nthird.example,\n"


def test_ends_are_taken_only_from_the_column_that_is_named(here: Installation) -> None:
    day, later = (f"{utc_now() + timedelta(days=days):%Y-%m-%d}" for days in (5, 9))
    lines = DATED.format(day=day, later=later)
    without = propose(here, "--dry-run", lines=lines)
    assert "don't count without --ends-from 'ExpirationTime'." in " ".join(without.stdout.split())
    wrong = propose(here, "--yes", "--ends-from", "Received", lines=lines)
    assert (wrong.returncode, "ExpirationTime" in wrong.stderr) == (2, True), wrong.stderr
    done = propose(here, "--yes", "--ends-from", "expirationtime", "--until", "7d", lines=lines)
    assert done.returncode == 0, done.stdout + done.stderr
    ends = {request.items[0].value: request.expires for request in kept(here)[0] if request.expires is not None}
    # An end counts to its last moment.
    last_day = {value: f"{end - timedelta(days=1):%Y-%m-%d}" for value, end in ends.items()}
    assert last_day["first.example"] == day
    assert last_day["second.example"] == later
    assert ends["third.example"] < utc_now() + timedelta(days=7)


def test_what_is_asked_for_already_is_not_asked_for_again(here: Installation) -> None:
    assert propose(here, "--yes", lines="twice.example\n").returncode == 0
    again = propose(here, "--yes", "--json", lines="twice.example\n")
    assert again.returncode == 3, again.stdout
    line, last = (json.loads(text) for text in again.stdout.splitlines())
    assert (line["code"], "still open" in line["why"]) == ("pending", True)
    assert last["summary"]["set_aside"] == {"pending": 1}


def test_the_help_names_the_exit_codes(here: Installation) -> None:
    printed = here.command("propose", "--help").stdout
    assert "Exit code 0" in printed
    for code in ("1:", "2:", "3:"):
        assert code in printed


def test_no_rule_lets_through_what_is_asked_for_here(
    here: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever is at this machine names the requester: nobody in Slack has said that it is them."""
    rules = tmp_path / "rules.toml"
    rule = f'[[no_approval]]\nname = "Any"\nlists = ["sender"]\nrequesters = ["{REQUESTER}"]\nper_hour = 100\n'
    rules.write_text(rule, encoding="utf-8")
    monkeypatch.setitem(here._settings, "PORTCULLIS_RULES_FILE", str(rules))
    monkeypatch.setitem(here._settings, "PORTCULLIS_ACCEPTED_DOMAINS", "contoso.example")
    done = propose(here, "--yes", "--until", "7d", lines="ruled.example\n")
    assert done.returncode == 0, done.stderr
    made = next(request for request in kept(here)[0] if request.items[0].value == "ruled.example")
    assert (made.status, made.approval) == (Status.PENDING, None)
