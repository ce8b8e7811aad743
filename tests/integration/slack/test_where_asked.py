"""What came of a form is told where it was asked for, as a command's answer is; else the direct message is all."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.slack.block_kit.ids import ActionId
from bot.slack.modals import import_form
from bot.workflow.shared.job_kinds import JobKind
from tests.integration.slack.harness import REQUESTER, Bot

Json = dict[str, Any]
END = {"end": {"value": {"selected_option": {"value": "7d"}}}}


def opened(bot: Bot) -> Json:
    """The form that was opened last."""
    return dict([json.loads(body)["view"] for method, _, body in bot.slack.asked if method == "views.open"][-1])


def sent(view: Json, **values: Json) -> Json:
    return {**view, "id": "V1", "state": {"values": values}}


def written(text: str) -> Json:
    return {"value": {"value": text}}


async def told(bot: Bot) -> list[tuple[str, bool, str]]:
    """Where somebody is told something, whether only there, and what."""
    return [
        (job.payload["response_url"], job.payload["only_there"], job.payload["message"]["text"])
        for job in await bot.jobs()
        if job.kind == JobKind.REPLY
    ]


async def test_what_came_of_a_form_is_told_where_its_command_was_typed(bot: Bot) -> None:
    await bot.command("/block", "evil.example")
    form = sent(opened(bot), indicators=written("evil.example"), reason=written("Phish"), **END)
    assert (await bot.submit(form)).content == b""
    [(url, only_there, text)] = await told(bot)
    assert (url, only_there) == (f"{bot.slack.url}/hook", True)
    assert text.startswith("#1: Block `evil[.]example`. It needs 1 approval")
    assert (await bot.submit(form)).content == b""
    assert await told(bot) == [], "delivered twice, it is told once"


async def test_an_import_is_told_there_too(bot: Bot) -> None:
    await bot.command("/import")
    chosen = {"value": {"selected_option": {"value": next(iter(import_form.CHOICES))}}}
    form = sent(
        opened(bot),
        indicators=written("evil2.example"),
        reason=written("Phish"),
        **{import_form.WHAT: chosen},
        **END,
    )
    assert (await bot.submit(form)).content == b""
    [(_, _, text)] = await told(bot)
    assert text.startswith("Your import is being read. A direct message soon shows")


async def test_a_further_form_carries_the_place_on(bot: Bot) -> None:
    await bot.command("/allow", "")
    form = sent(opened(bot), indicators=written("203.0.113.7"), reason=written("Partner"), **END)
    answer = (await bot.submit(form)).json()
    assert answer["response_action"] == "update"
    assert json.loads(answer["view"]["private_metadata"])["asked_at"] == f"{bot.slack.url}/hook"


@pytest.mark.parametrize(("ephemeral", "count"), [(True, 1), (False, 0)])
async def test_a_button_below_an_answer_that_only_they_see_is_such_a_place(
    bot: Bot, ephemeral: bool, count: int
) -> None:
    container = {"type": "message", "channel_id": "C0GENERAL", "message_ts": "1.2", "is_ephemeral": ephemeral}
    await bot.click(ActionId.OPEN_BLOCK, "evil.example", who=REQUESTER, container=container)
    form = sent(opened(bot), indicators=written("evil.example"), reason=written("Phish"), **END)
    assert (await bot.submit(form)).content == b""
    assert len(await told(bot)) == count
