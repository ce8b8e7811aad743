"""A database that keeps people waiting, or fails in the middle: each of them hears in time what is true."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing, suppress
from pathlib import Path

import pytest
from sqlalchemy import select
from starlette.responses import PlainTextResponse

from bot.domain.requests.request import Status
from bot.errors import StoreError
from bot.slack.block_kit.ids import ActionId
from bot.store import Store
from bot.store.slack_tables import DeliveryRow
from tests.integration.slack.harness import REQUESTER, Bot, open_bot
from tests.integration.slack.test_listeners import form, pending, status, text_of
from tests.support.database_proxy import DatabaseProxy, Fault
from tests.support.deciding import shown
from tests.support.postgres import PostgresServer
from tests.support.requests_made import newest_requests

BLOCK = "evil.example 30d Phishing wave"


async def numbers(bot: Bot) -> list[int]:
    async with bot.store.read() as uow:
        return [request.id for request in await newest_requests(uow, limit=10)]


async def hooked(bot: Bot) -> str:
    """What the person was told past the database."""
    async with asyncio.timeout(60):
        while not (found := [asked for asked in bot.slack.asked if asked[0] == "hook"]):  # noqa: ASYNC110
            await asyncio.sleep(0.01)  # Slack's side tells nobody
    return str(found[-1][2].decode())


async def test_a_lock_of_somebody_else_is_told_while_it_is_held(
    bot: Bot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The locks outlast every test: only who doesn't wait for them answers."""
    monkeypatch.setattr("bot.store.engines.BUSY_SECONDS", 3600.0)
    monkeypatch.setattr("bot.slack.listeners.replies.TOLD_WITHIN", 60.0)
    request_id = await pending(bot, requester="U0SOMEBODY")
    seen = await shown(bot.context, request_id)
    place = {"type": "message", "channel_id": seen.channel, "message_ts": seen.ts}
    with closing(sqlite3.connect(tmp_path / "portcullis.sqlite3", isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        said = text_of(await bot.command("/block", BLOCK))
        assert "nothing was recorded" in said
        assert "Try again" in said
        clicked = await bot.click(ActionId.APPROVE, f"{request_id}.{seen.version}", container=place)
        assert (clicked.status_code, clicked.text) == (200, "")
        assert bot.slack.count("hook") == 1, "the click is acknowledged, and nobody was told: the process may end now"
        assert "nothing was recorded" in await hooked(bot)
        sent = await bot.submit(form())
        assert "nothing was recorded" in sent.text
        assert "portcullis.sqlite3" not in said + sent.text
    assert await numbers(bot) == [request_id]
    assert await status(bot, request_id) is Status.PENDING
    assert await bot.replies() == [], "nobody is told twice"
    assert "nothing was recorded" not in text_of(await bot.command("/block", BLOCK))


async def given_up(store: Store, delivery_count: int) -> None:
    """Wait until it is on disk that nothing came of so many deliveries."""
    async with asyncio.timeout(60):
        while True:
            async with store.read() as uow:
                rows = await uow.deliveries._scope.session.scalars(select(DeliveryRow.answer))
                if [*rows].count({"not_recorded": True}) == delivery_count:
                    return
            await asyncio.sleep(0.05)  # the database tells nobody


async def test_what_was_told_to_be_nothing_stays_so_when_it_is_delivered_again(
    bot: Bot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever was told so has done it again by then: in this process at once, and in any other."""
    monkeypatch.setattr("bot.store.engines.BUSY_SECONDS", 3600.0)
    monkeypatch.setattr("bot.slack.listeners.replies.TOLD_WITHIN", 60.0)
    request_id = await pending(bot, requester="U0SOMEBODY")
    seen = await shown(bot.context, request_id)
    card = {"container": {"type": "message", "channel_id": seen.channel, "message_ts": seen.ts}, "trigger_id": "click"}
    url = f"{bot.slack.url}/hook"

    async def deliver(to: Bot) -> tuple[str, str, str]:
        """What is told of the command, of the form and of the click, in their acknowledgements."""
        command = text_of(await to.command("/block", BLOCK, trigger_id="command", response_url=url))
        sent = await to.submit(form(), trigger_id="form")
        clicked = await to.click(ActionId.APPROVE, f"{request_id}.{seen.version}", response_url=url, **card)
        assert clicked.status_code == 200
        return command, sent.text, clicked.text

    with closing(sqlite3.connect(tmp_path / "portcullis.sqlite3", isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        command, sent, clicked = await deliver(bot)
        assert "nothing was recorded" in command
        assert "nothing was recorded" in sent
        assert clicked == ""
        assert await deliver(bot) == await deliver(bot), "while it is still held"
    command, sent, clicked = await deliver(bot)
    assert "was not recorded, and nothing was changed" in command
    assert "was not recorded, and nothing was changed" in sent
    assert clicked == ""
    assert bot.slack.count("hook") == 1, "and the click is answered once"
    await given_up(bot.store, 2)
    async with open_bot(tmp_path / "portcullis.sqlite3") as peer:
        command = text_of(await peer.command("/block", BLOCK, trigger_id="command", response_url=url))
        assert "was not recorded, and nothing was changed" in command
        await peer.click(ActionId.APPROVE, f"{request_id}.{seen.version}", response_url=url, **card)
    assert await numbers(bot) == [request_id]
    assert await status(bot, request_id) is Status.PENDING
    # Done again, as they were told to, it counts.
    again = {**card, "trigger_id": "another"}
    await bot.click(ActionId.APPROVE, f"{request_id}.{seen.version}", **again)
    assert await status(bot, request_id) is Status.APPROVED


async def test_a_click_whose_person_could_not_be_told_is_not_acknowledged(
    bot: Bot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So Slack tells them; and what it delivers again counts, as nobody was told otherwise."""
    monkeypatch.setattr("bot.store.engines.BUSY_SECONDS", 3600.0)
    monkeypatch.setattr("bot.slack.listeners.replies.TOLD_WITHIN", 60.0)
    bot.slack.answers["hook"] = PlainTextResponse("used_url", status_code=404)
    request_id = await pending(bot, requester="U0SOMEBODY")
    seen = await shown(bot.context, request_id)
    card = {"container": {"type": "message", "channel_id": seen.channel, "message_ts": seen.ts}, "trigger_id": "click"}
    with closing(sqlite3.connect(tmp_path / "portcullis.sqlite3", isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        clicked = await bot.click(ActionId.APPROVE, f"{request_id}.{seen.version}", **card)
        assert clicked.status_code == 503
        assert bot.slack.count("hook") == 1
    clicked = await bot.click(ActionId.APPROVE, f"{request_id}.{seen.version}", **card)
    assert clicked.status_code == 200
    assert await status(bot, request_id) is Status.APPROVED


@pytest.mark.parametrize(
    ("changes", "said"),
    [({}, "doesn't know that"), ({"team": {"id": "T0OTHER"}}, "doesn't serve the workspace")],
    ids=["another version's button", "another workspace's click"],
)
async def test_what_no_listener_takes_waits_for_no_lock_either(
    bot: Bot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changes: dict[str, object], said: str
) -> None:
    monkeypatch.setattr("bot.store.engines.BUSY_SECONDS", 3600.0)
    monkeypatch.setattr("bot.slack.listeners.replies.TOLD_WITHIN", 60.0)
    with closing(sqlite3.connect(tmp_path / "portcullis.sqlite3", isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        clicked = await asyncio.wait_for(bot.click("a button of tomorrow", "7", **changes), 120)
        assert clicked.status_code == 200
        assert said in (await hooked(bot)).replace("\u2019", "'")


@pytest.fixture
async def proxy(postgres_server: PostgresServer) -> AsyncIterator[DatabaseProxy]:
    async with DatabaseProxy(postgres_server) as opened:
        yield opened


@pytest.fixture
async def remote(
    proxy: DatabaseProxy, postgres_server: PostgresServer, postgres_template: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Bot]:
    """A bot whose database is behind the proxy, and which is slow to notice nothing but a lost answer."""
    monkeypatch.setattr("bot.slack.listeners.deliveries.ANSWERED_WITHIN", 600.0)
    monkeypatch.setattr("bot.store.engines.STATEMENT_SECONDS", 3.0)
    name = await asyncio.to_thread(lambda: postgres_server.new_database(template=postgres_template))
    async with open_bot(proxy.url(name)) as opened:
        yield opened
    await asyncio.to_thread(postgres_server.drop_database, name)


async def told_later(bot: Bot) -> str:
    """What the person is told by itself, once the database answers again."""
    async with asyncio.timeout(120):
        while True:
            with suppress(StoreError):
                if found := await bot.replies():
                    assert len(found) == 1
                    return found[0]
            await asyncio.sleep(0.05)  # the database tells nobody


@pytest.mark.parametrize("passed", [True, False])
@pytest.mark.parametrize("fault", Fault)
async def test_what_nobody_can_tell_is_said_and_looked_up(
    remote: Bot, proxy: DatabaseProxy, fault: Fault, passed: bool
) -> None:
    proxy.strike_at(b"COMMIT;", fault, passed=passed, once_seen=b"INSERT INTO requests")
    said = text_of(await remote.command("/block", BLOCK, trigger_id="the same"))
    assert "can't tell whether this was recorded" in said
    assert "/requests" in said
    await proxy.heal()
    told = await told_later(remote)
    assert ("was recorded after all. It is #1." if passed else "was not recorded, and nothing was changed") in told
    again = text_of(await remote.command("/block", BLOCK, trigger_id="the same"))
    assert ("#1" if passed else "was not recorded, and nothing was changed") in again
    assert await numbers(remote) == [1] * passed, "delivered again, it is what the person was told"
    assert await remote.replies() == [], "which they are told once"
    # Done again, as they were told to, it is a request.
    assert "nothing has been changed yet" in text_of(
        await remote.command("/block", BLOCK.replace("evil", "other"), trigger_id="another")
    )
    assert len(await numbers(remote)) == 1 + passed


async def test_a_database_that_does_not_answer_has_recorded_nothing(remote: Bot, proxy: DatabaseProxy) -> None:
    proxy.strike_at(b"INSERT INTO requests", Fault.SILENT, passed=True)
    said = text_of(await remote.command("/block", BLOCK, who=REQUESTER))
    assert "nothing was recorded" in said
    await proxy.heal()
    async with asyncio.timeout(120):
        while True:
            with suppress(StoreError):
                assert await numbers(remote) == []
                break
