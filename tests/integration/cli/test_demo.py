"""`portcullis demo`: it says why it can't start, and leaves no process behind."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

DEMO = [sys.executable, "-m", "bot.cli", "demo"]


def children(pid: int) -> list[int]:
    """The processes that one has started and that still run. (Linux keeps them in a file.)"""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        found += [int(child) for child in task.read_text().split()]
    return found


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def eventually(look: Callable[[], object]) -> None:
    ends = time.monotonic() + 30
    while not look():
        assert time.monotonic() < ends, "waited in vain"
        time.sleep(0.02)  # another process tells nobody


@contextmanager
def running(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A demo that stands, and its page's address, which is the first that it prints."""
    with subprocess.Popen(  # noqa: S603 - our own command line
        [*DEMO, "--port", "0", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            line = next(filter(str.strip, process.stdout), "")
            found = re.search(r"playground: (http://127\.0\.0\.1:\d+)", line)
            assert found is not None, f"the demo's first line is no address: {line!r}"
            yield process, found[1]
        finally:
            process.kill()


def test_a_port_that_is_taken_is_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ended = subprocess.run(  # noqa: S603 - our own command line
            [*DEMO, "--port", port],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
    assert ended.returncode == 2
    [line] = ended.stderr.splitlines()
    assert f"Port {port} of 127.0.0.1 can't be used: Address already in use" in line
    assert "--port" in line


def test_a_port_that_is_none_is_told() -> None:
    ended = subprocess.run(  # noqa: S603 - our own command line
        [*DEMO, "--port", "70000"], capture_output=True, text=True, check=False, timeout=60
    )
    assert ended.returncode == 2
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ended_by_a_signal_it_leaves_no_process_behind(number: signal.Signals) -> None:
    with running() as (process, url):
        assert httpx.get(url, trust_env=False).status_code == 200
        bots = children(process.pid)
        assert len(bots) == 1
        process.send_signal(number)
        _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (0, "")
    assert not any(alive(bot) for bot in bots)


def test_with_settings_it_starts_no_bot_and_says_how_to_run_one(tmp_path: Path) -> None:
    path = tmp_path / "of the demo.env"
    with running("--settings", str(path)) as (process, url):
        assert process.stdout is not None
        told = next(line for line in process.stdout if "set -a" in line)
        assert children(process.pid) == []
        assert path.stat().st_mode & 0o777 == 0o600, "tokens are in it"
        looked = subprocess.run(  # noqa: S602 - what the demo itself says, typed as it stands there
            f"{told.strip()}; {sys.executable} -m bot.cli migrate; {sys.executable} -m bot.cli doctor --json",
            shell=True,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (0, "")
    said, _, rows = looked.stdout.partition("[")
    assert f"{path}.sqlite3 is at revision" in said.replace("\n  ", " ")
    assert [row for row in json.loads(f"[{rows}") if not row["ok"]] == [], f"all is well at {url}"


def test_a_tour_and_no_bot_is_a_contradiction(tmp_path: Path) -> None:
    command = [*DEMO, "--tour", "--settings", str(tmp_path / "demo.env")]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)  # noqa: S603 - our own
    assert (ended.returncode, list(tmp_path.iterdir())) == (2, [])
    assert "--settings starts none" in ended.stderr


def test_settings_that_cannot_be_written_are_told(tmp_path: Path) -> None:
    command = [*DEMO, "--port", "0", "--settings", str(tmp_path / "nowhere" / "demo.env")]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)  # noqa: S603 - our own
    assert ended.returncode == 2
    [line] = ended.stderr.splitlines()
    assert "can't be written: No such file or directory. Name another file with --settings." in line


def test_ended_while_it_starts_it_leaves_no_process_behind() -> None:
    with subprocess.Popen(  # noqa: S603 - our own command line
        [*DEMO, "--tour"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        eventually(lambda: children(process.pid))
        bots = children(process.pid)
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (130, ""), "a tour that was stopped has not held"
    assert not any(alive(bot) for bot in bots)


def test_a_bot_that_dies_is_reported_with_the_end_of_its_log(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'kept.sqlite3'}"
    with running("--mode", "http", "--database", url) as (process, _):
        [bot] = children(process.pid)
        environment = Path(f"/proc/{bot}/environ").read_text().split("\0")
        assert process.stdout is not None
        told = next(line for line in process.stdout if "tenant is" in line)
        os.kill(bot, signal.SIGKILL)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "The bot has ended (exit code -9). The end of its log:" in errors
    assert '"event": "started"' in errors
    # By the id that it printed, what it kept is told apart from what other demos did.
    [tenant] = re.findall(r"tenant is (\S+)\.", told)
    assert f"PORTCULLIS_TENANT_ID={tenant}" in environment
    assert "PORTCULLIS_WHO_IS=on" in environment
    assert any(each.startswith("PORTCULLIS_DNS_SERVERS=127.0.0.1:") for each in environment), "and nobody else is asked"
