"""Files in the stand-in: chosen in a form, fetched by the app with its token, put into a channel, opened by people."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from bot.playground.slack import Workspace
from tests.integration.playground.slack_stage import (
    APPROVALS,
    APPROVER,
    REQUESTER,
    VISITOR,
    Stage,
    modal,
    open_stage,
    plain,
    section,
)


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with open_stage() as opened:
        yield opened


def file_field(block_id: str = "file", *, optional: bool = False, **more: object) -> dict[str, Any]:
    element = {"type": "file_input", "action_id": "value", **more}
    return {"type": "input", "block_id": block_id, "label": plain("File"), "element": element, "optional": optional}


async def chosen(stage: Stage, name: str = "evil.csv", content: bytes = b"evil.example\n", who: str = REQUESTER) -> str:
    answer = await stage.post("/api/files", user=who, name=name, content=base64.b64encode(content).decode())
    assert answer["name"] == name
    assert answer["size"] == len(content)
    return str(answer["id"])


async def submitted(stage: Stage, view: dict[str, Any], value: object) -> dict[str, Any]:
    return await stage.post("/api/submit", user=REQUESTER, view_id=view["id"], values={"file": {"value": value}})


async def the_file(stage: Stage) -> dict[str, Any]:
    """The file that the bot was sent with the one submission."""
    [payload] = [payload for payload in stage.bot.payloads if payload.get("type") == "view_submission"]
    state = payload["view"]["state"]["values"]["file"]["value"]
    assert state["type"] == "file_input"
    [file] = state["files"]
    assert isinstance(file, dict)
    return file


def with_token(stage: Stage) -> dict[str, str]:
    return {"Authorization": f"Bearer {stage.playground.workspace.credentials.bot_token}"}


async def test_a_chosen_file_is_in_the_state_and_can_be_fetched_with_the_token(stage: Stage) -> None:
    view = await stage.opened(modal(file_field(filetypes=["csv"], max_files=1)))
    assert (await submitted(stage, view, [await chosen(stage)]))["ok"]
    file = await the_file(stage)
    assert (file["name"], file["size"], file["user"], file["filetype"]) == ("evil.csv", 13, REQUESTER, "csv")
    async with httpx.AsyncClient(trust_env=False) as http:
        for address in (file["url_private"], file["url_private_download"]):
            answer = await http.get(address, headers=with_token(stage))
            assert answer.content == b"evil.example\n"
    assert await stage.broken() == []


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer wrong"}])
async def test_without_the_token_there_is_a_page_in_place_of_the_file(stage: Stage, headers: dict[str, str]) -> None:
    view = await stage.opened(modal(file_field()))
    await submitted(stage, view, [await chosen(stage)])
    address = (await the_file(stage))["url_private_download"]
    async with httpx.AsyncClient(trust_env=False, follow_redirects=True) as http:
        answer = await http.get(address, headers=headers)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert b"evil.example" not in answer.content
    assert await stage.broken() == ["file_not_authed"]


async def test_without_the_scope_neither_the_file_nor_what_it_is() -> None:
    workspace = Workspace(scopes=frozenset({"chat:write", "commands", "usergroups:read"}))
    async with open_stage(workspace=workspace) as stage:
        view = await stage.opened(modal(file_field()))
        await submitted(stage, view, [await chosen(stage)])
        file = await the_file(stage)
        async with httpx.AsyncClient(trust_env=False) as http:
            assert (await http.get(file["url_private_download"], headers=with_token(stage))).status_code == 302
            calls = [
                await http.post(f"{stage.playground.url}/slack/api/{method}", data=fields, headers=with_token(stage))
                for method, fields in (
                    ("files.info", {"file": file["id"]}),
                    ("files.getUploadURLExternal", {"filename": "a.csv", "length": "3"}),
                )
            ]
        assert [call.json()["error"] for call in calls] == ["missing_scope"] * 2


async def test_the_app_asks_about_a_file(stage: Stage) -> None:
    file_id = await chosen(stage)
    about = (await stage.client.files_info(file=file_id))["file"]
    assert (about["id"], about["size"], about["shares"]) == (file_id, 13, {})
    promised = await stage.client.files_getUploadURLExternal(filename="audit.csv", length=5)
    for unknown in ("F0NOWHERE", promised["file_id"]):
        async with httpx.AsyncClient(trust_env=False) as http:
            answer = await http.post(
                f"{stage.playground.url}/slack/api/files.info", data={"file": unknown}, headers=with_token(stage)
            )
        assert answer.json()["error"] == "file_not_found"


async def test_slacks_client_keeps_files_of_other_types_back(stage: Stage) -> None:
    view = await stage.opened(modal(file_field(filetypes=["csv", "txt"])))
    answer = await submitted(stage, view, [await chosen(stage, "evil.exe")])
    assert answer["errors"] == {"file": "Please choose files of these types only: csv, txt."}
    assert (await submitted(stage, view, [await chosen(stage, "EVIL.CSV")]))["ok"]


async def test_a_required_file_is_asked_for_and_an_optional_one_is_not(stage: Stage) -> None:
    view = await stage.opened(modal(file_field()))
    assert (await submitted(stage, view, None))["errors"] == {"file": "Please complete this required field."}
    view = await stage.opened(modal(file_field(optional=True)))
    assert (await submitted(stage, view, []))["ok"]
    state = stage.bot.payloads[-1]["view"]["state"]["values"]["file"]["value"]
    assert state == {"type": "file_input", "files": []}


async def test_nobody_chooses_more_files_than_there_may_be_nor_somebody_elses(stage: Stage) -> None:
    view = await stage.opened(modal(file_field(max_files=1)))
    mine = [await chosen(stage), await chosen(stage)]
    others = [await chosen(stage, who=APPROVER)]
    for value in (mine, others, ["F0NOWHERE"]):
        answer = await stage.page.post(
            "/api/submit", json={"as": REQUESTER, "view_id": view["id"], "values": {"file": {"value": value}}}
        )
        assert answer.status_code == 400, value


@pytest.mark.parametrize(
    "wrong",
    [
        {"max_files": 0},
        {"max_files": 11},
        {"filetypes": []},
        {"filetypes": [".csv"]},
        {"filetypes": "csv"},
        {"initial_value": "F1"},
        {"placeholder": plain("Choose")},
    ],
)
async def test_a_file_field_as_slack_would_refuse_it(stage: Stage, wrong: dict[str, Any]) -> None:
    stage.bot.answer = stage.opening(modal(file_field(**wrong)))
    with pytest.raises(AssertionError):
        await stage.opened(modal(file_field(**wrong)))
    assert "invalid_arguments" in await stage.broken()


async def test_files_can_be_chosen_in_modals_only(stage: Stage) -> None:
    message = await stage.call("chat.postMessage", channel=APPROVALS, text="x", blocks=[file_field()])
    assert message["error"] == "invalid_blocks"
    home = {"type": "home", "blocks": [file_field()]}
    assert (await stage.call("views.publish", user_id=REQUESTER, view=home))["error"] == "invalid_arguments"


async def test_an_upload_is_opened_by_who_sees_it(stage: Stage) -> None:
    parent = await stage.card(section())
    await stage.client.files_upload_v2(
        channel=APPROVALS, content="line,state\n", filename="r.csv", title="Result", thread_ts=parent
    )
    [message] = await stage.messages(APPROVALS)
    [reply] = message["replies"]
    [file] = reply["files"]
    answer = await stage.page.get(f"/api/files/{file['id']}", params={"as": APPROVER})
    assert answer.content == b"line,state\n"
    assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''r.csv"
    assert (await stage.client.files_info(file=file["id"]))["file"]["channels"] == [APPROVALS]
    direct = await stage.client.chat_postMessage(channel=REQUESTER, text="x", unfurl_links=False, unfurl_media=False)
    await stage.client.files_upload_v2(channel=direct["channel"], content="x", filename="mine.csv")
    [*_, mine] = await stage.messages("D")
    [file] = mine["files"]
    assert (await stage.page.get(f"/api/files/{file['id']}", params={"as": REQUESTER})).status_code == 200
    assert (await stage.page.get(f"/api/files/{file['id']}", params={"as": VISITOR})).status_code == 404
    assert await stage.broken() == []


async def test_an_upload_is_completed_once_and_a_refused_one_may_be_tried_again(stage: Stage) -> None:
    promised = await stage.client.files_getUploadURLExternal(filename="r.csv", length=1)
    files = [{"id": promised["file_id"], "title": "R"}]
    early = await stage.call("files.completeUploadExternal", files=files, channel_id=APPROVALS)
    assert early["error"] == "file_not_found"
    async with httpx.AsyncClient(trust_env=False) as http:
        await http.post(promised["upload_url"], content=b"x")
    for channel, thread, error in (
        ("C0NOWHERE", None, "channel_not_found"),
        (APPROVALS, "1.000001", "thread_not_found"),
    ):
        more = {"thread_ts": thread} if thread else {}
        answer = await stage.call("files.completeUploadExternal", files=files, channel_id=channel, **more)
        assert answer["error"] == error
    assert (await stage.call("files.completeUploadExternal", files=files, channel_id=APPROVALS))["ok"]
    again = await stage.call("files.completeUploadExternal", files=files, channel_id=APPROVALS)
    assert again["error"] == "file_not_found"
    assert len(await stage.messages(APPROVALS)) == 1


@pytest.mark.parametrize(
    "body",
    [
        {"as": "U0NOBODY", "name": "a.csv", "content": "eA=="},
        {"as": REQUESTER, "name": "", "content": "eA=="},
        {"as": REQUESTER, "name": "a.csv", "content": "not base 64"},
        {"as": REQUESTER, "name": "a.csv", "content": base64.b64encode(b"x" * (10 * 1024 * 1024 + 1)).decode()},
    ],
)
async def test_what_nobody_could_choose(stage: Stage, body: dict[str, str]) -> None:
    answer = await stage.page.post("/api/files", json=body)
    assert answer.status_code == 400
    assert answer.json()["problem"]
