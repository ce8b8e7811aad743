"""What Slack takes to the bot over HTTP, and what it makes of the acknowledgement."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import AsyncIterator
from dataclasses import replace
from hashlib import sha256

import pytest
from slack_sdk.signature import SignatureVerifier
from starlette.responses import PlainTextResponse, Response

from bot.playground.slack.signing import signature
from tests.integration.playground.slack_stage import (
    APPROVALS,
    APPROVER,
    GENERAL,
    QUIET,
    REQUESTER,
    Payload,
    Stage,
    button,
    nothing,
    open_stage,
    plain,
    says,
    section,
)


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with open_stage() as stage:
        yield stage


def test_the_signature_is_the_one_that_slacks_page_shows() -> None:
    """The body and the vector are in https://docs.slack.dev/authentication/verifying-requests-from-slack."""
    body = (
        b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V"
        b"&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text="
        b"&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN"
        b"&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
    )
    signed = signature(secret="8f742231b10e8888abcd99yyyzzz85a5", timestamp=1531420618, body=body)
    assert signed == "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"


async def test_a_command_arrives_as_slack_sends_it(stage: Stage) -> None:
    answer = await stage.command('/block evil.example -- "phishing" & more')
    assert answer["ok"]
    [payload] = stage.bot.payloads
    assert set(payload) == {
        "token",
        "team_id",
        "team_domain",
        "channel_id",
        "channel_name",
        "user_id",
        "user_name",
        "command",
        "text",
        "api_app_id",
        "is_enterprise_install",
        "response_url",
        "trigger_id",
    }
    assert (payload["command"], payload["user_id"], payload["channel_name"]) == ("/block", REQUESTER, "general")
    assert payload["text"] == "evil.example — “phishing” & more"
    assert await stage.broken() == []


async def test_a_mention_is_an_id_where_the_command_escapes(stage: Stage) -> None:
    person = stage.playground.workspace.person(REQUESTER)
    assert person is not None
    for command, text in (
        ("/audit", f"<@{REQUESTER}|requester> denied"),
        ("/block", f"@{person.name} denied"),
    ):
        await stage.command(f"{command} @{person.name} denied")
        assert stage.bot.payloads[-1]["text"] == text


async def test_every_delivery_is_signed(stage: Stage) -> None:
    await stage.command("/block evil.example")
    [(headers, body)] = stage.bot.requests
    secret = stage.playground.workspace.credentials.signing_secret
    assert SignatureVerifier(secret).is_valid_request(body, dict(headers))
    assert not SignatureVerifier(secret + "x").is_valid_request(body, dict(headers))
    assert headers["content-type"] == "application/x-www-form-urlencoded"


async def test_a_command_nobody_declared_never_reaches_the_bot(stage: Stage) -> None:
    answer = await stage.command("/explode now")
    assert (answer["ok"], answer["problem"]) == (False, "/explode is not a valid command.")
    assert stage.bot.payloads == []


@pytest.mark.parametrize("body", ["Done.", {"text": "Done."}, {"text": "Done.", "response_type": "ephemeral"}])
async def test_what_the_acknowledgement_says_only_the_person_sees(stage: Stage, body: object) -> None:
    stage.bot.answer = says(body)
    assert (await stage.command("/check evil.example"))["ok"]
    [message] = await stage.messages(GENERAL)
    assert (message["text"], message["ephemeral"]) == ("Done.", True)
    assert await stage.messages(GENERAL, user=APPROVER) == []
    assert await stage.broken() == []


async def test_an_acknowledgement_can_be_for_everybody(stage: Stage) -> None:
    stage.bot.answer = says({"text": "Done.", "response_type": "in_channel", **QUIET})
    await stage.command("/check evil.example")
    [message] = await stage.messages(GENERAL, user=APPROVER)
    assert message["ephemeral"] is False


@pytest.mark.parametrize(
    "body",
    [
        {"txt": "Done."},
        {"text": "Done.", "response_type": "loud"},
        {"blocks": [{"type": "poster"}], "text": "x"},
        ["Done."],
        {"response_type": "ephemeral"},
    ],
)
async def test_an_acknowledgement_of_another_shape_is_a_violation(stage: Stage, body: object) -> None:
    stage.bot.answer = says(body)
    answer = await stage.command("/check evil.example")
    assert answer["problem"] == '/check failed with the error "invalid_command_response"'
    assert await stage.broken() == ["ack_body"]
    assert await stage.messages(GENERAL) == []


async def test_an_acknowledgement_that_comes_too_late() -> None:
    async with open_stage(ack_limit=0.05) as stage:
        never = asyncio.Event()

        async def answer(payload: Payload) -> Response:
            await never.wait()
            return Response()

        stage.bot.answer = answer
        result = await stage.command("/check evil.example")
        never.set()
        assert result["problem"] == '/check failed with the error "operation_timeout"'
        assert result["ack_ms"] >= 50
        assert await stage.broken() == ["ack_too_late"]


@pytest.mark.parametrize(
    ("status", "code"), [(500, "http_service_error"), (401, "http_client_error"), (302, "http_client_error")]
)
async def test_an_answer_that_is_no_acknowledgement(stage: Stage, status: int, code: str) -> None:
    async def answer(payload: Payload) -> Response:
        return PlainTextResponse("no", status_code=status)

    stage.bot.answer = answer
    assert (await stage.command("/check x.example"))["problem"] == f'/check failed with the error "{code}"'
    assert await stage.broken() == [code]


async def test_a_bot_that_isnt_there(stage: Stage) -> None:
    await stage.command("/check x.example")
    assert (await stage.get("/api/state"))["bot"]["connected"] is True
    # A port that was free a moment ago, and that the system won't give out again so soon.
    stage.playground.reach_bot_at("http://127.0.0.1:1/slack/events")
    assert (await stage.command("/check x.example"))["problem"] == '/check failed with the error "dispatch_failed"'
    assert (await stage.get("/api/state"))["bot"]["connected"] is False


async def test_a_click_tells_everything_about_where_it_was(stage: Stage) -> None:
    ts = await stage.card(section(), {"type": "actions", "block_id": "a1", "elements": [button(value="17")]})
    answer = await stage.post("/api/click", user=APPROVER, channel=APPROVALS, ts=ts, block_id="a1", action_id="approve")
    assert answer["ok"]
    [payload] = stage.bot.payloads
    assert payload["type"] == "block_actions"
    assert payload["user"]["id"] == APPROVER
    assert payload["container"] == {
        "type": "message",
        "message_ts": ts,
        "channel_id": APPROVALS,
        "is_ephemeral": False,
    }
    assert payload["channel"] == {"id": APPROVALS, "name": "mail-approvals"}
    assert payload["message"]["ts"] == ts
    [action] = payload["actions"]
    assert (action["action_id"], action["value"], action["type"]) == ("approve", "17", "button")
    assert payload["trigger_id"]
    assert payload["response_url"]
    assert await stage.broken() == []


async def test_a_choice_in_a_message_is_told_and_remembered(stage: Stage) -> None:
    options = [{"text": plain(value), "value": value} for value in ("1d", "7d")]
    choose = {"type": "static_select", "action_id": "until", "options": options}
    ts = await stage.card({"type": "actions", "block_id": "a1", "elements": [choose, button()]})
    where = {"channel": APPROVALS, "ts": ts, "block_id": "a1"}
    await stage.post("/api/click", user=APPROVER, action_id="until", value="7d", **where)
    await stage.post("/api/click", user=APPROVER, action_id="approve", **where)
    first, second = stage.bot.payloads
    assert first["actions"][0]["selected_option"] == options[1]
    assert second["state"]["values"]["a1"]["until"]["selected_option"] == options[1]
    wrong = await stage.page.post("/api/click", json={"as": APPROVER, "action_id": "until", "value": "9d", **where})
    assert wrong.status_code == 400
    assert "9d" in wrong.json()["problem"]


async def test_a_click_is_acknowledged_without_a_word(stage: Stage) -> None:
    ts = await stage.card({"type": "actions", "block_id": "a1", "elements": [button()]})
    stage.bot.answer = says("Thank you")
    await stage.post("/api/click", user=APPROVER, channel=APPROVALS, ts=ts, block_id="a1", action_id="approve")
    assert await stage.broken() == ["ack_body"]


async def test_who_still_sees_the_old_card_can_click_on_it(stage: Stage) -> None:
    """Seven people have the card on their screens when the first of them decides."""
    ts = await stage.card({"type": "actions", "block_id": "a1", "elements": [button(value="17")]})
    await stage.client.chat_update(channel=APPROVALS, ts=ts, text="Decided", blocks=[section("Decided")])
    answer = await stage.post("/api/click", user=APPROVER, channel=APPROVALS, ts=ts, block_id="a1", action_id="approve")
    assert answer["ok"]
    [payload] = stage.bot.payloads
    assert payload["actions"][0]["value"] == "17"
    assert payload["message"]["text"] == "Decided"


async def test_nobody_clicks_on_what_they_cant_see(stage: Stage) -> None:
    answer = await stage.client.chat_postEphemeral(
        channel=GENERAL, user=REQUESTER, text="x", blocks=[section(block_id="s", accessory=button())]
    )
    click = {"channel": GENERAL, "ts": answer["message_ts"], "block_id": "s", "action_id": "approve"}
    refused = await stage.page.post("/api/click", json={"as": APPROVER, **click})
    assert refused.status_code == 400
    assert (await stage.post("/api/click", user=REQUESTER, **click))["ok"]
    assert stage.bot.payloads[0]["container"]["is_ephemeral"] is True


async def test_the_same_delivery_again(stage: Stage) -> None:
    first = await stage.command("/block evil.example")
    again = await stage.post("/api/redeliver", delivery_id=first["delivery_id"])
    assert again["ok"]
    (headers, body), (headers_again, body_again) = stage.bot.requests
    assert body_again == body
    assert "x-slack-retry-num" not in headers
    assert headers_again["x-slack-retry-num"] == "1"
    [delivery] = (await stage.get("/api/deliveries"))["deliveries"]
    assert [attempt["status"] for attempt in delivery["attempts"]] == [200, 200]
    assert "token" not in delivery["payload"]


async def test_forged_deliveries_are_wrong_in_one_way_each(stage: Stage) -> None:
    secret = stage.playground.workspace.credentials.signing_secret
    stage.bot.answer = says("taken")
    for kind in ("bad_signature", "no_signature", "old_timestamp", "future_timestamp"):
        answer = await stage.post("/api/forge", kind=kind, text="/block marker.example")
        assert answer == {"status": 200, "body": "taken"}
    bad, unsigned, old, future = stage.bot.requests
    assert all(b"marker.example" in body for _, body in stage.bot.requests)
    assert "x-slack-signature" not in unsigned[0]
    for headers, body in (old, future):
        base = b"v0:" + headers["x-slack-request-timestamp"].encode() + b":" + body
        assert headers["x-slack-signature"] == "v0=" + hmac.new(secret.encode(), base, sha256).hexdigest()
        assert abs(int(headers["x-slack-request-timestamp"]) - stage.clock.now()) > 300
    verifier = SignatureVerifier(secret)
    assert not any(verifier.is_valid_request(body, dict(headers)) for headers, body in stage.bot.requests)
    assert abs(int(bad[0]["x-slack-request-timestamp"]) - stage.clock.now()) < 5
    assert await stage.broken() == []


async def test_a_response_url_works_five_times(stage: Stage) -> None:
    await stage.command("/check evil.example")
    url = stage.bot.payloads[0]["response_url"]
    answers = [await stage.page.post(url, json={"text": f"Answer {number}"}) for number in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [404]
    assert answers[-1].text == "used_url"
    assert len(await stage.messages(GENERAL)) == 5
    assert await stage.broken() == ["used_url"]


async def test_a_response_url_works_for_thirty_minutes(stage: Stage) -> None:
    await stage.command("/check evil.example")
    url = stage.bot.payloads[0]["response_url"]
    stage.clock.advance(30 * 60 - 5)
    assert (await stage.page.post(url, json={"text": "Still in time"})).status_code == 200
    stage.clock.advance(10)
    late = await stage.page.post(url, json={"text": "Too late"})
    assert (late.status_code, late.text) == (404, "expired_url")
    assert await stage.broken() == ["expired_url"]


async def test_a_response_url_replaces_and_deletes_what_was_clicked(stage: Stage) -> None:
    ts = await stage.card({"type": "actions", "block_id": "a1", "elements": [button()]})
    await stage.post("/api/click", user=APPROVER, channel=APPROVALS, ts=ts, block_id="a1", action_id="approve")
    url = stage.bot.payloads[0]["response_url"]
    await stage.page.post(url, json={"text": "Replaced", "replace_original": True})
    [message] = await stage.messages(APPROVALS)
    assert (message["ts"], message["text"], message["blocks"]) == (ts, "Replaced", [])
    await stage.page.post(url, json={"text": "Just for you"})
    assert len(await stage.messages(APPROVALS, user=APPROVER)) == 2
    assert len(await stage.messages(APPROVALS, user=REQUESTER)) == 1
    await stage.page.post(url, json={"delete_original": True})
    assert await stage.messages(APPROVALS) == []
    assert await stage.broken() == []


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({}, "no_text"),
        ({"text": "x", "colour": "red"}, "invalid_payload"),
        ({"text": "x", "blocks": [{"type": "poster"}]}, "invalid_blocks"),
    ],
)
async def test_a_response_url_takes_only_messages(stage: Stage, body: dict[str, object], error: str) -> None:
    await stage.command("/check evil.example")
    answer = await stage.page.post(stage.bot.payloads[0]["response_url"], json=body)
    assert (answer.status_code, answer.text) == (400, error)
    assert await stage.broken() == [error]


async def test_commands_in_an_archived_channel_go_nowhere(stage: Stage) -> None:
    await stage.post("/api/archive", channel=GENERAL)
    assert (await stage.command("/check x.example"))["problem"] == "This channel is archived."
    assert stage.bot.payloads == []


async def test_people_who_arent_in_a_channel_cant_act_there() -> None:
    async with open_stage() as stage:
        workspace = stage.playground.workspace
        [general, *others] = workspace.channels
    closed = replace(workspace, channels=(replace(general, members=(APPROVER,)), *others))
    async with open_stage(workspace=closed) as stage:
        body = {"as": REQUESTER, "channel": GENERAL, "text": "/check x.example"}
        assert (await stage.page.post("/api/command", json=body)).status_code == 400
        stage.bot.answer = nothing
        assert (await stage.command("/check x.example", user=APPROVER))["ok"]
