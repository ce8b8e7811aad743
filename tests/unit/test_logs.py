"""The log: one JSON object to a line on standard error, with nothing secret in it."""

from __future__ import annotations

import io
import json
import logging
import secrets
import sys
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from structlog.testing import capture_logs

from bot import logs
from tests.support.log_as_before import log_as_before


class Stderr(io.StringIO):
    def records(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.getvalue().splitlines()]

    def record(self) -> dict[str, Any]:
        [record] = self.records()
        return record


@pytest.fixture
def stderr(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stderr]:
    """A log of its own, and everything as it was afterwards."""
    stream = Stderr()
    monkeypatch.setattr(sys, "stderr", stream)
    with log_as_before():
        logs.configure("DEBUG")
        yield stream


def texts(secret: str) -> dict[str, str]:
    """What secrets look like in the wild, each with this one in it."""
    begin, end = "-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----"
    return {
        "bot token": f"token {'xox' + 'b'}-{secret}-1 is bad",
        "rotated token": f"{'xox' + 'e'}.{'xox' + 'b'}-1-{secret}",
        "app token": f"{'xap' + 'p'}-1-{secret}",
        "bearer": f"Authorization: Bearer {secret}",
        "header": str({"authorization": f"bearer {secret}"}),
        "basic": f"Basic {secret}==",
        "form": f"grant_type=client_credentials&client_secret={secret}&scope=x",
        "assertion": f"client_assertion=eyJ{secret}.eyJ{secret}.{secret}",
        "jwt": f"got eyJ{secret}.eyJ{secret}.{secret}",
        "json": json.dumps({"access_token": secret}),
        "repr": repr({"password": secret}),
        "response_url": f"POST https://hooks.slack.com/commands/T0/1/{secret}",
        "response_url for government": f"https://hooks.slack-gov.com/actions/T0/1/{secret} failed",
        "stand-in's response_url": f"POST http://127.0.0.1:8420/slack/response/{secret}",
        "response_url field": json.dumps({"response_url": f"https://elsewhere.example/{secret}"}),
        "socket ticket": f"wss://wss.example/link/?ticket={secret}&app_id=1",
        "key": f"{begin}\n{secret}\n{secret}\n{end}",
        "key on one line": f"{begin}\\n{secret}\\n{end}",
        "key cut off": f"{begin}\n{secret}",
        "database": f"postgresql+asyncpg://portcullis:{secret}@db.example/x",
        "database with an at sign": f"postgresql://portcullis:p@{secret}@db.example/x",
        "proxy": f"http://:{secret}@proxy.example:3128",
    }


@pytest.mark.parametrize("kind", texts(""))
def test_no_secret_survives(kind: str) -> None:
    secret = secrets.token_hex(12)
    shown = logs.redacted(texts(secret)[kind])
    assert secret not in shown
    assert "[redacted]" in shown


@pytest.mark.parametrize(
    "text",
    [
        "No token: the client secret is wrong (AADSTS7000215).",
        "https://evil.example/login?next=/slack/response",
        "postgresql://db.example/x can't be reached",
        "request 42 was approved",
        "-----BEGIN CERTIFICATE-----",
        "time 12:30 user@contoso.com",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert logs.redacted(text) == text


@pytest.mark.parametrize("logger", ["structlog", "logging"])
def test_a_line_of_json_with_level_logger_and_time(stderr: Stderr, logger: str) -> None:
    if logger == "structlog":
        structlog.get_logger("bot.example").warning("it happened", request=42, nothing=None, share=0.5)
    else:
        logging.getLogger("bot.example").warning("it %s", "happened")
    record = stderr.record()
    assert (record["event"], record["level"], record["logger"]) == ("it happened", "warning", "bot.example")
    assert record["timestamp"].endswith("Z")
    if logger == "structlog":
        assert (record["request"], record["nothing"], record["share"]) == (42, None, 0.5)


def test_newlines_and_odd_characters_stay_on_one_line(stderr: Stderr) -> None:
    hostile = 'one\ntwo\r\n{"level": "info"}\u2028three\x00\x1b[31m\U0001f642'
    # What pytest itself records of a log can't be sent between its processes with half a surrogate pair in it.
    root = logging.getLogger()
    root.handlers[:] = [handler for handler in root.handlers if handler.__class__.__module__ != "_pytest.logging"]
    structlog.get_logger("bot").info(hostile, value=hostile)
    logging.getLogger("other").error("%s", hostile)
    assert len(stderr.getvalue().splitlines()) == 2
    assert stderr.getvalue().isascii()
    events = [record["event"] for record in stderr.records()]
    assert [ascii(event) for event in events] == [ascii(hostile)] * 2


class _Thing:
    def __init__(self, secret: str) -> None:
        self.secret = secret

    def __repr__(self) -> str:
        return f"_Thing(password={self.secret!r})"


@pytest.mark.parametrize("kind", texts(""))
def test_every_way_into_the_log_is_cleaned(stderr: Stderr, kind: str) -> None:
    secret = secrets.token_hex(12)
    text = texts(secret)[kind]
    log = structlog.get_logger("bot")
    log.info(text)
    log.info("x", value=text, nested={"a": [{"b": (text,)}], text: 1}, error=ValueError(text), thing={text})
    logging.getLogger("other").warning("said %s", text)
    try:
        try:
            raise ValueError(text)
        except ValueError as inner:
            raise RuntimeError("outer") from inner
    except RuntimeError as error:
        log.exception("failed", exc_info=error)
        logging.getLogger("other").exception("failed")
    assert secret not in stderr.getvalue()
    assert len(stderr.records()) == 5
    assert "Traceback" in stderr.records()[-1]["exception"]


def test_a_field_named_like_a_secret_is_not_shown_whatever_it_holds(stderr: Stderr) -> None:
    secret = secrets.token_hex(12)
    log = structlog.get_logger("bot")
    log.info("x", password=secret, bot_token=secret, settings={"client_secret": secret}, thing=_Thing(secret))
    assert secret not in stderr.getvalue()
    assert stderr.record()["password"] == "[redacted]"


def test_endless_nesting_ends(stderr: Stderr) -> None:
    value: dict[str, Any] = {}
    value["again"] = value
    structlog.get_logger("bot").info("x", value=value)
    assert stderr.record()["event"] == "x"


@pytest.mark.parametrize(
    "name", ["slack_bolt.AsyncApp", "slack_sdk.web", "httpx", "sqlalchemy.engine", "aiohttp.access"]
)
def test_libraries_that_log_bodies_are_kept_quiet(stderr: Stderr, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logging.getLogger(name), "level", logging.DEBUG)  # as bolt does
    logging.getLogger(name).info("a body")
    logging.getLogger(name).debug("a body")
    assert stderr.getvalue() == ""
    logging.getLogger(name).warning("a warning")
    assert stderr.record()["event"] == "a warning"


def test_warnings_are_records_too(stderr: Stderr) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(capture=True)
        warnings.warn("something is old", DeprecationWarning, stacklevel=1)
    assert "something is old" in stderr.record()["event"]


@pytest.mark.parametrize(("for_good", "seen"), [(False, ["seen"]), (True, [])])
def test_only_a_log_for_good_keeps_loggers_for_itself(
    monkeypatch: pytest.MonkeyPatch, for_good: bool, seen: list[str]
) -> None:
    """A command that runs in the process of another program, such as a test, leaves that its log."""
    monkeypatch.setattr(sys, "stderr", Stderr())
    logger = structlog.get_logger("bot.example")
    with log_as_before():
        logs.configure(for_good=for_good)
        logger.warning("once")
    with capture_logs() as logged:
        logger.warning("seen")
    assert [each["event"] for each in logged] == seen
