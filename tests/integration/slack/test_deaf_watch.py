"""A lost Socket Mode connection is told once, and its end in the same message, whoever notices it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

import pytest

from bot import serving
from bot.errors import StoreError
from bot.playground.slack.faults import Fault
from bot.slack.deaf_watch import TOLD_AFTER, DeafWatch
from bot.slack.socket_mode import SocketMode
from bot.store import UnitOfWork
from bot.store.failures import commit_unknown
from bot.workflow.shared.job_kinds import JobKind
from bot.workflow.watching.watch import REMEMBER_OUTAGES
from tests.integration.whole_bot import WholeBot, open_whole_bot
from tests.support.installation import ALERTS

ENDS_AFTER = 600.0


@dataclass
class Connection:
    """A Socket Mode connection, as far as the watch looks at it."""

    deaf_for: float = 0.0

    @property
    def is_connected(self) -> bool:
        return self.deaf_for == 0


@pytest.fixture
async def bot(database_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[WholeBot]:
    async with open_whole_bot(database_url, monkeypatch) as whole:
        yield whole


@pytest.fixture
def connection() -> Connection:
    return Connection()


def watch_of(bot: WholeBot, connection: Connection, process: str = "here:1") -> DeafWatch:
    return DeafWatch(connection, bot.store, process=process, ends_after=ENDS_AFTER)


def told(bot: WholeBot) -> list[str]:
    """Each message in the alert channel, as it is now."""
    found = bot.playground.slack.state.conversations.find(ALERTS)
    return [] if found is None else [str(message.blocks) for message in found.messages]


async def look(bot: WholeBot, watch: DeafWatch) -> list[str]:
    await watch.look()
    await bot.run()
    return told(bot)


async def test_a_short_break_is_no_news(bot: WholeBot, connection: Connection) -> None:
    watch = watch_of(bot, connection)
    for seconds in (0.0, 5.0, TOLD_AFTER - 1, 0.0, TOLD_AFTER - 1, 0.0):
        connection.deaf_for = seconds
        assert await look(bot, watch) == []


async def test_a_long_one_is_told_once_and_its_end_in_the_same_message(bot: WholeBot, connection: Connection) -> None:
    watch = watch_of(bot, connection)
    for seconds in (TOLD_AFTER, TOLD_AFTER + 5, 300.0):
        connection.deaf_for = seconds
        [message] = await look(bot, watch)
        assert "doesn't arrive" in message
        assert "connected again" not in message
    connection.deaf_for = 0
    for _ in range(2):
        [message] = await look(bot, watch)
        assert "doesn't arrive" in message
        assert "connected again since" in message
        assert "has to be repeated" in message


async def test_each_episode_is_told(bot: WholeBot, connection: Connection) -> None:
    watch = watch_of(bot, connection)
    for number in (1, 2):
        connection.deaf_for = TOLD_AFTER
        assert len(await look(bot, watch)) == number
        connection.deaf_for = 0
        assert all("connected again" in message for message in await look(bot, watch))


async def test_what_could_not_be_posted_while_it_lasted_is_told_with_its_end(
    bot: WholeBot, connection: Connection
) -> None:
    watch = watch_of(bot, connection)
    bot.playground.slack.state.faults.add("chat.postMessage", Fault(error="ratelimited", retry_after=0))
    connection.deaf_for = TOLD_AFTER
    assert await look(bot, watch) == []
    connection.deaf_for = 0
    await watch.look()
    for job in await bot.waiting(JobKind.ALERT):
        await bot.make_due(job, attempts=job.attempts)
    await bot.run()
    [message] = told(bot)
    assert "connected again since" in message


async def test_an_update_that_comes_after_the_next_is_undone(bot: WholeBot, connection: Connection) -> None:
    watch = watch_of(bot, connection)
    connection.deaf_for = TOLD_AFTER
    [before] = await look(bot, watch)
    [message] = bot.playground.slack.state.conversations.find(ALERTS).messages  # type: ignore[union-attr]
    blocks = message.blocks
    bot.playground.slack.state.faults.add("chat.update", Fault(error="internal_error"))
    connection.deaf_for = 0
    assert await look(bot, watch) == [before], "nobody knows what became of it"
    for _ in range(2):
        for job in await bot.waiting(JobKind.ALERT):
            await bot.make_due(job, attempts=job.attempts)
        await bot.run()
        assert "connected again since" in told(bot)[0]
        message.blocks = blocks  # the first comes late
    assert await bot.waiting(JobKind.ALERT) == [], "and that was looked after once"


async def test_a_message_that_somebody_deleted_is_not_posted_again(bot: WholeBot, connection: Connection) -> None:
    watch = watch_of(bot, connection)
    connection.deaf_for = TOLD_AFTER
    await look(bot, watch)
    bot.playground.slack.state.faults.add("chat.update", Fault(error="message_not_found"))
    connection.deaf_for = 0
    assert len(await look(bot, watch)) == 1
    async with bot.store.read() as uow:
        assert await uow.jobs.waiting() == []


async def test_a_process_that_was_started_anew_says_that_it_is_over(
    bot: WholeBot, connection: Connection, database_kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection.deaf_for = TOLD_AFTER
    await look(bot, watch_of(bot, connection))
    connection.deaf_for = 0
    [message] = await look(bot, watch_of(bot, connection, "here:2"))
    # Where several serve one database, another one may still be without a connection; but not for ever.
    assert ("connected again" in message) is (database_kind == "sqlite")
    later = bot.store.clock()
    monkeypatch.setattr(bot.store, "clock", lambda: later + REMEMBER_OUTAGES / 2)
    [message] = await look(bot, watch_of(bot, connection, "here:3"))
    assert "connected again" in message


async def test_a_database_that_is_away_for_a_moment_loses_nothing(
    bot: WholeBot, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone() -> Any:  # noqa: ANN401 - never returns
        raise StoreError("The database can't be reached.")

    watch = watch_of(bot, connection)
    for seconds, expected in ((TOLD_AFTER, "doesn't arrive"), (0.0, "connected again")):
        connection.deaf_for = seconds
        with monkeypatch.context() as away:
            away.setattr(bot.store, "write", gone)
            with suppress(StoreError):
                await watch.look()
        [message] = await look(bot, watch)
        assert expected in message


async def test_one_of_which_nobody_knows_whether_it_was_written_down_is_told_once(
    bot: WholeBot, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch = watch_of(bot, connection)
    connection.deaf_for = TOLD_AFTER
    write = bot.store.write

    @asynccontextmanager
    async def unknown() -> AsyncIterator[UnitOfWork]:
        async with write() as uow:
            yield uow
        raise commit_unknown()

    with monkeypatch.context() as patched, suppress(StoreError):
        patched.setattr(bot.store, "write", unknown)
        await watch.look()
    assert len(await look(bot, watch)) == 1
    connection.deaf_for = 0
    [message] = await look(bot, watch)
    assert "Socket Mode" in message
    async with bot.store.read() as uow:
        assert await uow.socket_outages.lasting() == []


async def test_what_ended_long_ago_is_forgotten_and_what_lasts_is_not(bot: WholeBot) -> None:
    now = bot.store.clock()
    async with bot.store.write() as uow:
        over, recent, lasting = [await uow.socket_outages.begin(f"here:{n}", at=now) for n in range(3)]
        assert await uow.socket_outages.end(over, at=now - REMEMBER_OUTAGES)
        assert await uow.socket_outages.end(recent, at=now)
        assert not await uow.socket_outages.end(recent, at=now)
        assert await uow.socket_outages.forget(now) == 1
        assert await uow.socket_outages.find(over) is None
        assert await uow.socket_outages.find(recent) is not None
        assert [outage.id for outage in await uow.socket_outages.lasting()] == [lasting]


async def test_it_ends_to_be_started_anew_where_slack_never_says_who_it_is(
    bot: WholeBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "DEAF_FOR", 0.3)
    monkeypatch.setattr(serving, "_LOOK_EVERY", 0.05)
    bot.break_slack("auth.test")
    mode = SocketMode(bot.portcullis.slack, bot.portcullis.workspace.client, "a" * 9)
    await asyncio.wait_for(serving._connect(bot.portcullis, mode, asyncio.Event()), 60)
    assert mode.deaf_for > 0.3
    assert not mode.is_connected
