"""/import and its form: what can be told at once is told at the field, and all else is on disk before the answer."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.domain.importing.preview import ImportPreview, PreviewState
from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action
from bot.domain.reading.import_reading import Given
from bot.slack.block_kit.ids import ActionId, CallbackId
from bot.slack.jobs.import_reader import READ_IMPORT
from bot.store import Job
from bot.workflow.importing.previews import look_at, open_preview
from bot.workflow.shared.job_kinds import JobKind
from tests.integration.counted import Counted
from tests.integration.slack.harness import REQUESTER, VISITOR, Bot

FILE = {"id": "F1", "name": "evil.csv", "size": 13, "url_private_download": "https://files.slack.com/x"}


def view(what: str = "block", *, file: object = None, text: object = None, **more: object) -> dict[str, Any]:
    values: dict[str, dict[str, Any]] = {
        "what": {"selected_option": {"value": what}},
        "file": {"files": [] if file is None else [file]},
        "indicators": {"value": text},
        "end": {"selected_option": {"value": more.get("end", "30d")}},
        "end_date": {"selected_date": more.get("date")},
        "reason": {"value": more.get("reason", "Phishing wave")},
    }
    return {
        "type": "modal",
        "callback_id": CallbackId.IMPORT,
        "private_metadata": "{}",
        "state": {"values": {block: {"value": element} for block, element in values.items()}},
    }


async def imports(bot: Bot) -> list[Job]:
    return [job for job in await bot.jobs() if job.kind == READ_IMPORT]


async def test_the_command_opens_the_form(bot: Bot) -> None:
    assert (await bot.command("/import")).status_code == 200
    [opened] = [json.loads(body) for method, _, body in bot.slack.asked if method == "views.open"]
    assert opened["view"]["callback_id"] == CallbackId.IMPORT


async def test_the_right_is_checked_once_for_the_command_and_once_for_the_form(bot: Bot, counted: Counted) -> None:
    await bot.command("/import")
    assert (counted.judged, counted.checked) == (0, 1)
    counted.anew()
    await bot.submit(view(text="evil.example"))
    assert len(await imports(bot)) == 1
    assert (counted.judged, counted.checked) == (0, 1)


async def test_whatever_is_typed_behind_it_shows_the_help(bot: Bot) -> None:
    answer = await bot.command("/import", "evil.example")
    assert "/import" in answer.text
    assert bot.slack.count("views.open") == 0


async def test_who_may_not_propose_gets_no_form_and_no_import(bot: Bot) -> None:
    assert "may not propose" in (await bot.command("/import", who=VISITOR)).text
    assert bot.slack.count("views.open") == 0
    answer = await bot.submit(view(text="evil.example"), who=VISITOR)
    assert "may not propose" in json.dumps(answer.json())
    assert await imports(bot) == []


async def test_a_file_is_on_disk_before_the_form_closes(bot: Bot) -> None:
    answer = await bot.submit(view(file=FILE | {"user": REQUESTER, "mode": "hosted"}))
    assert (answer.status_code, answer.text) == (200, "")
    [job] = await imports(bot)
    assert job.payload["file"] == FILE
    assert (job.payload["user"], job.payload["operation"], job.payload["action"]) == (REQUESTER, "add", "block")
    assert (job.payload["end"], job.payload["reason"]) == ("30d", "Phishing wave")


async def test_a_submission_that_comes_twice_is_one_import(bot: Bot) -> None:
    for _ in range(2):
        assert (await bot.submit(view(text="evil.example"), trigger_id="the same")).text == ""
    assert len(await imports(bot)) == 1


async def test_a_removal_has_no_end(bot: Bot) -> None:
    await bot.submit(view("unblock", text="evil.example", date="2001-01-01"))
    [job] = await imports(bot)
    assert (job.payload["operation"], job.payload["end"]) == ("remove", "")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({}, "file"),
        ({"text": "  \n "}, "file"),
        ({"text": "evil.example", "file": FILE}, "indicators"),
        ({"file": FILE | {"size": 3 * 1024 * 1024}}, "file"),
        ({"text": "evil.example", "reason": " "}, "reason"),
        ({"text": "evil.example", "reason": None}, "reason"),
        ({"text": "evil.example", "date": "2001-01-01"}, "end_date"),
    ],
)
async def test_what_is_wrong_stands_at_its_field(bot: Bot, wrong: dict[str, Any], field: str) -> None:
    answer = (await bot.submit(view(**wrong))).json()
    assert answer["response_action"] == "errors"
    assert list(answer["errors"]) == [field]
    assert answer["errors"][field]
    assert await imports(bot) == []


async def test_a_form_in_another_shape_is_an_error_to_read(bot: Bot) -> None:
    answer = (await bot.submit(view("allow", text="evil.example"))).json()
    assert answer["response_action"] == "update"
    assert "can't be read" in json.dumps(answer, ensure_ascii=False)
    assert await imports(bot) == []


MANY = " ".join(f"h{number}.example" for number in range(101))


@pytest.mark.parametrize(
    ("command", "text", "asked"),
    [
        ("/block", f"{MANY} 7d Phishing wave", ("add", "block", "7d")),
        ("/block", f"{MANY} Phishing wave", ("add", "block", "")),
        ("/unblock", f"{MANY} Wave is over", ("remove", "block", "")),
        ("/unallow", f"{MANY} Contract ended", ("remove", "allow", "")),
        ("/extend", f"block {MANY} 90d Wave goes on", ("extend", "block", "90d")),
    ],
)
async def test_a_long_paste_into_a_command_is_an_import(
    bot: Bot, command: str, text: str, asked: tuple[str, str, str]
) -> None:
    assert "that is an import" in (await bot.command(command, text)).text
    [job] = await imports(bot)
    assert (job.payload["operation"], job.payload["action"], job.payload["end"]) == asked
    assert job.payload["text"].splitlines() == MANY.split()
    assert job.payload["user"] == REQUESTER


async def test_what_cannot_be_read_in_a_long_paste_costs_the_others_nothing(bot: Bot) -> None:
    await bot.command("/block", f"not-a-domain@@ {MANY} 7d Phishing wave")
    [job] = await imports(bot)
    assert len(job.payload["text"].splitlines()) == 102


async def test_a_long_paste_that_doesnt_say_which_entries_is_given_back(bot: Bot) -> None:
    assert "/import" in (await bot.command("/extend", f"{MANY} 7d Wave goes on")).text
    assert await imports(bot) == []


def filled_in(bot: Bot) -> str:
    """The form of an import that was opened."""
    [body] = [body for method, _, body in bot.slack.asked if method == "views.open"]
    view = json.loads(body)["view"]
    assert view["callback_id"] == "import_form"
    return json.dumps(view, ensure_ascii=False)


async def test_a_long_paste_that_lacks_its_reason_opens_the_form_filled_in(bot: Bot) -> None:
    await bot.command("/block", MANY)
    assert "need a reason as well" in filled_in(bot)
    assert json.dumps("\n".join(MANY.split()))[1:-1] in filled_in(bot)
    assert await imports(bot) == []


@pytest.mark.parametrize("reason", ["7d phish evil2.example", "7d phish until 2030-12-31", "phish 03/04/2030"])
async def test_a_long_paste_with_a_doubt_in_its_reason_opens_the_form_filled_in(bot: Bot, reason: str) -> None:
    await bot.command("/block", f"{MANY} {reason}")
    assert "phish" in filled_in(bot)
    assert await imports(bot) == []


async def test_a_long_paste_of_which_the_reason_was_not_read_is_given_back(bot: Bot) -> None:
    many = " ".join(f"h{number}.de" for number in range(300))
    said = (await bot.command("/block", f"{many} 7d Phishing wave")).text
    assert "too many values on one line" in said
    assert "type the command again, or use /import" in said
    assert await imports(bot) == []


async def test_many_allows_are_never_imported(bot: Bot) -> None:
    many = " ".join(f"203.0.113.{number}" for number in range(101))
    assert "more than a request takes" in (await bot.command("/allow", f"{many} 7d Scanners")).text
    assert await imports(bot) == []


async def shown(bot: Bot) -> ImportPreview:
    """A preview of the requester's, as it was shown."""
    preview = await open_preview(
        bot.context,
        Given(content="evil.example"),
        owner=REQUESTER,
        operation=Operation.ADD,
        action=Action.BLOCK,
        end="30d",
        reason="Phishing wave",
        delivery="import:one",
    )
    shown = (await look_at(bot.context, preview))[0]
    async with bot.store.write() as uow:  # where the harness clicks
        await uow.previews.posted(shown.id, channel="C0APPROVALS", ts="1700000000.000100")
    return shown


async def test_a_click_under_a_preview_is_on_disk_before_it_is_acknowledged(bot: Bot) -> None:
    preview = await shown(bot)
    place = f"{preview.id}.{preview.version}"
    answer = await bot.click(ActionId.IMPORT_REQUEST, place, who=REQUESTER)
    assert (answer.status_code, answer.text) == (200, "")
    jobs = await bot.jobs()
    assert {job.kind for job in jobs} == {JobKind.SHOW_PREVIEW, JobKind.REQUEST_PREVIEW}
    assert all(job.payload == {"preview_id": preview.id} for job in jobs)


async def test_a_chosen_column_and_taken_ends_are_read_from_what_the_control_carries(bot: Bot) -> None:
    preview = await shown(bot)
    chosen = {"type": "static_select", "action_id": ActionId.IMPORT_COLUMN, "block_id": "b"}
    option = {"value": f"{preview.id}.{preview.version}.0"}
    await bot.click("", "", who=REQUESTER, actions=[chosen | {"selected_option": option}])
    await bot.click(ActionId.IMPORT_ENDS, f"{preview.id}.{preview.version + 1}.1", who=REQUESTER)
    async with bot.store.read() as uow:
        now = await uow.previews.get(preview.id)
    assert (now.column, now.takes_ends) == ("lines", True)
    await bot.click(ActionId.IMPORT_CANCEL, f"{now.id}.{now.version}", who=REQUESTER)
    async with bot.store.read() as uow:
        assert (await uow.previews.get(preview.id)).state is PreviewState.CANCELLED


@pytest.mark.parametrize("action", [action for action in ActionId if action.startswith("import_")])
@pytest.mark.parametrize("value", ["", "7", "7.1.2.3", "7.x", "-7.1", "7.1 ", "٧.1", "1" * 16 + ".1", None, ["7.1"]])
async def test_what_carries_no_preview_is_told(bot: Bot, action: ActionId, value: object) -> None:
    assert (await bot.click(action, value, who=REQUESTER)).status_code == 200
    [told] = await bot.replies()
    assert "carries no import's number" in told


@pytest.mark.parametrize("action", [action for action in ActionId if action.startswith("import_")])
async def test_a_preview_that_is_not_there_is_told(bot: Bot, action: ActionId) -> None:
    await bot.click(action, "7.1.0", who=REQUESTER)
    [told] = await bot.replies()
    assert "no longer kept" in told
