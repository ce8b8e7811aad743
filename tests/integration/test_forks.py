"""A Portcullis that is forked is a process like one that Python is started for."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import tempfile
from pathlib import Path

import pytest

from tests.support import forks
from tests.support.installation import free_port


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Sound settings that lead nowhere."""
    settings = {
        "DATABASE_URL": f"sqlite:///{tmp_path}/portcullis.sqlite3",
        "SLACK_BOT_TOKEN": f"xoxb-{secrets.token_hex(12)}",
        "SLACK_APP_TOKEN": f"xapp-{secrets.token_hex(12)}",
        "SLACK_API_URL": f"http://127.0.0.1:{free_port()}/api",
        "APPROVAL_CHANNEL": "C0APPROVALS",
        "APPROVERS": "U0APPROVE1",
        "TENANT_ID": "contoso.onmicrosoft.com",
        "CLIENT_ID": "66666666-7777-8888-9999-000000000000",
        "CLIENT_SECRET": secrets.token_hex(12),
        "HTTP_PORT": "0",
    }
    return {"PATH": os.environ["PATH"], **{f"PORTCULLIS_{name}": value for name, value in settings.items()}}


@pytest.mark.parametrize(
    ("arguments", "code", "output", "errors"),
    [
        (["parse", "evil[.]example"], 0, "evil[.]example", ""),
        (["nonsense"], 2, "", "Usage: portcullis [OPTIONS]"),
        (["run"], 2, "", "PORTCULLIS_SLACK_BOT_TOKEN"),  # which this environment has not
    ],
)
def test_it_says_and_ends_as_the_command_line_does(arguments: list[str], code: int, output: str, errors: str) -> None:
    ended = forks.run(*arguments, environment={"PATH": os.environ["PATH"]})
    assert ended.returncode == code
    assert output in ended.stdout
    assert errors in ended.stderr
    assert bool(errors) == bool(ended.stderr)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_a_signal_ends_it(environment: dict[str, str], tmp_path: Path, number: signal.Signals) -> None:
    with (tmp_path / "log").open("wb") as log:
        bot = forks.start("run", environment=environment, cwd=tmp_path, stdout=log.fileno(), stderr=log.fileno())
    _wait_for("started", bot, tmp_path / "log")
    with pytest.raises(subprocess.TimeoutExpired):
        bot.wait(0)
    bot.send_signal(number)
    code = bot.wait(60)
    assert code == (-number if number == signal.SIGKILL else 0)
    assert bot.poll() == bot.wait() == code
    bot.kill()  # nobody is meant


def test_several_at_once_are_told_apart() -> None:
    environment = {"PATH": os.environ["PATH"]}
    running = [forks.start(*arguments, environment=environment) for arguments in (["nonsense"], ["rights"], ["run"])]
    assert len({process.pid for process in running}) == 3
    assert [process.wait(60) for process in reversed(running)] == [2, 0, 2]


def test_what_takes_too_long_is_killed(environment: dict[str, str], tmp_path: Path) -> None:
    with pytest.raises(subprocess.TimeoutExpired):
        forks.run("run", environment=environment, cwd=tmp_path, timeout=0.01)


def test_input_is_read() -> None:
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as output:
        given.write(b"evil[.]example\n")
        given.seek(0)
        environment = {"PATH": os.environ["PATH"]}
        process = forks.start("parse", "-", environment=environment, stdin=given.fileno(), stdout=output.fileno())
        assert process.wait(60) == 0
        output.seek(0)
        assert b"evil[.]example" in output.read()


def _wait_for(event: str, bot: forks.Forked, log: Path) -> None:
    """Until it has logged that."""
    while f'"event": "{event}"' not in log.read_text():
        assert bot.poll() is None, log.read_text()
