"""What a command can't tell is asked in the form: until when, and which of what a message's headers hold."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.domain.requests.request import Request
from tests.integration.slack.harness import Bot
from tests.support.requests_made import newest_requests
from tests.unit.domain.tenant_lists import tenant

HEADERS = (
    "Received: from mail.evil.example (203.0.113.9) by\n mx.contoso.example (10.1.2.3) with SMTP\n"
    "X-Forefront-Antispam-Report: CIP:203.0.113.9;CTRY:NL;H:mail.evil.example;\n"
    'From: "Boss, The" <boss@evil.example>\nReply-To: pay@bad.example\nTo: user@contoso.example\n'
)


async def requests(bot: Bot) -> list[Request]:
    async with bot.store.read() as uow:
        return await newest_requests(uow, limit=20)


async def opened_by(bot: Bot, text: str, command: str = "/block") -> dict[str, Any]:
    """The form that a command opened; nothing was requested."""
    assert (await bot.command(command, text)).content == b""
    [view] = [json.loads(body)["view"] for method, _, body in bot.slack.asked if method == "views.open"]
    assert await requests(bot) == []
    return dict(view)


def inputs(view: dict[str, Any]) -> dict[str, Any]:
    return {block["block_id"]: block["element"] for block in view["blocks"] if block["type"] == "input"}


def problem(view: dict[str, Any], field: str) -> str:
    """What stands under a field."""
    [block] = [block for block in view["blocks"] if block["block_id"] == f"problem_{field}"]
    return str(block["text"]["text"])


@pytest.mark.parametrize(
    ("text", "asked", "reason"),
    [
        ("evil.example 03/04/2027 Phishing wave", "can be 2027-03-04 or 2027-04-03", "Phishing wave"),
        ("evil.example until Friday Phishing wave", "names no date", "Phishing wave"),
        ("evil.example Phishing 30d wave", "stands in the reason", "Phishing 30d wave"),
        ("evil.example 5 min Phishing wave", "minutes are too short", "Phishing wave"),
    ],
)
async def test_until_when_is_asked_with_nothing_chosen_beforehand(bot: Bot, text: str, asked: str, reason: str) -> None:
    view = await opened_by(bot, text)
    assert asked in problem(view, "end")
    fields = inputs(view)
    assert "initial_option" not in fields["end"]
    assert (fields["indicators"]["initial_value"], fields["reason"]["initial_value"]) == ("evil.example", reason)


@pytest.mark.parametrize(
    ("text", "end"), [("evil.example Phishing wave for 2 weeks", 14), ("evil.example 2 Wochen Phishing wave", 14)]
)
async def test_an_end_in_words_is_the_requests(bot: Bot, text: str, end: int) -> None:
    await bot.command("/block", text)
    [request] = await requests(bot)
    assert request.expires is not None
    assert round((request.expires - request.created_at).total_seconds() / 86_400) == end
    assert request.reason == "Phishing wave"


async def test_of_a_messages_headers_only_what_is_ticked_is_requested(bot: Bot) -> None:
    view = await opened_by(bot, HEADERS)
    fields = inputs(view)
    options = fields["offers"]["options"]
    assert [option["value"] for option in options] == [
        "203.0.113.9",
        "mail.evil.example",
        "boss@evil.example",
        "pay@bad.example",
    ]
    assert "initial_options" not in fields["offers"]
    assert "the connecting IP (CIP)" in options[0]["description"]["text"]
    assert "initial_value" not in fields["indicators"]
    assert "only you can tell" in problem(view, "indicators")

    state: dict[str, Any] = {
        "offers": {"value": {"selected_options": []}},
        "indicators": {"value": {"value": None}},
        "end": {"value": {"selected_option": {"value": "7d"}}},
        "reason": {"value": {"value": "Invoice fraud"}},
    }
    nothing = await bot.submit({**view, "id": "V1", "state": {"values": state}})
    assert "indicators" in nothing.json()["errors"]
    state["offers"] = {"value": {"selected_options": [options[3]]}}
    assert (await bot.submit({**view, "id": "V1", "state": {"values": state}})).content == b""
    [request] = await requests(bot)
    assert [item.value for item in request.items] == ["pay@bad.example"]


async def test_of_a_messages_headers_the_tenants_own_are_left_out(bot: Bot) -> None:
    """Whether the operator has named them or only the tenant knows them."""
    async with bot.store.write() as uow:
        await uow.snapshots.save(tenant(accepted_domains=frozenset({"bad.example"})))
    options = inputs(await opened_by(bot, HEADERS))["offers"]["options"]
    assert [option["value"] for option in options] == ["203.0.113.9", "mail.evil.example", "boss@evil.example"]


async def test_every_question_stands_in_the_form(bot: Bot) -> None:
    view = await opened_by(bot, "0x7f.1 evil.example 1.2.3 evil2[.]example 30d phish evil3.example")
    asked = problem(view, "indicators").splitlines()
    assert [words in line for words, line in zip(("0x7f.1", "1.2.3", "evil3.example"), asked, strict=True)] == [
        True
    ] * 3
    assert "If not, send the form as it is." in asked[-1]


async def test_a_reason_that_speaks_against_a_block_is_asked_about_until_it_says_something_else(bot: Bot) -> None:
    view = await opened_by(bot, "good.example legit newsletter")
    assert "block:" in problem(view, "reason")

    def sent(reason: str) -> dict[str, Any]:
        state = {
            "indicators": {"value": {"value": "good.example"}},
            "end": {"value": {"selected_option": {"value": "7d"}}},
            "reason": {"value": {"value": reason}},
        }
        return {**view, "id": "V1", "state": {"values": state}}

    assert "legit" in (await bot.submit(sent("legit newsletter"))).json()["errors"]["reason"]
    assert await requests(bot) == []
    assert (await bot.submit(sent("block: legit newsletter, but hacked"))).content == b""
    [request] = await requests(bot)
    assert request.reason == "block: legit newsletter, but hacked"


async def test_a_remark_in_the_form_belongs_to_the_reason(bot: Bot) -> None:
    view = await opened_by(bot, "")
    state = {
        "indicators": {"value": {"value": "203.0.113.0/24, Spray\nspoof contoso.example, *"}},
        "end": {"value": {"selected_option": {"value": "7d"}}},
        "reason": {"value": {"value": "Seen in the logs"}},
    }
    assert (await bot.submit({**view, "id": "V1", "state": {"values": state}})).content == b""
    found = await requests(bot)
    assert {request.reason for request in found} == {"Seen in the logs; Spray"}
    assert {item.value for request in found for item in request.items} == {
        "203.0.113.0/24",
        "contoso.example, *",
    }


async def test_what_stands_behind_the_words_of_a_check_is_asked(bot: Bot) -> None:
    view = await opened_by(bot, "evil.example or rather 203.0.113.7", "/check")
    assert "Write the indicators first" in problem(view, "indicators")
    assert inputs(view)["indicators"]["initial_value"] == "evil.example\nor rather 203.0.113.7"
