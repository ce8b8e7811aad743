"""Modals: triggers, the stack, submissions and their answers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.integration.playground.slack_stage import (
    APPROVER,
    REQUESTER,
    Stage,
    button,
    modal,
    nothing,
    open_stage,
    plain,
    says,
    section,
    text_input,
)


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with open_stage() as stage:
        yield stage


async def _trigger(stage: Stage) -> str:
    stage.bot.answer = nothing
    await stage.command("/block")
    trigger: str = stage.bot.payloads[-1]["trigger_id"]
    return trigger


async def test_a_trigger_opens_one_view_for_whoever_acted(stage: Stage) -> None:
    trigger = await _trigger(stage)
    answer = await stage.client.views_open(trigger_id=trigger, view=modal(callback_id="block"))
    view = await stage.view()
    assert view is not None
    assert (view["id"], view["callback_id"], view["stack_depth"]) == (answer["view"]["id"], "block", 1)
    assert await stage.view(user=APPROVER) is None
    again = await stage.call("views.open", trigger_id=trigger, view=modal())
    assert again["error"] == "exchanged_trigger_id"
    assert await stage.broken() == ["exchanged_trigger_id"]


async def test_a_trigger_lives_three_seconds(stage: Stage) -> None:
    trigger = await _trigger(stage)
    stage.clock.advance(3.1)
    assert (await stage.call("views.open", trigger_id=trigger, view=modal()))["error"] == "expired_trigger_id"
    assert (await stage.call("views.open", trigger_id="made up", view=modal()))["error"] == "invalid_trigger_id"
    assert await stage.broken() == ["expired_trigger_id", "invalid_trigger_id"]


async def test_a_wrong_view_is_refused_and_says_where(stage: Stage) -> None:
    refused = await stage.call("views.open", trigger_id=await _trigger(stage), view=modal(title=plain("x" * 25)))
    assert refused["error"] == "invalid_arguments"
    assert "[json-pointer:/view/title]" in refused["response_metadata"]["messages"][0]
    assert await stage.broken() == ["invalid_arguments"]


async def test_views_are_three_deep_at_most(stage: Stage) -> None:
    deeper = section(block_id="s", accessory=button("deeper"))
    view = await stage.opened(modal(deeper))
    depths = []
    for _ in range(2):
        stage.bot.answer = stage.opening(modal(deeper), method="views.push")
        await stage.post("/api/click", user=REQUESTER, view_id=view["id"], block_id="s", action_id="deeper")
        top = await stage.view()
        assert top is not None
        depths.append(top["stack_depth"])
        view = top
    stage.bot.answer = nothing
    await stage.post("/api/click", user=REQUESTER, view_id=view["id"], block_id="s", action_id="deeper")
    refused = await stage.call("views.push", trigger_id=stage.bot.payloads[-1]["trigger_id"], view=modal())
    assert depths == [2, 3]
    assert refused["error"] == "push_limit_reached"


async def test_pushing_needs_an_open_view(stage: Stage) -> None:
    refused = await stage.call("views.push", trigger_id=await _trigger(stage), view=modal())
    assert refused["error"] == "invalid_trigger_id"


@pytest.mark.parametrize("leaving", ["closes it", "opens another"])
async def test_pushing_on_what_somebody_has_left_meanwhile_is_refused_and_breaks_no_rule(
    stage: Stage, leaving: str
) -> None:
    view = await stage.opened(modal(section(block_id="s", accessory=button("deeper"))))
    stage.bot.answer = nothing
    await stage.post("/api/click", user=REQUESTER, view_id=view["id"], block_id="s", action_id="deeper")
    trigger = stage.bot.payloads[-1]["trigger_id"]
    if leaving == "closes it":
        await stage.post("/api/close", user=REQUESTER, view_id=view["id"])
    else:
        await stage.opened(modal())
    refused = await stage.call("views.push", trigger_id=trigger, view=modal())
    assert refused["error"] == "invalid_trigger_id"
    assert await stage.broken() == []


async def test_pushing_on_what_the_app_has_closed_breaks_a_rule(stage: Stage) -> None:
    view = await stage.opened(modal(section(block_id="s", accessory=button("deeper")), text_input("reason")))
    stage.bot.answer = nothing
    await stage.post("/api/click", user=REQUESTER, view_id=view["id"], block_id="s", action_id="deeper")
    trigger = stage.bot.payloads[-1]["trigger_id"]
    await stage.post("/api/submit", user=REQUESTER, view_id=view["id"], values={"reason": {"typed": "why"}})
    assert (await stage.call("views.push", trigger_id=trigger, view=modal()))["error"] == "invalid_trigger_id"
    assert await stage.broken() == ["invalid_trigger_id"]


async def test_the_hash_guards_a_race(stage: Stage) -> None:
    view = await stage.opened(modal())
    update = {"view_id": view["id"], "hash": view["hash"]}
    assert (await stage.call("views.update", view=modal(section("First")), **update))["ok"]
    assert (await stage.call("views.update", view=modal(section("Second")), **update))["error"] == "hash_conflict"
    shown = await stage.view()
    assert shown is not None
    assert shown["blocks"][0]["text"]["text"] == "First"
    gone = await stage.call("views.update", view=modal(), view_id="V0NOWHERE")
    assert gone["error"] == "not_found"
    assert await stage.broken() == []


async def test_what_was_typed_survives_an_update(stage: Stage) -> None:
    pick = {"type": "input", "block_id": "who", "label": plain("Who"), "dispatch_action": True}
    pick["element"] = {"type": "users_select", "action_id": "person"}
    view = await stage.opened(modal(text_input("reason"), pick))
    await stage.post(
        "/api/click",
        user=REQUESTER,
        view_id=view["id"],
        block_id="who",
        action_id="person",
        value=APPROVER,
        values={"reason": {"typed": "half a reason"}},
    )
    payload = stage.bot.payloads[-1]
    assert payload["container"] == {"type": "view", "view_id": view["id"]}
    assert payload["actions"][0]["selected_user"] == APPROVER
    await stage.client.views_update(view_id=view["id"], view=modal(text_input("reason"), text_input("more")))
    shown = await stage.view()
    assert shown is not None
    assert shown["values"]["reason"]["typed"]["value"] == "half a reason"
    assert shown["values"]["more"]["typed"]["value"] is None


def _every_input() -> list[dict[str, Any]]:
    def field(block_id: str, **element: object) -> dict[str, Any]:
        content = {"action_id": "x", **element}
        return {"type": "input", "block_id": block_id, "label": plain(block_id), "element": content}

    options = [{"text": plain(value), "value": value} for value in ("one", "two", "three")]
    return [
        field("text", type="plain_text_input"),
        field("select", type="static_select", options=options),
        field("several", type="multi_static_select", options=options),
        field("boxes", type="checkboxes", options=options),
        field("radio", type="radio_buttons", options=options, initial_option=options[2]),
        field("date", type="datepicker"),
        field("people", type="multi_users_select"),
    ]


async def test_a_submission_has_slacks_state(stage: Stage) -> None:
    view = await stage.opened(modal(*_every_input(), private_metadata="17", callback_id="block"))
    values = {
        "text": {"x": "typed"},
        "select": {"x": "two"},
        "several": {"x": ["one", "two"]},
        "boxes": {"x": ["three"]},
        "date": {"x": "2026-12-24"},
        "people": {"x": [APPROVER]},
    }
    answer = await stage.post("/api/submit", user=REQUESTER, view_id=view["id"], values=values)
    assert (answer["ok"], answer["errors"]) == (True, None)
    payload = stage.bot.payloads[-1]
    assert payload["type"] == "view_submission"
    assert (payload["view"]["private_metadata"], payload["view"]["callback_id"]) == ("17", "block")
    state = payload["view"]["state"]["values"]
    assert state["text"]["x"] == {"type": "plain_text_input", "value": "typed"}
    assert state["select"]["x"]["selected_option"]["value"] == "two"
    assert [option["value"] for option in state["several"]["x"]["selected_options"]] == ["one", "two"]
    assert [option["value"] for option in state["boxes"]["x"]["selected_options"]] == ["three"]
    assert state["radio"]["x"]["selected_option"]["value"] == "three"
    assert state["date"]["x"] == {"type": "datepicker", "selected_date": "2026-12-24"}
    assert state["people"]["x"]["selected_users"] == [APPROVER]
    assert await stage.view() is None
    assert await stage.broken() == []


@pytest.mark.parametrize(
    ("element", "typed", "block"),
    [
        ({}, "", "reason"),
        ({"min_length": 5}, "abc", "reason"),
        ({"max_length": 2}, "abc", "reason"),
    ],
)
async def test_what_the_client_refuses_never_reaches_the_bot(
    stage: Stage, element: dict[str, object], typed: str, block: str
) -> None:
    view = await stage.opened(modal(text_input("reason", **element)))
    before = len(stage.bot.payloads)
    answer = await stage.post("/api/submit", user=REQUESTER, view_id=view["id"], values={"reason": {"typed": typed}})
    assert answer["ok"] is False
    assert list(answer["errors"]) == [block]
    shown = await stage.view()
    assert shown is not None
    assert shown["errors"] == answer["errors"]
    assert len(stage.bot.payloads) == before


async def _submitted(stage: Stage, body: object) -> tuple[dict[str, Any], dict[str, Any] | None]:
    view = await stage.opened(modal(text_input("reason")))
    stage.bot.answer = says(body)
    answer = await stage.post(
        "/api/submit", user=REQUESTER, view_id=view["id"], values={"reason": {"typed": "Phishing"}}
    )
    return answer, await stage.view()


async def test_errors_stand_at_the_field(stage: Stage) -> None:
    answer, view = await _submitted(stage, {"response_action": "errors", "errors": {"reason": "Say more."}})
    assert (answer["ok"], answer["problem"], answer["errors"]) == (False, None, {"reason": "Say more."})
    assert view is not None
    assert view["errors"] == {"reason": "Say more."}
    assert view["values"]["reason"]["typed"]["value"] == "Phishing"
    assert await stage.broken() == []


async def test_an_answer_can_update_push_and_clear(stage: Stage) -> None:
    _, updated = await _submitted(stage, {"response_action": "update", "view": modal(section("Updated"))})
    _, pushed = await _submitted(stage, {"response_action": "push", "view": modal(section("Pushed"))})
    _, cleared = await _submitted(stage, {"response_action": "clear"})
    assert updated is not None
    assert pushed is not None
    assert (updated["blocks"][0]["text"]["text"], updated["stack_depth"]) == ("Updated", 1)
    assert (pushed["blocks"][0]["text"]["text"], pushed["stack_depth"]) == ("Pushed", 2)
    assert cleared is None
    assert await stage.broken() == []


@pytest.mark.parametrize(
    "body",
    [
        {"response_action": "errors", "errors": {"elsewhere": "No such block."}},
        {"response_action": "errors", "errors": {}},
        {"response_action": "errors"},
        {"response_action": "explode"},
        {"response_action": "update", "view": {"type": "modal"}},
        {"response_action": "clear", "text": "x"},
        {"text": "Thank you"},
        "Thank you",
    ],
)
async def test_an_answer_of_another_shape_is_a_violation(stage: Stage, body: object) -> None:
    answer, view = await _submitted(stage, body)
    assert answer["problem"] == "We had some trouble connecting. Try again?"
    assert view is not None
    assert await stage.broken() == ["ack_body"]


@pytest.mark.parametrize("notify", [True, False])
async def test_closing_is_told_if_the_view_asks_for_it(stage: Stage, notify: bool) -> None:
    view = await stage.opened(modal(notify_on_close=notify))
    before = len(stage.bot.payloads)
    assert (await stage.post("/api/close", user=REQUESTER, view_id=view["id"]))["ok"]
    assert await stage.view() is None
    told = [payload["type"] for payload in stage.bot.payloads[before:]]
    assert told == (["view_closed"] if notify else [])


async def test_nobody_sends_another_persons_form(stage: Stage) -> None:
    view = await stage.opened(modal())
    refused = await stage.page.post("/api/submit", json={"as": APPROVER, "view_id": view["id"], "values": {}})
    assert refused.status_code == 400


async def test_what_stands_in_a_view_is_advised_on_too(stage: Stage) -> None:
    view = await stage.opened(modal(section("<!here>")))
    await stage.client.views_update(view_id=view["id"], view=modal(section("a & b")))
    assert await stage.hints() == ["broadcast_mention", "unescaped"]


async def test_the_home_tab(stage: Stage) -> None:
    answer = await stage.client.views_publish(user_id=REQUESTER, view={"type": "home", "blocks": [section("Home")]})
    home = (await stage.get("/api/home", user=REQUESTER))["view"]
    assert home["blocks"][0]["text"]["text"] == "Home"
    stale = await stage.call(
        "views.publish", user_id=REQUESTER, view={"type": "home", "blocks": []}, hash="0000000000.00000000"
    )
    assert stale["error"] == "hash_conflict"
    assert answer["view"]["type"] == "home"
