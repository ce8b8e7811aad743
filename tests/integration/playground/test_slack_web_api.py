"""The Slack stand-in's Web API, called by the SDK that the bot uses."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from aiohttp import ClientPayloadError, ServerDisconnectedError
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.playground.slack import Channel, Workspace
from tests.integration.playground.slack_stage import (
    APPROVALS,
    APPROVER,
    GENERAL,
    QUIET,
    REQUESTER,
    Stage,
    button,
    open_stage,
    section,
)


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with open_stage() as stage:
        yield stage


async def test_the_token_tells_who_the_bot_is(stage: Stage) -> None:
    answer = await stage.client.auth_test()
    assert answer["user_id"] == "U0PORTCULL"
    assert answer["team_id"] == stage.playground.workspace.team_id
    assert await stage.broken() == []


@pytest.mark.parametrize(
    ("method", "token", "error"),
    [
        ("auth.test", "nobody's", "invalid_auth"),
        ("auth.test", "", "not_authed"),
        ("apps.connections.open", "bot", "not_allowed_token_type"),
        ("chat.postMessage", "app", "not_allowed_token_type"),
    ],
)
async def test_each_method_takes_its_own_kind_of_token(stage: Stage, method: str, token: str, error: str) -> None:
    credentials = stage.playground.workspace.credentials
    sent = {"bot": credentials.bot_token, "app": credentials.app_token}.get(token, token)
    headers = {"Authorization": f"Bearer {sent}"} if sent else {}
    answer = (await stage.page.post(f"/slack/api/{method}", headers=headers)).json()
    assert answer == {"ok": False, "error": error}
    assert await stage.broken() == [error]


async def test_a_method_that_slack_hasnt_is_a_violation(stage: Stage) -> None:
    assert (await stage.call("chat.shout"))["error"] == "unknown_method"
    assert await stage.broken() == ["unknown_method"]


async def test_an_argument_that_the_method_doesnt_know_is_a_violation(stage: Stage) -> None:
    assert (await stage.call("chat.postMessage", channel=GENERAL, text="x", colour="red", **QUIET))["ok"]
    assert await stage.broken() == ["unknown_argument"]


async def test_read_methods_take_form_fields_only(stage: Stage) -> None:
    assert (await stage.call("users.info", user=REQUESTER))["error"] == "invalid_arguments"
    assert (await stage.client.users_info(user=REQUESTER))["user"]["profile"]["real_name"] == "Requester"


async def test_a_posted_message_is_seen_and_its_answer_is_shaped_like_slacks(stage: Stage) -> None:
    answer = await stage.client.chat_postMessage(channel=APPROVALS, text="A card", blocks=[section()], **QUIET)
    assert answer["channel"] == APPROVALS
    assert answer["message"]["bot_id"] == "B0PORTCULL"
    [message] = await stage.messages(APPROVALS)
    assert message["ts"] == answer["ts"]
    assert message["text"] == "A card"
    assert message["blocks"][0]["block_id"]
    assert await stage.broken() == []


async def test_timestamps_only_grow(stage: Stage) -> None:
    answers = await asyncio.gather(*(stage.card(section()) for _ in range(8)))
    assert len(set(answers)) == 8
    shown = [message["ts"] for message in await stage.messages(APPROVALS)]
    assert shown == sorted(shown)


async def test_a_message_to_a_person_lands_in_their_direct_messages(stage: Stage) -> None:
    answer = await stage.client.chat_postMessage(channel=REQUESTER, text="For you", **QUIET)
    assert answer["channel"].startswith("D")
    assert [message["text"] for message in await stage.messages("D")] == ["For you"]
    assert await stage.messages("D", user=APPROVER) == []
    opened = await stage.client.conversations_open(users=REQUESTER)
    assert opened["channel"]["id"] == answer["channel"]


async def test_updating_needs_the_channels_id(stage: Stage) -> None:
    posted = await stage.client.chat_postMessage(channel=REQUESTER, text="For you", **QUIET)
    refused = await stage.call("chat.update", channel=REQUESTER, ts=posted["ts"], text="Changed")
    assert refused["error"] == "channel_not_found"
    assert await stage.broken() == ["channel_not_found"]
    await stage.client.chat_update(channel=posted["channel"], ts=posted["ts"], text="Changed")
    [message] = await stage.messages("D")
    assert (message["text"], message["edited"]) == ("Changed", True)


async def test_text_without_blocks_removes_the_blocks(stage: Stage) -> None:
    ts = await stage.card(section())
    await stage.client.chat_update(channel=APPROVALS, ts=ts, text="Only text")
    [message] = await stage.messages(APPROVALS)
    assert message["blocks"] == []


async def test_an_update_that_keeps_a_block_id_is_a_hint(stage: Stage) -> None:
    ts = await stage.card(section(block_id="card-1"))
    await stage.client.chat_update(channel=APPROVALS, ts=ts, text="x", blocks=[section("y", block_id="card-1")])
    assert await stage.hints() == ["block_id_unchanged"]
    await stage.client.chat_update(channel=APPROVALS, ts=ts, text="x", blocks=[section("z", block_id="card-2")])
    assert await stage.hints() == ["block_id_unchanged"]
    assert await stage.broken() == []


async def test_somebody_elses_message_cant_be_updated_or_deleted(stage: Stage) -> None:
    await stage.post("/api/message", user=REQUESTER, channel=GENERAL, text="Mine")
    [message] = await stage.messages(GENERAL)
    changed = await stage.call("chat.update", channel=GENERAL, ts=message["ts"], text="Yours")
    deleted = await stage.call("chat.delete", channel=GENERAL, ts=message["ts"])
    assert (changed["error"], deleted["error"]) == ("cant_update_message", "cant_delete_message")
    assert await stage.broken() == ["cant_update_message", "cant_delete_message"]


async def test_a_message_that_is_gone_is_not_found(stage: Stage) -> None:
    ts = await stage.card(section())
    await stage.client.chat_delete(channel=APPROVALS, ts=ts)
    assert (await stage.call("chat.update", channel=APPROVALS, ts=ts, text="x"))["error"] == "message_not_found"
    assert await stage.messages(APPROVALS) == []


async def test_only_one_person_sees_an_ephemeral_message(stage: Stage) -> None:
    await stage.client.chat_postEphemeral(channel=GENERAL, user=REQUESTER, text="Psst")
    [message] = await stage.messages(GENERAL)
    assert message["ephemeral"] is True
    assert await stage.messages(GENERAL, user=APPROVER) == []


async def test_replies_stand_under_their_message(stage: Stage) -> None:
    ts = await stage.card(section())
    await stage.client.chat_postMessage(channel=APPROVALS, text="The story", thread_ts=ts, **QUIET)
    [message] = await stage.messages(APPROVALS)
    assert [reply["text"] for reply in message["replies"]] == ["The story"]
    lost = await stage.call("chat.postMessage", channel=APPROVALS, text="x", thread_ts="1.000100", **QUIET)
    assert lost["error"] == "thread_not_found"


@pytest.mark.parametrize("missing", ["unfurl_links", "unfurl_media"])
async def test_unfurling_must_be_switched_off(stage: Stage, missing: str) -> None:
    quiet = {**QUIET, missing: True}
    assert (await stage.call("chat.postMessage", channel=GENERAL, text="x", **quiet))["ok"]
    del quiet[missing]
    assert (await stage.call("chat.postMessage", channel=GENERAL, text="x", **quiet))["ok"]
    assert await stage.broken() == [missing, missing]


async def test_blocks_need_a_text_beside_them(stage: Stage) -> None:
    assert (await stage.call("chat.postMessage", channel=GENERAL, blocks=[section()], **QUIET))["ok"]
    assert await stage.broken() == ["no_text"]


@pytest.mark.parametrize(
    ("message", "error"),
    [
        ({}, "no_text"),
        ({"text": ""}, "no_text"),
        ({"text": "x" * 40_001}, "msg_too_long"),
        ({"text": "x", "blocks": [section("y" * 2_900) for _ in range(5)]}, "msg_blocks_too_long"),
        ({"text": "x", "blocks": [section()] * 51}, "invalid_blocks"),
        ({"text": "x", "blocks": "[{"}, "invalid_blocks_format"),
        ({"text": "x", "attachments": []}, "invalid_attachments"),
    ],
)
async def test_a_message_that_slack_refuses(stage: Stage, message: dict[str, object], error: str) -> None:
    assert (await stage.call("chat.postMessage", channel=GENERAL, **message, **QUIET))["error"] == error
    assert await stage.broken() == [error]
    assert await stage.messages(GENERAL) == []


async def test_a_long_text_is_taken_and_noted_but_never_in_an_update(stage: Stage) -> None:
    posted = await stage.call("chat.postMessage", channel=GENERAL, text="x" * 4_001, **QUIET)
    assert posted["ok"]
    assert await stage.broken() == ["text_too_long"]
    refused = await stage.call("chat.update", channel=GENERAL, ts=posted["ts"], text="x" * 4_001)
    assert refused["error"] == "msg_too_long"


async def test_form_fields_work_like_json(stage: Stage) -> None:
    token = stage.playground.workspace.credentials.bot_token
    fields = {
        "token": token,
        "channel": GENERAL,
        "text": "x",
        "blocks": '[{"type":"divider"}]',
        "unfurl_links": "false",
        "unfurl_media": "0",
    }
    answer = (await stage.page.post("/slack/api/chat.postMessage", data=fields)).json()
    assert answer["message"]["blocks"][0]["type"] == "divider"
    assert await stage.broken() == []


async def test_the_world_can_be_in_the_way() -> None:
    channels = (
        Channel(id="C0CLOSED", name="closed", archived=True),
        Channel(id="C0SECRET", name="secret", has_bot=False),
        Channel(id=APPROVALS, name="mail-approvals"),
    )
    async with open_stage(workspace=Workspace(channels=channels)) as stage:
        errors = [
            (await stage.call("chat.postMessage", channel=channel, text="x", **QUIET))["error"]
            for channel in ("C0CLOSED", "C0SECRET", "C0NOWHERE", "U0NOBODY1")
        ]
        assert errors == ["is_archived", "not_in_channel", "channel_not_found", "channel_not_found"]
        ts = await stage.card(section())
        await stage.post("/api/archive", channel=APPROVALS)
        assert (await stage.call("chat.update", channel=APPROVALS, ts=ts, text="x"))["error"] == "is_archived"
        assert await stage.broken() == []


async def test_a_rate_limit_on_demand(stage: Stage) -> None:
    await stage.post("/api/faults", method="chat.postMessage", error="ratelimited", times=1, retry_after=7)
    with pytest.raises(SlackApiError) as refused:
        await stage.client.chat_postMessage(channel=GENERAL, text="x", **QUIET)
    assert refused.value.response.status_code == 429
    assert refused.value.response.headers["Retry-After"] == "7"
    await stage.client.chat_postMessage(channel=GENERAL, text="x", **QUIET)
    assert len(await stage.messages(GENERAL)) == 1


async def test_an_error_on_demand(stage: Stage) -> None:
    await stage.post("/api/faults", method="users.info", error="user_not_found", times=1)
    await stage.post("/api/faults", method="users.info", error="http_503", times=1)
    with pytest.raises(SlackApiError, match="user_not_found"):
        await stage.client.users_info(user=REQUESTER)
    with pytest.raises(SlackApiError) as broken:
        await stage.client.users_info(user=REQUESTER)
    assert broken.value.response.status_code == 503
    assert (await stage.client.users_info(user=REQUESTER))["ok"]


async def _post_without_retries(stage: Stage) -> None:
    client = AsyncWebClient(token=stage.client.token, base_url=stage.client.base_url, retry_handlers=[])
    await client.chat_postMessage(channel=GENERAL, text="Once", **QUIET)


async def test_a_connection_that_breaks_before_anything_happened(stage: Stage) -> None:
    await stage.post("/api/faults", method="chat.postMessage", error="drop_before", times=1)
    with pytest.raises((ServerDisconnectedError, ConnectionResetError)):
        await _post_without_retries(stage)
    assert await stage.messages(GENERAL) == []


async def test_a_connection_that_breaks_after_it_happened(stage: Stage) -> None:
    await stage.post("/api/faults", method="chat.postMessage", error="drop_after", times=1)
    with pytest.raises((ServerDisconnectedError, ConnectionResetError, ClientPayloadError)):
        await _post_without_retries(stage)
    assert len(await stage.messages(GENERAL)) == 1


async def test_a_call_that_is_never_answered(stage: Stage) -> None:
    await stage.post("/api/faults", method="chat.postMessage", error="silent", times=1)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.5):
            await _post_without_retries(stage)
    assert await stage.messages(GENERAL) == []
    await _post_without_retries(stage)


async def test_the_sdks_own_repetition_posts_twice(stage: Stage) -> None:
    """What a bot that relies on the SDK would do to a channel when an answer is lost."""
    await stage.post("/api/faults", method="chat.postMessage", error="drop_after", times=1)
    await stage.client.chat_postMessage(channel=GENERAL, text="Twice", **QUIET)
    assert len(await stage.messages(GENERAL)) == 2


async def test_user_groups_change_at_once(stage: Stage) -> None:
    assert (await stage.client.usergroups_users_list(usergroup="S0APPROVERS"))["users"] == ["U0APPROVE1", "U0APPROVE2"]
    await stage.post("/api/groups", id="S0APPROVERS", members=[REQUESTER])
    assert (await stage.client.usergroups_users_list(usergroup="S0APPROVERS"))["users"] == [REQUESTER]
    listed = await stage.client.usergroups_list(include_users=True)
    assert listed["usergroups"][0]["users"] == [REQUESTER]
    with pytest.raises(SlackApiError, match="no_such_subteam"):
        await stage.client.usergroups_users_list(usergroup="S0NOBODY")


async def test_what_channels_are(stage: Stage) -> None:
    channel = (await stage.client.conversations_info(channel=GENERAL, include_num_members=True))["channel"]
    assert (channel["is_member"], channel["is_archived"], channel["num_members"]) == (True, False, 6)
    members = (await stage.client.conversations_members(channel=GENERAL))["members"]
    assert "U0PORTCULL" in members
    with pytest.raises(SlackApiError, match="channel_not_found"):
        await stage.client.conversations_info(channel="C0NOWHERE")


async def test_a_file_travels_in_three_steps(stage: Stage) -> None:
    await stage.client.files_upload_v2(
        channel=APPROVALS, content="when,who,what\n", filename="audit.csv", title="Audit", initial_comment="The log"
    )
    [message] = await stage.messages(APPROVALS)
    assert message["text"] == "The log"
    [file] = message["files"]
    headers = {"Authorization": f"Bearer {stage.playground.workspace.credentials.bot_token}"}
    async with httpx.AsyncClient(trust_env=False) as http:
        assert (await http.get(file["url_private"], headers=headers)).text == "when,who,what\n"
    assert await stage.broken() == []


async def test_a_file_of_another_length_is_refused(stage: Stage) -> None:
    promised = await stage.client.files_getUploadURLExternal(filename="audit.csv", length=5)
    async with httpx.AsyncClient(trust_env=False) as http:
        answer = await http.post(promised["upload_url"], content=b"more than five")
    assert answer.status_code == 400
    assert await stage.broken() == ["upload_length"]


async def test_the_calls_are_kept_without_the_token(stage: Stage) -> None:
    await stage.card(section(), {"type": "actions", "elements": [button()]})
    answer = await stage.get("/api/calls")
    [call] = answer["calls"]
    assert (call["method"], call["answer"]["ok"]) == ("chat.postMessage", True)
    assert stage.playground.workspace.credentials.bot_token not in str(answer)


@pytest.mark.parametrize(
    ("text", "hints"),
    [
        ("*evil.example* &amp; <@U0REQUEST1>, see <https://docs.example/x|the page>\n> quoted", []),
        ("<!date^1795294654^{date_short_pretty} {time}|today>, hxxps://evil[.]example", []),
        ("Tom & Jerry", ["unescaped"]),
        ("a < b", ["unescaped"]),
        ("<script>", ["unescaped"]),
        ("<!channel> look", ["broadcast_mention"]),
        ("&lt;!channel&gt; look", []),
        ("https://evil.example/x", ["live_link"]),
    ],
)
async def test_advice_on_what_stands_in_a_text(stage: Stage, text: str, hints: list[str]) -> None:
    await stage.card(section(text))
    assert await stage.hints() == hints
    stage.clock.advance(2)
    await stage.client.chat_postMessage(channel=GENERAL, text=text, **QUIET)
    assert await stage.hints() == hints * 2
    assert await stage.broken() == []


async def test_more_than_a_message_a_second_is_a_hint(stage: Stage) -> None:
    await stage.card(section())
    await stage.card(section())
    assert await stage.hints() == ["message_rate"]
    stage.clock.advance(2)
    await stage.card(section())
    assert await stage.hints() == ["message_rate"]
