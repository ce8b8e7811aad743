"""What real calls show of Slack, and that it is asked where no call does."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import suppress

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import SlackError
from bot.metrics import Metrics
from bot.slack.client import call, open_socket, web_client
from bot.slack.reach import PATIENCE, SlackReach
from bot.slack.reach_watch import ask_now_and_then
from tests.support.installation import free_port
from tests.support.scripted_slack import Answer, ScriptedSlack, ok, raw, refused, scripted_slack

TLS = ssl.create_default_context()


@pytest.fixture
async def slack() -> AsyncIterator[ScriptedSlack]:
    async with scripted_slack() as running:
        yield running


@pytest.fixture
def reach() -> SlackReach:
    return SlackReach()


@pytest.fixture
def client(slack: ScriptedSlack, reach: SlackReach) -> AsyncWebClient:
    return web_client("token", api_url=slack.api_url, context=TLS, reach=reach)


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not holds():  # noqa: ASYNC110 - the watch tells nobody
            await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    ("answer", "is_lost", "outcome"),
    [
        (ok(), False, "done"),
        (refused("channel_not_found"), False, "refused"),
        (refused("ratelimited", status=429, headers={"Retry-After": "1"}), False, "throttled"),
        (raw("slow down", status=429, content_type="text/plain"), False, "throttled"),
        (refused("internal_error"), False, "refused"),
        (refused("internal_error", status=500), True, "failed"),
        (raw("<html>", status=503, content_type="text/html"), True, "failed"),
        (raw("<html>", status=200, content_type="text/html"), True, "failed"),
        (raw("[1]"), True, "failed"),
    ],
)
async def test_which_answers_are_slacks(
    slack: ScriptedSlack, reach: SlackReach, answer: Answer, is_lost: bool, outcome: str
) -> None:
    metrics = Metrics()
    client = web_client("token", api_url=slack.api_url, context=TLS, reach=reach, metrics=metrics)
    slack.answers["chat.postMessage"] = answer
    with suppress(SlackError):
        await call(client, "chat.postMessage")
    assert reach.is_in_doubt is is_lost
    labels = {"method": "chat.postMessage", "outcome": outcome}
    assert metrics.registry.get_sample_value("portcullis_slack_call_seconds_count", labels) == 1


async def test_no_connection() -> None:
    reach = SlackReach()
    client = web_client("token", api_url=f"http://127.0.0.1:{free_port()}", context=TLS, reach=reach)
    with pytest.raises(SlackError):
        await call(client, "auth.test")
    assert reach.is_in_doubt


async def test_somebody_in_a_hurry_shows_nothing(
    slack: ScriptedSlack, client: AsyncWebClient, reach: SlackReach
) -> None:
    never = asyncio.Event()

    async def wait() -> None:
        await never.wait()

    slack.answers["auth.test"] = wait  # type: ignore[assignment]
    with pytest.raises(SlackError):
        await call(client, "auth.test", within=0.05)
    assert not reach.is_in_doubt
    never.set()


async def test_who_has_waited_as_long_as_is_usual_shows_that_nothing_answers(slack: ScriptedSlack) -> None:
    never, passed = asyncio.Event(), 0.0

    async def wait() -> None:
        nonlocal passed
        passed = PATIENCE
        await never.wait()

    slack.answers["auth.test"] = wait  # type: ignore[assignment]
    reach = SlackReach(now=lambda: passed)
    client = web_client("token", api_url=slack.api_url, context=TLS, reach=reach)
    with pytest.raises(SlackError):
        await call(client, "auth.test", within=1.5)
    assert reach.is_in_doubt
    never.set()


async def test_the_app_level_token_is_told_apart(
    slack: ScriptedSlack, client: AsyncWebClient, reach: SlackReach
) -> None:
    slack.answers |= {"apps.connections.open": refused("token_revoked"), "auth.test": ok()}
    with pytest.raises(SlackError):
        await open_socket(client, "app-token")
    await call(client, "auth.test")
    [told] = reach.problems()
    assert "app-level token" in told
    assert "app-token" not in told


async def test_where_nobody_calls_a_revoked_token_is_noticed_and_a_new_install_too(
    slack: ScriptedSlack, client: AsyncWebClient, reach: SlackReach
) -> None:
    slack.answers["auth.test"] = ok()
    stop = asyncio.Event()
    asking = asyncio.create_task(ask_now_and_then(client, reach, stop, quiet=0.02, in_doubt=0.01))
    await until(lambda: slack.count("auth.test") > 1)
    slack.answers["auth.test"] = refused("token_revoked")
    await until(lambda: bool(reach.problems()))
    slack.answers["auth.test"] = ok()
    await until(lambda: not reach.problems())
    stop.set()
    await asking


async def test_while_others_call_nothing_is_asked(
    slack: ScriptedSlack, client: AsyncWebClient, reach: SlackReach
) -> None:
    stop = asyncio.Event()
    asking = asyncio.create_task(ask_now_and_then(client, reach, stop, quiet=3600))
    slack.answers["chat.postMessage"] = ok()
    await call(client, "chat.postMessage")
    stop.set()
    await asking
    assert slack.count("auth.test") == 0


async def test_a_slack_that_never_answers_keeps_nobody_from_stopping(
    slack: ScriptedSlack, client: AsyncWebClient, reach: SlackReach
) -> None:
    never = asyncio.Event()

    async def wait() -> None:
        await never.wait()

    slack.answers["auth.test"] = wait  # type: ignore[assignment]
    stop = asyncio.Event()
    asking = asyncio.create_task(ask_now_and_then(client, reach, stop, quiet=0))
    await until(lambda: slack.count("auth.test") == 1)
    stop.set()
    async with asyncio.timeout(5):
        await asking
    never.set()
