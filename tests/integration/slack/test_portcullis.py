"""/portcullis: every other command behind it, and alone what waits and what there is to do; and the forms it opens."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from bot.domain.auditing.events import EventKind
from bot.slack.block_kit.ids import ActionId
from tests.integration.slack.harness import APPROVER, AUDITOR, REQUESTER, VISITOR, Bot
from tests.support.requests import add_request
from tests.support.scripted_slack import ok


def said(answer: httpx.Response) -> str:
    assert answer.status_code == 200, answer.text
    return json.dumps(answer.json(), ensure_ascii=False)


def opened(bot: Bot) -> list[dict[str, Any]]:
    """The views that were opened."""
    return [json.loads(body)["view"] for method, _, body in bot.slack.asked if method == "views.open"]


async def pending(bot: Bot, **changes: object) -> int:
    async with bot.store.write() as uow:
        return (await add_request(uow, bot.store, **changes)).id


async def events(bot: Bot) -> list[str]:
    async with bot.store.read() as uow:
        return [event.kind for event in await uow.audit.page()]


@pytest.mark.parametrize(
    ("typed", "answered"),
    [
        ("block evil.example 30d Phishing wave", "#1"),
        ("/block evil.example 30d Phishing wave", "#1"),
        ("  BLOCK: evil.example 30d Phishing wave", "#1"),
        ("requests mine", "Your requests"),
        ("check evil.example", "the answer follows"),
        ("help", "What there is to do"),
        ("help", "`/safelist`"),
        ("help block", "Request a block"),
        ("block help", "Request a block"),
        ("blok evil.example", "Did you mean `/portcullis block`?"),
        ("evil.example", "There is no command"),
        ("portcullis", "There is no command"),
        ("<!channel> & more", "There is no command"),
    ],
)
async def test_every_command_works_behind_it(bot: Bot, typed: str, answered: str) -> None:
    assert answered in said(await bot.command("/portcullis", typed))


async def test_a_form_opens_for_what_a_command_behind_it_lacks(bot: Bot) -> None:
    await bot.command("/portcullis", "block evil.example")
    [form] = opened(bot)
    assert form["callback_id"] == "proposal_form"
    assert "evil.example" in json.dumps(form)


async def test_alone_it_shows_what_waits_and_what_is_ones_own(bot: Bot) -> None:
    await pending(bot, requester=REQUESTER, reason="Phishing wave")
    seen_by_approver = said(await bot.command("/portcullis", who=APPROVER))
    assert "1 request waits for you." in seen_by_approver
    assert "Phishing wave" in seen_by_approver
    assert await events(bot) == [EventKind.REQUESTS_READ], "what others asked for was shown"
    seen_by_requester = said(await bot.command("/portcullis", who=REQUESTER))
    assert "1 of yours is under way." in seen_by_requester
    assert "open_block" in seen_by_requester
    seen_by_auditor = said(await bot.command("/portcullis", who=AUDITOR))
    assert "Nothing waits for you" in seen_by_auditor
    assert "open_check" in seen_by_auditor
    assert "open_block" not in seen_by_auditor


async def test_ones_own_request_waits_for_others(bot: Bot) -> None:
    await pending(bot, requester=APPROVER)
    assert "1 of yours is under way." in said(await bot.command("/portcullis", who=APPROVER))


async def test_who_has_no_role_is_told_whom_to_ask_and_sees_nothing(bot: Bot) -> None:
    await pending(bot, reason="Phishing wave")
    seen = said(await bot.command("/portcullis", who=VISITOR))
    assert "no role" in seen
    assert VISITOR in seen
    assert "Phishing wave" not in seen


@pytest.mark.parametrize(
    ("action", "carried", "callback_id", "holds"),
    [
        (ActionId.OPEN_BLOCK, "-", "proposal_form", "Request a block"),
        (ActionId.OPEN_BLOCK, "evil.example", "proposal_form", "evil.example"),
        (ActionId.OPEN_UNBLOCK, "-", "proposal_form", "Request an unblock"),
        (ActionId.OPEN_ALLOW, "-", "proposal_form", "Request an allow"),
        (ActionId.OPEN_UNALLOW, "203.0.113.7", "proposal_form", "Request an unallow"),
        (ActionId.OPEN_EXTEND, "evil.example", "proposal_form", "Request new expiry date"),
        (ActionId.OPEN_EXTEND, "<!channel>\nevil.example", "proposal_form", "<!channel>\\nevil.example"),
        (ActionId.OPEN_CHECK, "203.0.113.7", "check_form", "203.0.113.7"),
        (ActionId.OPEN_IMPORT, "-", "import_form", "Send import"),
    ],
)
async def test_a_button_opens_its_form(bot: Bot, action: ActionId, carried: str, callback_id: str, holds: str) -> None:
    assert (await bot.click(action, carried, who=REQUESTER)).text == ""
    [form] = opened(bot)
    assert form["callback_id"] == callback_id
    assert holds in json.dumps(form)


def check_form(lines: str) -> dict[str, Any]:
    values = {"indicators": {"value": {"type": "plain_text_input", "value": lines}}}
    return {
        "id": "V1", "type": "modal", "callback_id": "check_form", "private_metadata": "{}", "state": {"values": values},
    }  # fmt: skip


async def test_a_check_can_be_asked_in_a_form(bot: Bot) -> None:
    await bot.command("/check")
    [form] = opened(bot)
    assert form["callback_id"] == "check_form"
    answer = (await bot.submit(check_form("evil[.]example\n203.0.113.7"))).json()
    assert answer["response_action"] == "update"
    assert "the answer follows" in json.dumps(answer["view"])
    assert sorted(await events(bot)) == [EventKind.CHECK_ASKED] * 2


@pytest.mark.parametrize("lines", ["", "nothing to see", "\n".join(f"evil{n}.example" for n in range(6))])
async def test_what_cannot_be_checked_is_told_at_the_field(bot: Bot, lines: str) -> None:
    answer = (await bot.submit(check_form(lines))).json()
    assert answer["response_action"] == "errors"
    assert set(answer["errors"]) == {"indicators"}
    assert await events(bot) == []


@pytest.mark.parametrize(
    ("typed", "problems"),
    [
        ("evil.example 203.0.113.999 192.0.2.7", ["203.0.113.999"]),
        ("now evil.example 203.0.113.999 192.0.2.300", ["203.0.113.999", "192.0.2.300"]),
        ("evil.example phishing 203.0.113.7", ["wasn't read"]),
        ("evil.example foo", ["‘foo’ wasn't read", "in full"]),
        ("now evil.example foo", ["‘foo’ wasn't read"]),
        ("evil.example seen in a ticket", ["‘seen in a ticket’ wasn't read"]),
        ("evil.example\nfoo", ["‘foo’ wasn't read"]),
        ("evil.example\nfoo\nbar", ["‘foo bar’ wasn't read"]),
        ("evil.example 30d", ["‘30d’ wasn't read"]),
        ("evil.example now", ["‘now’ wasn't read"]),
        (" ".join(f"evil{n}.example" for n in range(6)), ["6 indicators are more than can be checked at once"]),
    ],
)
async def test_what_of_a_command_cannot_be_checked_is_asked_about_in_the_form(
    bot: Bot, typed: str, problems: list[str]
) -> None:
    """None of the others is lost: they stand in the field with it."""
    assert (await bot.command("/check", typed)).text == ""
    [form] = opened(bot)
    assert form["callback_id"] == "check_form"
    field, asked = form["blocks"]
    assert field["element"]["initial_value"].split() == typed.removeprefix("now ").split()
    told = json.dumps(asked, ensure_ascii=False)
    assert [words for words in problems if words in told] == problems
    assert await events(bot) == []


@pytest.mark.parametrize("typed", ["evil.example,foo", "evil.example, foo", "evil.example; foo", "evil.example # foo"])
async def test_a_remark_beside_what_is_checked_is_asked_about_and_never_dropped(bot: Bot, typed: str) -> None:
    assert (await bot.command("/check", typed)).text == ""
    [form] = opened(bot)
    field, asked = form["blocks"]
    assert field["element"]["initial_value"] == "evil.example\nfoo"
    assert "‘foo’ wasn't read" in json.dumps(asked, ensure_ascii=False)
    assert await events(bot) == []


@pytest.mark.parametrize("lines", ["evil.example,foo", "evil.example foo", "evil.example\nfoo", "evil.example # foo"])
async def test_the_form_of_a_check_says_at_its_field_what_was_not_read(bot: Bot, lines: str) -> None:
    await bot.command("/check")
    [form] = opened(bot)
    state = {"indicators": {"value": {"type": "plain_text_input", "value": lines}}}
    answer = (await bot.submit({**form, "id": "V2", "state": {"values": state}}, who=REQUESTER)).json()
    assert answer["response_action"] == "errors"
    assert "‘foo’ wasn't read" in answer["errors"]["indicators"]
    assert await events(bot) == []


async def test_without_the_role_no_form_opens_for_it(bot: Bot) -> None:
    assert "may not" in (await bot.command("/check", "evil.example 203.0.113.999", who=VISITOR)).text
    assert opened(bot) == []


async def test_a_form_opened_from_a_form_lies_over_it_and_from_home_by_itself(bot: Bot) -> None:
    bot.slack.answers["views.push"] = ok(view={"id": "V3"})
    in_view = {"container": {"type": "view", "view_id": "V1"}}
    await bot.click(ActionId.OPEN_BLOCK, "evil.example", who=REQUESTER, view={"type": "modal"}, **in_view)
    assert (bot.slack.count("views.push"), bot.slack.count("views.open")) == (1, 0)
    await bot.click(ActionId.OPEN_BLOCK, "-", who=REQUESTER, view={"type": "home"}, **in_view)
    assert (bot.slack.count("views.push"), bot.slack.count("views.open")) == (1, 1)
