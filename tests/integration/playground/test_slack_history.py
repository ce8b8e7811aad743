"""What an app may read of what was said: by its scopes, page by page, and what apps wrote beside a message."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from bot.playground.slack import Workspace
from bot.playground.slack.faults import Fault
from tests.integration.playground.slack_stage import APPROVALS, GENERAL, QUIET, REQUESTER, Stage, open_stage

POST = "chat.postMessage"
NOTE = {"event_type": "a_note", "event_payload": {"key": "k1"}}


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with open_stage() as stage:
        yield stage


async def post(stage: Stage, channel: str = APPROVALS, **more: object) -> dict[str, Any]:
    return await stage.call(POST, channel=channel, text="A card", **more, **QUIET)


async def read(stage: Stage, channel: str = APPROVALS, **more: object) -> dict[str, Any]:
    return await stage.call("conversations.history", channel=channel, **more)


async def test_what_is_written_beside_a_message_is_read_by_who_asks_for_all_of_it(stage: Stage) -> None:
    posted = await post(stage, metadata=NOTE)
    assert "metadata" not in posted["message"]
    assert [each["metadata"] for each in (await read(stage, include_all_metadata=True))["messages"]] == [NOTE]
    assert [each["metadata"] for each in (await read(stage))["messages"]] == [{**NOTE, "event_payload": {}}]


@pytest.mark.parametrize(("given", "left"), [(None, NOTE), ({}, None), ({**NOTE, "event_type": "b"}, "b")])
async def test_an_update_leaves_it_unless_it_says_otherwise(stage: Stage, given: object, left: object) -> None:
    ts = (await post(stage, metadata=NOTE))["ts"]
    more = {} if given is None else {"metadata": given}
    assert (await stage.call("chat.update", channel=APPROVALS, ts=ts, text="Another", **more))["ok"]
    [message] = (await read(stage, include_all_metadata=True))["messages"]
    found = message.get("metadata")
    assert (found["event_type"] if left == "b" else found) == left


@pytest.mark.parametrize("wrong", ["text", {"event_type": "a b", "event_payload": {}}, {"event_type": "a"}, [1]])
async def test_what_is_no_metadata_is_refused(stage: Stage, wrong: object) -> None:
    assert (await post(stage, metadata=wrong))["error"] == "invalid_metadata_format"


async def test_the_newest_comes_first_and_threads_are_read_by_themselves(stage: Stage) -> None:
    first, second = [(await post(stage))["ts"] for _ in range(2)]
    reply = (await post(stage, thread_ts=first, metadata=NOTE))["ts"]
    assert [each["ts"] for each in (await read(stage))["messages"]] == [second, first]
    for asked in (first, reply):
        thread = await stage.call("conversations.replies", channel=APPROVALS, ts=asked, include_all_metadata=True)
        assert [each["ts"] for each in thread["messages"]] == [first, reply]
        assert thread["messages"][1]["metadata"] == NOTE
    alone = await stage.call("conversations.replies", channel=APPROVALS, ts=second)
    assert [each["ts"] for each in alone["messages"]] == [second]
    gone = await stage.call("conversations.replies", channel=APPROVALS, ts="1.000100")
    assert gone["error"] == "thread_not_found"


async def test_page_by_page_and_since_a_time(stage: Stage) -> None:
    posted = [(await post(stage))["ts"] for _ in range(5)]
    found, cursor = [], ""
    while True:
        page = await read(stage, limit=2, cursor=cursor)
        found += [each["ts"] for each in page["messages"]]
        assert page["has_more"] is ("response_metadata" in page)
        if not page["has_more"]:
            break
        cursor = page["response_metadata"]["next_cursor"]
    assert found == posted[::-1]
    assert [each["ts"] for each in (await read(stage, oldest=posted[2]))["messages"]] == [posted[4], posted[3]]
    since = await read(stage, oldest=posted[2], latest=posted[3], inclusive=True)
    assert [each["ts"] for each in since["messages"]] == [posted[3], posted[2]]
    for wrong, code in (({"limit": 0}, "invalid_limit"), ({"cursor": "x"}, "invalid_cursor")):
        assert (await read(stage, **wrong))["error"] == code
    assert (await read(stage, oldest="yesterday"))["error"] == "invalid_ts_oldest"


async def test_who_has_not_the_scope_reads_nothing_and_breaks_no_rule() -> None:
    whole = Workspace()
    async with open_stage(workspace=replace(whole, scopes=whole.scopes - {"channels:history", "im:write"})) as stage:
        direct = (await post(stage, REQUESTER))["channel"]
        refused = await read(stage, GENERAL)
        assert (refused["error"], refused["needed"]) == ("missing_scope", "channels:history")
        assert (await read(stage, direct))["ok"]
        assert (await stage.call("conversations.open", users=REQUESTER))["error"] == "missing_scope"
        assert await stage.broken() == []


async def test_a_person_is_no_conversation(stage: Stage) -> None:
    await post(stage, REQUESTER)
    assert (await read(stage, REQUESTER))["error"] == "channel_not_found"


@pytest.mark.parametrize("error", ["slow", "late"])
async def test_a_slow_call_takes_effect_though_nobody_waits_any_more(stage: Stage, error: str) -> None:
    stage.playground.slack.state.faults.add(POST, Fault(error=error, seconds=0.2))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(post(stage), 0.05)
    while not await stage.messages(APPROVALS):  # noqa: ASYNC110 - nobody is told of it
        await asyncio.sleep(0.02)


async def test_a_call_that_took_effect_may_never_be_answered(stage: Stage) -> None:
    stage.playground.slack.state.faults.add(POST, Fault(error="silent_after"))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(post(stage), 0.3)
    assert len(await stage.messages(APPROVALS)) == 1
