"""The stand-in runs a step as Slack does, and takes its end as Slack does: once, and only with what was declared."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError

from tests.integration.playground.slack_stage import REQUESTER, Stage, open_stage

STEP = "propose_block"
INPUTS = {"indicators": "evil.example", "reason": "Phishing wave"}


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with open_stage() as opened:
        yield opened


async def run_step(stage: Stage, **inputs: str) -> dict[str, Any]:
    """What the bot was delivered."""
    answer = await stage.post("/api/steps", user=REQUESTER, callback_id=STEP, inputs={**INPUTS, **inputs})
    assert answer["problem"] is None
    payload: dict[str, Any] = stage.bot.payloads[-1]
    return payload


async def runs(stage: Stage) -> list[dict[str, Any]]:
    return list((await stage.get("/api/steps"))["runs"])


async def test_a_step_arrives_as_slack_sends_it(stage: Stage) -> None:
    payload = await run_step(stage, lasts="7d")
    event = payload["event"]
    assert (payload["type"], event["type"]) == ("event_callback", "function_executed")
    assert event["function"]["callback_id"] == STEP
    assert set(event) == {
        "type",
        "function",
        "inputs",
        "function_execution_id",
        "workflow_execution_id",
        "event_ts",
        "bot_access_token",
    }
    requester = event["inputs"].pop("requester")
    assert event["inputs"] == {**INPUTS, "lasts": "7d"}
    assert (requester["id"], set(requester)) == (REQUESTER, {"id", "secret"})
    assert await stage.broken() == []


async def test_nobody_types_who_started_it(stage: Stage) -> None:
    body = {"as": REQUESTER, "callback_id": STEP, "inputs": {**INPUTS, "requester": "U0APPROVE1"}}
    answer = await stage.page.post("/api/steps", json=body)
    assert (answer.status_code, answer.json()) == (400, {"problem": "Nobody can fill in requester."})
    assert stage.bot.payloads == []


async def test_what_a_step_requires_has_to_be_there(stage: Stage) -> None:
    answer = await stage.post("/api/steps", user=REQUESTER, callback_id=STEP, inputs={"indicators": "evil.example"})
    assert answer["problem"] == "Fill in: Why."
    assert stage.bot.payloads == []


@pytest.mark.parametrize(
    ("method", "said", "status"),
    [
        (
            "functions.completeSuccess",
            {"outputs": {"proposal": "#7", "card": "https://playground.example"}},
            "completed",
        ),
        ("functions.completeError", {"error": "Nothing was requested."}, "failed"),
    ],
)
async def test_its_end_is_taken_once(stage: Stage, method: str, said: dict[str, Any], status: str) -> None:
    run = (await run_step(stage))["event"]["function_execution_id"]
    assert [each["status"] for each in await runs(stage)] == ["running"]
    await stage.client.api_call(method, json={"function_execution_id": run, **said})
    [ended] = await runs(stage)
    assert (ended["status"], ended["error"]) == (status, said.get("error", ""))
    with pytest.raises(SlackApiError) as refused:
        await stage.client.api_call(method, json={"function_execution_id": run, **said})
    assert refused.value.response["error"] == "execution_not_in_running_state"
    assert await stage.broken() == []


@pytest.mark.parametrize(
    "outputs",
    [{}, {"proposal": 7}, {"proposal": "#7", "other": "x"}, "#7", None],
    ids=["none", "number", "more", "text", "no"],
)
async def test_outputs_that_were_not_declared_are_refused(stage: Stage, outputs: object) -> None:
    run = (await run_step(stage))["event"]["function_execution_id"]
    with pytest.raises(SlackApiError) as refused:
        await stage.client.api_call(
            "functions.completeSuccess", json={"function_execution_id": run, "outputs": outputs}
        )
    assert refused.value.response["error"] in {"parameter_validation_failed", "invalid_arguments"}
    assert [each["status"] for each in await runs(stage)] == ["running"]


async def test_a_run_that_never_was_is_not_ended(stage: Stage) -> None:
    with pytest.raises(SlackApiError) as refused:
        await stage.client.api_call("functions.completeError", json={"function_execution_id": "Fx1", "error": "x"})
    assert refused.value.response["error"] == "function_execution_not_found"


async def test_the_page_is_shown_no_secret_of_it(stage: Stage) -> None:
    event = (await run_step(stage))["event"]
    secrets = [event["bot_access_token"], event["inputs"]["requester"]["secret"]]
    shown = (await stage.page.get("/api/deliveries")).text + (await stage.page.get("/api/steps")).text
    assert event["function_execution_id"] in shown
    assert not any(secret in shown for secret in secrets)
